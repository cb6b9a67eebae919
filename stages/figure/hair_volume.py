"""How much hair is where, and how much light gets through it."""

from collections.abc import Sequence

import cv2
import numpy as np

from stages.figure.records import Floats, Strands
from stages.figure.strands import lengths
from stages.figure.vectors import floats

#: Cells of the density's grid along its longest side.
_CELLS = 48
#: Share of the light that a hair stops: the rest goes on, nearly straight (Marschner 2003: TT).
_STOPPED = 0.22
#: How far light is followed through hair, in steps of one cell.
_STEPS = 12


class Volume:
    """The density of hair over a grid."""

    def __init__(self, masses: Sequence[Strands]) -> None:
        """Takes one or more masses of hair."""
        points = np.concatenate([each.points for each in masses])
        covered = np.concatenate([lengths(each) * each.width for each in masses])
        low, high = points.min(axis=0), points.max(axis=0)
        self._cell = max(float((high - low).max()) / (_CELLS - 2), 1e-3)
        # So wide a border that no ray leaves the grid within its steps.
        border = _STEPS + 3
        self._low = low - border * self._cell
        shape = tuple(int(n) for n in np.ceil((high - low) / self._cell) + 1 + 2 * border)
        cells = ((points - self._low) / self._cell).astype(np.int64)
        flat = np.ravel_multi_index(tuple(cells.T), shape)
        grid = floats(np.bincount(flat, covered, int(np.prod(shape)))).reshape(shape)
        grid = np.stack([cv2.GaussianBlur(each, (0, 0), 0.8) for each in grid])
        grid = cv2.GaussianBlur(grid.reshape(shape[0], -1), (1, 5), 0.1, sigmaY=0.8).reshape(shape)
        # Crossed at random angles, a hair hides pi / 4 of its length.
        self._grid = grid * (_STOPPED * np.pi / 4 / self._cell**2)

    def passed(self, points: Floats, direction: Floats) -> Floats:
        """Returns the share of light from a direction that reaches points (N x 3); hair round a point is left out."""
        shape = self._grid.shape
        places = (points - self._low) / self._cell
        near = np.ones(len(points), np.bool_)
        for axis in range(3):
            # Rays stay within the grid, or within its border.
            near &= (places[:, axis] > 2) & (places[:, axis] < shape[axis] - 3)
        at = np.flatnonzero(near)
        depth = np.zeros(len(at), np.float32)
        columns = [np.ascontiguousarray(places[at, axis]) for axis in range(3)]
        for step in range(1, _STEPS + 1):
            x, y, z = (
                np.clip(column + step * way, 0, side - 1).astype(np.int32)
                for column, way, side in zip(columns, direction, shape, strict=True)
            )
            depth += self._grid.ravel()[(x * shape[1] + y) * shape[2] + z]
        share = np.ones(len(points), np.float32)
        share[at] = np.exp(-depth)
        return share
