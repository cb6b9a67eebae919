"""Gaps that a garment encloses: between straps, in loops, under sleeves."""

import cv2
import numpy as np

from stages.segment import backdrop as backdrops
from stages.segment.backdrop import Backdrop, Flags, Lab, connected
from stages.segment.evidence import Field, highest

#: Least area of a hole as a share of the picture: 60 pixels at 768 x 1024.
LEAST_AREA = 8e-5
#: A hole is no larger than this share of the garment.
MOST_AREA = 0.1
#: A hole is at most this share of the longer side, and most of its own length, away from the outside.
WALL = 0.07
#: Shade along a hole's walls is this share of the longer side wide.
SHADE = 0.006
#: More holes than this are a pattern.
MANY = 8


def enclosed(garment: Flags, colours: Lab, edges: Field, backdrop: Backdrop) -> Flags:
    """Finds the gaps that a garment encloses: plain backdrop, perhaps in shade, behind sharp and narrow walls.

    A print in the backdrop's colour is farther from the outside, fades into cloth, or comes in numbers.
    """
    difference = colours - backdrop.colour
    distance = np.linalg.norm(difference, axis=-1)
    tint = np.hypot(difference[..., 1], difference[..., 2])
    floor = backdrops.FLOOR + 2 * backdrop.noise
    bleed = 0.02 * highest(tint)
    untinted = garment & (tint < 3 * floor + 1.5 * bleed)
    # Retouchers whiten the backdrop but forget the gaps, and gaps lie in shade.
    plain = untinted & (np.abs(difference[..., 0] + 1) < 5 + 2 * floor)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.erode(plain.astype(np.uint8), np.ones((3, 3), np.uint8)), connectivity=4
    )
    away = cv2.distanceTransform(garment.astype(np.uint8), cv2.DIST_L2, 3)
    holes = []
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        if not LEAST_AREA * garment.size < area < MOST_AREA * garment.sum():
            continue
        window = slice(max(0, y - 6), y + h + 6), slice(max(0, x - 6), x + w + 6)
        part = (labels[window] == index).astype(np.uint8)
        whole = cv2.dilate(part, np.ones((3, 3), np.uint8)).astype(bool)
        walls = cv2.dilate(part, np.ones((11, 11), np.uint8)).astype(bool) & garment[window] & ~whole
        length = float(np.hypot(w, h))
        slit = length * length > 3.5 * area
        wall = away[window][part > 0].min()
        near = 2 < wall < min(0.8 * length if slit else 0.15 * length, WALL * max(garment.shape))
        even = np.median((tint - bleed)[window][whole]) < 1.1 * floor and distance[window][whole].std() < 3 * floor
        if near and even and walls.any() and np.percentile(distance[window][walls], 20) > 1.5 + 1.8 * floor:
            holes.append(index)
    if not 0 < len(holes) <= MANY:
        return np.zeros_like(garment)
    found = cv2.morphologyEx(np.isin(labels, holes).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    found = cv2.dilate(found, np.ones((3, 3), np.uint8)).astype(bool)
    shaded = untinted & (np.abs(difference[..., 0] + 7) < 8) & (edges < 2 + floor)
    reach = 2 * round(SHADE * max(garment.shape)) + 1
    around = cv2.dilate(found.astype(np.uint8), np.ones((reach, reach), np.uint8)).astype(bool)
    return connected(found | (shaded & around), found) & garment
