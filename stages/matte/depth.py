"""How deep a pixel lies on either side of an outline, and what that decides of its alpha."""

import math

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import around
from stages.contracts import Matte

Field = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

#: Half width of the unknown band, in pixels at 1024.
REACH = 3.0
#: Half of the blur of an outline in focus, in pixels at 1024: the ramp where colours cannot tell.
BLUR = 0.75
#: Soft pixels lie at most this far inside and outside of where alpha crosses 0.5, in pixels at 1024.
SOFT_INSIDE, SOFT_OUTSIDE = 1.0, 1.6


def depth_of(garment: Flags) -> Field:
    """Returns the distance to the outline, in pixels, positive inside."""
    inside = cv2.distanceTransform(garment.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~garment).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(np.where(garment, inside - 0.5, 0.5 - outside), dtype=np.float32)


def sure(depth: Field, reach: float) -> Flags:
    """Tells the pixels that are deep enough to be pure: `reach` deep, or the middle of what is thinner."""
    size = 2 * math.ceil(reach) + 1
    thickness = cv2.dilate(depth, np.ones((size, size), np.uint8))
    return np.asarray((depth > 0) & (depth >= np.minimum(reach, 0.7 * thickness)), dtype=bool)


def thin(matte: Matte, scale: float) -> Matte:
    """Makes hard what is soft far from where alpha crosses 0.5: texture of cloth or backdrop."""
    garment = matte > 0.5
    box = around(matte > 0, 1)
    found = garment.astype(np.float32)
    inside, outside = (
        cv2.distanceTransform(each[box].astype(np.uint8), cv2.DIST_L2, 5) for each in (garment, ~garment)
    )
    soft = (inside <= SOFT_INSIDE * scale + 0.5) & (outside <= SOFT_OUTSIDE * scale + 0.5)
    np.copyto(found[box], matte[box], where=soft)
    return found
