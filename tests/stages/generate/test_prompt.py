"""Casting and scene become words; what the frame does not show is not named."""

from itertools import product
from typing import get_args

from stages.casting import Casting, Scene
from stages.contracts import Category, Framing, View
from stages.generate.prompt import SKIN, build


def test_every_attribute_of_a_casting_changes_the_words() -> None:
    base = build(Casting(), Scene(), "top", "full", "front").positive
    for change in (
        {"person": "man"}, {"build": "slim"}, {"skin": 9}, {"hair_style": "short"}, {"hair_colour": "red"},
        {"bottom": "a red skirt"}, {"shoes": "red boots"}, {"wording": "smiling"},
    ):  # fmt: skip
        assert build(Casting(**change), Scene(), "top", "full", "front").positive != base, change


def test_scene_and_own_words_reach_the_prompt() -> None:
    scene = Scene(place="on a beach", light="evening light", avoid="birds")
    prompt = build(Casting(avoid="hats"), scene, "dress", "full", "back", extra="wind", avoid="snow")
    for words in ("on a beach", "evening light", "wind", "back view"):
        assert words in prompt.positive
    for words in ("hats", "birds", "snow"):
        assert words in prompt.negative


def test_what_is_out_of_frame_or_covered_is_not_named() -> None:
    casting = Casting(top="a lime shirt", bottom="teal jeans", shoes="gold boots", hair_style="braided")
    for category, framing, view in product(get_args(Category), get_args(Framing), get_args(View)):
        said = build(casting, Scene(), category, framing, view).positive
        assert ("gold boots" in said) == (framing in {"full", "lower"})
        assert ("braided" in said) == (framing != "lower")
        assert ("lime" in said) == (category in {"bottom", "skirt"})
        assert ("teal" in said) == (category in {"top", "outerwear"})


def test_skin_words_are_told_apart() -> None:
    assert len(set(SKIN)) == 10
    assert build(Casting(build="athletic"), Scene(), "top", "full", "front").positive.startswith("photo of an athletic")


def test_a_scene_chooses_the_shoes() -> None:
    beach = build(Casting(shoes="black boots"), Scene(shoes="bare feet"), "dress", "full", "front").positive
    assert "bare feet" in beach
    assert "boots" not in beach
    assert "boots" in build(Casting(shoes="black boots"), Scene(), "dress", "full", "front").positive


def test_an_outfit_names_what_is_worn_and_no_other_trousers_or_shoes() -> None:
    said = build(Casting(), Scene(), "dress", "full", "front", outfit={"top", "bottom", "shoes", "hat"}).positive
    assert "wearing a top and trousers and shoes and a hat" in said
    assert Casting().shoes not in said
    alone = build(Casting(), Scene(), "top", "full", "front", outfit={"top", "hat"}).positive
    assert f"a top and a hat and {Casting().bottom} and {Casting().shoes}" in alone
