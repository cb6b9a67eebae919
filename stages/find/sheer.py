"""Parts of a garment through which its backdrop shows: sheer cloth, and lace.

There colours lie between the backdrop's and that of opaque cloth beside them, and vary along the line between the two.
Pale opaque cloth may lie on that line by chance, but its folds shade it: its colours vary towards black. So a part is
believed only if it is bounded by opaque cloth of its own dye along a seam and by the outline, and varies as what is
blended does. Openings of lace have, besides, the very colour of the backdrop. Where dye and backdrop lie in line with
black, as black cloth on white does, colours cannot tell: such a part is named, not taken.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import around, lengths
from stages.contracts import Plate
from stages.find.through import BROAD, COVERED, Scene, bounds, dilated, disc, eroded, mean, openings, variation
from stages.matte.backdrop import Backdrop, Flags, Lab, connected

#: Backdrops noisier than this, in Delta E, are not plain: what shows through cannot be known.
NOISY = 1.5
#: Openings up to this many pixels wide, at 1024, belong to the cloth around them.
OPENING = 11
#: Blur, in pixels at 1024, under which lace is even.
EVEN = 2.0
#: Dyes looked at, the least share of the garment that has one, and how far apart they lie, in Delta E.
DYES, COMMON, APART = 5, 0.04, 14.0
#: Dyes lie at least this far, of 1, from the backdrop.
CONTRAST = 0.15
#: Coverage that counts as sheer, and colour, as a share of the contrast, that a blend may leave unexplained.
SHEER, MISFIT = (0.12, 0.92), 0.12
#: Folds change the light by up to this share.
FOLDS = 0.15
#: A part is at least this wide, as a share of the longer side, and this large, as a share of the garment; beside a part
#: that is sure it may be smaller. More parts of one dye are stripes.
WIDTH, LEAST, FELLOW, STRIPES = 0.016, 0.03, 0.004, 4
#: Share of the border within the garment with opaque cloth of the same dye beyond it, share of the border that is
#: outline, and share of the seam that is sharp: of a part that is taken, and of one that is only named. Where another
#: part is taken, the first two may be as low as the last pair.
BORDERED, OUTLINED, SHARP = (0.8, 0.9), (0.5, 0.4), (0.5, 0.6)
BESIDE = 0.5, 0.4
#: A part is no more than this share of the garment: what is more is its cloth.
MOST = 0.6
#: Pixels of a coverage between the part's and that of opaque cloth, as a share of those of its own: a seam has few.
#: Drawn sheer cloth measured up to 0.5, faded denim 0.9.
VALLEY = 0.65
#: Other coverage up to twice this many pixels wide, at 1024, is enclosed, such as flowers.
CLOSED = 12.0

Field = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    flags: Flags
    likely: bool
    sure: bool
    blended: bool
    """Whether its colours vary as a blend's do, not as those of folds."""


def find(picture: Plate, garment: Flags, backdrop: Backdrop) -> tuple[Flags, Flags]:
    """Returns the parts that are surely sheer or lace, with their seams and their outline, and those that may be.

    Both are H x W; `picture` is H x W x 3 sRGB, its longer side about 1024, `garment` the hard cut-out, H x W, and
    `backdrop` what was fitted to the picture.
    """
    blank = np.zeros_like(garment)
    if backdrop.noise > NOISY or not garment.any():
        return blank, blank
    box = around(garment, round(3 * CLOSED))
    found = _found(picture[box], garment[box], backdrop.colour[box], max(garment.shape) / 1024)
    whole = [blank, blank.copy()]
    for each, flags in zip(whole, found, strict=True):
        each[box] = cv2.resize(flags.astype(np.float32), each[box].shape[::-1]) > 0.5
    return whole[0], whole[1]


def _found(picture: Plate, garment: Flags, behind: Lab, unit: float) -> tuple[Flags, Flags]:
    """Returns the same at half the size: parts are wide."""
    scene = _scene(picture, garment, behind, unit)
    sure, likely = np.zeros_like(scene.garment), np.zeros_like(scene.garment)
    if not scene.inside.any():
        return sure, likely
    for dye in _dyes(scene):
        cover, on = _cover(scene, dye)
        parts = _parts(scene, dye, cover, on, sure | likely, LEAST)
        if len(parts) > STRIPES:
            continue
        if any(part.sure for part in parts):
            parts = _parts(scene, dye, cover, on, sure | likely, FELLOW)
        blend = on & (cover > SHEER[0]) & (cover < SHEER[1])
        for part in parts:
            # Where one part is sure, such as a sleeve, its fellow need not be as well bounded.
            taken = part.sure or (part.blended and any(each.sure for each in parts))
            if taken or part.likely:
                (sure if taken else likely)[_whole(scene, connected(blend | part.flags, part.flags))] = True
    return sure, likely & ~sure


def _whole(scene: Scene, part: Flags) -> Flags:
    """Returns a part with its seam, its outline, and what of other coverage it encloses: flowers, doubled cloth."""
    reach, frame = CLOSED * scene.unit, round(CLOSED * scene.unit) + 2
    closed = ~dilated(~dilated(np.pad(part, frame), reach), reach)[frame:-frame, frame:-frame]
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~closed).astype(np.uint8), connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < FELLOW * scene.garment.sum()
    small[0] = False
    whole = dilated(closed | small[labels], 6 * scene.unit)
    return whole & dilated(scene.garment, 5 * scene.unit)


