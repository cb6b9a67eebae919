"""Trousers, jeans, leggings and shorts: two legs that meet in the middle of the body."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.figure.clothes import dyes
from stages.figure.clothes.folds import Creases, creased
from stages.figure.clothes.tube import Body, Tube, eased, hung, joined, sheet, tube
from stages.figure.clothes.words import Item
from stages.figure.records import Material, Surface
from stages.figure.vectors import floats, smoothstep

Floats = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """How legs are cut; metres, for a body of middling size."""

    ease: float
    """Off the body at hip and thigh."""
    knee: float
    """Radius at the knee."""
    hem: float
    """Radius at the hem."""
    slope: float
    """How quickly cloth falls back to the leg: 0 hangs straight down."""
    length: float
    """1 reaches the ankle, 0.5 the knee."""
    folds: float
    """Strength of folds, as a factor."""
    material: Material = "cloth"


CUTS: dict[str, Cut] = {
    "trousers": Cut(0.010, 0.070, 0.060, 0.16, 1.0, 1.0),
    "jeans": Cut(0.007, 0.064, 0.056, 0.22, 1.0, 0.9, "denim"),
    "leggings": Cut(0.0025, 0.0, 0.0, 2.0, 0.96, 0.12),
    "shorts": Cut(0.012, 0.0, 0.0, 0.04, 0.44, 0.7),
    "briefs": Cut(0.008, 0.0, 0.0, 1.0, 0.15, 0.0),
}
_ROWS, _COLUMNS = 116, 57
_FRONT, _BACK = 9, 47
"""Columns along which the legs meet, in front and at the back."""


def trousers(body: Body, item: Item, waist: float, random: np.random.Generator, cut: Cut | None = None) -> Surface:
    """Returns a pair of trousers whose waistband's upper edge is at canvas row `waist` in the middle."""
    chosen = cut or CUTS[item.kind]
    legs = [_leg(body, side, chosen, waist, random) for side in ("L", "R")]
    columns, rows = np.linspace(0, 0.5, _COLUMNS), 1 - legs[0].along / legs[0].along[-1]
    texture, bump = dyes.legs(item.kind, item.colour, body.scale, legs[0].along[-1] / body.scale, random)
    hem = 0.004 * body.scale
    pieces = [
        sheet("trousers", leg.points, leg.centres, chosen.material, item.colour, uv=(columns + 0.5 * k, rows),
              texture=texture, bump=bump, hem=hem, flat=(_FRONT, _BACK))
        for k, leg in enumerate(legs)
    ]  # fmt: skip
    return joined(pieces, "trousers")


@dataclass(frozen=True, slots=True, eq=False)
class _Leg:
    points: Floats
    centres: Floats
    along: Floats
    """Canvas pixels from the waist, per ring."""


