"""Accessories turned, mirrored and split: no pixel is lost, and each goes to the foot, ear or wrist that it is for."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stages.outfit import turning

SHOE = np.array([(0, 40), (0, 10), (20, 8), (28, 22), (60, 30), (66, 40)], np.int32)


def side_shoe(*, right: bool = True) -> np.ndarray:
    found = np.zeros((60, 100), np.uint8)
    cv2.fillPoly(found, [SHOE + np.array([15, 10], np.int32)], 1)
    return (found if right else found[:, ::-1]).astype(np.float32)


def toe_shoe(shape: tuple[int, int], *middles: int) -> np.ndarray:
    found = np.zeros(shape, np.uint8)
    for middle in middles:
        cv2.ellipse(found, (middle, 60), (18, 45), 0, 0, 360, 1, -1)
    return found.astype(np.float32)


def watch() -> np.ndarray:
    found = np.zeros((200, 120), np.uint8)
    found[10:190, 48:72] = 1
    cv2.circle(found, (60, 100), 30, 1, -1)
    return found.astype(np.float32)


@given(
    turn=st.sampled_from((0, 90, 180, 270)), mirrored=st.booleans(), height=st.integers(1, 9), width=st.integers(1, 9)
)
def test_turning_is_pillows_and_loses_nothing(turn: int, mirrored: bool, height: int, width: int) -> None:
    picture = np.random.default_rng(height * 10 + width).integers(0, 256, (height, width, 3), np.uint8)
    found = turning.turned(picture, turn, mirrored)
    whole = Image.fromarray(picture).rotate(-turn, expand=True)
    assert np.array_equal(found, np.asarray(whole.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else whole))
    again = turning.turned(found, turn if mirrored else -turn % 360, mirrored)
    assert np.array_equal(again, picture)


def test_a_shoe_from_the_side_is_told_from_one_from_the_toe_and_which_way_it_points() -> None:
    for right in (True, False):
        seen = side_shoe(right=right) > 0.5
        assert turning.from_side(seen)
        assert turning.points(seen) == ("right" if right else "left")
    assert not turning.from_side(toe_shoe((120, 60), 30) > 0.5)


@pytest.mark.parametrize("apart", [0, 4, 20])
def test_a_pair_is_split_between_its_shoes_even_where_they_touch(apart: int) -> None:
    matte = toe_shoe((120, 160), 60, 92 + apart)
    halves = turning.parts(matte)
    assert len(halves) == 2
    assert (halves[0] ^ halves[1]).all()
    counts = [np.count_nonzero(matte * half) for half in halves]
    assert counts[0] == pytest.approx(counts[1], rel=0.06)
    assert np.nonzero(matte * halves[0])[1].mean() < np.nonzero(matte * halves[1])[1].mean()


def test_what_is_one_thing_is_not_split_and_crumbs_are_no_shoes() -> None:
    boots = np.maximum(side_shoe(), np.roll(side_shoe(), (8, 20), (0, 1)))
    assert len(turning.parts(boots)) == 1
    alone = toe_shoe((120, 60), 30)
    alone[2:5, 2:5] = 1
    assert len(turning.parts(alone)) == 1
    # A round bag is much like its mirror image, and has no waist between two halves.
    assert len(turning.parts(toe_shoe((130, 160), 60, 62, 64, 66, 68))) == 1


def test_a_watchs_strap_lies_across_the_wrist_and_its_ends_go_around_it() -> None:
    assert turning.usual("watch", watch(), "left") == 90
    assert turning.usual("watch", watch(), "right") == 270
    assert turning.usual("watch", turning.turned(watch(), 90), "left") == 0
    assert turning.usual("bag", watch(), "left") == 0
    across = turning.turned(watch(), 90)
    kept = turning.around(across)
    columns = np.flatnonzero(kept.any(axis=0))
    assert 60 <= np.ptp(columns) <= 100
    assert np.array_equal(kept[:, columns], across[:, columns])
    assert columns.mean() == pytest.approx(100, abs=2)
