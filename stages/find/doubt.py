"""What may be wrong with a find, in words: a run that is not sure of its garment says so; and what a cut has lost."""

from typing import get_args

import cv2
import numpy as np

from stages.contracts import Category, Cutout, Matte, Plate
from stages.find.evidence import edges_of
from stages.find.finder import PLAIN, Found
from stages.find.network import Seen
from stages.matte.backdrop import Flags, lab

#: Less than this intersection over union of what was found and what the network alone sees is doubtful.
AGREES = 0.8
#: More than this share of an outline without an edge is doubtful; an edge is steeper than this, in Delta E per pixel,
#: within two pixels.
BLIND, STEEP = 0.35, 1.0
#: More than this share of a garment's area, before a backdrop that is not plain, may be cut wrongly: of 245 sellers'
#: photos 25 say so, of which 12 reach no intersection over union of .95; of the 11 that reach no .9 they are 7.
UNSURE = 0.1
#: Somebody surely wears it, to the network, from here on: 22 studio photos have at most .16, four of people 1.00.
WORN = 0.9
#: A part larger than this share of what was found may not be missing from what is kept: a cuff is 0.02. Parts narrower
#: than this share of the longer side are the edge's own.
LOST, NARROW = 0.01, 0.008
#: A product is named from the second probability on, and thought possible from the first. Of 191 held-out photos of
#: clothes 3 pass for a product at 0.5 and 1 at 0.7; of 40 of shoes and hats 18 and 13 are named.
POSSIBLE, NAMED = 0.4, 0.7


def of(found: Found, picture: Plate) -> tuple[str, ...]:
    """Returns the reasons to doubt what was found on a picture, H x W x 3 sRGB."""
    said = []
    unseen = blind(found.garment, picture)
    if unseen > BLIND:
        said.append(f"{unseen:.0%} of the garment's outline cannot be distinguished from the backdrop")
    if found.seen is not None:
        cover = found.seen.cover > 0.5
        both, either = np.count_nonzero(cover & found.garment), np.count_nonzero(cover | found.garment)
        if both < AGREES * either:
            said.append("the finder's network and the backdrop's colours disagree about the outline")
        wrong = unsure(found.seen)
        if found.plain <= PLAIN and wrong > UNSURE:
            said.append(f"about {wrong:.0%} of the garment's area may be cut wrongly: the backdrop is not plain")
        if worn(found):
            said.append(
                "somebody is wearing it, and cloth and skin are separated only roughly: "
                "--matte gives the garment itself"
            )
    return tuple(said)


def unsure(seen: Seen) -> float:
    """Returns how much of a garment's area may be wrong, as a share of it, if the network's probabilities are right."""
    return float(np.minimum(seen.cover, 1 - seen.cover).sum() / max(1, int((seen.cover > 0.5).sum())))


def blind(garment: Flags, picture: Plate) -> float:
    """Returns the share of an outline, off the frame, that has no edge of the picture nearby."""
    outline = garment & (cv2.erode(garment.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) == 0)
    steep = cv2.dilate(edges_of(lab(picture)), np.ones((5, 5), np.uint8)) > STEEP
    return 1 - float(steep[outline].mean()) if outline.any() else 0.0


def worn(found: Found | None) -> bool:
    """Whether the network is sure that somebody wears the garment: it tells cloth from skin roughly."""
    return found is not None and found.seen is not None and found.seen.kind.get("worn", 0.0) > WORN


def product(found: Found | None) -> str:
    """Returns what the network is sure of that no body wears: shoes, hat, bag or jewellery; else nothing."""
    best, chance = _likeliest(found)
    return "" if best in get_args(Category) or chance < NAMED else best


def possible(found: Found | None) -> tuple[str, ...]:
    """Gives, as a reason to doubt, a product that the network takes the photo for and is not sure of."""
    best, chance = _likeliest(found)
    if best in get_args(Category) or not POSSIBLE <= chance < NAMED:
        return ()
    return (f"it may be {best} rather than a garment ({chance:.0%}): --garment says what it is",)


def _likeliest(found: Found | None) -> tuple[str, float]:
    """Returns what the network takes a photo for, and how likely that is; nothing without a network."""
    named = found.seen.categories if found is not None and found.seen is not None else {}
    best = max(named, key=named.__getitem__, default="")
    return best, named.get(best, 0.0)


def lost(cutout: Cutout, view: Matte | None = None) -> tuple[str, ...]:
    """Gives, as broken promises, what was found of a garment and is missing from its cut-out.

    `view` is where the garment was found, H' x W' in [0, 1], in the place of the cut-out's own.
    """
    seen = cutout.view if view is None else view
    if seen is None:
        return ()
    matte = cv2.resize(cutout.matte, seen.shape[::-1], interpolation=cv2.INTER_AREA)
    size = 2 * max(1, round(NARROW * max(seen.shape))) + 1
    missing = ((seen > 0.5) & (matte < 0.05)).astype(np.uint8)
    missing = cv2.morphologyEx(missing, cv2.MORPH_OPEN, np.ones((size, size), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(missing, connectivity=8)
    largest = float(stats[1:, cv2.CC_STAT_AREA].max(initial=0)) / max(1, int(np.count_nonzero(seen > 0.5)))
    return (f"{largest:.0%} of the garment that was found is not kept",) if largest > LOST else ()
