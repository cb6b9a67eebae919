"""Draws hair: behind the head and on it."""

import numpy as np

from scripts.house.body import Body
from scripts.house.figure import HEAD_EXPOSURE
from scripts.house.head import spots
from scripts.house.paint import Array, Easel, f32, noise, polygon, tube
from scripts.house.words import HAIR_COLOURS
from stages.casting import Casting


def hair_texture(easel: Easel, body: Body, casting: Casting, random: np.random.Generator) -> Array:
    """Returns H x W x 3 hair colour with strands."""
    height, width = easel.figure.shape
    base = HEAD_EXPOSURE * f32(HAIR_COLOURS[casting.hair_colour]) / 255
    curly = casting.hair_style in ("curly", "afro")
    cell = (0.09, 0.09) if curly else (0.05, 1.1)
    strands = noise(random, height, width, (cell[0] * body.head, cell[1] * body.head))
    return np.asarray(np.clip(base * (1 + 0.09 * strands[..., None]) + 0.008 * strands[..., None], 0.02, 1), np.float32)


#: Outlines behind the head: right half as (x, height above the chin) in heads.
BACK_HAIR = {
    "long straight": [(0.40, 0.6), (0.42, 0.2), (0.44, -0.2), (0.42, -0.6), (0.34, -0.95), (0.1, -1.0)],
    "long wavy": [(0.43, 0.6), (0.5, 0.25), (0.48, 0.0), (0.56, -0.3), (0.5, -0.6), (0.5, -0.85), (0.2, -0.98)],
    "shoulder-length": [(0.41, 0.6), (0.43, 0.2), (0.44, -0.1), (0.4, -0.34), (0.1, -0.36)],
    "bob": [(0.42, 0.62), (0.46, 0.35), (0.46, 0.12), (0.36, 0.02), (0.1, 0.05)],
    "curly": [(0.46, 0.85), (0.56, 0.55), (0.58, 0.2), (0.54, -0.15), (0.36, -0.3), (0.1, -0.25)],
    "afro": [(0.5, 1.02), (0.64, 0.75), (0.64, 0.42), (0.5, 0.2), (0.2, 0.16)],
}  # fmt: skip


def draw_back_hair(easel: Easel, body: Body, casting: Casting, texture: Array, random: np.random.Generator) -> None:
    """Draws what hangs behind the neck; tails and buns are seen beside or above the head."""
    head = body.head
    stretch = random.normal(1, 0.06)
    half = BACK_HAIR.get(casting.hair_style)
    if half is not None:
        half = [(x * random.normal(1, 0.03), y if y > 0 else y * stretch) for x, y in half]
        other = [(-x * random.normal(1, 0.03), y) for x, y in half]
        outline = spots(body, [(0.2, 1.05), *half, *reversed(other), (-0.2, 1.05)])
        easel.paint(polygon(easel.stencil(), outline), texture * 0.82, 0.2 * head, 0.05)
    elif casting.hair_style == "bun":
        spot = spots(body, [(0, 1.06), (0, 1.1)])
        easel.paint(tube(easel.stencil(), spot, np.array([0.17, 0.17]) * head), texture, 0.14 * head, 0.1)
    elif casting.hair_style == "ponytail" and body.view == "front":
        out = random.choice((-1, 1))
        tail = spots(body, [(out * 0.2, 0.75), (out * 0.42, 0.5), (out * 0.42, 0.1), (out * 0.36, -0.3)])
        easel.paint(
            tube(easel.stencil(), tail, np.array([0.1, 0.12, 0.12, 0.05]) * head), texture * 0.9, 0.12 * head, 0.05
        )


def draw_hair(easel: Easel, body: Body, casting: Casting, texture: Array, random: np.random.Generator) -> None:
    """Draws the hair on the skull: a cap with a parting and a hairline, or the whole back of the head."""
    head, style = body.head, casting.hair_style
    volume = {"cropped": 0.015, "short": 0.05, "afro": 0.2, "curly": 0.13, "ponytail": 0.03, "bun": 0.03}.get(
        style, 0.06
    )
    if body.view == "back":
        low = 0.18 if style in ("cropped", "short", "bun", "ponytail") else 0.0
        half = [(0.2, low), (0.33, 0.28), (0.36 + volume, 0.55), (0.32 + volume, 0.82), (0.14, 0.98 + volume)]
        outline = spots(body, half + [(-x, y) for x, y in reversed(half)])
        easel.paint(polygon(easel.stencil(), outline), texture, 0.22 * head, 0.12)
        if style == "ponytail":
            tail = spots(body, [(0, 0.7), (0.02, 0.3), (0, -0.2)])
            easel.paint(tube(easel.stencil(), tail, np.array([0.12, 0.14, 0.06]) * head), texture, 0.12 * head, 0.1)
        return
    part = random.uniform(-0.12, 0.12)
    low = {"cropped": 0.55, "short": 0.5, "ponytail": 0.52, "bun": 0.52, "afro": 0.5}.get(style, 0.28)
    line = 0.80 if style in ("cropped", "short", "afro") else 0.82
    side = 0.345
    right = [
        (side, low),
        (side + 0.02 + volume * 0.7, 0.6),
        (0.32 + volume, 0.84),
        (0.17 + volume * 0.6, 0.985 + volume),
    ]
    inner = [(0.30, 0.62), (0.22, line - 0.05)]
    outline = spots(
        body,
        [
            *right,
            *[(-x, y) for x, y in reversed(right)],
            *[(-x, y) for x, y in inner],
            (part, line + 0.03),
            *reversed(inner),
        ],
    )
    easel.paint(polygon(easel.stencil(), outline), texture, 0.16 * head, 0.12, shadow=0.35)
