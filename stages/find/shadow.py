"""Shadows that a garment casts on its backdrop: they are not garment."""

import cv2
import numpy as np

from stages.arrays import Field, lengths, nearest
from stages.find.evidence import gradient, roughness, widened
from stages.matte import backdrop as backdrops
from stages.matte.backdrop import Backdrop, Flags, Lab, connected

#: Shadows are followed no farther than this share of the longer side, unless they lie in a slit half as wide.
REACH = 0.05
#: Steepest shadow, in L per pixel at 1024 px: contact shadows measured up to 5, outlines of dark cloth from 12.
SLOPE = 5.0
#: Steepest relative growth of a shadow per pixel; an outline in focus grows by its whole height in two pixels.
GROWTH = 0.4
#: The same as a share of the darkness that it comes to: shadows whose beginning was whitened rise at once, but slowly.
RISE = 0.2
#: Deep shadows, as in an armpit, are up to so steep.
STEEP = 8.0
#: Shadows take up to this share of the backdrop's lightness, and up to that where their beginning was whitened.
DARKEST, DARK = 0.6, 0.35
#: A shadow ends at an edge of at least this many Delta E per pixel.
BOUNDING_EDGE = 3.0
#: Looked for in a square of so many pixels: tints of the garment smear some 4 pixels over its shadow.
BESIDE = 9


def cast(colours: Lab, backdrop: Backdrop, edges: Field) -> Flags:
    """Finds the soft, untinted darkening that deepens from the outside up to a sharp edge.

    The rim of pale cloth is dark too, but it grows lighter inwards. `colours` is H x W x 3 CIE Lab, `edges` the
    gradient's length in Delta E per pixel.
    """
    smooth = cv2.GaussianBlur(colours, (0, 0), 1.0)
    darkness = backdrop.colour[..., 0] - smooth[..., 0]
    tint = lengths((smooth - backdrop.colour)[..., 1:])
    slope = gradient(smooth[..., 0])
    floor = max(backdrops.FLOOR, 2 * backdrop.noise)
    away = cv2.distanceTransform((~backdrop.outside).astype(np.uint8), cv2.DIST_L2, 5)
    deepest, deep = (_deepest(darkness, slope, backdrop, *limits) for limits in ((SLOPE, DARK), (STEEP, DARKEST)))
    deepening = _along(darkness, cv2.GaussianBlur(away, (0, 0), 2.0))
    soft = (
        (darkness > 0)
        & (darkness < DARKEST * backdrop.colour[..., 0])
        & (tint < floor + 1.0 + 0.08 * darkness)
        & (slope < np.clip(RISE * deep, SLOPE, STEEP))
        & (slope < np.maximum(0.3 + GROWTH * (darkness + floor), RISE * deepest))
        & (deepening > 0.02 * darkness - floor / 4)
        & (roughness(colours[..., 0]) < floor + 0.02 * darkness)
    )
    reach = round(REACH * max(darkness.shape))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(1, reach // 2),) * 2)
    slits = soft & (cv2.morphologyEx(soft.astype(np.uint8), cv2.MORPH_OPEN, disc) == 0)
    followed = connected((soft & (away < reach)) | slits | backdrop.outside, backdrop.outside)
    return followed & ~backdrop.outside & _bounded(followed, edges)


def may_be(difference: Lab, backdrop: Backdrop) -> Flags:
    """Tells what is darker than the backdrop and of its tint, H x W, as shadows are; `difference` is from it."""
    darkness = -difference[..., 0]
    tint = lengths(difference[..., 1:])
    floor = max(backdrops.FLOOR, 2 * backdrop.noise)
    dark = (darkness > 0) & (darkness < DARKEST * backdrop.colour[..., 0])
    return np.asarray(dark & (tint < floor + 1.0 + 0.08 * darkness), dtype=bool)


def _deepest(darkness: Field, slope: Field, backdrop: Backdrop, steepest: float, share: float) -> Field:
    """Returns how dark it is close by where nothing is steeper, nor darker than that share of the backdrop."""
    gentle = cv2.dilate(slope, np.ones((5, 5), np.uint8)) < steepest
    gentle &= darkness < share * backdrop.colour[..., 0]
    return np.asarray(cv2.dilate(np.where(gentle, darkness, 0), np.ones((BESIDE + 2,) * 2, np.uint8)), np.float32)


def _bounded(region: Flags, edges: Field) -> Flags:
    """Tells the pixels of `region` whose nearest border has a sharp edge, by a vote along the border.

    Cloth as pale as its backdrop is soft and untinted too, but it goes on behind its border, where a shadow ends.
    """
    strength = cv2.dilate(edges, np.ones((BESIDE, BESIDE), np.uint8))
    border = widened(region, 3) & ~region
    sharp = (strength > BOUNDING_EDGE) & border
    size = (2 * round(0.015 * max(edges.shape)) + 1,) * 2
    votes = cv2.boxFilter(sharp.astype(np.float32), -1, size) / np.maximum(
        cv2.boxFilter(border.astype(np.float32), -1, size), 1e-6
    )
    return np.asarray(votes.ravel()[nearest(border)[1]] > 0.5, dtype=bool)


def _along(values: Field, way: Field) -> Field:
    """Returns the slope of `values` in the direction in which `way` rises."""
    slopes = [cv2.Sobel(each, cv2.CV_32F, *axis, scale=1 / 8) for each in (values, way) for axis in ((1, 0), (0, 1))]
    length = np.maximum(cv2.magnitude(slopes[2], slopes[3]), 1e-3)
    return np.asarray((slopes[0] * slopes[2] + slopes[1] * slopes[3]) / length, dtype=np.float32)
