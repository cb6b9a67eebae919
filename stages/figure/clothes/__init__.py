"""Clothes and shoes of the figure, round whatever garment is kept."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.casting import Casting
from stages.contracts import Placed
from stages.figure.clothes import garment, legs, skirts, tops, words
from stages.figure.clothes.shoes import shoes
from stages.figure.clothes.tube import Body, body
from stages.figure.records import PARTS, Posed, Surface

Floats = npt.NDArray[Any]

#: Swimwear's gusset, in metres from the middle of the hips' joints: so far above; so far below in the middle, and so
#: much less for each metre beside; no farther beside than that; and so far off the skin.
GUSSET = 0.09, 0.125, 1.3, 0.14, 0.004


def clothes(posed: Posed, placed: Placed | None, casting: Casting, seed: int) -> tuple[Surface, ...]:
    """Dresses a posed body for the kept garment: whatever that leaves to be worn, as the casting's words say.

    A top gets trousers or a skirt and shoes, trousers get a top, outerwear gets both, a dress shoes; without a garment
    the body is dressed whole. Beneath it all lies a lining in the garment's colour, so that nothing that must be
    covered is bare where the garment is sheer, cut out, short or narrow. The same arguments give the same bytes.
    """
    whole = body(posed)
    random = np.random.default_rng((seed, 7))
    category = placed.shape.category if placed is not None else None
    waist = _waist(whole)
    if placed is None:
        return _outfit(whole, casting, waist, random)
    edge = garment.outline(placed, whole)
    worn: list[Surface] = []
    kinds = {each.kind for each in placed.layers}
    if category in ("top", "outerwear") and not kinds & {"bottom", "skirt", "dress"}:
        worn += _below(whole, casting, edge, waist, random)
    if category in ("bottom", "skirt", "outerwear") and not kinds & {"top", "dress", "swim"}:
        worn += _above(whole, placed, casting, edge, waist, random)
    if category == "swim":
        worn += _beside_swimwear(whole, posed, placed, casting, waist, random)
    else:
        # Linings lie close: what of them is moved stays off the skin.
        lining = _lining(whole, placed, category, waist, random)
        close = [garment.tucked(each, edge, whole, most=0.0035 * whole.scale) for each in lining]
        fork = placed.shape.landmarks.get("crotch", (0.0, np.inf))[1]
        worn += [garment.beneath(each, placed, _must(whole, each) & (each.vertices[:, 1] < fork)) for each in close]
        worn += shoes(whole, words.shoes(casting.shoes))
    return tuple(worn)


def _outfit(whole: Body, casting: Casting, waist: float, random: np.random.Generator) -> tuple[Surface, ...]:
    upper, lower = words.top(casting.top), words.bottom(casting.bottom)
    cut = replace(tops.CUTS[upper.kind], tucked=True)
    return (
        *tops.top(whole, upper, waist + 0.055 * whole.scale, random, cut),
        _lower(whole, lower, waist, random),
        *shoes(whole, words.shoes(casting.shoes)),
    )


def _lower(whole: Body, item: words.Item, waist: float, random: np.random.Generator) -> Surface:
    if item.kind == "skirt":
        return skirts.skirt(whole, item, waist, random)
    return legs.trousers(whole, item, waist, random)


def _below(
    whole: Body, casting: Casting, edge: garment.Outline, waist: float, random: np.random.Generator
) -> list[Surface]:
    """Returns what is worn below a kept top or coat; its waistband reaches under the hem, however short that is."""
    hem = _lowest(edge)
    high = whole.joint("spine03")[1] - 0.02 * whole.scale
    rise = np.clip(hem - 0.05 * whole.scale, high, waist) if np.isfinite(hem) else waist
    lower = garment.tucked(_lower(whole, words.bottom(casting.bottom), float(rise), random), edge, whole)
    return [garment.unseen_above(lower, edge, whole.scale)]


def _above(
    whole: Body, placed: Placed, casting: Casting, edge: garment.Outline, waist: float, random: np.random.Generator
) -> list[Surface]:
    """Returns the top worn with kept trousers or a skirt, tucked in, or under a kept coat."""
    item = words.top(casting.top)
    cut = replace(tops.CUTS[item.kind], tucked=True)
    if placed.shape.category == "outerwear":
        if "right_cuff" in placed.shape.landmarks or "left_cuff" in placed.shape.landmarks:
            cut = replace(cut, sleeve=0.0, strap=0.92, collar="" if cut.collar == "shirt" else cut.collar)
        pieces = tops.top(whole, item, waist + 0.055 * whole.scale, random, cut)
        return [garment.tucked(each, edge, whole) for each in pieces]
    top = float(edge.top + np.flatnonzero(np.isfinite(edge.left)).min(initial=len(edge.left)))
    hips = float(whole.joint("upperleg01.L")[1])
    start = min(max(top, whole.joint("spine03")[1]), hips)
    pieces = tops.top(whole, item, start + 0.065 * whole.scale, random, cut)
    return [garment.tucked(each, edge, whole) if each.name == "top" else each for each in pieces]


def _lining(
    whole: Body, placed: Placed, category: str | None, waist: float, random: np.random.Generator
) -> list[Surface]:
    """Returns what lies on the skin from the bust to the middle of the thighs, where nothing else of ours does."""
    upper, lower = (garment.layer(placed, kinds) for kinds in (("top", "dress"), ("bottom", "skirt", "dress")))
    tint, below = (words.Item("lining", garment.colour(each)) for each in (upper, lower))
    found: list[Surface] = []
    if category in ("top", "dress"):
        # Over the hips too: where the garment is narrower than they are, so is what is worn below.
        hem = max(waist + 0.04 * whole.scale, float(whole.joint("upperleg01.L")[1]) + 0.03 * whole.scale)
        found += tops.top(whole, tint, hem, random, tops.CUTS["bandeau"])
    if category in ("bottom", "skirt", "dress"):
        found.append(_shorts(whole, below, waist, _thigh(whole, _bottom(placed)), random))
    return [replace(each, name=f"lining {each.name}") for each in found]


def _beside_swimwear(
    whole: Body, posed: Posed, placed: Placed, casting: Casting, waist: float, random: np.random.Generator
) -> list[Surface]:
    """Returns what swimwear leaves to be worn: feet stay bare."""
    tint = words.Item("lining", garment.colour(placed))
    bust = _bust(whole)
    hips = 0.5 * (whole.joint("upperleg01.L") + whole.joint("upperleg01.R"))
    reach = np.linspace(-0.07, 0.07, 9) * whole.scale
    sides = [whole.joint(f"breast.{side}", tail=True) for side in "LR"]
    over = np.array([[side[0] + 0.5 * x, side[1] + 0.5 * y] for side in sides for x in reach for y in reach])
    below = np.array([[hips[0] + x, hips[1] + y] for x in reach for y in reach])
    found: list[Surface] = []
    if garment.covers(placed, over) < 0.15:
        item = words.top(casting.top)
        hem = hips[1] + 0.03 * whole.scale
        found += tops.top(whole, item, float(hem), random, replace(tops.CUTS[item.kind], tucked=True))
    else:
        found += tops.top(whole, tint, bust[1] + 0.055 * whole.scale, random, tops.CUTS["bandeau"])
    if garment.covers(placed, below) < 0.15:
        found.append(_lower(whole, replace(words.bottom(casting.bottom), kind="shorts"), waist, random))
    else:
        found.append(_gusset(whole, posed.surfaces["skin"], tint))
    return [replace(each, name=f"lining {each.name}") for each in found]


def _gusset(whole: Body, skin: Surface, item: words.Item) -> Surface:
    """Returns the lowest part of briefs, cut from the skin: it covers the groin where a swimsuit ends too high.

    It narrows from the hips' joints to the crotch, as a swimsuit does, so that the thighs stay bare.
    """
    hips = 0.5 * (whole.joint("upperleg01.L") + whole.joint("upperleg01.R"))
    beside = np.abs(skin.vertices[:, 0] - hips[0]) / whole.scale
    below = (skin.vertices[:, 1] - hips[1]) / whole.scale
    covered = (below > -GUSSET[0]) & (below < GUSSET[1] - GUSSET[2] * beside) & (beside < GUSSET[3])
    worn = covered[skin.faces].all(axis=1)
    return Surface(
        "briefs",
        legs.CUTS["briefs"].material,
        skin.vertices + GUSSET[4] * whole.scale * skin.normals,
        skin.normals,
        skin.faces[worn],
        np.full(int(worn.sum()), PARTS.index("clothes"), np.uint8),
        colour=item.colour,
    )


def _shorts(whole: Body, item: words.Item, waist: float, length: float, random: np.random.Generator) -> Surface:
    cut = replace(legs.CUTS["briefs"], length=max(length, legs.CUTS["briefs"].length))
    return legs.trousers(whole, replace(item, kind="briefs"), waist, random, cut)


def _waist(whole: Body) -> float:
    """Returns the canvas row of a waistband's upper edge: a hand's breadth under the navel for men, at it for women."""
    return float(0.5 * (whole.joint("spine04")[1] + whole.joint("spine04", tail=True)[1]))


def _bust(whole: Body) -> Floats:
    return np.asarray(0.5 * (whole.joint("breast.L", tail=True) + whole.joint("breast.R", tail=True)))


def _must(whole: Body, surface: Surface) -> npt.NDArray[np.bool_]:
    """Whether each point of a lining covers what must never be bare: the breasts, and all below them."""
    found = surface.vertices[:, 1] > _bust(whole)[1] + 0.04 * whole.scale
    for side in "LR":
        away = surface.vertices[:, :2] - whole.joint(f"breast.{side}", tail=True)[:2]
        found |= np.linalg.norm(away, axis=1) < 0.045 * whole.scale
    return np.asarray(found, np.bool_)


def _lowest(edge: garment.Outline) -> float:
    known = np.flatnonzero(np.isfinite(edge.left))
    return float(edge.top + known[-1]) if len(known) else float("nan")


def _bottom(placed: Placed) -> float:
    """Returns the canvas row of the garment's lower edge."""
    rows = np.flatnonzero((placed.matte > 0.5).any(1))
    return float(placed.box[1] + rows[-1]) if len(rows) else float(placed.box[3])


def _thigh(whole: Body, hem: float) -> float:
    """Returns how long a lining's legs are, so that they end over a hem, at most in the middle of the thighs."""
    hips = 0.5 * (whole.joint("upperleg01.L") + whole.joint("upperleg01.R"))
    knees = 0.5 * (whole.joint("lowerleg01.L") + whole.joint("lowerleg01.R"))
    share = (hem - 0.03 * whole.scale - hips[1]) / max(float(knees[1] - hips[1]), 1.0)
    return float(np.clip(0.5 * share, 0.0, 0.25))
