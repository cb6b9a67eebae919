"""Matte and foreground of a garment that was found: which method, and its unknown band.

Alpha is solved for the band as a whole (`band`), or by a learned matter (`vitmatte`).
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import resized
from stages.contracts import RGB, Mask, Matte
from stages.matte import band, foreground, vitmatte
from stages.matte.depth import REACH, depth_of, sure, thin
from stages.options import SegmentOptions

#: On plain backdrops, alpha nearer than this to 0 or 1 is rounded: a band solved as a whole is less noisy than pixels.
SNAP = 0.02
#: Half width of the unknown band on backdrops that are not plain, in pixels at 1024: segmenters are off by more there.
UNKNOWN = 5.0
#: Half width of the band where the outline's place is wholly in doubt, in pixels at 1024: a pixel of the network, which
#: looks at some 400, is 2.5.
DOUBTFUL = 10.0
#: The backdrop is looked at between these distances from the garment, as shares of the longer side.
NEAR, FAR = 0.012, 0.06
#: Texture above this, in levels of 255, is not plain: shop photos measured up to 0.7, drawn noise 1.5, boards 9.5.
TEXTURE = 4.0

#: What is made of coverage where the backdrop shows through: its ends are noise, the rest is left as it is.
THROUGH = (0, 0.05, 0.15, 0.85, 0.95, 1), (0, 0, 0.15, 0.85, 1, 1)

Flags = npt.NDArray[np.bool_]
Field = npt.NDArray[np.float32]


def refine(
    pixels: RGB,
    garment: Flags,
    options: SegmentOptions,
    through: Flags | None = None,
    doubt: Matte | None = None,
) -> tuple[Matte, RGB, str]:
    """Returns the matte, H x W, the foreground, H x W x 3 as `pixels`, and the method in words where it
    is not the usual one.

    `garment` is the hard cut-out, `through` where the backdrop shows through it or may, beside it, and `doubt` how
    unsure the outline's place is, in [0, 1]: the unknown band is wider there. They may be smaller than the photo.
    Raises WeightsError when ViTMatte is asked for and not there.
    """
    height, width = pixels.shape[:2]
    scale = max(1.0, max(height, width) / band.COARSE)
    size = max(1, round(width / scale)), max(1, round(height / scale))
    # The band is wide beside a pixel of the small picture: large photos' trimaps are made there.
    garment = resized(garment.astype(np.float32), size, cv2.INTER_AREA) > 0.5
    small = resized(pixels, size, cv2.INTER_AREA)
    busy = texture(small, garment) > TEXTURE
    learned = options.matting == "vitmatte" or (options.matting == "auto" and busy and vitmatte.available(options))
    words = "ViTMatte" if learned else "closed-form matting in a wide band" if busy else ""
    depth = depth_of(garment)
    trimap = around(garment, UNKNOWN) if learned or busy else _close(depth)
    if doubt is not None and doubt.any():
        trimap[np.abs(depth) < DOUBTFUL * cv2.resize(doubt, size, interpolation=cv2.INTER_LINEAR)] = 128
    if through is not None:
        through = resized(through.astype(np.uint8), size, cv2.INTER_NEAREST) > 0
        trimap[through] = 128
    if learned or busy:
        whole = resized(trimap, (width, height), cv2.INTER_NEAREST)
        alpha = vitmatte.solve(pixels, whole, options) if learned else band.solve(pixels, trimap)
        # The last level on either side is rounding: core is where the garment is opaque.
        alpha = np.clip((alpha - 0.5 / 255) / (1 - 1 / 255), 0, 1)
    else:
        solved = band.solve(pixels, trimap, plain=True, through=through)
        alpha = thin(np.clip((solved - SNAP) / (1 - 2 * SNAP), 0, 1), scale)
        if through is not None:
            there = resized(through.astype(np.uint8), (width, height), cv2.INTER_NEAREST) > 0
            alpha[there] = np.interp(solved[there], *THROUGH)
    return alpha, foreground.estimate(pixels, alpha), words


def _close(depth: Field) -> Mask:
    """Returns the trimap of a cut-out to be trusted: as `around`, but the middle of what is thinner is decided too."""
    inside, outside = sure(depth, REACH), sure(-depth, REACH)
    return np.asarray(np.where(inside, 255, np.where(outside, 0, 128)), dtype=np.uint8)


def around(garment: Flags, reach: float) -> Mask:
    """Returns the trimap of a hard cut-out: 128 within `reach` pixels of its outline, 255 and 0 beyond."""
    inside = cv2.distanceTransform(garment.astype(np.uint8), cv2.DIST_L2, 3)
    outside = cv2.distanceTransform((~garment).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(np.where(inside > reach, 255, np.where(outside > reach, 0, 128)), dtype=np.uint8)


def texture(pixels: RGB, garment: Flags) -> float:
    """Returns how textured the backdrop around a garment is: robust spread about its local mean, in levels of 255."""
    factor = min(1.0, 512 / max(garment.shape))
    size = max(1, round(garment.shape[1] * factor)), max(1, round(garment.shape[0] * factor))
    full = float(np.iinfo(pixels.dtype).max)
    grey = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).mean(axis=2, dtype=np.float32)
    grey *= np.float32(255 / full)
    free = cv2.resize((~garment).astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    away = cv2.distanceTransform(free, cv2.DIST_L2, 5)
    ring = (away > NEAR * max(size)) & (away < FAR * max(size))
    weight = (away > NEAR * max(size)).astype(np.float32)
    mean = cv2.GaussianBlur(grey * weight, (0, 0), 5) / np.maximum(cv2.GaussianBlur(weight, (0, 0), 5), 1e-3)
    return float(1.4826 * np.median(np.abs(grey - mean)[ring])) if ring.any() else 0.0
