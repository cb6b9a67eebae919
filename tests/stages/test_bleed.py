"""Clearing a plate: nothing of the garment is left near the outline, and what lies further off is untouched."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import bleed, upscale
from stages.canvas import mask
from tests import fakes
from tests.examples import examples


@settings(deadline=None, max_examples=examples(20))
@given(width=st.integers(100, 180), garment=st.tuples(*[st.integers(0, 255)] * 3))
def test_no_colour_of_the_garment_is_left(width: int, garment: tuple[int, int, int]) -> None:
    placed = fakes.placed(garment=garment)
    height = round(width * placed.height / placed.width)
    covered = mask.coverage(placed, width, height)[..., None]
    # Blurred as far as the reach: a generator's own resolution.
    painted = cv2.GaussianBlur(covered, (3, 3), 0).reshape(covered.shape) * (np.array(garment, np.float32) - 90) + 90
    cleared = bleed.clear(np.rint(painted).astype(np.uint8), placed)
    # 30 levels and more before; the rest is what gaps narrower than the reach have of their own.
    assert np.abs(cleared.astype(int) - 90).max() <= 4
    large = upscale.lanczos(cleared, placed.width, placed.height)
    assert np.abs(large.astype(int) - 90).max() <= 5


@settings(deadline=None, max_examples=examples(20))
@given(width=st.integers(100, 180), seed=st.integers(0, 2**32 - 1))
def test_the_scene_itself_is_untouched(width: int, seed: int) -> None:
    placed = fakes.placed()
    height = round(width * placed.height / placed.width)
    plate = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8, endpoint=True)
    size = 2 * bleed._REACH + 1
    far = cv2.dilate(mask.coverage(placed, width, height), np.ones((size, size))) == 0
    cleared = bleed.clear(plate, placed)
    assert np.array_equal(cleared[far], plate[far])
    assert cleared.min() >= int(plate[far].min()) - 1
    assert cleared.max() <= int(plate[far].max()) + 1


def test_each_side_carries_its_own_colour_on() -> None:
    placed = fakes.placed()
    plate = np.full((130, 90, 3), 60, np.uint8)
    plate[:, 45:] = 200
    cleared = bleed.clear(plate, placed)
    rows = mask.coverage(placed, 90, 130).max(axis=1) > 0
    assert cleared[rows, 20].mean() == pytest.approx(60, abs=3)
    assert cleared[rows, 70].mean() == pytest.approx(200, abs=3)


def test_a_plate_that_is_all_garment_stays() -> None:
    placed = fakes.placed(40, 40, soft=np.ones((40, 40), np.float32), above=0, below=0, beside=0)
    plate = fakes.scene(placed)
    assert np.array_equal(bleed.clear(plate, placed), plate)


def test_a_fade_leaves_no_arc_of_a_ring_and_the_scene_beyond_as_it_is() -> None:
    placed = fakes.placed()
    height = round(300 * placed.height / placed.width)
    away = cv2.distanceTransform((mask.coverage(placed, 300, height) == 0).astype(np.uint8), cv2.DIST_L2, 5)
    # As wide as a ring that a model painted, ending soon after the reach: cleared hard, its outer edge is left.
    plate = np.repeat(np.where((away > 0) & (away < 12), 250, 120).astype(np.uint8)[..., None], 3, axis=2)
    hard, soft = bleed.clear(plate, placed, 6), bleed.clear(plate, placed, 6, 16)
    beyond = away > 30
    assert np.array_equal(soft[beyond], plate[beyond])
    steps = [np.abs(np.diff(each[..., 0].astype(int), axis=1))[away[:, 1:] > 1].max() for each in (hard, soft)]
    assert steps[1] < 0.5 * steps[0]
