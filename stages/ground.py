"""The shadow that a subject throws on the floor it is put on: without it, feet float.

Two parts: a dark, narrow one where the subject touches the floor, and a wide, faint one, the subject's own outline laid
down away from the light and blurred the more the farther it falls.
"""

from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from stages.canvas import mask
from stages.contracts import Matte, Placed

Field = npt.NDArray[np.float32]

#: The shadow is soft: it is worked out on a picture whose longer side is this.
_SMALL = 1024
#: What lies within this share of the subject's height over its lowest point touches the floor.
_TOUCHES = 0.03
#: How flat the outline is laid down, and how far it leans, as shares of the subject's height.
_FLAT, _LEAN = 0.10, 0.16
#: Depth of the touching part and of the fallen one, as multiples of the asked depth.
_TOUCHING, _FALLEN = 1.6, 0.7


def shadow(placed: Placed, depth: float, light_from: Literal["left", "right", "front"]) -> Field:
    """Returns the factor, in [0, 1], by which the floor is darkened, at most 1024 pixels long.

    1 everywhere if the frame cuts the subject below: its feet, and so the floor, are not in the picture.
    """
    shrink = min(1.0, _SMALL / max(placed.width, placed.height))
    size = max(1, round(placed.width * shrink)), max(1, round(placed.height * shrink))
    matte = mask.coverage(placed, *size)
    rows = np.flatnonzero((matte > 0.5).any(axis=1))
    if depth == 0 or not len(rows) or placed.box[3] >= placed.height - 1:
        return np.ones((size[1], size[0]), np.float32)
    low, height = int(rows[-1]) + 1, float(rows[-1] + 1 - rows[0])
    shade = _TOUCHING * _touching(matte, low, height) + _FALLEN * _fallen(matte, low, height, light_from)
    return np.asarray(1 - np.clip(depth * shade, 0, 0.9), np.float32)


def _touching(matte: Matte, low: int, height: float) -> Field:
    """Returns the shade right under what touches the floor."""
    reach = max(2, round(_TOUCHES * height))
    feet = np.zeros_like(matte)
    feet[max(0, low - reach) : low] = matte[max(0, low - reach) : low]
    # Flattened onto its lowest row, so that a shoe shades the floor and not the air beside it.
    flat = np.array([[1, 0, 0], [0, 0.35, 0.65 * low]], np.float32)
    feet = cv2.warpAffine(feet, flat, matte.shape[::-1])
    return cv2.GaussianBlur(feet, (0, 0), 0.012 * height, sigmaY=0.004 * height)


def _fallen(matte: Matte, low: int, height: float, light_from: Literal["left", "right", "front"]) -> Field:
    """Returns the outline laid down behind the subject."""
    lean = {"left": 1.0, "right": -1.0, "front": 0.0}[light_from] * _LEAN
    # A point h over the floor falls _FLAT h up the picture and lean h to the side.
    lay = np.array([[1, -lean, lean * low], [0, _FLAT, (1 - _FLAT) * low]], np.float32)
    laid = cv2.warpAffine(matte, lay, matte.shape[::-1])
    near = cv2.GaussianBlur(laid, (0, 0), 0.008 * height)
    far = cv2.GaussianBlur(laid, (0, 0), 0.03 * height)
    rows = np.arange(matte.shape[0], dtype=np.float32)[:, None]
    away = np.clip((low - rows) / max(1.0, _FLAT * height), 0, 1)
    return np.asarray(((1 - away) * near + away * far) * (1 - 0.6 * away), np.float32)
