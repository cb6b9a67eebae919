"""Hair as light sees it: how dense it is, and how a strand shines."""

import cv2
import numpy as np

from stages.figure.colours import linear
from stages.figure.light import Rig, sky_light
from stages.figure.records import Floats, Strands
from stages.figure.vectors import floats

#: Cells of the density's grid along its longest side.
_CELLS = 56
#: Share of the light that a hair stops: the rest goes on, nearly straight (Marschner 2003: R, TT and TRT).
_STOPPED = 0.5
#: How far light is followed through hair, in steps of one cell.
_STEPS = 14


class Volume:
    """How much hair is where."""

    def __init__(self, strands: Strands) -> None:
        points = strands.points
        low, high = points.min(axis=0), points.max(axis=0)
        self._cell = float((high - low).max()) / (_CELLS - 6)
        self._low = low - 3 * self._cell
        shape = tuple(int(n) for n in np.ceil((high - low) / self._cell) + 7)
        covered = lengths(strands) * strands.width
        cells = ((points - self._low) / self._cell).astype(np.int64)
        flat = np.ravel_multi_index(tuple(cells.T), shape)
        grid = np.bincount(flat, covered, int(np.prod(shape))).reshape(shape).astype(np.float32)
        grid = np.stack([cv2.GaussianBlur(each, (0, 0), 0.8) for each in grid])
        grid = cv2.GaussianBlur(grid.reshape(shape[0], -1), (1, 5), 0.1, sigmaY=0.8).reshape(shape)
        # Crossed at random angles, a hair hides pi / 4 of its length.
        self._grid = grid * (_STOPPED * np.pi / 4 / self._cell**2)

    def passed(self, points: Floats, direction: Floats, start: float = 1.0) -> Floats:
        """Gives the share of light from a direction that reaches points (N x 3); hair nearer than `start` cells is
        left out.
        """
        depth = np.zeros(len(points), np.float32)
        shape = np.array(self._grid.shape)
        step = direction * self._cell
        flat = self._grid.ravel()
        near = np.flatnonzero(
            ((points > self._low - _STEPS * self._cell) & (points < self._low + (shape + _STEPS) * self._cell)).all(
                axis=1
            )
        )
        places = (points[near] + start * step - self._low) / self._cell
        total = np.zeros(len(near), np.float32)
        for _ in range(_STEPS):
            cells = places.astype(np.int32)
            inside = ((places >= 0) & (cells < shape)).all(axis=1)
            cells = np.where(inside[:, None], cells, 0)
            index = (cells[:, 0] * shape[1] + cells[:, 1]) * shape[2] + cells[:, 2]
            total += flat[index] * inside
            places = places + direction
        depth[near] = total
        return floats(np.exp(-depth))


def lengths(strands: Strands) -> Floats:
    """Gives for each point the distance to the next of its strand; 0 at tips."""
    steps = np.linalg.norm(np.diff(strands.points, axis=0, append=strands.points[-1:]), axis=1)
    steps[strands.starts[1:] - 1] = 0
    return floats(steps)


def tangents(strands: Strands) -> Floats:
    """Gives the strands' directions at their points, from root to tip, unit length."""
    steps = np.diff(strands.points, axis=0, append=strands.points[-1:])
    last = strands.starts[1:] - 1
    steps[last] = steps[np.maximum(last - 1, 0)]
    return floats(steps / np.maximum(np.linalg.norm(steps, axis=1, keepdims=True), 1e-6))


def shaded(
    along: Floats, outward: Floats, colours: Floats, variety: Floats, key: Floats, sky: Floats, light: Rig
) -> Floats:
    """Gives the light that strands send to the camera, linear, N x 3.

    Tangents `along`, directions `outward` of the head, linear `colours` (N x 3), `variety` in [-1, 1] of each
    strand, and the shares of key light and sky that arrive (N). Two highlights, the clear one towards the root and
    the coloured one towards the tip (Marschner 2003, in the form of Scheuermann 2004).
    """
    view = floats([0, 0, -1])
    half = light.key + view
    half /= np.linalg.norm(half)
    across = np.sqrt(np.clip(1 - (along @ light.key) ** 2, 0, 1))
    facing = np.clip(0.55 + 0.45 * (outward @ light.key), 0, 1)
    total = colours * (0.75 * across * facing * key)[:, None] * light.colour
    total += colours * sky_light(light.harmonics, outward) * (0.85 * sky)[:, None]
    for shift, width, strength, tint in ((0.06, 0.055, 0.055, 0.0), (-0.10, 0.12, 0.55, 1.0)):
        tilted = along + (shift + 0.07 * variety)[:, None] * outward
        tilted /= np.linalg.norm(tilted, axis=1, keepdims=True)
        lean = tilted @ half
        lobe = np.exp(-0.5 * (lean / width) ** 2) * facing * key
        hue = (colours**0.7 if tint else np.ones_like(colours)) * light.colour
        total += (strength * lobe)[:, None] * hue
    return floats(total)


def own_colours(strands: Strands) -> Floats:
    """Gives the linear colour of each point's strand, P x 3."""
    counts = np.diff(strands.starts)
    return np.repeat(linear(strands.colours), counts, axis=0)
