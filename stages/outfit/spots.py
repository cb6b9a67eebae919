"""Where an accessory is held, and where on a body that is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from stages.contracts import Point
from stages.figure.records import PARTS, Posed
from stages.outfit.kinds import Kind
from stages.pose.body import (
    FOREARM,
    HALF_ANKLES,
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
#: How much of a bag's height the hand takes around its handle, and how much of a shoe's its opening.
GRIP, MOUTH = 0.07, 0.15
#: A necklace lies behind the neck above where it is so wide, as a share of its greatest width.
LOOP = 0.72


def held_at(matte: npt.NDArray[np.float32], kind: Kind, many: int) -> Point:
    """Returns the point of an accessory that is brought to the body, in pixels of its own box.

    Of shoes it is the ground under the ankle, of a hat the middle of its lower edge, of a bag where the hand closes
    around its handle, of a necklace the middle between where it comes out beside the neck, of a scarf the middle of its
    upper edge, of a belt its middle.
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
    if kind == "belt":
        return 0.5 * width, 0.5 * height
    if kind == "necklace":
        return 0.5 * width, float(loop(solid))
    return 0.5 * width, float(rows[0])


def loop(solid: npt.NDArray[np.bool_]) -> int:
    """Returns the row from which on a necklace lies before the neck."""
    columns = np.arange(solid.shape[1])
    spans = [int(np.ptp(columns[row])) if row.any() else 0 for row in solid]
    return int(np.argmax(np.array(spans) >= LOOP * max(spans)))


def behind(matte: npt.NDArray[np.float32], kind: Kind) -> npt.NDArray[np.float32] | None:
    """Returns what of an accessory, H x W in its photo, the body hides: None where that is nothing.

    That is what of a necklace lies behind the neck, and the part of a bag's handle that the hand closes around.
    """
    if kind not in ("necklace", "bag"):
        return None
    rows = np.flatnonzero((matte > 0).any(axis=1))
    if not len(rows):
        return None
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
    return body.x, body.y({"hat": BROW, "belt": WAIST, "necklace": NAPE, "scarf": SCARF}[kind])


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """The places of a fitted figure that hold accessories, in canvas pixels."""

    brow: Point
    neck: Point
    waist: Point
    hands: dict[str, Point]
    feet: tuple[Point, Point]
    """The ground under either ankle, that at the left of the picture first."""

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
        hands = {}
        for side, end in (("right", "R"), ("left", "L")):
            wrist = posed.joints[f"wrist.{end}"]
            along = (wrist[1] - wrist[0])[:2]
            along = along / max(float(np.linalg.norm(along)), 1e-6)
            grip = wrist[0][:2] + along * 0.085 * posed.scale
            hands[side] = (float(grip[0]), float(grip[1]))
        waist = middle("spine04")
        return Figure(
            (float(brow[0]), float(brow[1])),
            (float(neck[0]), float(neck[1])),
            (float(waist[0]), float(waist[1])),
            hands,
            (feet[0], feet[1]),
        )


def on_figure(kind: Kind, foot: int | None, side: str, on: "Figure | None") -> Point | None:
    """Returns where a fitted figure holds an accessory, as `on_body`; None where it has no such place."""
    if on is None:
        return None
    if kind == "shoes":
        if foot is not None:
            return on.feet[foot]
        (ax, ay), (bx, by) = on.feet
        return 0.5 * (ax + bx), max(ay, by)
    if kind == "bag":
        return on.hands[side]
    return {"hat": on.brow, "belt": on.waist, "necklace": on.neck, "scarf": on.neck}.get(kind)
