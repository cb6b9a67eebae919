"""Where an accessory is held, and where on a body that is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from stages.contracts import KEYPOINTS, Point
from stages.figure.records import PARTS, Posed
from stages.outfit.kinds import Kind
from stages.pose.body import (
    EARS,
    EYES,
    FOREARM,
    HALF_ANKLES,
    HALF_EARS,
    HALF_SHOULDERS,
    SHOULDERS,
    UPPER_ARM,
    WAIST,
    Body,
)

#: Heights above the floor, as shares of stature: where a hat ends above the brow, where the hand closes, where a
#: necklace and a scarf come out beside the neck.
BROW, HAND, NAPE, SCARF = 0.958, SHOULDERS - UPPER_ARM - FOREARM - 0.045, 0.838, 0.85
#: In the head's own frame, metres above the eyes: where a hat ends.
EDGE = 0.038
#: How far below the widest point of an ear its lobe is pierced, and how far nearer to the cheek, in metres.
LOBE, INWARD = 0.03, 0.006
#: How much of a bag's height the hand takes around its handle, and how much of a shoe's its opening.
GRIP, MOUTH = 0.07, 0.15
#: A necklace lies behind the neck above where it is so wide, as a share of its greatest width.
LOOP = 0.72
#: A scarf that hangs open around the neck has its opening in this share of its height, and it is so wide, at least, as
#: a share of the scarf's width.
COLLAR, GAP = 0.3, 0.15


def held_at(matte: npt.NDArray[np.float32], kind: Kind, many: int) -> Point:
    """Returns the point of an accessory that is brought to the body, in pixels of its own box.

    Of shoes it is the ground under the ankle, of a hat the middle of its lower edge, of a bag where the hand closes
    around its handle, of a necklace or an open scarf the middle between where it comes out beside the neck, of another
    scarf and of earrings the middle of the upper edge, of a belt, a watch, a ring and glasses their middle.
    """
    solid = matte > 0.5
    height, width = solid.shape
    rows = np.flatnonzero(solid.any(axis=1))
    if kind == "shoes":
        if many == 1:
            return 0.5 * width, float(height)
        upper = solid[rows[0] : rows[0] + max(1, round(MOUTH * height))]
        return float(np.nonzero(upper)[1].mean()), float(height)
    if kind == "hat":
        upper = solid[: max(1, height // 2)]
        return float(np.nonzero(upper)[1].mean()), float(height)
    if kind == "bag":
        upper = solid[rows[0] : rows[0] + max(1, round(0.1 * height))]
        return float(np.nonzero(upper)[1].mean()), rows[0] + 0.5 * GRIP * height
    if kind in ("belt", "watch", "ring", "glasses"):
        return 0.5 * width, 0.5 * height
    if kind == "necklace":
        return 0.5 * width, float(loop(solid))
    nape = throat(solid)
    return (0.5 * width, float(rows[0])) if nape is None else (0.5 * (nape[1] + nape[2]), float(nape[0]))


def throat(solid: npt.NDArray[np.bool_]) -> tuple[int, int, int] | None:
    """Returns the row from which on a scarf hangs beside the neck, and from where to where it is open there.

    None where it is closed below the chin.
    """
    rows = np.flatnonzero(solid.any(axis=1))
    if not len(rows):
        return None
    found: list[tuple[int, int, int]] = []
    for row in range(rows[0], rows[0] + round(COLLAR * len(rows))):
        edges = np.flatnonzero(np.diff(solid[row].astype(np.int8)))
        gaps = [(int(a), int(b)) for a, b in zip(edges[1:-1:2], edges[2::2], strict=False)]
        first, last = max(gaps, key=lambda each: each[1] - each[0], default=(0, 0))
        found.append((row, first, last))
    widest = max(last - first for _, first, last in found)
    if widest < GAP * np.ptp(np.flatnonzero(solid.any(axis=0))):
        return None
    return next(each for each in found if each[2] - each[1] >= LOOP * widest)


def loop(solid: npt.NDArray[np.bool_]) -> int:
    """Returns the row from which on a necklace lies before the neck."""
    columns = np.arange(solid.shape[1])
    spans = [int(np.ptp(columns[row])) if row.any() else 0 for row in solid]
    return int(np.argmax(np.array(spans) >= LOOP * max(spans)))


def behind(matte: npt.NDArray[np.float32], kind: Kind) -> npt.NDArray[np.float32] | None:
    """Returns what of an accessory, H x W in its photo, the body hides: None where that is nothing.

    That is what of a necklace or of a scarf that hangs open lies behind the neck, and the part of a bag's handle that
    the hand closes around.
    """
    if kind not in ("necklace", "bag", "scarf"):
        return None
    rows = np.flatnonzero((matte > 0).any(axis=1))
    if not len(rows):
        return None
    if kind == "scarf":
        nape = throat(matte > 0.5)
        return None if nape is None else np.where(np.arange(len(matte))[:, None] < nape[0], matte, np.float32(0))
    height = int(rows[-1] - rows[0]) + 1
    own = matte[rows[0] : rows[-1] + 1] > 0.5
    last = rows[0] + (loop(own) if kind == "necklace" else round(GRIP * height))
    return np.where(np.arange(len(matte))[:, None] < last, matte, np.float32(0))


def on_body(kind: Kind, foot: int | None, side: Literal["left", "right"], body: Body) -> Point:
    """Returns where a body holds an accessory; `foot` 0 is the one at the left of the picture, None is both."""
    way = 1 if side == "left" else -1
    if kind == "shoes":
        across = 0.0 if foot is None else (-1, 1)[foot] * HALF_ANKLES * body.stature
        return body.x + across, body.y(-0.01)
    if kind == "bag":
        return body.x + way * (HALF_SHOULDERS + 0.045) * body.stature, body.y(HAND)
    if kind in ("watch", "ring"):
        wrist = SHOULDERS - UPPER_ARM - FOREARM
        return body.x + way * (HALF_SHOULDERS + 0.03) * body.stature, body.y(
            wrist + (0.01 if kind == "watch" else -0.06)
        )
    if kind == "earrings":
        return body.x + (-1 if foot == 0 else 1) * HALF_EARS * body.stature, body.y(EARS - LOBE / 1.7)
    shares = {"hat": BROW, "belt": WAIST, "necklace": NAPE, "scarf": SCARF, "glasses": EYES}
    return body.x, body.y(shares[kind])


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """The places of a fitted figure that hold accessories, in canvas pixels."""

    brow: Point
    neck: Point
    waist: Point
    hands: dict[str, Point]
    feet: tuple[Point, Point]
    """The ground under either ankle, that at the left of the picture first."""
    eyes: Point
    """Between them."""
    ears: tuple[Point, Point]
    """Their lobes, that at the left of the picture first."""
    wrists: dict[str, Point]
    fingers: dict[str, Point]
    """Where a ring is worn on the ring finger."""

    @staticmethod
    def of(posed: Posed) -> "Figure | None":
        """Reads them off a figure; None where it has no joints."""
        if "foot.L" not in posed.joints:
            return None
        brow = posed.head @ np.array([0.0, -0.06, EDGE, 1.0])
        skin = posed.surfaces["skin"]

        def middle(bone: str) -> npt.NDArray[np.float64]:
            return 0.5 * (posed.joints[bone][0] + posed.joints[bone][1])[:2].astype(np.float64)

        feet = []
        used = np.unique(skin.faces[skin.parts == PARTS.index("foot")])
        for end in "LR":
            ankle = posed.joints[f"foot.{end}"][0]
            own = used[np.abs(skin.vertices[used, 0] - ankle[0]) < 0.15 * posed.scale] if len(used) else used
            ground = float(skin.vertices[own, 1].max()) if len(own) else float(ankle[1]) + 0.08 * posed.scale
            feet.append((float(ankle[0]), ground))
        feet.sort()
        neck = posed.joints["neck01"][0]
        hands, wrists, fingers = {}, {}, {}
        for side, end in (("right", "R"), ("left", "L")):
            wrist = posed.joints[f"wrist.{end}"]
            along = (wrist[1] - wrist[0])[:2]
            along = along / max(float(np.linalg.norm(along)), 1e-6) * posed.scale
            hands[side] = _point(wrist[0][:2] + along * 0.085)
            wrists[side] = _point(wrist[0][:2] - along * 0.015)
            fingers[side] = _point(middle(f"finger4-1.{end}"))
        ears = sorted(_point(posed.skeleton[KEYPOINTS.index(f"{side}_ear"), :2]) for side in ("right", "left"))
        lobes = [
            (x + way * INWARD * posed.scale, y + LOBE * posed.scale) for way, (x, y) in zip((1, -1), ears, strict=True)
        ]
        return Figure(
            brow=_point(brow),
            neck=_point(neck),
            waist=_point(middle("spine04")),
            hands=hands,
            feet=(feet[0], feet[1]),
            eyes=_point(posed.head[:, 3]),
            ears=(lobes[0], lobes[1]),
            wrists=wrists,
            fingers=fingers,
        )


def _point(of: npt.NDArray[np.floating]) -> Point:
    return float(of[0]), float(of[1])


def on_figure(kind: Kind, foot: int | None, side: str, on: "Figure | None") -> Point | None:
    """Returns where a fitted figure holds an accessory, as `on_body`; None where it has no such place."""
    if on is None:
        return None
    if kind == "shoes":
        if foot is not None:
            return on.feet[foot]
        (ax, ay), (bx, by) = on.feet
        return 0.5 * (ax + bx), max(ay, by)
    if kind == "earrings":
        return on.ears[foot or 0]
    if kind in ("bag", "watch", "ring"):
        return {"bag": on.hands, "watch": on.wrists, "ring": on.fingers}[kind][side]
    return {"hat": on.brow, "belt": on.waist, "necklace": on.neck, "scarf": on.neck, "glasses": on.eyes}.get(kind)
