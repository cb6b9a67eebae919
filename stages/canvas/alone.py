"""Lays a garment on a canvas of its own, in the middle, with nobody in it."""

from math import ceil

import numpy as np

from stages.canvas import limits
from stages.canvas.place import bounds, lay
from stages.contracts import Cutout, Photo, Placed
from stages.options import PlaceOptions

#: Resampling spreads an outline by up to so many pixels.
_SPREAD = 2


def place(photo: Photo, cutout: Cutout, options: PlaceOptions) -> Placed:
    """Returns the garment in the middle of a canvas of the asked aspect, with the asked margin on its longer way.

    At scale 1 pixels are copied; with `options.size` the garment is resampled once, to fill that canvas. Raises
    PhotoError when the canvas would exceed `options.max_megapixels`, NotFoundError when the matte is empty.
    """
    x0, y0, x1, y1 = bounds(cutout.matte)
    soft = max(1 - 2 * options.margin, 1e-3)
    if options.size == "auto":
        across, down = (int(side) for side in options.aspect.split(":"))
        tall = max((y1 - y0) / soft, (x1 - x0) / soft * down / across)
        width, height, scale = ceil(ceil(tall) * across / down), ceil(tall), 1.0
    else:
        width, height = (int(side) for side in options.size.split("x"))
        room = (max(1.0, soft * width - 2 * _SPREAD), max(1.0, soft * height - 2 * _SPREAD))
        scale = min(room[0] / (x1 - x0), room[1] / (y1 - y0))
    limits.check(width, height, options.max_megapixels, "ask for a smaller --size or --margin.")
    corner = (0.5 * (x0 + x1) - 0.5 * width / scale, 0.5 * (y0 + y1) - 0.5 * height / scale)
    nobody = np.zeros((18, 3), np.float32)
    return lay(photo, cutout, nobody, "full", "front", (width, height), corner, scale)
