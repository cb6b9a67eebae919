"""The kept garment: what a user's photo brings. Its outline hangs as photographed and never quite follows the body."""

from dataclasses import dataclass

import cv2
import numpy as np

from scripts.house.body import Body
from scripts.house.clothes import Cloth, Cut, motif, neckline, printed, skirt_stencil, sleeve, trouser_stencil, trunk
from scripts.house.paint import Array, Easel, Light, Stencil, noise, polygon, tube
from stages.contracts import Category


@dataclass(frozen=True, slots=True)
class Design:
    """What a kept garment looks like, chosen before the body is posed: arms follow its sleeves."""

    sleeves: float
    """0 = none, 2 = to the elbow, 4 = to the wrist."""
    straps: bool
    spread: float | None
    """Angle of arms along spread sleeves, radians off the vertical; None = arms hang as they like."""


def design(random: np.random.Generator, category: Category) -> Design:
    """Chooses sleeves: half of all tops have short ones, as in shops."""
    if category == "bottom":
        return Design(0.0, straps=False, spread=None)
    sleeves = float(
        random.choice(
            (0.0, random.uniform(0.7, 1.9), random.uniform(2.0, 3.2), random.uniform(3.6, 4.1)),
            p=(0.27, 0.38, 0.12, 0.23),
        )
    )
    straps = sleeves == 0 and bool(random.random() < 0.5)
    if straps and random.random() < 0.15:
        sleeves = random.uniform(0.8, 1.4)
    spread = random.uniform(0.12, 0.95) if sleeves and random.random() < 0.75 else None
    return Design(sleeves, straps, spread)


def draw_kept(
    easel: Easel, body: Body, category: Category, wanted: Design, random: np.random.Generator
) -> tuple[Array, Array]:
    """Draws the kept garment on top of all else and gives (pixels H x W x 3, coverage H x W) of it alone."""
    height, width = easel.figure.shape
    # Shop photos are lit evenly, whatever the scene's light is.
    flat = Light(
        (float(random.normal(0, 0.25)), -0.35, 0.9),
        np.ones(3, np.float32),
        np.ones(3, np.float32),
        float(random.uniform(0.1, 0.5)),
    )
    layer = Easel(np.zeros((height, width, 3), np.float32), flat)
    cloth = printed(random, layer, body.head)
    if random.random() < 0.15:
        motif(random, layer, body, cloth.albedo)
    if category == "bottom":
        _bottom(layer, body, cloth, random)
    else:
        _top(layer, body, category, wanted, cloth, random)
    pixels, cover = _hang(random, body, layer)
    _shade_below(easel, cover, body)
    easel.pixels[:] = easel.pixels * (1 - cover[..., None]) + pixels * cover[..., None]
    easel.figure[:] = np.maximum(easel.figure, cover)
    return pixels, cover


def _top(
    layer: Easel, body: Body, category: Category, wanted: Design, cloth: Cloth, random: np.random.Generator
) -> None:
    head = body.head
    deep = random.random() < 0.3
    cut = Cut(
        neck=random.uniform(0.22, 0.36) if not deep else random.uniform(0.26, 0.5),
        drop=_drop(random, wanted, deep),
        pointed=bool(random.random() < 0.3),
        ease=random.uniform(0.0, 0.2) * (1.0 if category == "top" else 0.5),
        hem=_top_hem(random) if category == "top" else random.uniform(0.6, 0.75),
        hem_flare=random.choice((0.0, 0.0, random.uniform(0, 0.4))) if category == "top" else 0.0,
        cover=0.0 if wanted.straps else random.uniform(0.25, 0.8) if wanted.sleeves == 0 else 1.0,
        waist=_waist(random, category),
    )  # fmt: skip
    if wanted.sleeves:
        ease, flare = random.uniform(0.01, 0.14), random.choice((0.0, 0.0, random.uniform(0, 0.35)))
        puff = random.choice((0.0, 0.0, random.uniform(0, 0.15)))
        for side in (0, 1):
            mask = sleeve(layer, body, side, wanted.sleeves, ease, flare, puff)
            if wanted.straps:
                line = body.at((1 if side else -1) * body.shoulders, 0.03)
                cv2.circle(mask, (int(line[0]), int(line[1])), int(0.16 * head), 0, -1)
            layer.paint(mask, cloth.albedo, 0.14 * head, cloth.gloss, bumps=cloth.bumps, shadow=0)
    mask = trunk(layer, body, cut)
    if category == "dress":
        skirt = skirt_stencil(
            layer, body, cut.hem - 0.06, random.uniform(1.35, 2.75), cut.ease + 0.03, random.uniform(0.02, 0.6)
        )
        layer.paint(skirt, cloth.albedo, 0.35 * head, cloth.gloss, bumps=cloth.bumps, shadow=0)
    if wanted.straps:
        _straps(mask, body, cut, random)
    elif random.random() < 0.2 and not deep:
        top, wide = random.uniform(-0.27, -0.2), random.uniform(0.2, 0.25)
        polygon(
            mask,
            body.ring([(wide, top), (wide, -0.16), (cut.neck + 0.03, -0.1), (cut.neck, cut.drop + 0.03)]),
            curved=False,
        )
    layer.paint(mask, cloth.albedo, 0.3 * head, cloth.gloss, bumps=cloth.bumps, shadow=0.2)
    if not wanted.straps:
        edge = neckline(body, cut, -0.12)[:-2]
        layer.dab(
            tube(layer.stencil(), edge[::4], np.full(len(edge[::4]), 0.012) * head) & mask,
            np.zeros(3, np.float32),
            0.25,
            0.01 * head,
        )


