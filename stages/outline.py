"""A garment's silhouette on a bounded grid, and the path of its outline down each side.

Everything is measured on a grid whose longer side is 512, so cost and limits do not depend on the photo's size.
Lengths are grid pixels; `unit`, the square root of the garment's area, makes every limit independent of scale.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Matte, Point
from stages.errors import NotFoundError

GRID = 512
PAD = 6

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Silhouette:
    """A garment's mask on the grid, and the way back to the pixels it came from."""

    mask: Bools
    factor: float
    """Grid pixels per source pixel."""
    x0: int
    y0: int
    """The source pixel at grid (PAD, PAD)."""

    @property
    def unit(self) -> float:
        return float(np.sqrt(self.mask.sum()))

    def out(self, x: float, y: float) -> Point:
        """Returns the source pixel of a grid point."""
        return ((x - PAD + 0.5) / self.factor - 0.5 + self.x0, (y - PAD + 0.5) / self.factor - 0.5 + self.y0)

    def into(self, x: float, y: float) -> Point:
        """Returns the grid point of a source pixel."""
        return ((x - self.x0 + 0.5) * self.factor - 0.5 + PAD, (y - self.y0 + 0.5) * self.factor - 0.5 + PAD)


def silhouette(matte: Matte) -> Silhouette:
    """Returns the garment's silhouette on the grid; `NotFoundError` if the matte is empty."""
    solid = matte > 0.5
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        raise NotFoundError("No garment was found in the photo; try another segmenter or a plainer backdrop.")
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    factor = GRID / max(y1 - y0, x1 - x0)
    size = (max(1, round((x1 - x0) * factor)), max(1, round((y1 - y0) * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    small = cv2.resize(np.ascontiguousarray(matte[y0:y1, x0:x1]), size, interpolation=how)
    # 0.3 rather than 0.5: a strap a little thinner than a grid pixel must not break.
    mask = np.pad((small > 0.3).astype(np.uint8), PAD)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    kept = [n for n in range(1, count) if areas[n] >= 0.02 * areas[1:].max()]
    return Silhouette(np.isin(labels, kept), factor, x0, y0)


def lightness(picture: RGB, on: Silhouette) -> Floats:
    """Returns a picture's lightness (H x W x 3 in, [0, 1] out) on the grid of a silhouette of the same photo."""
    height, width = on.mask.shape
    full = np.iinfo(picture.dtype).max
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    x0, y0 = on.x0, on.y0
    span = [round((side - 2 * PAD) / on.factor) for side in (width, height)]
    small = cv2.resize(
        grey[y0 : y0 + span[1], x0 : x0 + span[0]], (width - 2 * PAD, height - 2 * PAD), interpolation=cv2.INTER_AREA
    )
    return np.pad(small.astype(np.float64) / full, PAD, mode="edge")


def turned_like(values: Floats, back: Floats, shape: tuple[int, ...]) -> Floats:
    """Returns values of the grid as `turned` turned the mask; `back` is the matrix that it gave."""
    size = (shape[1], shape[0])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(values, back, size, flags=how)


def axis(mask: Bools) -> float:
    """Returns the column about which the silhouette mirrors best onto itself."""
    return _mirror(mask[::4])[0]


def tilt(mask: Bools) -> float:
    """Returns the degrees by which the garment leans, clockwise positive: turned back, it mirrors best onto itself.

    Leans up to 10 degrees are found, to about one. A lean that improves the overlap by less than 1 % is taken for
    the garment's own asymmetry.
    """
    small = cv2.resize(mask.astype(np.uint8), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    overlaps = {0.0: _mirror(small > 0)[1]}
    for step in (2.5, 5.0, 7.5, 10.0, -2.5, -5.0, -7.5, -10.0):
        overlaps[step] = _mirror(turned(small, step)[0])[1]
    best = max(overlaps, key=lambda angle: overlaps[angle])
    for angle in (best - 1.25, best + 1.25):
        overlaps[angle] = _mirror(turned(small, angle)[0])[1]
    best = max(overlaps, key=lambda angle: overlaps[angle])
    return best if overlaps[best] > overlaps[0.0] + 0.01 else 0.0


def turned(mask: npt.NDArray[np.generic], degrees: float) -> tuple[Bools, Floats]:
    """Returns the mask turned counter-clockwise on a larger grid, and the 2 x 3 matrix that leads back."""
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    grow = abs(np.sin(np.radians(degrees)))
    size = (round(width + height * grow), round(height + width * grow))
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    out = cv2.warpAffine(mask.astype(np.uint8) * 255, matrix, size, flags=cv2.INTER_LINEAR)
    return out > 127, cv2.invertAffineTransform(matrix)


def _mirror(mask: Bools) -> tuple[float, float]:
    """Returns the best mirror column and the share of the silhouette that then falls onto itself."""
    width = mask.shape[1]
    counts = mask.sum(axis=0)
    centre = float((counts * np.arange(width)).sum() / counts.sum())
    reach = 0.12 * width
    best, overlap = centre, -1
    for twice in range(round(2 * (centre - reach)), round(2 * (centre + reach)) + 1):
        # Column x falls on twice - x.
        both = mask[:, max(0, twice - width + 1) : twice + 1]
        common = int(np.count_nonzero(both & both[:, ::-1]))
        if common > overlap:
            best, overlap = twice / 2, common
    return best, overlap / float(counts.sum())


def open_gaps(mask: Bools, centre: float) -> Bools:
    """Opens holes between sleeve and body downwards, so that the outline runs up into them.

    A hanging sleeve that touches the body further down closes its gap into a hole. Holes near the axis (necks,
    gaps between legs) stay.
    """
    filled = mask.copy()
    count, labels, stats, centroids = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    outside = labels[0, 0]
    for n in range(1, count):
        _, y, w, h, area = (int(v) for v in stats[n])
        lateral = abs(centroids[n][0] - centre) > 0.15 * mask.shape[1]
        if n == outside or not lateral or area < 6e-4 * mask.sum() or h < 2 * w:
            continue
        bottom = int(np.mean(np.flatnonzero(labels[y + h - 1] == n)))
        below = np.flatnonzero(labels[y + h :, bottom] == outside)
        # A strap's loop has the whole body under it; only a sleeve's gap ends near the hem or the cuff.
        if len(below) and below[0] < 1.5 * h:
            filled[y + h - 1 : y + h + below[0], max(bottom - 1, 0) : bottom + 2] = False
    return filled


def filled(mask: Bools) -> Bools:
    """Returns the mask with its holes filled: lace, sheer cloth and prints lost by the matte are still garment."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    out = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(out, contours, -1, 1, cv2.FILLED)
    return out.astype(bool)


def side(mask: Bools, centre: float, outward: int) -> Floats:
    """Returns the outline down one side, N x 2 (u, y): from the axis at the top, outwards, to the axis at the bottom.

    u is the distance from the axis, positive outwards; `outward` is -1 for the picture's left, +1 for its right.
    Points are about one grid pixel apart and smoothed over 2 px.
    """
    half = mask.copy()
    columns = (np.arange(mask.shape[1]) - centre) * outward
    half[:, columns < 0] = False
    _, labels, stats, _ = cv2.connectedComponentsWithStats(half.astype(np.uint8), connectivity=8)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    contours, _ = cv2.findContours((labels == largest).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = max(contours, key=len)[:, 0, :].astype(np.float64)
    path = np.column_stack([(points[:, 0] - centre) * outward, points[:, 1]])
    inner = path[:, 0] < path[:, 0].min() + 1.5
    top = int(np.flatnonzero(inner)[np.argmin(path[inner, 1])])
    path = np.roll(path, -top, axis=0)
    inner = np.roll(inner, -top)
    bottom = int(np.flatnonzero(inner)[np.argmax(path[inner, 1])])
    down, up = path[: bottom + 1], np.concatenate([path[bottom:], path[:1]])[::-1]
    path = down if down[:, 0].mean() > up[:, 0].mean() else up
    return smooth(path, 2.0)


def smooth(path: Floats, sigma: float) -> Floats:
    """Returns the path convolved with a Gaussian, its ends kept."""
    reach = int(3 * sigma)
    if len(path) <= 2 * reach + 1:
        return path
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.concatenate([np.repeat(path[:1], reach, axis=0), path, np.repeat(path[-1:], reach, axis=0)])
    return np.column_stack([np.convolve(padded[:, n], kernel, mode="valid") for n in range(2)])


def bulge(path: Floats, start: int, end: int) -> tuple[int, float]:
    """Returns the index in path[start:end] farthest outside the chord between the ends, and its distance.

    Outside is the outward and upward side; the distance is negative when the path runs inside the chord.
    """
    if end - start < 3:
        return start, 0.0
    chord = path[end] - path[start]
    length = float(np.hypot(*chord)) or 1.0
    offset = path[start : end + 1] - path[start]
    distance = (offset[:, 0] * chord[1] - offset[:, 1] * chord[0]) / length
    best = int(np.argmax(distance))
    return start + best, float(distance[best])
