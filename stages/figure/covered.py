"""What of the body the garment covers, and where skin is seen all the same."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Placed, Sealed
from stages.figure.anatomy import Anatomy
from stages.figure.body import Camera, Rest
from stages.figure.records import Floats
from stages.figure.tuck import INSET, SIDES, drawn_in, homes, lowest, standing_out, sticking_out, tucked
from stages.matte.backdrop import connected

Flags = npt.NDArray[np.bool_]

#: Share of stature over which the cover of a limb that leaves its sleeve fades.
CUFF = 0.02

#: Holes nearer to the middle of the trunk than this share of stature are made in it, not between it and a sleeve.
KEYHOLE = 0.06

#: Armpits lie so far below a garment's top, as a share of stature, where it has none to tell.
PIT = 0.12


@dataclass(frozen=True, slots=True, eq=False)
class Cover(Sealed):
    """The body under its garment."""

    vertices: Floats
    """V x 3 in the body's axes, moved."""
    share: Floats
    """V in [0, 1]: how far each vertex is covered."""
    kept: Flags
    """T: faces of the skin; False for those that nothing would hide and nothing should show, beside a sleeve."""
    sticking_out: int
    """Canvas pixels of covered faces that lie outside the garment where no skin is to be seen."""


def cover(
    anatomy: Anatomy,
    body: Rest,
    transforms: npt.NDArray[np.float64],
    vertices: Floats,
    camera: Camera,
    placed: Placed,
    stature: float,
) -> Cover:
    """Brings what the garment covers of the body inside it.

    `vertices` are V x 3 in the body's axes, in the pose of `transforms`; `stature` is in canvas pixels.
    """
    matrix = camera.matrix
    seen = vertices @ matrix[:2, :3].T + matrix[:2, 3]
    cloth = np.zeros((placed.height, placed.width), bool)
    cloth[placed.window] = placed.matte > 0.5
    joints = {
        name: matrix[:2, :3] @ (transforms[at, :3, :3] @ body.heads[at] + transforms[at, :3, 3]) + matrix[:2, 3]
        for at, name in enumerate(anatomy.bones)
    }
    share = covered(anatomy, seen, joints, placed, stature)
    bare = shown(placed, cloth, stature)
    # Through the neckline there is room for the body, however near to its middle the cloth ends there.
    seen = drawn_in(anatomy, seen, share, cloth | bare, stature, placed)
    for part, own in homes(anatomy, placed, cloth, float(joints["spine03"][0]), camera.view):
        seen = tucked(seen, share * part, own, bare, max(1.5, INSET * stature))
    moved = vertices.copy()
    moved[:, [0, 2]] = (seen - matrix[:2, 3]) @ np.linalg.inv(matrix[:2, [0, 2]]).T
    kept = ~standing_out(anatomy, seen, share, cloth | bare)
    return Cover(moved, share, kept, sticking_out(anatomy, seen, share, cloth | bare, kept))


def covered(
    anatomy: Anatomy,
    seen: npt.NDArray[np.float64],
    joints: dict[str, npt.NDArray[np.float64]],
    placed: Placed,
    stature: float,
) -> Floats:
    """Returns how far the garment covers each vertex, V in [0, 1]; head, neck, hands and feet never."""
    marks, shape = placed.shape.landmarks, placed.shape
    share = np.zeros(len(seen), np.float32)
    y0, low = placed.box[1], lowest(placed)
    arms = {side: anatomy.mostly(f"upperarm01.{end}") for side, end in SIDES.items()}
    legs = {side: anatomy.mostly(f"upperleg01.{end}") for side, end in SIDES.items()}
    trunk = ~(arms["right"] | arms["left"] | anatomy.mostly("neck01"))
    if shape.category == "swim":
        trunk &= ~(legs["right"] | legs["left"])
    share[trunk] = (seen[trunk, 1] >= y0) & (seen[trunk, 1] <= low)
    for side, end in SIDES.items():
        if shape.from_waist or f"{side}_cuff" not in marks:
            continue
        path = np.array([joints[f"{bone}.{end}"] for bone in ("upperarm01", "lowerarm01", "wrist")])
        cuff, _ = along(np.array([marks[f"{side}_cuff"]]), path)
        at, _ = along(seen[arms[side]], path)
        share[arms[side]] = np.clip((cuff - at) / (CUFF * stature) + 0.5, 0, 1)
    for root in ("neck01", "wrist.L", "wrist.R", "foot.L", "foot.R"):
        share[anatomy.mostly(root)] = 0
    return share


