"""PNG, chunk by chunk (PNG specification, third edition): the decoder gets the picture alone.

Text, times, thumbnails and whatever else lies in a file cannot make it unreadable then, and what the colours mean is
read by the precedence that the specification sets: cICP, iCCP, sRGB, gAMA with cHRM (4.3, table 1).
"""

import struct
import zlib
from collections.abc import Iterator

import numpy as np

from stages.photo import declared, eight, exif
from stages.photo.raw import UPRIGHT, Raw

SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: What decides the pixels; acTL, fcTL and fdAT are left out, so that animations give their still picture.
_PICTURE = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_AFTER = b"IDAT"
#: Profiles unpack to no more than this: ones of scanners and printers have up to 4 MB.
_MOST_PROFILE = 32 << 20
#: PNG colour types.
_GREY, _RGB, _GREY_ALPHA, _RGB_ALPHA = 0, 2, 4, 6


def bare(data: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """Returns a PNG of the picture's own chunks, and the first of each other kind that is intact.

    What stands behind IDAT counts too, but for colour: there it comes too late (5.6).
    """
    kept = [SIGNATURE]
    rest: dict[bytes, bytes] = {}
    seen_data = False
    for kind, body, whole, intact in _chunks(data):
        seen_data |= kind == _AFTER
        if kind in _PICTURE:
            kept.append(whole)
        elif intact and not (seen_data and kind in (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")):
            rest.setdefault(kind, body)
    return b"".join(kept), rest


def size(data: bytes) -> tuple[int, int]:
    """Returns width and height. Raises ValueError where the header is not there."""
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise ValueError("it has no header")
    width, height = struct.unpack(">II", data[16:24])
    return int(width), int(height)


def deep(data: bytes) -> bool:
    """Whether a PNG has 16 bits a channel."""
    return data[24:25] == b"\x10"


def read(data: bytes, name: str) -> Raw:
    """Decodes a PNG. Raises PhotoError for colours that are not read, and what decoders raise on broken ones."""
    picture, rest = bare(data)
    notes: list[str] = []
    icc = _space(rest, name, notes)
    orientation = exif.orientation(rest[b"eXIf"], notes) if b"eXIf" in rest else UPRIGHT
    raw = _deep(picture) if deep(picture) else _eight(picture, name)
    raw.icc, raw.orientation, raw.dpi, raw.notes = icc, orientation, _density(rest), [*raw.notes, *notes]
    return raw


def _eight(data: bytes, name: str) -> Raw:
    notes: list[str] = []
    with eight.opened(data, ["PNG"]) as picture:
        raw = eight.samples(picture, notes, name)
    raw.notes = notes
    return raw


def _deep(data: bytes) -> Raw:
    """Decodes 16 bits a channel; a transparent colour (tRNS) becomes alpha."""
    import imagecodecs

    kind = data[25]
    plain = b"".join(whole for name, _, whole, _ in _chunks(data) if name != b"tRNS")
    pixels = imagecodecs.png_decode(SIGNATURE + plain)
    alpha = None
    if kind in (_GREY_ALPHA, _RGB_ALPHA):
        alpha = pixels[..., -1].astype(np.float32) / np.float32(65535)
        pixels = np.ascontiguousarray(pixels[..., :-1])
    elif (key := next((body for name, body, _, _ in _chunks(data) if name == b"tRNS"), None)) is not None:
        named = np.frombuffer(key[: 6 if kind == _RGB else 2], ">u2")
        same = pixels.reshape(*pixels.shape[:2], -1) == named
        alpha = (~same.all(axis=2)).astype(np.float32)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    return Raw(pixels, alpha, notes=["converted from grey to RGB"] if pixels.ndim == 2 else [])


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes, bool]]:
    """Yields kind, body, whole chunk and whether its checksum holds, up to IEND or where the file ends."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        whole = data[at : at + 12 + length]
        body, end = whole[8 : 8 + length], whole[8 + length :]
        yield kind, body, whole, len(end) == 4 and struct.unpack(">I", end)[0] == zlib.crc32(kind + body)
        if kind == b"IEND":
            return
        at += 12 + length


def _space(rest: dict[bytes, bytes], name: str, notes: list[str]) -> bytes | None:
    if len(rest.get(b"cICP", b"")) == 4:
        primaries, transfer, matrix, full = rest[b"cICP"]
        if matrix == 0 and full == 1:
            return declared.of_codes(primaries, transfer, name)
        notes.append("its cICP chunk is not valid for RGB and was ignored")
    if b"iCCP" in rest:
        icc = _unpacked(rest[b"iCCP"].partition(b"\0")[2][1:])
        if icc is not None:
            return icc
        notes.append("its ICC profile is broken and was ignored")
    if len(rest.get(b"sRGB", b"")) == 1:
        return None
    gamma = struct.unpack(">I", rest[b"gAMA"])[0] / 100000 if len(rest.get(b"gAMA", b"")) == 4 else None
    points = struct.unpack(">8I", rest[b"cHRM"]) if len(rest.get(b"cHRM", b"")) == 32 else None
    if gamma is None and points is None:
        return None
    exponent = 1 / gamma if gamma else None if gamma is None else 0.0
    return declared.of_gamma(exponent, points and tuple(each / 100000 for each in points), name)


def _unpacked(packed: bytes) -> bytes | None:
    try:
        unpack = zlib.decompressobj()
        icc = unpack.decompress(packed, _MOST_PROFILE)
    except zlib.error:
        return None
    return icc if unpack.eof and icc else None


def _density(rest: dict[bytes, bytes]) -> tuple[float, float] | None:
    if len(rest.get(b"pHYs", b"")) != 9:
        return None
    x, y, unit = struct.unpack(">IIB", rest[b"pHYs"])
    return (x * 0.0254, y * 0.0254) if unit == 1 else None
