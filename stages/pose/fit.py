"""Fits a body's arms and legs to a garment: along sleeves and trouser legs, and clear of it where they are free."""

from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin, sqrt

import cv2
import numpy as np

from stages.casting import Pose
from stages.contracts import KEYPOINTS, Point, Shape, Skeleton, View
from stages.outline import Bools, Silhouette
from stages.pose.body import FOREARM, HAND, LIMB, SHANK, THIGH, UPPER_ARM, Body, measure, upright

#: An arm leaves its sleeve at most so far beside the middle of the cuff, in half breadths of a limb.
BESIDE = 0.6
#: Which way is outwards, for a person seen from the front.
WAYS = {"right": -1, "left": 1}


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A garment as limbs meet it: its silhouette, and the silhouette grown by half a limb's breadth."""

    silhouette: Silhouette
    grown: Bools

    def covers(self, points: list[Point]) -> float:
        """Returns the share of the points at which a limb would touch the garment."""
        return self._share(self.grown, points)

    def holds(self, points: list[Point]) -> float:
        """Returns the share of the points that lie in the garment."""
        return self._share(self.silhouette.mask, points)

    def _share(self, mask: Bools, points: list[Point]) -> float:
        hits = 0
        for point in points:
            x, y = (round(v) for v in self.silhouette.into(*point))
            hits += 0 <= x < mask.shape[1] and 0 <= y < mask.shape[0] and bool(mask[y, x])
        return hits / len(points)

    def run(self, point: Point) -> tuple[float, float] | None:
        """Returns the ends of the stretch of garment in the point's row that holds it or lies nearest to it."""
        x, y = (round(v) for v in self.silhouette.into(*point))
        mask = self.silhouette.mask
        if not 0 <= y < mask.shape[0] or not mask[y].any():
            return None
        edges = np.flatnonzero(np.diff(np.pad(mask[y].astype(np.int8), 1)))
        starts, ends = edges[::2], edges[1::2] - 1
        nearest = int(np.argmin(np.maximum(starts - x, x - ends)))
        return self.silhouette.out(starts[nearest], y)[0], self.silhouette.out(ends[nearest], y)[0]


def limbs(shape: Shape, silhouette: Silhouette, pose: Pose, body: Body | None = None) -> Skeleton:
    """Returns the joints of a body in the garment, seen from the front, in the pixels of the landmarks.

    18 x 3; every joint has confidence 1, wherever it lies. `body` is the one that the garment's own landmarks tell
    where it is left out.
    """
    body = body or measure(shape)
    joints = upright(body)
    reach = max(1, round(LIMB * body.stature * silhouette.factor))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    ground = Ground(silhouette, cv2.dilate(silhouette.mask.astype(np.uint8), disc).astype(bool))
    for side in WAYS:
        shoulder, hip = joint(joints, side, "shoulder"), joint(joints, side, "hip")
        if not shape.from_waist and f"{side}_cuff" in shape.landmarks:
            arm = sleeved_arm(shoulder, shape.landmarks[f"{side}_cuff"], side, body, ground, pose)
        else:
            arm = free_arm(shoulder, side, body, ground, pose)
        put(joints, side, ("elbow", "wrist"), arm)
        put(joints, side, ("knee", "ankle"), leg(hip, side, shape, body, ground, pose))
    return joints


def sleeved_arm(shoulder: Point, cuff: Point, side: str, body: Body, ground: Ground, pose: Pose) -> list[Point]:
    """Returns elbow and wrist of an arm in a sleeve whose opening lies at `cuff`."""
    way, tall = WAYS[side], body.stature
    sleeve = hypot(cuff[0] - shoulder[0], cuff[1] - shoulder[1])
    if sleeve > 0.8 * (UPPER_ARM + FOREARM) * tall:
        return bent(shoulder, cuff, way, tall, ground)
    if sleeve < UPPER_ARM * tall:
        return free_arm(shoulder, side, body, ground, pose, cuff)
    along = degrees(atan2(way * (cuff[0] - shoulder[0]), cuff[1] - shoulder[1]))
    elbow = hang(shoulder, way, along, UPPER_ARM * tall)
    return [elbow, hang(elbow, way, along, FOREARM * tall)]


