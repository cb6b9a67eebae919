"""Synthetic garment photos: what they claim to know must be so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.synthetic import garment
from scripts.synthetic.garment import KINDS, Kind, draw
from scripts.synthetic.pattern import CATEGORIES, Category
from tests.examples import examples

SIZE = (180, 240)
seeds = st.integers(0, 2**31)


@settings(max_examples=examples(12), deadline=None)
@given(seed=seeds, kind=st.sampled_from(KINDS), category=st.sampled_from(CATEGORIES))
def test_a_sample_is_the_same_for_the_same_seed_and_its_arrays_agree(seed: int, kind: Kind, category: Category) -> None:
    sample, again = draw(seed, kind, category, *SIZE), draw(seed, kind, category, *SIZE)
    np.testing.assert_array_equal(sample.photo, again.photo)
    assert sample.photo.shape == (240, 180, 3)
    assert 0.02 < (sample.matte > 0.5).mean() < 0.8
    assert sample.matte[sample.trimap == 255].min() > 0.98
    assert sample.matte[sample.trimap == 0].max() < 0.02


@settings(max_examples=examples(8), deadline=None)
@given(seed=seeds, category=st.sampled_from(CATEGORIES))
def test_the_photo_is_the_foreground_inside_and_something_else_outside(seed: int, category: Category) -> None:
    sample = draw(seed, "plain", category, *SIZE)
    inside, outside = sample.trimap == 255, sample.trimap == 0
    away = np.abs(sample.photo - sample.foreground).mean(axis=-1)
    assert away[inside].mean() < 2
    assert away[outside].mean() > 10


@settings(max_examples=examples(12), deadline=None)
@given(seed=seeds, category=st.sampled_from(CATEGORIES))
def test_landmarks_lie_on_the_outline_and_right_is_at_the_pictures_left(seed: int, category: Category) -> None:
    sample = draw(seed, "plain", category, *SIZE)
    ys, xs = np.nonzero(garment.trimap(sample.matte, 1.0) == 128)
    for name, (x, y) in sample.landmarks.items():
        if name.endswith(("waist", "armpit", "collar", "crotch", "shoulder")):
            assert np.hypot(xs - x, ys - y).min() < 4, name
        if name.startswith("right_"):
            assert x < sample.landmarks["left_" + name.removeprefix("right_")][0]


@pytest.mark.parametrize("kind", ["lace", "sheer", "fringe"])
def test_soft_kinds_are_soft_and_the_others_are_not(kind: Kind) -> None:
    def soft(of: Kind) -> float:
        matte = draw(5, of, "dress", *SIZE).matte
        return float(((matte > 0.05) & (matte < 0.95)).mean() / (matte > 0.5).mean())

    assert soft(kind) > 1.15 * soft("plain")


def test_white_on_white_has_little_contrast_and_shadows_darken_the_backdrop() -> None:
    white, plain, shadow = (draw(3, kind, "top", *SIZE) for kind in ("white", "plain", "shadow"))

    def contrast(of: garment.Sample) -> float:
        return float(abs(of.photo[of.trimap == 255].mean() - of.photo[of.trimap == 0].mean()))

    assert contrast(white) < 30

    def darkest(of: garment.Sample) -> float:
        return float(np.percentile(of.photo[of.trimap == 0].mean(axis=-1), 1))

    assert darkest(shadow) < darkest(plain) - 20


@pytest.mark.parametrize("category", CATEGORIES)
def test_larger_photos_show_the_same_garment(category: Category) -> None:
    small, large = draw(9, "plain", category, 120, 160), draw(9, "plain", category, 480, 640)
    for name, (x, y) in small.landmarks.items():
        assert abs(4 * (x + 0.5) - (large.landmarks[name][0] + 0.5)) < 0.01
        assert abs(4 * (y + 0.5) - (large.landmarks[name][1] + 0.5)) < 0.01
    shrunk = large.matte.reshape(160, 4, 120, 4).mean(axis=(1, 3))
    assert np.abs(shrunk - small.matte).mean() < 0.01
