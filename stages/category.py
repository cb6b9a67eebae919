"""What a garment is, by its silhouette, and from a front opening where the picture shows one."""

from dataclasses import dataclass
from math import exp, hypot

import numpy as np

from stages.contracts import Category, Shape
from stages.landmarks import Flank, buried, torso
from stages.legs import central_run, crotch
from stages.outline import Bools, Floats
from stages.pose.body import MID_THIGH, SHOULDERS, measure


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A garment's upright silhouette and how its two sides read."""

    mask: Bools
    body: Bools
    """The mask with gaps beside sleeves opened and other holes filled."""
    centre: float
    right: Flank
    left: Flank
    light: Floats | None = None
    """The picture's lightness on the same grid, in [0, 1], if it is known."""


def guess(seen: Outline) -> tuple[Category, float]:
    """Returns the category and a confidence in [0.3, 1].

    Swimwear ends in a narrow crotch. Trousers and skirts begin at full width, with a level band and no neck. What is
    left hangs from the shoulders: dresses are longer than tops, outerwear has long sleeves, no waist, and often a
    front that opens. Limits were set on drawn garments and on some twenty real ones.
    """
    band, legs = waistband(seen)
    swim = max(tapers(seen), pieces(seen.mask))
    if swim > 0.5:
        return "swim", swim
    if band > 0.5:
        kind: Category = "bottom" if legs > 0.5 else "skirt"
        return kind, min(band, max(legs, 1 - legs), 1 - swim)
    wide, long = coat(seen), gown(seen)
    if wide > 0.5:
        return "outerwear", min(wide, 1 - band)
    kind = "dress" if long > 0.5 else "top"
    return kind, min(max(long, 1 - long), 1 - wide, 1 - band, 1 - swim)


def waistband(seen: Outline) -> tuple[float, float]:
    """Returns how surely the garment hangs from the waist, and how surely it has legs; both in [0, 1]."""
    rows = np.flatnonzero(seen.mask.any(axis=1))
    top, height = int(rows[0]), int(rows[-1] - rows[0])
    first, last = seen.mask.argmax(axis=1), seen.mask.shape[1] - seen.mask[:, ::-1].argmax(axis=1)
    envelope = (last - first)[top : top + height + 1].astype(np.float64)
    upper = envelope[round(0.08 * height)]
    fork = crotch(seen.mask, seen.centre)
    legs = (top + height - fork[1]) / height if fork else 0.0
    flat = envelope[min(round(max(0.015 * height, 0.02 * envelope.max())), height)] / upper
    column = np.flatnonzero(seen.mask[:, round(seen.centre)])
    dip = float((column[0] - top) / upper) if len(column) else 1.0
    bust = envelope[: max(1, round(0.08 * height))].max() / max(
        1.0, envelope[round(0.1 * height) : max(round(0.6 * height), round(0.1 * height) + 1)].min()
    )
    # A waistband is level; necks dip by a third of the shoulders' width and more, unless the inside of the back
    # collar fills them. The longer the legs, the less the upper edge has to prove.
    level = sure(-dip, -0.2, 0.03)
    trousers = min(sure(legs, 0.12, 0.02), sure(flat, 0.72 - max(0.0, legs - 0.5), 0.03))
    # A tube that is not even three quarters as long as wide is a bandeau.
    skirt = min(sure(flat, 0.86, 0.03), sure(-bust, -1.08, 0.02), sure(height / upper, 0.75, 0.05))
    if seen.right.cuff or seen.left.cuff:
        return 0.0, 0.0
    return min(level, max(trousers, skirt)), sure(legs, 0.12, 0.02)


