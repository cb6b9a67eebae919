"""Hair, fringe and fur before a plain backdrop: loose strands outside the outline, and backdrop between those inside.

The backdrop behind each pixel is known, so that alpha follows from how far its colour lies from there towards the
hair's (Smith and Blinn, Blue Screen Matting, 1996). The hair's colour is the mean of what differs most from the
backdrop close by. Colours off the line between the two, as of skin, are left to the ordinary matte.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths
from stages.contracts import RGB, Matte
from stages.find import spread
from stages.find.paper import Paper
from stages.find.spread import grown
from stages.matte.backdrop import Flags

Field = npt.NDArray[np.float32]

#: The neighbourhood of the hair's colour, in pixels at 1024, and how much more what differs more counts.
_HAIR, _POWER = 8.0, 4
#: Hair is darker than this share of the backdrop (blond hair on pale grey: 0.6; skin: 0.75 and more), and at least so
#: far from it, of 1.
_DARK, _CONTRAST = 0.7, 0.25
#: A pixel's colour may lie this far off the line between backdrop and hair, of 1; so far in strands that stand alone.
_OFF, _OFF_THIN = 0.05, 0.12
#: Share of the way to the hair's colour that is noise, and that is opaque: strands in the light are paler.
_NOISE, _OPAQUE = 0.05, 0.8
#: Backdrop shows between hairs where alpha is below the first farther from the bare backdrop, in pixels at 1024, than
#: outlines in focus reach. Around such places, and in what is thinner, alpha is taken.
_THROUGH, _FAR, _AROUND, _THIN = 0.4, 5.0, 12, 6
_BESIDE = 6
#: Farther than this from hair, in pixels at 1024, it may be fringe: there bare backdrop has to show.
_REACH, _FRINGE = 100, 0.12
#: A mass of hair is wider than twice this, in pixels at 1024.
_MASS = 6
#: It is darker than this share of the backdrop (black hair: 0.1 to 0.21; dark skin: 0.34 and more), or rougher, of 1
#: (hair 0.012 to 0.03, skin 0.003 to 0.007).
_BLACK, _STRANDS = 0.25, 0.011
#: Shoes are lower than this share of the subject, and their soles that near to its lowest point.
_SHOE, _FLOOR = 0.12, 0.05
#: Strands are told from so many pixels at 1024 on.
_LEAST = 800


@dataclass(frozen=True, slots=True, eq=False)
class Hair:
    """Where hair stands, and between which colours, H x W (x 3) in [0, 1]."""

    zone: Flags
    thin: Flags
    """What has backdrop close by on both sides: there strands in the light count too."""
    bare: Flags
    behind: Field
    front: Field


def find(picture: RGB, seen: Paper) -> Hair:
    """Returns where strands and backdrop mix, on the small picture, H x W x 3, that `seen` was made of."""
    unit = max(1.0, max(picture.shape) / 1024)
    here = _of_one(picture)
    behind = spread.carried(here, cv2.erode(seen.bare.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0, 1.5 * unit)
    apart = lengths(here - behind)
    weight = np.where(seen.bare, 0, apart**_POWER).astype(np.float32)
    share = cv2.GaussianBlur(weight, (0, 0), _HAIR * unit)[..., None]
    front = cv2.GaussianBlur(here * weight[..., None], (0, 0), _HAIR * unit) / np.maximum(share, 1e-9)
    alpha, told = _alpha(here, behind, front, np.zeros_like(seen.bare))
    # All of it hangs on a mass of hair, which is black or of strands; dark skin and soles are not. It gives the colour.
    mass = cv2.blur((told & (alpha > 0.9)).astype(np.float32), (2 * round(_MASS * unit) + 1,) * 2) > 0.7
    hair, cloth = _masses(mass & (alpha > 0.9), here, behind, seen.bare, unit)
    if not (hair | cloth).any():
        return Hair(hair, hair, seen.bare, behind, np.asarray(front, np.float32))
    by_hair = grown(hair, round(_REACH * unit))
    front = np.where(by_hair[..., None], *(_carried(here, each, unit) for each in (hair, cloth)))
    size = (2 * round(_THIN * unit) + 1,) * 2
    whole = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size)
    thin = cv2.morphologyEx((~seen.bare).astype(np.uint8), cv2.MORPH_OPEN, whole) == 0
    alpha, told = _alpha(here, behind, front, thin)
    # Even parts are no strands, black ones apart: a grey coat lies between the paper and black hair in colour.
    even = seen.even & (here.mean(axis=2) > _BLACK * behind.mean(axis=2))
    told &= ~(grown(seen.cloth, round(7 * unit)) | grown(even, round(3 * unit)))
    away = cv2.distanceTransform((~seen.bare).astype(np.uint8), cv2.DIST_L2, 5)
    seen_through = np.where(by_hair, _THROUGH, _FRINGE)
    through = _linked(told & (alpha < 1.5 * _THROUGH), seen.bare) & (alpha < seen_through) & (away > _FAR * unit)
    # A mist of hairs begins softly, and what shows between strands has them beside it; a grey coat has neither.
    mist = spread.followed(100 * here, told & (alpha < 1.5 * _THROUGH), seen.bare)
    through &= mist | grown(told & (alpha > 0.7), round(_BESIDE * unit))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(_AROUND * unit) + 1,) * 2)
    zone = cv2.dilate((cv2.blur(through.astype(np.float32), (9, 9)) > 0.06).astype(np.uint8), disc) > 0
    zone |= thin
    zone &= grown(_linked(told & (alpha > 0.1) & ~seen.bare, hair | cloth), _AROUND // 2)
    return Hair(zone & told, thin, seen.bare, behind, np.asarray(front, np.float32))


def _masses(mass: Flags, here: Field, behind: Field, bare: Flags, unit: float) -> tuple[Flags, Flags]:
    """The parts of a dark mass that are hair, black or of strands off the outline, and those that skin is not."""
    away = cv2.distanceTransform((~bare).astype(np.uint8), cv2.DIST_L2, 5)
    light = here.mean(axis=2)
    inner = (away > 8 * unit).astype(np.float32)
    size = (2 * round(12 * unit) + 1,) * 2
    change = cv2.blur(np.abs(light - cv2.blur(light, (5, 5))) * inner, size)
    rough = change / np.maximum(cv2.blur(inner, size), 1e-3)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mass.astype(np.uint8), connectivity=4)
    area = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    dark, lines = (
        np.bincount(labels.ravel(), weights=each.ravel(), minlength=count) / area
        for each in (light / np.maximum(behind.mean(axis=2), 1e-3), rough)
    )
    red, green, blue = (
        np.bincount(labels.ravel(), weights=here[..., i].ravel(), minlength=count) / area for i in range(3)
    )
    # Hair is no bluer than it is red; denim is.
    large = area > _LEAST * unit * unit
    hair = ((dark < _BLACK) | ((lines > _STRANDS) & large)) & (red > blue - 0.02) & (area > _LEAST / 2 * unit * unit)
    cloth = ((red < green) | (green < blue)) & large
    hair &= ~_shoes(stats, bare)
    hair[0] = cloth[0] = False
    return np.asarray(hair[labels], bool), np.asarray(cloth[labels], bool)


def _shoes(stats: npt.NDArray[np.int32], bare: Flags) -> npt.NDArray[np.bool_]:
    """Tells which masses stand on the floor and are as low as shoes: they are as black as hair."""
    rows = np.flatnonzero((~bare).any(axis=1))
    if not len(rows):
        return np.zeros(len(stats), bool)
    low, height = int(rows[-1]), len(rows)
    top, tall = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    return np.asarray((top + tall > low - _FLOOR * height) & (tall < _SHOE * height), bool)


def opened(hair: Hair, picture: RGB, subject: Flags) -> Flags:
    """Returns the subject, H x W, less the backdrop between its hairs."""
    alpha, told = _alpha(_of_one(picture), hair.behind, hair.front, hair.thin)
    through = _linked(hair.zone & told & (alpha < 0.97), hair.bare)
    return np.asarray(subject & ~(through & (alpha < 0.5)), bool)


def add(pixels: RGB, matte: Matte, foreground: RGB, hair: Hair) -> tuple[Matte, RGB]:
    """Returns matte and foreground, of a photo's size, with the hairs' own alpha and colour in them."""
    size = pixels.shape[1::-1]
    zone, thin, bare = (
        cv2.resize(each.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        for each in (hair.zone, hair.thin, hair.bare)
    )
    if not zone.any():
        return matte, foreground
    x, y, w, h = cv2.boundingRect(zone.astype(np.uint8))
    window = slice(max(0, y - 2), y + h + 2), slice(max(0, x - 2), x + w + 2)
    full = float(np.iinfo(pixels.dtype).max)
    here = _of_one(pixels[window])
    behind, front = (_enlarged(each, size, window) for each in (hair.behind, hair.front))
    alpha, told = _alpha(here, behind, front, thin[window])
    chosen = _linked(zone[window] & told & (alpha < 0.97), bare[window])
    # What a F + (1 - a) B leaves over goes to F by its share in the pixel.
    weight = alpha[..., None]
    rest = here - weight * front - (1 - weight) * behind
    colour = np.clip(front + rest * weight / (np.square(weight) + np.square(1 - weight)), 0, 1)
    new_matte, new_foreground = matte.copy(), foreground.copy()
    new_matte[window][chosen] = alpha[chosen]
    new_foreground[window][chosen] = np.rint(colour[chosen] * full).astype(pixels.dtype)
    return new_matte, new_foreground


def _alpha(here: Field, behind: Field, front: Field, thin: Flags) -> tuple[Field, Flags]:
    """Returns the alpha of hair, H x W, and where it can be told."""
    span = front - behind
    contrast = np.sum(span * span, axis=2)
    share = np.sum((here - behind) * span, axis=2) / np.maximum(contrast, 1e-6)
    off = lengths(here - behind - share[..., None] * span)
    dark = front.mean(axis=2) < _DARK * behind.mean(axis=2)
    told = dark & (contrast > _CONTRAST**2) & (off < np.where(thin, _OFF_THIN, _OFF)) & (share > -0.04)
    alpha = np.clip((share - _NOISE) / (_OPAQUE - _NOISE), 0, 1)
    return np.asarray(alpha, np.float32), np.asarray(told, bool)


def _carried(here: Field, mass: Flags, unit: float) -> Field:
    """Carries a mass's colour on to its strands; all black without one."""
    return spread.carried(here, mass, 3 * unit) if mass.any() else np.zeros_like(here)


def _linked(found: Flags, bare: Flags) -> Flags:
    """Returns the parts of `found` that touch bare backdrop."""
    _, labels = cv2.connectedComponents((found | bare).astype(np.uint8), connectivity=8)
    kept = np.zeros(int(labels.max()) + 1, bool)
    kept[labels[bare]] = True
    kept[0] = False
    return np.asarray(kept[labels] & found, bool)


def _of_one(pixels: RGB) -> Field:
    return np.asarray(pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max), np.float32)


def _enlarged(values: Field, size: tuple[int, int], window: tuple[slice, slice]) -> Field:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR)[window], np.float32)
