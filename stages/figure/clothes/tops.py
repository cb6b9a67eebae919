"""T-shirts, vest tops, shirts and jumpers: a trunk that rounds over the shoulders, and two sleeves."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from stages.figure.clothes import dyes
from stages.figure.clothes.folds import Creases, creased
from stages.figure.clothes.sleeves import collar, sleeve
from stages.figure.clothes.tube import Body, Tube, eased, filled, hung, sheet, tube
from stages.figure.clothes.words import Item
from stages.figure.records import Material, Surface
from stages.figure.vectors import floats, smoothstep

Floats = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """How a top is cut; metres."""

    ease: float
    """Off the body."""
    sleeve: float
    """1 reaches the wrist, 0.4 the middle of the upper arm, 0 is none."""
    cuff: float
    """Radius of a long sleeve's end."""
    neck: tuple[float, float]
    """How far below the neck's foot the neckline lies, in front and at the back."""
    collar: Literal["", "rib", "shirt"] = ""
    folds: float = 1.0
    slope: float = 0.10
    """How quickly cloth falls back to the waist: 0 hangs straight down."""
    material: Material = "cloth"
    tucked: bool = False
    """Whether its lowest part lies close, under the waistband of something else."""
    bandeau: bool = False
    """Whether it ends over the bust."""
    strap: float = 0.0
    """Where there are no sleeves: half the way from the neck to the shoulder's edge is 0.5."""


CUTS: dict[str, Cut] = {
    "t-shirt": Cut(0.012, 0.40, 0.0, (0.030, 0.006), "rib"),
    "vest top": Cut(0.007, 0.0, 0.0, (0.075, 0.050), "", 0.7, 0.22, strap=0.62),
    "shirt": Cut(0.013, 1.0, 0.045, (0.018, 0.0), "shirt", 1.2),
    "jumper": Cut(0.017, 1.0, 0.047, (0.022, 0.004), "rib", 1.3, 0.16, "knit"),
    "bandeau": Cut(0.006, 0.0, 0.0, (0.0, 0.0), folds=0.0, slope=3.0, bandeau=True, strap=0.95),
}
_COLUMNS = 97
_DOME = 40
"""Rows over the shoulders."""


def top(body: Body, item: Item, hem: float, random: np.random.Generator, cut: Cut | None = None) -> tuple[Surface, ...]:
    """Returns a top whose hem is at canvas row `hem`: trunk, sleeves, collar."""
    chosen = cut or CUTS[item.kind]
    trunk = _trunk(body, chosen, hem, random)
    texture, bump = dyes.trunk(item.kind, item.colour, body.scale, trunk.neck)
    surfaces = [
        sheet("top", trunk.points, trunk.centres, chosen.material, item.colour, uv=trunk.uv, texture=texture, bump=bump,
              hem=0.004 * body.scale)
    ]  # fmt: skip
    if chosen.sleeve:
        surfaces += [
            sleeve(body, side, item, chosen.material, chosen.ease, chosen.sleeve, chosen.cuff, chosen.folds, random)
            for side in ("L", "R")
        ]
    if chosen.collar == "shirt":
        surfaces.append(collar(body, trunk.points[0], chosen.material, item))
    return tuple(surfaces)


@dataclass(frozen=True, slots=True, eq=False)
class _Trunk:
    points: Floats
    centres: Floats
    uv: tuple[Floats, Floats]
    neck: float
    """Share of v, from the top, that the band at the neck takes."""


