"""Slopes, and how colours and flags spread from pixel to pixel."""

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths
from stages.matte.backdrop import Flags, Lab

Field = npt.NDArray[np.float32]

#: Neighbours on an outline, even of pale cloth, differ by more than this, Delta E.
_STEP = 1.5


def carried(colours: Lab, known: Flags, sigma: float) -> Lab:
    """Carries the known colours on under all else, near ones first (push and pull over a pyramid), and smooths them."""
    weight = known.astype(np.float32)
    levels = [(colours * weight[..., None], weight)]
    while min(levels[-1][1].shape) > 4:
        total, weight = levels[-1]
        half = (weight.shape[1] + 1) // 2, (weight.shape[0] + 1) // 2
        small = [cv2.resize(each, half, interpolation=cv2.INTER_AREA) for each in (total, weight)]
        total, weight = (np.asarray(cv2.GaussianBlur(each, (0, 0), 1.0), np.float32) for each in small)
        levels.append((total, weight))
    total, weight = levels.pop()
    filled = total / np.maximum(weight, 1e-6)[..., None]
    for total, weight in reversed(levels):
        above = cv2.resize(filled, weight.shape[::-1], interpolation=cv2.INTER_LINEAR)
        share = np.minimum(weight, 1)[..., None]
        filled = share * total / np.maximum(weight, 1e-6)[..., None] + (1 - share) * above
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), sigma), np.float32)


def followed(colours: Lab, allowed: Flags, start: Flags) -> Flags:
    """Returns what of `allowed` is reached from `start` by steps between neighbours that are no outline."""
    height, width = allowed.shape
    # Pixels at even places, the ways between them at odd ones: then the parts that are connected can be counted.
    ways = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
    ways[::2, ::2] = allowed | start
    for axis in (0, 1):
        step = lengths(np.diff(colours, axis=axis)) < _STEP
        if axis == 0:
            ways[1::2, ::2] = step & (ways[:-1:2, ::2] & ways[2::2, ::2] > 0)
        else:
            ways[::2, 1::2] = step & (ways[::2, :-1:2] & ways[::2, 2::2] > 0)
    _, labels = cv2.connectedComponents(ways, connectivity=4)
    labels = labels[::2, ::2]
    kept = np.zeros(int(labels.max()) + 1, bool)
    kept[labels[start]] = True
    kept[0] = False
    return np.asarray(kept[labels], bool)


def edges(colours: Lab) -> Field:
    """Returns the gradient's length over all channels, in Delta E per pixel."""
    total = np.zeros(colours.shape[:2], np.float32)
    for channel in range(3):
        for axis in ((1, 0), (0, 1)):
            total += np.square(cv2.Sobel(colours[..., channel], cv2.CV_32F, *axis, scale=1 / 8))
    return np.sqrt(total)


def grown(flags: Flags, by: int) -> Flags:
    """Returns flags widened by so many pixels on all sides."""
    return np.asarray(cv2.dilate(flags.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)), bool)


def shrunk(flags: Flags, by: int) -> Flags:
    return np.asarray(cv2.erode(flags.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)), bool)
