"""Holes that are told by what is seen through them: a neck that straps enclose, a keyhole, a cut-out.

`holes.enclosed` knows a gap by its walls, which are narrow and close to the outside. Wide gaps and those deep inside a
garment are told from prints of the backdrop's colour here: cloth has a weave and folds, but a gap is as even as the
backdrop around the garment, and a little darker where the garment shades it.
"""

import cv2
import numpy as np

from stages.arrays import Field, lengths
from stages.find.evidence import BLEEDING, highest, widened
from stages.matte.backdrop import FLOOR, Backdrop, Flags, Lab

#: Least area, as a share of the picture: 240 pixels at 768 x 1024, less the rim; and before backdrops noisier than so
#: many Delta E, where straps are thin beside the noise. Smaller gaps have walls, or are prints.
LEAST, NOISY = (3e-4, 1e-2), 3.0
#: The gap is no larger than this share of the garment.
MOST = 0.6
#: A gap is darker than the backdrop by up to this, in L, in shade, and in shadow, which is tinted by up to this
#: share; garments less than so far from it, in Delta E, are as dark as that may be.
SHADE, SHADOW, TINTED, PALE = 5.0, 30.0, 0.05, 10.0
#: Evenness is looked at in squares of so many pixels.
CALM = 7
#: Evenness is measured over neighbourhoods of this standard deviation, in pixels; and a gap is uneven by up to so many
#: times what the backdrop is, and this much, in L. Drawn gaps measured 1.0 to 1.4 times, the
#: latter in compressed photos, drawn cloth of the backdrop's colour from 4 times.
NEAR, EVEN, ROUNDING = 1.0, 1.4, 0.05
#: A backdrop with less than this, in L, was retouched or compressed flat, as pale cloth may be.
GRAIN = 0.08
#: A gap ends at edges of this height along more than three fifths of its rim, in Delta E per pixel; of pale garments,
#: at edges of this share of their distance from the backdrop.
RIM, STEEP = 3.0, 0.2
#: A gap lies no deeper in the cloth than this share of the longer side, or so many times half its width; letters on a
#: chest lie 0.05 to 0.15 deep, and are narrow.
DEEP, NARROW = 0.04, 3.0
#: Backdrops lighter than this, in L, may be clipped, as white prints are: then evenness tells nothing.
CLIPPED = 99.5
#: More than this is a pattern.
MANY = 24


def seen(garment: Flags, colours: Lab, edges: Field, backdrop: Backdrop) -> Flags:
    """Finds gaps by the backdrop in them, H x W: what is surely hole; rims stay with the garment.

    `colours` is H x W x 3 CIE Lab, `edges` the gradient's length in Delta E per pixel.
    """
    none = np.zeros_like(garment)
    # The noise of single pixels, of tint above all, is not the backdrop's as it was fitted.
    difference = cv2.GaussianBlur(colours, (0, 0), 1.5) - backdrop.colour
    distance = lengths(difference)
    floor = FLOOR + 2 * backdrop.noise
    contrast = float(np.median(distance[garment])) if garment.any() else 0.0
    tint = lengths(difference[..., 1:])
    light = colours[..., 0]
    rough = np.square(light - cv2.GaussianBlur(light, (0, 0), NEAR)).astype(np.float32)
    outside = cv2.erode((~garment).astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    if not outside.any():
        return none
    usual = float(np.sqrt(rough[outside].mean()))
    limit = EVEN * usual + ROUNDING
    darker = -difference[..., 0]
    like = garment & (tint < floor + TINTED * np.maximum(darker, 0) + BLEEDING * highest(tint))
    like &= (darker > -floor) & (darker < SHADOW)
    # Deep shade, and pale cloth in any light, are told by how even they are alone.
    calm = cv2.blur(rough, (CALM, CALM)) < limit**2
    like &= (calm & (usual > GRAIN)) | ((darker < SHADE + floor) & (contrast > PALE))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.erode(like.astype(np.uint8), np.ones((5, 5), np.uint8)), connectivity=4
    )
    away = cv2.distanceTransform(garment.astype(np.uint8), cv2.DIST_L2, 5)
    found = []
    for index in range(1, count):
        x, y, w, h, area = (int(each) for each in stats[index])
        if not LEAST[backdrop.noise > NOISY] * garment.size < area < MOST * garment.sum():
            continue
        window = slice(max(0, y - 15), y + h + 15), slice(max(0, x - 15), x + w + 15)
        part = labels[window] == index
        half = cv2.distanceTransform(np.pad(part, 1).astype(np.uint8), cv2.DIST_L2, 5).max()
        if away[window][part].min() > max(DEEP * max(garment.shape), NARROW * half):
            continue
        deep = cv2.erode(part.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        deep = deep if deep.sum() > 0.2 * area else part
        uneven = float(np.sqrt(rough[window][deep].mean()))
        reach = 9 if contrast > PALE and not (darker[window][part] > SHADE).any() else 9 + 2 * CALM
        rim = widened(part, reach) & ~part
        steepest = cv2.dilate(edges[window], np.ones((reach - 4, reach - 4), np.uint8))[rim]
        # Shadow fades; grey satin does not.
        faded = float(np.percentile(darker[window][part], 10)) < SHADE
        clipped = float(np.median(backdrop.colour[window][..., 0][part])) > CLIPPED
        steep = np.percentile(steepest, 40) > min(RIM + floor, STEEP * contrast)
        if uneven < limit and faded and steep and not clipped:
            found.append(index)
    if not 0 < len(found) <= MANY:
        return none
    gaps = np.isin(labels, found)
    return np.asarray((garment & widened(gaps & calm, CALM)) | (like & widened(gaps, 5)), dtype=bool)
