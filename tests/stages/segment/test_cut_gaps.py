"""Gaps, shadows and prints of drawn garments: what is backdrop goes, what is cloth stays."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.options import SegmentOptions
from stages.segment import classical
from tests.stages.segment.drawn import Drawn, draw

WHITE = (242, 242, 242)


def find(pixels: np.ndarray) -> np.ndarray:
    return classical.load(SegmentOptions())(pixels) > 0.5


def with_gap(x: int, width: int, shade: float) -> tuple[Drawn, np.ndarray]:
    """Draws a dark top with a slit beside its outline, as between two straps; the slit grows darker downwards."""
    drawn = draw("tee", height=512, colour=(40, 60, 140), backdrop=WHITE, noise=0.3)
    gap = np.zeros(drawn.matte.shape, bool)
    gap[300:360, x : x + width] = True
    pixels = drawn.pixels.copy()
    light = np.broadcast_to(1 - shade * (np.arange(512) - 300)[:, None] / 60, gap.shape)
    pixels[gap] = np.clip(242 * light[gap], 0, 255).astype(np.uint8)[:, None]
    return Drawn(pixels, drawn.matte * ~gap, drawn.foreground), gap


@settings(max_examples=4, deadline=None)
@given(st.integers(112, 120), st.integers(8, 14), st.floats(0, 0.06))
def test_a_gap_is_found_whole_and_nothing_beside_it(x: int, width: int, shade: float) -> None:
    drawn, gap = with_gap(x, width, shade)
    near = cv2.dilate(gap.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    open_ = ~find(drawn.pixels) & near & (drawn.matte + gap > 0.5)
    assert (open_ & gap).sum() / (open_ | gap).sum() >= 0.9


def test_a_slit_that_grows_dark_is_followed_to_its_end() -> None:
    drawn = draw("trousers", height=512, colour=(200, 130, 130), backdrop=WHITE, noise=0.3)
    pixels = drawn.pixels.copy()
    for y in range(130, 186):  # from the crotch up, ever narrower and darker
        half = 3 + 7 * (y - 130) // 56
        pixels[y, 192 - half : 192 + half] = round(242 * (0.85 + 0.15 * (y - 130) / 56))
    found = find(pixels)
    assert np.mean(~found[140:180, 191:193]) > 0.95
    assert np.mean(found[140:180, 170:180]) > 0.99


@pytest.mark.parametrize("cloth", ["dots", "stripes", "print"])
def test_prints_in_the_backdrops_colour_stay(cloth: str) -> None:
    drawn = draw("dress", height=512, cloth=cloth, colour=(60, 60, 70), backdrop=(238, 238, 236), noise=0.3)
    inside = cv2.erode((drawn.matte == 1).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert np.mean(find(drawn.pixels)[inside]) > 0.995
