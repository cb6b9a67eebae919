"""Reads a garment's outline: what it is, and where its landmarks lie.

Only the silhouette is used, so prints, seams and colours cannot mislead.
"""

import numpy as np

from stages.contracts import Category, Matte, Shape
from stages.landmarks import Flank, buried, central_run, crotch, flank, legs, torso
from stages.outline import Bools, axis, filled, open_gaps, side, silhouette, tilt, turned
from stages.pose.body import MID_THIGH, SHOULDERS, measure


def describe(matte: Matte, category: Category | None = None) -> Shape:
    """Gives a garment's category and landmarks, in pixels of the matte (H x W float32 in [0, 1]).

    A given category is believed (confidence 1); otherwise it is guessed from the outline. Cuffs are the middle of a
    sleeve's opening. The hem of trousers is given as the middle of each leg's opening, that of anything else as
    the corners of the lower edge. Raises `NotFoundError` if the matte is empty.
    """
    outline = silhouette(matte)
    lean = tilt(outline.mask)
    mask, back = turned(outline.mask, lean) if lean else (outline.mask, np.eye(2, 3))
    centre = axis(mask)
    body = filled(open_gaps(mask, centre))
    forked = crotch(mask, centre) is not None
    right, left = (flank(side(body, centre, way), outline.unit, forked) for way in (-1, 1))
    confidence = 1.0
    if category is None:
        category, confidence = guess(mask, body, centre, right, left)
    found = legs(mask, centre) if category == "bottom" else torso(body, centre, right, left)
    if category == "dress" and forked:
        # A jumpsuit.
        found |= {name: point for name, point in legs(mask, centre).items() if "waist" not in name}
    marks = {name: (back @ (x, y, 1)).tolist() for name, (x, y) in found.items()}
    return Shape(category, confidence, {name: outline.out(x, y) for name, (x, y) in marks.items()})


def features(mask: Bools, body: Bools, centre: float, right: Flank, left: Flank) -> dict[str, float]:
    """Gives the ratios by which a category is told; all are independent of size.

    `mask` is the silhouette, `body` the same with gaps beside sleeves opened and other holes filled.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1])
    height = bottom - top
    first, last = mask.argmax(axis=1), mask.shape[1] - mask[:, ::-1].argmax(axis=1)
    envelope = (last - first)[top : bottom + 1].astype(np.float64)
    fork = crotch(mask, centre)
    column = np.flatnonzero(mask[:, round(centre)])
    starts = []
    for each in (right, left):
        if each.armpit and not buried(each):
            starts.append(each.armpit[1])
        else:
            starts.append(each.shoulder[1] + (0 if each.kind == "bare" else 0.45) * 2 * each.shoulder[0])
    start = min(float(np.mean(starts)), top + 0.4 * height)
    stop = min(bottom - 0.1 * height, right.hem[1], left.hem[1])
    runs = [run for y in range(round(start), round(stop)) if (run := central_run(body, centre, y))]
    widths = np.array([b - a for a, b in runs] or [np.median(envelope)], dtype=np.float64)
    narrow = float(np.percentile(widths, 5))
    return {
        "legs": (bottom - fork[1]) / height if fork else 0.0,
        "sleeves": float((right.cuff is not None) + (left.cuff is not None)),
        "flat top": float(envelope[round(0.015 * height)] / envelope[round(0.08 * height)]),
        "dip": float((column[0] - top) / envelope[round(0.08 * height)]) if len(column) else 1.0,
        "depth": float(height / envelope[round(0.08 * height)]),
        "low": lowness(body, centre, right, left),
        "bust": float(
            envelope[: round(0.08 * height)].max() / envelope[round(0.1 * height) : round(0.6 * height)].min()
        ),
        "length": (bottom - start) / narrow,
        "flare": float(np.median(widths[-len(widths) // 10 :]) / narrow),
    }


def guess(mask: Bools, body: Bools, centre: float, right: Flank, left: Flank) -> tuple[Category, float]:
    """Gives the category and a confidence in [0.5, 1], from the ratios of `features`.

    Trousers and skirts begin at full width and have no neck. Dresses are longer than tops: below the armpits in their
    own widths (tops 1 to 2.1, dresses 2.5 and more), and on the body (tops end above mid-thigh). Limits were set on
    drawn garments and on some twenty real ones.
    """
    seen = features(mask, body, centre, right, left)
    # A waistband is level; necks dip by a third of the shoulders' width and more, unless the inside of the back
    # collar fills them. The longer the legs, the less the upper edge has to prove.
    level = _sure(-seen["dip"], -0.2, 0.03)
    trousers = min(_sure(seen["legs"], 0.14, 0.03), _sure(seen["flat top"], 0.72 - max(0.0, seen["legs"] - 0.5), 0.03))
    # A tube that is not even three quarters as long as wide is a bandeau.
    skirt = min(
        _sure(seen["flat top"], 0.86, 0.03), _sure(-seen["bust"], -1.08, 0.02), _sure(seen["depth"], 0.75, 0.05)
    )
    bottom = min(level, max(trousers, skirt)) if seen["sleeves"] == 0 else 0.0
    if bottom > 0.5:
        return "bottom", bottom
    slender = (seen["length"] + 0.5 * (seen["flare"] - 1.3) - 2.3) / 0.35
    dress = _sure(slender + 1.7 * seen["low"], 0.0, 1.0)
    return ("dress", min(dress, 1 - bottom)) if dress > 0.5 else ("top", min(1 - dress, 1 - bottom))


def lowness(body: Bools, centre: float, right: Flank, left: Flank) -> float:
    """Gives how far below mid-thigh the hem lies, on the body that the upper part fits, in standard deviations."""
    marks = torso(body, centre, right, left)
    fits = measure(Shape("dress", 1.0, marks))
    hem = 0.5 * (marks["right_hem"][1] + marks["left_hem"][1])
    height = (fits.floor - hem) / fits.stature
    return (MID_THIGH - height) / ((SHOULDERS - height) * fits.doubt)


def _sure(value: float, limit: float, width: float) -> float:
    return float(1 / (1 + np.exp(-np.clip((value - limit) / width, -30, 30))))