def _scene(picture: Plate, garment: Flags, behind: Lab, unit: float) -> Scene:
    """Returns what is known of a picture of `unit` pixels to a pixel at 1024, at half the size."""
    size = garment.shape[1] // 2, garment.shape[0] // 2
    small, far, part = (
        cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (picture, behind, garment.astype(np.float32))
    )
    filled = cv2.morphologyEx((part > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, disc(OPENING * unit / 2)) > 0
    inside = eroded(filled, 2 * unit)
    colours = small.astype(np.float32) / np.float32(255)
    paper = np.asarray(cv2.cvtColor(far, cv2.COLOR_LAB2RGB), np.float32)
    return Scene(picture, colours, mean(colours, inside, EVEN * unit / 2), paper, filled, inside, unit / 2)


def _dyes(scene: Scene) -> list[Field]:
    """Returns the common colours of the garment, 3 each in [0, 1], those farthest from the backdrop first."""
    lab = np.asarray(cv2.cvtColor(np.clip(scene.smooth, 0, 1), cv2.COLOR_RGB2LAB), np.float32)
    left, found = scene.inside.copy(), []
    for _ in range(DYES):
        here = lab[left]
        cells = np.clip(np.floor(here / 4) + np.array([1, 32, 32]), 1, 62).astype(np.intp)
        counts = np.bincount((cells[:, 0] * 64 + cells[:, 1]) * 64 + cells[:, 2], minlength=64**3).astype(np.float32)
        counts = counts.reshape(64, 64, 64)
        for axis in range(3):
            before = np.moveaxis(counts, axis, 0)
            counts = counts.copy()
            np.moveaxis(counts, axis, 0)[1:] += before[:-1]
            np.moveaxis(counts, axis, 0)[:-1] += before[1:]
        cell = np.array(np.unravel_index(int(counts.argmax()), counts.shape), np.float32)
        away = lengths(lab - (cell - np.array([1, 32, 32], np.float32) + np.float32(0.5)) * 4)
        near = left & (away < APART - 4)
        left &= away >= APART
        if near.sum() < COMMON * scene.inside.sum():
            break
        found.append(np.median(scene.smooth[near], axis=0).astype(np.float32))
        if left.sum() < COMMON * scene.inside.sum():
            break
    middle = np.median(scene.behind[scene.inside], axis=0)
    found = [dye for dye in found if np.linalg.norm(dye - middle) > CONTRAST]
    return sorted(found, key=lambda dye: -float(np.linalg.norm(dye - middle)))


def _cover(scene: Scene, dye: Field) -> tuple[Field, Flags]:
    """Returns the coverage of the backdrop by cloth of a dye, H x W, and where that explains the colours."""
    span, over = dye - scene.behind, scene.smooth - scene.behind
    contrast = np.maximum(lengths(span), 1e-3)
    way = span / contrast[..., None]
    cover = np.einsum("yxc,yxc->yx", over, way) / contrast
    rest = over - (cover * contrast)[..., None] * way
    # What folds do to the dye, as far as it is no blend.
    fold = dye - np.einsum("c,yxc->yx", dye, way)[..., None] * way
    depth = np.einsum("yxc,yxc->yx", rest, fold) / np.maximum(np.einsum("yxc,yxc->yx", fold, fold), 1e-4)
    rest -= np.clip(depth, -FOLDS, FOLDS)[..., None] * fold
    return cover.astype(np.float32), scene.inside & (lengths(rest) < MISFIT * contrast)


def _parts(scene: Scene, dye: Field, cover: Field, on: Flags, taken: Flags, least: float) -> list[_Part]:
    blend = (on & (cover > SHEER[0]) & (cover < SHEER[1]) & ~taken).astype(np.uint8)
    blend = cv2.morphologyEx(blend, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)) & scene.inside
    wide = cv2.morphologyEx(blend, cv2.MORPH_OPEN, disc(WIDTH * 1024 * scene.unit))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(wide)
    opaque, whole, reach = on & (cover >= SHEER[1]), float(scene.garment.sum()), round(BROAD * scene.unit) + 6
    parts = []
    for index in range(1, count):
        x, y, w, h, area = (int(each) for each in stats[index])
        if area <= least * whole:
            continue
        window = slice(max(0, y - reach), y + h + reach), slice(max(0, x - reach), x + w + reach)
        near = scene.within(window)
        flags = labels == index
        bounded = bounds(near, cover[window], opaque[window], flags[window])
        sure, likely = (
            all(value > least for value, least in zip(bounded[:3], limits, strict=True))
            for limits in zip(BORDERED, OUTLINED, SHARP, strict=True)
        )
        seen, blended, decidable = None, False, False
        if area < MOST * whole and bounded[0] > BESIDE[0] and bounded[1] > BESIDE[1]:
            seen = openings(near, dye, flags[window] & (cover[window] < COVERED))
            blended, decidable = seen or variation(near, dye, flags[window])
        sure = sure and area > LEAST * whole and (seen is not None or bounded[3] < VALLEY) and blended and decidable
        likely = likely and area < MOST * whole and (blended or not decidable)
        parts.append(_Part(flags, likely, sure, blended and decidable))
    return parts
