"""Clothes: outlines on the body with ease, and the cloth they are made of."""

from dataclasses import dataclass

import cv2
import numpy as np

from scripts.house.body import Body
from scripts.house.figure import arm_line, arm_radii, draw_foot, leg_line, leg_radii
from scripts.house.paint import Array, Easel, Points, Stencil, f32, noise, polygon, smooth, tube
from scripts.house.words import CLOTH_COLOURS, Item


@dataclass(frozen=True, slots=True, eq=False)
class Cloth:
    """What a piece is made of: albedo 3 or H x W x 3 in [0, 1], and folds as heights in pixels."""

    albedo: Array
    bumps: Array | None
    gloss: float = 0.02


def folds(random: np.random.Generator, easel: Easel, head: float, amount: float) -> Array:
    """Gives hanging folds, mostly vertical, as heights in pixels."""
    height, width = easel.figure.shape
    large = noise(random, height, width, (0.22 * head, 1.1 * head))
    fine = noise(random, height, width, (0.10 * head, 0.35 * head))
    return np.asarray(amount * head * (0.035 * large + 0.012 * fine), np.float32)


def plain(
    random: np.random.Generator, easel: Easel, head: float, colour: tuple[int, int, int], amount: float = 1.0
) -> Cloth:
    """Gives plain cloth near a named colour."""
    base = f32(colour) / 255 * random.normal(1, 0.03) + random.normal(0, 0.01, 3).astype(np.float32)
    return Cloth(f32(np.clip(base, 0.04, 0.98)), folds(random, easel, head, amount))


# --- outlines -------------------------------------------------------------------------------------------------------


def sleeve(
    easel: Easel, body: Body, side: int, reach: float, ease: float, flare: float = 0.0, puff: float = 0.0
) -> Stencil:
    """Gives a sleeve's stencil; `reach` runs from 0 (shoulder) over 2 (elbow) to 4 (wrist)."""
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
    """Gives the stencil of a garment's trunk with its neckline."""
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
    """Gives one flank of a garment, top to bottom."""
    return smooth(np.array([body.at(out * x, v) for x, v in sides]), closed=False, detail=5)


def neckline(body: Body, cut: Cut, top: float) -> Points:
    """Gives the outline of the neck hole: round, or pointed in a V; seen from the back it is shallow."""
    depth = cut.drop if body.view == "front" else min(cut.drop, 0.0)
    t = np.linspace(-1, 1, 21)
    curve = 1 - np.abs(t) if cut.pointed and body.view == "front" else np.sqrt(np.maximum(0, 1 - np.abs(t) ** 2.2))
    edge = [body.at(x * cut.neck, top - 0.03 + (depth - top + 0.03) * c) for x, c in zip(t, curve, strict=True)]
    return np.array([*edge, body.at(cut.neck, -0.5), body.at(-cut.neck, -0.5)])


def trouser_stencil(easel: Easel, body: Body, reach: float, ease: float, flare: float, waist: float) -> Stencil:
    """Gives trousers: two tubes and a seat; `reach` runs from 0 (hip) over 2 (knee) to 4 (ankle)."""
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
    return mask


def skirt_stencil(easel: Easel, body: Body, waist: float, hem: float, ease: float, flare: float) -> Stencil:
    """Gives a skirt from height `waist` to height `hem` (v of Body.at)."""
    heights = [v for v in (0.74, 0.88, 1.02, 1.2, 1.6, 2.0, 2.5) if waist + 0.05 < v < hem - 0.05]
    sides = [(body.width(waist) + 0.03, waist)]
    for v in [*heights, hem]:
        below = (v - waist) / (hem - waist)
        sides.append((body.width(min(v, 1.02)) + 0.04 + ease + flare * below**1.1, v))
    low = sides[-1]
    hem_line = np.array([body.at(x * low[0], hem + 0.05 * (1 - x * x)) for x in np.linspace(1, -1, 9)[1:-1]])
    points = np.vstack([smooth_side(body, sides, 1), hem_line, smooth_side(body, sides, -1)[::-1]])
    return polygon(easel.stencil(), points, curved=False)


# --- what a casting wears besides the kept garment ------------------------------------------------------------------


