"""Drawing strands: every hair in one pass, nearer ones over farther ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.contracts import Sealed
from stages.figure.records import Floats, Strands
from stages.figure.vectors import floats

Integers = npt.NDArray[np.integer[Any]]

#: How much of their width hairs cover that lie singly on the skin: finer ones than those that can be drawn.
_OPACITY = {"brows": 0.6, "lashes": 0.8, "beard": 0.8}
#: Layers of hair through which something may still be seen.
_LAYERS = 10
#: How many samples are looked at to find out what is hidden.
_SURVEYED = 1_200_000


@dataclass(frozen=True, slots=True, eq=False)
class Segments(Sealed):
    """Pieces of strands, E of them, lit and ready to be drawn."""

    start: Floats
    """E x 3, canvas pixels."""
    end: Floats
    colours: Floats
    """E x 2 x 3: linear, at start and end."""
    coverage: Floats
    """E x 2: how much of a pixel's side the hair covers."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer(Sealed):
    """Strands over a grid of h x w samples."""

    colour: Floats
    """h x w x 3, multiplied by `alpha`."""
    alpha: Floats
    depth: Floats
    """h x w: of the nearest strand; +inf where there is none."""


def segments(strands: Strands, light: Floats, seen: Integers) -> Segments:
    """Returns the pieces that start at points `seen`, coloured by `light` (P x 3 at the strands' points)."""
    counts = np.diff(strands.starts)
    place = (np.arange(len(strands.points)) - np.repeat(strands.starts[:-1], counts)) / np.repeat(counts - 1, counts)
    # Hairs taper over their last third.
    width = strands.width * _OPACITY.get(strands.name, 1.0) * np.clip(3.2 * (1.06 - place), 0.2, 1)
    after = seen + 1
    return Segments(
        strands.points[seen],
        strands.points[after],
        np.stack([light[seen], light[after]], axis=1),
        np.stack([width[seen], width[after]], axis=1).astype(np.float32),
    )


def lengths(strands: Strands) -> Floats:
    """Returns for each point the distance to the next of its strand; 0 at tips."""
    steps = np.linalg.norm(np.diff(strands.points, axis=0, append=strands.points[-1:]), axis=1)
    steps[strands.starts[1:] - 1] = 0
    return floats(steps)


def tangents(strands: Strands) -> Floats:
    """Returns the strands' directions at their points, from root to tip, unit length."""
    steps = np.diff(strands.points, axis=0, append=strands.points[-1:])
    last = strands.starts[1:] - 1
    steps[last] = steps[np.maximum(last - 1, 0)]
    return floats(steps / np.maximum(np.linalg.norm(steps, axis=1, keepdims=True), 1e-6))


def pieces(strands: Strands) -> Integers:
    """Returns the points at which a piece of a strand starts: all but the tips."""
    return np.flatnonzero(lengths(strands) > 0)


def outermost(strands: Strands, seen: Integers) -> Integers:
    """Returns those of the pieces that start at points `seen` which nearer hair of the same strands leaves to be seen.

    In each small square, pieces behind those that cover it `_LAYERS` times are left out.
    """
    if not len(seen):
        return seen
    start, end = strands.points[seen], strands.points[seen + 1]
    side = 1.4 * max(strands.width, 1.0)
    low = np.minimum(start[:, :2].min(axis=0), end[:, :2].min(axis=0))
    across = int((np.maximum(start[:, 0].max(), end[:, 0].max()) - low[0]) / side) + 1
    down = int((np.maximum(start[:, 1].max(), end[:, 1].max()) - low[1]) / side) + 1
    steps = np.ceil(np.linalg.norm((end - start)[:, :2], axis=1) / side).astype(np.int64) + 1
    every = max(1, round(int(steps.sum()) / _SURVEYED))

    def samples(first: int) -> tuple[Integers, Integers, Floats]:
        """Returns pieces, squares and depths along every so manieth piece."""
        chosen = np.arange(first, len(seen), every)
        piece = np.repeat(chosen, steps[chosen])
        begin = np.cumsum(steps[chosen]) - steps[chosen]
        share = floats((np.arange(len(piece)) - np.repeat(begin, steps[chosen]) + 0.5) / steps[piece])
        points = start[piece] + share[:, None] * (end - start)[piece]
        place = ((points[:, :2] - low) / side).astype(np.int64)
        return piece, place[:, 1] * across + place[:, 0], points[:, 2]

    _, cell, depth = samples(0)
    order = np.lexsort((depth, cell))
    ordered = cell[order]
    fresh = np.flatnonzero(np.diff(ordered, prepend=-1))
    # Each sample stands for `every` pieces.
    enough = max(4, round(_LAYERS * side / strands.width / every))
    full = np.diff(fresh, append=len(order)) > enough
    limit = np.full(across * down, np.inf, np.float32)
    limit[ordered[fresh[full]]] = depth[order[fresh[full] + enough]]
    kept = np.zeros(len(seen), np.bool_)
    for first in range(every):
        piece, cell, depth = samples(first)
        kept[piece[depth <= limit[cell]]] = True
    return seen[kept]


