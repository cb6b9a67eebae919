"""Face and hands are painted again larger, on the generated side alone."""

import numpy as np
import pytest

from stages.contracts import KEYPOINTS, ModelCard, Plate, Progress, Prompt, Request, Skeleton
from stages.generate import detail
from stages.options import GenerateOptions

JOINT = {name: number for number, name in enumerate(KEYPOINTS)}


def standing(scale: float = 1.0) -> Skeleton:
    """Gives a person with head and hands in a frame of 256 x 384."""
    skeleton = np.zeros((18, 3), np.float32)
    for name, x, y in (
        ("nose", 128, 50), ("neck", 128, 80), ("right_ear", 116, 48), ("left_ear", 140, 48),
        ("right_elbow", 60, 160), ("right_wrist", 50, 210), ("left_elbow", 196, 160), ("left_wrist", 206, 210),
    ):  # fmt: skip
        skeleton[JOINT[name]] = (x * scale, y * scale, 1)
    return skeleton


def asked(skeleton: Skeleton | None, kept: tuple[slice, slice] = (slice(100, 200), slice(90, 170))) -> Request:
    mask = np.full((384, 256), 255, np.uint8)
    mask[kept] = 0
    return Request(
        image=np.where(mask[..., None] == 0, np.uint8([200, 40, 40]), np.uint8(128)).astype(np.uint8),
        mask=mask,
        control=np.zeros((384, 256, 3), np.uint8),
        prompt=Prompt("a woman", "blurry"),
        steps=2,
        guidance=2.0,
        strength=1.0,
        control_scale=1.0,
        skeleton=skeleton,
    )


class Stamp:
    """Paints grey at first, and white when it is asked for a part."""

    cards = (ModelCard("generator", "stamp", None, "Apache-2.0"),)
    multiple = 8
    pixels = 256 * 384

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        self.requests.append(request)
        return np.full((*request.mask.shape, 3), 90 if len(self.requests) == 1 else 255, np.uint8)


def test_face_and_hands_are_painted_again_and_nothing_else() -> None:
    stamp = Stamp()
    options = GenerateOptions(detail=True)
    plate = detail.Detailed(stamp, options)(asked(standing()), 3, lambda done, total: None)
    words = [each.prompt.positive for each in stamp.requests[1:]]
    assert words == ["detailed face, a woman", "detailed hand, a woman", "detailed hand, a woman"]
    assert all(each.strength == options.detail_strength for each in stamp.requests[1:])
    assert all(int(each.steps * each.strength) >= 1 for each in stamp.requests[1:])
    assert all(abs(each.mask.size - stamp.pixels) < 0.1 * stamp.pixels for each in stamp.requests[1:])
    changed = (plate != 90).any(axis=2)
    assert plate[50, 128].tolist() == plate[230, 46].tolist() == [255, 255, 255]
    assert not changed[300:].any()
    assert 0.02 < changed.mean() < 0.25


def test_what_is_kept_stays_as_it_was() -> None:
    request = asked(standing(), kept=(slice(40, 200), slice(120, 230)))
    plate = detail.Detailed(Stamp(), GenerateOptions())(request, 3, lambda done, total: None)
    assert (plate[request.mask == 0] == 90).all()
    assert (plate != 90).any()


def test_a_part_is_shown_as_it_lies_in_the_picture() -> None:
    stamp = Stamp()
    detail.Detailed(stamp, GenerateOptions())(asked(standing()), 3, lambda done, total: None)
    face = stamp.requests[1]
    assert face.skeleton is not None
    x, y = face.skeleton[JOINT["nose"], :2]
    assert abs(x / face.mask.shape[1] - 0.5) < 0.05
    assert abs(y / face.mask.shape[0] - 0.5) < 0.05
    assert face.control[int(y), int(x)].any()


@pytest.mark.parametrize(
    "skeleton", [None, np.zeros((18, 3), np.float32), standing(scale=9.0), standing() * np.float32([1, 1, 0])]
)
def test_without_parts_in_the_frame_nothing_is_painted_again(skeleton: Skeleton | None) -> None:
    stamp = Stamp()
    detail.Detailed(stamp, GenerateOptions())(asked(skeleton), 3, lambda done, total: None)
    assert len(stamp.requests) == 1


def test_a_part_that_the_model_painted_large_enough_is_left_alone() -> None:
    stamp = Stamp()
    stamp.pixels = 48 * 48
    detail.Detailed(stamp, GenerateOptions())(asked(standing()), 3, lambda done, total: None)
    assert len(stamp.requests) == 1
