"""Single hairs and fringe that stand off an outline, before a plain backdrop.

A hair is a line that is darker (or lighter) than what surrounds it and narrower than a few pixels: what a morphological
closing (or opening) takes away. That gives the backdrop beside it, shadows included; how far a pixel lies from there
towards the colour of the subject nearby is its matte.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Matte, Photo
from stages.keep import subject

Field = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

#: How far from the outline hairs are followed, and how wide a strand can be, in pixels at 1024.
_REACH, _WIDE = 40, 9
#: Contrast of hair and backdrop, of 1, below which nothing can be told.
_CONTRAST = 0.12
#: The same for backdrop within the outline, where pale skin must not pass for it; and how deep it is sought. It is
#: sought behind what is darker than it alone: pale cloth has the backdrop's grey in its folds.
_STRONG, _DEEP = 0.5, 14
#: Strands this many pixels away, at 1024, tell of hair.
_STRAND = 13
#: And are darker than this share of the backdrop.
_DARK = 0.45
#: Matte under this is noise.
_NOISE = 0.1
#: A pixel's colour may lie this far, of 1, off the line between backdrop and hair.
_OFF = 0.1


def of(photo: Photo, matte: Matte, foreground: RGB) -> tuple[Matte, RGB, float]:
    """Gives a found subject's matte and foreground, hair added where the backdrop is plain, and the confidence in it.

    The confidence, in [0, 1], is that of `subject.judge`.
    """
    confidence, plain = subject.judge(photo, matte)
    if plain:
        matte, foreground = add(photo.pixels, matte, foreground, max(1.0, max(matte.shape) / subject.COARSE))
    return matte, foreground, confidence


def add(pixels: RGB, matte: Matte, foreground: RGB, scale: float) -> tuple[Matte, RGB]:
    """Gives matte and foreground, as `pixels` H x W (x 3), with the hairs outside the outline added.

    What the matte holds already stays. `scale` is the photo's pixels per pixel at 1024.
    """
    rows, columns = np.flatnonzero((matte > 0).any(axis=1)), np.flatnonzero((matte > 0).any(axis=0))
    if not len(rows):
        return matte, foreground
    reach = round(_REACH * scale)
    window = (
        slice(max(0, rows[0] - reach), rows[-1] + 1 + reach),
        slice(max(0, columns[0] - reach), columns[-1] + 1 + reach),
    )
    new_matte, new_foreground = matte.copy(), foreground.copy()
    for step in (_between, _hairs):
        found, colours, where = step(pixels[window], new_matte[window], scale)
        new_matte[window][where] = found[where]
        new_foreground[window][where] = colours[where]
    return new_matte, new_foreground


def _between(pixels: RGB, matte: Matte, scale: float) -> tuple[Field, RGB, Flags]:
    """Gives matte and colour of backdrop that shows between hairs inside the outline, and where it does.

    It has the colour of the backdrop just outside, is far from that of the subject further in, and is linked with the
    outside.
    """
    full = float(np.iinfo(pixels.dtype).max)
    depth = cv2.distanceTransform((matte > 0).astype(np.uint8), cv2.DIST_L2, 5)
    _, inside = _nearest(pixels, depth > _DEEP * scale, full)
    bare = cv2.erode((matte == 0).astype(np.uint8), np.ones((3, 3), np.uint8), iterations=max(1, round(2 * scale))) > 0
    here = pixels.astype(np.float32) / np.float32(full)
    behind, known = _mean_of(here, bare, _DEEP * scale)
    inside = np.where(_strands(pixels, behind, scale), _darkest(pixels, scale), inside)
    span = inside - behind
    contrast = np.sum(span * span, axis=2)
    share = np.clip(np.sum((here - behind) * span, axis=2) / np.maximum(contrast, 1e-6), 0, 1)
    off = np.linalg.norm(here - behind - share[..., None] * span, axis=2)
    alpha = np.clip((share - _NOISE) / (1 - _NOISE), 0, 0.98).astype(np.float32)
    told = (matte > 0) & known & (depth <= _DEEP * scale) & (contrast > _STRONG**2) & (off < _OFF / 2) & (alpha < 0.6)
    told &= (span.mean(axis=2) < 0) & (alpha < matte)
    linked = _linked(told, matte == 0)
    # Islands that this leaves between strands show backdrop too.
    left = (matte > 0) & ~linked
    linked |= told & left & ~_linked(left, left & (depth > _DEEP * scale))
    return alpha, _unmixed(here, alpha, inside, behind, pixels), linked


def _darkest(pixels: RGB, scale: float) -> Field:
    """Gives the darkest colour close by, in [0, 1]: a strand's, where there is one."""
    size = np.ones((_STRAND, _STRAND), np.uint8)
    darkest = cv2.erode(pixels, size, iterations=max(1, round(scale)))
    return np.asarray(darkest.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max), np.float32)


