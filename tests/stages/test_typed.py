"""What people type is read as meant, or refused with why."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stages.options import InpaintOptions, OutpaintOptions, PlaceOptions, SegmentOptions
from stages.typed import worded


@pytest.mark.parametrize(
    "typed", ["150,200,300,400", "150, 200, 300, 400", "(150 200 300 400)", "300,400,150,200", "150,400,300,200",
              [150, 200, 300, 400], "[150, 200, 300, 400]"],
)  # fmt: skip
def test_a_box_is_two_opposite_corners(typed: object) -> None:
    assert InpaintOptions(box=typed).box == "150,200,300,400"
    assert SegmentOptions(garment_box=typed).garment_box == "150,200,300,400"


def test_points_may_have_fractions() -> None:
    assert InpaintOptions(point="150.5, 200").point == "150.5,200"
    assert SegmentOptions(not_point=["1, 2.25", [3, 4]]).not_point == ("1,2.25", "3,4")


@pytest.mark.parametrize(
    "typed", ["150,", "1,2,3", "1,2,1,4", "-1,2,3,4", "a,b,c,d", "9" * 5000 + ",1,2,3", "1e9,2,3,4", "nan,1,2,3"]
)
def test_what_is_no_box_is_told(typed: str) -> None:
    with pytest.raises(ValidationError, match="x0,y0,x1,y1"):
        InpaintOptions(box=typed)


@pytest.mark.parametrize("typed", ["left_cuff=812,640.5", "left_cuff = 812, 640.5", "left_cuff:(812 640.5)"])
def test_a_landmark_is_a_name_and_a_point(typed: str) -> None:
    assert SegmentOptions(landmark=[typed]).landmark == ("left_cuff=812,640.5",)


@pytest.mark.parametrize("typed", ["cuff=1,2", "left_cuff", "left_cuff=1", "left_cuff=1,2,3", "left_cuff=-1,2", "=1,2"])
def test_what_is_no_landmark_is_told(typed: str) -> None:
    with pytest.raises(ValidationError, match="=x,y"):
        SegmentOptions(landmark=[typed])


@pytest.mark.parametrize(
    ("typed", "meant"), [("4:5", "4:5"), ("04:05", "4:5"), ("4x5", "4:5"), ("1.91:1", "191:100"), (" 16 : 9 ", "16:9")]
)
def test_formats(typed: str, meant: str) -> None:
    assert PlaceOptions(aspect=typed).aspect == OutpaintOptions(aspect=typed).aspect == meant


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("1:0", "0"), ("0:1", "0"), ("999:1", "10 times"), ("1:11", "10 times"), ("04:05:00", "spreadsheet"),
        ("4", "such as"), ("-1:2", "such as"), ("245", "such as"),
    ],
)  # fmt: skip
def test_what_is_no_format_is_told(typed: str, why: str) -> None:
    for kind in (PlaceOptions, OutpaintOptions):
        with pytest.raises(ValidationError, match=why):
            kind(aspect=typed)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("00x00", "32 to"),
        ("10x99999", "32 to"),
        ("100x2000", "10 times"),
        ("1200", "WIDTHxHEIGHT"),
        ("31000x20000", "32 to"),
    ],
)
def test_what_is_no_size_is_told(typed: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        PlaceOptions(size=typed)


def test_sizes_and_growth() -> None:
    assert PlaceOptions(size="1200 \u00d7 1800").size == "1200x1800"
    grown = OutpaintOptions(left="12,5 %", right="200px", top="10%")
    assert (grown.left, grown.right, grown.top) == ("12.5%", "200", "10%")
    for typed in ("99999%", "99999", "-5", "1e3", "%"):
        with pytest.raises(ValidationError):
            OutpaintOptions(left=typed)


@given(words=st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_no_words_break_the_reading(words: str) -> None:
    fields = {InpaintOptions: ("box", "point"), PlaceOptions: ("aspect", "size"), OutpaintOptions: ("left", "aspect")}
    for kind, name in ((kind, name) for kind, names in fields.items() for name in names):
        with suppress(ValidationError):
            kind(**{name: words})


@pytest.mark.parametrize("words", ["a\0b", "caf\udce9"])
def test_what_no_receipt_could_hold_is_told(words: str) -> None:
    with pytest.raises(ValidationError, match="UTF-8"):
        SegmentOptions(garment_text=words)
    with pytest.raises(ValidationError, match="UTF-8"):
        InpaintOptions(mask=words)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("trousers.jpg", {"photo": "trousers.jpg"}),
        ("trousers.jpg scale=1.12", {"photo": "trousers.jpg", "scale": "1.12"}),
        ("my new shoes.jpg kind=shoes length_cm=29", {"photo": "my new shoes.jpg", "kind": "shoes", "length_cm": "29"}),
        ("a=b.jpg", {"photo": "a=b.jpg"}),
        ("a  b.jpg  scale=2 ", {"photo": "a  b.jpg", "scale": "2"}),
        ("scale=2", {"photo": "scale=2"}),
        ("https://shop.example/a.jpg?size=3 scale=2", {"photo": "https://shop.example/a.jpg?size=3", "scale": "2"}),
        ("a.jpg point=1,2 box=0,0,9,9 point=3,4", {"photo": "a.jpg", "point": ["1,2", "3,4"], "box": "0,0,9,9"}),
        ("a.jpg landmark=left_hem=8,9", {"photo": "a.jpg", "landmark": "left_hem=8,9"}),
        ("", {}),
    ],
)
def test_what_is_told_of_a_photo_is_told_from_its_name(text: str, told: dict[str, object]) -> None:
    assert worded(text) == told


def test_without_a_file_all_words_are_told_of() -> None:
    assert worded("shoulder_cm=42", file=False) == {"shoulder_cm": "42"}
