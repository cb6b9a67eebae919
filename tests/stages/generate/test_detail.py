"""Face and hands are painted again larger, at the canvas's own size, on the generated side alone."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest

from stages import bleed
from stages.contracts import KEYPOINTS, ModelCard, Placed, Plate, Progress, Prompt, Request, Skeleton
from stages.errors import NoPlateError
from stages.generate import detail
from stages.generate.request import request
from stages.options import GenerateOptions
from tests import fakes

JOINT = {name: number for number, name in enumerate(KEYPOINTS)}
OPTIONS = GenerateOptions(detail=True)
BEFORE, AGAIN = 90, 200
#: The spot's level once the part's own, darker by 30, has been brought to the plate's.
FOUND = AGAIN + 30


def standing(scale: float = 1.0) -> Skeleton:
    """Returns a person with head and hands in a frame of 512 x 768."""
    skeleton = np.zeros((18, 3), np.float32)
    for name, x, y in (
        ("nose", 256, 100), ("neck", 256, 160), ("right_ear", 232, 96), ("left_ear", 280, 96),
        ("right_elbow", 120, 320), ("right_wrist", 100, 420), ("left_elbow", 392, 320), ("left_wrist", 412, 420),
    ):  # fmt: skip
        skeleton[JOINT[name]] = (x * scale, y * scale, 1)
    return skeleton


def kept(above: int = 160) -> Placed:
    return fakes.placed(height=300, width=200, above=above, below=468 - above, beside=156)


class Stamp:
    """Paints what it is shown, 30 levels darker as models do, and a bright spot in the middle."""

    cards: tuple[ModelCard, ...] = (ModelCard("generator", "stamp", None, "Apache-2.0"),)
    multiple = 8

    def __init__(self, pixels: int = 256 * 384, fails: Sequence[str] = ()) -> None:
        self.pixels, self.fails = pixels, fails
        self.requests: list[Request] = []

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        self.requests.append(request)
        if request.prompt.positive in self.fails:
            raise NoPlateError("held back")
        height, width = request.mask.shape
        y, x = np.ogrid[:height, :width]
        spot = np.hypot(x - width / 2, y - height / 2) < 0.15 * width
        return np.where(spot[..., None], AGAIN, request.image - np.minimum(request.image, 30)).astype(np.uint8)


def finer(stamp: Stamp, skeleton: Skeleton | None, placed: Placed, options: GenerateOptions = OPTIONS) -> Plate:
    first = request(placed, standing() * 0, Prompt("a woman", "blurry"), options, stamp)
    if skeleton is not None:
        skeleton = skeleton * np.array(
            [first.mask.shape[1] / placed.width, first.mask.shape[0] / placed.height, 1], np.float32
        )
    plate = np.full((placed.height, placed.width, 3), BEFORE, np.uint8)
    first = dataclasses.replace(first, skeleton=skeleton)
    return detail.finer(plate, first, placed, options, stamp, 3, bleed.clear, lambda done, total: None)


def test_face_and_hands_are_painted_again_and_nothing_else() -> None:
    stamp = Stamp()
    plate = finer(stamp, standing(), kept())
    assert [each.prompt.positive for each in stamp.requests] == [
        "detailed face, a woman", "detailed hand, a woman", "detailed hand, a woman",
    ]  # fmt: skip
    assert all(each.strength == OPTIONS.detail_strength for each in stamp.requests)
    assert all(int(each.steps * each.strength) >= 1 for each in stamp.requests)
    assert all(abs(each.mask.size - stamp.pixels) < 0.1 * stamp.pixels for each in stamp.requests)
    changed = (plate != BEFORE).any(axis=2)
    for x, y in ((256, 100), (92, 460)):
        assert np.abs(plate[y, x].astype(int) - FOUND).max() <= 2
    assert not changed[600:].any()
    assert 0.005 < changed.mean() < 0.1


def test_a_part_shows_the_garment_as_photographed_and_the_plate_around_it() -> None:
    """The garment's own pixels at the part's size, not those that the first painting had room for."""
    placed = kept(above=120)
    stamp = Stamp()
    finer(stamp, standing(), placed)
    face = stamp.requests[0]
    generated = face.mask > 0
    assert 0.05 < 1 - generated.mean() < 0.7
    assert (face.image[generated] == BEFORE).all()
    assert np.abs(np.median(face.image[~generated], axis=0) - (150, 40, 50)).max() < 3


def test_a_part_is_shown_as_it_lies_in_the_picture() -> None:
    stamp = Stamp()
    finer(stamp, standing(), kept())
    face = stamp.requests[0]
    assert face.skeleton is not None
    x, y = face.skeleton[JOINT["nose"], :2]
    assert abs(x / face.mask.shape[1] - 0.5) < 0.05
    assert abs(y / face.mask.shape[0] - 0.5) < 0.05
    assert face.control[int(y), int(x)].any()


def test_a_part_s_own_levels_do_not_show() -> None:
    """What is painted again is darker: not so in the picture, and no rim shows where it begins."""
    plate = finer(Stamp(), standing(), kept()).astype(int)
    y, x = np.ogrid[:768, :512]
    around = (np.hypot(x - 256, y - 100) < 96) & (np.hypot(x - 256, y - 100) > 0.17 * 154)
    outside_garment = around & (np.arange(768)[:, None] < 150)
    assert np.abs(plate[outside_garment] - BEFORE).max() <= 3


def test_a_face_at_the_frame_s_border_is_whole_there() -> None:
    near_top = standing() - np.array([0, 50, 0], np.float32)
    near_top[:, 2] = standing()[:, 2]
    stamp = Stamp()
    plate = finer(stamp, near_top, kept())
    # The box was moved into the frame, and its middle, the spot, with it.
    assert np.abs(plate[77, 256].astype(int) - FOUND).max() <= 4


def test_parts_are_painted_at_the_size_that_is_asked() -> None:
    stamp = Stamp()
    finer(stamp, standing(), kept(), OPTIONS.model_copy(update={"detail_pixels": 192 * 192}))
    assert {each.mask.shape for each in stamp.requests} == {(192, 192)}


@pytest.mark.parametrize(
    "skeleton", [None, np.zeros((18, 3), np.float32), standing(scale=9.0), standing() * np.array([1, 1, 0], np.float32)]
)
def test_without_parts_in_the_frame_nothing_is_painted_again(skeleton: Skeleton | None) -> None:
    stamp = Stamp()
    plate = finer(stamp, skeleton, kept())
    assert not stamp.requests
    assert (plate == BEFORE).all()


def test_a_part_that_the_model_painted_large_enough_is_left_alone() -> None:
    """A large face in a bust, or a model that paints the whole canvas at its size."""
    stamp = Stamp(pixels=512 * 768)
    finer(stamp, standing(), kept(), OPTIONS.model_copy(update={"detail_pixels": 100 * 100}))
    assert not stamp.requests


def test_a_part_under_the_garment_is_left_alone() -> None:
    stamp = Stamp()
    covered = standing()
    covered[JOINT["right_elbow"], :2], covered[JOINT["right_wrist"], :2] = (240, 220), (250, 300)
    finer(stamp, covered, kept())
    assert [each.prompt.positive.split(",")[0] for each in stamp.requests] == ["detailed face", "detailed hand"]


def test_a_part_that_cannot_be_painted_costs_none_of_the_others() -> None:
    plate = finer(Stamp(fails=["detailed face, a woman"]), standing(), kept())
    assert plate[100, 256].tolist() == [BEFORE] * 3
    assert plate[460, 92, 0] > FOUND - 3