def tapers(seen: Outline) -> float:
    """Returns how surely the lower end narrows to a crotch, as swimwear's does, in [0, 1].

    Below the widest row, one-piece suits and briefs fill 0.4 to 0.55 of the box around them, over a quarter of their
    width and more; a rounded hem fills 0.7, a slanting one is lower than that.
    """
    rows = np.flatnonzero(seen.body.any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1])
    if crotch(seen.mask, seen.centre) is not None:
        return 0.0
    runs = [central_run(seen.body, seen.centre, y) for y in range((top + bottom) // 2, bottom + 1)]
    widths = np.array([run[1] - run[0] if run else 0 for run in runs], dtype=np.float64)
    if not widths.any():
        return 0.0
    hips = int(np.flatnonzero(widths >= 0.92 * widths.max())[-1])
    lower = widths[hips:]
    fill, depth = lower.sum() / (widths.max() * len(lower)), len(lower) / widths.max()
    narrow = min(sure(-fill, -0.62, 0.025), sure(depth, 0.25, 0.02))
    # Sleeves that hang below a hem leave an empty lower part, too.
    sleeved = seen.right.cuff is not None and seen.left.cuff is not None and not _brief(seen)
    return 0.0 if sleeved or fill < 0.25 else narrow


def _brief(seen: Outline) -> bool:
    """Whether the garment starts level and is hardly longer than wide: the leg openings are no sleeves."""
    rows, columns = np.flatnonzero(seen.mask.any(axis=1)), np.flatnonzero(seen.mask.any(axis=0))
    upper = np.count_nonzero(seen.mask[rows[0] + max(2, len(rows) // 30)])
    return bool(len(rows) < 1.05 * len(columns) and upper > 0.85 * len(columns))


def pieces(mask: Bools) -> float:
    """Returns how surely there are two garments, one above the other, as a bikini's: 0.75 or 0."""
    rows = mask.any(axis=1)
    filled = np.flatnonzero(rows)
    gaps = np.diff(filled)
    return 0.75 if len(gaps) and gaps.max() > 0.03 * len(filled) else 0.0


def lengths(seen: Outline) -> dict[str, float]:
    """Returns the ratios that tell what hangs from the shoulders; all are independent of size.

    drop: shoulder or strap to hem, over the width under the arms; reach: the same over the shoulders' width;
    length: armpit to hem over the narrowest width; flare: hem over the narrowest width; waist: the narrowest width
    over that under the arms; chest: that width over the shoulders'; arm: the sleeve over the shoulders' width.
    """
    right, left, body = seen.right, seen.left, seen.body
    hang, hem = 0.5 * (right.shoulder[1] + left.shoulder[1]), 0.5 * (right.hem[1] + left.hem[1])
    span = max(right.shoulder[0] + left.shoulder[0], 1.0)
    starts = []
    for each in (right, left):
        if each.armpit and not buried(each):
            starts.append(each.armpit[1])
        else:
            starts.append(each.shoulder[1] + (0 if each.kind == "bare" else 0.45) * 2 * each.shoulder[0])
    start = min(float(np.mean(starts)), hang + 0.45 * (hem - hang))
    rows = range(round(start), round(hem - 0.05 * (hem - hang)))
    widths = np.array([run[1] - run[0] for y in rows if (run := central_run(body, seen.centre, y))], dtype=np.float64)
    if len(widths) < 10:
        widths = np.full(10, span)
    tenth = max(3, len(widths) // 10)
    chest, low = float(np.median(widths[: 2 * tenth])), float(np.median(widths[-tenth:]))
    if buried(right) or buried(left):
        # Sleeves that hide the armpits are in the upper widths.
        chest = min(chest, low)
    narrow = max(min(float(np.percentile(widths, 5)), chest), 1.0)
    sleeves = [hypot(e.cuff[0] - e.shoulder[0], e.cuff[1] - e.shoulder[1]) for e in (right, left) if e.cuff]
    return {
        "drop": (hem - hang) / chest,
        "reach": (hem - hang) / span,
        "length": (hem - start) / narrow,
        "flare": low / narrow,
        "waist": narrow / chest,
        "chest": chest / span,
        "arm": min(sleeves) / span if len(sleeves) == 2 else 0.0,
    }


def gown(seen: Outline) -> float:
    """Returns how surely what hangs from the shoulders is a dress rather than a top, in [0, 1].

    Shoulder to hem is 1.1 to 1.7 shoulder widths in tops and 1.85 and more in dresses, mini dresses included; what
    hangs from straps is compared with its width under the arms, which is less sure.
    """
    ratios, low = lengths(seen), float(np.clip(lowness(seen), -4, 4))
    if {seen.right.kind, seen.left.kind} == {"shoulder"}:
        score = 3.3 * (ratios["reach"] - 1.78) + 2.0 * (ratios["length"] - 1.4) + 0.8 * ratios["flare"] - 1.4 + low
    else:
        score = 3.0 * (ratios["drop"] - 2.0) + 3.0 * (min(ratios["flare"], 1.6) - 1.2) + 1.2 * low
    return sure(score, 0.0, 1.0)


def coat(seen: Outline) -> float:
    """Returns how surely the garment is outerwear, in [0, 1].

    Coats and jackets have sleeves to the wrist and hang straight from a wide chest. Shirts and straight dresses come
    near, so the shape alone is not believed beyond 0.58, nor a front that opens on what ends at the hips; only a long
    garment that opens is surely a coat.
    """
    if not (seen.right.cuff and seen.left.cuff):
        return 0.0
    ratios, front = lengths(seen), opening(seen) > 0.5
    shape = min(
        sure(ratios["arm"], 1.12, 0.04),
        sure(ratios["reach"], 1.4 if front else 1.7, 0.05),
        sure(-ratios["reach"], -2.9, 0.1) if front else sure(-ratios["reach"], -2.3, 0.25),
        sure(ratios["waist"], 0.88, 0.02),
        sure(-ratios["flare"], -1.4, 0.05),
    )
    return min(shape, 0.95 if front and ratios["reach"] > 1.7 else 0.58)


def opening(seen: Outline) -> float:
    """Returns how surely a front opening runs from the chest to the hem, in [0, 1]; 0 without a picture.

    A closure is an edge near the axis that goes all the way down; prints break off and stripes stand everywhere.
    """
    if seen.light is None:
        return 0.0
    rows = np.flatnonzero(seen.body.any(axis=1))
    top, height = int(rows[0]), int(rows[-1] - rows[0])
    middle, beside, columns = [], [], []
    for part in np.array_split(np.arange(top + round(0.35 * height), top + round(0.93 * height)), 8):
        run = central_run(seen.body, seen.centre, int(part.mean()))
        if run is None or run[1] - run[0] < 24:
            continue
        half = 0.5 * (run[1] - run[0])
        means = np.abs(np.gradient(seen.light[part], axis=1).mean(axis=0))
        away = np.abs(np.arange(len(means)) - seen.centre) / half
        inner = np.flatnonzero(away < 0.2)
        columns.append(int(inner[np.argmax(means[inner])]))
        middle.append(float(means[inner].max()))
        beside.append(float(np.percentile(means[(away > 0.3) & (away < 0.75)], 90)))
    # A front edge may lean a little, and one part may be hidden by a pocket or a button.
    if len(middle) < 6 or np.ptp(np.sort(columns)[1:-1]) > 0.03 * height:
        return 0.0
    return sure(sorted(middle)[1], 2.0 * float(np.median(beside)) + 0.012, 0.003)


def lowness(seen: Outline) -> float:
    """Returns how far below mid-thigh the hem lies, on the body that the upper part fits, in standard deviations."""
    marks = torso(seen.body, seen.centre, seen.right, seen.left)
    fits = measure(Shape("dress", 1.0, marks))
    hem = 0.5 * (marks["right_hem"][1] + marks["left_hem"][1])
    height = (fits.floor - hem) / fits.stature
    return (MID_THIGH - height) / max((SHOULDERS - height) * fits.doubt, 1e-6)


def sure(value: float, limit: float, width: float) -> float:
    """Returns a logistic step from 0 to 1 at `limit`."""
    return float(1 / (1 + exp(-min(max((value - limit) / width, -30.0), 30.0))))