def wear_bottom(easel: Easel, body: Body, item: Item, random: np.random.Generator) -> None:
    head = body.head
    cloth = plain(random, easel, head, item.colour, 0.5)
    waist = random.uniform(0.6, 0.75)
    if item.kind == "skirt":
        mask = skirt_stencil(easel, body, waist, random.uniform(1.45, 1.9), 0.05, random.uniform(0.05, 0.35))
        easel.paint(mask, cloth.albedo, 0.35 * head, bumps=cloth.bumps, shadow=0.35)
        return
    reach = random.uniform(0.9, 1.5) if item.kind == "shorts" else random.uniform(3.75, 4.15)
    ease, flare = (
        (random.uniform(0.02, 0.06), 0.0)
        if item.kind == "jeans"
        else (random.uniform(0.03, 0.12), random.choice((0.0, 0.0, 0.1)))
    )
    if item.kind == "shorts":
        ease = random.uniform(0.06, 0.12)
    mask = trouser_stencil(easel, body, reach, ease, flare, waist)
    albedo = cloth.albedo
    if item.kind == "jeans":
        albedo = _denim(random, easel, body, albedo)
    easel.paint(mask, albedo, 0.22 * head, bumps=cloth.bumps, shadow=0.3)
    fly = np.array([body.at(0.0, waist + 0.02), body.at(0.01, 1.0), body.at(0.0, 1.22)])
    easel.dab(tube(easel.stencil(), fly, np.array([0.008, 0.01, 0.02]) * head), cloth.albedo * 0.55, 0.6, 0.012 * head)
    belt = np.array(
        [body.at(-body.width(waist), waist + 0.05), body.at(0, waist + 0.065), body.at(body.width(waist), waist + 0.05)]
    )
    easel.dab(tube(easel.stencil(), belt, np.full(3, 0.008) * head), cloth.albedo * 0.6, 0.5, 0.008 * head)


def _denim(random: np.random.Generator, easel: Easel, body: Body, albedo: Array) -> Array:
    height, width = easel.figure.shape
    worn = np.zeros((height, width), np.uint8)
    for side in (0, 1):
        tube(worn, leg_line(body, side)[:4], np.array([0.1, 0.14, 0.1, 0.06]) * body.head)
    pale = cv2.GaussianBlur(worn, (0, 0), 0.12 * body.head).astype(np.float32)[..., None] / 255
    grain = 0.03 * random.standard_normal((height, width, 1)).astype(np.float32)
    return np.asarray(np.clip(albedo + (0.16 * pale + grain) * (1 - albedo), 0, 1), np.float32)


def wear_top(easel: Easel, body: Body, item: Item, random: np.random.Generator) -> None:
    head = body.head
    cloth = plain(random, easel, head, item.colour)
    loose = {"t-shirt": 0.06, "shirt": 0.08, "jumper": 0.12, "vest top": 0.03}[item.kind]
    cut = Cut(
        neck=random.uniform(0.24, 0.32), drop=random.uniform(0.0, 0.08), pointed=item.kind == "shirt",
        ease=loose, hem=random.uniform(0.85, 1.1), hem_flare=0.0,
        cover=0.45 if item.kind == "vest top" else 1.0, waist=0.6,
    )  # fmt: skip
    reach = {"t-shirt": random.uniform(0.8, 1.4), "shirt": 4.0, "jumper": 3.95, "vest top": 0.0}[item.kind]
    if reach:
        for side in (0, 1):
            mask = sleeve(easel, body, side, reach, loose * 0.6 + 0.015)
            easel.paint(mask, cloth.albedo, 0.14 * head, bumps=cloth.bumps)
    easel.paint(trunk(easel, body, cut), cloth.albedo, 0.3 * head, bumps=cloth.bumps, shadow=0.25)


