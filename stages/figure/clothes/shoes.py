"""Shoes on a last: trainers, plain shoes, boots and sandals, on soles that stand on the floor."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from stages.figure.clothes.last import Last, last
from stages.figure.clothes.tube import Body, eased, joined, sheet, tube
from stages.figure.clothes.words import Item, RGBTuple
from stages.figure.records import Bytes, Material, Surface
from stages.figure.vectors import floats, smoothstep

Floats = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Build:
    """How a shoe is built; metres."""

    heel: float
    """Height of the sole under the heel."""
    ball: float
    """Height of the sole under the ball of the foot."""
    welt: float
    """How far the sole stands out beside the upper."""
    room: float
    """Before the toes."""
    toe: float
    """Height of the toe box over the sole."""
    collar: float
    """Height of the upper at the heel, over the floor."""
    mouth: float
    """How far along the foot the opening reaches, as a share of the way from heel to toes."""
    material: Material = "leather"
    sole: RGBTuple = (232, 230, 224)
    laces: int = 0
    shaft: float = 0.0
    """How far a boot reaches up the leg, over the ankle."""


BUILDS: dict[str, Build] = {
    "trainers": Build(0.030, 0.022, 0.005, 0.017, 0.038, 0.088, 0.46, "leather", (232, 231, 226), laces=5),
    "shoes": Build(0.022, 0.009, 0.003, 0.019, 0.036, 0.074, 0.50, "leather", (38, 32, 29)),
    "boots": Build(0.028, 0.012, 0.004, 0.015, 0.036, 0.105, 0.42, "leather", (44, 38, 34), shaft=0.075),
    "sandals": Build(0.020, 0.016, 0.004, 0.010, 0.020, 0.0, 0.0, "leather", (84, 64, 48)),
}
_COLUMNS, _ROWS = 73, 18


def shoes(body: Body, item: Item) -> tuple[Surface, ...]:
    """Returns both shoes; none for bare feet."""
    if item.kind not in BUILDS:
        return ()
    build = BUILDS[item.kind]
    found: list[Surface] = []
    sides: tuple[Literal["L", "R"], ...] = ("L", "R")
    for side in sides:
        foot = last(body, side)
        found.append(_sole(foot, build, side))
        if item.kind == "sandals":
            found += _straps(body, foot, side, item)
            continue
        found.append(_upper(foot, build, side, item))
        if build.laces:
            found.append(_laces(foot, build, side))
        if build.shaft:
            found.append(_shaft(body, build, side, item))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Outline:
    """The outline of a shoe on the floor, from the middle of the heel round the left side, the toe and back."""

    along: Floats
    across: Floats
    spine: Floats
    """Per point: where along the foot's middle line it looks to."""
    half: Floats


def _outline(foot: Last, build: Build, more: float = 0.0) -> _Outline:
    """Traces the foot, with room before the toes; `more` metres farther out all round."""
    start, end = -0.004 - more, foot.length + build.room + more
    turn = np.linspace(0, 2 * np.pi, _COLUMNS)
    # Even along the sides, closer together round the toe.
    share = 0.5 * (1 - np.cos(turn))
    along = start + (end - start) * share
    side = np.where(turn <= np.pi, 1.0, -1.0)
    inside = np.clip(along, 0.02, foot.length * 0.86)
    ball = foot.at(foot.half, np.clip(inside, 0, foot.length * 0.74))
    half = np.minimum(foot.at(foot.half, inside), ball) + 0.0045 + more
    half = np.where(along > 0.74 * foot.length, foot.at(foot.half, np.array(0.74 * foot.length)) + 0.0045 + more, half)
    # Rounded ends: ellipses over the last part at toe and heel.
    toe, heel = 0.25 * foot.length, 0.105 * foot.length + more
    round_ = np.where(
        along > end - toe, np.sqrt(np.clip(1 - (np.clip(along - end + toe, 0, None) / toe) ** 2.9, 0, 1)), 1.0
    )
    round_ = np.where(
        along < start + heel, np.sqrt(np.clip(1 - (np.clip(start + heel - along, 0, None) / heel) ** 2.2, 0, 1)), round_
    )
    middle = foot.at(foot.middle, np.clip(inside, 0, foot.length * 0.80))
    spine = np.clip(along, start + heel, end - 0.045)
    return _Outline(along, middle + side * half * round_, spine, half)


def _tops(foot: Last, build: Build, along: Floats) -> Floats:
    """Returns how high the upper's middle line stands over the floor."""
    sole = _thickness(foot, build, along)
    inside = np.clip(along, 0, foot.length)
    own = foot.at(foot.height, inside) + 0.007
    own = np.minimum(own, build.collar + 0.035)
    box = sole + build.toe * np.interp(along / foot.length, (0.7, 0.9, 1.0, 1.06), (1.15, 1.0, 0.86, 0.70))
    return floats(np.maximum(own, box))


def _thickness(foot: Last, build: Build, along: Floats) -> Floats:
    return np.asarray(
        np.interp(
            along / foot.length,
            (0.0, 0.32, 0.62, 0.9, 1.05),
            (build.heel, 0.95 * build.heel, build.ball, build.ball, 1.25 * build.ball),
        )
    )