def _trunk(body: Body, cut: Cut, hem: float, random: np.random.Generator) -> _Trunk:
    scale = body.scale
    shoulders = 0.5 * (body.joint("upperarm01.L") + body.joint("upperarm01.R"))
    reach = 0.5 * float(np.linalg.norm(body.joint("upperarm01.L") - body.joint("upperarm01.R")))
    rings, step = _rings(body, cut, hem, shoulders, reach)
    skin = _within_armholes(filled(rings.reach(body, 0.5 * scale), 0.5 * scale), rings, body, cut, shoulders, reach)
    radii = eased(skin, cut.ease * scale, 4, 4)
    # Over the shoulders cloth lies on the body; it hangs from the fullest part of chest and shoulder blades.
    on = smoothstep(0.0, 1.0, np.linspace(0, 1, _DOME))[:, None] * 0.6 + 0.4
    radii[:_DOME] = skin[:_DOME] + (radii[:_DOME] - skin[:_DOME]) * on
    radii[_DOME:] = hung(radii[_DOME:], step[_DOME:], cut.slope)
    around = np.linspace(0, 2 * np.pi, _COLUMNS)[None] * radii.mean(1, keepdims=True) / scale
    gone = np.concatenate([np.linspace(-0.2, 0, _DOME, endpoint=False), np.cumsum(step[_DOME:]) / scale])[:, None]
    girth = float(2 * np.pi * radii[_DOME:].mean() / scale)
    height = creased(around, np.broadcast_to(gone, radii.shape), girth, _kinds(girth, float(gone[-1, 0])), random)
    height *= smoothstep(-0.16, 0.0, np.broadcast_to(gone, radii.shape))
    if cut.tucked:  # it blouses over the waistband, and lies close below
        under = smoothstep(float(gone[-1, 0]) - 0.075, float(gone[-1, 0]) - 0.045, gone)
        radii = radii * (1 - under) + (skin + 0.004 * scale) * under
        height *= 1 - under
    if cut.bandeau:  # under a waistband
        waist = body.joint("spine04", tail=True)[1]
        under = smoothstep(waist - 0.09 * scale, waist - 0.05 * scale, rings.centres[:, 1])[:, None]
        radii = radii * (1 - under) + (skin + 0.0045 * scale) * under
    radii = np.maximum(radii + cut.folds * scale * height, skin + 0.003 * scale)
    radii = _within_armholes(radii, rings, body, cut, shoulders, reach, cut.ease * scale)
    band = 3 if cut.collar == "rib" else 0
    radii[:band] += 0.0022 * scale
    laid = rings.points(radii)
    ways = np.linalg.norm(np.diff(laid, axis=0), axis=-1).mean(1)
    v = 1 - np.concatenate([[0], np.cumsum(ways)]) / ways.sum()
    return _Trunk(laid, rings.centres, (np.linspace(0, 1, _COLUMNS), v), float(1 - v[band]))


def _rings(body: Body, cut: Cut, hem: float, shoulders: Floats, reach: float) -> tuple[Tube, Floats]:
    """Returns rings from the neckline over the shoulders, all about one point in the chest, and down to the hem.

    With them comes how far each is from the one before.
    """
    scale, up = body.scale, np.array([0.0, -1.0, 0.0])
    hips = 0.5 * (body.joint("upperleg01.L") + body.joint("upperleg01.R"))
    chest = shoulders - up * 0.52 * reach
    # Under the neck: from further back, rays that rise never come out at the nape, and a man's collar gaped behind. Low
    # necklines need none of that.
    chest[2] = body.joint("neck01")[2] if cut.collar else 0.5 * (body.joint("spine02")[2] + body.joint("spine01")[2])
    spine = body.joint("spine03")
    low = np.array([hips[0], hem, hips[2] + 0.6 * (body.joint("spine05", tail=True)[2] - hips[2])])
    points = [chest, *([spine] if chest[1] < spine[1] < hem - 0.05 * scale else []), low]
    rows = int(np.clip((hem - chest[1]) / (0.0095 * scale), 12, 64))
    straight = tube(np.stack(points), -body.left, body.front, rows, _COLUMNS)
    rise = _neckline(body, chest, cut, reach)
    share = np.linspace(1, 0, _DOME + 1)[:-1, None] ** 0.85
    every = _DOME + rows
    rings = Tube(
        floats(np.concatenate([np.tile(chest, (_DOME, 1)), straight.centres])),
        floats(np.tile(-body.left, (every, 1))),
        floats(np.tile(body.front, (every, 1))),
        floats(np.tile(np.linspace(0, 2 * np.pi, _COLUMNS), (every, 1))),
        floats(np.concatenate([share * rise, np.zeros((rows, _COLUMNS))])),
    )
    return rings, np.concatenate([[0], np.linalg.norm(np.diff(rings.centres, axis=0), axis=1)])