def wear_shoes(easel: Easel, body: Body, item: Item, skin: Array) -> None:
    head = body.head
    colour = f32(item.colour) / 255
    for side in (0, 1):
        ankle, toes = body.legs[side][2:]
        along = toes - ankle
        if item.kind == "sandals":
            draw_foot(easel, body, side, skin)
            for share in (0.35, 0.75):
                across = np.array([-along[1], along[0]]) * 0.34
                strap = np.array(
                    [ankle + along * share - across, ankle + along * (share + 0.06), ankle + along * share + across]
                )
                easel.paint(tube(easel.stencil(), strap, np.full(3, 0.028) * head), colour, 0.03 * head, 0.1)
            continue
        start = ankle - along * {"boots": 1.3, "trainers": 0.15, "shoes": -0.12}[item.kind]
        shape = np.array([start, ankle + along * 0.2, ankle + along * 0.65, toes])
        wide = np.array([0.145 if item.kind == "boots" else 0.12, 0.14, 0.165, 0.15])
        easel.paint(tube(easel.stencil(), shape, wide * head), colour, 0.1 * head, 0.12)
        if item.kind == "trainers":
            sole = toes + np.array([(-0.12, 0.08), (0, 0.12), (0.12, 0.08)]) * head
            easel.paint(tube(easel.stencil(), sole, np.full(3, 0.04) * head), f32([0.93, 0.93, 0.92]), 0.03 * head)


# --- prints ---------------------------------------------------------------------------------------------------------


def random_colour(random: np.random.Generator) -> Array:
    """Gives any cloth colour, saturated ones more often than in the named list."""
    if random.random() < 0.35:
        return f32(list(CLOTH_COLOURS.values())[random.integers(0, len(CLOTH_COLOURS))]) / 255
    hsv = np.array([[[random.integers(0, 180), random.integers(20, 240), random.integers(30, 255)]]], np.uint8)
    return f32(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0]) / 255


def printed(random: np.random.Generator, easel: Easel, head: float) -> Cloth:
    """Gives cloth of any colour with any print: plain, stripes, checks, dots, blotches, flowers, a motif."""
    height, width = easel.figure.shape
    base, other = random_colour(random), random_colour(random)
    y, x = np.indices((height, width), np.float32)
    kind = random.choice(
        ("plain", "stripes", "checks", "dots", "blotches", "flowers", "motif"),
        p=(0.36, 0.12, 0.08, 0.08, 0.12, 0.12, 0.12),
    )
    cell = random.uniform(0.06, 0.35) * head
    albedo = np.empty((height, width, 3), np.float32)
    albedo[:] = base
    if kind == "stripes":
        turn = random.choice((0.0, np.pi / 2, random.uniform(0, np.pi)))
        wave = np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / cell) > random.uniform(-0.6, 0.6)
        albedo[wave] = other
    elif kind == "checks":
        for line in (x, y):
            albedo[np.sin(line * 2 * np.pi / cell) > 0.4] *= random.uniform(0.5, 0.9)
    elif kind == "dots":
        albedo[np.hypot((x % cell) - cell / 2, (y % cell) - cell / 2) < cell * random.uniform(0.15, 0.4)] = other
    elif kind in ("blotches", "flowers"):
        field = noise(random, height, width, (cell, cell))
        albedo[field > random.uniform(0.2, 0.9)] = other
        if kind == "flowers":
            albedo[noise(random, height, width, (cell * 0.5, cell * 0.5)) > 1.0] = random_colour(random)
            albedo[noise(random, height, width, (cell * 0.7, cell * 0.7)) > 1.2] = random_colour(random)
    albedo *= 1 + 0.02 * random.standard_normal((height, width, 1)).astype(np.float32)
    return Cloth(
        np.clip(albedo, 0.02, 1), folds(random, easel, head, random.uniform(0.1, 1.4)), random.choice((0.0, 0.02, 0.1))
    )


def motif(random: np.random.Generator, easel: Easel, body: Body, albedo: Array) -> None:
    """Prints a picture-like patch on the chest, in place."""
    centre, size = body.at(0, random.uniform(0.3, 0.6)), random.uniform(0.3, 0.6) * body.head
    mask = easel.stencil()
    for _ in range(random.integers(1, 4)):
        points = centre + random.normal(0, size * 0.6, (random.integers(3, 8), 2))
        polygon(mask, points, curved=bool(random.integers(0, 2)))
        albedo[mask > 128] = random_colour(random)
        mask[:] = 0
