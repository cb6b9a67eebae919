"""A crop of a canvas shows what the canvas shows there."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.canvas.whole import crop
from stages.contracts import Placed
from tests import fakes

CANVAS = fakes.placed(40, 30, above=12, below=20, beside=9)


def spread(placed: Placed) -> np.ndarray:
    """Returns the matte of the whole canvas."""
    full = np.zeros((placed.height, placed.width), np.float32)
    full[placed.window] = placed.matte
    return full


@st.composite
def boxes(draw: st.DrawFn) -> tuple[int, int, int, int]:
    x0, y0 = draw(st.integers(0, CANVAS.width - 1)), draw(st.integers(0, CANVAS.height - 1))
    return x0, y0, draw(st.integers(x0 + 1, CANVAS.width)), draw(st.integers(y0 + 1, CANVAS.height))


@given(boxes())
def test_a_crop_keeps_what_the_canvas_keeps_there(box: tuple[int, int, int, int]) -> None:
    x0, y0, x1, y1 = box
    part = crop(CANVAS, box)
    assert (part.width, part.height) == (x1 - x0, y1 - y0)
    np.testing.assert_array_equal(spread(part), spread(CANVAS)[y0:y1, x0:x1])
    assert part.pixels.shape == part.foreground.shape == (*part.matte.shape, 3)
    assert (part.placement.x + x0, part.placement.y + y0) == (CANVAS.placement.x, CANVAS.placement.y)
