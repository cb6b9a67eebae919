"""Garments cut around a drawn body: outlines in centimetres, with the landmarks and the skeleton that they fit.

A body is sampled first (segment lengths after Drillis and Contini 1966, as tabulated by Winter, "Biomechanics and Motor
Control of Human Movement", each varied by a few percent), then posed, and the garment is cut around it with ease. So
landmarks and skeleton are known, and neither comes from the code that is measured with them.

Points are (x, y) in centimetres: x from the body's axis towards the picture's right, which is the wearer's left;
y downwards from the shoulders' joints.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from stages.contracts import KEYPOINTS, Point

Category = Literal["top", "bottom", "skirt", "dress", "outerwear", "swim"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
Points = npt.NDArray[np.float64]
Sleeve = Literal["none", "straps", "short", "long"]

STEPS = 12  # points of each edge of an outline
#: Which way is outwards in the picture.
WAYS = {"right": -1, "left": 1}


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    pieces: tuple[Points, ...]
    """Closed outlines, N x 2; the garment is their union."""
    hem: tuple[Points, ...]
    """Lower edges, from the picture's left to its right: fringe hangs from them."""
    seams: tuple[Points, ...]
    """Lines that show as dark stitching, such as the front of a coat."""
    landmarks: dict[str, Point]
    joints: npt.NDArray[np.float64]
    """18 x 3; confidence 1 where the garment decides the joint, 0.5 where it leaves it free."""
    collar: Points | None = None
    """Outline of the inside of the back collar, as seen through the neck when the garment lies flat."""


@dataclass(slots=True)
class _Body:
    """Lengths in centimetres, and the angles off the vertical at which limbs are held, in degrees, outwards."""

    rng: np.random.Generator
    stature: float = 0.0
    share: dict[str, float] = field(default_factory=dict)
    arm: tuple[float, float] = (0.0, 0.0)
    leg: float = 0.0

    def __post_init__(self) -> None:
        rng = self.rng
        self.stature = float(rng.uniform(156, 186))
        shares = {
            "shoulder": 0.102, "hip": 0.056, "trunk": 0.29, "waist": 0.2, "upper_arm": 0.183, "forearm": 0.148,
            "thigh": 0.238, "shank": 0.245, "nose": 0.103, "eye": 0.124, "ear": 0.116, "armpit": 0.07, "crotch": 0.345,
        }  # fmt: skip
        self.share = {name: value * float(np.clip(rng.normal(1, 0.025), 0.95, 1.05)) for name, value in shares.items()}
        upper = float(rng.uniform(22, 48))
        self.arm = (upper, upper - float(rng.uniform(0, 12)))
        self.leg = float(rng.uniform(1, 4))

    def cm(self, name: str) -> float:
        return self.share[name] * self.stature

    def limb(self, start: Point, way: int, lengths: tuple[str, str], angles: tuple[float, float]) -> Points:
        """Returns a limb's three joints."""
        points = [np.array(start)]
        for name, angle in zip(lengths, angles, strict=True):
            step = np.array([way * np.sin(np.radians(angle)), np.cos(np.radians(angle))])
            points.append(points[-1] + self.cm(name) * step)
        return np.array(points)

    def arm_of(self, way: int) -> Points:
        return self.limb((way * self.cm("shoulder"), 0.0), way, ("upper_arm", "forearm"), self.arm)

    def leg_of(self, way: int) -> Points:
        start = (way * self.cm("hip"), self.cm("trunk"))
        return self.limb(start, way, ("thigh", "shank"), (self.leg, 0.5 * self.leg))

    def joints(self) -> npt.NDArray[np.float64]:
        found = np.full((len(KEYPOINTS), 3), 0.5)
        found[KEYPOINTS.index("nose"), :2] = 0, -self.cm("nose")
        found[KEYPOINTS.index("neck"), :2] = 0, 0
        for side, way in WAYS.items():
            for names, limb in (
                (("shoulder", "elbow", "wrist"), self.arm_of(way)),
                (("hip", "knee", "ankle"), self.leg_of(way)),
            ):
                for name, point in zip(names, limb, strict=True):
                    found[KEYPOINTS.index(f"{side}_{name}"), :2] = point
            found[KEYPOINTS.index(f"{side}_eye"), :2] = way * 0.019 * self.stature, -self.cm("eye")
            found[KEYPOINTS.index(f"{side}_ear"), :2] = way * 0.042 * self.stature, -self.cm("ear")
        return found