def along(
    points: npt.NDArray[np.float64], path: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Returns how far along a path the nearest place to each point lies, and how far away; the last leg goes on."""
    best = np.full(len(points), np.inf)
    found, start = np.zeros(len(points)), 0.0
    for at, (a, b) in enumerate(pairwise(path)):
        length = max(float(np.linalg.norm(b - a)), 1e-9)
        t = (points - a) @ (b - a) / length
        t = np.maximum(t, 0) if at == len(path) - 2 else np.clip(t, 0, length)
        away = np.linalg.norm(points - (a + t[:, None] * (b - a) / length), axis=1)
        nearer = away < best
        best[nearer], found[nearer] = away[nearer], start + t[nearer]
        start += length
    return found, best


def shown(placed: Placed, cloth: Flags, stature: float) -> Flags:
    """Returns where the body is to be seen though a covered part of it may lie there, H x W.

    That is the neckline, above the cloth between its highest points on either side; holes in the garment, but not the
    gap between a sleeve and the trunk; and, where straps or nothing hold it, all above the cloth and beside it down to
    the armpits.
    """
    marks = placed.shape.landmarks
    x0, y0, x1, _ = placed.box
    middle = marks["collar"][0] if "collar" in marks else 0.5 * (x0 + x1)
    pits = [marks[f"{side}_armpit"][1] for side in SIDES if f"{side}_armpit" in marks]
    bare = _holes(cloth, middle, min(pits, default=y0 + PIT * stature), stature)
    if placed.shape.from_waist:
        return bare
    columns = np.flatnonzero(cloth.any(axis=0))
    tops = cloth[:, columns].argmax(axis=0)
    rows = np.arange(cloth.shape[0])[:, None]
    sleeves = any(f"{side}_cuff" in marks for side in SIDES)
    if not sleeves or "right_strap" in marks:
        bare[:, columns] |= rows < tops[None]
    if not sleeves or "right_strap" in marks:
        # Off the shoulder, the neckline runs on across the arms.
        low = round(min(pits) if pits else marks["collar"][1] if sleeves and "collar" in marks else y0)
        bare[:low] |= ~cloth[:low]
    peaks = []
    for side in (columns < middle, columns >= middle):
        # The highest point beside the neck, not a raised sleeve's: within the shoulders.
        near = side & (np.abs(columns - middle) < _half_neck(placed))
        if near.any():
            peaks.append(int(columns[near][tops[near].argmin()]))
    if len(peaks) == len(SIDES):
        inner = (columns >= peaks[0]) & (columns <= peaks[1])
        above = np.zeros_like(bare)
        above[:, columns[inner]] = rows < tops[inner][None]
        # A ruffle or a collar's tip may hang over the edge of the neckline.
        opening = ~cloth & (rows < min(pits, default=y0 + PIT * stature))
        opening[:, : peaks[0]] = opening[:, peaks[1] + 1 :] = False
        bare |= above | connected(opening, above)
    return bare


def _holes(cloth: Flags, middle: float, pit: float, stature: float) -> Flags:
    """Returns the holes of a garment that show skin: above the armpits, or near the middle of the trunk."""
    outside = np.pad((~cloth).astype(np.uint8), 1, constant_values=1)
    cv2.floodFill(outside, None, (0, 0), 2)
    count, labels, _, centres = cv2.connectedComponentsWithStats((outside == 1)[1:-1, 1:-1].astype(np.uint8))
    skin = (centres[:, 1] < pit) | (np.abs(centres[:, 0] - middle) < KEYHOLE * stature)
    skin[0] = False
    return np.asarray(skin[labels] if count > 1 else np.zeros_like(cloth))


def _half_neck(placed: Placed) -> float:
    """Returns how far from the middle the ends of a neckline may lie, in pixels."""
    marks = placed.shape.landmarks
    for kind in ("strap", "shoulder"):
        if f"right_{kind}" in marks and f"left_{kind}" in marks:
            return 0.5 * abs(marks[f"right_{kind}"][0] - marks[f"left_{kind}"][0]) + 1
    return 0.5 * (placed.box[2] - placed.box[0])
