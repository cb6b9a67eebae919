"""What a photo's own transparency means: a garment's cut-out, with a drop shadow or without, or mere decoration.

A cut-out is clear along its frame. A picture that is opaque there has a hole, a corner or an edge cut off; one of a
simple shape (rounded, round) that shows a backdrop inside it is a framed photo. Soft parts wider than an edge that
have one colour and fade to nothing are shadows and glows: the garment over them is taken apart in closed form.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import nearest
from stages.contracts import RGB, Matte, Photo
from stages.matte.levels import stretched
from stages.photo.reading import bled

Flags = npt.NDArray[np.bool_]
Meaning = Literal["auto", "cut-out", "decoration"]

#: A cut-out's frame is clear along at least this share: a person cut off by the bottom and by half of both sides still
#: has one half.
_CLEAR_FRAME = 0.3
#: Less of the picture than this below 9/10 of full opacity is noise.
_NOISE = 0.001
#: A frame is its own convex hull, and its bounding box or the ellipse in that, to these shares. Garments measured 0.93
#: and less (a folded scarf: 0.97, which shows no backdrop).
_CONVEX, _BOX, _ELLIPSE = 0.99, 0.93, 0.985
#: A backdrop runs along the inside of a frame in a ring of this share of its size, its levels within the first of 255
#: (robust spread), and at least this share of what it holds differs by more than the second.
_RING, _PLAIN, _OTHER, _HELD = 0.03, 8.0, 24.0, 0.05
#: An edge is soft over this many pixels at 1024; hair is longer, but not of one colour.
_EDGE = 3.0
#: Shadows: their share of the opaque part at least, the spread of their colour in levels of 255, and their opacity
#: where they end, at most. A sheer sleeve ends at its hem, and its weave shows.
_SHADOW, _ONE_COLOUR, _FADED = 0.005, 6.0, 0.12


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """What a photo's alpha gives."""

    cutout: bool
    matte: Matte
    """Of a cut-out the garment's coverage, else how far each pixel is there at all."""
    foreground: RGB
    said: str


def judge(photo: Photo, meaning: Meaning = "auto") -> Own:
    """Tells what the alpha of a photo means, which must have one; `meaning` overrules."""
    assert photo.alpha is not None  # noqa: S101 - the caller's own condition
    alpha = stretched(photo.alpha)
    if alpha is None:
        alpha = photo.alpha
    reason = _decoration(photo, alpha)
    if meaning == "decoration" or (meaning == "auto" and reason):
        because = reason or "--alpha says so"
        return Own(False, alpha, photo.pixels, f"The photo's transparency is no cut-out ({because}); it is left out.")
    matte, foreground, shadow = _without_shadow(photo.pixels, alpha)
    said = "The photo's transparency is taken for the garment's outline; --alpha decoration leaves it out."
    if shadow:
        said += " Its drop shadow or glow is left out."
    return Own(True, matte, foreground, said)


def _decoration(photo: Photo, alpha: Matte) -> str:
    """Returns why alpha is no cut-out, or nothing."""
    there = alpha > 0.5
    if np.mean(alpha < 0.9) < _NOISE:
        return "nearly all is opaque"
    frame = np.concatenate([there[0], there[-1], there[1:-1, 0], there[1:-1, -1]])
    if np.mean(~frame) < _CLEAR_FRAME:
        return "the picture is opaque along its frame"
    return "a photo with its backdrop, in a frame of a simple shape" if _framed(photo, there) else ""


def _framed(photo: Photo, there: Flags) -> bool:
    contours, _ = cv2.findContours(there.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(contours, key=lambda each: float(cv2.contourArea(each)))
    area, hull = float(there.sum()), float(cv2.contourArea(cv2.convexHull(outline)))
    x, y, width, height = (int(each) for each in cv2.boundingRect(outline))
    if min(width, height) < 16 or area < _CONVEX * hull:
        return False
    oval = np.zeros(there.shape, np.uint8)
    cv2.ellipse(oval, ((x + (width - 1) / 2, y + (height - 1) / 2), (width, height), 0), 1, -1)
    both = int(np.count_nonzero(there & (oval > 0))) / max(1, int(np.count_nonzero(there | (oval > 0))))
    if area < _BOX * width * height and both < _ELLIPSE:
        return False
    depth = cv2.distanceTransform(np.pad(there, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    broad = _RING * min(width, height)
    levels = photo.pixels.astype(np.float32) * np.float32(255 / int(np.iinfo(photo.pixels.dtype).max))
    ring = levels[(depth > 2) & (depth <= 2 + broad)]
    if not len(ring):
        return False
    middle = np.median(ring, axis=0)
    spread = float(1.4826 * np.median(np.abs(ring - middle), axis=0).max())
    held = levels[depth > 2 + broad]
    return spread < _PLAIN and bool(np.mean(np.abs(held - middle).max(axis=1) > _OTHER) > _HELD)


def _without_shadow(pixels: RGB, alpha: Matte) -> tuple[Matte, RGB, bool]:
    """Takes a shadow or glow from under a garment: gives matte, foreground, and whether there was one.

    A pixel of the garment, coverage m and colour F, over a shadow of opacity s and colour S has a = m + (1 - m) s and
    a C = m F + (1 - m) s S (Porter and Duff 1984). The shadow is known where it lies alone, from there s under the
    edge; so m and F follow.
    """
    scale = max(1.0, max(alpha.shape) / 1024)
    solid = alpha >= 0.97
    out = cv2.distanceTransform((~solid).astype(np.uint8), cv2.DIST_L2, 5)
    soft = (alpha > 0) & ~solid
    alone = soft & (out > _EDGE * scale)
    if int(np.count_nonzero(alone)) < _SHADOW * max(1, int(np.count_nonzero(solid))) or not _shadow(
        pixels, alpha, alone
    ):
        return alpha, bled(pixels, alpha), False
    edge = soft & ~alone
    away, place = nearest(alone, edge)
    # Far from any shadow that lies alone there is none.
    under = np.minimum(np.where(away < 3 * _EDGE * scale, alpha.ravel()[place], 0), 0.95)
    covered = np.clip((alpha[edge] - under) / (1 - under), 0, 1)
    covered[covered < 0.04] = 0
    matte = np.where(solid, alpha, np.float32(0))
    matte[edge] = covered
    full = np.iinfo(pixels.dtype).max
    shade = np.asarray(np.average(pixels[alone].astype(np.float64), axis=0, weights=alpha[alone]))
    mixed = alpha[edge][:, None] * pixels[edge] - ((1 - covered) * under)[:, None] * shade
    foreground = pixels.copy()
    own = mixed / np.maximum(covered, 0.04)[:, None]
    foreground[edge] = np.clip(np.rint(own), 0, full).astype(pixels.dtype)
    return matte, bled(foreground, matte), True


def _shadow(pixels: RGB, alpha: Matte, alone: Flags) -> bool:
    """Tells a shadow or glow from sheer cloth: one colour, and no edge where it ends."""
    # Faint pixels have colours that 8 bits round away.
    strong = alone & (alpha > 0.5 * alpha[alone].max())
    seen = pixels[strong].astype(np.float32) * (255 / np.iinfo(pixels.dtype).max)
    apart = np.abs(seen - np.median(seen, axis=0)).max(axis=1)
    if float(np.percentile(apart, 85)) > _ONE_COLOUR:  # the rest may be corners, where some garment is mixed in
        return False
    outside = cv2.dilate((alpha <= 0.004).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ends = alpha[alone & outside]
    return not len(ends) or float(np.median(ends)) < _FADED
