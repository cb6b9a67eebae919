"""Draws what is no clothing on a body: shoes, hats, bags, jewellery; their openings show what lies behind."""

import numpy as np

from scripts.finder.backdrops import Field, Random, any_colour, noise
from scripts.finder.example import Cloth
from scripts.finder.garments import GARMENT, INSIDE
from scripts.finder.layer import Layer, Points


def product_layer(random: Random, height: int, width: int, tone: Field | None) -> tuple[Layer, Cloth]:
    """Draws one product, of the colour `tone` if that is given, filling most of the picture."""
    layer = Layer(height, width)
    painter = (_shoes, _hat, _bag, _jewellery)[int(random.choice(4, p=(0.28, 0.22, 0.28, 0.22)))]
    colour = any_colour(random) if tone is None else np.asarray(tone + random.normal(0, 6, 3), np.float32)
    light = 1 + random.uniform(0.03, 0.15) * noise(random, height, width, 40) + 0.04 * noise(random, height, width, 5)
    cloth = np.asarray(np.clip(colour * light[..., None], 0, 255), np.float32)
    return layer, painter(layer, cloth, random)


def _place(layer: Layer, points: object, size: float, at: tuple[float, float] = (0.0, 0.0)) -> Points:
    """Returns points of a drawing, in units of its half size, as pixels around the layer's middle."""
    height, width = layer.shape
    return np.asarray(points) * size + (width / 2 + at[0], height / 2 + at[1])


