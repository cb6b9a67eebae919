"""Finds landmarks on the outline of a garment: neck, shoulders, armpits, cuffs, waist, hems, crotch.

Each side is read as a path from the neckline down to the hem, so that sleeves, straps and halters are all told by where
the path turns.
"""

from dataclasses import dataclass
from math import hypot
from typing import Literal

import numpy as np

from stages.contracts import Point
from stages.legs import central_run
from stages.outline import Bools, Floats, bulge

#: In shoulder widths: how far a sleeve may hide an armpit; how far a short sleeve's opening lies from it at most; how
#: far the openings of two sleeves may differ, mirrored (real ones read right differ by up to 0.08).
HIDDEN, SHORT, UNLIKE = 0.15, 0.5, 0.12


@dataclass(frozen=True, slots=True, eq=False)
class Flank:
    """One side of a garment that hangs from the shoulders; points are (u, y), u outwards from the axis."""

    neck: Point
    """The highest point: where shoulder and neck meet, or the top of a strap or of a high collar."""
    shoulder: Point
    """The outer end of the shoulder, or the top of a strap."""
    armpit: Point | None
    cuff: Point | None
    """Middle of the sleeve's opening; None without a sleeve."""
    hem: Point
    kind: Literal["shoulder", "strap", "bare"] = "shoulder"
    """What the cloth hangs from: bare is a halter or a strapless garment, whose upper corner is the armpit."""


def flank(path: Floats, unit: float, forked: bool = False) -> Flank:
    """Reads one side's path; `unit` is the garment's size (square root of its area), `forked` says it has legs."""
    upper = np.flatnonzero(path[:, 1] < path[:, 1].min() + 0.5 * np.ptp(path[:, 1]))
    neck = int(upper[np.argmin(path[upper, 1])])
    strap = is_strap(path, neck, unit)
    underside = sleeve_underside(path, neck, unit)
    if underside is None and not forked:
        underside = hanging_sleeve(path, neck, unit)
    if underside is None:
        return sleeveless(path, neck, strap, unit)
    start, end = underside
    corner = int(np.argmax(path[end:, 0] + path[end:, 1])) + end
    cuff = opening_below(path, start, end, unit) or opening(path, neck, end)
    tip = int(np.argmin(np.hypot(*(path[neck : start + 1] - cuff).T))) + neck
    base = min(collar_base(path, neck, min(tip, _reach(path, neck, 0.3 * unit)), unit, start), max(start - 3, neck))
    shoulder, rise = bulge(path, base, max(min(tip, _reach(path, base, 0.35 * unit)), base + 3))
    if strap:
        shoulder = neck
    elif rise < (0.03 if path[shoulder, 0] > 1.25 * path[end, 0] else 0.02) * unit:
        # A straight line from neck to cuff: the seam of a set-in sleeve lies about above the armpit.
        outer = np.flatnonzero(path[base:start, 0] >= 0.95 * path[end, 0])
        shoulder = base + int(outer[0]) if len(outer) else shoulder
    return Flank(
        _at(path, neck), _at(path, shoulder), _at(path, end), cuff, _at(path, corner), "strap" if strap else "shoulder"
    )


def sleeveless(path: Floats, neck: int, strap: bool, unit: float) -> Flank:
    """Reads a side without a sleeve: tank, straps, halter, strapless."""
    height = float(path[:, 1].max() - path[:, 1].min())
    base = collar_base(path, neck, _reach(path, neck, 0.3 * unit), unit)
    shoulder, _ = bulge(path, base, _reach(path, base, 0.35 * height))
    if strap:
        shoulder = neck
    # Armpits lie within 0.65 shoulder widths of the shoulder; straps are set closer together than shoulders.
    armpit = underarm(path, shoulder, min((2.6 if strap else 1.3) * path[shoulder, 0], 0.5 * height), unit)
    hem = _at(path, int(np.argmax(path[neck:, 0] + path[neck:, 1])) + neck)
    run, drop = path[shoulder] - path[base]
    # Shoulders slope by 10 to 30 degrees. What falls steeper from a standing collar is a halter's edge; a level upper
    # edge has no shoulders at all.
    halter = base > neck and drop > run
    strapless = not strap and armpit is None and path[shoulder, 1] - path[neck, 1] < 0.11 * path[shoulder, 0]
    kind: Literal["shoulder", "strap", "bare"] = "bare" if halter or strapless else "strap" if strap else "shoulder"
    return Flank(_at(path, neck), _at(path, shoulder), armpit, None, hem, kind)


