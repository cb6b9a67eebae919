"""The inside of a back collar, seen through the neck of a garment that nobody wears: a person's own neck hides it.

Method: the neck's outline is brought to one size and unrolled about a point above it. A front edge lies before its own
shade, so it is lighter than what is seen behind it; the path of most such steps from one end of the neck to the other
is found by dynamic programming, as live-wire tools do (Mortensen, Barrett 1995). It is believed only if it is smooth,
supported all along, begins where the neck does, and is no seam of the back or of the front.
"""

import math

import cv2
import numpy as np

from stages.contracts import RGB, Matte, Plate, Shape
from stages.find import label as labels
from stages.find.neck import (
    ABOVE,
    ANGLES,
    BELOW,
    BESIDE,
    CENTRE,
    END_RAYS,
    FAR,
    NEAR,
    PARTS,
    RAISED,
    RAYS,
    SIDE,
    WIDE,
    Neck,
    Path,
    Points,
    best_path,
    ends,
    smooth,
    unroll,
    upright,
)
from stages.matte import foreground as foregrounds
from stages.matte.backdrop import Flags
from stages.pose.body import measure

#: Blur of the new edge, in pixels at 1024, and coverage that counts as none: in focus, as `matte` takes outlines.
BLUR, SNAP = 0.6, 0.02
#: Least depth of an inside below its upper outline, in pixels.
LEAST = 7
#: Where the ends of the neck lie on their rays, and how near them an edge ends, in pixels.
EAR, CLOSE = float(np.hypot(0.5, RAISED)) * WIDE - NEAR, 5.0
#: Ends of the path lie this near the ends of the neck, in widths.
NECK = 0.05
#: A path that would rather lie this many pixels farther out beside an end is the seam between a front collar and the
#: body (measured: 14 to 18; 0 for true edges).
OUTSIDE = 8
#: Price of moving the path by one pixel from ray to ray, and the most it may move.
MOVE, MOST = 0.04, 8
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
#: The stiffness of an edge that a label tells.
FIRM = 60.0
#: Height of the pit of the neck over the floor, as a share of stature (ANSUR II: suprasternale, 0.810 of women, 0.816
#: of men). So far below the outline, in widths, something hides it that is no front: the inside of a back.
PIT, HIDDEN = 0.812, 0.18
#: How far the front's edge lies over the seam of its rib, in widths: ribs are 2 cm wide, necks 18.
RIBBED = 0.09
#: How many paths are tried, each without those before it.
TRIES = 3


