"""Puts the garment back: the core bit for bit, the edge band composited over the plate."""

import numpy as np

from stages.contracts import RGB, Placed

#: Rows composited at a time, so that float copies stay small at any photo size.
_STRIP = 256


def restore(plate: RGB, placed: Placed) -> RGB:
    """Returns the picture: a canvas-size plate in the photo's profile and bit depth, with the garment in its place.

    Core pixels (matte 1) are copied from the placed photo; in the edge band the colour is
    matte * F + (1 - matte) * plate with F the estimated foreground, never the old pixel; elsewhere the plate stays.
    Raises ValueError if the plate's size or type is not the placed photo's.
    """
    if plate.shape != (placed.height, placed.width, 3) or plate.dtype != placed.pixels.dtype:
        raise ValueError(
            f"plate is {plate.shape} {plate.dtype}, the canvas {(placed.height, placed.width, 3)} {placed.pixels.dtype}"
        )
    picture = plate.copy()
    window = picture[placed.window]
    for top in range(0, len(window), _STRIP):
        rows = slice(top, top + _STRIP)
        matte = placed.matte[rows]
        strip = window[rows]
        soft = (matte > 0) & (matte < 1)
        weight = matte[soft][:, None]
        mixed = weight * placed.foreground[rows][soft] + (1 - weight) * strip[soft]
        strip[soft] = np.rint(mixed).astype(plate.dtype)
        core = matte == 1
        strip[core] = placed.pixels[rows][core]
    return picture
