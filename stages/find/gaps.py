"""Slits, shaded corners and rests of shadow that a first cut leaves with the garment.

The backdrop is followed pixel by pixel from what is known of it, by the colour that it has close by: so it may grow
darker into a crotch or under a hem. It ends at edges, and at colours that the garment itself is made of.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import Field
from stages.find.evidence import BLEEDING, RINGING, highest, parts, widened
from stages.matte.backdrop import Flags, Lab

#: Side of a cell of the colour histogram, in Delta E; colours count with their neighbouring cells.
CELL = 2.5
#: A colour is the garment's own if at least this share of the garment's inside has it.
COMMON = 0.01
#: Steeper places are transitions between colours, not colours of the cloth; in Delta E per pixel.
TRANSITION = 4.0
#: The inside lies this share of the longer side deep, away from shadows that may be taken for garment.
INSIDE = 0.015
#: Backdrop is followed where there is an edge of this height nearby, in Delta E: pale cloth has no walls.
WALL = 12.0
#: How near, as a share of the longer side: half of the widest slit, as between a sleeve and a body.
HALF_SLIT = 0.03
#: Change from the colour two pixels off that shade may make, in Delta E.
SHADE = 1.0
#: Pixels followed at most, at 1024.
STEPS = 512
#: Receding by more than this share of the garment is a flood, not a slit: nothing is taken then.
FLOOD = 0.1

_AROUND = [(dy, dx) for dy in range(-2, 3) for dx in range(-2, 3) if (dy, dx) != (0, 0)]
_BESIDE = [(-1, 0), (1, 0), (0, -1), (0, 1)]

Indices = npt.NDArray[np.intp]


def recede(garment: Flags, colours: Lab, difference: Lab, edges: Field, noise: float) -> Flags:
    """Returns the garment (H x W) without the backdrop that runs on into it.

    `colours` is H x W x 3 CIE Lab, `difference` the same less the backdrop's, `edges` the gradient's length and `noise`
    the backdrop's, in Delta E.
    """
    light, tint = parts(difference)
    high_light, high_tint = highest(light), highest(tint)
    light_limit = SHADE + 2 * noise + RINGING * high_light
    tint_limit = 0.5 + 2 * noise + BLEEDING * high_tint
    walls = widened(cv2.magnitude(high_light, high_tint) > WALL, 2 * round(HALF_SLIT * max(garment.shape)) + 1)
    may = garment & ~own_colours(colours, garment, edges) & walls
    pad = ((2, 2), (2, 2))
    outside = np.pad(~garment, pad)
    may = np.pad(may, pad)
    known = np.pad(colours, (*pad, (0, 0)))
    limits = np.pad(light_limit, pad), np.pad(tint_limit, pad)
    width = may.shape[1]
    around = np.array([dy * width + dx for dy, dx in _AROUND])
    beside = np.array([dy * width + dx for dy, dx in _BESIDE])
    frontier = np.flatnonzero(may & cv2.dilate(outside.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool))
    for _ in range(STEPS):
        if not frontier.size:
            break
        taken = frontier[_continues(frontier, around, outside, known, limits)]
        outside.flat[taken] = True
        may.flat[taken] = False
        near = np.unique((taken[:, None] + beside).ravel())
        frontier = near[may.flat[near]]
    left = ~outside[2:-2, 2:-2]
    if garment.sum() - left.sum() > FLOOD * garment.sum():
        return garment
    return np.asarray(left, dtype=bool)


def _continues(at: Indices, around: Indices, outside: Flags, known: Lab, limits: tuple[Field, Field]) -> Flags:
    """Tells which pixels differ from the mean of the backdrop around them by no more than the limits."""
    places = at[:, None] + around
    weights = outside.ravel()[places].astype(np.float32)
    colours = known.reshape(-1, 3)
    mean = np.einsum("nk,nkc->nc", weights, colours[places]) / np.maximum(weights.sum(axis=1), 1)[:, None]
    rest = colours[at] - mean
    light, tint = parts(rest)
    return np.asarray((light < limits[0].ravel()[at]) & (tint < limits[1].ravel()[at]), dtype=bool)


def own_colours(colours: Lab, garment: Flags, edges: Field) -> Flags:
    """Tells the pixels, H x W, whose colour is common inside the garment, where it is smooth."""
    depth = cv2.distanceTransform(garment.astype(np.uint8), cv2.DIST_L2, 3)
    inside = depth > INSIDE * max(garment.shape)
    if inside.sum() < 0.1 * garment.sum():
        inside = depth > 0.6 * depth.max()
    inside &= edges < TRANSITION
    flat = np.zeros(garment.shape, np.int32)
    for channel, first in enumerate((1, 40, 40)):
        flat = 82 * flat + np.clip(colours[..., channel] / np.float32(CELL) + np.float32(first), 1, 80).astype(np.int32)
    counts = np.bincount(flat[inside], minlength=82**3).astype(np.float32).reshape(82, 82, 82)
    for axis in range(3):
        counts = counts + np.roll(counts, 1, axis) + np.roll(counts, -1, axis)
    return np.asarray(counts.ravel()[flat] > COMMON * max(1, int(inside.sum())), dtype=bool)