def collar_base(path: Floats, neck: int, end: int, unit: float, last: int | None = None) -> int:
    """Where a standing collar meets the shoulder: the kink of the path below its upper corner, before `last`."""
    upper, _ = bulge(path, neck, end)
    widest = path[neck : _reach(path, neck, 0.8 * unit) + 1, 0].max()
    for start, stop in ((neck, end), (upper, _reach(path, upper, 0.3 * unit))):
        kink, depth = _hollow(path, start, stop if last is None else max(start, min(stop, last)))
        if depth > 0.012 * unit and path[kink, 0] < 0.7 * widest:
            return kink
    return neck


def is_strap(path: Floats, neck: int, unit: float) -> bool:
    """Whether the highest point is the top of a strap: cloth narrower than 0.12 unit for 0.1 unit down."""
    level = path[neck, 1] + 0.1 * unit
    inner = np.flatnonzero(path[:neck, 1] <= level)
    outer = np.flatnonzero(path[neck:, 1] >= level)
    if not len(outer) or path[0, 1] < level:
        return False
    return bool(path[neck + outer[0], 0] - path[inner[0], 0] < 0.12 * unit)


def hanging_sleeve(path: Floats, neck: int, unit: float) -> tuple[int, int] | None:
    """Returns the stretch from cuff to hem of a sleeve that hugs the body and ends below the hem, or None."""
    low = int(np.argmax(path[neck:, 1])) + neck
    climb = path[low, 1] - path[-1, 1]
    if climb < 0.06 * unit or path[low, 0] < 0.25 * path[:, 0].max():
        return None
    end = low + int(np.flatnonzero(path[low:, 1] < path[-1, 1] + 0.15 * climb)[0])
    return low, end


def sleeve_underside(path: Floats, neck: int, unit: float) -> tuple[int, int] | None:
    """Returns the stretch of a side's path that runs back from cuff to armpit, or None without a sleeve.

    Down a body the outline descends; only under a sleeve does it run inwards or climb and then descend again. The
    hem runs inwards too, but no body follows.
    """
    step = max(2, round(0.015 * unit))
    index = np.arange(len(path))
    du, dy = (path[np.minimum(index + step, len(path) - 1)] - path[np.maximum(index - step, 0)]).T
    length = np.hypot(du, dy) + 1e-9
    back = ((du < 0) & (dy < 0.8 * length)) | (dy < -0.5 * length)
    back[: neck + step] = False
    best, found = 0.0, None
    for start, end in _stretches(back, join=round(0.06 * unit)):
        inwards, climb = path[start] - path[end]
        descends = path[end:, 1].max() - path[end, 1]
        gain = max(inwards, 0) + max(climb, 0)
        body = path[end, 0] > 0.1 * unit and not _closes(path, end)
        if gain > 0.06 * unit and gain > best and descends > 0.1 * unit and body:
            best, found = gain, (start, end)
    return found


def _closes(path: Floats, start: int) -> bool:
    """Whether the path narrows to the axis from here on: what came before was a leg's opening, not a sleeve's."""
    end = start + int(np.argmax(path[start:, 1]))
    level = path[start, 1] + 0.8 * (path[end, 1] - path[start, 1])
    below = path[start : end + 1, 0][path[start : end + 1, 1] >= level]
    return bool(len(below)) and below.max() < 0.75 * path[start, 0]


