"""Straps of sandals that are nearly as pale as the floor speak for the subject, up to their ends."""

import numpy as np

from stages.find import light, sides
from stages.find.spread import edges


def test_a_pale_strap_by_the_floor_speaks_for_the_subject() -> None:
    lightness = np.full((300, 200), 82, np.float32)
    tint = np.zeros_like(lightness)
    lightness[20:270, 70:130], tint[20:270, 70:130] = 62, 18
    ends = np.linspace(lightness[0, 0], 86, 5)[1:-1]  # soft: no outline stands between strap and floor
    lightness[240:252, 64:136] = 86
    lightness[240:252, 61:64], lightness[240:252, 136:139] = ends, ends[::-1]
    tint[240:252, 61:139] = 0.4 * (lightness[240:252, 61:139] - 82)
    colours = np.dstack([lightness, tint, tint]).astype(np.float32)
    colours[..., 0] += np.random.default_rng(1).normal(0, 0.1, lightness.shape)
    bare = np.ones((300, 200), bool)
    bare[16:274, 66:134] = bare[236:256, 58:142] = False
    beside = np.broadcast_to(np.array([82, 0, 0], np.float32), colours.shape)
    told = light.read(colours, beside, edges(colours))
    strap = light.straps(bare, told)
    assert strap[243:249, 66:134].mean() > 0.9
    assert not strap[:220].any()
    end = np.s_[243:249, 65:69]
    alone = sides.votes(colours, bare, np.zeros_like(bare), told, beside, 1.0)[end]
    assert alone.mean() < 0 < sides.votes(colours, bare, strap, told, beside, 1.0)[end].mean()
