"""Paper is flat, cloth is shaded: gaps whose outline cannot be seen are found, and folds of the paper's colour stay."""

import numpy as np
import pytest

from scripts.bench_swap import cut, measure
from scripts.synthetic.subject import draw
from stages.find import flat
from stages.find.spread import edges

pytestmark = pytest.mark.sampled


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [1, 6])
def test_gaps_beside_cloth_of_the_papers_grey_are_found(seed: int) -> None:
    drawn = draw(seed, "white cloth")
    swap = measure(drawn, *cut(drawn))
    # Told by their outlines alone, they were kept: halo 0.24 and 0.27.
    assert swap["halo"] < 0.12
    assert swap["lost"] < 0.015


def found(width: int) -> float:
    """Gives the share found of 200 x `width` pixels of the paper's lightness between white folds, an arm beside it."""
    column = np.arange(300, dtype=np.float32)
    folds = 6 * (1 - np.cos((column - 100) * 2 * np.pi / 68)) * (column < 100)
    folds += 6 * (1 - np.cos((column - 100 - width) * 2 * np.pi / 68)) * (column >= 100 + width)
    lightness = np.where(column > 250, 40, 85 + folds)
    colours = np.zeros((300, 300, 3), np.float32)
    colours[..., 0] = lightness + np.random.default_rng(2).normal(0, 0.3, (300, 300))
    cloth = np.zeros((300, 300), bool)
    cloth[50:250, 20:249] = True
    lighter = np.asarray(colours[..., 0] - 85, np.float32)
    level, held = flat.gaps(colours, cloth, np.abs(lighter) < 4, [lighter], edges(colours), 1.0)
    assert not (level & held).any()
    return float(level[60:240, 100 : 100 + max(1, width)].mean())


def test_what_is_flat_is_a_gap_and_the_bottom_of_a_fold_is_none() -> None:
    assert found(0) == 0
    assert found(150) > 0.8
