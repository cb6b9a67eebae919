"""Draws the person: skin, hands, head, face and hair."""

import numpy as np

from scripts.house.body import Body
from scripts.house.paint import Array, Easel, Points, f32, noise, polygon, tube
from scripts.house.words import HAIR_COLOURS, SKIN
from stages.options import Casting


def skin_colour(random: np.random.Generator, casting: Casting) -> Array:
    """Gives the casting's Monk tone with a little personal variation."""
    tone = np.array(SKIN[casting.skin - 1], np.float32) / 255
    # Pale tones on the scale are paler than lit skin in pictures; a touch of blood keeps them from looking like chalk.
    tone = tone * np.array([0.99, 0.93, 0.88], np.float32) if casting.skin <= 4 else tone
    return np.asarray(np.clip(tone * random.normal(1, 0.02) + random.normal(0, 0.008, 3), 0.05, 1), np.float32)


def leg_radii(body: Body, ease: float = 0.0) -> Points:
    """Gives radii in pixels at hip, mid-thigh, knee, calf and ankle."""
    return np.array([0.36, 0.30, 0.20, 0.205, 0.115]) * body.limb * body.head + ease * body.head


def leg_line(body: Body, side: int) -> Points:
    """Gives hip, mid-thigh, knee, calf and ankle."""
    hip, knee, ankle, _ = body.legs[side]
    return np.array([hip, (hip + knee) / 2, knee, knee * 0.65 + ankle * 0.35, ankle])


def arm_line(body: Body, side: int) -> Points:
    """Gives shoulder, upper arm, elbow, forearm and wrist; the shoulder's ball lies below and inside its joint."""
    shoulder, elbow, wrist, _ = body.arms[side]
    ball = shoulder + np.array([(0.05 if side == 0 else -0.05) * body.head, 0.09 * body.head])
    return np.array([ball, (shoulder + elbow) / 2, elbow, elbow * 0.7 + wrist * 0.3, wrist])


def arm_radii(body: Body) -> Points:
    return np.array([0.17, 0.165, 0.125, 0.13, 0.08]) * body.limb * body.head


def trunk_outline(body: Body) -> Points:
    """Gives the outline from the neck over shoulders, chest, waist and hips to the crotch."""
    neck = 0.23 if body.man else 0.19
    s = body.shoulders
    pairs = [(neck, -0.24), (neck + 0.03, -0.14), (0.58 * s + 0.05, -0.06), (s + 0.02, -0.03), (s + 0.13, 0.06)]
    pairs += [(body.width(v), v) for v in (0.27, 0.4, 0.52, 0.62, 0.74, 0.88, 1.02, 1.12)]
    return body.ring([*pairs, (0.2, 1.22)])


def draw_skin(easel: Easel, body: Body, skin: Array, random: np.random.Generator) -> None:
    """Draws legs, trunk and neck."""
    head = body.head
    height, width = easel.figure.shape
    mottle = 1 + 0.02 * noise(random, height, width, (0.5 * head, 0.5 * head))[..., None]
    tone = np.asarray(skin * mottle, np.float32)
    for side in random.permutation(2):
        draw_foot(easel, body, int(side), skin)
        easel.paint(tube(easel.stencil(), leg_line(body, side), leg_radii(body)), tone, 0.2 * head, 0.05, skin=True)
    # Neck and trunk are one shape: a seam between them would show as the rim of a ball.
    neck = np.array([body.at(0, -0.08), body.at(0, -0.16), body.chin + (body.crown - body.chin) * 0.2])
    wide = 0.215 if body.man else 0.17
    trunk = tube(polygon(easel.stencil(), trunk_outline(body)), neck, np.array([wide * 1.1, wide, wide]) * head)
    easel.paint(trunk, tone, 0.28 * head, 0.04, skin=True)
    if body.view == "front":
        _collarbones(easel, body, skin)


def _collarbones(easel: Easel, body: Body, skin: Array) -> None:
    mask = easel.stencil()
    for out in (-1, 1):
        ends = np.array(
            [body.at(out * 0.10, 0.0), body.at(out * 0.3, -0.025), body.at(out * body.shoulders * 0.85, -0.05)]
        )
        tube(mask, ends, np.array([0.02, 0.016, 0.008]) * body.head)
    easel.dab(mask, skin * f32([0.72, 0.66, 0.62]), 0.35, 0.025 * body.head)


def draw_foot(easel: Easel, body: Body, side: int, skin: Array) -> None:
    ankle, toes = body.legs[side][2:]
    mask = tube(easel.stencil(), np.array([ankle, (ankle + toes) / 2, toes]), np.array([0.11, 0.13, 0.12]) * body.head)
    easel.paint(mask, skin, 0.1 * body.head, 0.04, skin=True)


