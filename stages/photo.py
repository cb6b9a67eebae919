"""Reads a photo: upright, in its own colour space and bit depth, with its own alpha."""

import hashlib
import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from stages import colour
from stages.contracts import RGB, Matte, Photo
from stages.errors import PhotoError
from stages.options import PhotoOptions

#: What is opened. Left out on purpose: EPS, which runs Ghostscript, and formats without a use for photos.
FORMATS = ("JPEG", "MPO", "PNG", "TIFF", "WEBP", "AVIF", "JPEG2000", "BMP", "GIF")

#: What Pillow's decoders raise on broken files.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    EOFError,
    struct.error,
    zlib.error,
)

_ORIENTATION = 0x0112
_TIFF_BITS = 258
_TIFF_SAMPLE_FORMAT = 339
_pillow_limit = threading.Lock()


def read(source: Path | bytes, options: PhotoOptions, name: str | None = None) -> Photo:
    """Gives the photo in a file, or in a file's bytes, upright and as RGB.

    8-bit files stay 8-bit and 16-bit PNG and TIFF stay 16-bit. CMYK, grey and palette pictures are converted
    to RGB once, which `Photo.notes` says. Raises PhotoError, naming the photo, for anything unusable.
    """
    name = name or (source.name if isinstance(source, Path) else "photo")
    data = _bytes(source, name)
    with _opened(data, name) as picture:
        _refuse_bomb(picture, options, name)
        try:
            return _decode(picture, data, name)
        except MemoryError:
            raise PhotoError(f"{name} does not fit into memory: make it smaller.") from None
        except _BROKEN as error:
            raise PhotoError(f"{name} is damaged or cut off ({error}): export it again.") from error


def size(source: Path | bytes, options: PhotoOptions, name: str | None = None) -> tuple[int, int]:
    """Gives width and height as stored, from a file's header alone. Raises PhotoError as `read` does."""
    name = name or (source.name if isinstance(source, Path) else "photo")
    with _opened(_bytes(source, name), name) as picture:
        _refuse_bomb(picture, options, name)
        return picture.width, picture.height


def _bytes(source: Path | bytes, name: str) -> bytes:
    if isinstance(source, Path):
        if source.is_dir():
            raise PhotoError(f"{name} is a folder: name a photo in it.")
        try:
            source = source.read_bytes()
        except FileNotFoundError:
            raise PhotoError(f"{name} does not exist: check the path.") from None
        except OSError as error:
            raise PhotoError(f"{name} cannot be read ({error.strerror}): check its permissions.") from error
    if not source:
        raise PhotoError(f"{name} is empty: export it again.")
    return source


@contextmanager
def _opened(data: bytes, name: str) -> Iterator[Image.Image]:
    """Opens without decoding. Our own limit replaces Pillow's, which is global and lower (179 megapixels)."""
    Image.init()
    formats = [each for each in FORMATS if each in Image.OPEN]
    with _pillow_limit, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            picture = Image.open(io.BytesIO(data), formats=formats)
        except UnidentifiedImageError:
            raise PhotoError(f"{name} is not a photo that can be opened: use JPEG, PNG, TIFF or WebP.") from None
        except _BROKEN as error:
            raise PhotoError(f"{name} is damaged or cut off ({error}): export it again.") from error
        finally:
            Image.MAX_IMAGE_PIXELS = limit
    with picture, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield picture


def _refuse_bomb(picture: Image.Image, options: PhotoOptions, name: str) -> None:
    megapixels = picture.width * picture.height / 1e6
    if megapixels > options.max_megapixels:
        raise PhotoError(
            f"{name} has {megapixels:.0f} megapixels, more than the {options.max_megapixels:g} allowed: "
            "make it smaller, or raise photo.max_megapixels in a config file."
        )


