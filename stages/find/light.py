"""What of a picture is its plain backdrop, in any light.

The backdrop is what the frame leads to over slopes as soft as those of light: shadows on it are part of it, however
deep, and an outline in focus is a wall, even that of white cloth shaded to the paper's own grey. A gap is an even part
of the backdrop's tint, in any soft shade, with an outline all around; a fold of pale cloth has the tint at most, and an
outline on one side at most.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.find.spread import edges, grown
from stages.matte import backdrop as backdrops
from stages.matte.backdrop import Backdrop, Flags, Lab

Field = npt.NDArray[np.float32]

#: Light on a backdrop changes by less than this, in Delta E per pixel at 1024 (cast shadows on the worn photos: up to
#: 0.15, contact shadows up to 1.2); outlines of the palest cloth rise by 1.5 to 4.
_LIGHT, _CONTACT = 0.4, 1.2
#: Light leaves a backdrop this share of its lightness; brighter than itself it is by reflected light, in L.
_DEEPEST, _BRIGHTER = 0.6, 4.0
#: Tints of a backdrop, in Delta E, smoothed over compression's blocks: 99 % lie within 0.8 on the worn photos. In shade
#: they move by so much of the darkening.
TINT, _TINT_OF_SHADE = 0.8, 0.15
#: Even parts of a subject have slopes below this, in Delta E per pixel.
EVEN = 1.0
#: An outline in focus rises by more than this, in Delta E per pixel; one around a gap narrower than `_WIDE` pixels at
#: 1024 by more than `_HARD`: folds are as narrow.
_OUTLINE, _HARD, _WIDE = 2.0, 5.0, 7.0
#: The share of a gap's border that has an outline: gaps measured 0.97 and more, folds up to 0.87.
AROUND = 0.92
#: And so far beyond it, in pixels, more than this share is subject: what has backdrop on both sides is a leg.
BEYOND, ENCLOSED = 8, 0.35
#: The least gap, in pixels at 1024; smaller ones are for the matte.
_LEAST = 40
#: How far around backdrop, in pixels at 1024, colours are compared with it to place the outline.
NEAR = 7.0
#: Distance from the backdrop beside it, in Delta E, from which on a pixel speaks for the subject.
APART = 2.5
#: Cloth is pale within this distance from the backdrop in light and in tint, Delta E; hair's mist has no even part of
#: so many pixels at 1024, and none of the second number that is lighter than the backdrop.
PALE, _CLOTH, _WHITE = 16.0, 600, 60
#: Feet are lower than this share of the subject: what has the backdrop's colour there may be a strap.
_FEET = 0.12
#: Gaps are darker than the backdrop outside by this L at most.
_SHADE = 18.0


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the colours say, H x W each."""

    lighter: Field
    """L over the backdrop's; below 0 it is darker."""
    tint: Field
    """Distance in tint from the backdrop's in that shade, Delta E, over what noise and shade explain."""
    steps: Field
    """Length of the gradient, Delta E per pixel."""


def calm(colours: Lab, backdrop: Backdrop) -> Lab:
    """Smooths away the grain that slopes could not be told from."""
    return colours if backdrop.grain < 0.5 else np.asarray(cv2.GaussianBlur(colours, (0, 0), 1.2), np.float32)


def light(colours: Lab, backdrop: Backdrop, free: Flags) -> Flags:
    """Returns what may be backdrop in some light: slopes are soft, and so is what they lead to.

    Where it is `free` of a subject, H x W, they may be as steep as under shoes: shadows have noise too.
    """
    slope = cv2.blur(edges(cv2.GaussianBlur(colours, (0, 0), 1.0)), (3, 3))
    usual = 3 * float(np.median(slope[backdrop.outside])) if backdrop.outside.any() else 0.0
    told = read(colours, backdrop.colour, slope)
    lightness = np.maximum(backdrop.colour[..., 0], 1)
    lit = (colours[..., 0] > _DEEPEST * lightness) & (told.lighter < _BRIGHTER)
    soft = (slope < np.where(free, max(_CONTACT, usual), max(_LIGHT, usual))) & lit & (told.tint < 3 * TINT)
    # Under shoes the shadow is steeper: it is followed where it is darker than the backdrop and of its tint.
    contact = (slope < max(_CONTACT, usual)) & lit & (told.lighter < -3) & (told.tint < TINT)
    return np.asarray(soft | contact | backdrop.outside, bool)


