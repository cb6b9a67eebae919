"""Drawn photos: the same for the same seed, and their labels are what was painted."""

import numpy as np
import pytest

from scripts.finder.draw import SCENES, Drawn, draw
from scripts.finder.garments import garment_layer
from scripts.finder.layer import HOLDER, Layer


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    return [draw(np.random.default_rng((5, each)), 160, 120) for each in range(24)]


def test_the_same_seed_draws_the_same() -> None:
    first, second = (draw(np.random.default_rng(3), 120, 90) for _ in range(2))
    assert np.array_equal(first.example.photo, second.example.photo)
    assert np.array_equal(first.example.labels, second.example.labels)


def test_labels_are_shares_of_a_pixel(drawn: list[Drawn]) -> None:
    assert len({each.scene for each in drawn}) > len(SCENES) / 2
    for each in drawn:
        total = each.example.labels.astype(int).sum(axis=2)
        assert total.max() <= 257
        assert 0.003 < (total > 127).mean() < 0.98, each.scene


def test_a_hanger_is_a_holder_and_leaves_the_garment_alone() -> None:
    layer, _ = garment_layer(np.random.default_rng(1), 200, 150, None, "hanger")
    bare, _ = garment_layer(np.random.default_rng(1), 200, 150, None, "")
    assert layer.labels[..., HOLDER].sum() > 20
    assert bare.labels[..., HOLDER].max() == 0


def test_a_moved_layer_keeps_its_labels_with_its_colours() -> None:
    layer = Layer(60, 60)
    disc = np.zeros((60, 60), np.float32)
    disc[20:40, 15:45] = 1
    layer.paint(disc, (200, 10, 10), 0)
    moved = layer.moved(np.random.default_rng(0), 0.9, 0.6, 2.0)
    assert moved.labels[..., 0].sum() > 100
    np.testing.assert_allclose(moved.colour[..., 0], 200 * moved.cover, atol=2)
