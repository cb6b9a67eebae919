"""The garment lies whole on its canvas, pixel for pixel, and the person has room around it."""

import dataclasses
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.canvas.place import bounds, place, resample
from stages.contracts import KEYPOINTS, Cutout, Framing, Photo, Placed, Shape
from stages.errors import NotFoundError, PhotoError
from stages.options import PlaceOptions
from stages.pose.body import measure
from stages.shape import describe
from tests.examples import examples
from tests.stages.drawn import GARMENTS, photo_of

SLOW = settings(max_examples=examples(15), deadline=None)
FRAMINGS: tuple[Framing, ...] = ("full", "three-quarter", "half", "lower")

garments = st.sampled_from(sorted(GARMENTS))
framings = st.sampled_from(("auto", *FRAMINGS))
aspects = st.sampled_from(("2:3", "3:4", "1:1", "4:5", "9:16", "16:9", "3:2"))
margins = st.floats(0, 0.2)


@cache
def drawn(name: str) -> tuple[Photo, Cutout]:
    return photo_of(GARMENTS[name], per_cm=3.0)


def on_canvas(placed: Placed) -> np.ndarray:
    canvas = np.zeros((placed.height, placed.width, 3), placed.pixels.dtype)
    canvas[placed.window] = placed.pixels
    return canvas


@SLOW
@given(name=garments, framing=framings, aspect=aspects, margin=margins)
def test_the_whole_garment_lies_inside_a_canvas_of_the_asked_aspect(
    name: str, framing: str, aspect: str, margin: float
) -> None:
    photo, cutout = drawn(name)
    placed = place(photo, cutout, PlaceOptions(framing=framing, aspect=aspect, margin=margin))
    across, down = (int(part) for part in aspect.split(":"))
    assert abs(placed.width - placed.height * across / down) <= 1
    x0, y0, x1, y1 = placed.box
    assert 0 <= x0 < x1 <= placed.width
    assert 0 <= y0 < y1 <= placed.height
    assert np.count_nonzero(placed.matte) == np.count_nonzero(cutout.matte)


@SLOW
@given(name=garments, framing=framings, aspect=aspects)
def test_placing_copies_pixels_and_taking_back_is_the_identity(name: str, framing: str, aspect: str) -> None:
    photo, cutout = drawn(name)
    placed = place(photo, cutout, PlaceOptions(framing=framing, aspect=aspect))
    assert placed.placement.scale == 1
    assert placed.placement.resample is None
    x, y = placed.placement.x, placed.placement.y
    x0, y0, x1, y1 = placed.box
    back = (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))
    assert np.array_equal(placed.pixels, photo.pixels[back])
    assert np.array_equal(placed.foreground, cutout.foreground[back])
    assert np.array_equal(placed.matte, cutout.matte[back])
    for key, (px, py) in cutout.shape.landmarks.items():
        assert placed.shape.landmarks[key] == pytest.approx((px + x, py + y))


@SLOW
@given(name=garments, width=st.integers(80, 800), height=st.integers(80, 800), margin=margins)
def test_a_size_is_met_exactly_and_the_garment_is_the_photo_resampled_once(
    name: str, width: int, height: int, margin: float
) -> None:
    photo, cutout = drawn(name)
    placed = place(photo, cutout, PlaceOptions(size=f"{width}x{height}", margin=margin))
    assert (placed.width, placed.height) == (width, height)
    x0, y0, x1, y1 = placed.box
    assert x0 >= 0
    assert y0 >= 0
    assert x1 <= width
    assert y1 <= height
    whole, named = resample(photo.pixels, placed.placement.scale)
    assert named == placed.placement.resample
    x, y = placed.placement.x, placed.placement.y
    assert np.array_equal(placed.pixels, whole[y0 - y : y1 - y, x0 - x : x1 - x])
    core = placed.matte == 1
    assert np.array_equal(placed.foreground[core], placed.pixels[core])


@pytest.mark.parametrize("scale", [0.31, 0.8, 1.7])
def test_landmarks_and_body_follow_the_scale(scale: float) -> None:
    photo, cutout = drawn("tee")
    free = place(photo, cutout, PlaceOptions())
    height = round(free.height * scale)
    sized = place(photo, cutout, PlaceOptions(size=f"{round(height * 2 / 3)}x{height}"))
    for key, (x, y) in free.shape.landmarks.items():
        assert sized.shape.landmarks[key] == pytest.approx((x * scale, y * scale), abs=4)
    assert np.abs(sized.body[:, :2] - free.body[:, :2] * scale).max() < 6


def test_sixteen_bits_stay_sixteen() -> None:
    photo, cutout = drawn("tee")
    deep = Photo("deep.png", photo.pixels.astype(np.uint16) * 257, "")
    wide = Cutout(cutout.matte, deep.pixels, cutout.shape, "drawn")
    for options in (PlaceOptions(), PlaceOptions(size="200x300")):
        assert place(deep, wide, options).pixels.dtype == np.uint16


def test_a_jacket_is_framed_like_a_top_and_a_coat_from_head_to_foot() -> None:
    photo, cutout = drawn("tee")
    jacket = dataclasses.replace(cutout, shape=describe(cutout.matte, "outerwear"))
    assert place(photo, jacket, PlaceOptions()).framing == "three-quarter"
    photo, cutout = drawn("coat")
    coat = dataclasses.replace(cutout, shape=describe(cutout.matte, "outerwear"))
    assert place(photo, coat, PlaceOptions()).framing == "full"


