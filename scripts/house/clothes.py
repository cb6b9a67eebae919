"""Clothes: outlines on the body with ease, and the cloth they are made of."""

from dataclasses import dataclass

import numpy as np

from scripts.house.body import Body
from scripts.house.figure import arm_line, arm_radii, leg_line, leg_radii
from scripts.house.paint import Array, Easel, Points, Stencil, f32, noise, polygon, smooth, tube


@dataclass(frozen=True, slots=True, eq=False)
class Cloth:
    """What a piece is made of: albedo 3 or H x W x 3 in [0, 1], and folds as heights in pixels."""

    albedo: Array
    bumps: Array | None
    gloss: float = 0.02


def folds(random: np.random.Generator, easel: Easel, head: float, amount: float) -> Array:
    """Returns hanging folds, mostly vertical, as heights in pixels."""
    height, width = easel.figure.shape
    large = noise(random, height, width, (0.22 * head, 1.1 * head))
    fine = noise(random, height, width, (0.10 * head, 0.35 * head))
    return np.asarray(amount * head * (0.035 * large + 0.012 * fine), np.float32)


def plain(
    random: np.random.Generator, easel: Easel, head: float, colour: tuple[int, int, int], amount: float = 1.0
) -> Cloth:
    """Returns plain cloth near a named colour."""
    base = f32(colour) / 255 * random.normal(1, 0.03) + random.normal(0, 0.01, 3).astype(np.float32)
    return Cloth(f32(np.clip(base, 0.04, 0.98)), folds(random, easel, head, amount))


def sleeve(
    easel: Easel, body: Body, side: int, reach: float, ease: float, flare: float = 0.0, puff: float = 0.0
) -> Stencil:
    """Returns a sleeve's stencil; `reach` runs from 0 (shoulder) over 2 (elbow) to 4 (wrist)."""
    line, radii = arm_line(body, side), arm_radii(body)
    steps = np.append(np.arange(0, reach, 0.5), reach)
    index = np.arange(5)
    points = np.stack([np.interp(steps, index, line[:, axis]) for axis in (0, 1)], 1)
    share = steps / max(reach, 1e-6)
    grown = np.minimum(1, 0.3 + steps) * ease + flare * share**2 + puff * np.sin(np.pi * share)
    wide = np.interp(steps, index, radii) + grown * body.head
    return tube(easel.stencil(), points, wide, flat_end=True)


@dataclass(frozen=True, slots=True)
class Cut:
    """The cut of a garment's trunk. Lengths in heads, heights as v of Body.at."""

    neck: float
    """Half width of the neckline where it meets the shoulder."""
    drop: float
    """How deep the neckline falls in front."""
    pointed: bool
    ease: float
    hem: float
    hem_flare: float
    cover: float
    """How far the shoulder is covered: 1 = to the sleeve, less = vest, 0 = none (straps)."""
    waist: float = 1.0
    """1 = hangs straight from the chest, 0 = follows the waist."""


def trunk(easel: Easel, body: Body, cut: Cut) -> Stencil:
    """Returns the stencil of a garment's trunk with its neckline."""
    s = body.shoulders

    def slope(x: float) -> float:
        return -0.14 + 0.13 * min(1.0, (x - 0.2) / max(0.1, s - 0.2))

    edge = cut.neck + (s + 0.10 + cut.ease * 0.5 - cut.neck) * cut.cover
    chest = body.width(0.3) + cut.ease
    heights = [
        v for v in (0.27, 0.4, 0.52, 0.62, 0.76, 0.9, 1.02, 1.15, 1.4, 1.8, 2.2, 2.6, 2.95) if v < cut.hem - 0.04
    ]
    sides = []
    for v in [*heights, cut.hem]:
        fitted = body.width(min(v, 1.02)) + cut.ease
        straight = max(chest, body.hips + cut.ease * 0.6 if v > 0.8 else 0)
        below = max(0.0, v - 0.62) / max(0.2, cut.hem - 0.62)
        sides.append((fitted * (1 - cut.waist) + straight * cut.waist + cut.hem_flare * below**1.3, v))
    outline: list[tuple[float, float]] = []
    if cut.cover > 0.02:
        outline += [(cut.neck, slope(cut.neck) - 0.02), (edge, slope(edge) + 0.02)]
        outline += [(edge - 0.02 - 0.10 * (1 - cut.cover), 0.14)] if cut.cover < 0.9 else []
    else:
        outline += [(0.0, cut.drop), (cut.neck, cut.drop - 0.10), (chest * 0.8, 0.18)]
    right = np.array([body.at(x, v) for x, v in outline])
    left = np.array([body.at(-x, v) for x, v in reversed(outline)])
    flank = smooth_side(body, sides, 1)
    other = smooth_side(body, sides, -1)[::-1]
    bend = np.linspace(-1, 1, 7)[1:-1]
    low = sides[-1]
    hem = np.array([body.at(-x * low[0], low[1] + 0.03 * (1 - x * x)) for x in bend])
    points = (
        np.vstack([right, flank, hem, other, left])
        if cut.cover > 0.02
        else np.vstack([right, flank, hem, other, left[:-1]])
    )
    mask = polygon(easel.stencil(), points, curved=False)
    if cut.cover > 0.02:
        polygon(mask, neckline(body, cut, slope(cut.neck)), curved=False, value=0)
    return mask


