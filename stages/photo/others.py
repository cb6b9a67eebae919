"""JPEG, WebP, AVIF, HEIC, JPEG 2000, BMP and GIF: through Pillow, or at full depth where Pillow cuts to 8 bits."""

import io
import struct
from typing import Any

import numpy as np
from PIL import Image

from stages import extras
from stages.errors import PhotoError
from stages.photo import boxes, declared, eight, exif
from stages.photo.raw import UPRIGHT, Raw, widened

#: Brands of HEIC files (ISO/IEC 23008-12, annex B); `mif1` and `msf1` say no codec, but AVIF files name theirs first.
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
#: Pillow's resolution for files that say none.
_FIXED_SRGB = 0x73524742  # "sRGB"
_WINDOWS = 0x57696E20  # "Win "
_LINKED, _EMBEDDED = 0x4C494E4B, 0x4D424544  # "LINK", "MBED"


def is_heic(data: bytes) -> bool:
    """Whether a file is HEIC, by its brand."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIC


def read(picture: Image.Image, data: bytes, name: str) -> Raw:
    """Decodes an open picture. Raises PhotoError for what is not read."""
    notes: list[str] = []
    found = exif.load(picture, notes)
    icc = picture.info.get("icc_profile") or None
    turned = exif.orientation(found, notes) if found is not None else UPRIGHT
    dpi = picture.info.get("dpi")
    bits = 8
    if picture.format in ("AVIF", "JPEG2000"):
        said = boxes.read(data)
        bits, icc = said.bits, icc or boxes.space(said, name)
    elif picture.format == "BMP":
        icc = _of_bmp(data, name)
    elif picture.format == "GIF" and b"ICCRGBG1012" in data:
        raise PhotoError(f"{name} is a GIF with an ICC profile, which is not read: export it as PNG.")
    elif icc is None:
        icc = exif.space(found, notes)
    raw = eight.samples(picture, notes, name) if bits <= 8 else _deep(data, str(picture.format), bits, name, notes)
    cmyk = picture.mode == "CMYK"
    raw.icc, raw.orientation, raw.dpi, raw.notes = None if cmyk else icc, turned, dpi, notes
    return raw


def heic(data: bytes, name: str) -> Raw:
    """Decodes a HEIC photo, which libheif turns upright. Raises PhotoError without the extra `heic`."""
    file = open_heic(data, name)
    bits = int(file.info.get("bit_depth", 8))
    samples: Any = np.asarray(file)
    alpha = None
    notes: list[str] = []
    if samples.ndim == 3 and samples.shape[2] in (2, 4):
        alpha = np.asarray(samples[..., -1] / np.float32(2**bits - 1), np.float32)
        samples = samples[..., :-1]
    if samples.ndim == 3 and samples.shape[2] == 1:
        samples = samples[..., 0]
    if samples.ndim == 2:
        notes.append("converted from grey to RGB")
    if bits not in (8, 16):
        notes.append(f"its {bits} bits a channel were spread over 16")
    icc, codes = file.info.get("icc_profile"), file.info.get("nclx_profile")
    if not icc and codes:
        icc = declared.of_codes(int(codes["color_primaries"]), int(codes["transfer_characteristics"]), name)
    return Raw(widened(samples, bits), alpha, icc or None, notes=notes)


def open_heic(data: bytes, name: str) -> Any:
    """Opens a HEIC file without decoding it."""
    try:
        import pillow_heif
    except ImportError:
        raise PhotoError(
            f"{name} is a HEIC photo: {extras.install('heic')} lets it be read, or export it as JPEG."
        ) from None
    return pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False, hdr_to_16bit=False)


def _deep(data: bytes, kind: str, bits: int, name: str, notes: list[str]) -> Raw:
    """Decodes AVIF and JPEG 2000 of more than 8 bits a channel, which Pillow cuts."""
    import imagecodecs

    if bits > 16:
        raise PhotoError(f"{name} has channels of more than 16 bits, or of different depths: save it with 16.")
    pixels = imagecodecs.avif_decode(data) if kind == "AVIF" else imagecodecs.jpeg2k_decode(data)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or pixels.shape[2] > 4 or pixels.dtype not in (np.uint8, np.uint16):
        raise PhotoError(f"{name} has channels that are not read: save it as RGB.")
    alpha = None
    if pixels.shape[2] in (2, 4):
        alpha = np.asarray(pixels[..., -1] / np.float32(2**bits - 1), np.float32)
        pixels = pixels[..., :-1]
    if bits != 16:
        notes.append(f"its {bits} bits a channel were spread over 16")
    if pixels.shape[2] == 1:
        notes.append("converted from grey to RGB")
        pixels = pixels[..., 0]
    return Raw(widened(pixels, bits), alpha)


def _of_bmp(data: bytes, name: str) -> bytes | None:
    """Returns the profile that a BMP's header declares (BITMAPV4HEADER and BITMAPV5HEADER); None for sRGB."""
    length = struct.unpack("<I", data[14:18])[0] if len(data) >= 18 else 0
    if length < 108 or len(data) < 14 + length:
        return None
    kind = struct.unpack("<I", data[70:74])[0]
    if kind in (_FIXED_SRGB, _WINDOWS):
        return None
    if kind == _EMBEDDED and length >= 124:
        offset, size = struct.unpack("<II", data[126:134])
        return data[14 + offset : 14 + offset + size] or None
    if kind == _LINKED:
        raise PhotoError(f"{name} names a profile in another file: export it as PNG with the profile in it.")
    # Calibrated: CIE XYZ of each primary as 2.30 fixed point, then gamma as 16.16; many writers leave them empty.
    ends = [each / 2**30 for each in struct.unpack("<9I", data[74:110])]
    gammas = [each / 65536 for each in struct.unpack("<3I", data[110:122])]
    if not any(ends) or not all(gammas):
        return None
    if max(gammas) - min(gammas) > 0.01:
        raise PhotoError(f"{name} declares a gamma for each channel, which is not read: export it as PNG.")
    # White is the sum of the primaries; XYZ to xy.
    corners = [ends[at : at + 3] for at in (0, 3, 6)]
    corners.insert(0, [sum(each) for each in zip(*corners, strict=True)])
    points = [value / max(sum(each), 1e-9) for each in corners for value in each[:2]]
    return declared.of_gamma(gammas[0], tuple(points), name)
