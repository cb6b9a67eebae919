"""Which photos of an outfit show an accessory so that it cannot be worn as it is, and what to photograph instead."""

from collections.abc import Sequence

import cv2
import numpy as np

from stages.contracts import Matte
from stages.outfit import turning
from stages.outfit.pieces import Piece

#: A belt this many times as wide as high lies straight, and is closed if its buckle is in its middle, of so much of it.
STRAIGHT, MIDDLE = 7.0, 0.4
#: A ring whose opening has more than this share of its box is seen through it.
OPEN = 0.2


def unworn(pieces: Sequence[Piece]) -> list[str]:
    """Returns in words what of an outfit's photos does not follow the body as it would if it were worn."""
    said = []
    for each in pieces:
        own = [other for other in pieces if other.source == each.source]
        if each.told is None or each is not own[0]:
            continue
        name, matte = each.photo.name, each.cutout.matte
        if each.kind == "shoes":
            said += _shoes(own)
        elif each.kind == "belt":
            if _unbuckled(matte):
                said.append(
                    f"{name} shows a belt laid out straight, which is not closed around the waist: photograph it closed"
                )
        elif each.kind == "ring" and _open(matte):
            said.append(f"{name} shows a ring through its opening, where a finger would be: photograph it from above")
        elif each.kind == "earrings" and each.told.scale is None and not each.told.measures:
            said.append(f"{name} does not tell how large the earrings are, 3 cm is a guess: add length_cm= or scale=")
    return said


def _shoes(own: Sequence[Piece]) -> list[str]:
    name = own[0].photo.name
    if len(own) == 1:
        return [f"the shoes of {name} touch and are placed as a pair, not foot by foot: photograph them apart, or, if "
                "it is one shoe, add single=true"]  # fmt: skip
    seen = [each.cutout.matte > 0.5 for each in own]
    from_side = [turning.from_side(each) for each in seen]
    if not any(from_side):
        return []
    # Feet turned outwards stand like this.
    outwards = [turning.points(each) == way for each, way in zip(seen, ("left", "right"), strict=True)]
    if all(from_side) and all(outwards):
        return []
    return [f"{name} shows shoes from the side, and the feet of the figure point forwards: photograph them from the "
            "toes, or one alone and add single=true"]  # fmt: skip


def _unbuckled(matte: Matte) -> bool:
    shown = turning.trimmed(matte > 0.5)
    if not shown.size or shown.shape[1] < STRAIGHT * shown.shape[0]:
        return False
    high = np.count_nonzero(shown, axis=0)
    buckle = float(np.flatnonzero(high >= 0.95 * high.max()).mean()) / len(high)
    return abs(buckle - 0.5) > 0.5 * MIDDLE or high.max() < 1.15 * np.median(high)


def _open(matte: Matte) -> bool:
    solid = np.pad((matte > 0.5).astype(np.uint8), 1)
    own = turning.trimmed(solid > 0)
    count, _, stats, _ = cv2.connectedComponentsWithStats(1 - solid)
    # The first two are what is set, and the outside.
    holes = sorted(int(each) for each in stats[1:count, cv2.CC_STAT_AREA])[:-1]
    return bool(holes) and max(holes) > OPEN * max(1, own.size)
