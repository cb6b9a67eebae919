"""The generate-everything-else mask, and the garment as the model sees it."""

import cv2
import numpy as np

from stages import colour
from stages.contracts import Mask, Matte, Placed, Plate

#: What the model sees where it is to paint, and under the soft edge.
NEUTRAL = 128

#: A model pixel is kept only if the garment covers it: less would keep grey or backdrop along the outline.
_COVERED = 0.95


def for_canvas(placed: Placed) -> Mask:
    """Returns the mask at canvas size: 255 generated, 0 core, 255 times (1 - matte) in the edge band.

    0 stands only where the matte is 1, and 255 only where it is 0, so the mask says exactly what was kept.
    """
    mask = np.full((placed.height, placed.width), 255, np.uint8)
    mask[placed.window] = of_matte(placed.matte)
    return mask


def of_matte(matte: Matte) -> Mask:
    """Returns an H x W matte in [0, 1] as a mask of the same size."""
    mask = np.clip(np.rint(255 - 255 * matte), 1, 254).astype(np.uint8)
    mask[matte == 1] = 0
    mask[matte == 0] = 255
    return mask


def for_model(placed: Placed, width: int, height: int, overlap: int = 1) -> Mask:
    """Returns the mask at model size, 255 or 0, for an inpainting model.

    The kept region ends inside the garment, at fully covered pixels and `overlap` - 1 pixels further in, so that
    the model paints under the edge and no rim of backdrop survives.
    """
    kept = (coverage(placed, width, height) >= _COVERED).astype(np.uint8)
    if overlap > 1:
        kept = cv2.erode(kept, np.ones((3, 3), np.uint8), iterations=overlap - 1, borderValue=1)
    return np.where(kept > 0, 0, 255).astype(np.uint8)


def image_for_model(placed: Placed, width: int, height: int) -> Plate:
    """Returns the garment over neutral grey at model size, H x W x 3 in sRGB.

    Colours are averaged with the matte, so nothing of the backdrop leaks in.
    """
    colours = colour.to_srgb(placed.foreground, placed.icc)
    image = np.empty((height, width, 3), np.float32)
    for channel in range(3):
        shown = NEUTRAL + placed.matte * (colours[..., channel].astype(np.float32) - NEUTRAL)
        full = np.full((placed.height, placed.width), NEUTRAL, np.uint8)
        full[placed.window] = np.rint(shown)
        image[..., channel] = _resize(full, width, height)
    return np.rint(image).astype(np.uint8)


def coverage(placed: Placed, width: int, height: int) -> Matte:
    """Returns the matte of the whole canvas, area-averaged to height x width."""
    full = np.zeros((placed.height, placed.width), np.uint8)
    full[placed.window] = np.rint(255 * placed.matte)
    return (_resize(full, width, height) / 255).astype(np.float32)


def _resize(channel: Plate, width: int, height: int) -> Matte:
    shrinks = width <= channel.shape[1] and height <= channel.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized: Matte = cv2.resize(channel, (width, height), interpolation=method).astype(np.float32)
    return resized
