"""Brings the head to where the frame has it: fitted into different garments, a body stands higher or lower."""

from dataclasses import replace

import numpy as np

from stages.contracts import KEYPOINTS, Placed, Shape
from stages.figure.records import Floats, Posed, Surface

_EYES = [KEYPOINTS.index(f"{side}_eye") for side in ("right", "left")]


def level(placed: Placed, posed: Posed) -> tuple[Placed, Posed]:
    """Returns garment and body moved up or down by whole pixels, until the eyes lie where `placed.body` has them.

    A garment is never moved over the edge of its canvas; where the frame crops the head nothing is moved.
    """
    wanted = float(placed.body[_EYES, 1].mean())
    if placed.framing == "lower":
        return placed, posed
    down = round(wanted - float(posed.head[1, 3]))
    down = min(max(down, -placed.box[1]), placed.height - placed.box[3])
    return (_placed(placed, down), _posed(posed, down)) if down else (placed, posed)


def _placed(placed: Placed, down: int) -> Placed:
    x0, y0, x1, y1 = placed.box
    marks = {name: (x, y + down) for name, (x, y) in placed.shape.landmarks.items()}
    return replace(
        placed,
        placement=replace(placed.placement, y=placed.placement.y + down),
        box=(x0, y0 + down, x1, y1 + down),
        shape=Shape(placed.shape.category, placed.shape.confidence, marks),
        body=placed.body + np.array([0, down, 0], np.float32),
        layers=tuple(replace(each, placed=_placed(each.placed, down)) for each in placed.layers),
    )


def _posed(posed: Posed, down: int) -> Posed:
    by = np.array([0, down, 0], np.float32)
    head = posed.head.copy()
    head[1, 3] += down
    return replace(
        posed,
        surfaces={name: _surface(each, by) for name, each in posed.surfaces.items()},
        joints={name: (start + by, end + by) for name, (start, end) in posed.joints.items()},
        head=head,
        skeleton=posed.skeleton + by,
    )


def _surface(surface: Surface, by: Floats) -> Surface:
    return replace(surface, vertices=surface.vertices + by)
