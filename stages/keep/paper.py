"""A subject before a plain backdrop: paper, a wall, a floor that runs into it.

The backdrop is what the frame leads to over slopes as soft as those of light: shadows on it are part of it, however
deep, and an outline in focus is a wall, even that of white cloth shaded to the paper's own grey. What is left is the
subject with the gaps that it encloses. A gap is an even part of the backdrop's tint, in any soft shade, with an outline
all around; a fold of pale cloth has the tint at most, and an outline on one side at most. A smallest cut then places
the outline between what is sure.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.segment import backdrop as backdrops
from stages.segment.backdrop import Backdrop, Flags, Lab
from stages.segment.cuts import minimal_cut

Field = npt.NDArray[np.float32]

#: Light on a backdrop changes by less than this, in Delta E per pixel at 1024 (cast shadows on the worn photos: up to
#: 0.15, contact shadows up to 1.2); outlines of the palest cloth rise by 1.5 to 4.
_LIGHT, _CONTACT = 0.4, 1.2
#: Light is followed through nothing narrower than this, in pixels: folds that reach the outline are as wide as seven.
#: Off pale cloth the second.
_CHANNEL, _NARROW = 11, 5
#: Backdrop is free where this many pixels are; in what is narrower each pixel of it speaks for backdrop by the second.
_FREE, _NARROW_VOTE = 41, 0.05
#: And a fold has an outline along less than this share of its sides.
_SIDES, _FOLD = 0.5, 0.8
#: And leaves this share of its lightness; brighter than itself it is by reflected light, in L.
_DEEPEST, _BRIGHTER = 0.6, 4.0
#: Tints of a backdrop, in Delta E, smoothed over compression's blocks: 99 % lie within 0.8 on the worn photos. In shade
#: they move by so much of the darkening.
_TINT, _TINT_OF_SHADE = 0.8, 0.15
#: Even parts of a subject have slopes below this, in Delta E per pixel.
_EVEN = 1.0
#: An outline in focus rises by more than this, in Delta E per pixel; one around a gap narrower than `_WIDE` pixels at
#: 1024 by more than `_HARD`: folds are as narrow.
_OUTLINE, _HARD, _WIDE = 2.0, 5.0, 7.0
#: The share of a gap's border that has an outline: gaps measured 0.97 and more, folds up to 0.87.
_AROUND = 0.92
#: And so far beyond it, in pixels, more than this share is subject: what has backdrop on both sides is a leg.
_BEYOND, _ENCLOSED = 8, 0.35
#: The least gap, in pixels at 1024; smaller ones are for the matte.
_LEAST = 40
#: How far around backdrop, in pixels at 1024, colours are compared with it to place the outline.
_NEAR = 7.0
#: And in pockets, as between strands.
_POCKET = 24.0
#: Strands differ from the backdrop by more than this, Delta E (blond hair by 40, pale skin by 25); pockets by less than
#: the second (noise of the worn photos: 1).
_DARK, _SAME = 30.0, 1.6
#: Around a pocket stands what is farther from the backdrop than this, Delta E.
_WALL = 15.0
#: Distance from the backdrop beside it, in Delta E, from which on a pixel speaks for the subject.
_APART = 2.5
#: Neighbours on an outline, even of pale cloth, differ by more than this, Delta E.
_STEP = 1.5
#: Cloth is pale within this distance from the backdrop in light and in tint, Delta E; hair's mist has no even part of
#: so many pixels at 1024, and none of the second number that is lighter than the backdrop.
_PALE, _CLOTH, _WHITE = 16.0, 600, 60
#: The outline is placed by the colours on its sides where these lie so far apart, Delta E.
_PLACED = 12.0
#: Half of what an outline is evened by, in pixels at 1024.
_EVENED = 1.0
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


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """A picture before its plain backdrop, H x W each."""

    subject: Flags
    bare: Flags
    """Surely backdrop, some pixels off the subject's outline; gaps too."""
    cloth: Flags
    """Even parts of the subject that are nearly of the backdrop's colour, and all that is white beside it."""
    even: Flags
    """Large even parts of the subject, of any colour."""


