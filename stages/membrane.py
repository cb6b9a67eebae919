"""Gradient-domain blending on the generated side: a smooth correction that meets the photo at the border.

Poisson blending keeps the gradients of what is pasted and takes its level from the border (Perez, Gangnet and Blake
2003). Its solution is the pasted picture plus a membrane: the harmonic field that equals the error at the border. Here
that field is solved for, so that what lies outside the region is read and never written.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB

Field = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

#: Relaxations at each size: the size below gives the smooth part, and these mend its rounding.
_SWEEPS = 24
#: Fields larger than this are solved at reduced size: 4 megapixels take 0.5 GB.
_MOST = 4e6
#: The smallest grid, on which relaxation alone reaches everywhere.
_SMALLEST = 16
_NEIGHBOURS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4


def blend(painted: RGB, photo: RGB, region: Flags, light: float = 1.0) -> RGB:
    """Returns `painted` within `region`, shifted by a smooth field so that it meets `photo`, and `photo` elsewhere.

    All are H x W (x 3); both pictures of one type, 8 or 16 bits. `painted` must show its own version of the photo in
    the pixels beside the region: their difference from the photo is what is carried in, up to `light`, a share of
    full scale. What is over that, because prints do not meet, fades within few pixels: carried in it would be a glow.
    Over 4 megapixels the field is solved at reduced size, and what it misses fades so too.
    """
    picture = photo.copy()
    if not region.any():
        return picture
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    near = (slice(max(0, rows[0] - 1), rows[-1] + 2), slice(max(0, columns[0] - 1), columns[-1] + 2))
    picture[near] = _blend(painted[near], photo[near], region[near], light)
    return picture


def _blend(painted: RGB, photo: RGB, region: Flags, light: float) -> RGB:
    beside = np.nonzero(_beside(region))
    error = photo[beside].astype(np.float32) - painted[beside]
    factor = max(1, round(np.sqrt(region.size / _MOST)))
    most = np.float32(light * np.iinfo(photo.dtype).max)
    even = np.clip(error, -most, most)
    coarse = _solve(*_gathered(even, beside, factor, region.shape)) if len(error) else None
    if coarse is None:
        return np.where(region[..., None], painted, photo)
    full = np.iinfo(photo.dtype).max
    picture = photo.copy()
    weight, nearest = _near(beside, region, factor)
    for channel in range(3):
        field = coarse[..., channel]
        field = _enlarged(field, factor, region.shape)
        field += weight * (error[:, channel] - field[beside])[nearest]
        mixed = painted[..., channel] + field
        picture[..., channel][region] = np.rint(np.clip(mixed[region], 0, full)).astype(photo.dtype)
    return picture


def _gathered(
    error: Field, at: tuple[npt.NDArray[np.intp], ...], factor: int, shape: tuple[int, ...]
) -> tuple[Field, Field]:
    """Returns the sums of what is known in squares of `factor` pixels, and how many pixels each sums."""
    height, width = -(-shape[0] // factor), -(-shape[1] // factor)
    where = at[0] // factor * width + at[1] // factor
    sums = [np.bincount(where, weights, height * width) for weights in (*error.T, None)]
    stacked = np.stack(sums, axis=-1).reshape(height, width, -1).astype(np.float32)
    return stacked[..., :-1], stacked[..., -1:]


def _enlarged(field: Field, factor: int, shape: tuple[int, ...]) -> Field:
    size = field.shape[1] * factor, field.shape[0] * factor
    return cv2.resize(field, size, interpolation=cv2.INTER_LINEAR)[: shape[0], : shape[1]]


def _near(beside: tuple[npt.NDArray[np.intp], ...], region: Flags, factor: int) -> tuple[Field, npt.NDArray[np.int32]]:
    """Returns how much each pixel takes over from the border pixel nearest to it, and that one's index."""
    border = np.ones(region.shape, np.uint8)
    border[beside] = 0
    distance, labels = cv2.distanceTransformWithLabels(border, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    index = np.zeros(int(labels.max()) + 1, np.int32)
    index[labels[beside]] = np.arange(len(beside[0]), dtype=np.int32)
    return np.exp(-distance / np.float32(2 * factor)), index[labels]


def harmonic(values: Field, known: Flags) -> Field:
    """Returns the field, H x W x C float32, that equals `values` where `known` and is as smooth as it can be elsewhere.

    It solves Laplace's equation; at the frame the field goes straight on. With nothing known it is 0.
    """
    if not known.any():
        return np.zeros_like(values)
    weight = known.astype(np.float32)[..., None]
    return _solve(values * weight, weight)


def _solve(values: Field, weight: Field) -> Field:
    """Returns the field from values times weight; a weight over 0 is known, as the mean of the pixels it stands for."""
    height, width = weight.shape[:2]
    known = weight > 0
    fixed = values / np.maximum(weight, 1e-6)
    if min(height, width) <= _SMALLEST:
        mean = values.sum(axis=(0, 1)) / max(1e-6, float(weight.sum()))
        field = np.where(known, fixed, mean).astype(np.float32)
        sweeps = 4 * max(height, width)
    else:
        half = ((width + 1) // 2, (height + 1) // 2)
        coarse = _solve(_shrunk(values, half), _shrunk(weight, half))
        field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).reshape(values.shape)
        sweeps = _SWEEPS
    for _ in range(sweeps):
        around = cv2.filter2D(field, -1, _NEIGHBOURS, borderType=cv2.BORDER_REPLICATE).reshape(values.shape)
        field = np.where(known, fixed, around)
    return field


def _shrunk(array: Field, size: tuple[int, int]) -> Field:
    """Halves an array by its mean; what stands for a quarter of a pixel counts with a quarter of the weight."""
    return cv2.resize(array, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], array.shape[2])


def _beside(region: Flags) -> Flags:
    """Returns the pixels that touch the region from outside."""
    return cv2.dilate(region.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~region