def _round(points: list[tuple[float, float]], steps: int = 6) -> Points:
    """Returns a closed outline with its corners cut off twice (Chaikin 1974)."""
    found = np.array(points, np.float64)
    for _ in range(steps // 3):
        ahead = np.roll(found, -1, axis=0)
        found = np.stack([0.75 * found + 0.25 * ahead, 0.25 * found + 0.75 * ahead], 1).reshape(-1, 2)
    return found


def _ellipse(x: float, y: float, a: float, b: float, start: float = 0, end: float = 2 * np.pi) -> Points:
    turns = np.linspace(start, end, 40)
    return np.stack([x + a * np.cos(turns), y + b * np.sin(turns)], 1)


def _shoes(layer: Layer, cloth: Field, random: Random) -> Cloth:
    size = 0.3 * min(layer.shape)
    high, heel = random.uniform(0.35, 1.4), random.uniform(0.05, 0.7) * (random.random() < 0.4)
    sole = any_colour(random)
    for place in ((-0.3, -0.35), (0.25, 0.4)):
        at = (place[0] * size, place[1] * size)
        body = [
            (-1, 0.3 - heel),
            (-0.95, -high),
            (-0.35, -high),
            (-0.2, -0.25),
            (0.6, 0.0),
            (1.05, 0.2),
            (1.05, 0.38),
            (0.3, 0.38),
        ]
        layer.paint(layer.outlines([_place(layer, _round(body), size, at)], []), cloth, GARMENT)
        under = [(-1.0, 0.25 - heel), (0.3, 0.33), (1.08, 0.3), (1.08, 0.45), (0.2, 0.45), (-0.7, 0.42 - heel)]
        layer.paint(layer.outlines([_place(layer, np.array(under), size, at)], []), sole, GARMENT)
        if heel:
            post = [(-1.0, 0.3 - heel), (-0.75, 0.4 - heel), (-0.85, 0.45), (-0.98, 0.45)]
            layer.paint(layer.outlines([_place(layer, np.array(post), size, at)], []), sole, GARMENT)
        mouth = _place(layer, _ellipse(-0.65, -high, 0.29, 0.1), size, at)
        layer.paint(layer.outlines([mouth], []), 0.45 * cloth, INSIDE)
        for lace in range(int(random.integers(0, 5))):
            line = _place(
                layer, [(-0.2 + 0.15 * lace, -0.3 + 0.09 * lace), (-0.05 + 0.15 * lace, -0.12 + 0.07 * lace)], size, at
            )
            layer.paint(layer.outlines([], [(line, 2.5)]), sole, GARMENT)
    return "shoes"


def _hat(layer: Layer, cloth: Field, random: Random) -> Cloth:
    size = 0.33 * min(layer.shape)
    kind = int(random.integers(3))
    dome = [(-0.8, 0.3), (-0.75, -0.4), (-0.4, -0.8), (0.4, -0.8), (0.75, -0.4), (0.8, 0.3)]
    if kind == 0:  # a brim all round
        layer.paint(
            layer.outlines([_place(layer, _ellipse(0, 0.3, random.uniform(1, 1.4), 0.35), size)], []),
            0.85 * cloth,
            GARMENT,
        )
    layer.paint(layer.outlines([_place(layer, _round(dome), size)], []), cloth, GARMENT)
    if kind == 1:  # a peak
        peak = [(0.1, 0.25), (0.8, 0.1), (1.5, 0.35), (1.45, 0.55), (0.7, 0.45)]
        layer.paint(layer.outlines([_place(layer, _round(peak), size)], []), 0.8 * cloth, GARMENT)
    band = _place(layer, [(-0.79, 0.2), (0.79, 0.2)], size)
    layer.paint(layer.outlines([], [(band, 0.12 * size)]) * (layer.cover > 0.9), any_colour(random), GARMENT)
    if kind == 2 and random.random() < 0.6:  # a bobble
        layer.paint(
            layer.outlines([_place(layer, _ellipse(0, -0.95, 0.28, 0.28), size)], []), any_colour(random), GARMENT
        )
    return "hat"


def _bag(layer: Layer, cloth: Field, random: Random) -> Cloth:
    size = 0.3 * min(layer.shape)
    tall, top = random.uniform(0.5, 1.1), random.uniform(0.7, 1.1)
    trim = any_colour(random) if random.random() < 0.5 else 0.8 * cloth
    handle = _ellipse(0, 0.5 - tall, random.uniform(0.3, 0.7), random.uniform(0.5, 1.5), np.pi, 2 * np.pi)
    layer.paint(layer.outlines([], [(_place(layer, handle, size), random.uniform(2.5, 10))]), trim, GARMENT)
    body = _round([(-top, 0.5 - tall), (top, 0.5 - tall), (1, 1), (-1, 1)], 3)
    layer.paint(layer.outlines([_place(layer, body, size)], []), cloth, GARMENT)
    if random.random() < 0.5:
        flap = _round([(-top, 0.45 - tall), (top, 0.45 - tall), (0.8, 0.6), (-0.8, 0.6)], 3)
        layer.paint(layer.outlines([_place(layer, flap, size)], []), 0.88 * cloth, GARMENT)
    layer.paint(layer.outlines([_place(layer, _ellipse(0, 0.45, 0.1, 0.08), size)], []), any_colour(random), GARMENT)
    return "bag"


def _jewellery(layer: Layer, cloth: Field, random: Random) -> Cloth:
    size = 0.33 * min(layer.shape)
    kind = int(random.integers(4))
    if kind == 0:  # a chain with a pendant
        chain = _ellipse(0, -0.1, random.uniform(0.6, 1), random.uniform(0.7, 1.1))
        layer.paint(layer.outlines([], [(_place(layer, chain, size), random.uniform(1.5, 8))]), cloth, GARMENT)
        layer.paint(layer.outlines([_place(layer, _ellipse(0, 1, 0.18, 0.22), size)], []), any_colour(random), GARMENT)
    elif kind == 1:  # a ring or a bangle
        ring = _ellipse(0, 0.2, 0.7, random.uniform(0.5, 0.75))
        layer.paint(layer.outlines([], [(_place(layer, ring, size), random.uniform(4, 22))]), cloth, GARMENT)
        layer.paint(
            layer.outlines([_place(layer, _ellipse(0, -0.45, 0.2, 0.16), size)], []), any_colour(random), GARMENT
        )
    elif kind == 2:  # glasses
        frame = [(_place(layer, _ellipse(x, 0, 0.42, 0.34), size), random.uniform(2, 7)) for x in (-0.5, 0.5)]
        frame.append((_place(layer, [(-0.1, -0.05), (0.1, -0.05)], size), 3))
        frame += [(_place(layer, [(s * 0.9, -0.1), (s * 1.1, -0.6)], size), 2.5) for s in (-1, 1)]
        layer.paint(layer.outlines([], frame), cloth, GARMENT)
    else:  # a watch or a belt in a loop
        strap = _ellipse(0, 0, random.uniform(0.5, 1), random.uniform(0.6, 1), 0.2, 2 * np.pi - 0.2)
        layer.paint(layer.outlines([], [(_place(layer, strap, size), random.uniform(5, 14))]), cloth, GARMENT)
        layer.paint(layer.outlines([_place(layer, _ellipse(0.75, 0, 0.2, 0.2), size)], []), any_colour(random), GARMENT)
    return "jewellery"
