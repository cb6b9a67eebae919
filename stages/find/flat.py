"""Gaps that have lost their outline: beside them pale cloth is shaded to the backdrop's very colour.

Paper is flat where it is in one light. Cloth is shaded: of the backdrop's colour it has lines and narrow stripes alone.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.find.spread import edges, grown
from stages.matte.backdrop import Flags, Lab

Field = npt.NDArray[np.float32]

#: Smoothed by the first, in pixels, paper rises by less than the second, Delta E per pixel: drawn folds do so over 6
#: pixels at most, so that they have nothing as wide as the third.
_SMOOTH, _FLAT, _WIDE = 3.0, 0.15, 13
#: It is as light as the backdrop within this, in L, and has so many pixels at 1024.
_LIKE, _LEAST = 2.0, 400
#: Along this share of its border something stands out from the backdrop, by this slope, Delta E per pixel.
_BESIDE, _HARD = 0.1, 5.0
#: Smoothing sets it back from what is around by so many pixels; cloth is held on to so far around it.
_BACK, _HELD = 9, 20


def gaps(
    colours: Lab, cloth: Flags, like: Flags, lighter: list[Field], steps: Field, unit: float
) -> tuple[Flags, Flags]:
    """The parts of what was taken for pale cloth that are as flat as paper and of its colour, and cloth by them.

    `like` is what has the backdrop's tint, `lighter` L over the backdrop by several readings, `steps` the gradient; all
    are H x W. Where the outline cannot be seen, it is put at the flat part's own border: no cloth is given up for it.
    """
    level = np.any([np.abs(cv2.blur(each, (7, 7))) < _LIKE for each in lighter], axis=0)
    flat = cloth & like & level & (edges(cv2.GaussianBlur(colours, (0, 0), _SMOOTH)) < _FLAT)
    size = round(_WIDE * unit)
    flat = _opened(flat, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(flat.astype(np.uint8), connectivity=4)
    back = round(_BACK * unit)
    by_limb = grown(steps > _HARD, back)
    found = np.zeros_like(cloth)
    for index in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[index])
        if area < _LEAST * unit * unit:
            continue
        window = slice(max(0, y - 2), y + h + 2), slice(max(0, x - 2), x + w + 2)
        part = labels[window] == index
        if by_limb[window][grown(part, 1) & ~part].mean() > _BESIDE:
            found[window] |= part
    if not found.any():
        return found, found
    found |= _opened(grown(found, back) & by_limb & like, np.ones((3, 3), np.uint8))
    return found, cloth & grown(found, round(_HELD * unit)) & ~found & ~by_limb


def _opened(flags: Flags, disc: npt.NDArray[np.uint8]) -> Flags:
    return np.asarray(cv2.morphologyEx(flags.astype(np.uint8), cv2.MORPH_OPEN, disc) > 0, bool)
