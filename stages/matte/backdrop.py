"""The backdrop behind a garment: its colour at every pixel, and how noisy it is."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths
from stages.contracts import Plate

Lab = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

#: The frame that is taken for backdrop at first, as a share of the picture's shorter side.
FRAME = 0.03
#: Least tolerance about the fitted colour, in Delta E: a bit more than one step of 8-bit grey (0.35).
FLOOR = 0.5
#: Least tolerance of the mean of 5 x 5 pixels: half a step of 8-bit grey.
FLAT = 0.18


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    colour: Lab
    """H x W x 3 CIE Lab, also behind the garment."""
    noise: float
    """Robust standard deviation of the backdrop about `colour`, in Delta E."""
    grain: float
    """The same for neighbouring pixels: what a gradient has to exceed."""
    outside: Flags
    """H x W: surely backdrop, connected with the frame."""


def lab(picture: Plate) -> Lab:
    """Returns CIE Lab (L in [0, 100]) of an H x W x 3 uint8 sRGB picture."""
    return np.asarray(cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), dtype=np.float32)


def fit(picture: Lab) -> Backdrop:
    """Fits a quadratic surface to the picture's frame, then to all that turns out to be backdrop.

    The fit is robust (iteratively reweighted, Tukey's biweight), so that a garment may touch the frame. What the
    surface leaves over is smoothed over the known backdrop and added: uneven light, vignettes, padding.
    """
    height, width = picture.shape[:2]
    small_size = (max(8, width // 4), max(8, height // 4))
    small = cv2.resize(picture, small_size, interpolation=cv2.INTER_AREA)
    terms = _terms(small_size[0], small_size[1])
    border = max(2, round(FRAME * min(small_size)))
    chosen = np.ones(small.shape[:2], dtype=bool)
    chosen[border:-border, border:-border] = False
    surface = small
    for _ in range(4):
        surface, spread = _robust_surface(terms, small, chosen)
        near = _distance(small, surface) < max(FLOOR, 3.0 * spread)
        grown = connected(near, chosen & near)
        if grown.sum() < 0.2 * chosen.sum() or np.array_equal(grown, chosen):
            break
        chosen = grown
    colour = cv2.resize(surface, (width, height), interpolation=cv2.INTER_LINEAR)
    noise = _spread(_distance(small, surface)[chosen])
    inside = cv2.resize(chosen.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    colour = colour + _smoothed_rest(picture - colour, inside, 0.03 * max(height, width))
    distance = _distance(picture, colour)
    frame_noise = _spread(distance[inside])
    outside = connected(_plain(distance, max(FLOOR, 3.0 * frame_noise), frame_noise), _frame(height, width))
    steps = np.abs(np.diff(picture[..., 0], axis=1))[inside[:, 1:] & inside[:, :-1]]
    return Backdrop(colour, min(noise, frame_noise), _spread(steps), outside)


def refit(picture: Lab, backdrop: Backdrop, outside: Flags) -> Backdrop:
    """Bends a backdrop to what a first cut left outside: uneven light and the shadows' edges.

    Colours are averaged close by (1 % of the longer side), some way off the cut so that blurred outlines stay out.
    """
    outside = connected(outside, _frame(*outside.shape)) | backdrop.outside
    known = cv2.erode(outside.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    colour = backdrop.colour + _smoothed_rest(picture - backdrop.colour, known, 0.01 * max(picture.shape))
    near = _distance(picture, colour) < max(FLOOR, 3.0 * backdrop.noise)
    return Backdrop(colour, backdrop.noise, backdrop.grain, connected(near & outside, known))


def connected(allowed: Flags, seeds: Flags) -> Flags:
    """Returns the parts of `allowed` (4-connected, H x W) that hold a pixel of `seeds`."""
    count, labels = cv2.connectedComponents(allowed.astype(np.uint8), connectivity=4)
    table = np.zeros(count, dtype=bool)
    table[labels[seeds & allowed]] = True
    return np.asarray(table[labels], dtype=bool)


def _frame(height: int, width: int) -> Flags:
    frame = np.zeros((height, width), dtype=bool)
    frame[[0, -1], :] = True
    frame[:, [0, -1]] = True
    return frame


def _plain(distance: npt.NDArray[np.float32], limit: float, noise: float) -> Flags:
    """Tells backdrop from cloth of its colour: a flat backdrop differs from its fit nowhere, cloth here and there."""
    usual = cv2.blur(distance, (5, 5)) < FLAT + 1.6 * noise
    return np.asarray((distance < limit) & usual, dtype=bool)


def _terms(width: int, height: int) -> npt.NDArray[np.float32]:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _distance(a: Lab, b: Lab) -> npt.NDArray[np.float32]:
    return lengths(a - b)


def _spread(values: npt.NDArray[np.float32]) -> float:
    """Robust root mean square: of a normal distribution's absolute values, the median times 1.48."""
    return float(1.4826 * np.median(values)) if values.size else 0.0


def _robust_surface(terms: npt.NDArray[np.float32], picture: Lab, chosen: Flags) -> tuple[Lab, float]:
    rows, values = terms[chosen], picture[chosen]
    # A constant through the median first: a least-squares start would lean towards a garment at the frame.
    estimate = np.broadcast_to(np.median(values, axis=0), values.shape)
    spread, weights = 0.0, np.ones(len(values), dtype=np.float32)
    coefficients = np.zeros((rows.shape[1], 3), dtype=np.float32)
    for turn in range(8):
        rest, before = lengths(values - estimate), spread
        spread = _spread(rest)
        if turn > 2 and abs(spread - before) < 1e-3 * spread:
            break
        limit = max(2.0, (6.0 if turn < 2 else 4.0) * spread)
        weights = np.square(np.clip(1 - np.square(rest / limit), 0, None)).astype(np.float32)
        weighted = rows * weights[:, None]
        ridge = 1e-3 * weights.sum() * np.diag([0, 1, 1, 1, 1, 1]).astype(np.float32)
        coefficients = np.linalg.solve(weighted.T @ rows + ridge + 1e-6 * np.eye(6), weighted.T @ values)
        estimate = rows @ coefficients
    return np.asarray(terms @ coefficients, dtype=np.float32), spread


def _smoothed_rest(rest: Lab, inside: Flags, sigma: float) -> Lab:
    """Normalised convolution: averages `rest` over `inside`, fading to zero far away from it."""
    weight = inside.astype(np.float32)
    size = (max(1, rest.shape[1] // 4), max(1, rest.shape[0] // 4))
    small_weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    small_rest = cv2.resize(rest * weight[..., None], size, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small_rest, (0, 0), sigma / 4)
    share = cv2.GaussianBlur(small_weight, (0, 0), sigma / 4)
    smooth = blurred / np.maximum(share, 0.02)[..., None]
    return np.asarray(cv2.resize(smooth, rest.shape[1::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32)
