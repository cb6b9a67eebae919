"""Accessories turned by quarters, mirrored and split, so that they can be worn; no pixel is resampled for it.

A shoe lies at its photo's left or right; a watch is photographed with its strap upright and worn with it across.
"""

from typing import Literal, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Matte

Flags = npt.NDArray[np.bool_]
Array = TypeVar("Array", bound=npt.NDArray[np.generic])

#: From this width over height on, a shoe is seen from its side; below it, from its toe or heel.
SIDEWAYS = 0.6
#: Seen from its toe a shoe, and a pair even more, is much like its mirror image: the share of both that is in both.
#: Drawn shoes have 0.96 or more from the toe, 0.39 or less from the side.
ALIKE = 0.8
#: A pair that touches has, between its middles, a column with at most this share of what either has at its highest.
WAIST = 0.85
#: A wrist is so much wider than a watch's case: what of the strap lies farther out goes around it.
WRIST = 1.4


def turned(array: Array, turn: int, mirrored: bool = False) -> Array:
    """Returns an array of H x W or H x W x 3 turned clockwise by 0, 90, 180 or 270 degrees, and then mirrored."""
    found = np.rot90(array, -turn // 90)
    return np.ascontiguousarray(found[:, ::-1] if mirrored else found)  # type: ignore[return-value]


def usual(kind: str, matte: Matte, side: Literal["left", "right"]) -> int:
    """Returns by how much an accessory's photo is turned where nothing is told.

    On a hanging arm the fingers point where a watch on the left wrist has its three, and one on the right its nine.
    """
    tall, wide = np.ptp(np.argwhere(matte > 0.5), axis=0) if (matte > 0.5).any() else (0, 0)
    if kind != "watch" or tall <= wide:
        return 0
    return 90 if side == "left" else 270


def around(matte: Matte) -> Matte:
    """Returns a watch, its strap lying across, without what of the strap goes around the wrist."""
    tall = np.count_nonzero(matte > 0.5, axis=0)
    if not tall.any():
        return matte
    case = np.flatnonzero(tall > 0.8 * tall.max())
    middle = 0.5 * (case[0] + case[-1])
    half = 0.5 * WRIST * int(tall.max())
    columns = np.arange(matte.shape[1])
    return np.where(np.abs(columns - middle) <= half, matte, np.float32(0))


def parts(matte: Matte) -> list[Flags]:
    """Returns the two shoes or earrings of a pair, from left to right, as flags H x W, or all of it as one.

    A pair seen from its toes is split between them where it touches; one seen from its side is not.
    """
    solid = matte > 0.5
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid.astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    large = [at + 1 for at in np.argsort(-areas)[:2] if areas[at] > 0.25 * areas.max()] if count > 1 else []
    if len(large) == 2:
        away = [cv2.distanceTransform((labels != at).astype(np.uint8), cv2.DIST_L2, 5) for at in large]
        first = away[0] <= away[1]
        halves = [first, ~first]
        return halves if stats[large[0], cv2.CC_STAT_LEFT] <= stats[large[1], cv2.CC_STAT_LEFT] else halves[::-1]
    between = _between(solid)
    if between is None:
        return [np.ones(matte.shape, np.bool_)]
    left = np.broadcast_to(np.arange(matte.shape[1]) < between, matte.shape)
    return [left, ~left]


def _between(solid: Flags) -> int | None:
    """Returns the column between the shoes of a pair that touches; None where none is seen."""
    own = trimmed(solid)
    if not own.size or own.shape[1] < SIDEWAYS * own.shape[0] or likeness(own) < ALIKE:
        return None
    high = np.count_nonzero(own, axis=0)
    first, last = round(0.4 * len(high)), round(0.6 * len(high))
    at = first + int(high[first : last + 1].argmin())
    if high[at] > WAIST * min(high[:at].max(initial=0), high[at:].max(initial=0)):
        return None
    return at + int(np.flatnonzero(solid.any(axis=0))[0])


def likeness(solid: Flags) -> float:
    """Returns how much of a shape, cut to its box, and of its mirror image is in both, in [0, 1]."""
    other = solid[:, ::-1]
    return float(np.count_nonzero(solid & other) / max(1, int(np.count_nonzero(solid | other))))


def from_side(solid: Flags) -> bool:
    """Whether a shoe is seen from its side rather than from its toe or heel."""
    own = trimmed(solid)
    return own.size > 0 and own.shape[1] >= SIDEWAYS * own.shape[0] and likeness(own) < ALIKE


def points(solid: Flags) -> Literal["left", "right"]:
    """Returns to which side of the picture a shoe points that is seen from its side: away from its opening."""
    own = trimmed(solid)
    opening = own[: max(1, round(0.15 * len(own)))]
    return "right" if float(np.nonzero(opening)[1].mean()) < 0.5 * (own.shape[1] - 1) else "left"


def trimmed(solid: Flags) -> Flags:
    """Returns flags cut to the box of what is set."""
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        return solid[:0, :0]
    return solid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
