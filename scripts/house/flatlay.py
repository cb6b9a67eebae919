"""Garments as shops photograph them, flat, on a hanger or on a ghost mannequin, laid over a body."""

from dataclasses import dataclass

import cv2
import numpy as np

from scripts.house.body import Body
from scripts.house.clothes import Cloth, Cut, neckline, skirt_stencil, sleeve, trouser_stencil, trunk
from scripts.house.paint import Easel, Points, Stencil, f32, polygon, tube
from stages.contracts import Category

BLACK = f32([0, 0, 0])


@dataclass(frozen=True, slots=True)
class Design:
    """What a kept garment looks like, chosen before the body is posed: arms follow its sleeves."""

    sleeves: float
    """0 = none, 2 = to the elbow, 4 = to the wrist."""
    straps: bool
    spread: float | None
    """Angle of arms along spread sleeves, radians off the vertical; None = arms hang as they like."""
    opened: bool = False
    """A jacket or cardigan that is open over another top."""


def lay_top(
    layer: Easel, body: Body, category: Category, wanted: Design, cloth: Cloth, random: np.random.Generator
) -> None:
    """Draws a top or a dress: skirt and sleeves, the trunk over them, then what is seen in the neck and in front."""
    head = body.head
    cut = _cut(random, category, wanted)
    if wanted.sleeves:
        _sleeves(layer, body, wanted, cloth, random)
    if category == "dress":
        hem = random.choice((random.uniform(1.3, 1.75), random.uniform(1.75, 2.3), random.uniform(2.3, 2.8)))
        skirt = skirt_stencil(layer, body, cut.hem - 0.06, hem, cut.ease + 0.03, random.uniform(0.02, 0.55))
        layer.paint(skirt, cloth.albedo, 0.35 * head, cloth.gloss, bumps=cloth.bumps, shadow=0)
    mask = trunk(layer, body, cut)
    if wanted.straps:
        _straps(mask, body, cut, random)
    elif wanted.opened and body.view == "front":
        _open(mask, body, cut, random)
    elif body.view == "front" and random.random() < 0.5:
        _inner_back(layer, body, cut, cloth)
    high = not wanted.straps and not wanted.opened and cut.drop < 0.1 and random.random() < 0.25
    if high:
        top, wide = random.uniform(-0.27, -0.2), random.uniform(0.24, 0.28)
        collar = [(wide, top), (wide, -0.16), (cut.neck + 0.03, -0.1), (cut.neck, cut.drop + 0.03)]
        polygon(mask, body.ring(collar), curved=False)
    layer.paint(mask, cloth.albedo, 0.3 * head, cloth.gloss, bumps=cloth.bumps, shadow=0.2)
    if not wanted.straps and not high:
        _band(layer, mask, neckline(body, cut, -0.12)[:-2:2], body, random)
    if not wanted.opened and random.random() < 0.25:
        _placket(layer, mask, body, cut, random)


def _cut(random: np.random.Generator, category: Category, wanted: Design) -> Cut:
    deep = random.random() < 0.3 and not wanted.opened
    halter = wanted.sleeves == 0 and not wanted.straps and random.random() < 0.15
    return Cut(
        neck=random.uniform(0.26, 0.5) if deep else random.uniform(0.22, 0.36),
        drop=-0.12 if halter else _drop(random, wanted, deep),
        pointed=bool(random.random() < 0.3),
        ease=random.uniform(0.0, 0.2) * (0.5 if category == "dress" else 1.0),
        hem=random.uniform(0.6, 0.75) if category == "dress" else _top_hem(random, category),
        hem_flare=random.choice((0.0, 0.0, random.uniform(0, 0.4))) if category != "dress" else 0.0,
        cover=0.0 if wanted.straps
        else 0.08 if halter
        else random.uniform(0.25, 0.8) if wanted.sleeves == 0
        else 1.0,
        waist=_waist(random, category),
    )  # fmt: skip


def _sleeves(layer: Easel, body: Body, wanted: Design, cloth: Cloth, random: np.random.Generator) -> None:
    ease, flare = random.uniform(0.01, 0.13), random.choice((0.0, 0.0, random.uniform(0, 0.3)))
    puff = random.choice((0.0, 0.0, random.uniform(0, 0.15)))
    # Raglan shirts and the like: sleeves of another colour.
    albedo = cloth.albedo * 0.35 if random.random() < 0.08 else cloth.albedo
    for side in (0, 1):
        mask = sleeve(layer, body, side, wanted.sleeves, ease, flare, puff)
        if wanted.straps:
            line = body.at((1 if side else -1) * body.shoulders, 0.03)
            cv2.circle(mask, (int(line[0]), int(line[1])), int(0.16 * body.head), 0, -1)
        layer.paint(mask, albedo, 0.14 * body.head, cloth.gloss, bumps=cloth.bumps, shadow=0)


def _inner_back(layer: Easel, body: Body, cut: Cut, cloth: Cloth) -> None:
    """Shows the inside of the back through the neck hole, as on a hanger or a ghost mannequin."""
    front = neckline(body, cut, -0.12)[:-2]
    back = np.array([body.at(x * cut.neck, -0.13 + 0.05 * (1 - x * x)) for x in np.linspace(1, -1, 9)])
    panel = polygon(layer.stencil(), np.vstack([front, back]), curved=False)
    panel = cv2.dilate(panel, np.ones((5, 5), np.uint8))
    layer.paint(panel, cloth.albedo * 0.6, 0.1 * body.head, shadow=0)