def _leg(body: Body, side: str, cut: Cut, waist: float, random: np.random.Generator) -> _Leg:
    scale, left = body.scale, body.left
    sign = 1.0 if side == "L" else -1.0
    hip, knee, ankle = (body.joint(f"{name}.{side}") for name in ("upperleg01", "lowerleg01", "foot"))
    middle = 0.5 * (body.joint("upperleg01.L") + body.joint("upperleg01.R"))
    up = np.array([0.0, -1.0, 0.0])
    # Waists are narrower than hips: the centre has to lie well within both.
    top = (
        hip
        + 0.42 * (middle - hip)
        + up * (hip[1] - waist)
        + 0.25 * (body.joint("spine05", tail=True) - middle) * [0, 0, 1]
    )
    end = _end(knee, ankle, hip, cut, scale)
    level = top - 0.45 * (hip[1] - waist) * up  # the waistband's rings lie level
    line = np.stack([top, level, hip, *([knee] if cut.length > 0.6 else []), end])
    rings = tube(line, -sign * left, body.front, _ROWS if cut.length > 0.6 else _ROWS // 2, _COLUMNS)
    step = np.concatenate([[0], np.linalg.norm(np.diff(rings.centres, axis=0), axis=1)])
    gone = np.cumsum(step)

    below = (rings.centres[:, 1] - hip[1]) / scale
    apart = (rings.centres - middle) @ (sign * left)
    skin = rings.reach(body, 0.30 * scale)
    crotch = _crotch(below, skin, apart, rings.ways @ (-sign * left))
    rings, radii = _met(
        rings, eased(_own(skin, rings, below, apart, -sign * left), cut.ease * scale, 3, 4), apart, -sign * left
    )
    skin = _own(rings.reach(body, 0.30 * scale), rings, below, apart, -sign * left)
    toward = rings.ways @ (-sign * left)
    plane = np.where(toward > 0.02, apart[:, None] / np.maximum(toward, 0.02), np.inf)
    radii = np.minimum(radii, plane)
    if cut.slope < 0.5:
        start = int(np.searchsorted(below, -0.02))
        slope = (cut.slope + 0.25 * smoothstep(0.28, 0.12, below))[:, None] + 1.6 * np.clip(toward, 0, 1)
        radii[start:] = hung(radii[start:], step[start:], slope[start:])
    thigh = np.median(skin[(below > 0.10) & (below < 0.2)]) / (0.085 * scale)
    if cut.knee:
        knee_at, hem_at = (knee[1] - hip[1]) / scale, (end[1] - hip[1]) / scale
        wanted = (
            np.interp(below, (0.02, 0.2, knee_at, hem_at), (0.0, 0.93 * cut.knee, cut.knee, cut.hem))
            * scale
            * np.clip(thigh, 0.85, 1.35)
        )
        radii = _at_least(radii, wanted[:, None])
    # Under the crotch the legs stay together for a hand's breadth.
    near = smoothstep(crotch + 0.05, crotch + 0.005, below)[:, None] * smoothstep(0.3, 0.7, toward)
    radii = np.where(near > 0, np.maximum(radii, np.minimum(plane, radii + near * 0.05 * scale)), radii)
    across = (
        np.cumsum(np.concatenate([[0], np.full(_COLUMNS - 1, 2 * np.pi / (_COLUMNS - 1))]))[None]
        * radii.mean(1, keepdims=True)
        / scale
    )
    height = creased(
        across, np.broadcast_to(gone[:, None] / scale, radii.shape), float(2 * np.pi * radii.mean() / scale),
        _kinds(cut, gone / scale, below, crotch, (knee[1] - hip[1]) / scale, 2 * np.pi * radii.mean() / scale), random,
    )  # fmt: skip
    radii = np.maximum(radii + cut.folds * scale * height, skin_safe(skin, 0.003 * scale))
    radii = np.minimum(radii, plane + 0.0008 * scale)  # no crack between them
    return _Leg(rings.points(radii), rings.centres, gone)


def skin_safe(inner: Floats, least: float) -> Floats:
    """Returns the distances below which cloth would let skin through between its points."""
    wide = np.maximum(
        inner,
        np.maximum(np.roll(inner[:, :-1], 1, 1), np.roll(inner[:, :-1], -1, 1))[:, [*range(inner.shape[1] - 1), 0]],
    )
    return floats(wide + least)


def _end(knee: Floats, ankle: Floats, hip: Floats, cut: Cut, scale: float) -> Floats:
    if cut.length > 0.6:
        return np.asarray(
            knee + (ankle - knee) * (cut.length if cut.length < 1 else 1 + 0.025 * scale / np.linalg.norm(ankle - knee))
        )
    return np.asarray(hip + (knee - hip) * cut.length * 2)


def _at_least(radii: Floats, wanted: Floats) -> Floats:
    """Returns rings at least `wanted` wide, soft where they give way."""
    soft = 0.12 * np.maximum(wanted, 1e-6)
    excess = (wanted - radii) / soft
    return floats(radii + soft * np.where(excess > 20, excess, np.log1p(np.exp(np.clip(excess, -20, 20)))))


def _crotch(below: Floats, skin: Floats, apart: Floats, toward: Floats) -> float:
    """Returns how far below the hip joint the legs part, metres: where the inner skin first ends before the middle."""
    inward = toward.argmax(1)
    rows = np.arange(len(below))
    parted = (skin[rows, inward] < 0.97 * apart / toward[rows, inward]) & (below > 0.02)
    return float(below[parted.argmax()]) if parted.any() else 0.09


def _own(skin: Floats, rings: Tube, below: Floats, apart: Floats, inward: Floats) -> Floats:
    """Returns the distances N x M of a leg's own skin: those through the middle reach the other leg lower down."""
    toward = rings.ways @ inward
    plane = np.where(toward > 0.02, apart[:, None] / np.maximum(toward, 0.02), np.inf)
    own = np.where((below > 0.10)[:, None], np.minimum(skin, plane), skin)
    return floats(np.where((below > 0.05)[:, None], np.minimum(own, 2.2 * np.median(own, 1, keepdims=True)), own))


def _met(rings: Tube, radii: Floats, apart: Floats, inward: Floats) -> tuple[Tube, Floats]:
    """Turns the columns of each ring so that two of them lie where the legs meet, in front and at the back."""
    beyond = radii * (rings.ways @ inward) - apart[:, None]
    columns = rings.angles.shape[1]
    quarter = columns // 4
    front, back = np.full(len(radii), np.nan), np.full(len(radii), np.nan)
    for row, (over, angles) in enumerate(zip(beyond, rings.angles, strict=True)):
        ahead = np.flatnonzero((over[:quarter] > 0) & (over[1 : quarter + 1] <= 0))
        behind = np.flatnonzero((over[-quarter - 1 : -1] <= 0) & (over[-quarter:] > 0))
        if len(ahead) and len(behind):
            k, j = ahead[0], columns - quarter - 1 + behind[-1]
            front[row] = angles[k] + (angles[k + 1] - angles[k]) * over[k] / (over[k] - over[k + 1])
            back[row] = angles[j] + (angles[j + 1] - angles[j]) * over[j] / (over[j] - over[j + 1])
    known = np.isfinite(front)
    even = np.linspace(0, 2 * np.pi, columns)
    if not known.any():
        return rings, radii
    at = np.arange(len(radii))
    last = at[known][-1]
    fades = np.clip((at - last) / 12, 0, 1)
    front = np.interp(at, at[known], front[known]) * (1 - fades) + even[_FRONT] * fades
    back = np.interp(at, at[known], back[known]) * (1 - fades) + even[_BACK] * fades
    angles = np.stack(
        [
            np.interp(np.arange(columns), (0, _FRONT, _BACK, columns - 1), (0, f, b, 2 * np.pi))
            for f, b in zip(front, back, strict=True)
        ]
    )
    turned = np.stack([np.interp(new, even, row) for new, row in zip(angles, radii, strict=True)])
    return replace(rings, angles=floats(angles)), floats(turned)


def _kinds(cut: Cut, gone: Floats, below: Floats, crotch: float, knee: float, girth: float) -> list[Creases]:
    """Returns the folds of a leg: at the crotch, behind the knee and where the hem stands on the shoe.

    Columns run from the middle of the body (0) over the front (a quarter) to the outside (a half) and the back.
    """
    offset = float(gone[0] - below[0])
    at_crotch, at_knee, at_hem = crotch + offset, knee + offset, float(gone[-1])
    kinds = [
        Creases((0.13 * girth, at_crotch - 0.02), (0.02, 0.025), 7, 24, 14, 0.055, 0.009, 0.0028),
        Creases((0.88 * girth, at_crotch + 0.02), (0.03, 0.03), 6, -28, 14, 0.055, 0.010, 0.0030),
    ]
    if cut.length > 0.6:
        kinds += [
            Creases((0.75 * girth, at_knee), (0.05, 0.035), 8, 0, 18, 0.060, 0.012, 0.0034),
            Creases((0.22 * girth, at_knee + 0.06), (0.06, 0.05), 6, 0, 26, 0.050, 0.014, 0.0022),
            Creases((0.25 * girth, at_hem - 0.055), (0.10, 0.025), 7, 0, 14, 0.070, 0.011, 0.0042),
            Creases((0.75 * girth, at_hem - 0.045), (0.10, 0.020), 6, 0, 14, 0.070, 0.011, 0.0036),
            Creases((0.30 * girth, at_knee + 0.16), (0.14, 0.10), 5, 80, 14, 0.130, 0.020, 0.0022),
        ]
    kinds.append(Creases((0.35 * girth, at_crotch + 0.18), (0.20, 0.10), 6, 78, 18, 0.120, 0.022, 0.0024))
    return kinds