def _neckline(body: Body, chest: Floats, cut: Cut, reach: float) -> Floats:
    """Returns for each column how far its rays rise to reach the neckline, radians."""
    scale, heights = body.scale, 80
    rise = np.linspace(0, np.radians(86), heights)
    rays = Tube(
        floats(np.tile(chest, (heights, 1))), floats(np.tile(-body.left, (heights, 1))),
        floats(np.tile(body.front, (heights, 1))), floats(np.tile(np.linspace(0, 2 * np.pi, _COLUMNS), (heights, 1))),
        floats(np.tile(rise[:, None], (1, _COLUMNS))),
    )  # fmt: skip
    found = rays.points(rays.reach(body, 0.5 * scale))
    foot = body.joint("neck01")
    x = (found - foot) @ body.left / scale
    depth = (found - foot) @ body.front / scale
    drop = np.where(depth > 0.0, cut.neck[0], cut.neck[1])
    half = (
        (0.063 if cut.collar == "shirt" else 0.072)
        + 0.35 * max(0.0, cut.neck[0] - 0.03)
        + 0.10 * max(0.0, reach / scale - 0.17)
    )
    # The collar bones' notch lies lower than the nape.
    side = np.interp(depth, (-0.06, 0.06), (-0.022, 0.022))
    line = side + drop * np.sqrt(np.clip(1 - (x / half) ** 2, 0, 1))
    stops = (np.abs(x) < half) & ((found[..., 1] - foot[1]) / scale < line)
    if cut.bandeau:
        bust = 0.5 * (body.joint("breast.L", tail=True) + body.joint("breast.R", tail=True))
        # Lower between the breasts and at the sides: it is not to be seen in a low neckline.
        beside = np.abs((found - bust) @ body.left)
        apart = 0.5 * float(np.linalg.norm(body.joint("breast.L", tail=True) - body.joint("breast.R", tail=True)))
        dip = smoothstep(0.045 * scale, 0.085 * scale, np.abs(beside - apart))
        stops = found[..., 1] < bust[1] + (-0.034 + 0.08 * dip) * scale
    first = np.where(stops.any(0), stops.argmax(0), heights - 1)
    ends = rise[np.clip(first - 1, 0, heights - 1)]
    whole = np.concatenate([ends[-13:-1], ends, ends[1:13]])
    taps = np.exp(-0.5 * (np.arange(-6, 7) / 1.4) ** 2)
    return floats(np.convolve(whole, taps / taps.sum(), "same")[12:-12])


def _within_armholes(
    radii: Floats, rings: Tube, body: Body, cut: Cut, shoulders: Floats, reach: float, more: float = 0.0
) -> Floats:
    """Returns distances cut off where a trunk ends at the sleeves, or at the armholes where there are none."""
    scale = body.scale
    for _ in range(3):
        points = rings.points(radii)
        beside = np.abs((points - shoulders) @ body.left)
        below = (points[..., 1] - shoulders[1]) / scale
        if cut.sleeve:
            most = reach + (0.020 + 0.012 * smoothstep(0.0, 0.10, below) + smoothstep(0.11, 0.19, below)) * scale
        else:
            inner = 0.055 * scale + cut.strap * (reach - 0.045 * scale)
            most = inner + smoothstep(0.02, 0.155, below) * (reach * 1.25 - inner)
            most = most + smoothstep(0.16, 0.24, below) * scale
        radii = radii * np.minimum(1, (most + more) / np.maximum(beside, 1e-3))
    return floats(radii)


def _kinds(girth: float, length: float) -> list[Creases]:
    """Returns the folds of a trunk: from the armpits, over the waist, near the hem.

    Columns run from the wearer's right over the front to the left and the back.
    """
    kinds = []
    for at in (0.06, 0.44, 0.56, 0.94):
        slant = 52 if (at < 0.25) == (at < 0.5) else -52
        kinds.append(Creases((at * girth, 0.02), (0.02, 0.03), 5, slant, 14, 0.075, 0.021, 0.0034))
    for at in (0.02, 0.48):
        kinds.append(Creases((at * girth, 0.62 * length), (0.06, 0.04), 6, 8, 16, 0.07, 0.021, 0.0036))
    kinds.append(Creases((0.25 * girth, 0.70 * length), (0.13, 0.07), 7, 20, 40, 0.09, 0.022, 0.0026))
    kinds.append(Creases((0.25 * girth, 0.85 * length), (0.15, 0.06), 6, 82, 12, 0.09, 0.022, 0.0030))
    kinds.append(Creases((0.75 * girth, 0.60 * length), (0.12, 0.10), 9, 10, 30, 0.09, 0.022, 0.0030))
    return kinds
