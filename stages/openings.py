"""Openings in what is kept that the photo does not explain: a hole in a logo, a net of thin lines.

Where a garment is open the photo shows what lies behind it. An opening is sound where the finder opens it too, or where
its colours are those of the outside rather than those of the garment around it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages import colour
from stages.arrays import nearest
from stages.contracts import RGB

Flags = npt.NDArray[np.bool_]
Field = npt.NDArray[np.float32]

#: Lengths in pixels at a longer side of 1024. Gaps up to twice the first are openings even if they reach the outside,
#: and outlines that were found twice differ by less than the second.
_CLOSED, _OUTLINE = 12.0, 2.5
#: Colours are compared with this many pixels of either side, within this distance of the nearest.
_SAMPLES, _AROUND = 40, 14.0
#: Differences in CIELAB: less than the first tells nothing, and what is farther than the second from the outside is not
#: the outside, whatever else it is.
_TELLS, _OTHER = 2.5, 14.0
#: Pixels looked at: an even choice of them where there are more.
_MOST = 40_000


@dataclass(frozen=True, slots=True)
class Openings:
    """What is wrong with the openings of a kept region."""

    share: float
    """Of the garment: openings whose pixels are garment."""
    largest: float
    """Side of the largest such opening, as the root of its area, in pixels at 1024."""
    unsure: float
    """Of the garment: openings that the finder takes for garment, and colours cannot tell."""


def judge(pixels: RGB, kept: Flags, garment: Flags, outside: Flags, icc: bytes | None = None) -> Openings:
    """Judges the openings in `kept`, H x W, a part of the photo `pixels`, H x W x 3.

    `garment` is where the finder says that it is opaque, `outside` where it says that there is nothing of it.
    """
    scale = max(1.0, max(kept.shape) / 1024)
    # What is kept is closed over thin gaps and filled; the finder's outline is left out, on both sides alike.
    whole = _filled(_grown(_grown(kept, _CLOSED * scale), -_CLOSED * scale) | kept)
    suspect = whole & ~kept & _grown(garment, -_OUTLINE * scale)
    if not suspect.any():
        return Openings(0.0, 0.0, 0.0)
    seen = cv2.cvtColor(colour.to_srgb(pixels, icc).astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    ys, xs = np.nonzero(suspect)
    chosen = np.linspace(0, len(ys) - 1, min(len(ys), _MOST)).astype(np.intp)
    ys, xs = ys[chosen], xs[chosen]
    inner = _nearest_colour(seen, kept, ys, xs, scale)
    outer = _nearest_colour(seen, outside & ~whole, ys, xs, scale)
    wrong = (outer > inner + _TELLS) | (outer > _OTHER)
    unsure = ~wrong & (np.abs(outer - inner) <= _TELLS)
    area = max(1, np.count_nonzero(garment))
    weight = np.count_nonzero(suspect) / len(ys)
    faulty = np.zeros(kept.shape, np.uint8)
    faulty[ys[wrong], xs[wrong]] = 1
    joined = cv2.dilate(faulty, np.ones((3, 3), np.uint8)) if weight <= 1 else faulty
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    sizes = np.bincount(labels[faulty > 0], minlength=count)
    largest = float(np.sqrt(sizes.max(initial=0) * weight)) / scale
    return Openings(float(wrong.sum() * weight / area), largest, float(unsure.sum() * weight / area))


def _nearest_colour(seen: Field, of: Flags, ys: npt.NDArray[np.intp], xs: npt.NDArray[np.intp], scale: float) -> Field:
    """Returns for each pixel (ys, xs) the least difference in CIELAB to pixels of `of` near the nearest of them."""
    if not of.any():
        return np.full(len(ys), np.inf, np.float32)
    near_y, near_x = np.divmod(nearest(of, (ys, xs))[1], of.shape[1])
    least = np.full(len(ys), np.inf, np.float32)
    random = np.random.default_rng(0)
    for turn in range(_SAMPLES):
        reach = 0.0 if turn == 0 else _AROUND * scale * np.sqrt((turn + 0.5) / _SAMPLES)
        angle = random.uniform(0, 2 * np.pi, len(ys))
        y = np.clip(near_y + np.rint(reach * np.sin(angle)).astype(np.intp), 0, of.shape[0] - 1)
        x = np.clip(near_x + np.rint(reach * np.cos(angle)).astype(np.intp), 0, of.shape[1] - 1)
        apart = np.linalg.norm(seen[y, x] - seen[ys, xs], axis=1)
        least = np.where(of[y, x], np.minimum(least, apart), least).astype(np.float32)
    return least


def _grown(part: Flags, by: float) -> Flags:
    """Grows a part by a distance in pixels, or shrinks it; beyond the frame it goes on."""
    if by >= 0:
        return cv2.distanceTransform((~part).astype(np.uint8), cv2.DIST_L2, 5) <= by
    if part.all():
        return part
    return cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, 5) > -by


def _filled(part: Flags) -> Flags:
    """Adds what a part encloses."""
    outside = np.pad(~part, 1, constant_values=True).astype(np.uint8)
    _, labels = cv2.connectedComponents(outside, connectivity=4)
    return np.asarray(labels[1:-1, 1:-1] != labels[0, 0], bool)
