"""The default segmenter: no weights, a model of the backdrop and a smallest cut around what is not backdrop.

Method: fit the backdrop from the frame inwards, follow cast shadows from it up to the first sharp edge, weigh each
pixel's colour distance against the backdrop's noise, and cut where the outline is short and on edges. Enclosed
backdrop is a hole only if it is as plain as the backdrop and close to the outside. At last the outline settles where
the colours of its two sides meet.
"""

from dataclasses import replace

import cv2
import numpy as np

from stages.contracts import Matte, ModelCard, Plate
from stages.find import shadow, windows
from stages.find.cuts import minimal_cut
from stages.find.evidence import BLEEDING, RINGING, Field, edges_of, evidence, highest, parts, stiffness, widened
from stages.find.gaps import recede
from stages.find.holes import enclosed
from stages.find.outline import settle
from stages.find.stripes import striped
from stages.matte import backdrop as backdrops
from stages.matte.backdrop import Backdrop, Flags, Lab, connected
from stages.options import SegmentOptions

CARD = ModelCard("segmenter", "classical", None, "Apache-2.0")
#: How often the backdrop is fitted again to what the cut left of it.
PASSES = 2
#: Breaks up to twice this share of the longer side are mended: 10 pixels at 1024, a stripe across a strap.
MEND = 0.005
#: A shadow is dark from here on, in L.
DARK = 14.0


def load(options: SegmentOptions) -> "Classical":  # noqa: ARG001 - every back-end is loaded with the options
    """Gives the segmenter. It has nothing to fetch and raises nothing."""
    return Classical()


class Classical:
    name = "classical"
    card = CARD

    def __call__(self, picture: Plate) -> Matte:
        """Gives the probability of garment, H x W float32, of an H x W x 3 uint8 sRGB picture."""
        colours = backdrops.lab(picture)
        backdrop = backdrops.fit(colours)
        edges = edges_of(colours)
        price = stiffness(edges, backdrop)
        shadows = shadow.cast(colours, backdrop, edges)
        # Where a dark shadow meets the outline, the outline's own blur differs from the backdrop too.
        blurred = widened(shadows & (backdrop.colour[..., 0] - colours[..., 0] > DARK), 5)
        for turn in range(PASSES):
            difference = colours - backdrop.colour
            votes = evidence(difference, backdrop)
            votes[blurred] = np.minimum(votes[blurred], 0)
            votes[shadows | backdrop.outside] = -0.5
            garment = minimal_cut(votes, price) > 0.5
            if turn + 1 < PASSES:
                backdrop = backdrops.refit(colours, backdrop, ~garment)
        garment = ~connected(~garment, backdrop.outside)
        distance = np.linalg.norm(difference, axis=-1).astype(np.float32)
        stripes = striped(distance)
        holes = enclosed(garment, colours, edges, backdrop, stripes)
        holes |= windows.seen(garment, colours, edges, backdrop)
        whole = garment
        if holes.any():
            inner = shadow.cast(colours, replace(backdrop, outside=backdrop.outside | holes), edges)
            garment = garment & ~holes & ~(inner & ~shadows)
        garment = recede(garment, colours, difference, edges, backdrop.noise)
        holes = connected(whole & ~garment, holes)
        garment = _mend(garment, holes, difference, backdrop) | stripes
        garment = settle(garment, colours, price, backdrop.noise)
        return _main_parts(garment, distance).astype(np.float32)


def _mend(garment: Flags, holes: Flags, difference: Lab, backdrop: Backdrop) -> Flags:
    """Closes narrow breaks that differ from the backdrop otherwise than by shade, such as pale stripes of a strap.

    The wide parts of holes stay open: a hole may be whiter than the backdrop.
    """
    light, tint = parts(difference)
    floor = backdrops.FLOOR + 2 * backdrop.noise
    size = 2 * round(MEND * max(garment.shape)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    closed = cv2.morphologyEx(garment.astype(np.uint8), cv2.MORPH_CLOSE, disc).astype(bool)
    lighter = (light > floor + RINGING * highest(light)) & (difference[..., 0] > 0)
    cloth = (tint > floor + BLEEDING * highest(tint)) | lighter
    wide = cv2.morphologyEx(holes.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(bool)
    return np.asarray(garment | (closed & cloth & ~wide), dtype=bool)


def _main_parts(garment: Flags, distance: Field) -> Flags:
    """Drops specks and stains: parts that stand out, area times distance, less than 2 % of what the main part does."""
    count, labels = cv2.connectedComponents(garment.astype(np.uint8), connectivity=8)
    if count < 2:
        return garment
    weight = np.bincount(labels.ravel(), weights=distance.ravel(), minlength=count)
    weight[0] = 0
    return np.asarray((weight >= 0.02 * weight.max())[labels], dtype=bool)
