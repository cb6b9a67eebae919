"""The kept garment as something that light cannot pass: a sheet just in front of the body, in the matte's outline."""

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Placed
from stages.figure.records import Floats, Indices
from stages.figure.vectors import floats
from stages.figure.visibility import Tracer, at

#: Cells of the sheet along the garment's longer side.
_CELLS = 160
#: How far in front of the body the sheet hangs, in metres: the thickness of a hem and some air.
_GAP = 0.012


def opaque(garment: Placed | None, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Says which pixels of a canvas (width, height) show the garment and nothing behind it."""
    cover = np.zeros(size[::-1], np.bool_)
    if garment is not None:
        cover[garment.window] = garment.matte >= 1
    return cover


def sheet(garment: Placed, tracer: Tracer, vertices: Floats, faces: Indices, scale: float) -> tuple[Floats, Indices]:
    """Returns the garment as triangles (vertices, faces); both empty where it covers nothing of the body.

    `tracer` knows the body, whose `vertices` and `faces` are given; `scale` is in canvas pixels for a metre.
    """
    x0, y0, x1, y1 = garment.box
    step = max(x1 - x0, y1 - y0) / _CELLS
    columns, rows = (max(2, round(side / step) + 1) for side in (x1 - x0, y1 - y0))
    matte = cv2.resize(garment.matte, (columns, rows), interpolation=cv2.INTER_AREA)
    x, y = np.meshgrid(np.linspace(x0, x1 - 1, columns), np.linspace(y0, y1 - 1, rows))
    origins = np.stack([x.ravel(), y.ravel(), np.full(x.size, vertices[:, 2].min() - 10)], axis=1).astype(np.float32)
    hits = tracer.hits(origins, (0, 0, 1))
    depth, known = np.zeros(x.size, np.float32), np.zeros(x.size, np.float32)
    depth[hits.ray], known[hits.ray] = at(vertices[:, 2:], faces, hits)[:, 0], 1
    if not known.any():
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)
    depth = _filled(depth.reshape(x.shape), known.reshape(x.shape)) - _GAP * scale
    points = np.stack([x, y, depth], axis=2).reshape(-1, 3).astype(np.float32)
    kept = (matte[:-1, :-1] + matte[1:, :-1] + matte[:-1, 1:] + matte[1:, 1:]).ravel() > 2
    corner = np.arange(x.size).reshape(x.shape)
    a, b, c, d = (each.ravel()[kept] for each in (corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]))
    return points, np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)


def _filled(depth: Floats, known: Floats) -> Floats:
    """Spreads a depth over where it is not known, and smooths it: cloth bridges hollows."""
    total, weight = depth * known, known
    for sigma in (2, 6, 18, 54):
        blurred, cover = (cv2.GaussianBlur(each, (0, 0), sigma) for each in (depth * known, known))
        missing = weight < 1e-3
        total, weight = np.where(missing, blurred, total), np.where(missing, cover, weight)
    whole = np.where(weight > 1e-6, total / np.maximum(weight, 1e-6), depth[known > 0].mean())
    return floats(np.minimum(cv2.GaussianBlur(whole.astype(np.float32), (0, 0), 1.5), whole))
