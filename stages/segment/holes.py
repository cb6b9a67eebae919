"""Gaps that a garment encloses: between straps, in loops, under sleeves."""

import cv2
import numpy as np

from stages.segment import backdrop as backdrops
from stages.segment.backdrop import Backdrop, Flags, Lab
from stages.segment.evidence import BLEEDING, RINGING, Field, highest, parts, widened
from stages.segment.gaps import INSIDE, TRANSITION

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
#: A hole has edges of this height around more than half of it, in Delta E per pixel; stained cloth has not.
RIM = 3.0
#: Loops and slits are long: squared length by area. Hard edges are so many times as steep as others must be.
LONG, HARD = 8.0, 3.5
#: More holes than this are a pattern.
MANY = 8


def enclosed(garment: Flags, colours: Lab, edges: Field, backdrop: Backdrop) -> Flags:
    """Finds the gaps that a garment encloses: plain backdrop, perhaps in shade, behind sharp and narrow walls.

    A print in the backdrop's colour is farther from the outside, fades into cloth, or comes in numbers. Gives H x W
    flags of what is surely hole; its rim and its shaded corners stay with the garment. `colours` is H x W x 3 CIE Lab,
    `edges` the gradient's length in Delta E per pixel.
    """
    difference = colours - backdrop.colour
    light, tint = parts(difference)
    distance = np.hypot(light, tint)
    floor = backdrops.FLOOR + 2 * backdrop.noise
    bleed, high = BLEEDING * highest(tint), highest(light)
    # Retouchers whiten the backdrop but forget the gaps, and gaps lie in shade.
    shade = np.abs(difference[..., 0] + 1) < 5 + floor
    plain = garment & (tint < 1.5 * floor + bleed) & shade
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.erode(plain.astype(np.uint8), cross), connectivity=4)
    away = cv2.distanceTransform(garment.astype(np.uint8), cv2.DIST_L2, 3)
    inside = (away > INSIDE * max(garment.shape)) & (edges < TRANSITION)
    holes = []
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        length = float(np.hypot(w, h))
        least = LEAST_LOOP if length * length > LONG * area else LEAST_AREA
        if not least * garment.size < area < MOST_AREA * garment.sum():
            continue
        window = slice(max(0, y - 6), y + h + 6), slice(max(0, x - 6), x + w + 6)
        part = labels[window] == index
        whole = widened(part, 3)
        walls = widened(part, 11) & garment[window] & ~whole
        wall = away[window][part].min()
        if not 2 < wall < _thickest_wall(length, area, max(garment.shape)) or not walls.any():
            continue
        uneven = distance[window][part].std() - 0.5 * RINGING * np.median(high[window][part])
        even = np.median((tint - bleed)[window][part]) < 1.1 * floor and uneven < 3 * floor
        walled = np.percentile(distance[window][walls], 20) > 1.5 + 1.8 * floor
        rim = cv2.dilate(edges[window], np.ones((5, 5), np.uint8))[widened(part, 5) & ~part]
        sharp = np.percentile(rim, 40) > RIM + floor
        # A long slit with hard edges is a gap, whatever the cloth is made of.
        hard = length * length > LONG * area and np.percentile(rim, 20) > HARD * (RIM + floor)
        if even and walled and sharp and (hard or not _is_cloth(labels == index, inside, colours)):
            holes.append(index)
    if not 0 < len(holes) <= MANY:
        return np.zeros_like(garment)
    return np.isin(labels, holes)


def _thickest_wall(length: float, area: int, side: int) -> float:
    """Gives how far from the outside a hole of this length may lie: slits up to their length, others much less."""
    slit = length * length > 3.5 * area
    return min(0.8 * length if slit else 0.15 * length, WALL * side)


def _is_cloth(part: Flags, inside: Flags, colours: Lab) -> bool:
    """Tells whether much of the garment's smooth inside has the colour of `part`: then it is print or cloth itself."""
    others = inside & ~widened(part, 9)
    sample = colours[::2, ::2][others[::2, ::2]]
    light, tint = parts(sample - np.median(colours[part], axis=0).astype(np.float32))
    alike = (tint < SAME) & (light < 2 * SAME)  # folds shade the cloth
    return bool(4 * alike.sum() > max(ELSEWHERE * part.sum(), COMMON * inside.sum()))
