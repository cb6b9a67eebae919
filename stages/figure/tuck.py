"""Brings what a garment covers of a body inside the garment.

A flat sleeve may be narrower than the arm that it held, a hung waist narrower than the hips: covered parts are first
drawn in sideways, row by row; what still stands out is moved under the nearest cloth. Since the garment lies over it,
no one sees the difference, and no skin is seen beside a sleeve or a hem.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import nearest
from stages.contracts import Placed, View
from stages.figure.anatomy import Anatomy
from stages.figure.records import Floats

Flags = npt.NDArray[np.bool_]

#: Covered parts end this deep inside the garment's outline, a share of stature, at least 1.5 pixels.
INSET = 0.003
#: The least share of its width that the trunk keeps in a row: the hips of 2XL in a garment that was cut for S.
SLIM = 0.66
#: Rows that are drawn in together, and rows over which drawing in fades beyond a hem, as shares of stature.
SMOOTH, FADE = 0.02, 0.2
#: Where the legs part, below the tops of the thighs, a share of stature.
CROTCH = 0.06

SIDES = {"right": "R", "left": "L"}


def lowest(placed: Placed) -> float:
    """The row at which the garment ends on the body: its hems, or a swimsuit's crotch; sleeves may hang lower."""
    marks = placed.shape.landmarks
    hems = [marks[f"{side}_hem"][1] for side in SIDES if f"{side}_hem" in marks]
    return float(max(hems) if hems else marks.get("crotch", (0, placed.box[3] - 1))[1])


def drawn_in(
    anatomy: Anatomy,
    seen: npt.NDArray[np.float64],
    share: Floats,
    cloth: Flags,
    stature: float,
    placed: Placed,
) -> npt.NDArray[np.float64]:
    """Draws the trunk in sideways where it is wider than the garment, rows fading out beyond the hem or the waist."""
    trunk = ~anatomy.mostly("upperarm01.L", "upperarm01.R", "neck01", "foot.L", "foot.R")
    y0, y1 = placed.box[1], max(placed.box[1] + 1, min(round(lowest(placed)) + 1, placed.height))
    middle = float(np.median(seen[anatomy.mostly("spine05") & trunk, 0]))
    found = seen.copy()
    for side in (-1, 1):
        own = trunk & ((seen[:, 0] - middle) * side > 0)
        inside = own & (share > 0) & (seen[:, 1] >= y0) & (seen[:, 1] < y1)
        wide = np.zeros(y1 - y0)
        np.maximum.at(wide, seen[inside, 1].astype(int) - y0, np.abs(seen[inside, 0] - middle))
        room = _room(cloth[y0:y1], middle, side) - INSET * stature
        known = (wide > 0) & (room > 0)
        if not known.any():
            continue
        # Vertices lie farther apart than rows.
        factor = np.clip(room[known] / wide[known], SLIM, 1)
        near = max(3, round(SMOOTH * stature)) | 1
        rows = np.interp(np.arange(y1 - y0), np.flatnonzero(known), factor)[:, None].astype(np.float32)
        rows = cv2.blur(cv2.erode(rows, np.ones((near, 1), np.uint8)), (1, near))[:, 0]
        beyond = np.maximum(np.maximum(y0 - seen[own, 1], seen[own, 1] - y1), 0) / (FADE * stature)
        held = np.clip(1 - beyond, 0, 1)
        held = held * held * (3 - 2 * held)
        at = np.clip(np.rint(seen[own, 1]).astype(int) - y0, 0, len(rows) - 1)
        found[own, 0] = middle + (seen[own, 0] - middle) * (1 - held * (1 - rows[at]))
    return found


def tightness(
    anatomy: Anatomy, seen: npt.NDArray[np.float64], cloth: Flags, stature: float, placed: Placed
) -> float | None:
    """Returns how much of a trunk's width a garment is wide, in its narrow half; None where it tells nothing.

    Rows from the armpits to the hem, or to the crotch, count, in which the garment is one stretch about the middle.
    `seen` are the points of a body, V x 2 or more in canvas pixels, that need not have its pose yet.
    """
    marks = placed.shape.landmarks
    trunk = ~anatomy.mostly("upperarm01.L", "upperarm01.R", "neck01", "foot.L", "foot.R")
    crotch = float(seen[anatomy.mostly("upperleg01.L", "upperleg01.R"), 1].min()) + CROTCH * stature
    pits = [marks[f"{side}_armpit"][1] for side in SIDES if f"{side}_armpit" in marks]
    y0 = round(max(pits, default=placed.box[1] + 0.02 * stature))
    y1 = min(round(lowest(placed)), round(crotch), placed.box[3])
    step = max(2, round(SMOOTH * stature))
    middle = float(np.median(seen[anatomy.mostly("spine05") & trunk, 0]))
    room = np.minimum(_room(cloth, middle, -1), _room(cloth, middle, 1))
    shares = []
    for top in range(y0, y1 - step, step):
        own = trunk & (seen[:, 1] >= top) & (seen[:, 1] < top + step)
        wide, open_ = np.abs(seen[own, 0] - middle), float(np.median(room[top : top + step]))
        if len(wide) and open_ > 0:
            shares.append(open_ / float(wide.max()))
    return float(np.quantile(shares, 0.25)) if shares else None


