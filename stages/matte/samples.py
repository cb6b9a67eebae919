"""What each unknown pixel says of its own alpha, by the sure garment and the sure backdrop around it.

Sampling-based matting (Wang and Cohen, Robust Matting, 2007): a pixel is taken for C = a F + (1 - a) B with F and B
from close by. Many pairs are tried; their alphas are averaged by how well they explain the pixel, and the average
counts the less the more they disagree. Backdrop in shadow is tried too.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths
from stages.contracts import Mask, Matte
from stages.matte.backdrop import connected

Field = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

#: Samples of garment lie around the nearest by so many pixels, each way.
AROUND = 5
#: Standard deviations of the neighbourhoods in which samples are averaged: of garment, and of backdrop, close by and
#: wider.
FRONT, BEHIND = 0.8, (2.0, 6.0)
#: Shares of light that a shadow may take from the backdrop beside it.
SHADOWS = (0.06, 0.12)
#: Colour, of 1, that a pair may leave unexplained, and colour that noise makes uncertain.
MISFIT, NOISE = 0.02, 0.02
#: Backdrop is what lies within so many standard deviations of the backdrop around, and a level of 8 bits.
ALIKE, LEVEL = 2.0, 1 / 255
#: No more than this of its spread is noise; more is shadow.
EVEN = 6 / 255
#: So much darker, of 1, all cloth nearby must be.
DARKER = 0.1
#: Standard deviation of alpha at which an average counts half.
DOUBT = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What lies around each of N unknown pixels; colours are N x 3 in [0, 1]."""

    at: tuple[Indices, Indices]
    """Their rows and columns."""
    here: Field
    fronts: list[Field]
    """Sure garment, from several places."""
    backs: list[Field]
    """Sure backdrop: close by, wider, and in shadow."""
    uneven: Field
    """Variance of the backdrop, N: noise and texture."""


def taken(colours: Field, trimap: Mask) -> Samples | None:
    """Returns the samples around the unknown pixels; None where there are none, or nothing is sure.

    `colours` is H x W x 3 in [0, 1], `trimap` H x W: 255 garment, 0 backdrop, all else unknown.
    """
    garment, free = trimap == 255, trimap == 0
    at = np.nonzero(~garment & ~free)
    if not (len(at[0]) and garment.any() and free.any()):
        return None
    backs, uneven = _behind(colours, free, (at[0], at[1]))
    return Samples((at[0], at[1]), colours[at], _fronts(colours, garment, (at[0], at[1])), backs, uneven)


def alphas(samples: Samples | None, trimap: Mask) -> tuple[Matte, Field]:
    """Returns each pixel's alpha, H x W (that of the trimap where decided), and how much it counts, in [0, 1]."""
    alpha, weight = (trimap == 255).astype(np.float32), np.zeros(trimap.shape, np.float32)
    if samples is None:
        return alpha, weight
    uneven = samples.uneven + np.float32(NOISE**2)
    total, first, second = (np.zeros(len(uneven), np.float32) for _ in range(3))
    for front in samples.fronts:
        for back in samples.backs:
            span, over = front - back, samples.here - back
            contrast = np.einsum("nc,nc->n", span, span) + np.float32(1e-6)
            fit = np.clip(np.einsum("nc,nc->n", over, span) / contrast, 0, 1)
            over -= fit[:, None] * span
            likely = np.exp(np.einsum("nc,nc->n", over, over) * np.float32(-0.5 / MISFIT**2)) + np.float32(1e-6)
            total += likely
            first += likely * fit
            second += likely * (fit * fit + uneven / contrast)
    mean = first / total
    spread = np.maximum(second / total - mean * mean, 0)
    explained = np.minimum(1, total / len(samples.backs))
    alpha[samples.at] = mean
    weight[samples.at] = explained * np.float32(DOUBT**2) / (np.float32(DOUBT**2) + spread)
    return alpha, weight


def contrast(samples: Samples) -> Field:
    """Returns how far garment and backdrop lie apart in colour around each unknown pixel, N, of 1."""
    return np.asarray(np.max([lengths(each - samples.backs[0]) for each in samples.fronts], axis=0))


def receded(samples: Samples | None, trimap: Mask) -> Mask:
    """Returns the trimap with 0 where unknown pixels, connected with the backdrop, are of its very colour.

    A hard cut-out takes in what compression left beside it, and a window of such a block has no line to the garment.
    """
    if samples is None:
        return trimap
    near, free = samples.backs[0], trimap == 0
    rest = np.square(samples.here - near).sum(axis=1)
    # The rim of paler cloth turns from the light and is as dark as the backdrop.
    light = np.max([each.mean(axis=1) for each in samples.fronts], axis=0)
    alike = free.copy()
    alike[samples.at] = (light < near.mean(axis=1) - np.float32(DARKER)) & (
        rest < ALIKE**2 * (np.minimum(samples.uneven, np.float32(EVEN**2)) + np.float32(LEVEL**2))
    )
    return np.where(connected(alike, free), np.uint8(0), trimap)


def _behind(colours: Field, free: Flags, at: tuple[Indices, Indices]) -> tuple[list[Field], Field]:
    """Returns samples of the backdrop for N pixels, each N x 3, and its variance."""
    rows, nearest = _nearest(free)
    index = nearest[at]
    near = _mean(colours, free, BEHIND[0], rows)[index]
    # The wider mean and the spread about it vary slowly: at half the size.
    small = [
        cv2.resize(each, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        for each in (free.astype(np.float32), colours * free[..., None], np.square(colours) * free[..., None])
    ]
    share, wide, square = (cv2.GaussianBlur(each, (0, 0), BEHIND[1] / 2) for each in small)
    half = tuple(np.minimum(each // 2, side - 1) for each, side in zip(rows, share.shape, strict=True))
    weight = np.maximum(share[half], 1e-3)[:, None]
    wide, square = (each[half] / weight for each in (wide, square))
    uneven = np.maximum(square - np.square(wide), 0).sum(axis=1)[index]
    return [near, wide[index], *(near * np.float32(1 - share) for share in SHADOWS)], uneven


def _fronts(colours: Field, garment: Flags, at: tuple[Indices, Indices]) -> list[Field]:
    rows, nearest = _nearest(garment)
    means = _mean(colours, garment, FRONT, rows)
    height, width = garment.shape
    steps = ((0, 0), (-AROUND, 0), (AROUND, 0), (0, -AROUND), (0, AROUND))
    return [means[nearest[np.clip(at[0] + dy, 0, height - 1), np.clip(at[1] + dx, 0, width - 1)]] for dy, dx in steps]


def _nearest(sure: Flags) -> tuple[tuple[Indices, Indices], npt.NDArray[np.int32]]:
    """Returns the sure pixels that lie beside others (rows, columns) and, for each pixel, the index of the nearest."""
    rim = sure & (cv2.erode(sure.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) == 0)
    _, labels = cv2.distanceTransformWithLabels((~rim).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    rows = np.nonzero(rim)
    order = np.zeros(int(labels.max()) + 1, dtype=np.int32)
    order[labels[rows]] = np.arange(len(rows[0]), dtype=np.int32)
    return (rows[0], rows[1]), order[labels]


def _mean(colours: Field, sure: Flags, sigma: float, rows: tuple[Indices, Indices]) -> Field:
    """Averages over the sure pixels around those of `rows`: N x 3."""
    weight = sure.astype(np.float32)
    total = cv2.GaussianBlur(colours * weight[..., None], (0, 0), sigma)[rows]
    return np.asarray(total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma)[rows], 1e-3)[:, None])