def draw_arm(easel: Easel, body: Body, side: int, skin: Array) -> None:
    """Draws one arm with its hand."""
    head = body.head
    mask = tube(easel.stencil(), arm_line(body, side), arm_radii(body))
    draw_hand(easel, body, side, skin)
    easel.paint(mask, skin, 0.13 * head, 0.05, skin=True, shadow=0.25)


def draw_hand(easel: Easel, body: Body, side: int, skin: Array) -> None:
    """Draws a relaxed hand: palm, four fingers side by side, and the thumb towards the body."""
    head = body.head
    wrist, tip = body.arms[side][2:]
    along = tip - wrist
    length = np.linalg.norm(along) + 1e-6
    unit = along / length
    inward = np.array([unit[1], -unit[0]]) * (1 if side == 0 else -1)
    inward = inward if (inward[0] > 0) == (side == 0) else -inward
    knuckles = wrist + along * 0.5
    thumb = np.array([wrist + along * 0.15 + inward * 0.05 * head, wrist + along * 0.42 + inward * 0.14 * head,
                      wrist + along * 0.66 + inward * 0.13 * head])  # fmt: skip
    easel.paint(tube(easel.stencil(), thumb, np.array([0.05, 0.042, 0.03]) * head), skin, 0.04 * head, skin=True)
    for finger, reach in zip((-1.5, -0.5, 0.5, 1.5), (0.86, 0.97, 1.0, 0.93), strict=True):
        start = knuckles + inward * finger * 0.052 * head
        middle = start + along * (reach - 0.5) * 0.5 + inward * finger * 0.008 * head
        end = wrist + along * reach + inward * finger * 0.035 * head
        mask = tube(easel.stencil(), np.array([start, middle, end]), np.array([0.034, 0.032, 0.024]) * head)
        easel.paint(mask, skin, 0.03 * head, skin=True, shadow=0.35)
    palm = np.array([wrist - unit * 0.05 * head, wrist + along * 0.22, knuckles])
    easel.paint(
        tube(easel.stencil(), palm, np.array([0.085, 0.12, 0.105]) * head), skin, 0.07 * head, skin=True, shadow=0
    )


def _frame(body: Body) -> tuple[Points, Points, Points]:
    """Gives the chin, the unit to the picture's right and the unit up, both one head long."""
    up = body.crown - body.chin
    return body.chin, np.array([-up[1], up[0]]), up


def _spots(body: Body, pairs: list[tuple[float, float]], shift: float = 0.0) -> Points:
    """Gives points of the head from (x, height above the chin), both in heads."""
    origin, right, up = _frame(body)
    return np.array([origin + right * (x + shift) + up * y for x, y in pairs])


