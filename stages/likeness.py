"""A small description of the face in a picture, by which the pictures of one casting are compared.

It says how alike faces look, not whose they are: the colour of the skin between eyes and chin, and a pattern of light
and dark aligned by the eyes. Light and expression move both; `docs/presets.md` has what they measure on known faces.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages import colour
from stages.contracts import KEYPOINTS, RGB, Skeleton

#: Sides of the pattern; the eyes lie on this row, this far from its sides.
SIDE, EYES_Y, EYES_X = 16, 5.0, 4.5
#: Eyes that stand nearer than this many pixels show too little of a face.
_LEAST = 6.0
#: Rows and columns of the pattern that show cheeks, nose and mouth.
_SKIN = slice(7, 12), slice(4, 12)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """What is kept of one face."""

    colour: tuple[float, float, float]
    """Mean CIELAB of the skin: L in [0, 100], a, b."""
    pattern: bytes
    """Luminance of SIDE x SIDE places, row by row."""


def of(picture: RGB, icc: bytes | None, skeleton: Skeleton) -> Face | None:
    """The face of an H x W x 3 picture where an 18 x 3 skeleton's eyes are; None where they are not both seen."""
    right, left = (skeleton[KEYPOINTS.index(f"{side}_eye")] for side in ("right", "left"))
    across = float(np.hypot(*(left - right)[:2]))
    if min(right[2], left[2]) <= 0 or across < _LEAST:
        return None
    height, width = picture.shape[:2]
    middle = (right + left)[:2] / 2
    reach = 3 * across
    x0, y0 = (max(0, int(each - reach)) for each in middle)
    x1, y1 = min(width, int(middle[0] + reach)), min(height, int(middle[1] + reach))
    if x1 <= x0 or y1 <= y0:
        return None
    near = colour.to_srgb(picture[y0:y1, x0:x1].copy(), icc)
    shrink = min(1.0, 2 * (SIDE - 2 * EYES_X) / across)
    size = max(1, round(near.shape[1] * shrink)), max(1, round(near.shape[0] * shrink))
    small = cv2.resize(near, size, interpolation=cv2.INTER_AREA)
    scale = np.array(size, np.float32) / near.shape[1::-1]
    found = [(each[:2] - (x0, y0)) * scale for each in (right, left)]
    upright = _upright(*found)
    face = cv2.warpAffine(small, upright, (SIDE, SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    lab = cv2.cvtColor(face.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lightness, a, b = (round(float(each), 2) for each in lab[_SKIN].reshape(-1, 3).mean(axis=0))
    return Face((lightness, a, b), np.rint(2.55 * lab[..., 0]).astype(np.uint8).tobytes())


def _upright(right: npt.NDArray[np.float32], left: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Returns the 2 x 3 matrix that brings the person's right eye to the pattern's left, and the other beside it."""
    turned = complex(SIDE - 2 * EYES_X, 0) / complex(*(left - right))
    moved = complex(EYES_X, EYES_Y) - turned * complex(*right)
    return np.array([[turned.real, -turned.imag, moved.real], [turned.imag, turned.real, moved.imag]], np.float32)
