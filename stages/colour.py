"""Colour spaces: the plate is sRGB, the photo keeps its own profile.

Little CMS does the work, through Pillow, which carries 8 bits a channel: enough for the plate, which has no more.
The photo's own pixels never pass through here on their way into the picture.
"""

import io
from functools import cache, lru_cache
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from stages.contracts import RGB, Plate

#: Rows converted at a time: keeps the copies that Pillow makes small beside a picture of 100 megapixels.
_STRIP = 512

#: Pillow's modes by ICC signature.
_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}

SRGB_NAME = "sRGB IEC61966-2.1"


@cache
def srgb() -> bytes:
    """Returns an sRGB profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@lru_cache(maxsize=32)
def space(icc: bytes) -> str:
    """Returns the ICC signature of a profile's device space, "RGB ", "GRAY" or "CMYK"; "" if it is of no use here.

    Of no use are broken profiles, other spaces, and RGB profiles that lead to sRGB but not back, as some of scanners.
    """
    try:
        found = str(ImageCms.ImageCmsProfile(io.BytesIO(icc)).profile.xcolor_space).ljust(4)
        _transform(icc, srgb(), _MODES[found])
        if found == "RGB ":
            _transform(srgb(), icc, "RGB")
    except (OSError, KeyError, ImageCms.PyCMSError):
        return ""
    return found


def profile_name(icc: bytes | None) -> str:
    """Returns the description that a profile carries; sRGB's for None."""
    if icc is None:
        return SRGB_NAME
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc))).strip() or "unnamed"
    except (OSError, ImageCms.PyCMSError):
        return "unnamed"


def to_srgb(pixels: RGB, icc: bytes | None) -> Plate:
    """Returns an H x W x 3 picture of 8 or 16 bits in the given profile as 8-bit sRGB; it may be empty."""
    if not pixels.size:
        return np.zeros(pixels.shape, np.uint8)
    eight: Plate = pixels.astype(np.uint8) if pixels.dtype == np.uint8 else cv2.convertScaleAbs(pixels, alpha=1 / 257)
    return _convert(eight, icc, srgb()) if icc is not None else eight


def from_srgb(plate: Plate, icc: bytes | None, bit_depth: Literal[8, 16]) -> RGB:
    """Returns an H x W x 3 sRGB plate in the given profile and bit depth."""
    converted = _convert(plate, srgb(), icc) if icc is not None else plate
    return converted if bit_depth == 8 else converted.astype(np.uint16) * np.uint16(257)


def matched(pixels: RGB, icc: bytes | None, to: bytes | None, bit_depth: Literal[8, 16]) -> RGB:
    """An H x W x 3 picture of 8 or 16 bits, in a profile, in another profile and depth; itself where it has them.

    Profiles are converted once, straight from one to the other: by way of sRGB, Display P3 and Adobe RGB would lose the
    colours that both have. 16 bits stay 16 for it.
    """
    if icc != to and pixels.dtype == np.uint8 and bit_depth == 8:
        return _convert(pixels.astype(np.uint8), icc or srgb(), to or srgb())
    if icc != to:
        return matched(_deep(matched(pixels, None, None, 16), icc or srgb(), to or srgb()), None, None, bit_depth)
    if (pixels.dtype == np.uint16) == (bit_depth == 16):
        return pixels
    return pixels.astype(np.uint16) * np.uint16(257) if bit_depth == 16 else np.rint(pixels / 257).astype(np.uint8)


def from_grey(pixels: RGB, icc: bytes | None) -> RGB:
    """Returns an H x W grey picture of 8 or 16 bits as sRGB, by the tone curve of its grey profile."""
    levels: RGB = pixels
    if icc is not None:
        ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
        curve = np.asarray(_apply(ramp, icc, srgb(), "L"))[0, :, 1].astype(np.float64)
        if pixels.dtype == np.uint8:
            levels = curve.astype(np.uint8)[pixels]
        else:
            curve = np.interp(np.arange(65536) / 257, np.arange(256), curve * 257)
            levels = np.rint(curve).astype(np.uint16)[pixels]
    rgb: RGB = cv2.merge([levels] * 3)
    return rgb


def from_cmyk(inks: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], icc: bytes | None) -> RGB:
    """Returns H x W x 4 inks of 8 or 16 bits, 0 = none, as sRGB of that depth: by their own profile where it is given.

    Without one R = (1 - C)(1 - K), and so on.
    """
    out = np.empty((*inks.shape[:2], 3), inks.dtype)
    profile = icc if icc is not None and space(icc) == "CMYK" else None
    full = np.iinfo(inks.dtype).max
    for top in range(0, len(inks), _STRIP):
        strip = np.ascontiguousarray(inks[top : top + _STRIP])
        if profile is not None:
            import imagecodecs

            out[top : top + _STRIP] = imagecodecs.cms_transform(
                strip, profile, srgb(), colorspace="cmyk", outcolorspace="rgb", outdtype=strip.dtype.name,
                intent=1, flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )  # fmt: skip
        else:
            light = (full - strip.astype(np.float32)) / full
            out[top : top + _STRIP] = np.rint(light[..., :3] * light[..., 3:] * full).astype(inks.dtype)
    return out


def _convert(pixels: Plate, source: bytes, target: bytes) -> Plate:
    transform = _transform(source, target, "RGB")
    out = np.empty_like(pixels)
    for top in range(0, len(pixels), _STRIP):
        strip = Image.fromarray(np.ascontiguousarray(pixels[top : top + _STRIP]))
        out[top : top + _STRIP] = np.asarray(ImageCms.applyTransform(strip, transform))
    return out


def _deep(pixels: RGB, source: bytes, target: bytes) -> RGB:
    """Converts 16 bits a channel, which Pillow cannot."""
    import imagecodecs

    out = np.empty(pixels.shape, np.uint16)
    for top in range(0, len(pixels), _STRIP):
        strip = np.ascontiguousarray(pixels[top : top + _STRIP])
        out[top : top + _STRIP] = imagecodecs.cms_transform(
            strip, source, target, colorspace="rgb", outcolorspace="rgb", outdtype="uint16",
            intent=1, flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )  # fmt: skip
    return out


def _apply(picture: Image.Image, source: bytes, target: bytes, mode: str) -> Image.Image:
    converted = ImageCms.applyTransform(picture, _transform(source, target, mode))
    return converted if converted is not None else picture


def _transform(source: bytes, target: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(source)),
        ImageCms.ImageCmsProfile(io.BytesIO(target)),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