def _strands(pixels: RGB, behind: Field, scale: float) -> Flags:
    """Tells where a dark strand is close by, H x W x 1: between it and the neck it is the strand that tells.

    Hair is no bluer than it is red, and much darker than the backdrop; seams of denim and soles are not both.
    """
    darkest = _darkest(pixels, scale)
    dark = darkest.mean(axis=2) < _DARK * behind.mean(axis=2)
    return np.asarray((dark & (darkest[..., 0] >= darkest[..., 2] - 0.02))[..., None], bool)


def _mean_of(here: Field, chosen: Flags, sigma: float) -> tuple[Field, Flags]:
    """Averages over the chosen pixels around each pixel, and tells where there are any."""
    weight = chosen.astype(np.float32)
    total = cv2.GaussianBlur(here * weight[..., None], (0, 0), sigma)
    share = cv2.GaussianBlur(weight, (0, 0), sigma)
    return np.asarray(total / np.maximum(share, 1e-4)[..., None], np.float32), np.asarray(share > 1e-3, bool)


def _unmixed(here: Field, alpha: Field, front: Field, behind: Field, like: RGB) -> RGB:
    """Gives the foreground: what a F + (1 - a) B leaves over goes to F by its share in the pixel."""
    full = float(np.iinfo(like.dtype).max)
    weight = alpha[..., None]
    rest = here - weight * front - (1 - weight) * behind
    colours = front + rest * weight / (np.square(weight) + np.square(1 - weight))
    unmixed: RGB = np.clip(np.rint(colours * full), 0, full).astype(like.dtype)
    return unmixed


def _hairs(pixels: RGB, matte: Matte, scale: float) -> tuple[Field, RGB, Flags]:
    """Gives matte and colour of hairs outside the outline, and where they are."""
    reach, size = round(_REACH * scale), 2 * round(_WIDE * scale / 2) + 1
    full = float(np.iinfo(pixels.dtype).max)
    outside = matte == 0
    away, hair = _nearest(pixels, matte == 1, full)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    here = pixels.astype(np.float32) / np.float32(full)
    lighter = cv2.morphologyEx(here, cv2.MORPH_CLOSE, disc)
    darker = cv2.morphologyEx(here, cv2.MORPH_OPEN, disc)
    dark = hair.mean(axis=2) < cv2.GaussianBlur(here, (0, 0), size).mean(axis=2)
    behind = np.where(dark[..., None], lighter, darker)
    span = hair - behind
    contrast = np.sum(span * span, axis=2)
    share = np.sum((here - behind) * span, axis=2) / np.maximum(contrast, 1e-6)
    alpha = np.clip((share - _NOISE) / (1 - _NOISE), 0, 0.98)
    off = np.linalg.norm(here - behind - np.clip(share, 0, 1)[..., None] * span, axis=2)
    told = outside & (away < reach) & (contrast > _CONTRAST**2) & (off < _OFF)
    alpha = np.where(told, alpha * np.clip(2 - 2 * away / reach, 0, 1), 0).astype(np.float32)
    linked = _linked(alpha > 0, matte > 0.3)
    alpha[~linked] = 0
    return alpha, _unmixed(here, alpha, hair, behind, pixels), alpha > 0


def _nearest(pixels: RGB, sure: Flags, full: float) -> tuple[Field, Field]:
    """Gives the distance to the subject, and the smoothed colour, in [0, 1], of its nearest sure pixel."""
    weight = sure.astype(np.float32)
    share = np.maximum(cv2.blur(weight, (5, 5)), 1e-6)
    smooth = cv2.blur(pixels.astype(np.float32) / np.float32(full) * weight[..., None], (5, 5)) / share[..., None]
    away, labels = cv2.distanceTransformWithLabels(
        (~sure).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros((int(labels.max()) + 1, 3), np.float32)
    table[labels[sure]] = smooth[sure]
    return np.asarray(away, np.float32), table[labels]


def _linked(found: Flags, subject: Flags) -> Flags:
    """Gives the parts of `found` that touch the subject."""
    near = cv2.dilate(subject.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    _, labels = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
    kept = np.zeros(int(labels.max()) + 1, bool)
    kept[labels[found & near]] = True
    kept[0] = False
    return np.asarray(kept[labels], bool)
