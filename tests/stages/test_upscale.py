"""The upscaler gives exactly the asked size and keeps what is smooth."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import upscale
from stages.options import UpscaleOptions

sides = st.integers(1, 80)


@settings(deadline=None, max_examples=40)
@given(height=sides, width=sides, to_height=sides, to_width=sides, level=st.integers(0, 255))
def test_size_is_exact_and_flat_stays_flat(height: int, width: int, to_height: int, to_width: int, level: int) -> None:
    plate = np.full((height, width, 3), level, np.uint8)
    enlarged = upscale.load(UpscaleOptions())(plate, to_width, to_height)
    assert enlarged.shape == (to_height, to_width, 3)
    assert (enlarged == level).all()


def test_slopes_stay_slopes_in_place() -> None:
    slope = np.linspace(40, 200, 32)
    plate = np.repeat(np.repeat(slope[None, :, None], 16, axis=0), 3, axis=2).round().astype(np.uint8)
    enlarged = upscale.lanczos(plate, 320, 160)[80, :, 1].astype(float)
    centres = (np.arange(320) + 0.5) / 10 - 0.5
    expected = np.interp(centres, np.arange(32), slope)
    assert np.abs(enlarged - expected)[40:-40].max() < 2
