"""The drawn skeleton is the one that OpenPose ControlNets were trained on."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.contracts import Skeleton
from stages.pose.draw import COLOURS, draw
from tests.examples import examples


def random_skeleton(seed: int, width: int, height: int) -> Skeleton:
    random = np.random.default_rng(seed)
    skeleton = random.uniform((0, 0, 0), (width - 1, height - 1, 1), (18, 3)).astype(np.float32)
    skeleton[:, 2] = skeleton[:, 2] > 0.2
    return skeleton


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_controlnet_aux_at_its_own_size(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from controlnet_aux.open_pose.body import Keypoint
        from controlnet_aux.open_pose.util import draw_bodypose
    skeleton = random_skeleton(seed, 512, 768)
    points = [Keypoint(x / 512, y / 768) if seen else None for x, y, seen in skeleton.tolist()]
    theirs = draw_bodypose(np.zeros((768, 512, 3), np.uint8), points)
    ours = draw(skeleton, 512, 768)
    # Their coordinates pass through a division, so that a joint may fall on the neighbouring pixel.
    assert (np.abs(theirs.astype(int) - ours).max(axis=2) > 8).mean() < 0.003


@settings(deadline=None, max_examples=examples(30))
@given(st.integers(0, 99), st.integers(64, 300), st.integers(64, 300), st.floats(1, 12))
def test_each_seen_joint_shows_its_colour_unless_covered(seed: int, width: int, height: int, stick: float) -> None:
    skeleton = random_skeleton(seed, width, height)
    picture = draw(skeleton, width, height, stick)
    seen = np.flatnonzero(skeleton[:, 2])
    if len(seen):
        last = seen[-1]
        x, y = skeleton[last, :2].astype(int)
        assert tuple(picture[y, x]) == COLOURS[last]


@settings(deadline=None, max_examples=examples(20))
@given(st.integers(0, 99))
def test_joints_outside_the_frame_are_clipped_by_it(seed: int) -> None:
    skeleton = random_skeleton(seed, 128, 192)
    moved = skeleton.copy()
    moved[:, :2] += 64
    large = draw(moved, 256, 320, 4.0)
    small = draw(skeleton - np.array((0, 48, 0), np.float32), 128, 192, 8.0)
    # Same scale factor in both: 4 at 256 and 8 at 128 give a radius of 2 pixels.
    assert np.array_equal(small[:144], large[64 + 48 : 64 + 192, 64 : 64 + 128])


def test_absent_joints_leave_no_trace_and_wrong_shapes_are_refused() -> None:
    assert not draw(np.zeros((18, 3), np.float32), 64, 64).any()
    with pytest.raises(ValueError, match="18 x 3"):
        draw(np.zeros((17, 3), np.float32), 64, 64)
