"""How much of a person a frame shows, and where in it the person stands: the same for every garment that it holds."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stages.contracts import KEYPOINTS, Category, Framing, Shape, Skeleton
from stages.pose.body import CHEST, CHIN, CROWN, EYES, HAND, HIP_CUT, MID_THIGH, Body

#: The picture that anyone gets first shows a person, head and all: trousers are cut at the chest where it is asked.
FRAMINGS: dict[Category, Framing] = {
    "top": "three-quarter",
    "bottom": "full",
    "skirt": "full",
    "dress": "full",
    "outerwear": "full",
    "swim": "full",
}

#: Hair above the crown and soles below the ankles' floor, as shares of stature.
HAIR, SOLES = 0.02, 0.015

#: Share of the height to spare that goes above the person, where the canvas is taller than its framing asks.
ABOVE: dict[Framing, float] = {"full": 0.5, "three-quarter": 0.3, "half": 0.3, "lower": 0.6}

#: How far to either side of the body's axis every frame has room, a share of stature: as far as arms and sleeves reach
#: in each of 18 shop photos of tops and dresses. A narrow top is not shown larger than a wide one.
REACH = 0.222
#: How much of the margin is kept to what is no garment: fingertips, a hat, the bag in a hand.
LOOSE = 0.25

Edges = tuple[float, float, float, float]
Row = tuple[float, float]


def usual(shape: Shape, body: Body) -> Framing:
    """Returns the framing for a garment: by category, but a jacket that ends above mid-thigh is framed like a top."""
    hems = [y for name, (_, y) in shape.landmarks.items() if name.endswith("hem")]
    short = shape.category == "outerwear" and bool(hems) and max(hems) < body.y(MID_THIGH)
    return FRAMINGS["top" if short else shape.category]


def frame(
    garment: Edges,
    joints: Skeleton,
    body: Body,
    framing: Framing,
    aspect: float,
    margin: float,
    around: Edges | None = None,
) -> tuple[float, float, float]:
    """Returns left, top and height of the canvas in photo pixels; its width is aspect x height.

    For one framing, aspect and margin it is so many statures high, with the eyes at the same share of its height. It
    grows around the eyes where the garment or the hands reach farther, and they move only where it could not hold the
    garment otherwise. Where the picture ends at the head, the feet, the hands or the garment there is a margin, a share
    of the canvas; where it cuts the body (chest, hips, thighs) there is none. `around` is the garment's box with what
    else is worn.
    """
    x0, y0, x1, y1 = garment
    ax0, ay0, ax1, ay1 = around or garment
    hands = _hands(joints, body)
    # Rows that must be inside, each with the share of the margin that is kept to it.
    person: Row = (body.y(CHEST), 0) if framing == "lower" else (body.y(CROWN + HAIR), 1)
    cut: Row = {"full": (body.y(-SOLES), 1.0), "three-quarter": (body.y(MID_THIGH), 0.0),
                "half": (body.y(HIP_CUT), 0.0), "lower": (body.y(-SOLES), 1.0)}[framing]  # fmt: skip
    tops = [person, (y0, 1.0), (ay0, LOOSE)]
    if framing != "lower":
        tops.append((float(hands[:, 1].min()), LOOSE))
    bottoms = [cut, (y1, 1.0), (ay1, LOOSE)]
    reaches = [
        (max(REACH * body.stature, body.x - x0, x1 - body.x), 1.0),
        (max(body.x - ax0, ax1 - body.x, float(np.abs(hands[:, 0] - body.x).max())), LOOSE),
    ]
    usual_height = _height([person], [cut], [(REACH * body.stature, 1.0)], aspect, margin)
    height = max(usual_height, _height(tops, bottoms, reaches, aspect, margin))
    if framing == "lower":
        top = _top(tops, bottoms, height, framing, margin)
        # A face cut in two is worse than floor to spare.
        top = max(top, min(body.y(CHIN), *(row - part * margin * height for row, part in tops)))
    else:
        eyes = body.y(EYES)
        share = (eyes - _top([person], [cut], usual_height, framing, margin)) / usual_height
        highest, lowest = _room(tops, bottoms, height, margin)
        top = min(max(eyes - share * height, highest), lowest)
    return body.x - 0.5 * aspect * height, top, height


def _height(tops: Sequence[Row], bottoms: Sequence[Row], reaches: Sequence[Row], aspect: float, margin: float) -> float:
    """Returns the least height of a canvas that holds all rows, and what reaches so far beside the body's axis."""
    across = (2 * reach / max(1 - 2 * part * margin, 1e-3) / aspect for reach, part in reaches)
    down = ((b - t) / max(1 - margin * (mb + mt), 1e-3) for t, mt in tops for b, mb in bottoms)
    return max(*across, *down)


def _room(tops: Sequence[Row], bottoms: Sequence[Row], height: float, margin: float) -> tuple[float, float]:
    """Returns between which rows the upper edge of a canvas of that height may lie."""
    return (
        max(row + part * margin * height for row, part in bottoms) - height,
        min(row - part * margin * height for row, part in tops),
    )


def _top(tops: Sequence[Row], bottoms: Sequence[Row], height: float, framing: Framing, margin: float) -> float:
    """Returns the upper edge of a canvas by sharing out what it has to spare."""
    highest, lowest = _room(tops, bottoms, height, margin)
    return lowest - ABOVE[framing] * (lowest - highest)


def _hands(joints: Skeleton, body: Body) -> npt.NDArray[np.float64]:
    """Returns elbows and fingertips, 4 x 2."""
    points = []
    for side in ("right", "left"):
        elbow, wrist = (joints[KEYPOINTS.index(f"{side}_{name}"), :2].astype(float) for name in ("elbow", "wrist"))
        along = (wrist - elbow) / (np.hypot(*(wrist - elbow)) + 1e-9)
        points += [elbow, wrist + along * HAND * body.stature]
    return np.array(points)
