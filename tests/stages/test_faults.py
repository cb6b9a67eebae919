"""Each measure rises with the fault that it is named for, and stays low on a clean picture."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import faults, restore
from stages.contracts import RGB, Placed
from tests import fakes

RED = (150, 40, 50)


def measured(placed: Placed, plate: RGB) -> tuple[float, float, float]:
    picture = restore.restore(plate, placed)
    around, matte = faults.small(picture, placed)
    return faults.seam(around, matte), faults.expansion(around, matte), faults.halo(picture, placed, plate)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("scene", [(120, 150, 170), (240, 240, 240), (20, 20, 20)])
def test_clean_pictures_measure_clean(dtype: type, scene: tuple[int, int, int]) -> None:
    placed = fakes.placed(dtype=dtype, garment=RED)
    seam, expansion, halo = measured(placed, fakes.scene(placed, scene))
    assert 0.7 < seam < 1.4
    assert expansion == 0
    assert halo < 0.02


@settings(deadline=None, max_examples=20)
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


@settings(deadline=None, max_examples=20)
@given(share=st.floats(0.2, 1.0), dtype=st.sampled_from([np.uint8, np.uint16]))
def test_halo_is_the_share_of_the_outline_that_shows_the_old_backdrop(share: float, dtype: type) -> None:
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
