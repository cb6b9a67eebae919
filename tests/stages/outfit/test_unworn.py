"""A photo that cannot be worn as it is, is told of in words, and one that can is not."""

import cv2
import numpy as np
import pytest

from stages.contracts import Cutout, Photo, Shape
from stages.errors import ConfigError
from stages.outfit.options import Worn
from stages.outfit.pieces import Piece, piece
from stages.outfit.unworn import unworn
from tests.stages.outfit.test_turning import side_shoe, toe_shoe, watch


def pieces(kind: str, matte: np.ndarray, told: str = "") -> list[Piece]:
    pixels = np.random.default_rng(0).integers(0, 256, (*matte.shape, 3), np.uint8)
    photo = Photo(f"{kind}.png", pixels, kind)
    cutout = Cutout(matte, pixels.copy(), Shape("top", 0.0), "drawn", product=kind)
    return piece(photo, cutout, 1, photo, Worn.model_validate(f"{kind}.png kind={kind} {told}".strip()))


def pair(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.hstack([left, np.zeros((left.shape[0], 10), np.float32), right])


def ring(*, hollow: bool) -> np.ndarray:
    found = np.zeros((100, 100), np.uint8)
    cv2.circle(found, (50, 50), 40, 1, 8 if hollow else -1)
    return found.astype(np.float32)


def belt(buckle: int) -> np.ndarray:
    found = np.zeros((60, 500), np.float32)
    found[22:38, 10:490] = 1
    found[15:45, buckle - 20 : buckle + 20] = 1
    return found


@pytest.mark.parametrize(
    ("kind", "matte", "told"),
    [
        ("shoes", pair(side_shoe(right=False), side_shoe(right=True)), ""),
        ("shoes", toe_shoe((120, 160), 50, 110), ""),
        ("shoes", toe_shoe((120, 160), 60, 92), ""),
        ("shoes", toe_shoe((120, 60), 30), ""),
        ("shoes", side_shoe(), "single=true"),
        ("belt", belt(250), ""),
        ("ring", ring(hollow=False), ""),
        ("earrings", ring(hollow=True), "length_cm=4"),
        ("watch", watch(), ""),
    ],
)
def test_what_follows_the_body_is_not_told_of(kind: str, matte: np.ndarray, told: str) -> None:
    assert unworn(pieces(kind, matte, told)) == []


@pytest.mark.parametrize(
    ("kind", "matte", "word"),
    [
        ("shoes", pair(side_shoe(), side_shoe()), "side"),
        ("shoes", pair(side_shoe(right=True), side_shoe(right=False)), "side"),
        ("shoes", np.maximum(side_shoe(), np.roll(side_shoe(), (8, 20), (0, 1))), "single=true"),
        ("belt", belt(30), "straight"),
        ("ring", ring(hollow=True), "opening"),
        ("earrings", ring(hollow=False), "length_cm"),
    ],
)
def test_what_does_not_is_told_of_with_what_to_photograph(kind: str, matte: np.ndarray, word: str) -> None:
    (said,) = unworn(pieces(kind, matte))
    assert word in said
    assert f"{kind}.png" in said


@pytest.mark.parametrize("right", [True, False])
def test_one_shoe_is_worn_where_it_points_and_the_other_foot_has_its_mirror_image(right: bool) -> None:
    left_foot, right_foot = pieces("shoes", side_shoe(right=right), "single=true")
    assert (left_foot.which, right_foot.which) == (0, 1)
    assert left_foot.mirrored == right
    assert right_foot.mirrored != right
    assert np.array_equal(left_foot.photo.pixels, right_foot.photo.pixels[:, ::-1])
    assert np.array_equal(left_foot.cutout.matte, right_foot.cutout.matte[:, ::-1])


def test_an_accessory_is_turned_as_it_is_told_and_a_garment_is_not() -> None:
    (own,) = pieces("belt", belt(250), "turn=90")
    assert own.cutout.matte.shape == (500, 60)
    assert own.turn == 90
    with pytest.raises(ConfigError, match="upright"):
        pieces("skirt", toe_shoe((120, 60), 30), "turn=90")
