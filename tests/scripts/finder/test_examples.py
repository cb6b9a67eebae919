"""What the finder is trained with: photos and labels move together, wrong masks are told from right ones."""

import cv2
import numpy as np

from scripts.finder.augment import moved, recoloured
from scripts.finder.example import Example
from scripts.finder.judge import measures, verdict
from scripts.finder.paste import pasted, surroundings


def shirt(seed: int = 0, cloth: tuple[int, int, int] = (190, 40, 60)) -> Example:
    random = np.random.default_rng(seed)
    photo = np.clip(120 + 12 * random.standard_normal((200, 150, 3)), 0, 255).astype(np.uint8)
    outline = np.array([(40, 40), (110, 40), (140, 80), (118, 96), (112, 84), (112, 170), (38, 170), (38, 84), (32, 96),
                        (10, 80)])  # fmt: skip
    mask = np.zeros((200, 150), np.uint8)
    cv2.fillPoly(mask, [outline], 255)
    photo[mask > 0] = np.clip(np.array(cloth) + 5 * random.standard_normal((int((mask > 0).sum()), 3)), 0, 255)
    labels = np.zeros((200, 150, 4), np.uint8)
    labels[..., 0] = mask
    return Example(photo, labels, parts=False)


def test_labels_follow_the_photo() -> None:
    for seed in range(12):
        made = moved(shirt(), (160, 128), np.random.default_rng(seed))
        cover = made.labels[..., 0]
        red = made.photo[..., 0].astype(int) - made.photo[..., 1]
        assert (red[cover > 250] > 60).mean() > 0.97
        near, far = (cv2.dilate(cover, np.ones((size, size), np.uint8)) for size in (3, 9))
        beside = (far > 0) & (near == 0)
        assert (red[beside] < 60).mean() > 0.97


def test_recolouring_moves_nothing() -> None:
    example = shirt()
    made = recoloured(example, np.random.default_rng(4))
    assert made.labels is example.labels
    assert made.photo.shape == example.photo.shape
    assert not np.array_equal(made.photo, example.photo)


def test_a_pasted_garment_keeps_its_colours_and_loses_its_backdrop() -> None:
    front, behind = shirt(cloth=(20, 60, 200)), shirt(1)
    made = pasted(front, behind, np.random.default_rng(2))
    inside = cv2.erode(front.labels[..., 0], np.ones((7, 7), np.uint8)) > 0
    assert np.abs(made.photo[inside].astype(int) - front.photo[inside]).max() <= 1
    outside = cv2.dilate(front.labels[..., 0], np.ones((9, 9), np.uint8)) == 0
    assert np.abs(made.photo[outside].astype(int) - front.photo[outside]).mean() > 5


def test_surroundings_hold_nothing_of_the_garment() -> None:
    behind = surroundings(shirt(), 200, 150, np.random.default_rng(0))
    assert behind.shape == (200, 150, 3)
    assert (behind[..., 0] - behind[..., 1]).max() < 120


def test_a_right_mask_is_told_from_wrong_ones() -> None:
    example = shirt()
    right = example.labels[..., 0]
    half = right.copy()
    half[:, :75] = 0
    doubtful = (right * 0.5).astype(np.uint8)
    assert verdict(measures(example.photo, right)) == "right"
    for wrong in (half, doubtful, np.zeros_like(right)):
        assert verdict(measures(example.photo, wrong)) == "wrong"
