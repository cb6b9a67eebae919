"""Draws the person's skin: trunk, neck, limbs, hands and feet."""

import numpy as np

from scripts.house.body import Body
from scripts.house.paint import Array, Easel, Points, f32, noise, polygon, tube
from scripts.house.words import SKIN
from stages.casting import Casting

#: How much lighter skin is painted than it is to look, and a head, which relief and the shadow of hair darken more.
EXPOSURE, HEAD_EXPOSURE = 1.05, 1.15


def skin_colour(random: np.random.Generator, casting: Casting) -> Array:
    """Returns the casting's Monk tone with a little personal variation."""
    tone = np.array(SKIN[casting.skin - 1], np.float32) / 255
    # Pale tones on the scale are paler than lit skin in pictures; a touch of blood keeps them from looking like chalk.
    tone = tone * np.array([1.0, 0.955, 0.915], np.float32) if casting.skin <= 4 else tone
    varied = EXPOSURE * tone * random.normal(1, 0.02) + random.normal(0, 0.008, 3)
    return np.asarray(np.clip(varied, 0.05, 1.05), np.float32)


def sheen(skin: Array) -> float:
    """Returns how much skin shines: on dark skin it is the highlights that show the form."""
    return 0.05 + 0.10 * (1 - float(skin.mean()))


def leg_radii(body: Body, ease: float = 0.0) -> Points:
    """Returns radii in pixels at hip, mid-thigh, knee, calf and ankle."""
    return np.array([0.36, 0.30, 0.20, 0.205, 0.115]) * body.limb * body.head + ease * body.head


def leg_line(body: Body, side: int) -> Points:
    """Returns hip, mid-thigh, knee, calf and ankle."""
    hip, knee, ankle, _ = body.legs[side]
    return np.array([hip, (hip + knee) / 2, knee, knee * 0.65 + ankle * 0.35, ankle])


def arm_line(body: Body, side: int) -> Points:
    """Returns shoulder, upper arm, elbow, forearm and wrist; the shoulder's ball lies below and inside its joint."""
    shoulder, elbow, wrist, _ = body.arms[side]
    ball = shoulder + np.array([(0.05 if side == 0 else -0.05) * body.head, 0.09 * body.head])
    return np.array([ball, (shoulder + elbow) / 2, elbow, elbow * 0.7 + wrist * 0.3, wrist])


def arm_radii(body: Body) -> Points:
    return np.array([0.165, 0.155, 0.118, 0.122, 0.076]) * body.limb * body.head


def trunk_outline(body: Body) -> Points:
    """Returns the outline from the neck over shoulders, chest, waist and hips to the crotch."""
    neck = 0.22 if body.man else 0.175
    s = body.shoulders
    pairs = [(neck, -0.24), (neck + 0.05, -0.15), (0.58 * s + 0.06, -0.08), (s + 0.02, -0.03), (s + 0.13, 0.06)]
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
        easel.paint(
            tube(easel.stencil(), leg_line(body, side), leg_radii(body)), tone, 0.2 * head, sheen(skin), skin=True
        )
    # Neck and trunk are one shape: a seam between them would show as the rim of a ball.
    neck = np.array([body.at(0, -0.08), body.at(0, -0.16), body.chin + (body.crown - body.chin) * 0.2])
    wide = 0.215 if body.man else 0.17
    trunk = tube(polygon(easel.stencil(), trunk_outline(body)), neck, np.array([wide * 1.1, wide, wide]) * head)
    for side in (0, 1):
        tube(trunk, arm_line(body, side)[:2], arm_radii(body)[:2])
    easel.paint(trunk, tone, 0.28 * head, sheen(skin), skin=True)
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
    """Draws one arm with its hand; it comes out of the shoulder, which the trunk has, without a seam."""
    head = body.head
    mask = tube(easel.stencil(), arm_line(body, side), arm_radii(body))
    height, width = mask.shape
    x0, y0 = body.arms[side][0]
    y, x = np.ogrid[:height, :width]
    away = np.hypot(np.float32(x - x0), np.float32(y - y0)) / np.float32(head)
    mask = np.asarray(mask * np.clip((away - 0.1) / 0.5, 0, 1), np.uint8)
    draw_hand(easel, body, side, skin)
    easel.paint(mask, skin, 0.13 * head, sheen(skin), skin=True, shadow=0.2)


def draw_hand(easel: Easel, body: Body, side: int, skin: Array) -> None:
    """Draws a relaxed hand: palm and fingers in one shape with soft lines between them, and the thumb."""
    head = body.head
    wrist, tip = body.arms[side][2:]
    along = tip - wrist
    unit = along / (np.linalg.norm(along) + 1e-6)
    inward = np.array([unit[1], -unit[0]])
    inward = inward if (inward[0] > 0) == (side == 0) else -inward
    thumb = np.array([wrist + along * 0.10 + inward * 0.05 * head, wrist + along * 0.36 + inward * 0.15 * head,
                      wrist + along * 0.60 + inward * 0.145 * head])  # fmt: skip
    hand = tube(easel.stencil(), thumb, np.array([0.055, 0.046, 0.034]) * head)
    palm = np.array([wrist - unit * 0.06 * head, wrist + along * 0.2, wrist + along * 0.5])
    tube(hand, palm, np.array([0.08, 0.12, 0.125]) * head)
    lines = easel.stencil()
    for finger, reach in zip((-1.5, -0.5, 0.5, 1.5), (0.84, 0.96, 1.0, 0.9), strict=True):
        start = wrist + along * 0.45 + inward * finger * 0.06 * head
        end = wrist + along * reach + inward * finger * 0.044 * head
        tube(hand, np.array([start, end]), np.array([0.038, 0.03]) * head)
        if finger < 1:
            gap = inward * 0.5 * np.array([0.06, 0.044])[:, None] * head
            tube(lines, np.array([start + along * 0.1, end]) + gap, np.array([0.006, 0.012]) * head)
    easel.paint(hand, skin, 0.07 * head, 0.03, skin=True, shadow=0.25)
    easel.dab(lines, skin * f32([0.62, 0.52, 0.48]), 0.6, 0.012 * head)
