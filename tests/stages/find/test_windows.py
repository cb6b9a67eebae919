"""Gaps that a garment encloses, wide or deep inside it, are holes; what only has the backdrop's colour is not."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.bench_cut import cutout, holes
from scripts.synthetic.garment import Kind, draw
from stages.contracts import Category
from stages.find import finder
from stages.options import SegmentOptions

pytestmark = pytest.mark.sampled


@pytest.mark.sampled
@pytest.mark.parametrize("kind", ["plain", "knit", "shadow", "noise"])
@pytest.mark.parametrize("category", ["top", "swim", "skirt"])
def test_enclosed_gaps_are_open(kind: Kind, category: Category) -> None:
    drawn = draw(3, kind, category, gaps=True)
    gaps, found = holes(drawn.matte), holes(cutout(drawn).matte)
    assert gaps.any()
    assert (gaps & found).sum() > 0.9 * (gaps | found).sum()


@settings(max_examples=3, deadline=None)
@given(st.integers(500, 10_000), st.sampled_from(["top", "dress", "skirt"]))
def test_a_soft_shadow_leaves_nothing_behind(seed: int, category: Category) -> None:
    drawn = draw(seed, "shadow", category, gaps=True)
    garment, found = drawn.matte > 0.5, finder.load(SegmentOptions())(drawn.photo) > 0.5
    assert (garment & found).sum() > 0.97 * (garment | found).sum()


@pytest.mark.sampled
@pytest.mark.parametrize("share", [1.0, 0.98, 0.9])
def test_a_print_of_the_backdrops_colour_stays(share: float) -> None:
    drawn = draw(3, "plain", "skirt")
    middle = tuple(round(float(each.mean())) for each in np.nonzero(drawn.matte > 0.5))
    inked = np.zeros(drawn.matte.shape, np.uint8)
    cv2.circle(inked, middle[::-1], 45, 1, -1)
    light = drawn.foreground.mean(axis=2) / drawn.foreground[inked > 0].mean()
    paint = share * np.median(drawn.photo[drawn.trimap == 0], axis=0) * light[..., None]
    photo = drawn.photo.copy()
    photo[inked > 0] = np.clip(np.rint(paint), 0, 255)[inked > 0]
    found = finder.load(SegmentOptions())(photo)
    assert found[inked > 0].all()
