"""The canvas of outpainting: as large as asked, and never smaller than the photo."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.canvas import frame
from stages.errors import ConfigError
from stages.options import OutpaintOptions

SIDE = st.integers(16, 5000)


@given(width=SIDE, height=SIDE, across=st.integers(2, 20), down=st.integers(2, 20))
def test_an_aspect_is_reached_within_a_pixel_around_the_whole_photo(
    width: int, height: int, across: int, down: int
) -> None:
    aspect = Fraction(across, down)
    (wide, high), (x, y) = frame.grow(width, height, OutpaintOptions(aspect=f"{across}:{down}"))
    assert 0 <= x <= wide - width
    assert 0 <= y <= high - height
    assert wide == width or high == height
    assert abs(wide - high * aspect) <= max(Fraction(1), aspect)


def test_sides_grow_by_pixels_and_shares() -> None:
    options = OutpaintOptions(left="200", right="10%", top="0", bottom="2.5%")
    assert frame.grow(1000, 2000, options) == ((1300, 2050), (200, 0))


def test_asking_for_nothing_is_an_error() -> None:
    with pytest.raises(ConfigError, match="add nothing"):
        frame.grow(300, 300, OutpaintOptions())
