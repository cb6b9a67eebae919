"""What training is shown: heads weigh more, and windows cut every part of an example at the same place."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scripts.house.examples import COARSE, HEAD_WEIGHT, STRIDE, corner, head_weight, windows
from stages.contracts import KEYPOINTS, Skeleton

HEIGHT, WIDTH, SIDE = 72, 48, 32


def with_head(x: float, y: float, apart: float = 30) -> Skeleton:
    skeleton = np.zeros((18, 3), np.float32)
    for name, shift in (("right_ear", -apart / 2), ("left_ear", apart / 2)):
        skeleton[KEYPOINTS.index(name)] = (x + shift, y, 1)
    return skeleton


@given(st.floats(0, WIDTH * STRIDE - 1), st.floats(0, HEIGHT * STRIDE - 1), st.integers(0, 99))
def test_a_window_holds_the_head_and_stays_in_the_picture(x: float, y: float, seed: int) -> None:
    left, top = corner(with_head(x, y), HEIGHT, WIDTH, SIDE, np.random.default_rng(seed))
    assert left % COARSE == top % COARSE == 0
    assert 0 <= left <= WIDTH - SIDE
    assert 0 <= top <= HEIGHT - SIDE
    assert left - COARSE <= x / STRIDE <= left + SIDE + COARSE
    assert top - COARSE <= y / STRIDE <= top + SIDE + COARSE


def test_windows_of_latents_and_of_their_drawing_show_the_same() -> None:
    latents = torch.arange(2 * HEIGHT * WIDTH, dtype=torch.float32).reshape(2, 1, HEIGHT, WIDTH)
    drawing = latents.repeat_interleave(STRIDE, 2).repeat_interleave(STRIDE, 3)
    corners = [(4, 8), (16, 40)]
    small = windows(latents, corners, SIDE, 1)
    assert small[1, 0, 0, 0] == latents[1, 0, 40, 16]
    assert torch.equal(windows(drawing, corners, SIDE, STRIDE)[:, :, ::STRIDE, ::STRIDE], small)


def test_the_head_weighs_more_and_the_rest_one() -> None:
    weight = head_weight(with_head(192, 80), HEIGHT, WIDTH)[0]
    assert weight[10, 24] == HEAD_WEIGHT
    assert weight[40, 24] == weight[10, 4] == 1
    # An ear's distance from the middle is 0.36 of a head's length, and hair reaches 0.75.
    assert float((weight > 1).sum()) == pytest.approx(np.pi * (15 / 0.36 * 0.75 / STRIDE) ** 2, rel=0.15)


def test_a_head_out_of_frame_has_no_weight() -> None:
    assert head_weight(with_head(192, -400), HEIGHT, WIDTH).max() == 1
