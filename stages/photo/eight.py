"""Pictures of up to 8 bits a channel, as Pillow decodes them."""

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PIL import Image

from stages import colour
from stages.errors import PhotoError
from stages.photo.raw import Raw

_limit = threading.Lock()


@contextmanager
def opened(data: bytes, formats: Sequence[str]) -> Iterator[Image.Image]:
    """Opens without decoding. Pillow's own limit, global and lower than ours (179 megapixels), is lifted meanwhile."""
    Image.init()
    with _limit:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            picture = Image.open(io.BytesIO(data), formats=[each for each in formats if each in Image.OPEN])
        finally:
            Image.MAX_IMAGE_PIXELS = limit
    with picture:
        yield picture


def samples(picture: Image.Image, notes: list[str], name: str = "the photo") -> Raw:
    """Decodes an open picture, not turned. CMYK becomes sRGB here, by its own profile where it has one."""
    cmyk_as_stored(picture)
    picture.load()
    mode = picture.mode
    alpha = None
    if picture.has_transparency_data:
        picture = picture.convert("RGBA" if mode not in {"LA", "La"} else "LA")
        alpha = np.asarray(picture.getchannel("A"), np.float32) / np.float32(255)
    if mode in {"P", "PA"}:
        notes.append("converted from a palette to RGB")
    elif mode == "CMYK":
        notes.append("converted from CMYK to RGB")
        return Raw(colour.from_cmyk(np.asarray(picture), picture.info.get("icc_profile")), alpha)
    elif mode in {"1", "L", "LA", "La"}:
        notes.append("converted from grey to RGB")
        return Raw(np.asarray(picture.convert("L")), alpha)
    elif mode not in {"RGB", "RGBA", "RGBX", "RGBa", "YCbCr"}:
        raise PhotoError(f"{name} has {mode} pixels, which are not read: save it as RGB.")
    return Raw(np.asarray(picture.convert("RGB")), alpha)


def cmyk_as_stored(picture: Image.Image) -> None:
    """Undoes Pillow's inversion of a CMYK JPEG without Adobe's marker, which alone says that inks are inverted."""
    if picture.format == "JPEG" and picture.mode == "CMYK" and "adobe" not in picture.info:
        picture.tile = [each._replace(args=("CMYK", *each.args[1:])) for each in picture.tile]  # type: ignore[attr-defined]
