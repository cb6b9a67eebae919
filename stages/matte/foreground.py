"""Foreground colour under a known matte, where the matte is soft.

Method: blur fusion (Forte, Approximate Fast Foreground Colour Estimation, ICIP 2021) over a pyramid: foreground and
backdrop are averaged around each pixel with matte and 1 - matte as weights, and what they do not explain is shared out
by the matte; first in a coarse picture, then in finer ones that start from what came before. The finest is a small
copy; only the last sharing is done at the soft pixels of the photo itself.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import around
from stages.contracts import RGB, Matte
from stages.matte.sampling import sampled

Field = npt.NDArray[np.float32]

#: Longer side of the small copy.
SMALL = 1024
#: Longer side of the coarsest picture.
COARSEST = 64
#: Backdrop is looked at this share of the longer side, as a divisor, beyond the soft pixels.
BESIDE = 16
#: A pixel is pure when its matte is this near to 0 or 1.
PURE = 0.98
#: Standard deviation of the neighbourhood that is searched for pure pixels, in pixels of the coarsest picture: sheer
#: cloth has none close by.
REACH = 12.0
#: Standard deviation of the neighbourhood in which estimates are averaged, in pixels of each picture.
RADIUS = 1.2


def estimate(pixels: RGB, alpha: Matte) -> RGB:
    """Returns the garment's colour, H x W x 3 as `pixels`: its own where `alpha` is 1, estimated where soft, else 0."""
    foreground: RGB = cv2.copyTo(pixels, (alpha > 0).astype(np.uint8))
    soft = (alpha > 0) & (alpha < 1)
    if not soft.any():
        return foreground
    full = float(np.iinfo(pixels.dtype).max)
    box = around(soft, max(alpha.shape) // BESIDE)
    here, weight = pixels[box], alpha[box]
    height, width = weight.shape
    shrink = math.ceil(max(height, width) / SMALL)
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    if shrink > 1:
        here = cv2.resize(here, size, interpolation=cv2.INTER_AREA)
        weight = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    means = averages(here.astype(np.float32) / np.float32(full), weight)
    ys, xs = np.nonzero(soft[box])
    at = sampled(means, (xs + 0.5) * (size[0] / width) - 0.5, (ys + 0.5) * (size[1] / height) - 0.5)
    colours = pixels[box][ys, xs].astype(np.float32) / np.float32(full)
    front, _ = shared(colours, at[:, :3], at[:, 3:], alpha[box][ys, xs])
    foreground[box][ys, xs] = np.clip(np.rint(front * full), 0, full).astype(pixels.dtype)
    return foreground


def averages(picture: Field, alpha: Matte) -> Field:
    """Returns the close averages of foreground and backdrop, H x W x 6."""
    pictures, weights = [picture], [np.dstack([alpha, alpha > PURE, alpha < 1 - PURE]).astype(np.float32)]
    pure = [picture * weights[0][..., i : i + 1] for i in (1, 2)]
    while max(pictures[-1].shape) > COARSEST:
        width, height = (max(1, side // 2) for side in pictures[-1].shape[1::-1])
        halves = (
            cv2.resize(each, (width, height), interpolation=cv2.INTER_AREA) for each in (pictures[-1], weights[-1])
        )
        pictures, weights = ([*every, half] for every, half in zip((pictures, weights), halves, strict=True))
        pure = [cv2.resize(each, (width, height), interpolation=cv2.INTER_AREA) for each in pure]
    middle = np.full_like(pictures[-1], picture.mean(axis=(0, 1)))
    front, behind = (
        _divided(cv2.GaussianBlur(each, (0, 0), REACH), cv2.GaussianBlur(weights[-1][..., i], (0, 0), REACH), middle)
        for i, each in enumerate(pure, start=1)
    )
    # Twice in the finest picture, where the averages are closest.
    for here, weight in zip([*pictures[::-1], picture], [*weights[::-1], weights[0]], strict=True):
        size = here.shape[1::-1]
        if size != front.shape[1::-1]:
            front, behind = (cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in (front, behind))
        front, behind = shared(here, front, behind, weight[..., 0])
        front, behind = _mean(front, weight[..., 0]), _mean(behind, 1 - weight[..., 0])
    return np.concatenate([front, behind], axis=-1)


def shared(here: Field, front: Field, behind: Field, alpha: Matte) -> tuple[Field, Field]:
    """Shares out what alpha * front + (1 - alpha) * behind leaves of `here`: the least change of both."""
    weight = alpha[..., None]
    rest = here - behind - weight * (front - behind)
    rest /= np.square(weight) + np.square(1 - weight)
    more = rest * weight
    rest -= more
    more += front
    rest += behind
    return np.clip(more, 0, 1, out=more), np.clip(rest, 0, 1, out=rest)


def _mean(values: Field, weight: Matte) -> Field:
    total = cv2.GaussianBlur(cv2.multiply(values, cv2.merge([weight] * 3)), (0, 0), RADIUS)
    return _divided(total, cv2.GaussianBlur(weight, (0, 0), RADIUS), values)


def _divided(total: Field, share: Field, otherwise: Field) -> Field:
    found = cv2.divide(total, cv2.merge([np.maximum(share, np.float32(1e-3))] * 3))
    return np.asarray(cv2.copyTo(otherwise, (share <= 1e-3).astype(np.uint8), found), dtype=np.float32)
