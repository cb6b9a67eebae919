"""Landmarks below the waist: waistbands, crotches, hems of legs and skirts."""

import numpy as np

from stages.contracts import Point
from stages.outline import Bools, Floats, side

#: From the waist to the crotch in hip widths: drawn and real trousers measured 0.5 to 0.85. Below `DEEP` of them no
#: body has its crotch.
RISE, DEEP = 0.75, 1.1


def legs(mask: Bools, centre: float) -> dict[str, Point]:
    """Returns the landmarks of trousers, shorts or a skirt in grid pixels."""
    rows = np.flatnonzero(mask.any(axis=1))
    height = int(rows[-1] - rows[0])
    fork = crotch(mask, centre)
    found: dict[str, Point] = {}
    for name, way in (("right", -1), ("left", 1)):
        path = side(mask, centre, way)
        # The outermost corner of the upper edge: hips bulge farther out, but every pixel down costs three outwards.
        upper = path[path[:, 1] < rows[0] + height / 6]
        outer = int(np.argmax(path[:, 0] + path[:, 1]))
        inner = outer + int(np.argmax(path[outer:, 1] - path[outer:, 0]))
        hem = 0.5 * (path[outer] + path[inner]) if fork else path[outer]
        waistband = upper[np.argmax(upper[:, 0] - 3 * upper[:, 1])]
        for key, (u, y) in (("waist", waistband), ("hem", hem)):
            found[f"{name}_{key}"] = (centre + way * float(u), float(y))
    return found | ({"crotch": fork} if fork else {})


def trousers(mask: Bools, centre: float) -> dict[str, Point]:
    """Returns the landmarks of trousers, shorts or a skirt; a crotch that legs lying together hide is estimated."""
    found = legs(mask, centre)
    if "crotch" not in found:
        return found
    (x, y), top = found["crotch"], 0.5 * (found["right_waist"][1] + found["left_waist"][1])
    rows = np.flatnonzero(mask.any(axis=1))
    hips = float(mask[: rows[0] + round(0.25 * len(rows))].sum(axis=1).max())
    return found | ({"crotch": (x, top + RISE * hips)} if y - top > DEEP * hips else {})


def suit(found: dict[str, Point], mask: Bools, centre: float) -> dict[str, Point]:
    """Returns the landmarks of swimwear: no hem, and the crotch at the lowest point of the axis."""
    column = np.flatnonzero(mask[:, round(centre)])
    found = {name: point for name, point in found.items() if "hem" not in name and "crotch" not in name}
    return found | ({"crotch": (centre, float(column[-1]))} if len(column) else {})


def band(mask: Bools, centre: float) -> bool:
    """Whether the upper edge is a level waistband rather than a neckline or straps."""
    rows = np.flatnonzero(mask.any(axis=1))
    upper = mask[rows[0] + max(2, len(rows) // 30)]
    column = np.flatnonzero(mask[:, round(centre)])
    wide = np.count_nonzero(upper)
    return bool(len(column) and column[0] - rows[0] < 0.15 * wide and wide > 0.7 * np.count_nonzero(mask.any(axis=0)))


def crotch(mask: Bools, centre: float) -> Point | None:
    """Returns the top of the gap between two legs, or None.

    The gap counts when it is open at the bottom over at least 8 % of the height, with a leg on either side.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1])
    y = bottom - round(0.03 * (bottom - top))
    widths = []
    x = centre
    while y > top and (gap := central_gap(mask, x, y)) is not None:
        x = 0.5 * (gap[0] + gap[1] - 1)
        widths.append(gap[1] - gap[0])
        y -= 1
    height = bottom - top
    if bottom - y < 0.08 * height or y < top + 0.08 * height:
        return None
    # A crotch is pointed; between two sleeves that hang below the hem the gap is as wide as the body.
    if widths[round(0.85 * (len(widths) - 1))] > 0.25 * np.count_nonzero(mask.any(axis=0)):
        return None
    return x, float(y + 1) - _closed(np.array(widths[::-1], dtype=np.float64), 0.12 * height)


def _closed(widths: Floats, most: float) -> float:
    """Returns how many rows further up a gap ends that is too narrow there to be seen, at most `most`.

    `widths` are the gap's, from its seen end downwards. Legs lie close together under the crotch; the lines of the two
    inseams meet above the place where the gap closes on the grid.
    """
    part = widths[: max(8, len(widths) // 3)]
    # A gap that is wider than this where it begins ends there: 4.5 px of the grid are seen on any garment.
    if len(part) < 8 or np.median(part[:5]) > 4.5:
        return 0.0
    slope, start = np.polyfit(np.arange(len(part)), part, 1)
    return float(min(max(start, 0.0) / slope, most)) if slope > 0.01 else 0.0


def central_run(mask: Bools, centre: float, y: int) -> tuple[int, int] | None:
    """Returns the run of garment pixels of row y at the axis, (start, end), end exclusive."""
    return _run(mask[y], round(centre))


def central_gap(mask: Bools, centre: float, y: int) -> tuple[int, int] | None:
    """Returns the gap of row y near the axis that has garment on both sides."""
    row = mask[y]
    x = round(centre)
    reach = round(0.08 * len(row))
    for step in sorted(range(-reach, reach + 1), key=abs):
        gap = _run(~row, x + step)
        if gap and row[: gap[0]].any() and row[gap[1] :].any():
            return gap
    return None


def _run(row: Bools, x: int) -> tuple[int, int] | None:
    if not 0 <= x < len(row) or not row[x]:
        return None
    said = row.tobytes() + b"\0"  # searched many times as fast as an array
    return said.rfind(0, 0, x) + 1, said.find(0, x)
