"""The kept garment: what a user's photo brings. Its outline hangs as photographed and never quite follows the body."""

import cv2
import numpy as np

from scripts.house.body import Body
from scripts.house.flatlay import Design, lay_bottom, lay_swim, lay_top
from scripts.house.paint import Array, Easel, Light, noise
from scripts.house.prints import motif, printed
from stages.contracts import Category


def design(random: np.random.Generator, category: Category) -> Design:
    """Chooses sleeves: half of all tops have short ones, as in shops."""
    if category in ("bottom", "skirt"):
        return Design(0.0, straps=False, spread=None)
    if category == "swim":
        return Design(0.0, straps=bool(random.random() < 0.8), spread=None)
    if category == "outerwear" or (category == "top" and random.random() < 0.04):
        opened = bool(random.random() < 0.75)
        return Design(random.uniform(3.6, 4.1), straps=False, spread=_spread(random), opened=opened)
    sleeves = float(
        random.choice(
            (0.0, random.uniform(0.7, 1.9), random.uniform(2.0, 3.2), random.uniform(3.6, 4.1)),
            p=(0.27, 0.38, 0.12, 0.23),
        )
    )
    straps = sleeves == 0 and bool(random.random() < 0.5)
    if straps and random.random() < 0.15:
        sleeves = random.uniform(0.8, 1.4)
    return Design(sleeves, straps, _spread(random) if sleeves else None)


def _spread(random: np.random.Generator) -> float | None:
    return float(random.uniform(0.12, 0.85)) if random.random() < 0.75 else None


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
    if category in ("bottom", "skirt"):
        lay_bottom(layer, body, category, cloth, random)
    elif category == "swim":
        lay_swim(layer, body, wanted, cloth, random)
    else:
        lay_top(layer, body, category, wanted, cloth, random)
    pixels, cover = _hang(random, body, layer)
    _shade_below(easel, cover, body)
    # The layer was painted over black: its pixels are premultiplied.
    easel.pixels[:] = easel.pixels * (1 - cover[..., None]) + pixels
    easel.figure[:] = np.maximum(easel.figure, cover)
    return pixels, cover


def _hang(random: np.random.Generator, body: Body, layer: Easel) -> tuple[Array, Array]:
    """Returns pixels and coverage a little stretched and bent: the garment was not photographed on this body."""
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
