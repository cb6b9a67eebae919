"""What the kept garment says to the clothes round it: its outline, colour, and what of the body it covers."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Placed, Sealed
from stages.figure.clothes.tube import Body
from stages.figure.records import PARTS, Surface
from stages.figure.vectors import floats

Floats = npt.NDArray[Any]

_INSIDE = 0.004
"""Metres that what is worn beneath stays within the outline."""
_HEM = 0.12
"""Metres over which a hem may curve: there the outline is as wide as above, for its last rows hold its tip alone."""
_WIDE = 0.9
"""A hem begins under the last row that has this share of the greatest width near it."""
_NOTCH = 0.012
"""Half the height of notches in an outline that are overlooked, in metres."""
_SHEER = 0.1
"""Coverage from which cloth needs a lining."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline(Sealed):
    """Where the garment's part on the trunk begins and ends in each canvas row of its box."""

    top: int
    left: Floats
    """Per row, canvas x; nan where there is no garment on either side of the body's middle."""
    right: Floats


def outline(placed: Placed, body: Body) -> Outline:
    """Follows each row from the body's middle to both sides: past an opening, then to where the garment ends."""
    opaque = placed.matte > 0.5
    x0, y0, _, _ = placed.box
    spine = [body.joint(name) for name in ("upperleg01.L", "spine05", "spine03", "spine01", "neck01")]
    spine[0] = 0.5 * (spine[0] + body.joint("upperleg01.R"))
    order = sorted(spine, key=lambda point: float(point[1]))
    rows = y0 + np.arange(opaque.shape[0])
    middle = np.interp(rows, [p[1] for p in order], [p[0] for p in order]) - x0
    left, right = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for row, centre in enumerate(np.clip(middle, 0, opaque.shape[1] - 1).astype(int)):
        toward, away = opaque[row, : centre + 1][::-1], opaque[row, centre:]
        left[row] = x0 + centre - _end(toward)
        right[row] = x0 + centre + _end(away)
    gone = (left >= x0 + middle) | (right <= x0 + middle)
    left[gone], right[gone] = np.nan, np.nan
    return Outline(y0, left, right)


def _end(line: npt.NDArray[np.bool_]) -> int:
    """Returns the place of the last pixel of a line's first run of garment; 0 if there is none."""
    if not line.any():
        return 0
    first = int(line.argmax())
    ends = ~line[first:]
    return first + (int(ends.argmax()) if ends.any() else len(line) - first) - 1


def layer(placed: Placed, kinds: tuple[str, ...]) -> Placed:
    """Returns the outermost layer of an outfit that is of one of some kinds; the whole where there is none."""
    return next((each.placed for each in reversed(placed.layers) if each.kind in kinds), placed)


def colour(placed: Placed) -> tuple[int, int, int]:
    """Returns the garment's middle colour, sRGB of 8 bits."""
    core = placed.foreground[placed.matte >= 0.99]
    if not len(core):
        core = placed.foreground.reshape(-1, 3)
    level = np.median(core.astype(np.float64), 0) / (257 if placed.foreground.dtype == np.uint16 else 1)
    red, green, blue = (round(each) for each in level)
    return red, green, blue


