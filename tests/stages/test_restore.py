"""The garment is put back exactly, and nothing of its backdrop comes with it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.contracts import Placed
from stages.restore import restore
from tests import fakes
from tests.examples import examples

DTYPES = st.sampled_from([np.uint8, np.uint16])


@st.composite
def garments(draw: st.DrawFn) -> Placed:
    """Any matte, not only one that looks like a garment's, anywhere on a canvas."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    soft = rng.choice(
        np.array([0, 0.004, 0.3, 0.5, 0.999, 1], np.float32), (height, width), p=[0.3, 0.05, 0.1, 0.1, 0.05, 0.4]
    )
    return fakes.placed(
        height, width, dtype=draw(DTYPES), soft=soft,
        above=draw(st.integers(0, 9)), below=draw(st.integers(0, 9)), beside=draw(st.integers(0, 9)),
    )  # fmt: skip


@settings(deadline=None, max_examples=examples(60))
@given(placed=garments())
def test_core_is_the_photo_and_the_rest_is_not(placed: Placed) -> None:
    plate = fakes.scene(placed)
    before = plate.copy()
    picture = restore(plate, placed)
    core = placed.matte == 1
    assert np.array_equal(picture[placed.window][core], placed.pixels[core])
    outside = np.ones(plate.shape[:2], bool)
    outside[placed.window] = placed.matte == 0
    assert np.array_equal(picture[outside], plate[outside])
    soft = (placed.matte > 0) & (placed.matte < 1)
    weight = placed.matte[soft][:, None].astype(np.float64)
    expected = weight * placed.foreground[soft] + (1 - weight) * plate[placed.window][soft]
    assert np.abs(picture[placed.window][soft] - expected).max(initial=0) <= 0.51
    assert np.array_equal(plate, before)


@settings(deadline=None, max_examples=examples(30))
@given(placed=garments())
def test_old_backdrop_never_shows(placed: Placed) -> None:
    """Other pixels of the photo outside the core change nothing."""
    plate = fakes.scene(placed)
    pixels = placed.pixels.copy()
    pixels[placed.matte < 1] = 0
    other = fakes.replaced(placed, pixels=pixels)
    assert np.array_equal(restore(plate, placed), restore(plate, other))


def test_plate_of_another_size_or_depth_is_refused() -> None:
    placed = fakes.placed(20, 20)
    with pytest.raises(ValueError, match="plate is"):
        restore(fakes.scene(placed)[1:], placed)
    with pytest.raises(ValueError, match="uint16"):
        restore(fakes.scene(placed).astype(np.uint16), placed)
