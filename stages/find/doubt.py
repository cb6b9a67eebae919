"""What may be wrong with a find, in words: a run that is not sure of its garment says so."""

import cv2
import numpy as np

from stages.contracts import Category, Shape
from stages.find.evidence import edges_of
from stages.find.finder import Found
from stages.matte.backdrop import Flags, Lab

#: Less than this intersection over union of what was found and what the network alone sees is doubtful.
AGREES = 0.8
#: More than this share of an outline without an edge is doubtful; an edge is steeper than this, in Delta E per pixel,
#: within two pixels.
BLIND, STEEP = 0.35, 1.0


def of(found: Found, described: Shape, category: Category | None) -> tuple[str, ...]:
    """Gives the reasons to doubt a find; `category` is what the user said the garment is, if anything."""
    del described, category
    said = []
    if found.seen is not None:
        cover = found.seen.garment + found.seen.inside + found.seen.sheer > 0.5
        both, either = np.count_nonzero(cover & found.garment), np.count_nonzero(cover | found.garment)
        if both < AGREES * either:
            said.append("network and backdrop tell different outlines")
    return tuple(said)


def blind(garment: Flags, colours: Lab) -> float:
    """Gives the share of an outline, off the frame, that has no edge of the picture nearby."""
    outline = garment & (cv2.erode(garment.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) == 0)
    steep = cv2.dilate(edges_of(colours), np.ones((5, 5), np.uint8)) > STEEP
    return 1 - float(steep[outline].mean()) if outline.any() else 0.0
