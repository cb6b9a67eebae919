"""A subject before a plain backdrop: paper, a wall, a floor that runs into it.

`light` tells the backdrop; what is left is the subject with the gaps that it encloses. A smallest cut then places the
outline between what is sure, by what the colours at its `sides` say.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.find import flat, sides
from stages.find import light as lights
from stages.find import slits as narrow
from stages.find.cuts import minimal_cut
from stages.find.light import APART, EVEN, NEAR, PALE
from stages.find.spread import carried, edges, grown, shrunk
from stages.matte.backdrop import Backdrop, Flags, Lab

Field = npt.NDArray[np.float32]

#: Light is followed through nothing narrower than this, in pixels: folds that reach the outline are as wide as seven.
#: Off pale cloth the second.
_CHANNEL, _NARROW = 11, 5
#: Light leads to nothing that is less likely backdrop than the first; what is likelier than the second may be steeper.
_SURE, _FREE = 0.1, 0.9


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


def look(colours: Lab, backdrop: Backdrop, unlikely: Field) -> Paper:
    """Tells subject and backdrop apart in an H x W x 3 CIE Lab picture, given what was fitted to its frame.

    `unlikely` is the probability of backdrop, H x W in [0, 1], by what knows people rather than light.
    """
    unit = max(1.0, max(colours.shape) / 1024)
    calm = lights.calm(colours, backdrop)
    steps = edges(calm)
    # Folds of pale cloth begin at a hem of the backdrop's very colour, so that light leads into them.
    light = lights.light(calm, backdrop, unlikely > _FREE) & (unlikely > _SURE)
    outside = lights.reached(light, _CHANNEL)
    near = carried(calm, shrunk(outside, 3), 6 * unit)
    readings = [lights.read(calm, each, steps) for each in (backdrop.colour, near)]
    inside = ~grown(outside, 1)
    like = np.any([lights.alike(each) for each in readings], axis=0)
    gaps, cloth, even = lights.even_parts(inside, readings, steps, unit)
    level, held = flat.gaps(calm, cloth, like, [each.lighter for each in readings], steps, unit)
    gaps, cloth = gaps | level, cloth & ~level
    # Without folds of pale cloth to run through, it goes on into narrow places.
    bare = gaps | outside | lights.reached((light & ~grown(cloth, round(NEAR * unit))) | outside, _NARROW)
    bare |= lights.closed(bare, unit) & like
    beside = carried(calm, shrunk(bare, 1), 2 * unit)
    told = lights.read(calm, beside, steps)
    pockets = sides.pockets(calm, bare, cloth, beside, unit)
    pockets |= narrow.slits(calm, bare | pockets, cloth, unit)
    cloth = cloth | lights.straps(bare, told)
    votes = sides.votes(calm, bare | pockets, cloth, told, beside, unit)
    steep = np.maximum(EVEN + 0.2, 0.2 * cv2.dilate(steps, np.ones((5, 5), np.uint8)))
    votes[held] = 2.0
    found = minimal_cut(votes, np.asarray(0.1 + 2 * np.exp(-np.square(steps / steep)), np.float32)) > 0.5
    white = (told.lighter > 2 * APART) & (told.tint < PALE / 2) & ~bare
    white = cv2.morphologyEx(white.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    return Paper(sides.placed(calm, found, cloth, beside, unit) & ~pockets, bare | pockets, cloth | white, even)
