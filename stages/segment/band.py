"""Closed-form matting solved in the unknown band alone, for backdrops that are not plain.

Levin, Lischinski, Weiss, A Closed-Form Solution to Natural Image Matting (2008), with pymatting's Laplacian,
preconditioner and solver (extra `matting`). The Laplacian is built in small boxes around the unknown pixels and put
together over those alone: the same equations as for the whole picture, at a cost that grows with the outline. Large
photos are solved at a part of their size. The model behind the method, that alpha is a linear function of colour within
a small window, then gives alpha at the full size. `make bench-matte` measures it beside the solution at full size.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Mask, Matte
from stages.errors import ConfigError
from stages.segment.sampling import sampled

#: Side of the boxes: small ones hold few decided pixels, large ones need fewer calls.
TILE = 96
#: Photos with a longer side above this are solved small.
COARSE = 1200
#: Windows of the colour lines.
WINDOW = (3, 3)
#: Their least variance in colour: that of noise in 8 bits. With a tenth of it the lines follow noise, and the error is
#: up to 1.3 times as large on a plain backdrop.
EPSILON = 1e-5
#: Residual at which a solution is taken, of the right side.
TOLERANCE = 1e-5

Field = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


def available() -> bool:
    """Tells whether pymatting is installed, without importing it: its first import compiles for most of a minute."""
    from importlib.util import find_spec

    return find_spec("pymatting") is not None


def solve(pixels: RGB, trimap: Mask) -> Matte:
    """Gives the matte, H x W, of a photo and its trimap (H x W: 255 garment, 0 backdrop, all else unknown).

    Large photos are solved small, and the solution is carried over by the local colour lines that it found. Raises
    ConfigError when pymatting is not installed.
    """
    unknown = (trimap != 255) & (trimap != 0)
    matte: Matte = (trimap == 255).astype(np.float32)
    ys, xs = np.nonzero(unknown)
    if not len(ys):
        return matte
    shrink = max(trimap.shape) / COARSE
    if shrink <= 1:
        matte[ys, xs] = _solved(pixels, unknown, matte)
        return matte
    size = max(1, round(trimap.shape[1] / shrink)), max(1, round(trimap.shape[0] / shrink))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    # With unknown pixels at 128 a mean is 0 or 255 only where all are.
    mean = cv2.resize(np.where(unknown, np.uint8(128), trimap), size, interpolation=cv2.INTER_AREA)
    matte[ys, xs] = _carried(pixels, small, solve(small, mean), (ys, xs))
    return matte


def _solved(pixels: RGB, unknown: Flags, known: Matte) -> Field:
    pymatting = _pymatting()
    system, right = _system(pixels, unknown, known, int(np.count_nonzero(unknown)))
    alpha = pymatting.cg(system, right, M=pymatting.ichol(system), rtol=TOLERANCE)
    return np.asarray(np.clip(alpha, 0, 1), dtype=np.float32)


def _carried(pixels: RGB, small: RGB, coarse: Matte, where: tuple[Indices, Indices]) -> Field:
    """Gives alpha at pixels (rows, columns) from the colour lines of a small solution.

    He, Sun, Fast Guided Filter (2015): in each small window alpha is a linear function of colour, which holds for the
    window's pixels at full size too.
    """
    full = np.float32(np.iinfo(pixels.dtype).max)
    line = cv2.blur(_lines(small.astype(np.float32) / full, coarse), WINDOW)
    (ys, xs), (height, width) = where, pixels.shape[:2]
    x = (xs.astype(np.float32) + np.float32(0.5)) * np.float32(coarse.shape[1] / width) - np.float32(0.5)
    y = (ys.astype(np.float32) + np.float32(0.5)) * np.float32(coarse.shape[0] / height) - np.float32(0.5)
    at = sampled(line, x, y)
    here = pixels[where].astype(np.float32) / full
    return np.asarray(np.clip(np.einsum("nc,nc->n", at[:, :3], here) + at[:, 3], 0, 1), dtype=np.float32)


def _lines(colour: Field, alpha: Matte) -> Field:
    """Gives the colour line of the window around each pixel, H x W x 4: slopes and offset; flat where alpha is."""
    size = WINDOW[0]
    reach = np.ones((size + 4, size + 4), np.uint8)
    ys, xs = np.nonzero(cv2.dilate(((alpha > 0) & (alpha < 1)).astype(np.uint8), reach))
    edge = size // 2
    windows = [
        np.lib.stride_tricks.sliding_window_view(np.pad(each, edge, mode="reflect"), WINDOW)[ys, xs].reshape(
            len(ys), -1
        )
        for each in (*cv2.split(colour), alpha)
    ]
    here = np.stack(windows[:3], axis=2)
    mean, level = here.mean(axis=1), windows[3].mean(axis=1)
    here -= mean[:, None]
    spread = here.transpose(0, 2, 1) @ here / size**2 + np.float32(EPSILON) * np.eye(3, dtype=np.float32)
    shared = here.transpose(0, 2, 1) @ (windows[3] - level[:, None])[..., None] / size**2
    slope = np.linalg.solve(spread, shared)[..., 0]
    line = np.zeros((*alpha.shape, 4), np.float32)
    line[..., 3] = cv2.blur(alpha, WINDOW)
    line[ys, xs, :3] = slope
    line[ys, xs, 3] = level - np.sum(slope * mean, axis=1)
    return line


def _system(pixels: RGB, unknown: Flags, known: Matte, count: int) -> tuple[Any, npt.NDArray[np.float64]]:
    """Gives the equations of the unknown pixels in scan order: sparse matrix and right side."""
    from scipy.sparse import coo_matrix

    pymatting = _pymatting()
    height, width = unknown.shape
    full = float(np.iinfo(pixels.dtype).max)
    index = np.full(unknown.shape, -1, dtype=np.int32)
    index[unknown] = np.arange(count, dtype=np.int32)
    # A window of 3 x 3 counts where it holds an unknown pixel; each belongs to the box that holds its middle.
    middles = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8))
    middles[[0, -1]] = 0
    middles[:, [0, -1]] = 0
    rows, columns, values = [], [], []
    right = np.zeros(count)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            x, y, w, h = cv2.boundingRect(middles[top : top + TILE, left : left + TILE])
            if not w:
                continue
            box = slice(top + y - 1, top + y + h + 1), slice(left + x - 1, left + x + w + 1)
            part = pymatting.cf_laplacian(pixels[box] / full, is_known=~unknown[box]).tocoo()
            here = index[box].ravel()
            row, column = here[part.row], here[part.col]
            of_unknown = (row >= 0) & (part.data != 0)
            both = of_unknown & (column >= 0)
            rows.append(row[both])
            columns.append(column[both])
            values.append(part.data[both])
            told = of_unknown & (column < 0)
            share = part.data[told] * known[box].ravel()[part.col[told]]
            right -= np.bincount(row[told], weights=share, minlength=count) if told.any() else 0
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    return coo_matrix(entries, shape=(count, count)).tocsc(), right


def _pymatting() -> Any:
    try:
        import pymatting
    except ImportError as error:
        raise ConfigError("This matting needs pymatting: pip install 'onmodel[matting]'.") from error
    return pymatting
