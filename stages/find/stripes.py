"""Pale stripes of straps, which look like gaps between dark ones."""

import cv2
import numpy as np

from stages.arrays import Field
from stages.matte.backdrop import Flags

#: Pale stripes are no wider than this share of the longer side, and dark ones differ from the backdrop by so much, in
#: Delta E, that they are cloth whatever lies around them.
STRIPE, STRONG = 0.008, 20.0
#: They are no longer than so many times that width; the ends of slits are.
SHORT = 2.0
#: So many others lie near each: the end of a slit is alone.
ALTERNATE = 2


def striped(distance: Field) -> Flags:
    """Returns the pale stripes between dark ones, as of a strap: narrow, and too short for a slit.

    `distance` is each pixel's from the backdrop's colour, H x W in Delta E.
    """
    size = 2 * round(STRIPE * max(distance.shape) / 2) + 1
    dark = (distance > STRONG).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    pale = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, disc) & ~dark
    _, labels, stats, centres = cv2.connectedComponentsWithStats(pale, connectivity=4)
    short = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) < SHORT * size
    short[0] = False
    x, y = np.rint(centres[short]).astype(np.intp).T
    places = np.zeros(distance.shape, np.float32)
    np.add.at(places, (y, x), 1)
    short[short] = cv2.boxFilter(places, -1, (8 * size + 1,) * 2, normalize=False)[y, x] > ALTERNATE
    return np.asarray(short[labels], dtype=bool)
