"""The cloth of kept garments: any colour with any print."""

import cv2
import numpy as np

from scripts.house.body import Body
from scripts.house.clothes import Cloth, folds
from scripts.house.paint import Array, Easel, f32, noise, polygon
from scripts.house.words import CLOTH_COLOURS


def random_colour(random: np.random.Generator) -> Array:
    """Returns any cloth colour, saturated ones more often than in the named list."""
    if random.random() < 0.35:
        return f32(list(CLOTH_COLOURS.values())[random.integers(0, len(CLOTH_COLOURS))]) / 255
    hsv = np.array([[[random.integers(0, 180), random.integers(20, 240), random.integers(30, 255)]]], np.uint8)
    return f32(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0]) / 255


def printed(random: np.random.Generator, easel: Easel, head: float) -> Cloth:
    """Returns cloth of any colour with any print: plain, stripes, checks, dots, blotches, flowers, a motif."""
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
    """Prints a picture on the chest, in place: a panel with round shapes on it, or bars like words."""
    centre, size = body.at(0, random.uniform(0.3, 0.55)), random.uniform(0.25, 0.5) * body.head
    box = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (size, size * random.uniform(0.3, 1.3))
    if random.random() < 0.6:
        albedo[polygon(easel.stencil(), centre + box, curved=bool(random.random() < 0.3)) > 128] = random_colour(random)
    for _ in range(random.integers(1, 5)):
        if random.random() < 0.6:
            turns = np.linspace(0, 2 * np.pi, 7, endpoint=False)[:, None]
            reach = size * random.uniform(0.15, 0.5) * random.uniform(0.7, 1.2, (7, 1))
            shape = reach * np.hstack([np.cos(turns), np.sin(turns)])
        else:
            shape = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size * (random.uniform(0.4, 0.9), 0.1)
        where = centre + random.uniform(-0.5, 0.5, 2) * size
        albedo[polygon(easel.stencil(), where + shape, curved=len(shape) > 4) > 128] = random_colour(random)
