"""A body that stands where a kept subject stands, hidden behind it.

The embedded model knows scenes from behind people alone: told of no one, it paints no floor, and limbs of its own
beside the subject. Told of someone whom the subject covers, it puts the floor under the feet and the horizon where a
camera at that height sees it.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import nearest
from stages.contracts import Placed, Skeleton
from stages.pose.body import Body, upright
from stages.pose.draw import REFERENCE, draw

Flags = npt.NDArray[np.bool_]

#: It is that much narrower than a body, and at most so tall as its subject, so that nothing of it stands out.
_NARROW, _SHORT = 0.6, 0.97
#: Places across the subject and statures, as shares, that are tried; so much of its limbs may show more for a body
#: that is twice as tall.
_ACROSS, _STATURES, _TALL = np.linspace(0.1, 0.9, 17), (1.0, 0.9, 0.8, 0.7, 0.6, 0.5), 0.2
#: Half the breadth of its limbs, as a share of stature: joints lie so deep in the subject, too.
_LIMB = 0.012
#: Of a body that the frame cuts off below, the stature is this many times the width with hanging arms (worn photos: 3.6
#: to 3.8), and more than is seen.
_BY_WIDTH, _BY_HEIGHT = 3.7, 1.05
#: Places are tried on a picture whose longer side is this.
_SMALL = 256


def hidden(placed: Placed) -> Skeleton:
    """Returns the joints of an upright body, 18 x 3 in canvas pixels, each within what is kept if it lies in the frame.

    Its feet are on the subject's floor. It is as tall as can be hidden: behind one of several people, and behind the
    body of a bag rather than its handle. All joints have confidence 0 if nothing is kept.
    """
    shrink = min(1.0, _SMALL / max(placed.width, placed.height))
    kept = np.zeros((placed.height, placed.width), np.uint8)
    kept[placed.window] = placed.matte > 0.5
    size = max(1, round(placed.width * shrink)), max(1, round(placed.height * shrink))
    small = cv2.resize(kept, size, interpolation=cv2.INTER_NEAREST) > 0
    rows, columns = np.flatnonzero(small.any(axis=1)), np.flatnonzero(small.any(axis=0))
    if not len(rows):
        return np.zeros((18, 3), np.float32)
    top, height = int(rows[0]), int(rows[-1] + 1 - rows[0])
    left, width = int(columns[0]), int(columns[-1] + 1 - columns[0])
    stands = top + height < size[1] - 1
    stature = float(height if stands else max(_BY_WIDTH * width, _BY_HEIGHT * height))
    bodies = [
        Body(left + across * width, top + stature, share * _SHORT * stature)
        for share in _STATURES
        for across in _ACROSS
    ]
    best = min(bodies, key=lambda body: _shown(_narrow(body), body.stature, small) - _TALL * body.stature / stature)
    joints = _narrow(best)
    joints[:, :2] /= shrink
    return _covered(joints, kept, _LIMB * best.stature / shrink)


def _narrow(body: Body) -> Skeleton:
    joints = upright(body)
    joints[:, 0] = body.x + _NARROW * (joints[:, 0] - body.x)
    return joints


def _shown(joints: Skeleton, stature: float, kept: Flags) -> float:
    """Returns the share of the limbs in the frame that nothing covers."""
    height, width = kept.shape
    limbs = draw(joints, width, height, 2 * _LIMB * stature * REFERENCE / min(width, height)).any(axis=2)
    return float((limbs & ~kept).sum() / max(1, limbs.sum()))


def _covered(joints: Skeleton, kept: npt.NDArray[np.uint8], depth: float) -> Skeleton:
    """Moves the joints in the frame to the nearest places that deep in what is kept."""
    inside = cv2.distanceTransform(kept, cv2.DIST_L2, 5)
    deep = inside >= min(depth, float(inside.max()))
    place = nearest(deep)[1]
    for joint in joints:
        column, row = round(float(joint[0])), round(float(joint[1]))
        if 0 <= column < kept.shape[1] and 0 <= row < kept.shape[0]:
            joint[:2] = place[row, column] % kept.shape[1], place[row, column] // kept.shape[1]
    return joints