def _upper(foot: Last, build: Build, side: str, item: Item) -> Surface:
    out = _outline(foot, build)
    up = np.linspace(0, 1, _ROWS)[:, None]
    sole = 0.86 * _thickness(foot, build, out.along)
    spine = foot.at(foot.middle, np.clip(out.spine, 0, 0.9 * foot.length))
    top = _tops(foot, build, out.spine)
    # Over the forefoot the upper closes on the middle line, a barrel in section; round the ankle it ends in a collar.
    closed = smoothstep(build.mouth - 0.05, build.mouth + 0.03, out.spine / foot.length)
    t = up * np.pi / 2
    near = np.cos(t) ** 0.85
    along = out.spine + (out.along - out.spine) * near
    across = spine + (out.across - spine) * near
    height = sole + (top - sole) * np.sin(t) ** 0.80
    front = smoothstep(0.18, build.mouth + 0.02, out.spine / foot.length)
    collar = build.collar + 0.022 * front - 0.016 * np.exp(-(((out.along / foot.length - 0.24) / 0.10) ** 2))
    lean = 1 - 0.10 * up - (0.16 + 0.56 * front) * up**2.2
    wall_along = out.spine + (out.along - out.spine) * (lean + 0.04 * np.sin(np.pi * up))
    wall_across = spine + (out.across - spine) * (lean + 0.05 * np.sin(np.pi * up))
    wall = sole + (collar - sole) * up
    points = foot.to_canvas(
        wall_along + (along - wall_along) * closed,
        wall_across + (across - wall_across) * closed,
        wall + (height - wall) * closed,
    )
    centres = foot.to_canvas(
        *(np.full(_ROWS, each) for each in (0.4 * foot.length, foot.at(foot.middle, np.array(0.4 * foot.length)), 0.02))
    )
    texture, bump = _leather(item, foot.scale)
    uv = np.linspace(0, 1, _COLUMNS), np.linspace(0, 1, _ROWS)
    return sheet(
        f"shoe.{side}", points, centres, build.material, item.colour, "shoes", uv, texture, bump, 0.005 * foot.scale
    )


def _sole(foot: Last, build: Build, side: str) -> Surface:
    """Returns the sole: closed below, standing out beside the upper."""
    wide, narrow = _outline(foot, build, build.welt), _outline(foot, build, 0.4 * build.welt)
    thick = _thickness(foot, build, wide.along)
    floor = np.zeros_like(thick)
    middle = foot.at(foot.middle, np.clip(narrow.along, 0, 0.85 * foot.length))
    spine = np.clip(wide.along, 0.02, foot.length - 0.01)
    rows = [
        (spine, middle, floor),
        (narrow.along, narrow.across, floor),
        (wide.along, wide.across, 0.25 * thick),
        (wide.along, wide.across, 0.85 * thick),
        (narrow.along, narrow.across, thick),
        (spine, middle, thick),
    ]
    points = np.stack([foot.to_canvas(*row) for row in rows])
    # Finer rows give edges their own shading.
    points = np.concatenate([points[:1], *(np.linspace(a, b, 4)[1:] for a, b in pairwise(points))])
    centre = foot.to_canvas(
        np.array(0.45 * foot.length), foot.at(foot.middle, np.array(0.45 * foot.length)), np.array(0.5 * build.ball)
    )
    colour = build.sole
    return sheet(f"sole.{side}", points, np.tile(centre, (len(points), 1)), "rubber", colour, "shoes")


def _leather(item: Item, scale: float) -> tuple[Bytes, Floats]:
    """Returns an upper's texture and relief: its seams, its lining; u runs from the heel round the left side."""
    height, width = 192, 640
    shade, relief = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)

    def seam(points: list[tuple[float, float]], depth: float = -0.0007, dark: float = -0.30, wide: int = 2) -> None:
        mask = np.zeros((height, width), np.uint8)
        path = np.array([(u * width, (1 - v) * height) for u, v in points])
        cv2.polylines(mask, [np.round(path * 16).astype(np.int32)], False, 255, wide, cv2.LINE_AA, 4)
        share = cv2.GaussianBlur(floats(mask) / 255, (0, 0), 0.7)
        relief[...] += depth * share
        shade[...] += dark * share

    if item.kind == "trainers":
        for mirror in (False, True):

            def at(u: float, v: float, mirror: bool = mirror) -> tuple[float, float]:
                return (1 - u if mirror else u), v

            seam([at(0.425, 0.0), at(0.415, 0.35), at(0.43, 0.66), at(0.5, 0.74)])
            seam([at(0.26, 1.0), at(0.285, 0.62), at(0.34, 0.42), at(0.40, 0.46), at(0.425, 0.60)])
            seam([at(0.10, 0.0), at(0.12, 0.55), at(0.06, 0.9), at(0.06, 1.0)])
            seam([at(0.13, 0.30), at(0.25, 0.62)], -0.0003, -0.10, 3)
            seam([at(0.16, 0.22), at(0.28, 0.52)], -0.0003, -0.10, 3)
        seam([(0.0, 0.18), (1.0, 0.18)], -0.0005, -0.10)
    elif item.kind == "shoes":
        seam([(0.38, 0.0), (0.40, 0.55), (0.5, 0.66), (0.60, 0.55), (0.62, 0.0)], -0.0004, -0.12)
        seam([(0.0, 0.86), (0.25, 0.86)], -0.0005, -0.16)
        seam([(0.75, 0.86), (1.0, 0.86)], -0.0005, -0.16)
    else:
        seam([(0.405, 0.0), (0.415, 0.45), (0.5, 0.60), (0.585, 0.45), (0.595, 0.0)])
        seam([(0.10, 0.0), (0.13, 0.7), (0.10, 1.0)])
        seam([(0.90, 0.0), (0.87, 0.7), (0.90, 1.0)])
    shade[:5] -= 0.25
    picture = np.tile(floats(item.colour), (height, width, 1)) * np.exp(shade)[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8), floats(relief * scale)