def reached(light: Flags, channel: int) -> Flags:
    """Returns what the frame leads to, through nothing narrower than a channel of so many pixels."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (channel, channel))
    wide = cv2.erode(light.astype(np.uint8), disc, borderValue=1) > 0
    frame = np.ones(light.shape, bool)
    frame[1:-1, 1:-1] = False
    return np.asarray(cv2.dilate(backdrops.connected(wide, frame).astype(np.uint8), disc) > 0, bool)


def read(colours: Lab, behind: Lab, steps: Field) -> Reading:
    lighter = colours[..., 0] - behind[..., 0]
    shade = np.clip(colours[..., 0] / np.maximum(behind[..., 0], 1), 0.5, 1)
    # Compression keeps tints in blocks: the median over 5 x 5 keeps their outlines.
    tints = [cv2.blur(cv2.medianBlur(np.ascontiguousarray(colours[..., i]), 5), (3, 3)) for i in (1, 2)]
    off = np.hypot(*(tint - behind[..., i] * shade for tint, i in zip(tints, (1, 2), strict=True)))
    off -= _TINT_OF_SHADE * np.maximum(-lighter, 0)
    return Reading(np.asarray(lighter, np.float32), np.asarray(off, np.float32), steps)


def even_parts(inside: Flags, readings: list[Reading], steps: Field, unit: float) -> tuple[Flags, Flags, Flags]:
    """Gives, of the even parts inside, those that are backdrop with an outline around, pale cloth, and large ones."""
    even = inside & (cv2.GaussianBlur(steps, (0, 0), 0.7) < EVEN)
    opened = cv2.morphologyEx(even.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    strongest = cv2.dilate(steps, np.ones((5, 5), np.uint8))
    gaps, cloth, large = (np.zeros_like(inside) for _ in range(3))
    for index in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[index])
        if area < _LEAST * unit * unit:
            continue
        window = slice(max(0, y - 10), y + h + 10), slice(max(0, x - 10), x + w + 10)
        part = labels[window] == index
        means = [_means(reading, window, part) for reading in readings]
        pale = any(
            area > (_WHITE if light > APART else _CLOTH) * unit * unit and abs(light) < PALE and tint < PALE
            for light, tint in means
        )
        # A gap is as bright all over; cloth has folds and light on it.
        bright = [float(np.percentile(each.lighter[window][part], 90)) for each in readings]
        alike = [
            light > -_SHADE and top < _BRIGHTER and tint < 2 * TINT
            for (light, tint), top in zip(means, bright, strict=True)
        ]
        wide = 2 * float(cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, 3).max())
        ring = grown(part, 2) & ~part
        needed = _OUTLINE if wide > _WIDE * unit else _HARD
        beyond = grown(part, BEYOND + 1) & ~grown(part, BEYOND - 1)
        if (
            any(alike)
            and (strongest[window][ring] > needed).mean() > AROUND
            and inside[window][beyond].mean() > ENCLOSED
        ):
            gaps[window] |= part
        else:
            cloth[window] |= part & pale
            large[window] |= part & (area > _CLOTH * unit * unit)
    return gaps, cloth, large


def closed(bare: Flags, unit: float) -> Flags:
    """Returns flags with their narrow necks closed."""
    size = 2 * round(NEAR * unit) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.morphologyEx(bare.astype(np.uint8), cv2.MORPH_CLOSE, disc) > 0, bool)


def alike(reading: Reading) -> Flags:
    near = (reading.lighter > -_SHADE) & (reading.lighter < _BRIGHTER) & (reading.tint < 2 * TINT)
    return np.asarray(near & (reading.steps < EVEN), bool)


def _means(reading: Reading, window: tuple[slice, slice], part: Flags) -> tuple[float, float]:
    return float(np.median(reading.lighter[window][part])), float(np.median(reading.tint[window][part]))


def floor(bare: Flags) -> float:
    """Returns the row from which on feet stand; none if the frame cuts the subject below."""
    rows = np.flatnonzero((~bare).any(axis=1))
    if not len(rows) or rows[-1] >= len(bare) - 2:
        return float("inf")
    return float(rows[-1] - _FEET * len(rows))


def straps(bare: Flags, told: Reading) -> Flags:
    """Returns what is lighter than the backdrop beside it on feet: straps of sandals are as narrow as gaps."""
    feet = ~bare & (np.arange(len(bare))[:, None] >= floor(bare))
    light = feet & (told.lighter > APART) & (told.tint < PALE / 2)
    return np.asarray(cv2.morphologyEx(light.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0, bool)