def smooth_side(body: Body, sides: list[tuple[float, float]], out: int) -> Points:
    """Returns one flank of a garment, top to bottom."""
    return smooth(np.array([body.at(out * x, v) for x, v in sides]), closed=False, detail=5)


def neckline(body: Body, cut: Cut, top: float) -> Points:
    """Returns the outline of the neck hole: round, or pointed in a V; seen from the back it is shallow."""
    depth = cut.drop if body.view == "front" else min(cut.drop, 0.0)
    t = np.linspace(-1, 1, 21)
    curve = 1 - np.abs(t) if cut.pointed and body.view == "front" else np.sqrt(np.maximum(0, 1 - np.abs(t) ** 2.2))
    edge = [body.at(x * cut.neck, top - 0.03 + (depth - top + 0.03) * c) for x, c in zip(t, curve, strict=True)]
    return np.array([*edge, body.at(cut.neck, -0.5), body.at(-cut.neck, -0.5)])


def trouser_stencil(easel: Easel, body: Body, reach: float, ease: float, flare: float, waist: float) -> Stencil:
    """Returns trousers: two tubes and a seat; `reach` runs from 0 (hip) over 2 (knee) to 4 (ankle)."""
    mask = easel.stencil()
    seat = [(body.width(waist) + 0.04 + ease * 0.2, waist)]
    seat += [(body.width(v) + 0.045 + ease * 0.5, v) for v in (0.7, 0.85, 1.0) if v > waist + 0.05]
    points = body.ring([*seat, (body.hips + 0.045 + ease * 0.6, 1.1), (0.05, 1.27)])
    polygon(mask, points, curved=False)
    index = np.arange(5)
    for side in (0, 1):
        steps = np.append(np.arange(0, reach, 0.5), reach)
        line = leg_line(body, side)
        leg = np.stack([np.interp(steps, index, line[:, axis]) for axis in (0, 1)], 1)
        share = steps / 4
        wide = (
            np.interp(steps, index, leg_radii(body))
            + (ease * (0.25 + 0.75 * share) + 0.02 + flare * np.clip(share - 0.45, 0, 1)) * body.head
        )
        # The leg's tube starts inside the seat, whose own outline is the hip's.
        wide[0] = min(wide[0], (body.hips + 0.03 + ease * 0.5) * body.head - abs(leg[0][0] - body.at(0, 1)[0]))
        # Cloth hangs from the widest place: below the knee it does not follow calf and ankle.
        straight = np.maximum(wide, ease * 1.6 * body.head)
        tube(mask, leg, straight, flat_end=True)
        # From the hip's widest place the outer seam runs straight into the leg.
        out = 1 if side else -1
        thigh = np.array([np.interp(min(1.0, reach), index, line[:, axis]) for axis in (0, 1)])
        broad = np.array([float(np.interp(min(1.0, reach), steps, straight)), 0.0])
        hip = body.at(out * (body.hips + 0.045 + ease * 0.6), 1.02)
        polygon(mask, np.array([hip, thigh + out * broad, thigh - out * broad, body.at(0, 1.1)]), curved=False)
    return mask


def skirt_stencil(easel: Easel, body: Body, waist: float, hem: float, ease: float, flare: float) -> Stencil:
    """Returns a skirt from height `waist` to height `hem` (v of Body.at)."""
    heights = [v for v in (0.74, 0.88, 1.02, 1.2, 1.6, 2.0, 2.5) if waist + 0.05 < v < hem - 0.05]
    sides = [(body.width(waist) + 0.03, waist)]
    for v in [*heights, hem]:
        below = (v - waist) / (hem - waist)
        sides.append((body.width(min(v, 1.02)) + 0.04 + ease + flare * below**1.1, v))
    low = sides[-1]
    hem_line = np.array([body.at(x * low[0], hem + 0.05 * (1 - x * x)) for x in np.linspace(1, -1, 9)[1:-1]])
    points = np.vstack([smooth_side(body, sides, 1), hem_line, smooth_side(body, sides, -1)[::-1]])
    return polygon(easel.stencil(), points, curved=False)
