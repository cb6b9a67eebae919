"""Draws a body-18 skeleton as OpenPose ControlNets expect to see it.

Colours, limb order and sizes are those that the ControlNets were trained on: Cao et al., "OpenPose" (arXiv 1812.08008)
for the body-18 joints, Zhang et al., "Adding Conditional Control" (arXiv 2302.05543) for the drawing.
"""

from math import atan2, degrees, floor, hypot

import cv2
import numpy as np

from stages.contracts import KEYPOINTS, Plate, Skeleton

#: Pairs of joints in drawing order; later limbs cover earlier ones.
LIMBS = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10),
    (1, 11), (11, 12), (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
)  # fmt: skip

#: Eighteen hues, 20 degrees apart at full saturation; limb i and joint i share colour i.
COLOURS = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0),
    (0, 255, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255),
    (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85),
)  # fmt: skip

#: Limbs are dimmed so that the joints stand out.
LIMB_BRIGHTNESS = 0.6

#: The stick width is given for a picture whose shorter side is this long.
REFERENCE = 512


def draw(skeleton: Skeleton, width: int, height: int, stick_width: float = 4.0) -> Plate:
    """Returns the height x width x 3 uint8 picture of a skeleton on black.

    `skeleton` is 18 x 3 in pixels of that picture; joints of confidence 0 are left out with their limbs, joints
    outside the frame are clipped by it. `stick_width` is the half width of limbs and the radius of joints, in pixels
    at a shorter side of 512, and grows with the picture; 4 is what Stable Diffusion 1.5's ControlNet was trained on.
    Raises ValueError if the skeleton has another shape.
    """
    if skeleton.shape != (len(KEYPOINTS), 3):
        raise ValueError(f"skeleton must be {len(KEYPOINTS)} x 3, not {skeleton.shape}")
    radius = max(1, round(stick_width * min(width, height) / REFERENCE))
    picture = np.zeros((height, width, 3), np.uint8)
    for (start, end), colour in zip(LIMBS, COLOURS, strict=False):
        if skeleton[start, 2] > 0 and skeleton[end, 2] > 0:
            outline = _limb(skeleton[start, :2], skeleton[end, :2], radius)
            cv2.fillConvexPoly(picture, outline, [int(LIMB_BRIGHTNESS * part) for part in colour])
    for (x, y, confidence), colour in zip(skeleton, COLOURS, strict=True):
        if confidence > 0:
            cv2.circle(picture, (floor(x), floor(y)), radius, colour, thickness=-1)
    return picture


def _limb(start: np.ndarray, end: np.ndarray, radius: int) -> np.ndarray:
    """Returns the outline of an ellipse from joint to joint."""
    (x0, y0), (x1, y1) = start.tolist(), end.tolist()
    middle = (floor((x0 + x1) / 2), floor((y0 + y1) / 2))
    length = hypot(x1 - x0, y1 - y0)
    angle = int(degrees(atan2(y0 - y1, x0 - x1)))
    return np.asarray(cv2.ellipse2Poly(middle, (int(length / 2), radius), angle, 0, 360, 1))