def cut(category: Category, rng: np.random.Generator, sleeve: Sleeve | None = None) -> Pattern:
    """Cuts one garment of a category around a body drawn from `rng`; `sleeve` is drawn too when None."""
    body = _Body(rng)
    if category == "bottom":
        return _trousers(body)
    if category == "skirt":
        return _skirt(body)
    if category in ("swim", "outerwear"):
        sleeve = "straps" if category == "swim" else "long"
    drawn: tuple[Sleeve, ...] = ("none", "straps", "short", "long")
    return _upper(body, category, sleeve or drawn[int(rng.integers(4))])


def _upper(body: _Body, category: Category, sleeve: Sleeve) -> Pattern:
    rng, tall = body.rng, body.stature
    ease = float(rng.uniform(1.06, 1.16)) if category == "outerwear" else float(rng.uniform(0.95, 1.08))
    bare = sleeve in ("none", "straps")
    armpit = (ease * 0.108 * tall, body.cm("armpit") * (1.0 if bare else 1.1) + 0.01 * tall)
    waist = ((0.84 if category in ("dress", "swim") else 0.96) * armpit[0], body.cm("waist"))
    hip = (max(ease * 0.105 * tall, 0.9 * armpit[0]), body.cm("trunk") - 0.01 * tall)
    neck, tip = _neckline(body, sleeve)
    lower, fork = _lower_edge(body, category, hip)
    pieces = [_whole([*neck, armpit, waist, *lower], rng)]
    marks: dict[str, Point] = {"collar": neck[0]}
    held = {"neck", "right_shoulder", "left_shoulder", "right_hip", "left_hip"}
    for side, way in WAYS.items():
        if not bare:
            ends = _mirror(tip, way), _mirror(armpit, way)
            piece, cuff = _sleeve(body, body.arm_of(way), *ends, sleeve, ease)
            pieces.append(piece)
            marks[f"{side}_cuff"] = cuff
            held |= {f"{side}_elbow", f"{side}_wrist"} if sleeve == "long" else set()
        marks[f"{side}_{'strap' if sleeve == 'straps' else 'shoulder'}"] = _mirror(tip, way)
        marks[f"{side}_armpit"] = _mirror(armpit, way)
        if waist[0] < 0.95 * min(armpit[0], max(x for x, _ in lower)):
            marks[f"{side}_waist"] = _mirror(waist, way)
        if not fork:
            marks[f"{side}_hem"] = _mirror(lower[-2], way)
    marks |= {"crotch": lower[-1]} if fork else {}
    joints = body.joints()
    joints[[KEYPOINTS.index(name) for name in held], 2] = 1
    seams: tuple[Points, ...] = ()
    if category == "outerwear":
        seams = (
            np.array([neck[0], lower[-1]]),
            *(np.array([_mirror(neck[2], way), (0.0, 0.1 * tall)]) for way in (-1, 1)),
        )
    hems = () if fork else (_edge(lower[-2:]),)
    return Pattern(tuple(pieces), hems, seams, marks, joints, None if sleeve == "straps" else _inside(pieces[0]))


def _inside(body: Points) -> Points:
    """Returns the inside of the back collar: from the neckline up to an edge that hangs a third as deep."""
    front = np.concatenate([body[-2 * STEPS :], body[: 2 * STEPS + 1]])
    x = np.linspace(front[-1, 0], front[0, 0], 2 * STEPS)
    dip = (1 - np.square(2 * (x - x.mean()) / np.ptp(x))) * (front[2 * STEPS, 1] - front[0, 1]) / 3
    return np.concatenate([front, np.stack([x, front[0, 1] + dip], axis=1)])


