"""Shadows on the floor: under the feet, away from the light, and none where the frame cuts the feet off."""

import numpy as np
import pytest

from stages import ground
from tests.fakes import placed


def test_the_floor_is_darkest_under_the_feet_and_bare_far_away() -> None:
    figure = placed(height=160, width=60, below=60, beside=80)
    shade = ground.shadow(figure, 0.35, "left")
    x0, y0, x1, y1 = figure.box
    under = shade[y1 - 12 : y1 + 2, x0:x1].min()
    assert under < 0.75
    assert shade[: y0 + 60].min() > 0.99
    assert shade[-20:].min() > 0.99
    assert shade.min() >= 0.1


def test_the_shadow_falls_away_from_the_light() -> None:
    figure = placed(height=160, width=60, below=60, beside=80)
    left, right = (ground.shadow(figure, 0.35, side) for side in ("left", "right"))
    half = figure.width // 2
    assert left[:, half:].sum() < left[:, :half].sum()
    np.testing.assert_allclose(right, left[:, ::-1], atol=0.03)


@pytest.mark.parametrize(("below", "depth"), [(0, 0.35), (60, 0.0)])
def test_no_feet_or_no_depth_no_shadow(below: int, depth: float) -> None:
    assert (ground.shadow(placed(below=below), depth, "left") == 1).all()
