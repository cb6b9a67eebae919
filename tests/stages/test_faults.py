"""Each measure rises with the fault that it is named for, and stays low on a clean picture."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import faultmap, faults, restore
from stages.contracts import RGB, Placed
from tests import fakes
from tests.examples import examples
from tests.fakes import Depth

RED = (150, 40, 50)


def measured(placed: Placed, plate: RGB) -> tuple[float, float, float]:
    picture = restore.restore(plate, placed)
    around, matte = faults.small(picture, placed)
    return faults.seam(around, matte), faults.expansion(around, matte), faults.halo(picture, placed, plate)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("scene", [(120, 150, 170), (240, 240, 240), (20, 20, 20)])
def test_clean_pictures_measure_clean(dtype: Depth, scene: tuple[int, int, int]) -> None:
    placed = fakes.placed(dtype=dtype, garment=RED)
    seam, expansion, halo = measured(placed, fakes.scene(placed, scene))
    assert 0.7 < seam < 1.4
    assert expansion == 0
    assert halo < 0.02


@settings(deadline=None, max_examples=examples(20))
@given(rows=st.integers(10, 40), columns=st.integers(20, 60))
def test_expansion_is_the_area_of_what_was_added(rows: int, columns: int) -> None:
    placed = fakes.placed(garment=RED)
    plate = fakes.scene(placed)
    hem = placed.box[1] + int(0.94 * 160)
    plate[hem - 4 : hem + rows, 60 : 60 + columns] = fakes.cloth(rows + 4, columns, RED, np.uint8)
    found = measured(placed, plate)[1] * np.count_nonzero(placed.matte >= 0.01)
    assert found == pytest.approx(rows * columns, rel=0.2)


def test_same_colour_elsewhere_is_no_expansion() -> None:
    placed = fakes.placed(garment=RED)
    plate = fakes.scene(placed)
    plate[:20, 40:100] = fakes.cloth(20, 60, RED, np.uint8)
    assert measured(placed, plate)[1] == 0


def test_scene_of_the_garments_colour_is_no_expansion() -> None:
    placed = fakes.placed(garment=(230, 230, 230))
    assert measured(placed, fakes.scene(placed, (232, 232, 232)))[1] == 0


def standing(placed: Placed) -> Placed:
    """Returns the garment with legs below it."""
    body = np.zeros((18, 3), np.float32)
    x, y = placed.width / 2, placed.box[1]
    for index, (dx, dy) in {
        2: (-30, 10),
        5: (30, 10),
        8: (-18, 130),
        11: (18, 130),
        9: (-18, 290),
        12: (18, 290),
    }.items():
        body[index] = (x + dx, y + dy, 1)
    return fakes.replaced(placed, body=body)


def grown_on_legs(garment: tuple[int, int, int], trousers: tuple[int, int, int], more: int) -> float:
    """Returns the expansion of a top over trousers when the model painted `more` rows of the top below its hem."""
    placed = standing(fakes.placed(garment=garment, below=220))
    plate = fakes.scene(placed)
    hem, x = placed.box[1] + int(0.94 * 160), placed.width // 2
    plate[hem - 8 :, x - 36 : x + 36] = fakes.cloth(placed.height - hem + 8, 72, trousers, np.uint8)
    plate[hem - 8 : hem + more, x - 34 : x + 34] = fakes.cloth(more + 8, 68, garment, np.uint8)
    picture = restore.restore(plate, placed)
    around, matte = faults.small(picture, placed)
    return faults.expansion(around, matte, faults.other_clothes(placed, *matte.shape[::-1]))


@pytest.mark.parametrize("colour", [(20, 20, 22), (120, 120, 120), (245, 245, 245), (12, 14, 38)])
def test_trousers_of_a_tops_own_black_grey_or_white_are_no_expansion(colour: tuple[int, int, int]) -> None:
    assert grown_on_legs(colour, colour, 0) < 0.02


@pytest.mark.parametrize(
    ("garment", "trousers"), [((20, 20, 22), (60, 80, 130)), (RED, (20, 20, 22)), (RED, (60, 80, 130))]
)
def test_a_top_that_grows_over_other_trousers_is_expansion(
    garment: tuple[int, int, int], trousers: tuple[int, int, int]
) -> None:
    assert grown_on_legs(garment, trousers, 0) < 0.02
    assert grown_on_legs(garment, trousers, 24) > 0.08


def test_maps_show_where_the_faults_are() -> None:
    placed = fakes.placed(garment=RED)
    plate = fakes.scene(placed)
    x0 = placed.box[0]
    kept = np.zeros(plate.shape[:2], np.uint8)
    kept[placed.window] = placed.matte > 0
    rim = cv2.dilate(kept, np.ones((9, 9), np.uint8)) > 0
    rim[:, : placed.width // 2] = False
    plate[rim] = 250
    picture = restore.restore(plate, placed)
    around, matte = faults.small(picture, placed)
    seam = faults.seam_map(around, matte)
    _, worst = np.unravel_index(int(np.argmax(seam)), seam.shape)
    assert worst > placed.width // 2
    assert not seam[:, : x0 - 12].any()
    halo = faults.halo_map(np.where(rim[..., None], picture, placed.pixels.max()), placed, plate, matte.shape)
    assert halo.max() <= 1
    drawn = faultmap.draw(picture, placed, plate)
    red = (drawn[..., 0] > 180) & (drawn[..., 1] < 120)
    assert red[:, placed.width // 2 :].sum() > 5 * max(1, red[:, : placed.width // 2 - 8].sum())


def test_second_outline_is_a_seam() -> None:
    placed = fakes.placed(garment=RED)
    plate = fakes.scene(placed)
    kept = np.zeros(plate.shape[:2], np.uint8)
    kept[placed.window] = placed.matte > 0
    seams = [measured(placed, plate)[0]]
    for size in (7, 9):
        painted = plate.copy()
        painted[cv2.dilate(kept, np.ones((size, size), np.uint8)) > 0] = 250
        seams.append(measured(placed, painted)[0])
    assert min(seams[1:]) > 2 * seams[0]


@settings(deadline=None, max_examples=examples(20))
@given(share=st.floats(0.2, 1.0), dtype=st.sampled_from([np.uint8, np.uint16]))
def test_halo_is_the_share_of_the_outline_that_shows_the_old_backdrop(share: float, dtype: Depth) -> None:
    """A matte that reaches over the outline keeps a rim of backdrop as if it were garment."""
    placed = fakes.placed(dtype=dtype, garment=RED, soft=fakes.matte(160, 120, 1.5))
    wide = cv2.dilate(placed.matte, np.ones((5, 5)))
    top = int(160 * (1 - share))
    soft = placed.matte.copy()
    soft[top:] = wide[top:]
    foreground = np.where(wide[..., None] == 1, placed.pixels, placed.foreground)
    careless = fakes.replaced(placed, matte=soft, foreground=foreground)
    plate = fakes.scene(placed, (20, 30, 40))
    halo = measured(careless, plate)[2]
    assert halo > 0.2 * share
    assert halo > measured(placed, plate)[2] + 0.05


def test_white_cloth_on_white_has_no_halo() -> None:
    placed = fakes.placed(garment=(240, 240, 240), backdrop=(245, 245, 245))
    assert measured(placed, fakes.scene(placed, (20, 30, 40)))[2] == 0
