"""How well a painted region or border goes on from the photo beside it: a seam shows as steps between neighbours."""

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Plate, Request

Flags = npt.NDArray[np.bool_]

#: Steps are compared above this floor, as a share of full scale, so that flat studio grey is no divisor.
_FLOOR = 0.004


def seam(picture: RGB, kept: Flags) -> float:
    """Returns the mean step across the border of what is kept over the mean step just inside it, both H x W.

    1 means that the border is as smooth, or as textured, as the photo beside it; 1.0 also where there is no border.
    """
    full = float(np.iinfo(picture.dtype).max)
    across, beside, count = 0.0, 0.0, 0
    for axis in (0, 1):
        for flip in (False, True):
            pixels, flags = (np.flip(each, axis) if flip else each for each in (picture, kept))
            head, middle, last = ([slice(None)] * 2 for _ in range(3))
            head[axis], middle[axis], last[axis] = slice(None, -2), slice(1, -1), slice(2, None)
            border = flags[tuple(head)] & flags[tuple(middle)] & ~flags[tuple(last)]
            if not border.any():
                continue
            far, near, new = (pixels[tuple(each)][border].astype(np.float32) for each in (head, middle, last))
            across += float(np.abs(new - near).mean(axis=1).sum())
            beside += float(np.abs(near - far).mean(axis=1).sum())
            count += len(near)
    return (across / full + _FLOOR * count) / (beside / full + _FLOOR * count) if count else 1.0


def faults(plate: Plate, asked: Request) -> float:
    """Returns one number to rank candidates by, less is better: how far a plate is from the photo beside the region.

    A model that is shown the photo paints it again; where it painted the border otherwise, what it painted beyond does
    not go on from it. In 8-bit levels.
    """
    generated = (asked.mask > 0).astype(np.uint8)
    reach = 2 * max(2, max(generated.shape) // 48) + 1
    ring = (cv2.dilate(generated, np.ones((reach, reach), np.uint8)) > 0) & (generated == 0)
    if not ring.any():
        return 0.0
    return float(np.abs(plate[ring].astype(np.float32) - asked.image[ring]).mean())