def free_arm(
    shoulder: Point, side: str, body: Body, ground: Ground, pose: Pose, cuff: Point | None = None
) -> list[Point]:
    """Returns elbow and wrist of an arm near the pose's angles, in its sleeve, and clear of the rest of the garment.

    The arm comes out of its sleeve near `cuff`; without a sleeve the upper half of the upper arm may touch, where it
    comes out of the armhole.
    """
    sleeve = None if cuff is None else hypot(cuff[0] - shoulder[0], cuff[1] - shoulder[1])
    way, upper = WAYS[side], UPPER_ARM * body.stature
    wanted = getattr(pose, f"{side}_upper_arm")
    out = 0.5 if sleeve is None else min((sleeve + 1.5 * LIMB * body.stature) / upper, 0.95)
    best = (float("inf"), [shoulder, shoulder])
    for angle in {*np.arange(0.0, 86.0, 5.0).tolist(), float(wanted)}:
        elbow = hang(shoulder, way, angle, upper)
        touched = ground.covers(between(shoulder, elbow, out, 1.0))
        held = (
            1.0
            if sleeve is None
            else ground.holds(between(shoulder, elbow, 0.5 * sleeve / upper, 0.9 * sleeve / upper))
        )
        # An arm that its sleeve keeps from the pose hangs: a hand meant for the hair would cross the chest.
        below, wrist = forearm(elbow, angle, side, body, ground, pose if abs(angle - wanted) < 40 else Pose())
        cost = ((angle - wanted) / 25) ** 2 + 8 * touched + 40 * (1 - held) + below
        if cuff is not None and sleeve is not None:
            # A puffed sleeve would hold an arm that leaves it beside its cuff.
            x, y = hang(shoulder, way, angle, sleeve)
            cost += 8 * max(0.0, hypot(x - cuff[0], y - cuff[1]) / (LIMB * body.stature) - BESIDE) ** 2
        if cost < best[0]:
            best = (cost, [elbow, wrist])
    return best[1]


def forearm(elbow: Point, upper: float, side: str, body: Body, ground: Ground, pose: Pose) -> tuple[float, Point]:
    """Returns the cost and the wrist of the best free forearm: near the pose's angle, clear of the garment.

    `upper` is the upper arm's angle: elbows bend forwards, seldom far to the side.
    """
    way, tall = WAYS[side], body.stature
    wanted = getattr(pose, f"{side}_forearm")
    # A raised or angled arm is meant to be bent; the default one hangs.
    bend = max(45.0, abs(wanted - getattr(pose, f"{side}_upper_arm")))
    best = (float("inf"), elbow)
    for angle in {*np.arange(-60.0, 81.0, 5.0).tolist(), float(wanted)}:
        tip = hang(elbow, way, angle, (FOREARM + HAND) * tall)
        touched = ground.covers(between(elbow, tip, 0.15, 1.0))
        cost = ((angle - wanted) / 25) ** 2 + (max(0.0, abs(angle - upper) - bend) / 20) ** 2 + 8 * touched
        if cost < best[0]:
            best = (cost, hang(elbow, way, angle, FOREARM * tall))
    return best


def bent(shoulder: Point, cuff: Point, way: int, stature: float, ground: Ground) -> list[Point]:
    """Elbow and wrist of an arm that fills a long sleeve: wrist at the cuff, elbow bent outwards as far as fits.

    The limbs may be stretched by 15 %: cuffs fall beyond the wrist. They look shorter where the sleeve is shorter or
    straighter than the arm, which then points a little towards the camera.
    """
    sleeve = hypot(cuff[0] - shoulder[0], cuff[1] - shoulder[1])
    factor = min(max(1.02 * sleeve / ((UPPER_ARM + FOREARM) * stature), 0.85), 1.15)
    upper, lower = UPPER_ARM * stature * factor, FOREARM * stature * factor
    reach = min(max(sleeve, abs(upper - lower)), upper + lower)
    dx, dy = (cuff[0] - shoulder[0]) / sleeve, (cuff[1] - shoulder[1]) / sleeve
    along = (upper**2 - lower**2 + reach**2) / (2 * reach)
    x, y = shoulder[0] + along * dx, shoulder[1] + along * dy
    # Of the two normals of the line from shoulder to cuff, the outward one.
    nx, ny = (dy, -dx) if dy * way > 0 else (-dy, dx)
    out = sqrt(max(upper**2 - along**2, 0.0))
    offsets = np.linspace(-0.12, 0.12, 49) * stature
    cloth = [t for t in offsets.tolist() if ground.holds([(x + t * nx, y + t * ny)])]
    if cloth:
        out = min(out, max(cloth) - LIMB * stature)
    return [(x + out * nx, y + out * ny), (shoulder[0] + reach * dx, shoulder[1] + reach * dy)]