def opening(path: Floats, neck: int, armpit: int) -> Point:
    """Returns the middle of the sleeve's opening: the far end of the stretch from neck to armpit."""
    sleeve = path[neck : armpit + 1]
    root = 0.5 * (path[neck] + path[armpit]) if path[armpit, 1] > path[neck, 1] else path[neck]
    far = sleeve[np.argmax(np.hypot(*(sleeve - root).T))]
    for _ in range(4):
        way = (far - root) / (np.hypot(*(far - root)) + 1e-9)
        along, across = (sleeve - root) @ way, (sleeve - root) @ np.array([-way[1], way[0]])
        end = np.flatnonzero(along > 0.85 * along.max())
        # The two corners of the opening are the points farthest out along either diagonal.
        corners = [end[np.argmax(along[end] + sign * across[end])] for sign in (-1, 1)]
        far = sleeve[corners].mean(axis=0)
    return float(far[0]), float(far[1])


def opening_below(path: Floats, start: int, end: int, unit: float) -> Point | None:
    """Returns the middle of an opening that itself runs inwards, as a short sleeve's does, or None.

    The stretch back to the armpit then has a corner: the opening before it, the sleeve's underside after it.
    """
    corner, depth = bulge(path, start, end)
    edge, under = path[corner] - path[start], path[end] - path[corner]
    lengths = np.hypot(*edge), np.hypot(*under)
    if depth < 0.02 * unit or not 0.05 * unit < lengths[0] < 0.4 * unit or lengths[1] < 0.02 * unit:
        return None
    turn = np.degrees(np.arccos(np.clip((edge @ under) / (lengths[0] * lengths[1]), -1, 1)))
    middle = 0.5 * (path[start] + path[corner])
    return (float(middle[0]), float(middle[1])) if turn > 30 else None


def underarm(path: Floats, shoulder: int, drop: float, unit: float) -> Point | None:
    """Returns where a sleeveless armhole ends, at most `drop` below the shoulder: the corner below its hollow.

    Straight armholes have no hollow; the corner then stands out from the line between shoulder and waist.
    """
    hollow, depth = _hollow(path, shoulder, _reach(path, shoulder, drop))
    found, distance = bulge(path, hollow, _reach(path, hollow, drop))
    if (depth >= 0.01 * unit and distance > 0.005 * unit) or (depth > 0.003 * unit and distance > 0.05 * unit):
        return _at(path, found)
    low, high = _reach(path, shoulder, 0.8 * drop), _reach(path, shoulder, 2.6 * drop)
    waist = low + int(np.argmin(path[low : high + 1, 0]))
    found, distance = bulge(path, shoulder, waist)
    return _at(path, found) if low < waist < high and distance > 0.012 * unit else None


def buried(flank_: Flank) -> bool:
    """Whether the sleeve hides the armpit: the gap beside the body then starts far too low.

    On the real garments looked at, armpits lie 0.4 to 0.66 shoulder widths below the shoulder; where the sleeve hides
    them, the gap starts 0.77 and more below.
    """
    if not flank_.armpit or not flank_.cuff:
        return False
    return flank_.armpit[1] - flank_.shoulder[1] > 0.7 * 2 * flank_.shoulder[0]


def torso(mask: Bools, centre: float, right: Flank, left: Flank) -> dict[str, Point]:
    """Returns the landmarks of a top or dress in grid pixels."""
    found: dict[str, Point] = {}
    column = np.flatnonzero(mask[:, round(centre)])
    if len(column):
        found["collar"] = (centre, float(column[0]))
    # One side alone may be misread; a garment hangs from both in the same way.
    kind = right.kind if right.kind == left.kind else "shoulder"
    hidden = buried(right) or buried(left)
    for name, way, each in (("right", -1, right), ("left", 1, left)):
        points = {"hem": each.hem, "cuff": each.cuff, "armpit": None if hidden else each.armpit}
        points["armpit" if kind == "bare" else kind] = each.shoulder
        found |= {f"{name}_{key}": (centre + way * point[0], point[1]) for key, point in points.items() if point}
    if not (right.cuff or left.cuff):
        # A sleeveless side whose armhole hardly shows is cut like the other one.
        for name, other in (("right", "left"), ("left", "right")):
            if f"{name}_armpit" in found and f"{other}_armpit" not in found:
                x, y = found[f"{name}_armpit"]
                found[f"{other}_armpit"] = (2 * centre - x, y)
    return _alike(mask, centre, found | waist(mask, centre, found))