def _laces(foot: Last, build: Build, side: str) -> Surface:
    """Lays laces across the instep."""
    pieces = []
    across = np.linspace(-1, 1, 15)
    for k in range(build.laces):
        along = foot.length * (build.mouth + 0.035 + 0.048 * k)
        wide = 0.020 - 0.0016 * k
        half = foot.at(foot.half, np.array(along)) + 0.0045
        top = float(_tops(foot, build, np.array([along]))[0])
        sole = float(_thickness(foot, build, np.array([along]))[0])
        q = across * wide / half
        # The upper's own section, solved for the height at a distance from its middle.
        t = np.arccos(np.clip(np.abs(q), 0, 1) ** (1 / 0.85))
        height = 0.86 * sole + (top - 0.86 * sole) * np.sin(t) ** 0.80 + 0.0022
        skew = 0.006 * across * (1 if k % 2 else -1)
        line = foot.to_canvas(along + skew, foot.at(foot.middle, np.array(along)) + across * wide, height)
        lace = tube(line, foot.axes[2], foot.axes[0], 15, 9)
        flat = np.where(np.abs(np.cos(lace.angles)) > 0.7, 0.0016, 0.0034) * foot.scale
        pieces.append(sheet("laces", lace.points(flat), lace.centres, "cloth", (236, 235, 231), "shoes"))
    return joined(pieces, f"laces.{side}")


def _shaft(body: Body, build: Build, side: str, item: Item) -> Surface:
    """Returns the part of a boot round the leg."""
    scale = body.scale
    ankle, knee = body.joint(f"foot.{side}"), body.joint(f"lowerleg01.{side}")
    way = (knee - ankle) / np.linalg.norm(knee - ankle)
    line = np.stack([ankle + way * build.shaft * scale, ankle, ankle - way * 0.03 * scale])
    rings = tube(line, -body.left, body.front, 16, 41)
    skin = rings.reach(body, 0.075 * scale)
    radii = np.minimum(eased(skin, 0.007 * scale, 3, 3), 0.068 * scale)
    points = rings.points(radii)
    return sheet(
        f"shaft.{side}", points[::-1], rings.centres[::-1], build.material, item.colour, "shoes", hem=0.004 * scale
    )


def _straps(body: Body, foot: Last, side: str, item: Item) -> list[Surface]:
    """Lays a sandal's straps over the forefoot, and one round the ankle."""
    pieces = []
    turn = np.linspace(-0.25, np.pi + 0.25, 31)
    for share, wide in ((0.73, 0.017), (0.58, 0.014)):
        along = foot.length * share + wide * np.linspace(-0.5, 0.5, 5)
        centres = foot.to_canvas(along, foot.at(foot.middle, along), np.full(5, 0.022))
        ways = np.cos(turn)[None, :, None] * foot.axes[1] + np.sin(turn)[None, :, None] * foot.axes[2]
        ways = floats(np.repeat(ways, 5, 0))
        starts = np.repeat(centres[:, None], len(turn), 1)
        away = body.tracer.distances(starts.reshape(-1, 3), ways.reshape(-1, 3)).reshape(5, -1)
        away = np.where(np.isfinite(away), away, 0.03 * foot.scale)
        away = cv2.GaussianBlur(cv2.dilate(floats(away), np.ones((5, 5), np.uint8)), (0, 0), 1.0)
        away += 0.0028 * foot.scale * (1 - 0.35 * np.linspace(-1, 1, 5)[:, None] ** 2)
        pieces.append(
            sheet("strap", centres[:, None] + ways * away[..., None], centres, "leather", item.colour, "shoes")
        )
    ankle, knee = body.joint(f"foot.{side}"), body.joint(f"lowerleg01.{side}")
    way = (knee - ankle) / np.linalg.norm(knee - ankle)
    rings = tube(
        np.stack([ankle + way * 0.022 * foot.scale, ankle + way * 0.009 * foot.scale]), -body.left, body.front, 5, 41
    )
    radii = eased(rings.reach(body, 0.08 * foot.scale), 0.0028 * foot.scale, 2, 2)
    pieces.append(sheet("strap", rings.points(radii), rings.centres, "leather", item.colour, "shoes"))
    return [joined(pieces, f"straps.{side}")]
