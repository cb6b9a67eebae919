"""Lays an outfit's photos on one canvas: the first at its own pixels, the others fitted to it."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from stages.canvas import limits
from stages.canvas.framing import frame, usual
from stages.canvas.place import LANCZOS, fitted, lie
from stages.casting import Pose
from stages.contracts import Framing, Layer, Placed, Shape, View
from stages.options import PlaceOptions
from stages.outfit import kinds
from stages.outfit.beneath import beneath
from stages.outfit.compose import clothing, compose
from stages.outfit.options import OutfitOptions
from stages.outfit.pieces import Piece, Spot
from stages.outfit.waist import belted, closed
from stages.outfit.where import in_hand, spots_of
from stages.outfit.worn import moved
from stages.outline import Silhouette, silhouette
from stages.pose.body import Body, measure
from stages.pose.fit import limbs, mirror_names, seen_from


def place(
    pieces: Sequence[Piece],
    outfit: OutfitOptions,
    options: PlaceOptions,
    view: View = "front",
    pose: Pose | None = None,
    height_cm: float = 172.0,
) -> Placed:
    """Returns an outfit on a canvas that holds the person in the asked framing.

    The first piece keeps its photo's pixels, unless `options.size` asks for another size; the others are resampled
    once. All lie at whole pixels. `height_cm` is the wearer's, for what is told in centimetres. Raises ConfigError for
    what cannot be worn together, and else as `stages.canvas.place.place` does.
    """
    sources = {each.source: each.kind for each in pieces}
    notes = list(kinds.check([sources[at] for at in sorted(sources)]))
    body = measure(pieces[0].cutout.shape)
    there, said = spots_of(pieces, outfit, body, height_cm)
    there = belted(pieces, closed(pieces, there, body))
    notes += said
    order = kinds.ordered([each.kind for each in pieces], outfit.order)
    shown = _shown(pieces, there, 1.0, order, view)
    # The first piece may have been moved on the body, never on its own pixels.
    body = replace(body, x=body.x - there[0].x, floor=body.floor - there[0].y)
    loose = compose(shown)
    garments = clothing(loose)
    grid = silhouette(garments.matte)
    x0, y0 = garments.box[:2]
    shape = loose.shape if view == "front" else mirror_names(loose.shape)
    shifted = Silhouette(grid.mask, grid.factor, grid.x0 + x0, grid.y0 + y0)
    joints = limbs(shape, shifted, pose or Pose(), body)
    there, held = in_hand(pieces, there, joints, body, view)
    if held:
        shown = _shown(pieces, there, 1.0, order, view)
        loose = compose(shown)
    framing = _framing(pieces, loose.shape, body) if options.framing == "auto" else options.framing
    if options.size == "auto":
        across, down = (int(side) for side in options.aspect.split(":"))
        left, top, height = frame(garments.box, joints, body, framing, across / down, options.margin, loose.box)
        factor, canvas = 1.0, (ceil(ceil(height) * across / down), ceil(height))
    else:
        canvas = tuple(int(side) for side in options.size.split("x"))  # type: ignore[assignment]
        aspect = canvas[0] / canvas[1]
        left, top, height = frame(garments.box, joints, body, framing, aspect, options.margin, loose.box)
        factor = canvas[1] / height
    limits.check(*canvas, options.max_megapixels, "ask for a smaller --size or --margin.")
    if factor != 1:
        shown = _shown(pieces, there, factor, order, view)
    union = np.array([each.placed.box for each in shown])
    ux0, uy0, ux1, uy1 = (int(each) for each in (*union[:, :2].min(axis=0), *union[:, 2:].max(axis=0)))
    dx = min(max(round(-left * factor), -ux0), canvas[0] - ux1)
    dy = min(max(round(-top * factor), -uy0), canvas[1] - uy1)
    stand = seen_from(joints, view) * (factor, factor, 1) + (0.5 * factor - 0.5 + dx, 0.5 * factor - 0.5 + dy, 0)
    layers = [moved(each, dx, dy, canvas, framing, stand.astype(np.float32)) for each in shown]
    return compose(layers, tuple(notes))


def _shown(
    pieces: Sequence[Piece], there: Sequence[Spot], factor: float, order: Sequence[int], view: View
) -> list[Layer]:
    """Returns the pieces resampled and placed around the first photo's corner, from the back to the front."""
    layers = []
    for at in order:
        own, spot = pieces[at], there[at]
        found = fitted(own.photo, own.cutout, spot.factor * factor, LANCZOS if own.source else None)
        x, y = round((spot.x - there[0].x) * factor), round((spot.y - there[0].y) * factor)
        shape = own.cutout.shape if view == "front" else mirror_names(own.cutout.shape)
        placed = lie(found, shape, (x, y), (1, 1), "full", np.zeros((18, 3), np.float32))
        layers.append(Layer(placed, own.kind, own.source, spot.how, own.turn, own.mirrored))
    return beneath(layers)


def _framing(pieces: Sequence[Piece], shape: Shape, body: Body) -> Framing:
    worn_ = {each.kind for each in pieces}
    if shape.from_waist and "hat" not in worn_:
        return "lower"
    if worn_ & {"bottom", "skirt", "dress", "shoes"}:
        return "full"
    return usual(shape, body)