def _open(mask: Stencil, body: Body, cut: Cut, random: np.random.Generator) -> None:
    """Opens the front from neck to hem."""
    high, low = random.uniform(0.12, 0.22), random.uniform(0.16, 0.36)
    shift = random.normal(0, 0.02)
    sides = [(cut.neck * 0.9, -0.3), (high, 0.1), (0.5 * (high + low), 0.5 * cut.hem), (low, cut.hem + 0.2)]
    gap = [body.at(x + shift, v) for x, v in sides] + [body.at(shift - x, v) for x, v in reversed(sides)]
    polygon(mask, np.array(gap), curved=False, value=0)


def _band(layer: Easel, mask: Stencil, edge: Points, body: Body, random: np.random.Generator) -> None:
    """Sews a seam or a ribbed band along the neck."""
    wide, strength = (0.035, 0.5) if random.random() < 0.4 else (0.012, 0.25)
    band = tube(layer.stencil(), edge, np.full(len(edge), wide) * body.head) & mask
    layer.dab(band, BLACK, strength * 0.6, 0.008 * body.head)


def _placket(layer: Easel, mask: Stencil, body: Body, cut: Cut, random: np.random.Generator) -> None:
    """Sews a row of buttons down the front, with the placket's edge."""
    low = min(cut.hem, random.choice((0.45, cut.hem)))
    high = max(cut.drop, -0.05)
    line = np.array([body.at(0.03, high), body.at(0.03, 0.5 * (high + low)), body.at(0.03, low)])
    layer.dab(tube(layer.stencil(), line, np.full(3, 0.008) * body.head) & mask, BLACK, 0.35, 0.008 * body.head)
    colour = f32(random.choice(np.array([(0.95, 0.95, 0.92), (0.15, 0.12, 0.1), (0.5, 0.36, 0.22)])))
    for v in np.arange(high + 0.06, low - 0.03, 0.16):
        spot = body.at(-0.01, float(v))
        layer.dab(tube(layer.stencil(), np.array([spot, spot + 0.5]), np.full(2, 0.024) * body.head) & mask,
                  colour, 0.95, 0.006 * body.head)  # fmt: skip


def _drop(random: np.random.Generator, wanted: Design, deep: bool) -> float:
    low, high = (0.3, 0.5) if wanted.straps else (0.1, 0.36) if deep else (-0.06, 0.1)
    return float(random.uniform(low, high))


def _waist(random: np.random.Generator, category: Category) -> float:
    low, high = (0, 0.5) if category == "dress" else (0.7, 1) if random.random() < 0.5 else (0, 0.7)
    return float(random.uniform(low, high))


def _top_hem(random: np.random.Generator, category: Category) -> float:
    if category == "outerwear":
        return float(random.choice((random.uniform(0.7, 1.1), random.uniform(1.1, 2.2))))
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


def lay_bottom(layer: Easel, body: Body, category: Category, cloth: Cloth, random: np.random.Generator) -> None:
    """Draws trousers, shorts or a skirt."""
    head, waist = body.head, random.uniform(0.5, 0.85)
    trousers = category == "bottom"
    if not trousers:
        mask = skirt_stencil(layer, body, waist, random.uniform(1.3, 2.7), 0.04, random.uniform(0.02, 0.5))
    else:
        reach = random.choice(
            (random.uniform(3.5, 4.2), random.uniform(0.8, 1.6), random.uniform(2.3, 3.4)), p=(0.68, 0.22, 0.1)
        )
        ease = random.choice((random.uniform(0.0, 0.06), random.uniform(0.05, 0.2)))
        mask = trouser_stencil(layer, body, reach, ease, random.choice((0.0, 0.0, random.uniform(0.05, 0.3))), waist)
    layer.paint(mask, cloth.albedo, 0.25 * head, cloth.gloss, bumps=cloth.bumps, shadow=0)
    band = np.array([body.at(x * (body.width(waist) + 0.2), waist + 0.06) for x in (-1, 0, 1)])
    layer.dab(tube(layer.stencil(), band, np.full(3, 0.007) * head) & mask, BLACK, 0.35, 0.008 * head)
    if trousers:
        seam = np.array([body.at(0.0, waist), body.at(0.0, 1.2)])
        layer.dab(tube(layer.stencil(), seam, np.array([0.008, 0.012]) * head), BLACK, 0.3, 0.012 * head)
        for out in (-1, 1):
            pocket = np.array([body.at(out * 0.36, waist + 0.08), body.at(out * 0.5, waist + 0.13),
                               body.at(out * 0.66, waist + 0.22)])  # fmt: skip
            layer.dab(tube(layer.stencil(), pocket, np.full(3, 0.006) * head) & mask, BLACK, 0.3, 0.008 * head)


def lay_swim(layer: Easel, body: Body, wanted: Design, cloth: Cloth, random: np.random.Generator) -> None:
    """Draws briefs, alone for a man, and with a bikini's top or a swimsuit's trunk for a woman."""
    head, onepiece = body.head, random.random() < 0.6
    high = 0.5 if onepiece and not body.man else random.uniform(0.72, 0.92)
    leg = random.uniform(0.95, 1.05)
    flanks = [(body.width(high) + 0.02, high), (body.width(leg) + 0.02, leg), (0.4, 1.1), (0.12, 1.24)]
    briefs = polygon(layer.stencil(), body.ring(flanks), curved=False)
    if not body.man:
        hem = 0.62 if onepiece else random.uniform(0.36, 0.44)
        neck, drop = random.uniform(0.28, 0.4), random.uniform(0.14, 0.3)
        cut = Cut(neck, drop, bool(random.random() < 0.4), 0.01, hem, 0.0, 0.0 if wanted.straps else 0.12, 0.0)
        mask = trunk(layer, body, cut)
        if wanted.straps:
            _straps(mask, body, cut, random)
        layer.paint(mask, cloth.albedo, 0.3 * head, cloth.gloss, shadow=0)
    layer.paint(briefs, cloth.albedo, 0.3 * head, cloth.gloss, shadow=0)
