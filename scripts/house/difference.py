"""Colour difference after CIEDE2000.

Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula: implementation notes, supplementary test data, and
mathematical observations", Color Research and Application 30 (2005); the symbols are theirs.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Colours = npt.NDArray[np.floating[Any]]


def lab(rgb: npt.ArrayLike) -> Colours:
    """Returns ... x 3 sRGB colours in [0, 255] as CIELAB (D65)."""
    values = np.asarray(rgb, np.float32) / 255
    flat = cv2.cvtColor(values.reshape(1, -1, 3), cv2.COLOR_RGB2Lab)
    return np.asarray(flat.reshape(values.shape), np.float64)


def ciede2000(first: npt.ArrayLike, second: npt.ArrayLike) -> Colours:
    """Returns the difference of CIELAB colours, ... x 3 each; about 1 is just seen side by side, 0 is the same."""
    l1, a1, b1 = np.moveaxis(np.asarray(first, np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(second, np.float64), -1, 0)
    stretch = 1 + 0.5 * (1 - _saturation((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    grey = c1 * c2 == 0
    turn = np.where(grey, 0.0, (h2 - h1 + 180) % 360 - 180)
    # Half a turn counts as positive, as in the paper.
    turn = np.where((turn == -180) & (h2 > h1), 180.0, turn)
    hue = np.where(grey, h1 + h2, (h1 + h2) / 2 + np.where(np.abs(h1 - h2) <= 180, 0.0, 180.0)) % 360
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    lightness = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    chromatic = (c2 - c1) / (1 + 0.045 * chroma)
    tones = (
        1
        - 0.17 * _cos(hue - 30)
        + 0.24 * _cos(2 * hue)
        + 0.32 * _cos(3 * hue + 6)
        - 0.20 * _cos(4 * hue - 63)
    )  # fmt: skip
    angular = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2) / (1 + 0.015 * chroma * tones)
    blue = 30 * np.exp(-(((hue - 275) / 25) ** 2))
    rotation = -np.sin(np.radians(2 * blue)) * 2 * _saturation(chroma)
    square = lightness**2 + chromatic**2 + angular**2 + rotation * chromatic * angular
    return np.asarray(np.sqrt(np.maximum(square, 0)))


def _saturation(chroma: Colours) -> Colours:
    return np.asarray(np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))


def _cos(degrees: Colours) -> Colours:
    return np.asarray(np.cos(np.radians(degrees)))
