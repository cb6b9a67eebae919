"""Faces of one casting look more alike than those of others, in other light and other hair."""

from functools import cache

import numpy as np
import pytest

from pipeline import config
from pipeline.collection.sameness import Sameness
from pipeline.receipt import Likeness
from stages import likeness
from stages.casting import Casting, Scene
from stages.figure.portrait import portrait, posed

SIZE = 192, 240


@cache
def face(name: str, light: str = "left", seed: int = 7) -> likeness.Face:
    casting = named(name)
    picture = portrait(casting, *SIZE, Scene(light_from=light, softness=0.8), seed)
    found = likeness.of(picture, None, posed(casting, *SIZE).skeleton)
    assert found is not None
    return found


def told(found: likeness.Face) -> Likeness:
    return Likeness(colour=found.colour, pattern=found.pattern.hex())


def named(name: str) -> Casting:
    return Casting.model_validate(config.read(config.find("castings", name)))


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, float]]:
    same = Sameness()
    for name in ("ada", "hari"):
        for light, seed in (("left", 1), ("right", 2)):
            same.add("mixed" if seed == 1 else None, told(face(name, light, seed)))
            same.add(name, told(face(name, light, seed)))
    same.add("alone", told(face("ada", "left", 1)))
    return {row["casting"]: row for row in same.rows()}


@pytest.mark.thorough
def test_one_person_is_more_alike_than_two(rows: dict[str, dict[str, float]]) -> None:
    for name in ("ada", "hari"):
        assert rows[name]["alike"] > rows["mixed"]["alike"] + 0.1
        assert rows[name]["colour"] < 0.5 * rows["mixed"]["colour"]
    assert "alone" not in rows


def test_equal_faces_have_no_distance_and_counts_are_pictures() -> None:
    same, found = Sameness(), told(face("ada", "left", 1))
    for _ in range(3):
        same.add("ada", found)
    same.add("ada", None)
    (row,) = same.rows()
    assert row["pictures"] == 3
    assert row["colour"] == pytest.approx(0, abs=0.05)
    assert row["alike"] == pytest.approx(1)


def test_a_face_that_turns_away_or_is_too_small_is_not_described() -> None:
    skeleton = posed(named("ada"), *SIZE).skeleton
    picture = np.full((SIZE[1], SIZE[0], 3), 128, np.uint8)
    away = skeleton.copy()
    away[14, 2] = 0
    assert likeness.of(picture, None, away) is None
    assert likeness.of(picture, None, skeleton * np.array([0.05, 0.05, 1], np.float32)) is None


@pytest.mark.thorough
def test_tilted_and_larger_faces_are_described_alike() -> None:
    import cv2

    casting = named("elena")
    picture, skeleton = portrait(casting, *SIZE), posed(casting, *SIZE).skeleton
    turn = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), 14, 1.0)
    turned = cv2.warpAffine(picture, turn, SIZE, borderMode=cv2.BORDER_REPLICATE)
    moved = skeleton.copy()
    moved[:, :2] = skeleton[:, :2] @ turn[:, :2].T + turn[:, 2]
    same = Sameness()
    for each in (likeness.of(picture, None, skeleton), likeness.of(turned, None, moved.astype(np.float32))):
        assert each is not None
        same.add("elena", told(each))
    (row,) = same.rows()
    assert row["alike"] > 0.95
    assert row["colour"] < 1.5