def inner(picture: Plate, garment: Flags, shape: Shape) -> tuple[Points | None, float]:
    """Finds the inside of the back collar: gives its outline, N x 2 in pixels, and how sure that is, in [0, 1].

    The outline follows the front's edge and closes above the garment: what of the garment it encloses is the inside.
    It is None where there is none, or none for sure. `picture` is H x W x 3 sRGB, `garment` H x W, the landmarks of
    `shape` are in their pixels.
    """
    found = ends(garment, shape)
    if found is None:
        return None, 0.0
    there, back = upright(*found)
    size = (WIDE + 2 * BESIDE, ABOVE + BELOW)
    window = cv2.warpAffine(picture, there, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    cloth = cv2.warpAffine(garment.astype(np.uint8) * 255, there, size) > 127
    neck = unroll(window, cloth)
    pit = _pit(shape, there, cloth)
    path, confidence = _front_edge(neck, pit)
    stiff = LOOSE
    label = labels.find(window, cloth) if path is None else None
    if label is not None:
        told, sure = labels.edge(neck, label, pit)
        path, confidence, stiff = (told, sure, FIRM) if sure >= labels.TOLD else (None, confidence, stiff)
    if path is None:
        return None, confidence
    radius = NEAR + _to_ends(smooth(path, stiff, 1.0, 2.0))
    edge = np.stack([CENTRE[0] + np.cos(ANGLES) * radius, CENTRE[1] + np.sin(ANGLES) * radius], axis=1)
    above = np.array([0.0, -BESIDE])
    line = np.concatenate([[edge[0] + above], edge, [edge[-1] + above], [CENTRE]])
    return line @ back[:, :2].T + back[:, 2], confidence


def _pit(shape: Shape, there: Points, cloth: Flags) -> float | None:
    """Returns the window's row of the pit of the wearer's neck, if cloth hides it from well above; else None.

    `there` leads from the landmarks' pixels to those of the window.
    """
    if not {"right_hem", "left_hem"} <= shape.landmarks.keys():
        return None
    body = measure(shape)
    row = float((there @ [body.x, body.y(PIT), 1.0])[1])
    columns = cloth[:, BESIDE + WIDE // 2 - 10 : BESIDE + WIDE // 2 + 10]
    top = float(np.median(columns.argmax(axis=0)))
    return row if row - top > HIDDEN * WIDE else None


def _to_ends(radius: Points) -> Points:
    """Leads the edge straight on to near the ends of the neck, where too little cloth is left to follow."""
    found = radius.copy()
    for ray in (found, found[::-1]):
        goal = np.clip(2 * ray[END_RAYS] - ray[2 * END_RAYS], EAR - CLOSE, EAR + CLOSE)
        ray[:END_RAYS] = np.linspace(goal, ray[END_RAYS], END_RAYS, endpoint=False)
    return found


def without(pixels: RGB, alpha: Matte, foreground: RGB, line: Points) -> tuple[Matte, RGB]:
    """Returns matte and foreground, photo size, without what `line` encloses.

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


def _front_edge(neck: Neck, pit: float | None) -> tuple[Path | None, float]:
    """Returns the front's edge, an index of radius for each ray, if it is sure; and how sure the best path is.

    Where the `pit` of the neck is hidden and the seam of a front's rib is found near it, the edge lies a rib above.
    """
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
    seam: Path | None = None
    for _ in range(TRIES):
        path = best_path(votes, allowed, MOVE, MOST)
        course = smooth(path, STIFF, ROUGH / 2, 4 * ROUGH)
        off = radii - NEAR - course
        edge = best_path(neck.step, np.abs(off) < ROUGH, MOVE / 2, 3)
        parts = [float(each.mean()) for each in np.array_split(neck.step[edge, rays][~beside], PARTS)]
        confidence = sorted(parts)[1] * (1 - 2 * float(np.mean(np.abs(path - course) > ROUGH)))
        if not _is_rib(neck, edge) and not _is_front_seam(neck, edge, below):
            best = max(best, confidence)
            if confidence >= SURE:
                return edge, confidence
        elif seam is None and pit is not None and confidence >= SURE and not _is_rib(neck, edge):
            seam = edge if abs(CENTRE[1] + NEAR + edge[RAYS // 2] - pit) < RIBBED * WIDE else None
        for shift in range(-SIDE - 1, SIDE + 2):
            at = np.clip(path + shift, 0, len(radii) - 1)
            votes[at, rays] = np.where(np.minimum(rays, RAYS - 1 - rays) < RAYS // 6, votes[at, rays], -0.2)
    if seam is None:
        return None, best
    over = np.maximum(seam - round(RIBBED * WIDE), np.where(beside, 0, first + LEAST))
    return over.astype(np.intp), SURE


def _is_rib(neck: Neck, path: Path) -> bool:
    """Whether the path keeps its distance from the outline: the seam of the back collar, or a rim in shade."""
    rays = np.arange(RAYS)
    across = (neck.x[path, rays] - BESIDE) / WIDE
    low, middle, high = np.percentile(neck.away[path, rays][(across > 0.1) & (across < 0.9)] / WIDE, [10, 50, 60])
    return bool(middle < RIM or (middle < RIB and low > EVEN * high))


def _is_front_seam(neck: Neck, path: Path, below: Flags) -> bool:
    """Whether the path, left free, runs on outside the ends of the neck, as a front collar's seam does."""
    radii = np.arange(NEAR, FAR)[:, None]
    held = np.abs(radii - NEAR - path) < ROUGH
    held[:, : RAYS // 4] = held[:, -(RAYS // 4) :] = True
    free = best_path(neck.step, held & below, MOVE, MOST)
    beside = [END_RAYS, RAYS - 1 - END_RAYS]
    return bool((free[beside] - path[beside]).max() > OUTSIDE)
