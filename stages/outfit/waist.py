"""The waist of an outfit: what is worn below comes under the hem above it, and a belt onto its waistband."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from stages.outfit.kinds import LOWER, UPPER
from stages.outfit.pieces import Piece, Spot, extent
from stages.outfit.where import spot_of
from stages.pose.body import Body

#: How far what is worn below lies under a hem, and how far it may be raised for that, as shares of stature.
UNDER, RAISE = 0.02, 0.075
#: What is worn below may be so much smaller than the body asks, to lie under the hem above it, and moved so far aside.
SMALLER, ASIDE = 0.92, 0.02


def closed(pieces: Sequence[Piece], there: list[Spot], body: Body) -> list[Spot]:
    """Brings trousers or a skirt under the hem of what is worn above, so that no waist is bare and none stands out."""
    lower = next((at for at, each in enumerate(pieces) if each.kind in LOWER), None)
    upper = next((at for at, each in enumerate(pieces) if each.kind in UPPER), None)
    if lower is None or upper is None:
        return there
    there[lower] = _raised(pieces[lower], pieces[upper], there[lower], there[upper], body)
    above, below = _widths(pieces, there, upper, lower, body)
    if above is None or below is None:
        return there
    share = min(max((above[1] - above[0]) / max(below[1] - below[0], 1.0), SMALLER), 1.0)
    told = pieces[lower].told
    if told is not None and there[lower].how.startswith("by the body"):
        spot = spot_of(pieces[lower], extent(pieces[lower].cutout), there[lower].factor * share, body)
        there[lower] = _raised(pieces[lower], pieces[upper], replace(spot, how=there[lower].how), there[upper], body)
    elif told is None and there[upper].how.startswith("by the body"):
        spot = spot_of(pieces[upper], extent(pieces[upper].cutout), there[upper].factor / share, body)
        there[upper] = replace(spot, how=there[upper].how)
        there[lower] = _raised(pieces[lower], pieces[upper], there[lower], there[upper], body)
    above, below = _widths(pieces, there, upper, lower, body)
    if above is not None and below is not None:
        aside = 0.5 * (above[0] + above[1] - below[0] - below[1])
        aside = min(max(aside, -ASIDE * body.stature), ASIDE * body.stature)
        there[lower] = replace(there[lower], x=there[lower].x + aside)
    return there


def belted(pieces: Sequence[Piece], there: list[Spot]) -> list[Spot]:
    """Brings a belt onto the waistband of trousers or a skirt, as wide as that where no scale is told."""
    belt = next((at for at, each in enumerate(pieces) if each.kind == "belt"), None)
    lower = next((at for at, each in enumerate(pieces) if each.kind in LOWER), None)
    if belt is None or lower is None:
        return there
    marks, band, own = pieces[lower].cutout.shape.landmarks, there[lower], there[belt]
    left, right = sorted(marks[f"{side}_waist"][0] * band.factor + band.x for side in ("right", "left"))
    row = 0.5 * (marks["right_waist"][1] + marks["left_waist"][1]) * band.factor + band.y
    x0, y0, x1, _ = extent(pieces[belt].cutout)
    factor = (right - left) / (x1 - x0) if own.how.startswith("by the body") else own.factor
    x = 0.5 * (left + right) - 0.5 * (x0 + x1) * factor
    there[belt] = replace(own, factor=factor, x=x, y=row - y0 * factor)
    return there


def _raised(lower: Piece, upper: Piece, spot: Spot, own: Spot, body: Body) -> Spot:
    """Returns where what is worn below lies, raised under the highest part of the hem above."""
    marks = lower.cutout.shape.landmarks
    left, right = (marks[f"{side}_waist"][0] * spot.factor + spot.x for side in ("right", "left"))
    band = 0.5 * (marks["right_waist"][1] + marks["left_waist"][1]) * spot.factor + spot.y
    cloth = upper.cutout.matte > 0.5
    first, last = (round((x - own.x) / own.factor) for x in (left, right))
    columns = np.arange(max(0, first), min(cloth.shape[1], last + 1))
    columns = columns[cloth[:, columns].any(axis=0)]
    if not len(columns):
        return spot
    ends = cloth.shape[0] - cloth[::-1, columns].argmax(axis=0)
    hem = float(np.quantile(ends, 0.1)) * own.factor + own.y
    gap = band - (hem - UNDER * body.stature)
    return replace(spot, y=spot.y - min(max(gap, 0.0), RAISE * body.stature))


def _widths(
    pieces: Sequence[Piece], there: Sequence[Spot], upper: int, lower: int, body: Body
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """Returns from where to where either reaches just above the upper one's hem, in the first photo's pixels."""
    marks, own = pieces[upper].cutout.shape.landmarks, there[upper]
    hems = [marks[name][1] for name in ("right_hem", "left_hem") if name in marks]
    if not hems:
        return None, None
    row = min(hems) * own.factor + own.y - 0.01 * body.stature
    found = []
    for at in (upper, lower):
        spot, solid = there[at], pieces[at].cutout.matte > 0.5
        line = round((row - spot.y) / spot.factor)
        run = _run(solid[line], round((body.x - spot.x) / spot.factor)) if 0 <= line < len(solid) else None
        found.append(None if run is None else (run[0] * spot.factor + spot.x, run[1] * spot.factor + spot.x))
    return found[0], found[1]


def _run(line: npt.NDArray[np.bool_], at: int) -> tuple[int, int] | None:
    """Returns the ends of the stretch of cloth in a row that holds a column."""
    if not 0 <= at < len(line) or not line[at]:
        return None
    before, after = line[: at + 1][::-1], line[at:]
    first = at + 1 - (int((~before).argmax()) if (~before).any() else len(before))
    return first, at + (int((~after).argmax()) if (~after).any() else len(after))