def _drop(random: np.random.Generator, wanted: Design, deep: bool) -> float:
    low, high = (0.3, 0.5) if wanted.straps else (0.1, 0.36) if deep else (-0.06, 0.1)
    return float(random.uniform(low, high))


def _waist(random: np.random.Generator, category: Category) -> float:
    low, high = (0, 0.5) if category == "dress" else (0.7, 1) if random.random() < 0.5 else (0, 0.7)
    return float(random.uniform(low, high))


def _top_hem(random: np.random.Generator) -> float:
    return float(
        random.choice(
            (random.uniform(0.85, 1.25), random.uniform(0.45, 0.8), random.uniform(1.2, 1.5)), p=(0.7, 0.18, 0.12)
        )
    )


def _straps(mask: Stencil, body: Body, cut: Cut, random: np.random.Generator) -> None:
    thick = random.uniform(0.012, 0.06)
    lean = random.uniform(-0.02, 0.12)
    for out in (-1, 1):
        line = np.array(
            [
                body.at(out * cut.neck, cut.drop - 0.06),
                body.at(out * (cut.neck + lean * 0.6), 0.1),
                body.at(out * (cut.neck + lean), -0.1),
            ]
        )
        tube(mask, line, np.full(3, thick) * body.head)


def _bottom(layer: Easel, body: Body, cloth: Cloth, random: np.random.Generator) -> None:
    head, waist = body.head, random.uniform(0.5, 0.85)
    if random.random() < 0.18:
        mask = skirt_stencil(layer, body, waist, random.uniform(1.4, 2.7), 0.04, random.uniform(0.02, 0.5))
    else:
        reach = random.choice(
            (random.uniform(3.5, 4.2), random.uniform(0.8, 1.6), random.uniform(2.3, 3.4)), p=(0.72, 0.18, 0.1)
        )
        ease = random.choice((random.uniform(0.0, 0.06), random.uniform(0.05, 0.2)))
        mask = trouser_stencil(layer, body, reach, ease, random.choice((0.0, 0.0, random.uniform(0.05, 0.3))), waist)
    layer.paint(mask, cloth.albedo, 0.25 * head, cloth.gloss, bumps=cloth.bumps, shadow=0)
    seam = np.array([body.at(0.0, waist), body.at(0.0, 1.2)])
    layer.dab(tube(layer.stencil(), seam, np.array([0.008, 0.012]) * head), np.zeros(3, np.float32), 0.3, 0.012 * head)


def _hang(random: np.random.Generator, body: Body, layer: Easel) -> tuple[Array, Array]:
    """Gives pixels and coverage a little stretched and bent: the garment was not photographed on this body."""
    height, width = layer.figure.shape
    sx, sy = 1 + abs(random.normal(0, 0.035)), 1 + random.normal(0, 0.012)
    anchor = body.at(0, 0.5)
    y, x = np.indices((height, width), np.float32)
    bend = random.uniform(0.0, 0.035) * body.head
    cell = (1.3 * body.head, 1.3 * body.head)
    map_x = (
        (x - np.float32(anchor[0])) / np.float32(sx) + np.float32(anchor[0]) + bend * noise(random, height, width, cell)
    )
    map_y = (
        (y - np.float32(anchor[1])) / np.float32(sy) + np.float32(anchor[1]) + bend * noise(random, height, width, cell)
    )
    both = np.dstack([layer.pixels, layer.figure])
    both = cv2.remap(both, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR)
    return both[..., :3].copy(), both[..., 3].copy()


def _shade_below(easel: Easel, cover: Array, body: Body) -> None:
    """Darkens the person just outside the garment: cloth lies on skin."""
    small = cv2.resize(cover, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 0.06 * body.head / 4 + 0.3)
    fall = cv2.resize(small, (cover.shape[1], cover.shape[0])) * easel.figure
    easel.pixels *= 1 - 0.3 * fall[..., None]
