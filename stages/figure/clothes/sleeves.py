"""Sleeves and collars."""

from typing import Any

import numpy as np
import numpy.typing as npt

from stages.figure.clothes import dyes
from stages.figure.clothes.folds import Creases, creased
from stages.figure.clothes.tube import Body, eased, hung, sheet, tube
from stages.figure.clothes.words import Item
from stages.figure.records import Material, Surface
from stages.figure.vectors import floats, smoothstep, unit

Floats = npt.NDArray[Any]

_COLUMNS = 41


def sleeve(
    body: Body, side: str, item: Item, material: Material, ease: float, reaches: float, cuff: float, folds: float,
    random: np.random.Generator,
) -> Surface:  # fmt: skip
    """Returns a sleeve from within the trunk to a share `reaches` of the arm; a long one ends in a `cuff` (metres)."""
    scale, sign = body.scale, 1.0 if side == "L" else -1.0
    shoulder, elbow, wrist = (body.joint(f"{name}.{side}") for name in ("upperarm01", "lowerarm01", "wrist"))
    collar_bone = body.joint(f"shoulder01.{side}")
    start = shoulder + 0.75 * (collar_bone - shoulder) + np.array([0, 0.012, 0]) * scale
    long = reaches > 0.55
    if long:
        line, rows = [start, shoulder, elbow, elbow + (wrist - elbow) * min(1.0, 2 * reaches - 1) * 1.02], 84
    else:
        line, rows = [start, shoulder, shoulder + (elbow - shoulder) * 2 * reaches * 0.75], 34
    down = np.array([0.0, 1.0, 0.0])
    rings = tube(np.stack(line), unit(-sign * body.left + 0.7 * down), body.front, rows, _COLUMNS)
    step = np.concatenate([[0], np.linalg.norm(np.diff(rings.centres, axis=0), axis=1)])
    gone = np.cumsum(step) / scale
    end = float(gone[-1])
    skin = rings.reach(body, 0.12 * scale)
    # Towards the trunk there is no end to the arm: there it is as wide as it is outside.
    outside = np.quantile(skin[:, 12:29], 0.5, axis=1)[:, None]
    skin = np.minimum(skin, outside * (1.04 + 0.6 * smoothstep(0.12, 0.22, gone))[:, None])
    radii = hung(eased(skin, ease * scale, 3, 3), step, 0.14 if long else 0.05)
    if long:
        near = smoothstep(end - 0.035, end - 0.02, gone)[:, None]
        wanted = np.interp(gone, (0.12, end * 0.55, end), (0, 1.25 * cuff * scale, cuff * scale))
        radii = np.maximum(radii, wanted[:, None])
        snug = np.maximum(skin + 0.004 * scale, np.minimum(radii, 0.9 * cuff * scale))
        radii = radii * (1 - near) + snug * near
    else:
        wide = 1.2 * float(np.median(skin[rows // 2])) + 0.003 * scale
        radii = np.maximum(radii, np.interp(gone, (0.03, 0.6 * end, end), (0, wide, wide))[:, None])
    # The first rings lie within the trunk.
    radii = radii * (0.70 + 0.30 * smoothstep(0.0, 0.080, gone))[:, None]
    girth = 2 * np.pi * float(radii.mean()) / scale
    around = np.linspace(0, girth, _COLUMNS)[None] + 0 * gone[:, None]
    bend = float(np.linalg.norm(elbow - start)) / scale
    height = creased(
        around, np.broadcast_to(gone[:, None], around.shape), girth, _kinds(girth, bend, end, long), random
    )
    height *= smoothstep(0.0, 0.06, gone)[:, None]
    if long:
        height *= 0.1 + 0.9 * smoothstep(end, end - 0.05, gone)[:, None]
    radii = np.maximum(radii + folds * scale * height, np.where(gone[:, None] > 0.07, skin + 0.003 * scale, 0))
    texture, bump = dyes.sleeve(item.kind, item.colour, scale, end)
    return sheet(
        f"sleeve.{side}", rings.points(radii), rings.centres, material, item.colour,
        uv=(np.linspace(0, 1, _COLUMNS), 1 - gone / end), texture=texture, bump=bump, hem=0.004 * scale,
    )  # fmt: skip


def _kinds(girth: float, bend: float, end: float, long: bool) -> list[Creases]:
    """Returns the folds of a sleeve: at the shoulder, in the elbow, over the cuff.

    Columns run from the side of the trunk over the front.
    """
    kinds = [Creases((0.5 * girth, 0.05), (0.06, 0.02), 5, 40, 50, 0.05, 0.015, 0.0024)]
    if not long:
        return [*kinds, Creases((0.5 * girth, end), (0.10, 0.03), 4, 80, 14, 0.07, 0.018, 0.0024)]
    return [
        *kinds,
        Creases((0.20 * girth, bend), (0.03, 0.03), 9, 0, 22, 0.05, 0.015, 0.0036),
        Creases((0.70 * girth, bend + 0.02), (0.05, 0.05), 6, 10, 26, 0.05, 0.015, 0.0026),
        Creases((0.40 * girth, end - 0.07), (0.10, 0.025), 9, 0, 14, 0.06, 0.015, 0.0036),
        Creases((0.40 * girth, 0.5 * bend), (0.12, 0.06), 7, 60, 30, 0.07, 0.016, 0.0024),
    ]


def collar(body: Body, ring: Floats, material: Material, item: Item) -> Surface:
    """Lays a shirt's collar on a neckline (M x 3): a stand, and a leaf that folds down over it to two points."""
    scale = body.scale
    ring = ring.astype(np.float64)
    middle = ring[:-1].mean(0)
    out = ring - middle
    out[:, 1] = 0
    out = unit(out)
    angles = np.linspace(0, 2 * np.pi, len(ring))
    off = np.degrees(np.abs(angles - np.pi / 2))  # from the middle of the front
    gap = np.exp(-((off / 9) ** 2))
    front = np.exp(-((off / 30) ** 2))
    up = np.array([0.0, -1.0, 0.0])
    stand = 0.030 * (1 - 0.7 * gap - 0.15 * front)
    leaf = (0.038 + 0.036 * np.exp(-(((off - 21) / 11) ** 2))) * (1 - 0.8 * gap)
    rows = [
        ring + scale * out * 0.001,
        ring + scale * (up * 0.6 * stand[:, None] - out * 0.007),
        ring + scale * (up * stand[:, None] - out * 0.010),
        ring + scale * (up * (stand + 0.003)[:, None] - out * 0.005),
        ring + scale * (up * stand[:, None] + out * 0.001),
        ring + scale * (up * (stand - 0.5 * leaf)[:, None] + out * (0.009 + 0.003 * front)[:, None]),
        ring + scale * (up * (stand - leaf)[:, None] + out * (0.011 + 0.006 * front)[:, None]),
    ]
    centres = np.tile(middle, (len(rows), 1)) + np.linspace(0, 1, len(rows))[:, None] * up * 0.03 * scale
    return sheet("collar", floats(np.stack(rows)), floats(centres), material, item.colour)
