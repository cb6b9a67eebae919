"""Boxes of the ISO base media format (ISO/IEC 14496-12): what AVIF and JPEG 2000 files say of colour and depth."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from stages.errors import PhotoError
from stages.photo import declared

#: Boxes that hold boxes, and how many bytes of their own come first.
_HOLDERS = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"jp2h": 0}
#: JPEG 2000's enumerated colour spaces (ISO/IEC 15444-1, table I.10).
_JP2_SRGB, _JP2_GREY, _JP2_SYCC = 16, 17, 18


@dataclass(slots=True)
class Said:
    """What the boxes of a file say."""

    icc: bytes | None = None
    codes: tuple[int, int] | None = None
    """Primaries and transfer (ITU-T H.273)."""
    enumerated: int | None = None
    bits: int = 8
    """Bits a channel."""


def read(data: bytes) -> Said:
    """Returns what a file's boxes say; the first of each kind counts, which is the picture's own."""
    said = Said()
    for kind, body in _boxes(data, 0, len(data), 0):
        if kind == b"colr":
            _colour(body, said)
        elif kind == b"av1C" and len(body) > 2:
            said.bits = (12 if body[2] & 0x20 else 10) if body[2] & 0x40 else 8
        elif kind == b"ihdr" and len(body) > 10:
            said.bits = (body[10] & 0x7F) + 1 if body[10] != 0xFF else 255
    return said


def space(said: Said, name: str) -> bytes | None:
    """Returns the profile of what was said, None for sRGB. Raises PhotoError for colours that are not read."""
    if said.icc is not None:
        return said.icc
    if said.codes is not None:
        return declared.of_codes(*said.codes, name)
    if said.enumerated not in (None, _JP2_SRGB, _JP2_GREY, _JP2_SYCC):
        raise PhotoError(
            f"{name} is in a colour space of JPEG 2000 (number {said.enumerated}) that is not read: export it as sRGB."
        )
    return None


def _colour(body: bytes, said: Said) -> None:
    """Reads a colour box: of HEIF and AVIF by a name, of JPEG 2000 by a method's number."""
    kind = body[:4]
    if kind in (b"prof", b"rICC"):
        said.icc = said.icc or body[4:]
    elif kind == b"nclx" and len(body) >= 8:
        said.codes = said.codes or struct.unpack(">HH", body[4:8])
    elif body[:1] == b"\x01" and len(body) >= 7:
        said.enumerated = said.enumerated or struct.unpack(">I", body[3:7])[0]
    elif body[:1] in (b"\x02", b"\x03"):
        said.icc = said.icc or body[3:]


def _boxes(data: bytes, at: int, end: int, depth: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= end and depth < 6:
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if size == 1 and at + 16 <= end:
            size, head = struct.unpack(">Q", data[at + 8 : at + 16])[0], 16
        stop = end if size == 0 else min(end, at + size)
        if stop < at + head:
            return
        if kind in _HOLDERS:
            yield from _boxes(data, at + head + _HOLDERS[kind], stop, depth + 1)
        elif kind in (b"colr", b"av1C", b"ihdr"):
            yield kind, data[at + head : stop]
        at = stop
