"""`onmodel list castings` shows who they are."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style

from pipeline import config
from pipeline.cli import listing


def test_a_portrait_is_two_pixels_a_character(tmp_path: Path) -> None:
    picture = np.zeros((100, 80, 3), np.uint8)
    picture[:50], picture[50:] = (255, 0, 0), (0, 0, 255)
    Image.fromarray(picture).save(tmp_path / "two.png")
    drawn = listing._portrait(tmp_path / "two.png")
    lines = drawn.plain.rstrip("\n").split("\n")
    assert {len(line) for line in lines} == {listing.PORTRAIT}
    first, last = drawn.spans[0].style, drawn.spans[-1].style
    assert isinstance(first, Style)
    assert isinstance(last, Style)
    assert first.color == Color.from_triplet(ColorTriplet(255, 0, 0))
    assert last.bgcolor == Color.from_triplet(ColorTriplet(0, 0, 255))


def test_without_a_portrait_there_is_nothing(tmp_path: Path) -> None:
    assert not listing._portrait(tmp_path / "none.jpg").plain


@pytest.mark.parametrize("name", config.names("castings"))
def test_every_casting_of_the_package_has_a_portrait(name: str) -> None:
    with Image.open(config.portrait(name)) as picture:
        assert picture.height > picture.width >= 160
