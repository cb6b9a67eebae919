"""Drawing strands."""

import numpy as np
import pytest

from stages.figure.hair_volume import Volume
from stages.figure.records import Strands
from stages.figure.strands import drawn, outermost, pieces, segments

FAR = np.full((40, 60), np.inf, np.float32)


def hairs(depths: list[float], width: float = 1.0, side: float = 20) -> Strands:
    """Returns one level hair at each depth, all over the same row."""
    points = np.array([[[4, 8, z], [4 + side / 2, 8, z], [4 + side, 8, z]] for z in depths], np.float32).reshape(-1, 3)
    starts = np.arange(0, 3 * len(depths) + 1, 3, dtype=np.int32)
    return Strands("hair", points, starts, np.zeros((len(depths), 3), np.uint8), width)


def lit(strands: Strands, values: list[float]) -> np.ndarray:
    return np.repeat(np.array(values, np.float32), 3)[:, None] * np.ones(3, np.float32)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_the_nearer_hair_covers_the_farther_whatever_their_order(order: list[int]) -> None:
    depths, values = np.array([5.0, 1.0])[order], np.array([1.0, 0.2])[order]
    strands = hairs(depths.tolist())
    layer = drawn(segments(strands, lit(strands, values.tolist()), pieces(strands)), FAR, (0, 0), 2, 0.0)
    row = layer.colour[17, 12:30, 0] / layer.alpha[17, 12:30]
    assert layer.alpha[17, 12:30].min() > 0.9
    assert np.abs(row - 0.2).max() < 0.06
    assert (layer.depth[17, 12:30] == 1).all()


def test_coverage_is_the_hairs_width() -> None:
    for width in (0.1, 0.25, 0.4):
        strands = hairs([0.0], width)
        layer = drawn(segments(strands, lit(strands, [1.0]), pieces(strands)), FAR, (0, 0), 2, 0.0)
        middle = layer.alpha[:, 12:30].sum(axis=0) / 2
        assert middle.mean() == pytest.approx(width, rel=0.15)


def test_hair_behind_what_is_solid_is_not_drawn() -> None:
    strands = hairs([5.0])
    lines = segments(strands, lit(strands, [1.0]), pieces(strands))
    wall = np.where(np.arange(60) < 25, np.float32(2), np.float32(9)) * np.ones((40, 1), np.float32)
    layer = drawn(lines, wall, (0, 0), 2, 0.0)
    assert not layer.alpha[:, :25].any()
    assert layer.alpha[:, 25:].any()


def test_only_what_shows_of_a_mass_is_kept() -> None:
    strands = hairs(list(np.linspace(0, 50, 400)))
    kept = outermost(strands, pieces(strands))
    assert 0 < len(kept) < 120
    assert strands.points[kept, 2].max() < strands.points[:, 2].max() / 2


def test_hair_shades_what_is_behind_it_and_not_what_is_before() -> None:
    random = np.random.default_rng(0)
    roots = random.uniform(0, 60, (4000, 1, 3)).astype(np.float32) * np.array([1, 1, 0.2], np.float32)
    points = (roots + np.array([[[0, 0, 0], [0, 6, 0]]], np.float32)).reshape(-1, 3)
    mass = Strands("hair", points, np.arange(0, 8001, 2, dtype=np.int32), np.zeros((4000, 3), np.uint8), 1.0)
    volume = Volume([mass])
    toward = np.array([0, 0, -1], np.float32)
    behind, before, beside = volume.passed(np.array([[30, 30, 13], [30, 30, -8], [500, 30, 13]], np.float32), toward)
    assert behind < 0.5
    assert before == pytest.approx(1, abs=1e-3)
    assert beside == 1
