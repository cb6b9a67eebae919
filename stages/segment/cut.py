"""From a photo to a cut-out: found on a small picture, refined at photo size."""

import cv2
import numpy as np

from stages import colour, shape
from stages.contracts import Cutout, Matte, Photo, Plate, Segmenter
from stages.errors import NotFoundError
from stages.options import SegmentOptions
from stages.segment import matte as mattes

#: Longer side, in pixels, of the picture that a segmenter is given.
COARSE = 1024
#: A garment covers between these shares of its photo; beyond them nothing was found.
LEAST, MOST = 0.002, 0.98


def cut(photo: Photo, options: SegmentOptions, segmenter: Segmenter) -> Cutout:
    """Gives the garment of a photo: matte and foreground at photo size, category and landmarks.

    A photo that brings its own alpha is cut by that; the segmenter is then not asked. Raises NotFoundError when
    nothing, or nothing but the whole frame, is found.
    """
    if photo.alpha is not None:
        coarse, name = photo.alpha, "alpha of the photo"
    else:
        coarse, name = segmenter(_small(photo)), segmenter.name
    garment = _upscaled(coarse, photo.width, photo.height) > 0.5
    covered = float(garment.mean())
    if covered < LEAST:
        raise NotFoundError(
            f"{photo.name}: no garment stands out; use a photo on a plainer backdrop or one with alpha."
        )
    if covered > MOST:
        raise NotFoundError(f"{photo.name}: the garment fills the frame; use a photo that shows its outline.")
    scale = max(1.0, max(photo.width, photo.height) / COARSE)
    alpha, foreground = mattes.refine(photo.pixels, garment, scale)
    if photo.alpha is not None:
        alpha = photo.alpha
    told = None if options.garment == "auto" else options.garment
    return Cutout(alpha, foreground, shape.describe(alpha, category=told), name)


def _small(photo: Photo) -> Plate:
    pixels = photo.pixels
    factor = COARSE / max(photo.width, photo.height)
    if factor < 1:
        size = max(1, round(photo.width * factor)), max(1, round(photo.height * factor))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return colour.to_srgb(pixels, photo.icc)


def _upscaled(coarse: Matte, width: int, height: int) -> Matte:
    if coarse.shape == (height, width):
        return coarse
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