def _decode(picture: Image.Image, data: bytes, name: str) -> Photo:
    profile, dpi = picture.info.get("icc_profile") or None, picture.info.get("dpi")
    orientation = picture.getexif().get(_ORIENTATION, 1)  # before load: Pillow turns TIFFs by itself
    if _deep(picture, data, name):
        pixels, alpha, notes = _sixteen(data, orientation)
    else:
        pixels, alpha, notes = _eight(picture, name)
    grey = pixels.ndim == 2
    if profile and colour.space(profile) != ("GRAY" if grey else "RGB "):
        if not notes:
            notes.append("its ICC profile does not fit its pixels and was ignored: taken as sRGB")
        profile = None
    if grey:
        pixels, profile = colour.from_grey(pixels, profile), None
    if alpha is not None and bool((alpha == 1).all()):
        alpha = None
    return Photo(
        name=name,
        pixels=pixels,
        sha256=hashlib.sha256(data).hexdigest(),
        alpha=alpha,
        icc=profile,
        dpi=(float(dpi[0]), float(dpi[1])) if dpi and min(dpi) > 0 else None,
        notes=tuple(notes),
    )


def _deep(picture: Image.Image, data: bytes, name: str) -> bool:
    """Whether a file has 16 bits a channel that only OpenCV gives in full: Pillow opens RGB of any depth as 8-bit."""
    if picture.format == "PNG":
        return data[24] == 16  # IHDR's bit depth
    if picture.format != "TIFF":
        return False
    tags: dict[int, tuple[int, ...]] = picture.tag_v2  # type: ignore[attr-defined]
    bits = max(np.atleast_1d(tags.get(_TIFF_BITS, 1)))
    if bits > 16 or 3 in np.atleast_1d(tags.get(_TIFF_SAMPLE_FORMAT, 1)):
        raise PhotoError(f"{name} is a TIFF with floating-point or more than 16 bits: save it with 16 bits a channel.")
    return bool(bits == 16) and picture.mode != "CMYK"


def _sixteen(data: bytes, orientation: int) -> tuple[RGB, Matte | None, list[str]]:
    """Gives H x W (grey) or H x W x 3 uint16, upright, the alpha, and what was converted."""
    try:
        pixels: RGB | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise ValueError("its 16-bit data cannot be decoded") from error
    if pixels is None or pixels.dtype != np.uint16:
        raise ValueError("its 16-bit data cannot be decoded")
    pixels = _upright(pixels, orientation)
    if pixels.ndim == 2:
        return pixels, None, ["converted from grey to RGB"]
    rgb: RGB = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB)
    alpha: Matte | None = pixels[..., 3].astype(np.float32) / np.float32(65535) if pixels.shape[2] == 4 else None
    return rgb, alpha, []


def _upright(pixels: RGB, orientation: int) -> RGB:
    """Applies an EXIF orientation (1 to 8) to an array."""
    if orientation in {5, 6, 7, 8}:
        pixels = cv2.transpose(pixels)
    if orientation in {2, 3, 6, 7}:
        pixels = cv2.flip(pixels, 1)
    if orientation in {3, 4, 7, 8}:
        pixels = cv2.flip(pixels, 0)
    return pixels


def _eight(picture: Image.Image, name: str) -> tuple[RGB, Matte | None, list[str]]:
    """Gives H x W (grey) or H x W x 3 uint8, upright, the alpha, and what was converted."""
    picture.load()
    picture = ImageOps.exif_transpose(picture)
    mode, notes = picture.mode, []
    alpha = None
    if picture.has_transparency_data:
        picture = picture.convert("RGBA" if mode not in {"LA", "La"} else "LA")
        alpha = np.asarray(picture.getchannel("A"), np.float32) / np.float32(255)
    if mode in {"P", "PA"}:
        notes.append("converted from a palette to RGB")
    elif mode == "CMYK":
        notes.append("converted from CMYK to RGB")
        picture = colour.from_cmyk(picture)
    elif mode in {"1", "L", "LA", "La"}:
        notes.append("converted from grey to RGB")
        return np.asarray(picture.convert("L")), alpha, notes
    elif mode not in {"RGB", "RGBA", "RGBX", "RGBa", "YCbCr"}:
        raise PhotoError(f"{name} has {mode} pixels, which are not read: save it as RGB.")
    return np.asarray(picture.convert("RGB")), alpha, notes