@pytest.mark.parametrize(
    ("name", "framing", "inside", "outside"),
    [
        ("tee", "auto", ("nose", "left_wrist", "left_hip"), ("left_knee", "left_ankle")),
        ("trousers", "auto", ("nose", "left_wrist", "left_hip", "left_ankle"), ()),
        ("trousers", "lower", ("left_wrist", "left_hip", "left_ankle"), ("nose", "neck", "left_ear")),
        ("dress", "auto", ("nose", "left_wrist", "left_ankle"), ()),
        ("tee", "full", ("nose", "left_ankle"), ()),
        ("tee", "half", ("nose", "left_hip"), ("left_knee",)),
        ("trousers", "full", ("nose", "left_ankle"), ()),
    ],
)
def test_framing_shows_the_parts_it_names(
    name: str, framing: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    placed = place(*drawn(name), PlaceOptions(framing=framing))

    def shown(joint: str) -> bool:
        x, y = placed.body[KEYPOINTS.index(joint), :2]
        return bool(0 <= x < placed.width and 0 <= y < placed.height)

    assert [joint for joint in inside if not shown(joint)] == []
    assert [joint for joint in outside if shown(joint)] == []


@pytest.mark.parametrize("name", sorted(GARMENTS))
def test_the_picture_that_anyone_gets_first_shows_a_head(name: str) -> None:
    placed = place(*drawn(name), PlaceOptions())
    assert measure(placed.shape).y(1.0) >= 0
    x, y = placed.body[KEYPOINTS.index("nose"), :2]
    assert 0 <= x < placed.width
    assert 0 <= y < placed.height


@SLOW
@given(name=garments, margin=st.floats(0.01, 0.2))
def test_margins_are_kept_around_the_garment(name: str, margin: float) -> None:
    placed = place(*drawn(name), PlaceOptions(margin=margin))
    x0, y0, x1, y1 = placed.box
    # The chest cut of trousers may lie nearer than the margin above them, but a margin is kept to the cloth too.
    assert min(x0, placed.width - x1) >= margin * placed.width - 2
    assert min(y0, placed.height - y1) >= margin * placed.height - 2


def test_the_head_fits_under_the_upper_edge() -> None:
    placed = place(*drawn("tee"), PlaceOptions(margin=0.0))
    body = measure(placed.shape)
    assert body.y(1.0) >= 0


def test_from_the_back_the_sides_are_exchanged() -> None:
    photo, cutout = drawn("tee")
    front, back = (place(photo, cutout, PlaceOptions(), view) for view in ("front", "back"))
    assert front.shape.landmarks["left_shoulder"] == back.shape.landmarks["right_shoulder"]
    assert np.allclose(front.body[KEYPOINTS.index("left_wrist"), :2], back.body[KEYPOINTS.index("right_wrist"), :2])
    assert back.body[KEYPOINTS.index("nose"), 2] == 0
    assert front.body[KEYPOINTS.index("nose"), 2] == 1


def test_a_garment_cut_by_the_photo_is_kept_as_it_is() -> None:
    photo, cutout = drawn("long sleeve")
    x0, _, x1, _ = bounds(cutout.matte)
    inner = slice(x0 + 6, x1 - 6)
    matte = np.ascontiguousarray(cutout.matte[:, inner])
    pixels = photo.pixels[:, inner].copy()
    placed = place(Photo("cut.png", pixels, ""), Cutout(matte, pixels.copy(), describe(matte), "drawn"), PlaceOptions())
    assert placed.box[2] - placed.box[0] == matte.shape[1]
    assert placed.shape.category == "top"


def test_a_canvas_over_the_limit_is_refused_with_its_size() -> None:
    with pytest.raises(PhotoError, match=r"\d+ x \d+ pixels"):
        place(*drawn("tee"), PlaceOptions(max_megapixels=0.01))
    with pytest.raises(PhotoError):
        place(*drawn("tee"), PlaceOptions(margin=0.5))


def test_an_empty_matte_is_refused() -> None:
    photo, cutout = drawn("tee")
    empty = Cutout(np.zeros_like(cutout.matte), photo.pixels, Shape("top", 1.0, {}), "drawn")
    with pytest.raises(NotFoundError):
        place(photo, empty, PlaceOptions())


@given(width=st.integers(1, 40), height=st.integers(1, 40), scale=st.floats(0.05, 4))
@settings(deadline=None)
def test_resampling_keeps_flat_colour_and_kind(width: int, height: int, scale: float) -> None:
    for kind in (np.uint8, np.uint16):
        flat = np.full((height, width, 3), 201, kind)
        out, name = resample(flat, scale)
        assert out.dtype == kind
        assert (out == 201).all()
        assert out.shape[:2] == (max(1, round(height * scale)), max(1, round(width * scale)))
        assert (name is None) == (scale == 1)


def test_resampling_at_scale_one_gives_the_array_itself() -> None:
    pixels = np.zeros((3, 4, 3), np.uint8)
    assert resample(pixels, 1.0) == (pixels, None)
