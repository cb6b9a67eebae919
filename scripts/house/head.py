"""Draws the head, its ears and the face."""

import numpy as np

from scripts.house.body import Body
from scripts.house.figure import EXPOSURE, HEAD_EXPOSURE, sheen
from scripts.house.paint import Array, Easel, Points, f32, polygon, tube
from scripts.house.words import HAIR_COLOURS
from stages.casting import Casting


def frame(body: Body) -> tuple[Points, Points, Points]:
    """Returns the chin, the unit to the picture's right and the unit up, both one head long."""
    up = body.crown - body.chin
    return body.chin, np.array([-up[1], up[0]]), up


def spots(body: Body, pairs: list[tuple[float, float]], shift: float = 0.0) -> Points:
    """Returns points of the head from (x, height above the chin), both in heads."""
    origin, right, up = frame(body)
    return np.array([origin + right * (x + shift) + up * y for x, y in pairs])


def draw_head(easel: Easel, body: Body, skin: Array, casting: Casting, random: np.random.Generator) -> None:
    """Draws head, ears and face; hair comes before and after (see draw_back_hair, draw_hair)."""
    head, skin = body.head, np.asarray(skin * (HEAD_EXPOSURE / EXPOSURE), np.float32)
    for out in (-1, 1):
        ear = tube(
            easel.stencil(), spots(body, [(out * 0.345, 0.40), (out * 0.355, 0.52)]), np.array([0.04, 0.055]) * head
        )
        easel.paint(ear, skin * f32([0.97, 0.88, 0.86]), 0.05 * head, skin=True)
    jaw = 0.245 if body.man else 0.19
    cheek = 0.315 if body.man else 0.3
    half = [(0.08, 0.0), (jaw, 0.11), (cheek, 0.32), (0.345, 0.55), (0.32, 0.76), (0.2, 0.92), (0.06, 0.97)]
    outline = spots(body, half + [(-x, y) for x, y in reversed(half)])
    easel.paint(polygon(easel.stencil(), outline), skin, 0.2 * head, sheen(skin), skin=True, shadow=0.4)
    if body.view == "front":
        _face(easel, body, skin, casting, random)


def _face(easel: Easel, body: Body, skin: Array, casting: Casting, random: np.random.Generator) -> None:
    head, turn = body.head, body.turn
    hair = f32(HAIR_COLOURS[casting.hair_colour]) / 255

    def dab(points: Points, radii: Points, colour: Array, strength: float, blur: float) -> None:
        easel.dab(tube(easel.stencil(), points, radii * head), colour, strength, blur * head)

    dark = skin * f32([0.66, 0.56, 0.52])
    blush = skin * f32([1.0, 0.78, 0.74])
    lips = (
        skin * f32([0.86, 0.54, 0.54]) if body.man else skin * 0.6 + f32([0.26, 0.06, 0.09]) * random.uniform(0.6, 1.4)
    )
    iris = f32(
        [(0.2, 0.13, 0.09), (0.25, 0.2, 0.12), (0.3, 0.4, 0.5)][random.integers(0, 3 if casting.skin < 4 else 2)]
    )
    for out in (-1, 1):
        dab(spots(body, [(out * 0.19, 0.30), (out * 0.2, 0.33)], turn), np.array([0.08, 0.08]), blush, 0.35, 0.06)
        dab(spots(body, [(out * 0.10, 0.51), (out * 0.2, 0.515)], turn), np.array([0.05, 0.05]), dark, 0.5, 0.035)
        eye = [(out * 0.098, 0.492), (out * 0.15, 0.503), (out * 0.205, 0.497)]
        dab(spots(body, eye, turn), np.array([0.01, 0.028, 0.008]), f32([0.93, 0.92, 0.9]), 0.95, 0.006)
        dab(spots(body, [(out * 0.15, 0.494), (out * 0.15, 0.504)], turn), np.array([0.026, 0.026]), iris, 1.0, 0.006)
        lid = [(out * 0.092, 0.498), (out * 0.15, 0.53), (out * 0.213, 0.503)]
        dab(spots(body, lid, turn), np.array([0.007, 0.011, 0.009]), hair * 0.4, 0.9, 0.006)
        brow = [(out * 0.085, 0.585), (out * 0.15, 0.605), (out * 0.225, 0.585)]
        dab(spots(body, brow, turn), np.array([0.016, 0.016, 0.007]), hair * 0.45 + skin * 0.15, 0.75, 0.01)
        dab(spots(body, [(out * 0.045, 0.335), (out * 0.04, 0.35)], turn), np.array([0.018, 0.012]), dark, 0.6, 0.01)
    side = -0.035 if easel.light.direction[0] > 0 else 0.035
    dab(spots(body, [(side, 0.52), (side * 1.4, 0.36)], turn), np.array([0.018, 0.03]), dark, 0.4, 0.02)
    dab(spots(body, [(0, 0.5), (0, 0.37)], turn), np.array([0.012, 0.022]), skin * 1.15, 0.35, 0.015)
    dab(spots(body, [(-0.05, 0.315), (0.05, 0.315)], turn), np.array([0.02, 0.02]), dark, 0.4, 0.02)
    dab(
        spots(body, [(-0.105, 0.21), (0, 0.226), (0.105, 0.21)], turn),
        np.array([0.008, 0.026, 0.008]),
        lips * 0.9,
        0.95,
        0.008,
    )
    dab(spots(body, [(-0.08, 0.195), (0, 0.178), (0.08, 0.195)], turn), np.array([0.01, 0.03, 0.01]), lips, 0.95, 0.008)
    dab(
        spots(body, [(-0.1, 0.205), (0, 0.203), (0.1, 0.205)], turn),
        np.array([0.006, 0.006, 0.006]),
        lips * 0.5,
        0.8,
        0.005,
    )
    dab(spots(body, [(-0.05, 0.125), (0.05, 0.125)], turn), np.array([0.02, 0.02]), dark, 0.3, 0.02)
    if body.man and random.random() < 0.35:
        beard = [(-0.24, 0.2), (-0.12, 0.06), (0.12, 0.06), (0.24, 0.2)]
        dab(spots(body, beard), np.array([0.05, 0.09, 0.09, 0.05]), hair, random.uniform(0.25, 0.7), 0.03)