def leg(hip: Point, side: str, shape: Shape, body: Body, ground: Ground, pose: Pose) -> list[Point]:
    """Returns knee and ankle: in the middle of a trouser leg, inside a skirt, or free."""
    way, tall = WAYS[side], body.stature
    if "crotch" in shape.landmarks and f"{side}_hem" in shape.landmarks:
        fork, hem = shape.landmarks["crotch"], shape.landmarks[f"{side}_hem"]
        found: list[Point] = []
        for share in (THIGH, THIGH + SHANK):
            y = hip[1] + share * tall
            ends = ground.run((hem[0], y)) if y < hem[1] else None
            # Where both legs are one stretch of cloth, half of it is this leg's.
            inner, outer = (fork[0], ends[0] if way < 0 else ends[1]) if ends else (hem[0], hem[0])
            if ends and not ends[0] < fork[0] < ends[1]:
                inner = ends[1] if way < 0 else ends[0]
            found.append((0.5 * (inner + outer), y))
        return found
    knee = hang(hip, way, getattr(pose, f"{side}_thigh"), THIGH * tall)
    knee = _inside(knee, ground, LIMB * tall)
    ankle = hang(knee, way, getattr(pose, f"{side}_shank"), SHANK * tall)
    return [knee, _inside(ankle, ground, LIMB * tall)]


def _inside(point: Point, ground: Ground, inset: float) -> Point:
    ends = ground.run(point)
    if ends is None or ends[1] - ends[0] < 2 * inset:
        return point
    return min(max(point[0], ends[0] + inset), ends[1] - inset), point[1]


def hang(start: Point, way: int, angle: float, length: float) -> Point:
    """Returns the far end of a limb; 0 degrees hangs straight down, 90 points outwards."""
    return start[0] + way * length * sin(radians(angle)), start[1] + length * cos(radians(angle))


def between(start: Point, end: Point, first: float, last: float) -> list[Point]:
    """Returns points along a limb from the share `first` to the share `last` of its length."""
    return [
        (start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])) for t in np.linspace(first, last, 9)
    ]


def joint(joints: Skeleton, side: str, name: str) -> Point:
    x, y = joints[KEYPOINTS.index(f"{side}_{name}"), :2]
    return float(x), float(y)


def put(joints: Skeleton, side: str, names: tuple[str, ...], points: list[Point]) -> None:
    for name, point in zip(names, points, strict=True):
        joints[KEYPOINTS.index(f"{side}_{name}"), :2] = point


def mirror_names(shape: Shape) -> Shape:
    """The shape with right and left exchanged: seen from the back, the wearer's right is the picture's right."""
    marks = {_mirrored(name): point for name, point in shape.landmarks.items()}
    return Shape(shape.category, shape.confidence, marks)


def seen_from(joints: Skeleton, view: View) -> Skeleton:
    """Returns a skeleton that was fitted as if from the front as the view shows it.

    From the back, sides are exchanged, and nose and eyes are absent, as OpenPose finds them.
    """
    if view == "front":
        return joints
    turned = joints[[KEYPOINTS.index(_mirrored(name)) for name in KEYPOINTS]]
    turned[[KEYPOINTS.index(name) for name in ("nose", "right_eye", "left_eye")], 2] = 0
    return turned


def _mirrored(name: str) -> str:
    side, _, rest = name.partition("_")
    return {"right": "left_", "left": "right_"}[side] + rest if side in WAYS else name