def draw_head(easel: Easel, body: Body, skin: Array, casting: Casting, random: np.random.Generator) -> None:
    """Draws head, ears and face; hair comes before and after (see draw_back_hair, draw_hair)."""
    head = body.head
    for out in (-1, 1):
        ear = tube(
            easel.stencil(), _spots(body, [(out * 0.345, 0.40), (out * 0.355, 0.52)]), np.array([0.04, 0.055]) * head
        )
        easel.paint(ear, skin * f32([0.97, 0.88, 0.86]), 0.05 * head, skin=True)
    jaw = 0.25 if body.man else 0.205
    half = [(0.09, 0.0), (jaw, 0.11), (0.325, 0.32), (0.345, 0.55), (0.32, 0.76), (0.2, 0.92), (0.06, 0.97)]
    outline = _spots(body, half + [(-x, y) for x, y in reversed(half)])
    easel.paint(polygon(easel.stencil(), outline), skin, 0.2 * head, 0.06, skin=True, shadow=0.4)
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
        dab(_spots(body, [(out * 0.19, 0.30), (out * 0.2, 0.33)], turn), np.array([0.08, 0.08]), blush, 0.35, 0.06)
        dab(_spots(body, [(out * 0.10, 0.51), (out * 0.2, 0.515)], turn), np.array([0.05, 0.05]), dark, 0.5, 0.035)
        eye = [(out * 0.098, 0.492), (out * 0.15, 0.503), (out * 0.205, 0.497)]
        dab(_spots(body, eye, turn), np.array([0.01, 0.028, 0.008]), f32([0.93, 0.92, 0.9]), 0.95, 0.006)
        dab(_spots(body, [(out * 0.15, 0.494), (out * 0.15, 0.504)], turn), np.array([0.026, 0.026]), iris, 1.0, 0.006)
        lid = [(out * 0.092, 0.498), (out * 0.15, 0.53), (out * 0.213, 0.503)]
        dab(_spots(body, lid, turn), np.array([0.007, 0.011, 0.009]), hair * 0.4, 0.9, 0.006)
        brow = [(out * 0.085, 0.585), (out * 0.15, 0.605), (out * 0.225, 0.585)]
        dab(_spots(body, brow, turn), np.array([0.016, 0.016, 0.007]), hair * 0.7 + skin * 0.1, 0.75, 0.01)
        dab(_spots(body, [(out * 0.045, 0.335), (out * 0.04, 0.35)], turn), np.array([0.018, 0.012]), dark, 0.6, 0.01)
    side = -0.035 if easel.light.direction[0] > 0 else 0.035
    dab(_spots(body, [(side, 0.52), (side * 1.4, 0.36)], turn), np.array([0.018, 0.03]), dark, 0.4, 0.02)
    dab(_spots(body, [(0, 0.5), (0, 0.37)], turn), np.array([0.012, 0.022]), skin * 1.15, 0.35, 0.015)
    dab(_spots(body, [(-0.05, 0.315), (0.05, 0.315)], turn), np.array([0.02, 0.02]), dark, 0.4, 0.02)
    dab(
        _spots(body, [(-0.105, 0.21), (0, 0.226), (0.105, 0.21)], turn),
        np.array([0.008, 0.026, 0.008]),
        lips * 0.9,
        0.95,
        0.008,
    )
    dab(
        _spots(body, [(-0.08, 0.195), (0, 0.178), (0.08, 0.195)], turn), np.array([0.01, 0.03, 0.01]), lips, 0.95, 0.008
    )
    dab(
        _spots(body, [(-0.1, 0.205), (0, 0.203), (0.1, 0.205)], turn),
        np.array([0.006, 0.006, 0.006]),
        lips * 0.5,
        0.8,
        0.005,
    )
    dab(_spots(body, [(-0.05, 0.125), (0.05, 0.125)], turn), np.array([0.02, 0.02]), dark, 0.3, 0.02)
    if body.man and random.random() < 0.35:
        beard = [(-0.24, 0.2), (-0.12, 0.06), (0.12, 0.06), (0.24, 0.2)]
        dab(_spots(body, beard), np.array([0.05, 0.09, 0.09, 0.05]), hair, random.uniform(0.25, 0.7), 0.03)


def hair_texture(easel: Easel, body: Body, casting: Casting, random: np.random.Generator) -> Array:
    """Gives H x W x 3 hair colour with strands."""
    height, width = easel.figure.shape
    base = f32(HAIR_COLOURS[casting.hair_colour]) / 255
    curly = casting.hair_style in ("curly", "afro")
    cell = (0.09, 0.09) if curly else (0.035, 0.9)
    strands = noise(random, height, width, (cell[0] * body.head, cell[1] * body.head))
    return np.asarray(np.clip(base * (1 + 0.12 * strands[..., None]) + 0.012 * strands[..., None], 0.02, 1), np.float32)


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
        outline = _spots(body, [(0.2, 1.05), *half, *reversed(other), (-0.2, 1.05)])
        easel.paint(polygon(easel.stencil(), outline), texture * 0.82, 0.2 * head, 0.05)
    elif casting.hair_style == "bun":
        spot = _spots(body, [(0, 1.06), (0, 1.1)])
        easel.paint(tube(easel.stencil(), spot, np.array([0.17, 0.17]) * head), texture, 0.14 * head, 0.1)
    elif casting.hair_style == "ponytail" and body.view == "front":
        out = random.choice((-1, 1))
        tail = _spots(body, [(out * 0.2, 0.75), (out * 0.42, 0.5), (out * 0.42, 0.1), (out * 0.36, -0.3)])
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
        outline = _spots(body, half + [(-x, y) for x, y in reversed(half)])
        easel.paint(polygon(easel.stencil(), outline), texture, 0.22 * head, 0.12)
        if style == "ponytail":
            tail = _spots(body, [(0, 0.7), (0.02, 0.3), (0, -0.2)])
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
    outline = _spots(
        body,
        [
            *right,
            *[(-x, y) for x, y in reversed(right)],
            *[(-x, y) for x, y in inner],
            (part, line + 0.03),
            *reversed(inner),
        ],
    )
    easel.paint(polygon(easel.stencil(), outline), texture, 0.16 * head, 0.12, shadow=0.45)
