"""Slits: backdrop that shows between arm and body, between fingers, in loops.

Light is not followed into places this narrow, and no part of them is even: blur and sharpening reach across. A slit
has the backdrop's colour and an outline on both sides. What pale cloth has of that colour, folds and hems, has an
outline on one side at most, or is a line; and sandals have straps of any colour.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths
from stages.find.light import BEYOND, ENCLOSED, floor
from stages.find.sides import usual
from stages.find.spread import carried, edges, grown, shrunk
from stages.matte.backdrop import Flags, Lab

Field = npt.NDArray[np.float32]

#: A slit is up to so wide, in pixels at 1024.
_REACH = 9
#: Its colour lies within this of the backdrop's, in L down and up and in tint, Delta E; or within the share of how far
#: its sides are from there: sharpening overshoots by up to a fifth.
_DARKER, _LIGHTER, _TINT = 8.0, 5.0, 2.5
_OVERSHOOT, _FRINGE = 0.2, 0.12
#: Beside pale cloth it is no lighter than this share of the way to the cloth.
_TO_CLOTH, _NEAR = 0.45, 6.0
#: Its sides are farther from the backdrop than this, Delta E, with a step of more than this, Delta E per pixel.
_APART, _CLOTH_SIDE, _STEP = 8.0, 0.7, 3.0
#: Both are as far from the backdrop as this, Delta E (pale skin 19), along this share of the border; beside pale cloth
#: one of them is.
_CLEAR, _LIMB = 15.0, (0.75, 0.4)
#: The share of its border that has such sides: slits of the worn photos measured 0.94 and more, folds up to 0.92; of
#: what opens to the backdrop, slits 0.74 and more, folds up to 0.15.
_AROUND, _OPEN = 0.93, 0.72
#: One so large, in pixels at 1024, the larger the farther it is from the backdrop (so many a pixel), and so wide stands
#: for itself: whites of eyes have 20, buttons 30. Enclosed beside pale cloth, which has seams, it has to be wider.
_AREA, _AREA_FAR, _WIDE, _WIDE_CLOTH = 30, 1.5, 2.5, 6.0
#: Less has to lie in line with a slit or the backdrop, this near to it.
_LINE, _LEAST = 6, 6
#: Pale cloth has parts of so many pixels at 1024: what is smaller and lighter than the backdrop may be a slit.
_CLOTH = 600


def slits(colours: Lab, bare: Flags, cloth: Flags, unit: float) -> Flags:
    """Returns the slits, H x W, of a CIE Lab picture whose bare backdrop and pale cloth are known."""
    rest = colours - carried(colours, shrunk(bare, 2), 3 * unit)
    apart, lighter, tint = lengths(rest), rest[..., 0], np.hypot(rest[..., 1], rest[..., 2])
    contrast = usual(apart, bare, unit)
    cloth = _large(cloth, _CLOTH * unit * unit)
    level = _level(lighter, cloth, unit)
    limit = np.minimum(np.maximum(_LIGHTER, _OVERSHOOT * contrast), _TO_CLOTH * level)
    match = ~bare & (tint < np.maximum(_TINT, _FRINGE * contrast)) & (lighter > -_DARKER) & (lighter < limit)
    wall = (apart > np.minimum(_APART, _CLOTH_SIDE * level)) & grown(edges(colours) > _STEP, 1) & ~match
    parts = match & _between(wall, round(_REACH * unit))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(parts.astype(np.uint8), connectivity=4)
    away = cv2.distanceTransform((~bare).astype(np.uint8), cv2.DIST_L2, 5)
    width = 2 * cv2.distanceTransform(parts.astype(np.uint8), cv2.DIST_L2, 3)
    by_wall, by_limb, by_cloth, feet = grown(wall, 1), grown(apart > _CLEAR, 2), level < 100, floor(bare)
    found, lines = np.zeros_like(bare), np.zeros_like(bare)
    for index in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[index])
        if area < _LEAST * unit * unit or y + h > feet:
            continue
        window = slice(max(0, y - 10), y + h + 10), slice(max(0, x - 10), x + w + 10)
        part = labels[window] == index
        ring = grown(part, 1) & ~part & ~bare[window]
        if not ring.any():
            continue
        walled = by_wall[window][ring].mean()
        far, wide = float(away[window][part].min()), float(width[window][part].max())
        at_cloth = float(by_cloth[window][part].mean()) > 0.3
        opens = far < 2
        beyond = grown(part, BEYOND + 1) & ~grown(part, BEYOND - 1)
        # Between backdrop, or between pale sides alone, it is a pale limb: its own sides are shaded.
        enclosed = (~bare[window])[beyond].mean() > ENCLOSED and by_limb[window][ring].mean() > _LIMB[at_cloth]
        if not enclosed or walled < (_OPEN if opens else _AROUND):
            continue
        needed = _WIDE_CLOTH if at_cloth and not opens else _WIDE
        if area >= max(_AREA * unit, _AREA_FAR * far) * unit and wide > needed * unit:
            found[window] |= part
        elif not at_cloth:
            lines[window] |= part
    return _in_line(lines, found, bare, round(_LINE * unit))


def _level(lighter: Field, cloth: Flags, unit: float) -> Field:
    """Returns how much lighter than the backdrop the pale cloth around each pixel is, L; much where there is none."""
    white = (cloth & (lighter > 0)).astype(np.float32)
    share = cv2.GaussianBlur(white, (0, 0), _NEAR * unit)
    total = cv2.GaussianBlur(white * lighter, (0, 0), _NEAR * unit)
    return np.where(share > 0.03, total / np.maximum(share, 1e-4), np.float32(100))


def _between(wall: Flags, reach: int) -> Flags:
    """Returns what has walls on both sides within reach: across, down, or along a diagonal."""
    height, width = wall.shape
    found = np.zeros_like(wall)
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        far = round(reach / np.hypot(dy, dx))
        padded = np.pad(wall, far)
        sides = [
            np.any(
                [
                    padded[far + way * k * dy : far + way * k * dy + height, far + way * k * dx :][:, :width]
                    for k in range(1, far + 1)
                ],
                axis=0,
            )
            for way in (-1, 1)
        ]
        found |= sides[0] & sides[1]
    return found


def _large(flags: Flags, least: float) -> Flags:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(flags.astype(np.uint8), connectivity=4)
    kept = stats[:, cv2.CC_STAT_AREA] >= least
    kept[0] = False
    return np.asarray(kept[labels], bool)


def _in_line(lines: Flags, found: Flags, bare: Flags, near: int) -> Flags:
    """Adds to what was found the lines that go on from it or from the backdrop."""
    _, labels = cv2.connectedComponents(lines.astype(np.uint8), connectivity=8)
    for _ in range(4):
        kept = np.zeros(int(labels.max()) + 1, bool)
        kept[labels[lines & grown(found | bare, near)]] = True
        kept[0] = False
        found = found | kept[labels]
    return found
