"""What a generator is asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts import Prompt
from stages.generate.request import model_size, request
from stages.options import GenerateOptions
from tests.fakes import Ramp, placed

SIDES = st.integers(16, 20000)


@given(width=SIDES, height=SIDES, pixels=st.integers(64 * 64, 1024 * 1024), multiple=st.sampled_from([8, 16, 64]))
def test_model_size_keeps_aspect_and_area(width: int, height: int, pixels: int, multiple: int) -> None:
    w, h = model_size(width, height, pixels, multiple)
    assert w % multiple == h % multiple == 0
    assert min(w, h) >= multiple
    ideal = np.sqrt(pixels * width / height)
    assert abs(w - ideal) <= max(multiple / 2, multiple - ideal) + 1e-6


def test_the_house_size_is_two_by_three() -> None:
    assert model_size(1024, 1536, 256 * 384, 8) == (256, 384)


@pytest.mark.parametrize("bad", [(0, 1, 1, 1), (1, -1, 1, 1), (1, 1, 0, 8), (1, 1, 1, 0)])
def test_sizes_must_be_positive(bad: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        model_size(*bad)


def test_the_request_shows_the_garment_and_asks_for_the_rest() -> None:
    garment, painter = placed(), Ramp()
    painter.pixels = 96 * 144
    skeleton = np.zeros((18, 3), np.float32)
    skeleton[1] = (garment.width / 2, 20, 1)
    skeleton[2] = (garment.width / 4, 40, 1)
    asked = request(garment, skeleton, Prompt("a", "b"), GenerateOptions(), painter)
    height, width = asked.mask.shape
    assert asked.image.shape == asked.control.shape == (height, width, 3)
    kept = asked.mask == 0
    assert 0.1 < kept.mean() < 0.9
    assert np.abs(asked.image[kept].astype(int) - [150, 40, 50]).mean() < 6
    rows, columns = np.nonzero(asked.control.any(axis=2))
    assert rows.min() >= 20 * height / garment.height - 6
    assert rows.max() <= 40 * height / garment.height + 6
    assert columns.max() <= width / 2 + 6


def test_a_painter_of_any_size_is_asked_for_the_canvas_itself() -> None:
    garment, painter = placed(), Ramp()
    painter.pixels, painter.multiple = 0, 1
    asked = request(garment, np.zeros((18, 3), np.float32), Prompt("a", "b"), GenerateOptions(), painter)
    assert asked.mask.shape == (garment.height, garment.width)
    core = garment.matte == 1
    np.testing.assert_array_equal(asked.image[garment.window][core], garment.pixels[core])