def drawn(lines: Segments, depth: Floats, corner: tuple[int, int], scale: int, slack: float) -> Layer:
    """Draws pieces of strands over a grid whose first sample lies at `corner` (x, y) of the canvas.

    Whole numbers are the middles of pixels; there are `scale` samples to a pixel's side. `depth` (h x w) is that of
    what lies behind: strands more than `slack` farther away are hidden by it.
    """
    height, width = depth.shape
    start = (lines.start[:, :2] - corner + 0.5) * scale
    end = (lines.end[:, :2] - corner + 0.5) * scale
    low, high = np.minimum(start, end), np.maximum(start, end)
    inside = np.flatnonzero((high >= 0).all(axis=1) & (low[:, 0] < width) & (low[:, 1] < height))
    start, end = start[inside], end[inside]
    steps = np.ceil(np.abs(end - start).max(axis=1)).astype(np.int64) + 1
    segment = np.repeat(np.arange(len(inside)), steps)
    first = np.cumsum(steps) - steps
    share = ((np.arange(len(segment)) - first[segment] + 0.5) / steps[segment]).astype(np.float32)

    place = start[segment] + share[:, None] * (end - start)[segment]
    cell = np.floor(place).astype(np.int32)
    z0, z1 = lines.start[inside, 2], lines.end[inside, 2]
    z = z0[segment] + share * (z1 - z0)[segment]
    kept = (cell >= 0).all(axis=1) & (cell[:, 0] < width) & (cell[:, 1] < height)
    flat = cell[:, 1].astype(np.int64) * width + cell[:, 0]
    kept[kept] = z[kept] <= depth.ravel()[flat[kept]] + slack
    segment, share, z, flat = segment[kept], share[kept], z[kept], flat[kept]
    order = np.lexsort((z, flat))
    segment, share, z, flat = segment[order], share[order], z[order], flat[order]
    cover = lines.coverage[inside][segment]
    # A step is about a sample long, a little less on a slant, so that the pieces' shares add up to the hair.
    alpha = np.clip((cover[:, 0] + share * (cover[:, 1] - cover[:, 0])) * scale, 0, 0.97)
    return _composited(lines.colours[inside], segment, share, alpha, z, flat, (height, width))


def _composited(
    colours: Floats, segment: Integers, share: Floats, alpha: Floats, z: Floats, flat: Integers, shape: tuple[int, int]
) -> Layer:
    """Lays sorted samples over each other, front to back."""
    size = shape[0] * shape[1]
    light = np.zeros((size, 3), np.float32)
    cover, nearest = np.zeros(size, np.float32), np.full(size, np.inf, np.float32)
    if len(flat):
        fresh = np.flatnonzero(np.diff(flat, prepend=-1))
        passed = np.concatenate([[0.0], np.cumsum(np.log1p(-alpha.astype(np.float64)))])
        run = np.repeat(passed[fresh], np.diff(fresh, append=len(flat)))
        weight = (alpha * np.exp(passed[:-1] - run)).astype(np.float32)
        cells = flat[fresh]
        for k in range(3):
            a, b = colours[segment, 0, k], colours[segment, 1, k]
            light[cells, k] = np.add.reduceat((a + share * (b - a)) * weight, fresh)
        cover[cells] = np.add.reduceat(weight, fresh)
        nearest[cells] = z[fresh]
    return Layer(light.reshape(*shape, 3), cover.reshape(shape), nearest.reshape(shape))
