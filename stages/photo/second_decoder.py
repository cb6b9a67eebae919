"""A second opinion: the same file through a decoder that shares no code with the first.

TIFF, which tifffile reads, goes through libtiff; deep AVIF through Pillow; all else, which Pillow or imagecodecs reads,
through OpenCV, which also turns it upright by its own reading of Exif.
"""

import io
import warnings

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from stages.contracts import RGB, Photo
from stages.photo import boxes, tiff
from stages.photo.raw import BROKEN

#: Decoders of lossy formats differ by rounding; a wrong reading (turned, inverted) differs nearly everywhere.
_LEVELS, _SHARE = 4, 0.001
#: A grey picture and the same through a profile's tone curve are correlated more than this (linear light: 0.95).
_ALIKE = 0.9
_ORIENTATION = 0x0112


def read(data: bytes) -> RGB | None:
    """Returns H x W x 3, upright, of 8 or 16 bits, as the second decoder reads a file; None if it cannot."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if data.startswith(tiff.MAGIC):
                return _libtiff(data)
            return _pillow(data) if data[4:12] == b"ftypavif" and boxes.read(data).bits > 8 else _opencv(data)
    except (*BROKEN, cv2.error, MemoryError):
        return None


def agrees(data: bytes, photo: Photo) -> bool | None:
    """Whether the second decoder sees the photo that was read from `data`; None if it can read no such file.

    Inks are converted by each decoder in its own way, and hidden colours are no part of what is seen: CMYK is not
    compared, nor what full transparency hides, nor a picture whose transparency was dropped.
    """
    if any(word in note for note in photo.notes for word in ("CMYK", "transparency")):
        return None
    second = read(data)
    if second is None:
        return None
    if second.shape != photo.pixels.shape:
        return False
    here, there = _eight(photo.pixels), _eight(second)
    if photo.alpha is not None:
        weight = photo.alpha[..., None]
        # libtiff multiplies colours by alpha, the others do not.
        here = np.rint(here * weight).astype(np.uint8)
        there = there if data.startswith(tiff.MAGIC) else np.rint(there * weight).astype(np.uint8)
    apart = np.abs(here.astype(np.int16) - there).max(axis=2)
    if any("grey" in note for note in photo.notes) and here.std() and there.std():
        # The tones of a grey profile are no decoder's: the same picture rises where the other does.
        return bool(np.corrcoef(here[..., 0].ravel(), there[..., 0].ravel())[0, 1] > _ALIKE)
    return bool(np.count_nonzero(apart > _LEVELS) <= _SHARE * max(1, apart.size))


def _eight(pixels: RGB) -> npt.NDArray[np.uint8]:
    return np.asarray(pixels >> 8 if pixels.dtype == np.uint16 else pixels, np.uint8)


def _opencv(data: bytes) -> RGB | None:
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_ANYDEPTH
    picture: RGB | None = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    return picture


def _pillow(data: bytes) -> RGB:
    with Image.open(io.BytesIO(data), formats=["AVIF"]) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))


def _libtiff(data: bytes) -> RGB:
    """Reads 8 bits of each channel, by libtiff's own idea of layout and photometric interpretation.

    It flips but does not transpose: what lies on its side stays there, turned as Exif 2.32, 4.6.4 draws it.
    """
    import imagecodecs

    with Image.open(io.BytesIO(data), formats=["TIFF"]) as picture:
        orientation = picture.getexif().get(_ORIENTATION, 1)
    with tiff.opened(data, "") as (page, _):
        index = page.index if isinstance(page.index, int) else page.index[0]
    flipped = imagecodecs.tiff_decode(data, index=index, asrgb=True)[..., :3]
    if orientation > 4:
        flipped = flipped.swapaxes(0, 1)
    return np.ascontiguousarray(np.rot90(flipped, 2) if orientation in {6, 8} else flipped)
