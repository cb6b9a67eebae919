"""The soft shadow that a garment throws on the paper close behind it, as it hangs or lies there."""

from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from stages.canvas import mask
from stages.contracts import Placed

Field = npt.NDArray[np.float32]

#: The shadow is soft: it is worked out on a picture whose longer side is this.
_SMALL = 1024
#: Two parts, of weight and reach as a share of the garment's longer side: where it touches the paper, and beyond.
_PARTS = ((0.45, 0.004), (0.4, 0.014))
#: Light comes from above and from one side: a part is moved by so many of its reaches.
_DOWN, _ASIDE = 1.1, 0.6
#: Nothing of it reaches the frame, a share of the shorter side: shops ask for a border of one colour.
_FRAME = 0.02


def shadow(placed: Placed, depth: float, light_from: Literal["left", "right", "front"]) -> Field:
    """Returns the factor, in [0, 1], by which the paper is darkened, at most 1024 pixels long; 1 along the frame."""
    shrink = min(1.0, _SMALL / max(placed.width, placed.height))
    size = max(1, round(placed.width * shrink)), max(1, round(placed.height * shrink))
    if depth == 0:
        return np.ones((size[1], size[0]), np.float32)
    matte = mask.coverage(placed, *size)
    x0, y0, x1, y1 = placed.box
    length = max((x1 - x0) * size[0] / placed.width, (y1 - y0) * size[1] / placed.height)
    aside = {"left": _ASIDE, "right": -_ASIDE, "front": 0.0}[light_from]
    shade = np.zeros_like(matte)
    for weight, reach in _PARTS:
        move = np.array([[1, 0, aside * reach * length], [0, 1, _DOWN * reach * length]], np.float32)
        moved = cv2.warpAffine(matte, move, size)
        shade += weight * cv2.GaussianBlur(moved, (0, 0), max(0.7, reach * length), borderType=cv2.BORDER_CONSTANT)
    rows, columns = (np.minimum(np.arange(side), side - 1 - np.arange(side)) for side in shade.shape)
    from_frame = np.minimum(rows[:, None], columns[None, :]) / max(1.0, _FRAME * min(size))
    return np.asarray(1 - depth * shade * np.clip(from_frame - 0.5, 0, 1), np.float32)
