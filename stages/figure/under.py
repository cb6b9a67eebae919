"""Skin that legwear or kept shoes hide: where a narrow garment presses trousers in, legs must not show through them."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from stages.contracts import Placed
from stages.figure.anatomy import Anatomy
from stages.figure.records import PARTS, Posed, Surface

#: Legwear hides the leg from here below its waistband to here above its hem, in metres: one may look into a hem.
BELOW, ABOVE = 0.02, 0.03
#: What the legs' bones move by so much is theirs: the seat and the groin too.
HELD = 0.2
#: Names of what is worn on both legs.
LEGWEAR = ("trousers",)


def dressed(anatomy: Anatomy, posed: Posed, worn: Iterable[Surface]) -> Posed:
    """Returns the body without the skin of the legs that what is worn on them hides."""
    patch, skin = anatomy.patches["skin"], posed.surfaces["skin"]
    legs = (anatomy.weight_of("upperleg01.L", "upperleg01.R") > HELD) & ~anatomy.mostly("foot.L", "foot.R")
    hidden = np.zeros(len(skin.faces), bool)
    row = skin.vertices[:, 1]
    for each in worn:
        if each.name in LEGWEAR:
            drawn = each.vertices[each.faces, 1]
            within = (row > drawn.min() + BELOW * posed.scale) & (row < drawn.max() - ABOVE * posed.scale)
            hidden |= (within & legs[patch.vertices])[skin.faces].all(axis=1)
    parts = np.where(hidden, np.uint8(PARTS.index("nothing")), skin.parts)
    return replace(posed, surfaces=posed.surfaces | {"skin": replace(skin, parts=parts)})


def shod(
    anatomy: Anatomy, posed: Posed, worn: tuple[Surface, ...], placed: Placed
) -> tuple[Posed, tuple[Surface, ...]]:
    """Returns body and clothes without shoes where an outfit has its own, and without the feet, which are in them.

    Feet stay where a pair is one thing, that may not stand under both.
    """
    many = sum(each.kind == "shoes" for each in placed.layers)
    if not many:
        return posed, worn
    shoe, nothing = (np.uint8(PARTS.index(name)) for name in ("shoes", "nothing"))
    left = tuple(each for each in worn if not (each.parts == shoe).all())
    if many == 1:
        return posed, left
    patch, skin = anatomy.patches["skin"], posed.surfaces["skin"]
    feet = anatomy.mostly("foot.L", "foot.R")[patch.vertices][skin.faces].any(axis=1)
    bare = replace(skin, parts=np.where(feet, nothing, skin.parts))
    return replace(posed, surfaces=posed.surfaces | {"skin": bare}), left
