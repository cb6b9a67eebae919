"""The neck of a garment at one size, unrolled about a point above it, and smooth paths from one end to the other."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths
from stages.contracts import Plate, Point, Shape
from stages.matte.backdrop import Flags, lab

#: The neck is looked at when its ends are this many pixels apart.
WIDE = 200
#: Margins around it, and what is seen below its ends, in these pixels.
BESIDE, ABOVE, BELOW = 40, 40, 250
#: The outline is unrolled about a point so far above its ends, in widths; rays and their first and last radius.
RAISED, RAYS, NEAR, FAR = 0.35, 181, 60, 316
CENTRE = (BESIDE + WIDE / 2, ABOVE - RAISED * WIDE)
ANGLES = np.linspace(np.arctan2(RAISED, -0.5), np.arctan2(RAISED, 0.5), RAYS)
#: Rays at each end where the inside may be thinner than elsewhere: 8 %. An edge is as sure as the second weakest of so
#: many parts: a label may hide one.
END_RAYS, PARTS = round(0.08 * RAYS), 8
#: Pixels compared on either side of an edge.
SIDE = 4
#: Ends of the neck are at least this share of the shoulders apart: nearer ones are a standing collar's or a hood's.
APART = 0.28
#: An outline that climbs this many times as fast as it goes aside is a strap's, over this share of the way to it.
STRAP, NEARBY = 3.0, 0.03
#: How far the outline between the ends may rise above them, in widths: hoods and standing collars do.
RISE = 0.03
#: Steps that count half: a bit, and a multiple of the median in the garment, in levels of lightness of 100.
STEP, USUAL = 0.6, 2.5

Field = npt.NDArray[np.float32]
Path = npt.NDArray[np.intp]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Neck:
    """The neck's surroundings, unrolled: arrays are radii x rays."""

    step: Field
    """Lightness outside less that inside, as evidence in [-1, 1]."""
    change: Field
    """Difference in colour between outside and inside, in Delta E."""
    x: Field
    y: Field
    """Pixels of the window, in which the ends of the neck lie on one row."""
    cloth: Flags
    away: Field
    """Distance from the outline, in pixels."""


def ends(garment: Flags, shape: Shape) -> tuple[Point, Point] | None:
    """Returns the ends of the neck, left and right in the picture: the highest points between axis and shoulders.

    Of a garment on thin straps they are the feet of the straps.
    """
    marks = shape.landmarks
    name = "shoulder" if "right_shoulder" in marks else "strap"
    if not {"collar", f"right_{name}", f"left_{name}"} <= marks.keys() or shape.from_waist:
        return None
    middle = round(marks["collar"][0])
    left, right = sorted(round(marks[f"{side}_{name}"][0]) for side in ("right", "left"))
    if not 0 <= left < middle < right <= garment.shape[1]:
        return None
    top = np.where(garment.any(axis=0), garment.argmax(axis=0), garment.shape[0])
    if name == "strap":
        left, right = middle - _foot(top[left : middle + 1][::-1]), middle + _foot(top[middle : right + 1])
        if not left < middle < right:
            return None
    # Of a level top, the end beside the neck.
    a = middle - 1 - int(np.argmin(top[left:middle][::-1]))
    b = middle + int(np.argmin(top[middle:right]))
    between = top[a : b + 1] - np.interp(np.arange(a, b + 1), [a, b], [top[a], top[b]])
    if b - a < APART * (right - left) or between.min() < -RISE * (b - a):
        return None
    return (float(a), float(top[a])), (float(b), float(top[b]))


def _foot(top: npt.NDArray[np.intp]) -> int:
    """How far from the axis the outline, which leads from there to a strap, begins to climb like a thin strap."""
    near = max(2, round(NEARBY * len(top)))
    steep = top[:-near] - top[near:] > STRAP * near
    return int(steep.argmax()) if steep.any() else len(top)


def upright(left: Point, right: Point) -> tuple[Points, Points]:
    """Returns the 2 x 3 matrix that lays the ends on one row, `WIDE` pixels apart, and the one that leads back."""
    way = np.subtract(right, left)
    cos, sin = way * WIDE / (way @ way)
    turn = np.array([[cos, sin], [-sin, cos]])
    there = np.column_stack([turn, np.array([BESIDE, ABOVE]) - turn @ left])
    return there, np.asarray(cv2.invertAffineTransform(there), np.float64)


