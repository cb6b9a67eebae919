"""Brows and lashes."""

import numpy as np

from stages.figure.hair import colours
from stages.figure.hair.head import Floats, Head
from stages.figure.hair.scalp import strands, width
from stages.figure.records import Strands
from stages.figure.vectors import floats

#: Hairs of one brow, half its height in metres, and the width of a drawn hair as a factor.
_BROWS = {"thin": (190, 0.0022, 0.40), "medium": (280, 0.0032, 0.44), "thick": (400, 0.0043, 0.50)}


def brows(head: Head, kind: str, man: bool, face: int, shade: colours.Shade, seed: int) -> Strands:
    """Returns both brows: their arch and place are the face's own, men's are lower, flatter and fuller."""
    random, own = np.random.default_rng((seed, 3)), np.random.default_rng((face, 3))
    count, half, thick = _BROWS[kind]
    if man:
        count, half = int(1.25 * count), 1.15 * half
    # On the faces in `worn/` brows lie 15 to 19 mm above the pupils, women's a little higher.
    arch = (0.0016 if man else 0.0030) * own.uniform(0.6, 1.3)
    height = (0.0140 if man else 0.0155) + own.uniform(-0.0010, 0.0012)
    inner, outer = -0.0165 + own.uniform(-0.0015, 0.0015), 0.0200 + own.uniform(-0.001, 0.001)
    hairs = [_brow(head, side, count, half, arch, height, inner, outer, random) for side in (1.0, -1.0)]
    darker = colours.darker(shade, 0.92, 0.98, 0.14, 0.6 * shade.white)
    lock = np.zeros(sum(map(len, hairs)), np.int32)
    return strands("brows", head, np.concatenate(hairs), lock, darker, thick * width(head.posed.scale), random)


def _brow(
    head: Head, side: float, count: int, half: float, arch: float, height: float, inner: float, outer: float,
    random: np.random.Generator,
) -> Floats:  # fmt: skip
    eye = _eye(head, side)
    along = random.beta(1.15, 1.35, count)
    body = half * np.interp(along, (0, 0.12, 0.35, 0.7, 1), (0.65, 1.0, 1.0, 0.75, 0.3))
    x = eye[0] + side * (inner + (outer - inner) * along)
    line = height + arch * np.sin(np.clip(along * 1.35, 0, 1) * 0.75 * np.pi) - 0.0036 * along**2
    # Thin at both edges, so that no outline is drawn.
    above = np.clip(random.normal(0, 0.5, count), -1.2, 1.2)
    z = eye[2] + line + body * above
    # At the inner end hairs stand up; from there they turn to the temple, those of the upper edge downwards.
    rise = np.interp(along, (0, 0.15, 0.5, 1), (1.3, 0.55, 0.10, -0.30)) - 0.45 * above * np.clip(along / 0.3, 0, 1)
    length = 0.0062 * random.uniform(0.7, 1.15, count) * np.interp(along, (0, 0.2, 1), (0.75, 1, 0.7))
    way = np.stack([side * np.ones(count), rise + random.normal(0, 0.12, count)], 1)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    steps = np.linspace(0, 1, 5)[None, :]
    across = x[:, None] + way[:, :1] * length[:, None] * steps
    up = z[:, None] + way[:, 1:] * length[:, None] * steps
    starts = np.stack([across, np.full_like(across, -0.2), up], -1).reshape(-1, 3).astype(np.float32)
    found, met = head.skin(starts, np.tile(floats([0, 1, 0]), (len(starts), 1)))
    found = found.reshape(count, 5, 3) - floats([0, 0.0007, 0]) * (0.4 + steps[..., None])
    return np.asarray(found[met.reshape(count, 5).all(1)], np.float32)


def lashes(head: Head, man: bool, seed: int) -> Strands | None:
    """Returns the lashes of both eyes, grown along the edges of the body's lash cards; None where it has none."""
    random = np.random.default_rng((seed, 4))
    inverse = np.linalg.inv(head.posed.head.astype(np.float64))
    hairs = []
    for name in ("lashes.L", "lashes.R"):
        if name not in head.posed.surfaces:
            return None
        card = head.posed.surfaces[name].vertices @ inverse[:3, :3].T + inverse[:3, 3]
        inner, outer = card[np.abs(card[:, 0]).argmin()], card[np.abs(card[:, 0]).argmax()]
        middle = inner[2] + (card[:, 0] - inner[0]) / (outer[0] - inner[0]) * (outer[2] - inner[2])
        for upper, count, size in ((True, 80 if man else 110, 0.5 if man else 0.68), (False, 30, 0.4)):
            edge = card[(card[:, 2] > middle) == upper]
            if len(edge) >= 8:
                hairs.append(_lid(edge, upper, count, size, inner[0], outer[0], random))
    dark = colours.Shade((24, 19, 17), (28, 22, 20), 0.08)
    lock = np.zeros(sum(map(len, hairs)), np.int32)
    return strands("lashes", head, np.concatenate(hairs), lock, dark, 0.26 * width(head.posed.scale), random)


def _lid(
    edge: Floats, upper: bool, count: int, size: float, inner: float, outer: float, random: np.random.Generator
) -> Floats:
    """Grows the lashes of one lid from the side of its card (N x 3) that lies at the eye."""
    near = edge[:, 1] >= np.median(edge[:, 1])
    share = np.clip((edge[:, 0] - inner) / (outer - inner), 0, 1)
    root = [np.polyfit(share[near], edge[near, axis], 2) for axis in (1, 2)]
    tip = [np.polyfit(share[~near], edge[~near, axis], 2) for axis in (1, 2)]
    # The card goes on beyond the corner of the eye.
    along = np.sort(random.uniform(0.08, 0.80, count))
    fan = 0.0022 * (along - 0.35) * np.sign(outer - inner)
    start = np.stack([inner + (outer - inner) * along, np.polyval(root[0], along), np.polyval(root[1], along)], 1)
    end = np.stack([start[:, 0] + fan, np.polyval(tip[0], along), np.polyval(tip[1], along)], 1)
    grown = (end - start) * (
        size * random.uniform(0.75, 1.1, count) * np.interp(along, (0, 0.4, 0.8), (0.55, 0.9, 1.1))
    )[:, None]
    steps = np.linspace(0, 1, 4)[None, :, None]
    path = start[:, None] + grown[:, None] * steps
    path[..., 2] += (0.0012 if upper else -0.0003) * steps[..., 0] ** 2
    return path.astype(np.float32)


def _eye(head: Head, side: float) -> Floats:
    """Returns the middle of an eye in the head's frame."""
    name = "eye.L" if side > 0 else "eye.R"
    inverse = np.linalg.inv(head.posed.head.astype(np.float64))
    ball = head.posed.surfaces[name].vertices
    return np.asarray(0.5 * (ball.min(0) + ball.max(0)) @ inverse[:3, :3].T + inverse[:3, 3], np.float32)
