"""How sharp eyes and hands are is measured where they are, at one size, whatever the picture's."""

import cv2
import numpy as np
import pytest

from scripts.figure.evaluate import detail, hands
from stages.contracts import KEYPOINTS, Plate, Skeleton


def person(scale: int) -> tuple[Plate, Skeleton]:
    """Returns a grey picture with texture about eyes and right hand, and where they are."""
    joints = np.zeros((len(KEYPOINTS), 3), np.float32)
    places = {"right_eye": (90, 40), "left_eye": (110, 40), "right_elbow": (40, 120), "right_wrist": (40, 180)}
    for name, (x, y) in places.items():
        joints[KEYPOINTS.index(name)] = x, y, 1
    picture = np.full((300, 200, 3), 128, np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (300, 200, 1), np.uint8)
    picture[170:230, 10:70] = noise[170:230, 10:70]
    picture[20:60, 75:125] = 128 + noise[20:60, 75:125] // 8
    size = (200 * scale, 300 * scale)
    return cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST), joints * (scale, scale, 1)


def test_hands_and_eyes_are_measured_where_they_are() -> None:
    picture, joints = person(2)
    (hand,) = hands(picture, joints)
    eyes = detail(picture, joints)
    assert eyes is not None
    assert hand > 4 * eyes > 0
    assert detail(np.full_like(picture, 128), joints) == 0


def test_a_larger_picture_of_the_same_is_as_sharp() -> None:
    small, large = person(4), person(8)
    assert hands(*large)[0] == pytest.approx(hands(*small)[0], rel=0.2)


def test_what_is_cut_off_or_unseen_is_left_out() -> None:
    picture, joints = person(1)
    assert hands(picture[:200], joints) == []
    joints[KEYPOINTS.index("right_wrist"), 2] = 0.1
    assert hands(picture, joints) == []
    joints[KEYPOINTS.index("left_eye"), 2] = 0
    assert detail(picture, joints) is None