def _room(cloth: Flags, middle: float, side: int) -> npt.NDArray[np.float64]:
    """Returns for each row how far the stretch of cloth about the middle reaches to one side; 0 where there is none."""
    at = int(np.clip(round(middle), 0, cloth.shape[1] - 1))
    half = cloth[:, at:] if side > 0 else cloth[:, at::-1]
    gap = ~half
    first = np.where(gap.any(axis=1), gap.argmax(axis=1), half.shape[1])
    return np.asarray(np.where(half[:, 0], first, 0), np.float64)


def homes(anatomy: Anatomy, placed: Placed, cloth: Flags, middle: float, view: View) -> list[tuple[Flags, Flags]]:
    """Returns each part of the body, as vertices, with the part of the garment that it belongs in.

    Where a gap parts sleeve and trunk, arms belong in the one and the rest in the other; below the crotch each leg
    belongs on its own side.
    """
    marks = placed.shape.landmarks
    trunk = np.zeros_like(cloth)
    columns = np.arange(cloth.shape[1])
    for side in (-1, 1):
        reach = _room(cloth, middle, side)[:, None]
        trunk |= ((columns - middle) * side >= 0) & ((columns - middle) * side < reach)
    trunk &= cloth
    whole = trunk.any(axis=1, keepdims=True)
    found: list[tuple[Flags, Flags]] = []
    arms = np.zeros(len(anatomy.template), bool)
    ways = {"L": 1, "R": -1} if view == "front" else {"L": -1, "R": 1}
    for end, way in ways.items():
        arm = anatomy.mostly(f"upperarm01.{end}")
        arms |= arm
        own = cloth & ((columns - middle) * way > 0)
        apart = (own & ~trunk).any(axis=1, keepdims=True)
        found.append((arm, own & (~trunk | ~apart)))
    rest = ~arms
    if "crotch" in marks:
        low = np.arange(cloth.shape[0])[:, None] >= marks["crotch"][1]
        for end, way in ways.items():
            leg = anatomy.mostly(f"upperleg02.{end}")
            found.append((leg, cloth & low & ((columns - marks["crotch"][0]) * way > 0)))
            rest &= ~leg
        # The body's middle may lie over one trouser leg: that alone is not the trunk.
        whole = whole & ~low
    found.append((rest, np.where(whole, trunk, cloth)))
    return found


def tucked(
    seen: npt.NDArray[np.float64], share: Floats, cloth: Flags, bare: Flags, inset: float
) -> npt.NDArray[np.float64]:
    """Moves covered points that lie outside the garment to the nearest place inside it, `inset` deep."""
    height, width = cloth.shape
    deep = cv2.distanceTransform(np.pad(cloth.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    core = deep >= inset
    if not core.any():
        return seen
    x = np.clip(np.rint(seen[:, 0]).astype(np.intp), 0, width - 1)
    y = np.clip(np.rint(seen[:, 1]).astype(np.intp), 0, height - 1)
    away, place = nearest(core, (y, x))
    out = (share > 0) & ~core[y, x] & ~bare[y, x] & (away > 0)
    # Outside the frame nothing is seen.
    framed = (seen[:, 0] >= 0) & (seen[:, 0] < width) & (seen[:, 1] >= 0) & (seen[:, 1] < height)
    out &= framed
    goal = np.stack([place[out] % width, place[out] // width], axis=1)
    found = seen.copy()
    found[out] += share[out, None] * (goal - seen[out])
    return found


def standing_out(anatomy: Anatomy, seen: npt.NDArray[np.float64], share: Floats, allowed: Flags) -> Flags:
    """Returns, for each face of the skin, whether it is covered and yet reaches outside of where skin may be."""
    skin = anatomy.patches["skin"]
    faces = skin.vertices[skin.faces]
    height, width = allowed.shape
    corners = seen[faces]
    at = np.einsum("sc,tcx->tsx", SAMPLES, corners)
    x, y = (np.rint(at[..., axis]).astype(int) for axis in (0, 1))
    framed = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    fine = ~framed | allowed[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
    return np.asarray((share[faces].min(axis=1) >= 1) & ~fine.all(axis=1))


#: Where on a face it is asked whether it stands out: corners, middles of sides, middle; barycentric.
SAMPLES = np.array(
    [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [1 / 3, 1 / 3, 1 / 3]]
)


def sticking_out(anatomy: Anatomy, seen: npt.NDArray[np.float64], share: Floats, allowed: Flags, kept: Flags) -> int:
    """Counts the pixels of covered skin outside of where it may be."""
    skin = anatomy.patches["skin"]
    faces = skin.vertices[skin.faces]
    faces = faces[(share[faces].min(axis=1) >= 1) & kept]
    height, width = allowed.shape
    drawn = np.zeros((height, width), np.uint8)
    shift = 4
    for triangle in np.rint(seen[faces] * (1 << shift)).astype(np.int32):
        cv2.fillConvexPoly(drawn, triangle, 1, cv2.LINE_8, shift)
    return int(np.count_nonzero((drawn > 0) & ~allowed))