def _neckline(body: _Body, sleeve: Sleeve) -> tuple[list[Point], Point]:
    """Returns the points from the middle of the neckline to the armhole, and the shoulder's tip or the strap's top."""
    rng, tall = body.rng, body.stature
    if sleeve == "straps":
        # A strap runs from the bust over the slope between neck and shoulder.
        bust, inner, top, wide = 0.055 * tall, 0.068 * tall, -0.02 * tall, float(rng.uniform(0.8, 2.4))
        middle = bust + float(rng.uniform(0, 3))
        points = [(0.0, middle), (inner, bust), (inner, top), (inner + wide, top), (inner + wide, bust - 1)]
        return points, (inner + 0.5 * wide, top)
    side, depth, rise = float(rng.uniform(0.045, 0.06)) * tall, float(rng.uniform(0.01, 0.05)) * tall, 0.028 * tall
    tip = body.cm("shoulder") * (1.02 if sleeve == "none" else 1.18), -0.006 * tall
    points = [(0.0, depth), (0.75 * side, 0.45 * depth - 0.4 * rise), (side, -rise), tip]
    return [*points, (0.97 * tip[0], 0.55 * body.cm("armpit"))] if sleeve == "none" else points, tip


def _lower_edge(body: _Body, category: Category, hip: Point) -> tuple[list[Point], bool]:
    """Returns the points below the waist, to the middle of the lower edge; True when they end in a crotch."""
    rng, tall = body.rng, body.stature
    if category == "swim":
        crotch = body.cm("crotch") + 0.005 * tall
        side = hip[0], hip[1] - 0.03 * tall
        return [side, (0.5 * hip[0], crotch - 0.07 * tall), (0.2 * hip[0], crotch - 0.015 * tall), (0.0, crotch)], True
    if category == "dress":
        length = float(rng.uniform(0.5, 0.72)) * tall
        flare = float(rng.uniform(1.0, 1.9))
        return [hip, (flare * hip[0], length), (0.0, length + 0.008 * tall)], False
    length = float(rng.uniform(0.33, 0.52) if category == "outerwear" else rng.uniform(0.26, 0.36)) * tall
    if length < hip[1] + 4:
        return [(hip[0], length), (0.0, length + 0.006 * tall)], False
    return [hip, (float(rng.uniform(1.0, 1.15)) * hip[0], length), (0.0, length + 0.006 * tall)], False


def _sleeve(body: _Body, arm: Points, tip: Point, armpit: Point, sleeve: Sleeve, ease: float) -> tuple[Points, Point]:
    """Returns a sleeve's outline and the middle of its opening."""
    tall = body.stature
    wide = ease * (0.036 if sleeve == "long" else 0.05) * tall
    way = np.sign(tip[0])
    if sleeve == "long":
        upper, lower = arm[1] - arm[0], arm[2] - arm[1]
        end = arm[2] + 0.015 * tall * lower / np.linalg.norm(lower)
        across = [_normal(upper + lower, way), _normal(lower, way)]
        centres = [arm[1], end]
        widths = [0.042 * ease * tall, wide * 0.8]
    else:
        share = float(body.rng.uniform(0.45, 0.8))
        centres = [arm[0] + share * (arm[1] - arm[0])]
        across = [_normal(arm[1] - arm[0], way)]
        widths = [wide]
    outer = [c + w * n for c, w, n in zip(centres, widths, across, strict=True)]
    inner = [c - w * n for c, w, n in zip(centres, widths, across, strict=True)]
    root = (0.55 * tip[0], tip[1] + 0.3 * (armpit[1] - tip[1]))
    outline = np.array([root, tip, *outer, *inner[::-1], armpit, (0.55 * armpit[0], armpit[1])])
    cuff = 0.5 * (outer[-1] + inner[-1])
    return _curved(outline, body.rng), (float(cuff[0]), float(cuff[1]))


