"""The body behind a kept subject stands on its floor and is covered by it."""

import cv2
import numpy as np
import pytest

from stages import write
from stages.canvas import whole
from stages.contracts import KEYPOINTS, Placed
from stages.options import PhotoOptions
from stages.photo import read
from stages.pose.hidden import hidden


def person(*shapes: list[tuple[int, int]], size: tuple[int, int] = (400, 600)) -> Placed:
    matte = np.zeros(size[::-1], np.uint8)
    for shape in shapes:
        cv2.fillPoly(matte, [np.array(shape)], 1)
    photo = read(write.encode(np.full((*matte.shape, 3), 90, np.uint8), None), PhotoOptions(), "person.png")
    return whole.tight(whole.place(photo, whole.cutout(photo, matte.astype(np.float32), "drawn")))


STANDING = [(180, 40), (220, 40), (260, 120), (270, 340), (250, 560), (215, 560), (200, 330), (185, 560), (150, 560),
            (130, 340), (140, 120)]  # fmt: skip
FEET = [KEYPOINTS.index(f"{side}_ankle") for side in ("right", "left")]


def covered(placed: Placed, joints: np.ndarray) -> np.ndarray:
    kept = np.zeros((placed.height, placed.width), bool)
    kept[placed.window] = placed.matte > 0.5
    seen = (joints[:, 1] < placed.height) & (joints[:, 1] >= 0)
    at = np.rint(joints[seen, :2]).astype(int)
    return np.asarray(kept[at[:, 1], at[:, 0]])


def test_all_joints_are_covered_and_the_feet_stand_on_the_floor() -> None:
    placed = person(STANDING)
    joints = hidden(placed)
    assert covered(placed, joints).all()
    assert (joints[:, 2] == 1).all()
    assert (joints[FEET, 1] > 520).all()
    assert joints[FEET[0], 0] < 195
    assert joints[FEET[1], 0] > 205


def test_feet_that_the_frame_cuts_off_lie_below_it() -> None:
    placed = person([(170, 40), (230, 40), (290, 160), (300, 599), (100, 599), (110, 160)])
    joints = hidden(placed)
    assert covered(placed, joints).all()
    assert (joints[FEET, 1] > 640).all()


@pytest.mark.parametrize("turned", [False, True])
def test_of_several_it_stands_behind_the_largest(turned: bool) -> None:
    other = [(320, 300), (380, 300), (380, 560), (320, 560)]
    placed = person(*((other, STANDING) if turned else (STANDING, other)))
    joints = hidden(placed)
    assert covered(placed, joints).all()
    assert joints[:, 0].max() < 300


def test_it_stands_behind_a_bag_without_showing_in_its_handle() -> None:
    body = [(80, 320), (320, 320), (340, 560), (60, 560)]
    handle = [(120, 330), (150, 150), (250, 150), (280, 330), (268, 330), (242, 162), (158, 162), (132, 330)]
    joints = hidden(person(body, handle))
    assert (joints[:, 1] > 318).all()
    assert (joints[FEET, 1] > 510).all()


def test_nothing_kept_hides_no_one() -> None:
    placed = person([(10, 10), (14, 10), (14, 14)])
    empty = type(placed)(**{**{f: getattr(placed, f) for f in placed.__slots__}, "matte": np.zeros_like(placed.matte)})
    assert not hidden(empty).any()
