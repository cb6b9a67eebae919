"""Category and landmarks are those that a garment was drawn with, at any size, place and lean."""

import csv
import os
from contextlib import suppress
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.contracts import Category, Matte, Shape
from stages.errors import NotFoundError
from stages.pose.body import measure
from stages.shape import describe
from tests import pictures
from tests.examples import examples
from tests.stages.drawn import GARMENTS, Garment, marks_of, matte_of

NAMES = sorted(GARMENTS)
SLOW = settings(max_examples=examples(12), deadline=None)

#: Corners are rounded over a few grid pixels, and an armhole has no single lowest point.
TOLERANCE_CM = 4.0


def gap(found: tuple[float, float], true: tuple[float, float]) -> float:
    return float(np.hypot(found[0] - true[0], found[1] - true[1]))


@pytest.mark.parametrize("name", NAMES)
def test_category_of_drawn_garments(name: str) -> None:
    shape = describe(matte_of(GARMENTS[name]))
    assert shape.category == GARMENTS[name].category
    # The outline alone cannot be sure of a coat, and says so.
    assert (shape.confidence > 0.6) == (name != "coat")


@pytest.mark.parametrize("name", NAMES)
def test_landmarks_lie_where_they_were_drawn(name: str) -> None:
    found = describe(matte_of(GARMENTS[name])).landmarks
    for key, true in marks_of(GARMENTS[name]).items():
        assert gap(found[key], true) < TOLERANCE_CM * 6, (key, found[key], true)


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("tank", "cuff"),
        ("strap top", "shoulder"),
        ("tee", "strap"),
        ("tee", "crotch"),
        ("trousers", "cuff"),
        ("trousers", "shoulder"),
        ("skirt", "crotch"),
    ],
)
def test_a_landmark_that_the_garment_lacks_is_absent(name: str, absent: str) -> None:
    assert not [key for key in describe(matte_of(GARMENTS[name])).landmarks if absent in key]


@SLOW
@given(name=st.sampled_from(NAMES), per_cm=st.floats(3.0, 14.0))
def test_size_does_not_matter(name: str, per_cm: float) -> None:
    small, large = describe(matte_of(GARMENTS[name], 6.0)), describe(matte_of(GARMENTS[name], per_cm))
    assert small.category == large.category
    # The narrow end of the gap under a sleeve is lost in a small photo, and the armpit with it.
    assert {key for key in small.landmarks.keys() ^ large.landmarks.keys() if "armpit" not in key} == set()
    for key in small.landmarks.keys() & large.landmarks.keys():
        (x, y), there = small.landmarks[key], large.landmarks[key]
        assert gap((x / 6, y / 6), (there[0] / per_cm, there[1] / per_cm)) < 2.5, key


@SLOW
@given(name=st.sampled_from(NAMES), left=st.integers(0, 300), top=st.integers(0, 300))
def test_place_in_the_photo_does_not_matter(name: str, left: int, top: int) -> None:
    matte = matte_of(GARMENTS[name], 4.0)
    here, there = describe(matte), describe(np.pad(matte, ((top, 7), (left, 3))))
    assert here.category == there.category
    assert here.confidence == there.confidence
    for key, (x, y) in here.landmarks.items():
        assert there.landmarks[key] == pytest.approx((x + left, y + top))


@pytest.mark.parametrize("name", NAMES)
def test_a_mirrored_photo_has_mirrored_landmarks(name: str) -> None:
    matte = _asymmetric(matte_of(GARMENTS[name]))
    here, there = describe(matte), describe(np.ascontiguousarray(matte[:, ::-1]))
    assert here.category == there.category
    for key, (x, y) in here.landmarks.items():
        other = key.replace("right", "*").replace("left", "right").replace("*", "left")
        assert gap(there.landmarks[other], (matte.shape[1] - 1 - x, y)) < 10, key


@pytest.mark.parametrize("lean", [-6, -3, 4, 7])
@pytest.mark.parametrize("name", ["tee", "long sleeve", "trousers", "dress"])
def test_a_leaning_garment_keeps_category_and_landmarks(name: str, lean: float) -> None:
    garment = GARMENTS[name]
    matte = matte_of(garment, lean=lean)
    shape = describe(matte)
    assert shape.category == garment.category
    turn = cv2.getRotationMatrix2D(((matte.shape[1] - 1) / 2, (matte.shape[0] - 1) / 2), -lean, 1)
    for key, (x, y) in marks_of(garment).items():
        assert gap(shape.landmarks[key], tuple(turn @ (x, y, 1))) < TOLERANCE_CM * 6, key


def test_an_inner_collar_that_is_kept_does_not_move_the_shoulders() -> None:
    tee = GARMENTS["tee"]
    filled = Garment("top", [(0, 0), *tee.half[2:]])
    open_neck, closed = describe(matte_of(tee)), describe(matte_of(filled))
    assert closed.category == "top"
    assert gap(open_neck.landmarks["left_shoulder"], closed.landmarks["left_shoulder"]) < 12


def test_a_crotch_that_closed_legs_hide_is_found_where_bodies_have_it() -> None:
    trousers = GARMENTS["trousers"]
    true = marks_of(trousers)["crotch"]
    matte = matte_of(trousers)
    # The inner edges touch down to twice the rise.
    level, end = round(true[1]), round(true[1] + 34 * 6)
    for y in range(level, end):
        columns = np.flatnonzero(matte[y] > 0.5)
        matte[y, columns[0] : columns[-1] + 1] = 1
    found = describe(matte)
    assert found.category == "bottom"
    assert gap(found.landmarks["crotch"], true) < 1.5 * TOLERANCE_CM * 6


