"""Where each piece of an outfit lies on the first one's body, and how large it is shown."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stages.contracts import KEYPOINTS, Skeleton, View
from stages.outfit import scale, spots
from stages.outfit.kinds import ACCESSORIES, Kind
from stages.outfit.options import OutfitOptions, Worn
from stages.outfit.pieces import Box, Piece, Spot, extent, whole
from stages.pose.body import Body, measure

#: How far beyond the wrist a hand holds or wears what, a share of stature.
BEYOND: dict[Kind, float] = {"bag": 0.045, "watch": -0.01, "ring": 0.06}


def spots_of(
    pieces: Sequence[Piece], outfit: OutfitOptions, body: Body, height_cm: float
) -> tuple[list[Spot], list[str]]:
    """Returns where each piece lies on the first one's body, and what to say of it."""
    boxes = [extent(each.cutout) for each in pieces]
    per_cm = scale.per_cm(outfit.measured, pieces[0].cutout.shape, boxes[0], pieces[0].kind)
    there = [Spot(1.0, 0.0, 0.0)]
    said = []
    for own, box in zip(pieces[1:], boxes[1:], strict=True):
        told = own.told or Worn(photo=own.photo.name)
        factor, how = scale.factor(told, own.cutout, own.kind, box, own.many, body, per_cm or body.stature / height_cm)
        if own.which == 0:
            if factor > scale.COARSE:
                said.append(
                    f"{own.photo.name} is enlarged {factor:.2f} times {how}: name it first, or give a larger photo"
                )
            if factor < scale.WASTED and own.kind not in ACCESSORIES:
                said.append(
                    f"{own.photo.name} is shrunk to {factor:.2f} of its size {how}: name it first to keep it whole"
                )
        there.append(replace(spot_of(own, box, factor, body), how=how))
    return there, said


def spot_of(own: Piece, box: Box, factor: float, body: Body) -> Spot:
    if own.kind in ACCESSORIES:
        x0, y0, x1, y1 = box
        held = spots.held_at(whole(own.cutout)[y0:y1, x0:x1], own.kind, own.many)
        side = own.told.side if own.told else "left"
        wanted = spots.on_body(own.kind, own.which if own.many > 1 else None, side, body)
        return Spot(factor, wanted[0] - (x0 + held[0]) * factor, wanted[1] - (y0 + held[1]) * factor)
    shape = own.cutout.shape
    mine, row = measure(shape), scale.row_of(shape)
    return Spot(factor, body.x - (mine.x + 0.5) * factor + 0.5, body.y(row) - (mine.y(row) + 0.5) * factor + 0.5)


def in_hand(
    pieces: Sequence[Piece], there: Sequence[Spot], joints: Skeleton, body: Body, view: View
) -> tuple[list[Spot], bool]:
    """Brings bags, watches and rings to the hands of a body whose arms are known, and tells whether there are any.

    `joints` are seen from the front and, like `body`, in the first photo's pixels from where its corner lies.
    """
    moved = list(there)
    held = [at for at, each in enumerate(pieces) if each.kind in BEYOND and each.told is not None]
    for at in held:
        own, spot = pieces[at], there[at]
        side = own.told.side if own.told else "left"
        if view == "back":
            side = "left" if side == "right" else "right"
        elbow, wrist = (joints[KEYPOINTS.index(f"{side}_{name}"), :2].astype(float) for name in ("elbow", "wrist"))
        along = (wrist - elbow) / max(float(np.hypot(*(wrist - elbow))), 1e-6)
        x, y = wrist + along * BEYOND[own.kind] * body.stature
        x0, y0, x1, y1 = extent(own.cutout)
        grip = spots.held_at(whole(own.cutout)[y0:y1, x0:x1], own.kind, own.many)
        corner = x + there[0].x - (x0 + grip[0]) * spot.factor, y + there[0].y - (y0 + grip[1]) * spot.factor
        moved[at] = replace(spot, x=corner[0], y=corner[1])
    return moved, bool(held)