def _trousers(body: _Body) -> Pattern:
    rng, tall = body.rng, body.stature
    short = bool(rng.random() < 0.3)
    ease = float(rng.uniform(1.0, 1.12))
    waist = (0.088 * ease * tall, body.cm("waist") + float(rng.uniform(0, 0.03)) * tall)
    hip = (0.112 * ease * tall, body.cm("trunk") - 0.01 * tall)
    fork = (0.0, body.cm("crotch") + float(rng.uniform(0.005, 0.03)) * tall)
    length, opening = float(rng.uniform(0.45, 0.85)), float(rng.uniform(0.04, 0.062)) * tall
    marks: dict[str, Point] = {"crotch": fork}
    held = {"right_hip", "left_hip"}
    pieces, hems = [], []
    for side, way in WAYS.items():
        leg = body.leg_of(way)
        knee_wide, hem_wide = 0.056 * ease * tall, opening
        if short:
            middle = leg[0] + length * (leg[1] - leg[0])
            hem_wide = 0.062 * ease * tall
            outer: list[Point] = []
            inner: list[Point] = []
        else:
            middle = leg[2] - np.array([0, 0.02 * length * tall])
            outer = [(leg[1][0] + way * knee_wide, leg[1][1])]
            inner = [(leg[1][0] - way * min(knee_wide, abs(leg[1][0]) - 0.4), leg[1][1])]
            held |= {f"{side}_knee", f"{side}_ankle"}
        hem_wide = min(hem_wide, abs(middle[0]) - 0.05 * (middle[1] - fork[1]))
        ends = [(middle[0] + way * hem_wide, middle[1]), (middle[0] - way * hem_wide, middle[1])]
        outline = [(0.0, waist[1] + 0.6), _mirror(waist, way), _mirror(hip, way), *outer, *ends, *inner, fork]
        piece = _curved(np.array(outline), rng)
        # The legs part at the fork: below it neither reaches over the axis.
        apart = 0.05 * (piece[:, 1] - fork[1])
        piece[:, 0] = np.where(apart > 0, way * np.maximum(way * piece[:, 0], apart), piece[:, 0])
        pieces.append(piece)
        hems.append(np.array(sorted(ends)))
        marks |= {f"{side}_waist": _mirror(waist, way), f"{side}_hem": (float(middle[0]), float(middle[1]))}
    joints = body.joints()
    joints[[KEYPOINTS.index(name) for name in held], 2] = 1
    band = np.array([(-waist[0], waist[1] + 3.5), (0.0, waist[1] + 4), (waist[0], waist[1] + 3.5)])
    return Pattern(tuple(pieces), tuple(hems), (band,), marks, joints)


def _skirt(body: _Body) -> Pattern:
    rng, tall = body.rng, body.stature
    waist = (0.09 * tall * float(rng.uniform(0.97, 1.06)), body.cm("waist"))
    hip = (0.112 * tall * float(rng.uniform(1, 1.08)), body.cm("trunk"))
    length = float(rng.uniform(0.42, 0.62)) * tall
    hem = (float(rng.uniform(0.95, 1.8)) * hip[0], length)
    half = [(0.0, waist[1] + 0.5), waist, hip, hem, (0.0, length + 0.008 * tall)]
    marks = {
        f"{side}_{name}": _mirror(point, way)
        for side, way in WAYS.items()
        for name, point in (("waist", waist), ("hem", hem))
    }
    joints = body.joints()
    joints[[KEYPOINTS.index(f"{side}_hip") for side in WAYS], 2] = 1
    return Pattern((_whole(half, rng),), (_edge(half[-2:]),), (), marks, joints)


def _whole(half: list[Point], rng: np.random.Generator) -> Points:
    """Returns a closed, slightly uneven outline of a half that runs from the axis down to the axis."""
    mirrored = [(-x, y) for x, y in half[::-1] if x > 0]
    return _curved(np.array([*half, *mirrored]), rng)


def _edge(last: list[Point]) -> Points:
    (x, y), (_, middle) = last
    return np.array([(-x, y), (0.0, middle), (x, y)])


def _curved(outline: Points, rng: np.random.Generator) -> Points:
    """Bows each edge by up to 1.2 % of its length; the corners stay where they are."""
    ends = np.roll(outline, -1, axis=0)
    way = ends - outline
    bow = rng.uniform(-0.012, 0.012, len(outline))[:, None] * np.stack([way[:, 1], -way[:, 0]], axis=1)
    steps = np.linspace(0, 1, STEPS, endpoint=False)
    points = [a + t * w + 4 * t * (1 - t) * b for a, w, b in zip(outline, way, bow, strict=True) for t in steps]
    return np.array(points)


def _normal(way: Points, side: float) -> Points:
    unit = way / np.linalg.norm(way)
    normal = np.array([unit[1], -unit[0]])
    return normal if normal[0] * side > 0 else -normal


def _mirror(point: Point, way: int) -> Point:
    return way * point[0], point[1]
