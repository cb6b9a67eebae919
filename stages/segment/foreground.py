"""Foreground colour under a known matte, where the matte is soft.

Method: blur fusion (Forte, Approximate Fast Foreground Colour Estimation, ICIP 2021): foreground and backdrop are
averaged around each pixel with matte and 1 - matte as weights, and what they do not explain is shared out by the
matte; once over a wide neighbourhood, and once over a close one that starts from the first.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Matte

Field = npt.NDArray[np.float32]

TILE = 1024
#: Radii of the two neighbourhoods, in pixels at 1024.
WIDE, CLOSE = 12.0, 1.5


def estimate(pixels: RGB, alpha: Matte) -> RGB:
    """Gives the garment's colour, H x W x 3 as `pixels`: its own where `alpha` is 1, estimated where soft, else 0.

    Only tiles with soft pixels are solved.
    """
    height, width = alpha.shape
    scale = max(1.0, max(height, width) / 1024)
    foreground: RGB = pixels * (alpha > 0)[..., None]
    halo = math.ceil(3 * (WIDE + CLOSE) * scale)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            place = slice(top, top + TILE), slice(left, left + TILE)
            soft = (alpha[place] > 0) & (alpha[place] < 1)
            if not soft.any():
                continue
            # The soft pixels' own box: along an outline it is much smaller than the tile.
            x, y, w, h = cv2.boundingRect(soft.astype(np.uint8))
            y0, x0 = max(0, top + y - halo), max(0, left + x - halo)
            outer = slice(y0, top + y + h + halo), slice(x0, left + x + w + halo)
            inner = slice(top + y - y0, top + y + h - y0), slice(left + x - x0, left + x + w - x0)
            found = fuse(pixels[outer], alpha[outer], scale)[inner]
            here = slice(top + y, top + y + h), slice(left + x, left + x + w)
            part = soft[y : y + h, x : x + w]
            foreground[here][part] = found[part]
    return foreground


def fuse(pixels: RGB, alpha: Matte, scale: float) -> RGB:
    """Gives the foreground's colour of every pixel of a part, H x W x 3 as `pixels`."""
    full = float(np.iinfo(pixels.dtype).max)
    here = pixels.astype(np.float32)
    front, behind = here, here
    for radius in (WIDE, CLOSE):
        front, behind = _shared(here, front, behind, alpha, radius * scale)
    colour = np.clip(np.rint(front), 0, full)
    return colour.astype(np.uint8) if pixels.dtype == np.uint8 else colour.astype(np.uint16)


def _shared(here: Field, front: Field, behind: Field, alpha: Matte, sigma: float) -> tuple[Field, Field]:
    weight = alpha[..., None]
    front = _mean(front * weight, alpha, front, sigma)
    behind = _mean(behind * (1 - weight), 1 - alpha, behind, sigma)
    rest = here - weight * front - (1 - weight) * behind
    # The share of least change: both give way by their part in the pixel.
    norm = np.square(weight) + np.square(1 - weight)
    return front + rest * weight / norm, behind + rest * (1 - weight) / norm


def _mean(weighted: Field, weight: Matte, otherwise: Field, sigma: float) -> Field:
    total = _blur(weighted, sigma)
    share = _blur(weight, sigma)[..., None]
    return np.asarray(np.where(share > 1e-3, total / np.maximum(share, 1e-3), otherwise), dtype=np.float32)


def _blur(values: Field, sigma: float) -> Field:
    if sigma < 4:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), dtype=np.float32)
    # Wide blurs change slowly: a quarter of the size gives the same at a sixteenth of the cost.
    height, width = values.shape[:2]
    small = cv2.resize(values, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / 4)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
