"""Hair as light sees it: which strands show, what light reaches them, and how they shine."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stages.figure import strands as hairs
from stages.figure.assembly import Assembly
from stages.figure.colours import linear
from stages.figure.hair_volume import Volume
from stages.figure.light import Rig, sky_light
from stages.figure.records import Floats, Posed, Strands
from stages.figure.vectors import floats, unit

#: Strands so many that they hide and shade each other and the skin; others lie flat, and shine less.
MASSES = ("hair", "beard")
#: Directions from which the sky's light is followed into hair.
_AROUND = unit([[0.0, -1.0, 0.0], [0.8, -0.2, -0.6], [-0.8, -0.2, -0.6], [0.0, 0.1, -1.0]])


def lit_strands(
    strands: Sequence[Strands],
    volume: Volume | None,
    whole: Assembly,
    posed: Posed,
    covered: npt.NDArray[np.bool_],
    light: Rig | None,
    seed: int,
) -> hairs.Segments:
    """Returns the pieces of strands that may be seen, lit; black without `light`."""
    centre = posed.head[:3, 3] + posed.head[:3, :3] @ floats([0, 0.09, 0.03])
    pieces = []
    for each in strands:
        shown = _shown(each, whole, covered, posed.scale)
        lit = np.zeros_like(each.points)
        if light is not None:
            needed = np.zeros(len(each.points), np.bool_)
            needed[shown], needed[shown + 1] = True, True
            lit[needed] = _lit(each, np.flatnonzero(needed), volume, whole, centre, light, posed.scale, seed)
        pieces.append(hairs.segments(each, lit, shown))
    if not pieces:
        nothing = np.zeros((0, 3), np.float32)
        return hairs.Segments(nothing, nothing, np.zeros((0, 2, 3), np.float32), np.zeros((0, 2), np.float32))
    names = ("start", "end", "colours", "coverage")
    return hairs.Segments(*(np.concatenate([getattr(each, name) for each in pieces]) for name in names))


def _shown(strands: Strands, whole: Assembly, covered: npt.NDArray[np.bool_], scale: float) -> hairs.Integers:
    """Returns the points at which visible pieces start."""
    points = strands.points
    height, width = covered.shape
    inside = (points[:, 0] > 0) & (points[:, 1] > 0) & (points[:, 0] < width - 1) & (points[:, 1] < height - 1)
    row, column = (
        np.clip(np.rint(points[:, k]).astype(np.int64), 0, side - 1) for k, side in ((1, height), (0, width))
    )
    inside &= ~covered[row, column]
    toward = floats([0, 0, -1])
    seen = np.flatnonzero(inside)
    seen = seen[~whole.tracer.blocked(points[seen] + 0.003 * scale * toward, toward)]
    needed = np.zeros(len(points), np.bool_)
    needed[seen] = True
    starts = hairs.pieces(strands)
    shown = starts[needed[starts] | needed[np.minimum(starts + 1, len(points) - 1)]]
    return hairs.outermost(strands, shown)


def _lit(
    strands: Strands,
    lit: hairs.Integers,
    volume: Volume | None,
    whole: Assembly,
    centre: Floats,
    light: Rig,
    scale: float,
    seed: int,
) -> Floats:
    """Returns the light of those of a strand's points that are to be `lit`."""
    points = strands.points
    outward = unit(points[lit] - centre)
    key = (~whole.shade.blocked(points[lit] + 0.004 * scale * light.key, light.key)).astype(np.float32)
    key = np.maximum(key, 0.15)
    sky = np.ones(len(lit), np.float32)
    if volume is not None:
        key *= volume.passed(points[lit], light.key)
        sky *= np.mean([volume.passed(points[lit], each) for each in _AROUND], axis=0)
    counts = np.diff(strands.starts)
    variety = np.repeat(np.random.default_rng(seed).uniform(-1, 1, len(counts)), counts)[lit].astype(np.float32)
    colours = np.repeat(linear(strands.colours), counts, axis=0)[lit] * (1 + 0.15 * variety[:, None])
    along = hairs.tangents(strands)[lit]
    gloss = 1.0 if volume is not None and strands.name in MASSES else 0.35
    return _shaded(along, outward, colours, variety, key, sky, light, gloss)


def _shaded(
    along: Floats, outward: Floats, colours: Floats, variety: Floats, key: Floats, sky: Floats, light: Rig, gloss: float
) -> Floats:
    """Returns the light that strands send to the camera, linear, N x 3.

    Tangents `along`, directions `outward` of the head, linear `colours` (N x 3), `variety` in [-1, 1] of each strand,
    and the shares of key light and sky that arrive (N); `gloss` scales the highlights. Two of them, the clear one
    towards the root and the coloured one towards the tip (Marschner 2003, in the form of Scheuermann 2004).
    """
    view = floats([0, 0, -1])
    half = light.key + view
    half /= np.linalg.norm(half)
    across = np.sqrt(np.clip(1 - (along @ light.key) ** 2, 0, 1))
    facing = np.clip(0.55 + 0.45 * (outward @ light.key), 0, 1)
    total = colours * (1.0 * across * facing * key)[:, None] * light.colour
    total += colours * sky_light(light.harmonics, outward) * (1.3 * np.maximum(sky, 0.12))[:, None]
    for shift, width, strength, tint in ((0.06, 0.075, 0.10, 0.0), (-0.10, 0.14, 0.80, 1.0)):
        tilted = along + (shift + 0.07 * variety)[:, None] * outward
        tilted /= np.linalg.norm(tilted, axis=1, keepdims=True)
        lean = tilted @ half
        lobe = np.exp(-0.5 * (lean / width) ** 2) * facing * key
        hue = (colours**0.7 if tint else np.ones_like(colours)) * light.colour
        total += (gloss * strength * lobe)[:, None] * hue
    return floats(total)
