"""Guides: hairs that are led over the head step by step; the others follow them."""

import numpy as np

from stages.figure.hair.hairline import angles
from stages.figure.hair.head import CENTRE, Floats, Head, unit
from stages.figure.hair.styles import Style
from stages.figure.vectors import floats

#: Where hair turns about the crown, in the head's frame as a direction from its centre.
_WHORL = unit(np.array([0.10, 0.55, 0.83], np.float32))


def lengths(roots: Floats, head: Head, style: Style) -> Floats:
    """Returns the length in metres that the cut asks of hairs with these roots (N x 3)."""
    angle, height = angles(roots), roots[:, 2] / head.crown
    top = _smooth(height, 0.42, 0.78)
    front = _smooth(-angle, -58, -38) * top
    behind = _smooth(angle, 100, 135)
    around = style.sides + (style.back - style.sides) * behind
    cut = around + (style.top - around) * top
    return np.asarray(cut + (style.front - cut) * front, np.float32)


def grow(
    head: Head, roots: Floats, length: Floats, style: Style, covering: bool, random: np.random.Generator, points: int
) -> Floats:
    """Leads N hairs from their roots (N x 3): N x `points` x 3 in the head's frame.

    They leave the skin as the style's flow says, bend with gravity, stay above the skin, out of the face and, where
    they are not to be `covering` what is worn, behind the body.
    """
    normal = unit(roots - CENTRE)
    heading = _flow(roots, normal, style)
    rise = style.rise * (1 - 0.7 * _smooth(-roots[:, 2:], -0.045, -0.005) * (style.flow == "parted"))
    heading = unit(rise * normal + (1 - rise) * heading + random.normal(0, 0.05, roots.shape))
    step = (length / (points - 1))[:, None]
    away = float(head.far[1]) < 0  # the face looks away from the viewer
    # On backs hair that ends over the collar may stay where it is.
    falls = float(length.max(initial=0)) > (0.27 if away else 0.12)
    before = (angles(roots)[:, None] < 105) | away if covering else np.zeros((len(roots), 1), np.bool_)
    side = np.where(roots[:, :1] - parting(roots, style) >= 0, 1.0, -1.0)
    place, path = roots + 0.0005 * normal, [roots]
    layer = style.lift * random.uniform(0.5, 1.15, (len(roots), 1))
    full = np.clip(length / 0.03, 0.25, 1)[:, None]
    for index in range(1, points):
        gone = index * step
        bent = style.weight * np.clip(gone / 0.05, 0.15, 1)
        heading = unit(heading * (1 - bent) + head.gravity * bent)
        if falls:
            heading = unit(heading + np.where(before, 0, _drift(place, side, head, away)))
        ahead = place + heading * step
        cling = style.cling * (np.clip(ahead[:, 2:] / 0.03, 0, 1) if falls else 1.0)
        ahead = head.clear(ahead, 0.001 + layer * full * (1 - np.exp(-gone / 0.03)) + 0.012 * layer * gone / 0.1, cling)
        if style.flow in ("parted", "back"):
            ahead = _out_of_face(ahead, side, head)
        if falls:
            beside = before | (np.abs(ahead[:, :1]) > 0.054) | (not away)
            ahead = np.where(beside, head.past(ahead, 0.006 + 0.6 * layer, before), ahead)
        heading = unit(0.35 * heading + 0.65 * unit(ahead - place))
        place = ahead
        path.append(place)
    return np.stack(path, 1).astype(np.float32)


def _drift(points: Floats, side: Floats, head: Head, away: bool) -> Floats:
    """Returns which way hair drifts below the ears: behind the neck or, on backs, round it to the chest."""
    low = np.clip(-points[:, 2:] / 0.06, 0, 1)
    if not away:
        return np.asarray(0.30 * head.far * low, np.float32)
    low = np.clip((0.06 - points[:, 2:]) / 0.13, 0, 1)
    near = np.clip((0.074 - side * points[:, :1]) / 0.03, 0, 1)
    turned = 1.2 * near * side * floats([1, 0, 0]) + 0.8 * (1 - near) * head.far
    return np.asarray(turned * low, np.float32)


def _flow(roots: Floats, normal: Floats, style: Style) -> Floats:
    """Returns the way hair lies at each root: unit vectors along the skin."""
    angle = angles(roots)[:, None]
    if style.flow == "out":
        return normal
    if style.flow == "back":
        way = np.array([0, 0.95, 0.1], np.float32) + 0 * roots
    elif style.flow == "parted":
        side = np.where(roots[:, :1] - parting(roots, style) >= 0, 1.0, -1.0)
        way = np.concatenate([0.9 * side, 0.30 + 0 * side, -0.1 + 0 * side], 1)
        # Behind the crown it falls from there instead.
        behind = _smooth(roots[:, 1:2], 0.10, 0.16)
        way = way * (1 - behind) + unit(normal - _WHORL) * behind
        # What is rooted beside and below the ears hangs from there.
        low = _smooth(-roots[:, 2:], -0.045, -0.005)
        way = way * (1 - low) + np.concatenate([0.15 * side, 0.15 + 0 * side, -1 + 0 * side], 1) * low
    else:
        away = normal - _WHORL
        turned = np.cross(normal, away)
        way = unit(away) + 0.30 * unit(turned)
        if style.flow == "whorl":
            # A fringe lies to one side and up rather than into the eyes.
            way = way + _smooth(-angle, -60, -25) * np.array([0.75, 0.25, 0.55], np.float32)
    return unit(way - normal * (way * normal).sum(-1, keepdims=True))


def parting(roots: Floats, style: Style) -> Floats:
    """Returns where the parting runs, metres to the person's left: it ends at the crown, and is no ruled line."""
    back = roots[:, 1:2]
    return np.asarray(style.parting * np.clip((0.16 - back) / 0.08, 0, 1) + 0.0016 * np.sin(back * 190), np.float32)


def _out_of_face(points: Floats, side: Floats, head: Head) -> Floats:
    """Moves points that hang before the face to beside it."""
    x, y, z = points[:, :1], points[:, 1:2], points[:, 2:]
    half = 0.064 + 0.006 * np.clip(-z / 0.08, -1, 0.6)
    before = np.clip((0.075 - y) / 0.03, 0, 1) * np.clip((0.46 * head.crown - z) / 0.02, 0, 1)
    short = np.maximum(half - side * x, 0) * before
    return np.concatenate([x + side * short, y + 0.4 * short, z], 1)


def _smooth(values: Floats, low: float, high: float) -> Floats:
    share = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