def _alike(mask: Bools, centre: float, found: dict[str, Point]) -> dict[str, Point]:
    """Mends what one sleeve shows worse than the other: an armpit that it lies on, the opening of a short one."""
    if not {f"{side}_{name}" for side in ("right", "left") for name in ("cuff", "shoulder", "armpit")} <= found.keys():
        return found
    span = found["left_shoulder"][0] - found["right_shoulder"][0]
    sides = (("right", "left"), ("left", "right"))
    mended = dict(found)
    for side, other in sides:
        (x, y), (far, level) = found[f"{side}_armpit"], found[f"{other}_armpit"]
        # A sleeve hides an armpit; it shows none too high.
        mended[f"{side}_armpit"] = x, max(min(y, level), y - HIDDEN * span)
        cuff, (u, v) = found[f"{side}_cuff"], found[f"{other}_cuff"]
        mirrored = 2 * centre - u, v
        short = max(hypot(cuff[0] - x, cuff[1] - y), hypot(u - far, v - level)) < SHORT * span
        # Of the two ends of an opening, the one far from the armpit is taken for its middle now and then.
        tip = hypot(cuff[0] - x, cuff[1] - y) > hypot(u - far, v - level)
        row, column = round(v), round(0.1 * found[f"{side}_shoulder"][0] + 0.9 * mirrored[0])
        cloth = 0 <= column < mask.shape[1] and 0 <= row < mask.shape[0] and bool(mask[row, column])
        if short and tip and cloth and hypot(cuff[0] - mirrored[0], cuff[1] - mirrored[1]) > UNLIKE * span:
            mended[f"{side}_cuff"] = mirrored
    return mended


def waist(mask: Bools, centre: float, found: dict[str, Point]) -> dict[str, Point]:
    """Returns the narrowest place between armpits and hem, if the garment has one."""
    tops = [found[name][1] for name in ("right_armpit", "left_armpit") if name in found]
    if not tops:
        return {}
    start = round(max(tops))
    end = round(min(found["right_hem"][1], found["left_hem"][1]))
    end = start + round(0.8 * (end - start))
    rows = [(y, run) for y in range(start, end) if (run := central_run(mask, centre, y))]
    if len(rows) < 8:
        return {}
    widths = np.array([b - a for _, (a, b) in rows], dtype=np.float64)
    above, below = np.maximum.accumulate(widths), np.maximum.accumulate(widths[::-1])[::-1]
    narrow = np.flatnonzero(widths <= 0.96 * np.minimum(above, below))
    if not len(narrow):
        return {}
    y, (a, b) = rows[int(narrow[np.argmin(widths[narrow])])]
    return {"right_waist": (float(a), float(y)), "left_waist": (float(b - 1), float(y))}


def _stretches(flags: Bools, join: int) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    found: list[tuple[int, int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if found and start - found[-1][1] <= join:
            found[-1] = (found[-1][0], end - 1)
        else:
            found.append((start, end - 1))
    return found


def _hollow(path: Floats, start: int, end: int) -> tuple[int, float]:
    """Returns the index in path[start:end] deepest inside the chord between the ends, and its depth."""
    index, distance = bulge(path[start : end + 1] * (-1, 1), 0, end - start)
    return start + index, distance


def _reach(path: Floats, start: int, drop: float) -> int:
    """Returns the index where the path has first descended by `drop` below its start."""
    below = np.flatnonzero(path[start:, 1] > path[start, 1] + drop)
    return start + int(below[0]) if len(below) else len(path) - 1


def _at(path: Floats, index: int) -> Point:
    return float(path[index, 0]), float(path[index, 1])
