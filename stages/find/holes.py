"""Gaps that a garment encloses: between straps, in loops, under sleeves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from stages.arrays import Field, Indices, lengths, nearest
from stages.find.evidence import BLEEDING, RINGING, highest, parts, widened
from stages.find.gaps import INSIDE, TRANSITION
from stages.matte import backdrop as backdrops
from stages.matte.backdrop import Backdrop, Flags, Lab

#: Least area of a hole as a share of the picture: 60 pixels at 768 x 1024, less its rim.
LEAST_AREA = 8e-5
#: The same of a narrow loop, as of a strap: 20 pixels.
LEAST_LOOP = 2.5e-5
#: A hole is no larger than this share of the garment.
MOST_AREA = 0.1
#: A hole is at most this share of the longer side, and most of its own length, away from the outside.
WALL = 0.07
#: Cloth of the hole's colour elsewhere in the garment that makes it a print: as a multiple of the hole's area, and at
#: least this share of the garment.
ELSEWHERE, COMMON = 2.0, 0.003
#: Tints this near, in Delta E, are the same.
SAME = 1.5
#: Steps, in Delta E, in which compression keeps tint: pixels of a hole may be so much off, but not most of them.
CHROMA = 1.0
#: A hole has edges of this height around more than half of it, in Delta E per pixel; stained cloth has not.
RIM = 3.0
#: A loop, as of a strap, has the outside this close by, as a share of the longer side, and on all sides: the mean of
#: the directions to it is no longer than this.
STRAP, ONE_SIDED = 0.016, 0.5
#: Share of a tint that compression mixes into what lies so many pixels beside it: tint is kept at half the size.
MIXED, BESIDE = 0.35, 4
#: Loops and slits are long: squared length by area. Hard edges are so many times as steep as others must be.
LONG, HARD = 8.0, 3.5
#: Slits of this length, as a share of the longer side, may lie deeper.
SLIT = 0.05
#: More holes than this are a pattern.
MANY = 8


def enclosed(garment: Flags, colours: Lab, edges: Field, backdrop: Backdrop, stripes: Flags) -> Flags:
    """Finds the gaps that a garment encloses: plain backdrop, perhaps in shade, behind sharp and narrow walls.

    A print in the backdrop's colour is farther from the outside, fades into cloth, or comes in numbers. Gives H x W
    flags of what is surely hole; its rim and its shaded corners stay with the garment. `colours` is H x W x 3 CIE Lab,
    `edges` the gradient's length in Delta E per pixel, `stripes` what is pale cloth between dark.
    """
    difference = colours - backdrop.colour
    light, tint = parts(difference)
    floor = backdrops.FLOOR + 2 * backdrop.noise
    high, bleed = highest(light), BLEEDING * highest(tint)
    seen = _Seen(garment, colours, edges, cv2.magnitude(light, tint), high, floor, *nearest(~garment))
    # Retouchers whiten the backdrop but forget the gaps, and gaps lie in shade.
    shade = np.abs(difference[..., 0] + 1) < 5 + floor
    mixed = MIXED * cv2.dilate(tint, np.ones((2 * BESIDE + 1,) * 2, np.uint8)) * (light < floor + RINGING * high)
    ways_to_see: tuple[tuple[Field, Callable[[_Seen, Window, Flags], bool]], ...] = (
        (bleed, _is_gap),
        (np.where(stripes, -np.inf, bleed + CHROMA), _is_gap_between),
        (np.where(stripes, -np.inf, np.maximum(bleed, mixed)), _is_loop),
    )
    found = np.zeros_like(garment)
    for blurred, is_hole in ways_to_see:
        for window, part in _gaps(seen, garment & shade & (tint < 1.5 * floor + blurred), tint - blurred, is_hole):
            found[window] |= part
    if cv2.connectedComponents(found.astype(np.uint8), connectivity=4)[0] - 1 > MANY:
        return np.zeros_like(garment)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What is asked of each place: arrays are H x W; lengths in pixels, colours in Delta E."""

    garment: Flags
    colours: Lab
    edges: Field
    distance: Field
    """Of the colour from the backdrop's."""
    high: Field
    """Highest difference of lightness nearby."""
    floor: float
    away: Field
    out: Indices
    """Distance to the outside, and the flat index of its nearest pixel."""


Window = tuple[slice, slice]


