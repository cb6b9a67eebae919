"""What the user says of the garment is heeded, whichever back-end found it."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from stages.contracts import Matte, ModelCard, Photo, Plate, Prompts
from stages.errors import ConfigError, NotFoundError
from stages.find import finder, steer, subject
from stages.matte import foreground
from stages.options import SegmentOptions
from tests.examples import examples
from tests.stages.find.drawn import draw

WIDTH, HEIGHT = 384, 512
HEM = "left_hem=200,100 right_hem=150,100"


class Told:
    """A segmenter that gives what it was told, and notes the prompts that reach it."""

    name = "told"
    card = ModelCard("segmenter", "told", None, "Apache-2.0")

    def __init__(self, answer: Matte) -> None:
        self.answer = answer
        self.seen: list[Prompts] = []

    def __call__(self, picture: Plate) -> Matte:
        return self.answer

    def prompted(self, picture: Plate, prompts: Prompts) -> Matte:
        self.seen.append(prompts)
        return self.answer


def tee(cloth: str = "plain") -> tuple[Plate, Matte]:
    drawn = draw("tee", height=HEIGHT, cloth=cloth, noise=1.0)
    return drawn.pixels, drawn.matte


def with_label(picture: Plate) -> tuple[Plate, np.ndarray]:
    """Puts a pale label with words on the chest; gives its region too."""
    picture, where = picture.copy(), np.zeros(picture.shape[:2], bool)
    where[200:240, 160:230] = True
    picture[where] = (225, 222, 215)
    cv2.putText(picture, "42", (172, 230), cv2.FONT_HERSHEY_SIMPLEX, 1, (30, 30, 30), 2)
    return picture, where


def test_a_label_is_taken_away_with_its_words_and_nothing_else_is() -> None:
    picture, matte = tee()
    picture, label = with_label(picture)
    given_ = (matte > 0.5).astype(np.float32)
    found = steer.correct(picture, given_, Prompts(outside=((164, 204),))) > 0.5
    assert not found[label].any()
    lost = (given_ > 0.5) & ~found & ~label
    assert lost.sum() < 0.25 * label.sum()


@pytest.mark.parametrize("cloth", ["plain", "stripes", "dots"])
def test_a_lost_sleeve_comes_back_without_the_backdrop(cloth: str) -> None:
    picture, matte = tee(cloth)
    whole = matte > 0.5
    lost = whole.copy()
    lost[:, :120] = False
    found = steer.correct(picture, lost.astype(np.float32), Prompts(inside=((95, 190),))) > 0.5
    # A pale stripe at the outline is the backdrop's colour: a part of it may stay lost.
    assert found[whole].mean() > (0.99 if cloth == "plain" else 0.97)
    assert found[~whole].mean() < 0.01


def test_a_point_on_the_backdrop_is_refused() -> None:
    picture, matte = tee()
    with pytest.raises(NotFoundError, match="garment-point"):
        steer.correct(picture, matte, Prompts(inside=((10, 10),)))


def test_nothing_outside_the_box_is_garment_and_points_that_hold_change_nothing() -> None:
    picture, matte = tee()
    boxed = steer.correct(picture, matte, Prompts(box=(150, 0, 384, 512)))
    assert not boxed[:, :150].any()
    np.testing.assert_array_equal(boxed[:, 150:], matte[:, 150:])
    kept = steer.correct(picture, matte, Prompts(inside=((192, 300),), outside=((5, 5),)))
    np.testing.assert_array_equal(kept, matte)


def test_prompts_reach_a_back_end_that_takes_them_at_the_size_of_its_picture() -> None:
    big = draw("tee", height=1152)
    coarse = cv2.resize(big.matte, (768, 1024), interpolation=cv2.INTER_AREA)
    told = Told(coarse)
    options = SegmentOptions(garment_point=("432,675",), garment_box="0,0,864,1152")
    cutout = subject(Photo("a.png", big.pixels, ""), options, told)
    assert told.seen == [Prompts((0, 0, 768, 1024), ((384, 600),), ())]
    assert cutout.segmenter == "told, steered"


@settings(max_examples=examples(30), deadline=None)
@given(x=st.floats(0, 5000), y=st.floats(0, 5000))
def test_points_are_read_if_and_only_if_they_lie_in_the_photo(x: float, y: float) -> None:
    text = f"{x:.2f},{y:.2f}"
    options = SegmentOptions(not_point=(text,))
    if float(f"{x:.2f}") < WIDTH and float(f"{y:.2f}") < HEIGHT:
        assert steer.read(options, WIDTH, HEIGHT).outside == ((float(f"{x:.2f}"), float(f"{y:.2f}")),)
    else:
        with pytest.raises(ConfigError, match="outside the photo"):
            steer.read(options, WIDTH, HEIGHT)


@pytest.mark.parametrize("bad", ["1,2,3", "a,b,c,d", "1;2;3;4", "-5,0,9,9", "0,0,0,0", ""])
def test_a_box_in_another_form_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError):
        SegmentOptions(garment_box=bad)


@pytest.mark.parametrize("bad", ["0,0,385,512"])
def test_a_box_that_is_none_in_this_photo_is_refused(bad: str) -> None:
    with pytest.raises(ConfigError, match="garment-box"):
        steer.read(SegmentOptions(garment_box=bad), WIDTH, HEIGHT)


def write(path: Path, matte: Matte) -> Path:
    cv2.imwrite(str(path), np.rint(matte * 255).astype(np.uint8))
    return path


def test_the_users_own_matte_is_taken_as_it_is(tmp_path: Path) -> None:
    picture, matte = tee()
    levels = np.rint(matte * 255).astype(np.float32) / np.float32(255)
    options = SegmentOptions(matte=write(tmp_path / "own.png", matte))
    cutout = subject(Photo("a.png", picture, ""), options, Told(matte))
    between = (levels > 0.03) & (levels < 0.97)
    np.testing.assert_array_equal(cutout.matte[between], levels[between])
    core = levels > 0.98  # what soft brushes and models call white
    assert (cutout.matte[core] == 1).all()
    assert (cutout.matte[levels < 0.02] == 0).all()
    np.testing.assert_array_equal(cutout.foreground[core], picture[core])


def test_a_hard_matte_gets_a_soft_edge(tmp_path: Path) -> None:
    picture, matte = tee()
    options = SegmentOptions(matte=write(tmp_path / "own.png", (matte > 0.5).astype(np.float32)))
    cutout = subject(Photo("a.png", picture, ""), options, Told(matte))
    assert np.abs(cutout.matte - matte).mean() < 0.004
    assert ((cutout.matte > 0) & (cutout.matte < 1)).any()


def test_a_matte_of_another_size_or_none_at_all_says_so(tmp_path: Path) -> None:
    picture, matte = tee()
    photo = Photo("a.png", picture, "")
    small = write(tmp_path / "small.png", matte[::2, ::3])
    with pytest.raises(ConfigError, match="same shape"):
        subject(photo, SegmentOptions(matte=small), Told(matte))
    with pytest.raises(ConfigError, match="does not exist"):
        subject(photo, SegmentOptions(matte=tmp_path / "none.png"), Told(matte))
    with pytest.raises(ConfigError, match="taken as it is"):
        subject(photo, SegmentOptions(matte=small, not_point=("1,1",)), Told(matte))


def test_the_foreground_under_a_matte_holds_no_backdrop() -> None:
    drawn = draw("tee", height=HEIGHT, blur=1.5)
    found = foreground.estimate(drawn.pixels, drawn.matte).astype(np.float32)
    band = (drawn.matte > 0.1) & (drawn.matte < 0.9)
    error = np.abs(found - drawn.foreground)[band].mean()
    mixed = np.abs(drawn.pixels - drawn.foreground)[band].mean()
    assert error < 0.12 * mixed


def test_the_finder_is_steered_too() -> None:
    picture, label = with_label(tee()[0])
    photo = Photo("a.png", picture, "")
    segmenter = finder.load(SegmentOptions())
    plain, steered = (subject(photo, SegmentOptions(not_point=each), segmenter) for each in ((), ("164,204",)))
    assert plain.matte[label].mean() > 0.9
    assert steered.matte[label].mean() < 0.05
    assert plain.segmenter == "finder"


def test_a_landmark_that_was_moved_moves_nothing_of_the_matte() -> None:
    picture, matte = tee()
    photo, told = Photo("tee.png", picture, "0"), Told(matte)
    plain = subject(photo, SegmentOptions(), told)
    x, y = plain.shape.landmarks["left_cuff"]
    moved = subject(photo, SegmentOptions(landmark=(f"left_cuff={x - 9:.1f},{y + 7:.1f}",)), told)
    assert moved.shape.landmarks["left_cuff"] == pytest.approx((x - 9, y + 7), abs=0.1)
    others = {name: point for name, point in plain.shape.landmarks.items() if name != "left_cuff"}
    assert {name: moved.shape.landmarks[name] for name in others} == others
    assert np.array_equal(moved.matte, plain.matte)
    assert np.array_equal(moved.foreground, plain.foreground)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("crotch=10,10", "has none"),
        ("left_cuff=9999,10", "outside"),
        (f"{HEM} left_armpit=190,100 right_armpit=185,100 left_shoulder=190,90 right_shoulder=188,90", "no body"),
    ],
)
def test_a_landmark_that_cannot_be_is_refused(said: str, why: str) -> None:
    picture, matte = tee()
    with pytest.raises(ConfigError, match=why):
        subject(Photo("tee.png", picture, "0"), SegmentOptions(landmark=tuple(said.split())), Told(matte))
