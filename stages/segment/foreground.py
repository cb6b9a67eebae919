"""Foreground colour under a known matte, where the matte is soft.

Method: blur fusion (Forte, Approximate Fast Foreground Colour Estimation, ICIP 2021): foreground and backdrop are
averaged around each pixel with matte and 1 - matte as weights, and what they do not explain is shared out by the
matte; first over a wide neighbourhood, then over close ones that start from what came before. The averages are taken
on a small copy; only the last sharing is done at the soft pixels of the photo itself.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Matte
from stages.segment.sampling import sampled

Field = npt.NDArray[np.float32]

#: Longer side of the small copy.
SMALL = 1024
#: A pixel is pure when its matte is this near to 0 or 1.
PURE = 0.98
#: Standard deviations of the neighbourhoods that are searched for pure pixels, in pixels of the small copy.
REACH = (192.0, 48.0, 12.0)
#: Standard deviations of those in which estimates are averaged.
RADII = (12.0, 6.0, 3.0, 1.2, 1.2)


def estimate(pixels: RGB, alpha: Matte) -> RGB:
    """Gives the garment's colour, H x W x 3 as `pixels`: its own where `alpha` is 1, estimated where soft, else 0."""
    foreground: RGB = pixels * (alpha > 0)[..., None]
    ys, xs = np.nonzero((alpha > 0) & (alpha < 1))
    if not len(ys):
        return foreground
    full = float(np.iinfo(pixels.dtype).max)
    height, width = alpha.shape
    shrink = math.ceil(max(height, width) / SMALL)
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    small, weight = pixels, alpha
    if shrink > 1:
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        weight = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    means = averages(small.astype(np.float32) / np.float32(full), weight)
    x, y = (xs + 0.5) * (size[0] / width) - 0.5, (ys + 0.5) * (size[1] / height) - 0.5
    at = sampled(means, x, y)
    here = pixels[ys, xs].astype(np.float32) / np.float32(full)
    front, _ = shared(here, at[:, :3], at[:, 3:], alpha[ys, xs])
    foreground[ys, xs] = np.clip(np.rint(front * full), 0, full).astype(pixels.dtype)
    return foreground


def averages(picture: Field, alpha: Matte) -> Field:
    """Gives the close averages of foreground and backdrop, H x W x 6."""
    front = _pure(picture, (alpha > PURE).astype(np.float32))
    behind = _pure(picture, (alpha < 1 - PURE).astype(np.float32))
    for radius in RADII:
        front, behind = shared(picture, front, behind, alpha)
        front, behind = _mean(front, alpha, radius, front), _mean(behind, 1 - alpha, radius, behind)
    return np.concatenate([front, behind], axis=-1)


def _pure(picture: Field, chosen: Field) -> Field:
    """Averages the pixels that are pure, from as far as they lie: sheer cloth has none close by."""
    found = np.broadcast_to(picture.mean(axis=(0, 1)), picture.shape)
    for radius in REACH:
        found = _mean(picture, chosen, radius, found)
    return found


def shared(here: Field, front: Field, behind: Field, alpha: Matte) -> tuple[Field, Field]:
    """Shares out what alpha * front + (1 - alpha) * behind leaves of `here`: the least change of both."""
    weight = alpha[..., None]
    rest = (here - weight * front - (1 - weight) * behind) / (np.square(weight) + np.square(1 - weight))
    return np.clip(front + rest * weight, 0, 1), np.clip(behind + rest * (1 - weight), 0, 1)


def _mean(values: Field, weight: Matte, sigma: float, otherwise: Field) -> Field:
    total = _blur(values * weight[..., None], sigma)
    share = _blur(weight, sigma)[..., None]
    return np.asarray(np.where(share > 1e-3, total / np.maximum(share, 1e-3), otherwise), dtype=np.float32)


def _blur(values: Field, sigma: float) -> Field:
    # Wide blurs change slowly: a part of the size gives the same at a fraction of the cost.
    part = max(1, int(sigma / 2))
    if part == 1:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), dtype=np.float32)
    height, width = values.shape[:2]
    small = cv2.resize(values, (max(1, width // part), max(1, height // part)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / part)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
