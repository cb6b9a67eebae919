"""The inside of a back collar, seen through the neck of a garment that nobody wears: a person's own neck hides it.

Method: the neck's outline is brought to one size and unrolled about a point above it. A front edge lies before its own
shade, so it is lighter than what is seen behind it; the path of most such steps from one end of the neck to the other
is found by dynamic programming, as live-wire tools do (Mortensen, Barrett 1995). It is believed only if it is smooth,
supported all along, begins where the neck does, and is no seam of the back or of the front.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Matte, Plate, Point, Shape
from stages.segment import foreground as foregrounds
from stages.segment.backdrop import Flags, lab

#: The neck is looked at when its ends are this many pixels apart.
WIDE = 200
#: Margins around it, and what is seen below its ends, in these pixels.
BESIDE, ABOVE, BELOW = 40, 40, 250
#: Blur of the new edge, in pixels at 1024, and coverage that counts as none: in focus, as `matte` takes outlines.
BLUR, SNAP = 0.6, 0.02
#: The outline is unrolled about a point so far above its ends, in widths; rays and their first and last radius.
RAISED, RAYS, NEAR, FAR = 0.35, 181, 60, 316
CENTRE = (BESIDE + WIDE / 2, ABOVE - RAISED * WIDE)
ANGLES = np.linspace(np.arctan2(RAISED, -0.5), np.arctan2(RAISED, 0.5), RAYS)
#: Where the ends of the neck lie on their rays, and how near them an edge ends, in pixels.
EAR, CLOSE = float(np.hypot(0.5, RAISED)) * WIDE - NEAR, 5.0
#: Pixels compared on either side of an edge.
SIDE = 4
#: Ends of the neck are at least this share of the shoulders apart: nearer ones are a standing collar's or a hood's.
APART = 0.28
#: How far the outline between the ends may rise above them, in widths: hoods and standing collars do.
RISE = 0.03
#: Least depth of an inside below its upper outline, in pixels.
LEAST = 7
#: Share of the rays beside each end where the inside may be thinner.
END = 0.08
END_RAYS = round(END * RAYS)
#: Ends of the path lie this near the ends of the neck, in widths.
NECK = 0.05
#: A path that would rather lie this many pixels farther out beside an end is the seam between a front collar and the
#: body (measured: 14 to 18; 0 for true edges).
OUTSIDE = 8
#: Steps that count half: a bit, and a multiple of the median in the garment, in levels of lightness of 100.
STEP, USUAL = 0.6, 2.5
#: Price of moving the path by one pixel from ray to ray, and the most it may move.
MOVE, MOST = 0.04, 8
#: A path is as sure as the second weakest of so many parts: a label may hide one.
PARTS = 8
#: A path farther than this from its own smooth course is rough there, in pixels.
ROUGH = 4.0
#: Stiffness of its smooth course and of the final edge: labels and threads that are shorter than a tenth, or a
#: twentieth, of the path are left out.
STIFF, LOOSE = 300.0, 10.0
#: Nearer than `RIM` to the outline, in widths, lies its own shade. A band that is no wider than `RIB` and this even,
#: lower by higher distance from the outline, is the back collar's. Real fronts measured 0.42 to 0.77, ribs 0.9.
RIM, RIB, EVEN = 0.05, 0.2, 0.78
#: Confidence from which the inside is taken away. Right paths on real photos measured 0.74 to 0.99, wrong ones that
#: the other tests let pass up to 0.55.
SURE = 0.7
#: How many paths are tried, each without those before it.
TRIES = 3

Field = npt.NDArray[np.float32]
Path = npt.NDArray[np.intp]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Neck:
    """The neck's surroundings, unrolled: arrays are radii x rays."""

    step: Field
    """Lightness outside less that inside, as evidence in [-1, 1]."""
    x: Field
    y: Field
    """Pixels of the window, in which the ends of the neck lie on one row."""
    cloth: Flags
    away: Field
    """Distance from the outline, in pixels."""


