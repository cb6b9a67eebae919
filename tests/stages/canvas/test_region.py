"""Which region is meant: a mask, a box, the thing under a point."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import photo as photos
from stages import write
from stages.canvas import region
from stages.contracts import Photo
from stages.errors import ConfigError, NotFoundError
from stages.options import InpaintOptions, PhotoOptions
from tests.fakes import cloth


def shirt(height: int = 300, width: int = 240) -> tuple[Photo, np.ndarray]:
    """Returns a photo of cloth with a round stain, and where the stain is."""
    pixels = cloth(height, width, (70, 110, 160), np.uint8)
    stain = np.zeros((height, width), np.uint8)
    cv2.circle(stain, (100, 140), 14, 1, -1)
    pixels[stain > 0] = cloth(height, width, (120, 70, 50), np.uint8, seed=3)[stain > 0]
    return photos.read(write.encode(pixels, None), PhotoOptions(), "shirt.png"), stain > 0


def test_a_point_takes_the_thing_under_it_and_little_more() -> None:
    photo, stain = shirt()
    found, _ = region.select(photo, InpaintOptions(point="104,136"))
    assert found[stain].mean() > 0.99
    assert found.sum() < 1.8 * stain.sum()


def test_a_point_on_plain_cloth_takes_nothing() -> None:
    photo, _ = shirt()
    with pytest.raises(NotFoundError, match="nothing stands out"):
        region.select(photo, InpaintOptions(point="200,40"))


@given(
    box=st.tuples(st.integers(0, 230), st.integers(0, 290), st.integers(1, 60), st.integers(1, 60)),
    pixels=st.sampled_from([0, 96 * 96, 512 * 512]),
)
def test_the_part_that_is_shown_holds_the_region_and_lies_in_the_photo(
    box: tuple[int, int, int, int], pixels: int
) -> None:
    x0, y0 = box[:2]
    x1, y1 = min(240, x0 + box[2]), min(300, y0 + box[3])
    left, top, right, bottom = region.around((x0, y0, x1, y1), 240, 300, pixels)
    assert 0 <= left <= x0 < x1 <= right <= 240
    assert 0 <= top <= y0 < y1 <= bottom <= 300


def test_mask_box_and_point_are_united(tmp_path: Path) -> None:
    photo, stain = shirt()
    mask = np.zeros((300, 240), np.uint8)
    mask[10:20, 30:50] = 255
    mask[40:50, 30:50] = 100
    path = tmp_path / "mask.png"
    path.write_bytes(write.encode_mask(mask))
    found, _ = region.select(photo, InpaintOptions(mask=path, box="200,250,210,260", point="100,140"))
    assert found[10:20, 30:50].all()
    assert not found[40:50, 30:50].any()
    assert found[250:260, 200:210].all()
    assert found[stain].mean() > 0.99


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, "needs to know where"),
        ({"box": "500,500,600,600"}, "no pixel"),
        ({"box": "0,0,240,300"}, "nothing would be kept"),
        ({"point": "240,10"}, "outside the photo"),
    ],
)
def test_what_selects_nothing_is_said(options: dict[str, str], error: str) -> None:
    with pytest.raises(ConfigError, match=error):
        region.select(shirt()[0], InpaintOptions(**options))


def test_a_mask_of_another_size_or_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(write.encode_mask(np.full((10, 10), 255, np.uint8)))
    with pytest.raises(ConfigError, match="same shape"):
        region.select(shirt()[0], InpaintOptions(mask=path))
    with pytest.raises(ConfigError, match="does not exist"):
        region.select(shirt()[0], InpaintOptions(mask=tmp_path / "none.png"))
