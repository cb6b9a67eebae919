"""The outline of pale cloth before a pale backdrop: colours there do not tell alpha, and what noise tells has jags.

The outline that was found is moved along its normals to where the colour leaves the backdrop's, the moves are smoothed
along the outline (an active contour's external and internal forces: Kass, Witkin and Terzopoulos 1988), and alpha is
the coverage of what it encloses.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths, nearest
from stages.contracts import RGB, Matte
from stages.find.paper import Paper
from stages.find.spread import carried, grown, shrunk
from stages.matte.backdrop import Flags, Lab
from stages.matte.sampling import sampled

Field = npt.NDArray[np.float32]

#: Cloth is by the outline up to so many pixels from it, at 1024: its even part begins some pixels inside.
_BY = 9
#: The outline moves by so many pixels at most, at 1024, looked at in steps of the second.
_FAR, _STEP = 4.0, 0.5
#: An outline is seen where the colour goes farther from the backdrop than this, Delta E, or this many times the noise;
#: so much farther it is sure. That far from it, at the latest, it has left it: cloth is shaded there.
_SEEN, _NOISE, _SURE, _LEAVES = 2.0, 3.5, 6.0, 4.0
#: An outline in focus rises within so many pixels.
_BLUR = 2.0
#: Cloth has the backdrop's tint within this, Delta E (skin 15 and more): other colours tell alpha.
_TINT = 8.0
#: Standard deviations along the outline, in pixels at 1024, of the outline itself and of its moves.
_EVEN, _MOVES = 2.0, 4.0
#: Outlines shorter than this, in pixels at 1024, are left alone.
_SHORT = 60
#: Alpha is the coverage within this distance of the outline, in pixels at 1024, and as it was beyond.
_BAND = 6
#: Coverage is drawn this many times larger than the small picture, at least.
_FINE = 4


@dataclass(frozen=True, slots=True, eq=False)
class Hem:
    """An outline on the small picture."""

    lines: list[Field]
    """Closed lines, N x 2 each, (x, y) in pixels."""
    by_cloth: Flags
    """H x W: where the coverage of what they enclose is alpha."""


def trace(colours: Lab, seen: Paper, noise: float, hair: Flags) -> Hem | None:
    """Returns the subject's outline with its parts along pale cloth put right; None where there are none."""
    unit = max(1.0, max(colours.shape) / 1024)
    cloth = grown(seen.cloth, round(_BY * unit)) & ~grown(hair, round(2 * unit))
    beside = carried(colours, shrunk(seen.bare, 1), 2 * unit)
    rest = colours - beside
    # Darker than cloth may be counts as another tint: loops and seams are no hems.
    tint = np.maximum(np.hypot(rest[..., 1], rest[..., 2]), -rest[..., 0])
    apart = np.dstack([lengths(rest), tint]).astype(np.float32)
    within = cv2.GaussianBlur(seen.subject.astype(np.float32), (0, 0), _EVEN * unit)
    outward = -np.dstack([cv2.Sobel(within, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1))])
    found, _ = cv2.findContours(seen.subject.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    lines, marks = [], np.zeros(cloth.shape, np.uint8)
    for each in found:
        line = each[:, 0].astype(np.float32)
        xs, ys = each[:, 0, 0], each[:, 0, 1]
        normal = outward[ys, xs] / np.maximum(np.linalg.norm(outward[ys, xs], axis=1, keepdims=True), 1e-6)
        # OpenCV's outlines go through the middles of the last pixels inside.
        line += 0.5 * normal
        here = cloth[ys, xs]
        if len(line) >= _SHORT * unit and here.any():
            moved, tint = _moved(line, normal, apart, max(_SEEN, _NOISE * noise), unit)
            here &= _along(tint[:, None], _MOVES * unit)[:, 0] < _TINT
            here = _along(here[:, None].astype(np.float32), _MOVES * unit)[:, 0] > 0.4
            line = np.where(here[:, None], moved, line)
            marks[ys[here], xs[here]] = 1
        lines.append(line)
    return Hem(lines, grown(marks > 0, round(_BAND * unit)) & ~hair) if marks.any() else None


def _moved(line: Field, normal: Field, apart: Field, seen: float, unit: float) -> tuple[Field, Field]:
    """Returns a closed line, N x 2, moved along its normals to where the colour leaves the backdrop's.

    And how far its tint is from there inside, N, Delta E.
    """
    line, normal = _along(line, _EVEN * unit), _along(normal, _EVEN * unit)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    far = np.arange(_FAR * unit, -_FAR * unit - 0.01, -_STEP * unit, dtype=np.float32)
    at = line[:, None] + far[None, :, None] * normal[:, None]
    both = sampled(apart, at[..., 0].ravel(), at[..., 1].ravel()).reshape(len(line), -1, 2)
    profile, tint = both[..., 0], np.median(both[:, len(far) // 2 + 2 :, 1], axis=1)
    highest = profile.max(axis=1)
    # From outside inwards, where it leaves the backdrop; where it is half as far from there as it gets, if near that.
    leaves, half = (
        _first(profile, np.clip(0.5 * highest, seen, most)) for most in (max(_LEAVES, seen), np.float32(np.inf))
    )
    move = far[0] - _STEP * unit * np.where(half - leaves < _BLUR / _STEP, half, leaves)
    sure = np.clip((highest - seen) / _SURE, 0, 1) * (leaves > 0)
    weight = np.asarray(sure + 0.02, np.float32)[:, None]  # where nothing is seen it stays
    moves = _along(np.where(sure > 0, move, 0)[:, None] * weight, _MOVES * unit) / _along(weight, _MOVES * unit)
    return np.asarray(line + moves * normal, np.float32), np.asarray(tint, np.float32)


def _first(profile: Field, level: Field) -> Field:
    """Gives, in steps, where each of N profiles first reaches its level; 0 where it begins over it or never does."""
    over = profile >= level[:, None]
    first, rows = np.argmax(over, axis=1), np.arange(len(profile))
    before, after = profile[rows, first - 1], profile[rows, first]
    part = np.clip((level - before) / np.maximum(after - before, 1e-3), 0, 1)
    return np.asarray(np.where(first > 0, first - 1 + part, 0), np.float32)


def _along(values: Field, sigma: float) -> Field:
    """Smooths values along a closed line, N x C."""
    reach = min(len(values), round(4 * sigma))
    padded = np.concatenate([values[-reach:], values, values[:reach]]).astype(np.float32)
    return np.asarray(
        cv2.GaussianBlur(padded, (1, 0), sigmaX=1e-6, sigmaY=sigma)[reach : reach + len(values)], np.float32
    )


def put(pixels: RGB, matte: Matte, foreground: RGB, hem: Hem) -> tuple[Matte, RGB]:
    """Returns matte and foreground, of a photo's size, with the coverage along pale cloth as alpha."""
    height, width = matte.shape
    scale = np.array([width / hem.by_cloth.shape[1], height / hem.by_cloth.shape[0]], np.float32)
    by_cloth = cv2.resize(hem.by_cloth.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    x, y, w, h = cv2.boundingRect(by_cloth.astype(np.uint8))
    times = max(1, round(_FINE / float(scale.max())))
    fine = np.zeros((h * times, w * times), np.uint8)
    points = [
        np.rint((((line + 0.5) * scale - (x, y)) * times - 0.5) * 16).astype(np.int32)[:, None] for line in hem.lines
    ]
    cv2.fillPoly(fine, points, 255, shift=4)
    cv2.polylines(fine, points, True, 128, shift=4)  # OpenCV fills the pixels that the line goes through
    cover = cv2.resize(fine, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    cover = cv2.GaussianBlur(cover, (0, 0), 0.5 * float(scale.max()))
    window = slice(y, y + h), slice(x, x + w)
    here = by_cloth[window]
    new_matte, new_foreground = matte.copy(), foreground.copy()
    new_matte[window][here] = np.where(cover > 0.99, 1, np.where(cover < 0.01, 0, cover))[here]
    # Cloth and backdrop are alike: the colour is the photo's, or that of the nearest pixel that is all cloth.
    soft = here & (new_matte[window] > 0) & (new_matte[window] < 1)
    new_foreground[window][here] = pixels[window][here] * (new_matte[window][here] > 0)[:, None]
    whole = new_matte[window] == 1
    if soft.any() and whole.any():
        new_foreground[window][soft] = pixels[window].reshape(-1, 3)[nearest(whole, soft)[1]]
    return new_matte, new_foreground