def _gaps(
    seen: _Seen, plain: Flags, tint: Field, is_hole: Callable[[_Seen, Window, Flags], bool]
) -> Iterator[tuple[Window, Flags]]:
    """Yields the parts of `plain` that are even, have a sharp rim, lie near the outside and pass `is_hole`.

    Each is a window and flags in it.
    """
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.erode(plain.astype(np.uint8), cross), connectivity=4)
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        length = float(np.hypot(w, h))
        least = LEAST_LOOP if _is_long(length, area) else LEAST_AREA
        if not least * plain.size < area < MOST_AREA * seen.garment.sum():
            continue
        window = slice(max(0, y - 6), y + h + 6), slice(max(0, x - 6), x + w + 6)
        part = labels[window] == index
        wall, side = seen.away[window][part].min(), max(plain.shape)
        if not 2 < wall < WALL * side or (wall > _thickest_wall(length, area) and not _is_slit(seen, window, part)):
            continue
        uneven = seen.distance[window][part].std() - 0.5 * RINGING * np.median(seen.high[window][part])
        even = np.median(tint[window][part]) < 1.1 * seen.floor and uneven < 3 * seen.floor
        if even and np.percentile(_rim(seen, window, part), 40) > RIM + seen.floor and is_hole(seen, window, part):
            yield window, part


def _is_gap(seen: _Seen, window: Window, part: Flags) -> bool:
    """Tells gaps from prints: their walls are of another colour, and the cloth is not of theirs."""
    walls = widened(part, 11) & seen.garment[window] & ~widened(part, 3)
    # Stripes of a strap may be as pale as the backdrop: between two straps less of the wall need differ.
    share = 40 if _is_between(seen, window, part) else 20
    if not walls.any() or np.percentile(seen.distance[window][walls], share) <= 1.5 + 1.8 * seen.floor:
        return False
    # A long slit with hard edges is a gap, whatever the cloth is made of.
    hard = np.percentile(_rim(seen, window, part), 20) > HARD * (RIM + seen.floor)
    return bool(hard and _is_long(float(np.hypot(*_size(part))), int(part.sum()))) or not _is_cloth(seen, window, part)


def _is_gap_between(seen: _Seen, window: Window, part: Flags) -> bool:
    return _is_between(seen, window, part) and _is_gap(seen, window, part)


def _is_loop(seen: _Seen, window: Window, part: Flags) -> bool:
    """Tells narrow loops, as of straps, which compression tints all over."""
    half = cv2.distanceTransform(np.pad(part, 1).astype(np.uint8), cv2.DIST_L2, 3).max()
    return half <= BESIDE and _is_gap_between(seen, window, part)


def _is_between(seen: _Seen, window: Window, part: Flags) -> bool:
    """Whether the outside is near on all sides, as between straps."""
    around = widened(part, 3) & ~part
    near = np.percentile(seen.away[window][around], 60) < STRAP * max(seen.garment.shape)
    y, x = np.nonzero(around)
    rows, columns = np.divmod(seen.out[window][around], seen.garment.shape[1])
    ways = np.stack([rows - y - window[0].start, columns - x - window[1].start], axis=1).astype(np.float32)
    ways /= np.maximum(lengths(ways), 1e-6)[:, None]
    return bool(near) and float(np.hypot(*ways.mean(axis=0))) < ONE_SIDED


def _rim(seen: _Seen, window: Window, part: Flags) -> Field:
    steep = cv2.dilate(seen.edges[window], np.ones((5, 5), np.uint8))
    return np.asarray(steep[widened(part, 5) & ~part], dtype=np.float32)


def _size(part: Flags) -> tuple[int, int]:
    _, _, w, h = cv2.boundingRect(part.astype(np.uint8))
    return w, h


def _is_slit(seen: _Seen, window: Window, part: Flags) -> bool:
    """Tells slits, as between a long sleeve and a body, of the very backdrop, from strokes of a print."""
    length = float(np.hypot(*_size(part)))
    even = np.median(seen.distance[window][part]) < 4 * seen.floor
    long = length > SLIT * max(seen.garment.shape) and _is_long(length, int(part.sum()))
    return bool(even) and long and not _is_cloth(seen, window, part)


def _is_long(length: float, area: int) -> bool:
    return length * length > LONG * area


def _thickest_wall(length: float, area: int) -> float:
    """Returns how far from the outside a hole of this length may lie: slits up to their length, others much less."""
    return 0.8 * length if length * length > 3.5 * area else 0.15 * length


def _is_cloth(seen: _Seen, window: Window, part: Flags) -> bool:
    """Whether much of the garment's smooth inside has the colour of `part`: then it is print or cloth itself."""
    inside = (seen.away > INSIDE * max(seen.garment.shape)) & (seen.edges < TRANSITION)
    others = inside.copy()
    others[window] &= ~widened(part, 9)
    sample = seen.colours[::2, ::2][others[::2, ::2]]
    light, tint = parts(sample - np.median(seen.colours[window][part], axis=0).astype(np.float32))
    alike = (tint < SAME) & (light < 2 * SAME)  # folds shade the cloth
    return bool(4 * alike.sum() > max(ELSEWHERE * part.sum(), COMMON * inside.sum()))