def test_a_sleeve_that_hides_its_armpit_does_not_lower_it() -> None:
    true = marks_of(GARMENTS["tee"])
    matte = matte_of(GARMENTS["tee"])
    x, y = (round(v) for v in true["right_armpit"])
    matte[y : y + 24, x - 18 : x + 6] = 1
    found = describe(matte).landmarks
    assert abs(found["right_armpit"][1] - found["left_armpit"][1]) < 6


def test_lace_and_lost_prints_do_not_matter() -> None:
    matte = matte_of(GARMENTS["dress"])
    ys, xs = np.nonzero(matte == 1)
    for n in np.random.default_rng(3).integers(0, len(xs), 60):
        cv2.circle(matte, (int(xs[n]), int(ys[n])), 5, 0.0, -1)
    matte = np.where(matte_of(GARMENTS["dress"]) < 1, matte_of(GARMENTS["dress"]), matte)
    assert describe(matte).category == "dress"


def test_a_told_category_is_believed() -> None:
    shape = describe(matte_of(GARMENTS["tee"]), "dress")
    assert (shape.category, shape.confidence) == ("dress", 1.0)


def test_a_front_that_opens_tells_a_coat_from_a_long_shirt() -> None:
    """Print and stripes have edges too, but none that goes all the way down the middle alone."""
    shirt = Garment("top", [(u, min(y, 73)) for u, y in GARMENTS["coat"].half])
    matte = matte_of(shirt)
    plain = np.full((*matte.shape, 3), 120, np.uint8)
    opens, striped = plain.copy(), plain.copy()
    middle = matte.shape[1] // 2
    opens[:, middle : middle + 3] = 40
    striped[:, ::12] = 40
    shapes = [describe(matte, picture=picture) for picture in (plain, striped, opens)]
    assert [_coat(shape) for shape in shapes[:2]] == [_coat(describe(matte))] * 2
    assert _coat(shapes[2]) > _coat(shapes[0]) + 0.1


def _coat(shape: Shape) -> float:
    return shape.confidence if shape.category == "outerwear" else 1 - shape.confidence


def test_two_pieces_are_a_bikini() -> None:
    upper, lower = matte_of(GARMENTS["strap top"], 3.0), matte_of(GARMENTS["briefs"], 3.0)
    wide = max(upper.shape[1], lower.shape[1])
    crop = upper[: round(0.75 * len(upper))]
    sides = [wide - each.shape[1] for each in (crop, lower)]
    both = [
        np.pad(each, ((0, 0), (more // 2, more - more // 2))) for each, more in zip((crop, lower), sides, strict=True)
    ]
    shape = describe(np.vstack(both))
    assert shape.category == "swim"
    assert "crotch" in shape.landmarks
    assert "right_strap" in shape.landmarks


@pytest.mark.sampled(4 * len(get_args(Category)))
@pytest.mark.parametrize("told", get_args(Category))
@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_garment_is_told_to_be_a_body_fits_it(name: str, told: Category) -> None:
    shape = describe(matte_of(GARMENTS[name], 2.0), told)
    assert shape.category == told
    assert 100 < measure(shape).stature / 2 < 400


def test_an_empty_matte_is_refused() -> None:
    with pytest.raises(NotFoundError):
        describe(np.zeros((40, 30), np.float32))


@pytest.mark.parametrize("box", [(10, 10, 11, 11), (5, 5, 200, 8), (5, 5, 8, 200), (0, 0, 300, 300)])
def test_any_blob_gets_landmarks(box: tuple[int, int, int, int]) -> None:
    matte = np.zeros((300, 300), np.float32)
    matte[box[1] : box[3], box[0] : box[2]] = 1
    assert describe(matte).landmarks


@pytest.mark.skipif("ONMODEL_PHOTOS" not in os.environ, reason="needs real photos")
def test_category_of_real_garments() -> None:
    folder = Path(os.environ["ONMODEL_PHOTOS"])
    wrong = []
    for row in csv.DictReader((folder / "labels.csv").open()):
        if row["category"] != "person":
            trimap = pictures.read(folder / "trimaps" / Path(row["file"]).with_suffix(".png").name, 0)
            guessed = describe(_garment(trimap)).category
            if guessed != row["category"]:
                wrong.append((row["file"], guessed))
    assert not wrong


def _garment(trimap: np.ndarray) -> Matte:
    """Returns garment and don't-care, less the don't-care margin of three pixels along the outline."""
    inner = cv2.erode((trimap >= 128).astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.asarray(np.maximum(inner, (trimap == 255).astype(np.uint8)), np.float32)


def _asymmetric(matte: Matte) -> Matte:
    """Takes a notch out of the picture's left hem."""
    rows, columns = np.nonzero(matte)
    out = matte.copy()
    out[rows.max() - 8 :, : columns.min() + (columns.max() - columns.min()) // 3] = 0
    return out


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("category", [None, "top", "bottom", "skirt", "dress", "outerwear", "swim"])
def test_what_has_no_outline_of_a_garment_is_said_so(seed: int, category: Category | None) -> None:
    """Mattes of people's own may be lines, dots and dust."""
    dice = np.random.default_rng(seed)
    matte = np.zeros((int(dice.integers(1, 90)), int(dice.integers(1, 90))), np.float32)
    if seed < 3:
        matte = (dice.random(matte.shape) > (0.5, 0.9, 0.99)[seed]).astype(np.float32)
    elif seed == 3:
        matte[dice.integers(matte.shape[0])] = 1
    elif seed == 4:
        matte[:, dice.integers(matte.shape[1])] = 1
    else:
        cv2.line(matte, (0, 0), matte.shape[::-1], 1, 1)
    with suppress(NotFoundError):
        describe(matte, category)
