"""Alpha and foreground colour along an outline, in closed form per pixel.

Each pixel of the band is taken for C = a F + (1 - a) B, with F from sure garment close by and B the backdrop
averaged just outside. The garment's colour changes along the outline, so several F are tried and the one that
explains C best is kept (as in sampling-based matting: Wang and Cohen, Robust Matting, 2007). Where F and B are
too much alike to tell, alpha follows the outline's own distance.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Matte

Field = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

TILE = 1024
#: Half width of the unknown band, in pixels at 1024.
REACH = 3.0
#: Half of the blur of an outline in focus, in pixels at 1024: the ramp where colours cannot tell.
BLUR = 0.75
#: Soft pixels lie at most this far inside and outside of where alpha crosses 0.5, in pixels at 1024.
SOFT_INSIDE, SOFT_OUTSIDE = 1.0, 1.6
#: Alpha nearer than this to 0 or 1 is noise (about 2 of 255 levels against a contrast of 60).
SNAP = 0.07
#: Contrast between garment and backdrop, of 1, at which colour and distance weigh the same.
CONTRAST = 0.04
#: Residual, of 1, at which alpha from colour and from distance weigh the same.
MISFIT = 0.06
#: Standard deviation, in pixels, above which a blur is made at a smaller size.
WIDE = 6.0
#: Weight of the distance when a foreground is chosen, against a residual of 1 % of full scale.
PRIOR = 4.0


def refine(pixels: RGB, garment: Flags, scale: float) -> tuple[Matte, RGB]:
    """Gives the matte (H x W float32, exactly 0 and 1 off the band) and the foreground (H x W x 3, as `pixels`).

    `garment` is the hard cut-out at photo size, `scale` the photo's pixels per pixel at 1024. Only tiles that an
    outline crosses are solved, so that cost grows with the outline. The foreground is the photo's own where the
    matte is 1, estimated in the band, and 0 beyond it.
    """
    height, width = garment.shape
    matte = garment.astype(np.float32)
    foreground: RGB = pixels * garment[..., None]
    halo = math.ceil(4 * REACH * scale) + 2
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            y0, x0 = max(0, top - halo), max(0, left - halo)
            outer = slice(y0, top + TILE + halo), slice(x0, left + TILE + halo)
            part = garment[outer]
            if part.all() or not part.any():
                continue
            alpha, colour = _solve(pixels[outer], part, scale)
            inner = slice(top - y0, top - y0 + TILE), slice(left - x0, left - x0 + TILE)
            place = slice(top, top + TILE), slice(left, left + TILE)
            matte[place], foreground[place] = alpha[inner], colour[inner]
    return matte, foreground


def _solve(pixels: RGB, garment: Flags, scale: float) -> tuple[Field, RGB]:
    full = float(np.iinfo(pixels.dtype).max)
    depth = depth_of(garment)
    reach = REACH * scale
    band = np.abs(depth) < reach
    ys, xs = np.nonzero(band)
    colours = pixels.astype(np.float32) / full
    sources, nearest = _nearest(sure(depth, reach))
    behind = _mean_of(colours, sure(-depth, reach), 2 * reach)[ys, xs]
    smooth = _mean_of(colours, garment & (depth > min(1.0, 0.3 * reach)), 0.4 * scale)
    here = colours[ys, xs]
    ramp = np.clip(0.5 + depth[ys, xs] / (2 * BLUR * scale), 0, 1)
    alpha = ramp.copy()
    front = behind.copy()
    best = np.full(len(ys), np.inf, dtype=np.float32)
    step = max(1, round(2.5 * scale))
    for dy, dx in ((0, 0), (-step, 0), (step, 0), (0, -step), (0, step)):
        at = nearest[np.clip(ys + dy, 0, len(garment) - 1), np.clip(xs + dx, 0, garment.shape[1] - 1)]
        candidate = smooth[sources[0][at], sources[1][at]]
        span = candidate - behind
        contrast = np.sum(span * span, axis=1)
        fit = np.clip(np.sum((here - behind) * span, axis=1) / np.maximum(contrast, 1e-6), 0, 1)
        trust = contrast / (contrast + CONTRAST**2)
        value = trust * fit + (1 - trust) * ramp
        rest = np.linalg.norm(here - behind - value[:, None] * span, axis=1)
        cost = np.square(rest / 0.01) + PRIOR * np.square(value - ramp)
        better = cost < best
        alpha[better], front[better], best[better] = value[better], candidate[better], cost[better]
    # Where no foreground explains the pixel, as across fine stripes, the outline's distance does.
    explained = 1 / (1 + (best - PRIOR * np.square(alpha - ramp)) * np.square(0.01 / MISFIT))
    alpha = explained * alpha + (1 - explained) * ramp
    matte = garment.astype(np.float32)
    matte[ys, xs] = np.clip((alpha - SNAP) / (1 - 2 * SNAP), 0, 1)
    matte = thin(matte, scale)
    return matte, _colour(pixels, matte, (ys, xs), front, behind, full)


def _colour(
    pixels: RGB,
    matte: Field,
    band: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    front: Field,
    behind: Field,
    full: float,
) -> RGB:
    """Gives the foreground: what is left over by a F + (1 - a) B goes to F by its share in the pixel."""
    alpha = matte[band][:, None]
    here = pixels[band].astype(np.float32) / full
    rest = here - alpha * front - (1 - alpha) * behind
    estimate = front + rest * alpha / (np.square(alpha) + np.square(1 - alpha))
    colour: RGB = pixels * (matte == 1)[..., None]
    colour[band] = np.where(alpha == 1, pixels[band], np.clip(np.rint(estimate * full), 0, full)).astype(pixels.dtype)
    return colour


def depth_of(garment: Flags) -> Field:
    """Gives the distance to the outline, in pixels, positive inside."""
    inside = cv2.distanceTransform(garment.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~garment).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(np.where(garment, inside - 0.5, 0.5 - outside), dtype=np.float32)


def sure(depth: Field, reach: float) -> Flags:
    """Tells the pixels that are deep enough to be pure: `reach` deep, or the middle of what is thinner."""
    size = 2 * math.ceil(reach) + 1
    thickness = cv2.dilate(depth, np.ones((size, size), np.uint8))
    return np.asarray((depth > 0) & (depth >= np.minimum(reach, 0.7 * thickness)), dtype=bool)


def _nearest(sure: Flags) -> tuple[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]], npt.NDArray[np.int32]]:
    """Gives sources (ys, xs) and, for each pixel, the index of its nearest source."""
    _, labels = cv2.distanceTransformWithLabels(
        (~sure).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    ys, xs = np.nonzero(sure)
    order = np.zeros(int(labels.max()) + 1, dtype=np.int32)
    order[labels[ys, xs]] = np.arange(len(ys), dtype=np.int32)
    return (ys, xs), order[labels]


def _mean_of(colours: Field, chosen: Flags, sigma: float) -> Field:
    """Averages `colours` over the chosen pixels around each pixel (normalised convolution).

    A wide average is taken at a reduced size at which it still spans `WIDE` pixels: large photos cost as small ones.
    """
    weight = chosen.astype(np.float32)
    total, share = (_blur(each, sigma) for each in (colours * weight[..., None], weight))
    return np.asarray(np.where(share[..., None] > 1e-4, total / np.maximum(share, 1e-4)[..., None], colours))


def _blur(field: Field, sigma: float) -> Field:
    height, width = field.shape[:2]
    factor = max(1, int(sigma / WIDE))
    if factor == 1:
        return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma))
    size = (-(-width // factor), -(-height // factor))
    small = cv2.GaussianBlur(cv2.resize(field, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / factor)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def thin(matte: Field, scale: float) -> Field:
    """Makes hard what is soft far from where alpha crosses 0.5: texture of cloth or backdrop."""
    depth = depth_of(matte > 0.5)
    soft = (depth <= SOFT_INSIDE * scale) & (depth >= -SOFT_OUTSIDE * scale)
    return np.asarray(np.where(soft, matte, depth > 0), dtype=np.float32)
