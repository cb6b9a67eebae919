"""Puts an outfit's accessories on the body that was fitted into its garments."""

from collections.abc import Sequence
from dataclasses import replace

from stages.contracts import Framing, Layer, Placed, Shape, Skeleton
from stages.figure.records import Posed
from stages.outfit import spots
from stages.outfit.compose import compose
from stages.outfit.kinds import ACCESSORIES, LOWER
from stages.outfit.pieces import Piece, whole


def worn(placed: Placed, pieces: Sequence[Piece], posed: Posed) -> Placed:
    """Returns an outfit with its accessories on the fitted body rather than on the one that was thought of."""
    if not any(each.kind in ACCESSORIES for each in pieces):
        return placed
    found = spots.Figure.of(posed)
    banded = any(each.kind in LOWER for each in pieces)
    layers = []
    which: dict[int, int] = {}
    for layer in placed.layers:
        at = which.get(layer.source, 0)
        which[layer.source] = at + 1
        own = [each for each in pieces if each.source == layer.source][at]
        if layer.kind in ACCESSORIES and own.told is not None and not (layer.kind == "belt" and banded):
            layers.append(_shifted(layer, own, found))
        else:
            layers.append(layer)
    return compose(layers, placed.notes)


def _shifted(layer: Layer, own: Piece, on: "spots.Figure | None") -> Layer:
    placed = layer.placed
    wanted = spots.on_figure(own.kind, own.which if own.many > 1 else None, own.told.side if own.told else "left", on)
    if wanted is None:
        return layer
    held = spots.held_at(whole(placed), own.kind, own.many)
    dx = round(wanted[0] - held[0] - placed.box[0])
    dy = round(wanted[1] - held[1] - placed.box[1])
    x0, y0, x1, y1 = placed.box
    dx, dy = min(max(dx, -x0), placed.width - x1), min(max(dy, -y0), placed.height - y1)
    return moved(layer, dx, dy, (placed.width, placed.height), placed.framing, placed.body)


def moved(layer: Layer, dx: int, dy: int, canvas: tuple[int, int], framing: Framing, body: Skeleton) -> Layer:
    """Returns a layer moved by whole pixels, on another canvas."""
    placed = layer.placed
    where = placed.placement
    x0, y0, x1, y1 = placed.box
    marks = {name: (x + dx, y + dy) for name, (x, y) in placed.shape.landmarks.items()}
    moved = replace(
        placed,
        width=canvas[0],
        height=canvas[1],
        placement=replace(where, x=where.x + dx, y=where.y + dy),
        box=(x0 + dx, y0 + dy, x1 + dx, y1 + dy),
        shape=Shape(placed.shape.category, placed.shape.confidence, marks),
        framing=framing,
        body=body,
    )
    return replace(layer, placed=moved)
