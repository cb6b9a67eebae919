"""Exif: orientation and colour space. A broken block says nothing, which is no reason to refuse a sound picture."""

from typing import Any

from PIL import Image

from stages.photo import declared
from stages.photo.raw import BROKEN, UPRIGHT

_ORIENTATION = 0x0112
_EXIF, _INTEROPERABILITY = 0x8769, 0xA005
_COLOUR_SPACE = 0xA001
#: DCF 2.0: the colour space is "uncalibrated", and the interoperability index names Adobe RGB.
_SRGB, _ADOBE_RGB_OLD = 1, 2
_INDEX = 1


def load(picture: Image.Image, notes: list[str]) -> Image.Exif | None:
    """Returns a picture's Exif, None if it is broken, which `notes` then says."""
    try:
        found = picture.getexif()
        dict(found), dict(found.get_ifd(_EXIF))
    except BROKEN:
        notes.append("its Exif is broken and was ignored")
        return None
    return found


def orientation(block: bytes | Image.Exif, notes: list[str]) -> int:
    """Returns the orientation, 1 to 8, of an Exif block (with or without its `Exif` mark); 1 if it says none."""
    found: Any = block
    if isinstance(block, bytes):
        found = Image.Exif()
        try:
            found.load(block if block.startswith(b"Exif\0\0") else b"Exif\0\0" + block)
        except BROKEN:
            notes.append("its Exif is broken and was ignored")
            return UPRIGHT
    try:
        value = int(found.get(_ORIENTATION, UPRIGHT))
    except (TypeError, ValueError):
        return UPRIGHT
    return value if 1 <= value <= 8 else UPRIGHT


def space(found: Image.Exif | None, notes: list[str]) -> bytes | None:
    """Returns the profile of the colour space that Exif names (Exif 2.32, DCF 2.0); None for sRGB or none."""
    if found is None:
        return None
    try:
        named = dict(found.get_ifd(_EXIF)).get(_COLOUR_SPACE)
        index = str(dict(found.get_ifd(_INTEROPERABILITY)).get(_INDEX, "")).strip("\0 ")
    except BROKEN:
        return None
    if named == _ADOBE_RGB_OLD or (index == "R03" and named != _SRGB):
        return declared.adobe_rgb()
    if named == 0xFFFF:
        notes.append("its Exif calls its colours uncalibrated and no profile says what they are: taken as sRGB")
    return None