def inner(picture: Plate, garment: Flags, shape: Shape) -> tuple[Points | None, float]:
    """Finds the inside of the back collar: gives its outline, N x 2 in pixels, and how sure that is, in [0, 1].

    The outline follows the front's edge and closes above the garment: what of the garment it encloses is the inside.
    It is None where there is none, or none for sure. `picture` is H x W x 3 sRGB, `garment` H x W, the landmarks of
    `shape` are in their pixels.
    """
    ends = _ends(garment, shape)
    if ends is None:
        return None, 0.0
    there, back = _upright(*ends)
    size = (WIDE + 2 * BESIDE, ABOVE + BELOW)
    window = cv2.warpAffine(picture, there, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    cloth = cv2.warpAffine(garment.astype(np.uint8) * 255, there, size) > 127
    neck = _unroll(window, cloth)
    path, confidence = _front_edge(neck)
    if path is None:
        return None, confidence
    radius = NEAR + _to_ends(_smooth(path, LOOSE, 1.0, 2.0))
    edge = np.stack([CENTRE[0] + np.cos(ANGLES) * radius, CENTRE[1] + np.sin(ANGLES) * radius], axis=1)
    above = np.array([0.0, -BESIDE])
    line = np.concatenate([[edge[0] + above], edge, [edge[-1] + above], [CENTRE]])
    return line @ back[:, :2].T + back[:, 2], confidence


def _to_ends(radius: Points) -> Points:
    """Leads the edge straight on to near the ends of the neck, where too little cloth is left to follow."""
    found = radius.copy()
    for ray in (found, found[::-1]):
        goal = np.clip(2 * ray[END_RAYS] - ray[2 * END_RAYS], EAR - CLOSE, EAR + CLOSE)
        ray[:END_RAYS] = np.linspace(goal, ray[END_RAYS], END_RAYS, endpoint=False)
    return found


def without(pixels: RGB, alpha: Matte, foreground: RGB, line: Points) -> tuple[Matte, RGB]:
    """Gives matte and foreground, photo size, without what `line` encloses.

    What lies behind the new edge is cloth of many colours, so its alpha follows the line, not the colours.
    `line` is N x 2 in pixels of the photo.
    """
    scale = max(1.0, max(alpha.shape) / 1024)
    reach = math.ceil(8 * scale)
    low, high = np.floor(line.min(axis=0)).astype(int) - reach, np.ceil(line.max(axis=0)).astype(int) + reach
    window = slice(max(0, low[1]), max(0, high[1])), slice(max(0, low[0]), max(0, high[0]))
    corner = np.array([window[1].start, window[0].start])
    region = np.zeros(alpha[window].shape, np.uint8)
    cv2.fillPoly(region, [np.rint((line - corner) * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    covered = cv2.GaussianBlur(region.astype(np.float32) / np.float32(255), (0, 0), BLUR * scale)
    covered = np.clip((covered - SNAP) / (1 - 2 * SNAP), 0, 1)
    matte, colours = alpha.copy(), foreground.copy()
    matte[window] = np.minimum(alpha[window], 1 - covered)
    changed = matte[window] < alpha[window]
    colours[window][changed] = foregrounds.estimate(pixels[window], matte[window])[changed]
    return matte, colours


def _ends(garment: Flags, shape: Shape) -> tuple[Point, Point] | None:
    """Gives the ends of the neck, left and right in the picture: the highest points between axis and shoulders."""
    marks = shape.landmarks
    if not {"collar", "right_shoulder", "left_shoulder"} <= marks.keys() or shape.from_waist:
        return None
    middle = round(marks["collar"][0])
    left, right = sorted(round(marks[f"{side}_shoulder"][0]) for side in ("right", "left"))
    if not 0 <= left < middle < right <= garment.shape[1]:
        return None
    top = np.where(garment.any(axis=0), garment.argmax(axis=0), garment.shape[0])
    a, b = left + int(np.argmin(top[left:middle])), middle + int(np.argmin(top[middle:right]))
    between = top[a : b + 1] - np.interp(np.arange(a, b + 1), [a, b], [top[a], top[b]])
    if b - a < APART * (right - left) or between.min() < -RISE * (b - a):
        return None
    return (float(a), float(top[a])), (float(b), float(top[b]))


def _upright(left: Point, right: Point) -> tuple[Points, Points]:
    """Gives the 2 x 3 matrix that lays the ends on one row, `WIDE` pixels apart, and the one that leads back."""
    way = np.subtract(right, left)
    cos, sin = way * WIDE / (way @ way)
    turn = np.array([[cos, sin], [-sin, cos]])
    there = np.column_stack([turn, np.array([BESIDE, ABOVE]) - turn @ left])
    return there, np.asarray(cv2.invertAffineTransform(there), np.float64)


def _unroll(window: Plate, cloth: Flags) -> _Neck:
    radius = np.arange(NEAR, FAR)[:, None]
    x = (CENTRE[0] + np.cos(ANGLES) * radius).astype(np.float32)
    y = (CENTRE[1] + np.sin(ANGLES) * radius).astype(np.float32)
    light = cv2.GaussianBlur(lab(window)[..., 0], (0, 0), 1.0)
    seen = cv2.remap(light, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.remap(cloth.astype(np.uint8) * 255, x, y, cv2.INTER_LINEAR) > 127
    total, count = (np.cumsum(np.pad(each, ((1, 0), (0, 0))), axis=0) for each in (seen * inside, inside))
    step = np.zeros_like(seen)
    here = slice(SIDE, len(seen) - SIDE - 1)
    full = np.ones((len(seen) - 2 * SIDE - 1, RAYS), dtype=bool)
    means = []
    for first in (1, -SIDE):
        low, high = (slice(SIDE + first + more, len(seen) - SIDE - 1 + first + more) for more in (0, SIDE))
        means.append((total[high] - total[low]) / SIDE)
        full &= count[high] - count[low] == SIDE
    step[here] = np.where(full, means[0] - means[1], 0)
    usual = STEP + USUAL * float(np.median(np.abs(step)[inside])) if inside.any() else STEP
    away = cv2.remap(cv2.distanceTransform(cloth.astype(np.uint8), cv2.DIST_L2, 5), x, y, cv2.INTER_LINEAR)
    return _Neck((step / np.hypot(step, usual)).astype(np.float32), x, y, inside, np.asarray(away, np.float32))


def _front_edge(neck: _Neck) -> tuple[Path | None, float]:
    """Gives the front's edge, an index of radius for each ray, if it is sure; and how sure the best path is."""
    rays, radii = np.arange(RAYS), np.arange(NEAR, FAR)[:, None]
    beside = (rays < END_RAYS) | (rays >= RAYS - END_RAYS)
    first = np.where(neck.cloth.any(axis=0), neck.cloth.argmax(axis=0), len(radii))
    below = (radii - NEAR >= first + LEAST) | beside
    at_neck = np.abs(radii[:, 0] - NEAR - EAR) < NECK * WIDE
    between = (neck.x > BESIDE - NECK * WIDE) & (neck.x < BESIDE + (1 + NECK) * WIDE)
    allowed = below & between
    allowed[:, 0] &= at_neck
    allowed[:, -1] &= at_neck
    votes, best = neck.step.copy(), 0.0
    for _ in range(TRIES):
        path = _best_path(votes, allowed, MOVE, MOST)
        course = _smooth(path, STIFF, ROUGH / 2, 4 * ROUGH)
        off = radii - NEAR - course
        edge = _best_path(neck.step, np.abs(off) < ROUGH, MOVE / 2, 3)
        parts = [float(each.mean()) for each in np.array_split(neck.step[edge, rays][~beside], PARTS)]
        confidence = sorted(parts)[1] * (1 - 2 * float(np.mean(np.abs(path - course) > ROUGH)))
        if not _is_rib(neck, edge) and not _is_front_seam(neck, edge, below):
            best = max(best, confidence)
            if confidence >= SURE:
                return edge, confidence
        for shift in range(-SIDE - 1, SIDE + 2):
            at = np.clip(path + shift, 0, len(radii) - 1)
            votes[at, rays] = np.where(np.minimum(rays, RAYS - 1 - rays) < RAYS // 6, votes[at, rays], -0.2)
    return None, best


def _is_rib(neck: _Neck, path: Path) -> bool:
    """Tells whether the path keeps its distance from the outline: the seam of the back collar, or a rim in shade."""
    rays = np.arange(RAYS)
    across = (neck.x[path, rays] - BESIDE) / WIDE
    low, middle, high = np.percentile(neck.away[path, rays][(across > 0.1) & (across < 0.9)] / WIDE, [10, 50, 60])
    return bool(middle < RIM or (middle < RIB and low > EVEN * high))


def _is_front_seam(neck: _Neck, path: Path, below: Flags) -> bool:
    """Tells whether the path, left free, runs on outside the ends of the neck, as a front collar's seam does."""
    radii = np.arange(NEAR, FAR)[:, None]
    held = np.abs(radii - NEAR - path) < ROUGH
    held[:, : RAYS // 4] = held[:, -(RAYS // 4) :] = True
    free = _best_path(neck.step, held & below, MOVE, MOST)
    beside = [END_RAYS, RAYS - 1 - END_RAYS]
    return bool((free[beside] - path[beside]).max() > OUTSIDE)


def _best_path(votes: Field, allowed: Flags, price: float, most: int) -> Path:
    """Gives the path through all columns with the most votes, less `price` for each row that it moves."""
    offsets = np.arange(-most, most + 1)
    rows = np.arange(len(votes))
    came = np.zeros(votes.shape[::-1], dtype=np.intp)
    padded = np.full(len(votes) + 2 * most, -1e9)
    score = np.where(allowed[:, 0], votes[:, 0], -1e9)
    for column in range(1, votes.shape[1]):
        padded[most : most + len(votes)] = score
        options = np.lib.stride_tricks.sliding_window_view(padded, 2 * most + 1) - price * np.abs(offsets)
        chosen = options.argmax(axis=1)
        came[column] = rows + offsets[chosen]
        score = np.where(allowed[:, column], options[rows, chosen] + votes[:, column], -1e9)
    path = np.empty(votes.shape[1], dtype=np.intp)
    path[-1] = score.argmax()
    for column in range(votes.shape[1] - 1, 0, -1):
        path[column - 1] = np.clip(came[column, path[column]], 0, len(votes) - 1)
    return path


def _smooth(path: Path, stiff: float, apart: float, outwards: float) -> Points:
    """Gives the path's smooth course (Whittaker 1923).

    Detours count little: inwards ones, such as around labels, from `apart` on, outwards ones, which may be the tip of
    a V, from `outwards` on.
    """
    bend: Points = np.diff(np.eye(len(path)), 2, axis=0)
    price = stiff * bend.T @ bend
    weight: Points = np.ones(len(path))
    course: Points = path.astype(np.float64)
    for _ in range(6):
        course = np.asarray(np.linalg.solve(np.diag(weight) + price, weight * path), dtype=np.float64)
        off = path - course
        weight = 1 / (1 + np.square(off / np.where(off > 0, outwards, apart)))
    return course