def look(colours: Lab, backdrop: Backdrop) -> Paper:
    """Tells subject and backdrop apart in an H x W x 3 CIE Lab picture, given what was fitted to its frame."""
    unit = max(1.0, max(colours.shape) / 1024)
    calm = _calm(colours, backdrop)
    steps = edges(calm)
    light = _light(calm, backdrop)
    outside = _reached(light, _CHANNEL)
    outside &= ~_folds(outside, _reached(light, _FREE), steps)
    near = carried(calm, _shrunk(outside, 3), 6 * unit)
    readings = [_read(calm, each, steps) for each in (backdrop.colour, near)]
    gaps, cloth, even = _even_parts(~grown(outside, 1), readings, steps, unit)
    # Without folds of pale cloth to run through, it goes on into narrow places.
    bare = gaps | outside | _reached((light & ~grown(cloth, round(_NEAR * unit))) | outside, _NARROW)
    bare |= _closed(bare, unit) & np.any([_alike(each) for each in readings], axis=0)
    beside = carried(calm, _shrunk(bare, 1), 2 * unit)
    told = _read(calm, beside, steps)
    pockets = _pockets(calm, bare, cloth, beside, unit)
    votes = _votes(calm, bare | pockets, cloth, told, beside, unit)
    steep = np.maximum(_EVEN + 0.2, 0.2 * cv2.dilate(steps, np.ones((5, 5), np.uint8)))
    found = minimal_cut(votes, np.asarray(0.1 + 2 * np.exp(-np.square(steps / steep)), np.float32)) > 0.5
    white = (told.lighter > 2 * _APART) & (told.tint < _PALE / 2) & ~bare
    white = cv2.morphologyEx(white.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    return Paper(_placed(calm, found, cloth, beside, unit) & ~pockets, bare | pockets, cloth | white, even)


def _calm(colours: Lab, backdrop: Backdrop) -> Lab:
    """Smooths away the grain that slopes could not be told from."""
    return colours if backdrop.grain < 0.5 else np.asarray(cv2.GaussianBlur(colours, (0, 0), 1.2), np.float32)


def _light(colours: Lab, backdrop: Backdrop) -> Flags:
    """Gives what may be backdrop in some light: slopes are soft, and so is what they lead to."""
    slope = cv2.blur(edges(cv2.GaussianBlur(colours, (0, 0), 1.0)), (3, 3))
    usual = 3 * float(np.median(slope[backdrop.outside])) if backdrop.outside.any() else 0.0
    told = _read(colours, backdrop.colour, slope)
    lightness = np.maximum(backdrop.colour[..., 0], 1)
    lit = (colours[..., 0] > _DEEPEST * lightness) & (told.lighter < _BRIGHTER)
    soft = (slope < max(_LIGHT, usual)) & lit & (told.tint < 3 * _TINT)
    # Under shoes the shadow is steeper: it is followed where it is darker than the backdrop and of its tint.
    contact = (slope < max(_CONTACT, usual)) & lit & (told.lighter < -3) & (told.tint < _TINT)
    return np.asarray(soft | contact | backdrop.outside, bool)


def _reached(light: Flags, channel: int) -> Flags:
    """Gives what the frame leads to, through nothing narrower than a channel of so many pixels."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (channel, channel))
    wide = cv2.erode(light.astype(np.uint8), disc, borderValue=1) > 0
    frame = np.ones(light.shape, bool)
    frame[1:-1, 1:-1] = False
    return np.asarray(cv2.dilate(backdrops.connected(wide, frame).astype(np.uint8), disc) > 0, bool)


def _folds(outside: Flags, free: Flags, steps: Field) -> Flags:
    """Gives folds of pale cloth that light ran into over a hem of the backdrop's very colour.

    A smallest cut closes what costs less to close than to leave open: a long fold without outlines at its sides.
    """
    usual = max(_LIGHT, 4 * float(np.median(steps[free]))) if free.any() else _EVEN
    steep = np.maximum(usual, 0.2 * cv2.dilate(steps, np.ones((5, 5), np.uint8)))
    price = np.asarray(0.1 + 2 * np.exp(-np.square(steps / steep)), np.float32)
    votes = np.where(free, -0.6, np.where(outside, -_NARROW_VOTE, 0.3)).astype(np.float32)
    closed = outside & (minimal_cut(votes, price) > 0.5)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed.astype(np.uint8), connectivity=4)
    strongest = cv2.dilate(steps, np.ones((5, 5), np.uint8))
    folds = np.zeros_like(outside)
    for index in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[index])
        if area < _CLOTH:
            continue
        window = slice(max(0, y - 10), y + h + 10), slice(max(0, x - 10), x + w + 10)
        part = labels[window] == index
        ring = grown(part, 2) & ~outside[window]
        beyond = grown(part, _BEYOND + 1) & ~grown(part, _BEYOND - 1)
        enclosed = 1 - outside[window][beyond].mean()
        if enclosed > _FOLD and ring.any() and (strongest[window][ring] > _OUTLINE).mean() < _SIDES:
            folds[window] |= part
    return folds


def _read(colours: Lab, behind: Lab, steps: Field) -> Reading:
    lighter = colours[..., 0] - behind[..., 0]
    shade = np.clip(colours[..., 0] / np.maximum(behind[..., 0], 1), 0.5, 1)
    # Compression keeps tints in blocks: the median over 5 x 5 keeps their outlines.
    tints = [cv2.blur(cv2.medianBlur(np.ascontiguousarray(colours[..., i]), 5), (3, 3)) for i in (1, 2)]
    off = np.hypot(*(tint - behind[..., i] * shade for tint, i in zip(tints, (1, 2), strict=True)))
    off -= _TINT_OF_SHADE * np.maximum(-lighter, 0)
    return Reading(np.asarray(lighter, np.float32), np.asarray(off, np.float32), steps)


def _even_parts(inside: Flags, readings: list[Reading], steps: Field, unit: float) -> tuple[Flags, Flags, Flags]:
    """Gives, of the even parts inside, those that are backdrop with an outline around, pale cloth, and large ones."""
    even = inside & (cv2.GaussianBlur(steps, (0, 0), 0.7) < _EVEN)
    even = cv2.morphologyEx(even.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(even, connectivity=4)
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
            area > (_WHITE if light > _APART else _CLOTH) * unit * unit and abs(light) < _PALE and tint < _PALE
            for light, tint in means
        )
        # A gap is as bright all over; cloth has folds and light on it.
        bright = [float(np.percentile(each.lighter[window][part], 90)) for each in readings]
        alike = [
            light > -_SHADE and top < _BRIGHTER and tint < 2 * _TINT
            for (light, tint), top in zip(means, bright, strict=True)
        ]
        wide = 2 * float(cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, 3).max())
        ring = grown(part, 2) & ~part
        needed = _OUTLINE if wide > _WIDE * unit else _HARD
        beyond = grown(part, _BEYOND + 1) & ~grown(part, _BEYOND - 1)
        if (
            any(alike)
            and (strongest[window][ring] > needed).mean() > _AROUND
            and inside[window][beyond].mean() > _ENCLOSED
        ):
            gaps[window] |= part
        else:
            cloth[window] |= part & pale
            large[window] |= part & (area > _CLOTH * unit * unit)
    return gaps, cloth, large


def _closed(bare: Flags, unit: float) -> Flags:
    """Gives flags with their narrow necks closed."""
    size = 2 * round(_NEAR * unit) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.morphologyEx(bare.astype(np.uint8), cv2.MORPH_CLOSE, disc) > 0, bool)


def _alike(reading: Reading) -> Flags:
    near = (reading.lighter > -_SHADE) & (reading.lighter < _BRIGHTER) & (reading.tint < 2 * _TINT)
    return np.asarray(near & (reading.steps < _EVEN), bool)


def _means(reading: Reading, window: tuple[slice, slice], part: Flags) -> tuple[float, float]:
    return float(np.median(reading.lighter[window][part])), float(np.median(reading.tint[window][part]))


def _votes(colours: Lab, bare: Flags, cloth: Flags, told: Reading, beside: Lab, unit: float) -> Field:
    """Gives what each pixel says, -0.6 backdrop to 2 subject, compared with the backdrop beside it."""
    apart = np.linalg.norm(colours - beside, axis=2)
    away = cv2.distanceTransform((~bare).astype(np.uint8), cv2.DIST_L2, 5)
    near = away < _NEAR * unit
    unclear = grown(cloth, round(_NEAR * unit))
    # Where the subject is far from the backdrop in colour, so may the backdrop be that shows in gaps and at their ends.
    weight = np.where(bare, 0, apart).astype(np.float32) ** 4
    usual = cv2.GaussianBlur(weight * apart, (0, 0), 8 * unit) / np.maximum(
        cv2.GaussianBlur(weight, (0, 0), 8 * unit), 1
    )
    limit = np.where(unclear, _APART, np.clip(0.25 * usual, _APART, 3 * _APART))
    # Nothing but cloth is much lighter than the backdrop beside it.
    differs = np.maximum((apart - limit) / limit, (told.lighter - 2 * _APART) / _APART)
    linked = followed(colours, differs < 0, bare)
    clear = np.where(linked, differs, np.maximum(differs, np.where(near, -0.1, 0.15)))
    # Beside cloth of nearly the backdrop's colour an edge decides, where there is one.
    tinted, lit = (told.tint - _TINT) / _TINT, (np.abs(told.lighter) - _APART) / _APART
    speaks = np.minimum(differs, np.maximum(tinted, lit))
    doubtful = np.where(
        speaks > 0, np.maximum(speaks, np.where(near, 0, 0.15)), np.where(near, np.maximum(speaks, -0.12), 0.15)
    )
    votes = np.clip(np.where(unclear, doubtful, clear), -0.6, 2)
    votes[bare] = -0.6
    return np.asarray(votes, np.float32)


def _pockets(colours: Lab, bare: Flags, cloth: Flags, beside: Lab, unit: float) -> Flags:
    """Gives the backdrop between strands, each pocket some pixels off the backdrop or off the last one.

    There it has the very colour, and the strands are far from that.
    """
    apart = np.linalg.norm(colours - beside, axis=2)
    weight = np.where(bare, 0, apart).astype(np.float32) ** 4
    usual = cv2.GaussianBlur(weight * apart, (0, 0), 8 * unit) / np.maximum(
        cv2.GaussianBlur(weight, (0, 0), 8 * unit), 1
    )
    open_ = (apart < _SAME) & (usual > _DARK) & ~bare & ~grown(cloth, round(_NEAR * unit))
    found = open_ & (cv2.distanceTransform((~bare).astype(np.uint8), cv2.DIST_L2, 5) < _POCKET * unit)
    for _ in range(4):
        away = cv2.distanceTransform((~(bare | found)).astype(np.uint8), cv2.DIST_L2, 5)
        found = open_ & (found | (away < _POCKET / 2 * unit))
    return _walled(found, bare, apart)


def _walled(found: Flags, bare: Flags, apart: Field) -> Flags:
    """Gives the parts of flags with what is clearly apart all around: pale cloth has its own colour around it."""
    count, labels = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
    # Each pixel of the rings belongs to the part that it is nearest to.
    _, nearest = cv2.distanceTransformWithLabels(
        (~found).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_CCOMP
    )
    table = np.zeros(int(nearest.max()) + 1, np.int32)
    table[nearest[found]] = labels[found]
    ring = grown(found, 2) & ~grown(found, 1) & ~bare
    of = table[nearest[ring]]
    walls = np.bincount(of, cv2.dilate(apart, np.ones((3, 3), np.uint8))[ring] > _WALL, count) / np.maximum(
        np.bincount(of, minlength=count), 1
    )
    walls[0] = 0
    return np.asarray((walls > _AROUND)[labels], bool)


def followed(colours: Lab, allowed: Flags, start: Flags) -> Flags:
    """Gives what of `allowed` is reached from `start` by steps between neighbours that are no outline."""
    height, width = allowed.shape
    # Pixels at even places, the ways between them at odd ones: then the parts that are connected can be counted.
    ways = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
    ways[::2, ::2] = allowed | start
    for axis in (0, 1):
        step = np.linalg.norm(np.diff(colours, axis=axis), axis=2) < _STEP
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


def _placed(colours: Lab, found: Flags, cloth: Flags, beside: Lab, unit: float) -> Flags:
    """Moves the outline, by some pixels, to the middle between subject and backdrop where these are well apart."""
    depth = cv2.distanceTransform(found.astype(np.uint8), cv2.DIST_L2, 5)
    away = cv2.distanceTransform((~found).astype(np.uint8), cv2.DIST_L2, 5)
    sure = (depth > 3 * unit).astype(np.float32)
    share = cv2.GaussianBlur(sure, (0, 0), 4 * unit)[..., None]
    front = cv2.GaussianBlur(colours * sure[..., None], (0, 0), 4 * unit) / np.maximum(share, 1e-4)
    span = front - beside
    length = np.sum(span * span, axis=2)
    told = (share[..., 0] > 0.02) & (length > _PLACED**2) & ~grown(cloth, round(_NEAR * unit))
    told &= (depth + away) < 3.5 * unit
    inside = np.sum((colours - beside) * span, axis=2) > 0.5 * length
    evened = cv2.GaussianBlur(np.where(told, inside, found).astype(np.float32), (0, 0), _EVENED * unit)
    return np.asarray(evened > 0.5, bool)


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


def edges(colours: Lab) -> Field:
    """Gives the gradient's length over all channels, in Delta E per pixel."""
    total = np.zeros(colours.shape[:2], np.float32)
    for channel in range(3):
        for axis in ((1, 0), (0, 1)):
            total += np.square(cv2.Sobel(colours[..., channel], cv2.CV_32F, *axis, scale=1 / 8))
    return np.sqrt(total)


def grown(flags: Flags, by: int) -> Flags:
    """Gives flags widened by so many pixels on all sides."""
    return np.asarray(cv2.dilate(flags.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)), bool)


def _shrunk(flags: Flags, by: int) -> Flags:
    return np.asarray(cv2.erode(flags.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)), bool)
