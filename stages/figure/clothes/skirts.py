"""Skirts: one tube round both legs."""

from typing import Any

import numpy as np
import numpy.typing as npt

from stages.figure.clothes import dyes
from stages.figure.clothes.tube import Body, eased, sheet, tube
from stages.figure.clothes.words import Item
from stages.figure.records import Surface
from stages.figure.vectors import floats, smoothstep

Floats = npt.NDArray[Any]

_ROWS, _COLUMNS = 72, 145
_KNEE = 0.92
"""How far down to the knee a skirt reaches, as a share of the thigh."""
_FLARE = 0.22
"""How much wider each side gets, for each metre down."""
_WAVES = ((7, 0.6), (10, 0.8), (13, 0.6), (19, 0.3))
"""How often the hem falls into folds, and how deep."""


def skirt(body: Body, item: Item, waist: float, random: np.random.Generator) -> Surface:
    """Returns an A-line skirt from canvas row `waist` to just above the knee."""
    scale = body.scale
    hips = 0.5 * (body.joint("upperleg01.L") + body.joint("upperleg01.R"))
    knees = 0.5 * (body.joint("lowerleg01.L") + body.joint("lowerleg01.R"))
    hem = hips + (knees - hips) * _KNEE
    line = np.stack([[hips[0], waist, 0.5 * (hips[2] + body.joint("spine04")[2])], hips, hem])
    rings = tube(line, -body.left, body.front, _ROWS, _COLUMNS)
    step = np.concatenate([[0], np.linalg.norm(np.diff(rings.centres, axis=0), axis=1)])
    gone = np.cumsum(step) / scale
    skin = _outer(body, rings.ways, rings.centres, 0.45 * scale)
    radii = eased(skin, 0.010 * scale, 8, 3)
    hip = int(np.argmin(np.abs(rings.centres[:, 1] - hips[1])))
    for row in range(1, _ROWS):
        falls = 0.02 if row < hip else -_FLARE
        radii[row] = np.maximum(radii[row], radii[row - 1] - falls * step[row])
    angle = np.linspace(0, 2 * np.pi, _COLUMNS)
    fullness = smoothstep(float(gone[hip]) - 0.05, float(gone[-1]) + 0.05, gone)[:, None]
    waves = np.sum([np.cos(k * angle + random.uniform(0, 2 * np.pi)) * weight for k, weight in _WAVES], 0)
    radii = np.maximum(radii + fullness * 0.012 * scale * waves[None], skin + 0.004 * scale)
    texture, bump = dyes.skirt(item.colour, scale, float(gone[-1]))
    return sheet("skirt", rings.points(radii), rings.centres, "cloth", item.colour, texture=texture, bump=bump,
                 uv=(np.linspace(0, 1, _COLUMNS), 1 - gone / gone[-1]), hem=0.005 * scale)  # fmt: skip


def _outer(body: Body, ways: Floats, centres: Floats, most: float) -> Floats:
    """Returns how far the outermost skin is from the centres along the ways, N x M; 0 where there is none.

    The outermost counts, since below the crotch the centre lies between the legs.
    """
    starts = floats(centres[:, None] + ways * most)
    away = body.tracer.distances(starts.reshape(-1, 3), floats(-ways.reshape(-1, 3))).reshape(ways.shape[:2])
    outer = np.where(np.isfinite(away), most - away, 0)
    # Hands beside the thighs are not worn under it.
    return floats(np.minimum(outer, 1.45 * np.median(outer, 1, keepdims=True)))