def unroll(window: Plate, cloth: Flags) -> Neck:
    """Unrolls a window of sRGB pixels, and which of them are garment, both in the size that `upright` leads to."""
    radius = np.arange(NEAR, FAR)[:, None]
    x = (CENTRE[0] + np.cos(ANGLES) * radius).astype(np.float32)
    y = (CENTRE[1] + np.sin(ANGLES) * radius).astype(np.float32)
    colours = cv2.GaussianBlur(lab(window), (0, 0), 1.0)
    seen = cv2.remap(colours, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.remap(cloth.astype(np.uint8) * 255, x, y, cv2.INTER_LINEAR) > 127
    total = np.cumsum(np.pad(seen * inside[..., None], ((1, 0), (0, 0), (0, 0))), axis=0)
    count = np.cumsum(np.pad(inside, ((1, 0), (0, 0))), axis=0)
    rise = np.zeros_like(seen)
    here = slice(SIDE, len(seen) - SIDE - 1)
    full = np.ones((len(seen) - 2 * SIDE - 1, RAYS), dtype=bool)
    means = []
    for first in (1, -SIDE):
        low, high = (slice(SIDE + first + more, len(seen) - SIDE - 1 + first + more) for more in (0, SIDE))
        means.append((total[high] - total[low]) / SIDE)
        full &= count[high] - count[low] == SIDE
    rise[here] = np.where(full[..., None], means[0] - means[1], 0)
    away = cv2.remap(cv2.distanceTransform(cloth.astype(np.uint8), cv2.DIST_L2, 5), x, y, cv2.INTER_LINEAR)
    change = lengths(rise)
    return Neck(evidence(rise[..., 0], inside), change, x, y, inside, np.asarray(away, np.float32))


def evidence(step: Field, usual: Flags) -> Field:
    """Returns steps as evidence in [-1, 1]: those that are common in `usual` count little."""
    half = STEP + USUAL * float(np.median(np.abs(step)[usual])) if usual.any() else STEP
    return np.asarray(step / np.hypot(step, half), dtype=np.float32)


def best_path(votes: Field, allowed: Flags, price: float, most: int) -> Path:
    """Returns the path through all columns with the most votes, less `price` for each row that it moves."""
    inner = np.flatnonzero(allowed.any(axis=1))
    first, end = (int(inner[0]), int(inner[-1]) + 1) if len(inner) else (0, len(votes))
    votes, allowed = votes[first:end], allowed[first:end]
    offsets = np.arange(-most, most + 1)
    prices, rows = price * np.abs(offsets), np.arange(len(votes))
    came = np.zeros(votes.shape[::-1], dtype=np.intp)
    padded = np.full(len(votes) + 2 * most, -1e9)
    score, around = padded[most : most + len(votes)], np.lib.stride_tricks.sliding_window_view(padded, 2 * most + 1)
    score[:] = np.where(allowed[:, 0], votes[:, 0], -1e9)
    for column in range(1, votes.shape[1]):
        options = around - prices
        chosen = options.argmax(axis=1)
        came[column] = rows + offsets[chosen]
        score[:] = np.where(allowed[:, column], options[rows, chosen] + votes[:, column], -1e9)
    path = np.empty(votes.shape[1], dtype=np.intp)
    path[-1] = score.argmax()
    for column in range(votes.shape[1] - 1, 0, -1):
        path[column - 1] = np.clip(came[column, path[column]], 0, len(votes) - 1)
    return path + first


def smooth(path: Path, stiff: float, apart: float, outwards: float) -> Points:
    """Returns the path's smooth course (Whittaker 1923).

    Detours count little: inwards ones, such as around labels, from `apart` on, outwards ones, which may be the tip of
    a V, from `outwards` on.
    """
    weight: Points = np.ones(len(path))
    course: Points = path.astype(np.float64)
    for _ in range(6):
        course = _penalised(weight, stiff, weight * path)
        off = path - course
        weight = 1 / (1 + np.square(off / np.where(off > 0, outwards, apart)))
    return course


def _penalised(weight: Points, stiff: float, wanted: Points) -> Points:
    """Solves (diag(weight) + stiff D'D) course = wanted, D the second differences, by its LDL' of three diagonals."""
    main, first, second = weight.copy(), np.zeros_like(weight), np.zeros_like(weight)
    main[:-2] += stiff
    main[1:-1] += 4 * stiff
    main[2:] += stiff
    first[1:-1] -= 2 * stiff  # of a row and the one before
    first[2:] -= 2 * stiff
    second[2:] += stiff
    pivots, near, far, half = [1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]
    for a, b, c, y in zip(main.tolist(), first.tolist(), second.tolist(), wanted.tolist(), strict=True):
        far.append(c / pivots[-2])
        near.append((b - far[-1] * pivots[-2] * near[-1]) / pivots[-1])
        pivots.append(a - near[-1] ** 2 * pivots[-1] - far[-1] ** 2 * pivots[-2])
        half.append(y - near[-1] * half[-1] - far[-1] * half[-2])
    course = [each / pivot for each, pivot in zip(half, pivots, strict=True)]
    for at in range(len(course) - 1, 2, -1):
        course[at - 1] -= near[at] * course[at]
        course[at - 2] -= far[at] * course[at]
    return np.array(course[2:])