def covers(placed: Placed, points: Floats) -> float:
    """Returns the share of canvas points N x 3 or N x 2 that lie on the garment."""
    x0, y0, x1, y1 = placed.box
    x, y = points[:, 0].astype(int), points[:, 1].astype(int)
    within = (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
    on = np.zeros(len(points), np.bool_)
    on[within] = placed.matte[y[within] - y0, x[within] - x0] > 0.5
    return float(on.mean()) if len(points) else 0.0


def tucked(
    surface: Surface,
    edge: Outline,
    body: Body,
    flare: float = 0.55,
    most: float = np.inf,
    least: float = 0.0,
    hem: float = _HEM,
) -> Surface:
    """Keeps a surface within the outline of the garment worn over it.

    Below the garment's last row it may widen again by `flare` pixels a row to either side. No point moves by more than
    `most` canvas pixels, and none within `least` of the body's middle
    does. Over its last `hem` metres the garment counts as wide as above.
    """
    known = np.flatnonzero(np.isfinite(edge.left))
    if not len(known):
        return surface
    inset = _INSIDE * body.scale
    rows = np.arange(len(edge.left) + int(0.5 * body.scale))
    last = known[-1]
    past = np.maximum(rows - last, 0) * flare
    at = np.minimum(rows, last)
    reach = max(1, int(hem * body.scale))
    low = np.interp(at, known, _lowest_above(edge.left[known], reach)) + inset - past
    high = np.interp(at, known, -_lowest_above(-edge.right[known], reach)) - inset + past
    row = surface.vertices[:, 1] - edge.top
    inside = (row >= known[0]) & (row < len(rows) - 1)
    x = surface.vertices[:, 0].copy()
    soft = np.clip(x, np.interp(row, rows, low), np.interp(row, rows, high))
    soft = x + np.clip(soft - x, -most, most)
    middle = 0.5 * (body.joint("upperleg01.L")[0] + body.joint("upperleg01.R")[0])
    inside &= np.abs(x - middle) > least
    x = np.where(inside, soft, x)
    vertices = surface.vertices.copy()
    vertices[:, 0] = x
    return replace(surface, vertices=floats(vertices))


def _lowest_above(values: Floats, reach: int) -> Floats:
    """Returns for each row of the hem's last `reach` rows the lowest value from there up to `reach` rows above it."""
    lowest = values.copy()
    for row in range(max(0, len(values) - reach), len(values)):
        lowest[row] = values[max(0, row - reach) : row + 1].min()
    return lowest


def unseen_above(surface: Surface, edge: Outline, scale: float) -> Surface:
    """Lowers what stands out beside the garment above its hem: a waistband ends where the hem does.

    The hem begins where the garment, in its last rows, grows narrow. `scale` is in canvas pixels for a metre.
    """
    known = np.flatnonzero(np.isfinite(edge.left))
    if not len(known):
        return surface
    last = known[known >= known[-1] - _HEM * scale]
    wide = edge.right[last] - edge.left[last]
    corner = last[np.flatnonzero(wide >= _WIDE * wide.max())[-1]]
    row = np.rint(surface.vertices[:, 1] - edge.top).astype(int)
    here = np.clip(row, 0, len(edge.left) - 1)
    # Rows whose outline has a notch or a hole count as their neighbours.
    near = np.ones((2 * max(1, round(_NOTCH * scale)) + 1, 1), np.uint8)
    left = cv2.erode(np.nan_to_num(edge.left, nan=np.inf)[:, None], near)[here, 0]
    right = cv2.dilate(np.nan_to_num(edge.right, nan=-np.inf)[:, None], near)[here, 0]
    beside = (surface.vertices[:, 0] < left) | (surface.vertices[:, 0] > right)
    vertices = surface.vertices.copy()
    vertices[beside & (row < corner), 1] = edge.top + corner
    return replace(surface, vertices=vertices)


def beneath(surface: Surface, placed: Placed, always: npt.NDArray[np.bool_]) -> Surface:
    """Leaves out what of a lining neither lies under the garment nor is told by `always`, one flag a vertex."""
    lined = _without(surface, ~(_under(placed, surface.vertices) | always))
    # A long face may reach over the gap between two trouser legs, each of which hides a corner of it.
    corners = lined.faces
    over = ~_under(placed, lined.vertices[corners].mean(axis=1)) & ~always[corners].all(axis=1)
    parts = np.where(over, np.uint8(PARTS.index("nothing")), lined.parts)
    return replace(lined, parts=parts).drawn


def _under(placed: Placed, points: Floats) -> npt.NDArray[np.bool_]:
    """Returns, for each canvas point, N x 2 or N x 3, whether the garment lies over it."""
    x0, y0, x1, y1 = placed.box
    x, y = (np.rint(points[:, axis]).astype(int) for axis in (0, 1))
    within = (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
    return np.asarray(
        within & (placed.matte[np.clip(y - y0, 0, y1 - y0 - 1), np.clip(x - x0, 0, x1 - x0 - 1)] > _SHEER)
    )


def _without(surface: Surface, gone: npt.NDArray[np.bool_]) -> Surface:
    """Returns a surface whose faces with a corner that is `gone` are nothing."""
    parts = np.where(gone[surface.faces].any(axis=1), np.uint8(PARTS.index("nothing")), surface.parts)
    return replace(surface, parts=parts).drawn
