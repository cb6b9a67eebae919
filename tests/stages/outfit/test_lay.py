"""Outfits on their canvas: the first photo copied, the others resampled once, at one scale, and no bare waist."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from PIL import Image

from stages import find
from stages.casting import Pose
from stages.contracts import KEYPOINTS, Cutout, Layer, Photo, Placed, Plate, Shape
from stages.errors import ConfigError
from stages.find import finder
from stages.options import PlaceOptions, SegmentOptions
from stages.outfit.compose import numbered
from stages.outfit.kinds import Kind
from stages.outfit.lay import place
from stages.outfit.options import Measured, OutfitOptions, Worn
from stages.outfit.pieces import Piece, piece
from stages.pose.body import WAIST, measure, stood
from tests.fakes import sneakers, tee, trousers


@lru_cache(maxsize=16)
def cut(kind: str, size: float = 1.0) -> tuple[Photo, Cutout]:
    makers = {"top": tee, "bottom": trousers, "shoes": sneakers}
    width, height = {"top": (240, 300), "bottom": (200, 320), "shoes": (220, 120)}[kind]
    picture: Plate = makers[kind](round(size * width), round(size * height))
    photo = Photo(f"{kind}.png", picture, kind)
    options = SegmentOptions(segmenter="finder", garment=kind)
    return photo, find.subject(photo, options, finder.load(options))


def outfit(*worn: str, order: str = "", measured: str = "", place_: PlaceOptions | None = None) -> Placed:
    """Returns an outfit of photos, each in words as `--with` takes them."""
    pieces: list[Piece] = []
    first = cut(worn[0])[0]
    for source, words in enumerate(worn):
        kind, _, told = words.partition(" ")
        size = 1.0
        if told.startswith("drawn="):
            told, _, rest = told.removeprefix("drawn=").partition(" ")
            size, told = float(told), rest
        photo, cutout = cut(kind, size)
        asked = Worn.model_validate(f"{kind}.png {told}".strip()) if source else None
        pieces += piece(photo, cutout, source, first, asked)
    options = OutfitOptions(order=order, measured=Measured.model_validate(measured) if measured else Measured())
    return place(pieces, options, place_ or PlaceOptions())


def of(placed: Placed, kind: str) -> Layer:
    return next(each for each in placed.layers if each.kind == kind)


def test_the_first_photo_is_copied_and_the_others_are_pillows_lanczos() -> None:
    placed = outfit("top", "bottom", "shoes")
    assert placed.placement.scale == 1.0
    assert placed.placement.resample is None
    whose = numbered(placed)
    for number, layer in enumerate(placed.layers, 1):
        photo = cut(layer.kind)[0]
        pixels = photo.pixels
        scale = layer.placed.placement.scale
        if layer.source:
            size = round(photo.width * scale), round(photo.height * scale)
            pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
        canvas = np.zeros((placed.height, placed.width, 3), np.uint8)
        ys, xs = np.nonzero(whose == number)
        x, y = layer.placed.placement.x, layer.placed.placement.y
        canvas[ys, xs] = pixels[ys - y, xs - x]
        x0, y0 = placed.box[:2]
        assert len(ys) > 200
        assert (canvas[ys, xs] == placed.pixels[ys - y0, xs - x0]).all()


def test_trousers_are_as_large_as_the_tops_wearer_whatever_their_photos_size() -> None:
    small, large = (outfit("top", f"bottom drawn={size}") for size in (1, 2))
    body = stood(small.body)
    one, two = (of(each, "bottom").placed for each in (small, large))
    assert one.placement.scale == pytest.approx(2 * two.placement.scale, rel=0.03)
    assert one.box[3] - one.box[1] == pytest.approx(two.box[3] - two.box[1], abs=8)
    own = measure(replace(one.shape, category="bottom")).stature
    assert 0.9 < own / body.stature < 1.02


def test_no_gap_is_left_at_the_waist() -> None:
    placed = outfit("top", "bottom")
    x0, _, x1, _ = of(placed, "bottom").placed.box
    middle = round(0.5 * (x0 + x1)) - placed.box[0]
    rows = placed.matte[:, middle - 15 : middle + 15].max(axis=1)
    solid = np.flatnonzero(rows > 0.99)
    top, low = of(placed, "top").placed.box, of(placed, "bottom").placed.box
    crotch = of(placed, "bottom").placed.shape.landmarks["crotch"][1]
    between = np.arange(top[1] + 20, round(crotch) - 10) - placed.box[1]
    assert low[1] < top[3]
    assert np.isin(between, solid).all()


def test_a_cropped_top_draws_the_waistband_up_to_it() -> None:
    photo, found = cut("top")
    band = found.shape.landmarks["right_hem"][1]
    short = found.matte.copy()
    short[round(0.5 * band) :] = 0
    marks = {name: (x, min(y, 0.5 * band)) for name, (x, y) in found.shape.landmarks.items()}
    cropped = replace(found, matte=short, shape=replace(found.shape, landmarks=marks))
    lower, own = cut("bottom")
    pieces = [*piece(photo, cropped, 0, photo), *piece(lower, own, 1, photo, Worn(photo="bottom.png"))]
    placed = place(pieces, OutfitOptions(), PlaceOptions())
    body = stood(placed.body)
    waist = of(placed, "bottom").placed.shape.landmarks["right_waist"][1]
    assert waist < body.y(WAIST)
    assert waist > body.y(WAIST + 0.1)


def test_what_is_worn_over_lies_in_front() -> None:
    cases: tuple[tuple[Placed, Kind, Kind], ...] = (
        (outfit("top", "bottom"), "top", "bottom"),
        (outfit("top", "bottom", order="tucked"), "bottom", "top"),
    )
    for placed, front, back in cases:
        own = of(placed, front).placed
        whose = numbered(placed)[own.window]
        names = [each.kind for each in placed.layers]
        assert (whose[own.matte == 1] == names.index(front) + 1).all()
        behind = of(placed, back).placed
        assert own.box[1] < behind.box[3] if front == "bottom" else behind.box[1] < own.box[3]


def test_nothing_of_the_trousers_stands_out_beside_the_top_over_its_hem() -> None:
    placed = outfit("top", "bottom scale=1.6")
    whose = numbered(placed)
    top = of(placed, "top").placed
    hem = top.box[3]
    assert not (whose[: hem - 3] == 1).any()
    assert (whose[hem + 3] == 1).any()


def test_a_curved_hem_hides_nothing_below_it() -> None:
    photo, found = cut("top")
    rows, columns = np.nonzero(found.matte > 0.5)
    low, middle = int(rows.max()), float(columns.mean())
    arch = low - 30 * np.exp(-(((np.arange(photo.width) - middle) / 25) ** 2))
    matte = np.where(np.arange(photo.height)[:, None] > arch[None], np.float32(0), found.matte)
    lower, own = cut("bottom")
    pieces = [
        *piece(photo, replace(found, matte=matte), 0, photo),
        *piece(lower, own, 1, photo, Worn(photo="b", scale=1.3)),
    ]
    placed = place(pieces, OutfitOptions(), PlaceOptions())
    there = placed.matte[:, round(middle + of(placed, "top").placed.placement.x) - placed.box[0]]
    crotch = of(placed, "bottom").placed.shape.landmarks["crotch"][1] - placed.box[1]
    top = of(placed, "top").placed.box[1] - placed.box[1]
    assert (there[round(top) + 40 : round(crotch) - 5] > 0.99).all()


def test_a_tucked_top_ends_at_the_waistband_and_its_sleeves_do_not() -> None:
    tucked = outfit("top", "bottom", order="tucked")
    top, band = of(tucked, "top").placed, of(tucked, "bottom").placed.shape.landmarks
    row = round(max(band["right_waist"][1], band["left_waist"][1])) + 3 - top.box[1]
    middle = round(0.5 * (band["right_waist"][0] + band["left_waist"][0])) - top.box[0]
    assert not top.matte[row:, middle - 20 : middle + 20].any()
    assert (top.matte[:row, middle] > 0.5).any()


def test_a_scale_is_heeded_as_it_is_told() -> None:
    assert of(outfit("top", "bottom scale=1.12"), "bottom").placed.placement.scale == 1.12
    top, lower = (cut(each)[1].shape.landmarks for each in ("top", "bottom"))
    shoulders = np.hypot(*np.subtract(top["right_shoulder"], top["left_shoulder"]))
    waist = np.hypot(*np.subtract(lower["right_waist"], lower["left_waist"]))
    found = of(outfit("top", "bottom waist_cm=36", measured="shoulder_cm=40"), "bottom")
    assert found.placed.placement.scale == pytest.approx((shoulders / 40) / (waist / 36))
    assert found.how == "by its centimetres"
    with pytest.raises(ConfigError, match="tell its scale"):
        outfit("top", "bottom length_cm=1")
    with pytest.raises(ConfigError, match="shoulder"):
        outfit("top", "bottom shoulder_cm=40")


def test_each_shoe_stands_under_its_own_foot_within_the_frame() -> None:
    placed = outfit("top", "bottom", "shoes")
    shoes = [each.placed for each in placed.layers if each.kind == "shoes"]
    body = stood(placed.body)
    assert len(shoes) == 2
    assert shoes[0].box[0] < shoes[1].box[0]
    assert all(abs(each.box[3] - body.floor) < 0.03 * body.stature for each in shoes)
    boxes = np.array([each.placed.box for each in placed.layers])
    assert boxes.min() >= 0
    assert (boxes[:, 2] <= placed.width).all()
    assert (boxes[:, 3] <= placed.height).all()


def test_an_asked_size_scales_all_by_one_factor_and_resamples_once() -> None:
    plain, sized = outfit("top", "bottom"), outfit("top", "bottom", place_=PlaceOptions(size="300x450"))
    assert (sized.width, sized.height) == (300, 450)
    shares = [
        of(sized, kind).placed.placement.scale / of(plain, kind).placed.placement.scale for kind in ("top", "bottom")
    ]
    assert shares[0] == pytest.approx(shares[1])
    assert of(sized, "bottom").placed.placement.resample == "lanczos"


def test_photos_of_another_depth_come_in_the_first_ones() -> None:
    photo, found = cut("top")
    deep = Photo("deep.png", photo.pixels.astype(np.uint16) * 257, "deep")
    there = replace(found, foreground=found.foreground.astype(np.uint16) * 257)
    lower, own = cut("bottom")
    placed = place(
        [*piece(deep, there, 0, deep), *piece(lower, own, 1, deep, Worn(photo="b"))], OutfitOptions(), PlaceOptions()
    )
    assert placed.pixels.dtype == np.uint16


def test_a_belt_lies_on_the_waistband_and_is_as_wide() -> None:
    strap = np.zeros((40, 300), np.float32)
    strap[12:28, 10:290] = 1
    photo = Photo("belt.png", np.full((40, 300, 3), 70, np.uint8), "belt")
    found = Cutout(strap, photo.pixels, Shape("top", 0.0), "own", product="belt")
    top, lower = cut("top"), cut("bottom")
    pieces = [
        *piece(*top, 0, top[0]),
        *piece(photo, found, 1, top[0], Worn(photo="belt.png", kind="belt")),
        *piece(*lower, 2, top[0], Worn(photo="bottom.png")),
    ]
    placed = place(pieces, OutfitOptions(order="tucked"), PlaceOptions())
    belt, band = of(placed, "belt").placed, of(placed, "bottom").placed.shape.landmarks
    assert belt.box[0] == pytest.approx(band["right_waist"][0], abs=2)
    assert belt.box[2] == pytest.approx(band["left_waist"][0], abs=2)
    assert belt.box[1] == pytest.approx(band["right_waist"][1], abs=3)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_frame_has_room_for_a_bag_in_an_arm_that_is_held_out(side: str) -> None:
    square = np.zeros((200, 200), np.float32)
    square[20:180, 20:180] = 1
    photo = Photo("bag.png", np.full((200, 200, 3), 90, np.uint8), "bag")
    found = Cutout(square, photo.pixels, Shape("top", 0.0), "own", product="bag")
    top = cut("top")
    told = Worn.model_validate(f"bag.png kind=bag side={side}")
    pieces = [*piece(*top, 0, top[0]), *piece(photo, found, 1, top[0], told)]
    arms = Pose(right_upper_arm=60, right_forearm=60, left_upper_arm=60, left_forearm=60)
    placed = place(pieces, OutfitOptions(), PlaceOptions(), pose=arms)
    box = of(placed, "bag").placed.box
    wrist = placed.body[KEYPOINTS.index(f"{side}_wrist"), 0]
    assert box[0] < wrist + 0.1 * (box[2] - box[0])
    assert box[2] > wrist - 0.1 * (box[2] - box[0])
    assert min(box[0], placed.width - box[2]) >= 0.25 * 0.06 * placed.width - 2
