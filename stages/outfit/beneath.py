"""What of an outfit's layers is hidden by how they are worn, beside what lies right over them.

A waistband that is wider than the top over it would stand out beside that: on a body the top lies around it. A top that
is tucked in ends where the waistband begins, however far it reaches in its photo.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Layer, Placed
from stages.outfit.kinds import LOWER, UPPER, tucked

Flags = npt.NDArray[np.bool_]

#: A hem is looked for over this share of a garment's height.
LOW = 0.12
#: Beside its trunk a hem goes on as high as it is over this share of the trunk's width.
EASE = 0.05


def beneath(layers: Sequence[Layer]) -> list[Layer]:
    """Returns the layers, back to front, without what is hidden."""
    tucks = tucked([each.kind for each in layers])
    uppers = [each.placed for each in layers if each.kind in UPPER]
    lowers = [each.placed for each in layers if each.kind in LOWER]
    coats = [each.placed for each in layers if each.kind == "outerwear"]
    found = []
    for layer in layers:
        hidden = np.zeros(layer.placed.matte.shape, np.bool_)
        if layer.kind in LOWER and uppers and not tucks:
            hidden |= _over_hem(layer.placed, uppers[-1])
        elif layer.kind == "top" and lowers and tucks:
            hidden |= _under_waist(layer.placed, lowers[-1])
        if layer.kind in UPPER and coats:
            hidden |= _over_shoulders(layer.placed, coats[0])
        if layer.kind == "top" and coats:
            hidden |= _beside(layer.placed, coats[0])
        found.append(replace(layer, placed=_without(layer.placed, hidden)) if hidden.any() else layer)
    return found


def _over_hem(placed: Placed, upper: Placed) -> Flags:
    """Returns which pixels of a layer's box lie over the hem of what is worn above: over its lower edge, carried on."""
    trunk = _trunk(upper)
    rows = np.flatnonzero(trunk.any(axis=1))
    if not len(rows):
        return np.zeros(placed.matte.shape, np.bool_)
    # As wide as it is a little over the lowest point: farther up, sleeves are one stretch with it.
    columns = np.flatnonzero(trunk[rows[-1] - round(LOW * (rows[-1] - rows[0]))])
    ends = trunk.shape[0] - trunk[::-1, columns].argmax(axis=0) + upper.box[1]
    near = max(1, round(EASE * len(columns)))
    # Beside the trunk the hem goes on as high as it ends.
    sides = float(np.median(ends[:near])), float(np.median(ends[-near:]))
    x0, y0, x1, y1 = placed.box
    line = np.interp(np.arange(x0, x1), columns + upper.box[0], ends, *sides)
    return np.asarray(np.arange(y0, y1)[:, None] < line[None] - 1)


def _under_waist(placed: Placed, lower: Placed) -> Flags:
    """Returns which pixels of a top's trunk lie under the waistband that it is tucked into; sleeves hang over it."""
    marks = lower.shape.landmarks
    ends = sorted(marks[f"{side}_waist"] for side in ("right", "left") if f"{side}_waist" in marks)
    if len(ends) < 2:
        return np.zeros(placed.matte.shape, np.bool_)
    (ax, ay), (bx, by) = ends
    x0, y0, x1, y1 = placed.box
    line = np.interp(np.arange(x0, x1), [ax, max(bx, ax + 1)], [ay, by])
    trunk = _trunk(placed)
    # With the soft edge that goes with it.
    grown = cv2.dilate(trunk.astype(np.uint8), np.ones((3, 7), np.uint8)) > 0
    return np.asarray((np.arange(y0, y1)[:, None] >= line[None]) & grown)


def _trunk(placed: Placed) -> Flags:
    """Returns which pixels of a garment's box are its trunk's: in each row the stretch of cloth about its axis."""
    cloth = placed.matte > 0.5
    at = _axis(placed)
    found = np.zeros_like(cloth)
    for row, own in zip(cloth, found, strict=True):
        if not row[at]:
            continue
        before, after = ~row[at::-1], ~row[at:]
        first = at + 1 - (int(before.argmax()) if before.any() else at + 1)
        own[first : at + (int(after.argmax()) if after.any() else len(row) - at)] = True
    return found


def _axis(placed: Placed) -> int:
    """Returns the column of a garment's box at its middle, by its shoulders, waist or hem."""
    marks = placed.shape.landmarks
    pairs = [(f"right_{name}", f"left_{name}") for name in ("shoulder", "strap", "armpit", "waist", "hem")]
    middle = next((0.5 * (marks[a][0] + marks[b][0]) for a, b in pairs if a in marks and b in marks), None)
    width = placed.matte.shape[1]
    return int(np.clip(width // 2 if middle is None else round(middle - placed.box[0]), 0, width - 1))


def _over_shoulders(placed: Placed, coat: Placed) -> Flags:
    """Returns which pixels of what is worn under a coat stand out over its shoulders, outside of its neckline."""
    cloth = coat.matte > 0.5
    x0, y0, x1, y1 = placed.box
    left, top = coat.box[:2]
    axis = _axis(coat)
    columns = np.flatnonzero(cloth.any(axis=0))
    tops = cloth[:, columns].argmax(axis=0)
    line = np.full(x1 - x0, -np.inf)
    for side in (columns < axis, columns >= axis):
        if not side.any():
            return np.zeros(placed.matte.shape, np.bool_)
        peak = columns[side][int(tops[side].argmin())]
        beside = side & (np.abs(columns - axis) >= abs(peak - axis))
        at = columns[beside] + left - x0
        inside = (at >= 0) & (at < x1 - x0)
        line[at[inside]] = tops[beside][inside] + top
    return np.asarray(np.arange(y0, y1)[:, None] < line[None])


def _beside(placed: Placed, coat: Placed) -> Flags:
    """Returns which pixels of a top stand out to the sides of the coat over it, in the rows that the coat reaches."""
    cloth = coat.matte > 0.5
    x0, y0, x1, y1 = placed.box
    left, top = coat.box[:2]
    own = np.arange(max(y0, top), min(y1, top + len(cloth)))
    found = np.zeros(placed.matte.shape, np.bool_)
    own = own[cloth[own - top].any(axis=1)]
    rows = cloth[own - top]
    first = left + rows.argmax(axis=1)[:, None]
    last = left + rows.shape[1] - 1 - rows[:, ::-1].argmax(axis=1)[:, None]
    columns = np.arange(x0, x1)[None]
    found[own - y0] = (columns < first) | (columns > last)
    return found


def _without(placed: Placed, hidden: Flags) -> Placed:
    return replace(placed, matte=np.where(hidden, np.float32(0), placed.matte))
