"""Masks: 0 is exactly the core, 255 exactly what is generated; the model sees no backdrop."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.canvas import mask
from tests import fakes
from tests.examples import examples

sides = st.integers(8, 60)


@settings(deadline=None, max_examples=examples(40))
@given(height=sides, width=sides, seed=st.integers(0, 2**32 - 1))
def test_canvas_mask_says_exactly_what_is_kept(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    soft = rng.random((height, width), np.float32)
    soft[rng.random((height, width)) < 0.3] = 1
    soft[rng.random((height, width)) < 0.3] = 0
    soft[0, :2] = [1e-7, np.nextafter(np.float32(1), np.float32(0))]
    placed = fakes.placed(height, width, soft=soft)
    found = mask.for_canvas(placed)
    assert found.shape == (placed.height, placed.width)
    assert np.array_equal(found[placed.window] == 0, soft == 1)
    assert np.array_equal(found[placed.window] == 255, soft == 0)
    assert np.abs(found[placed.window] / 255 - (1 - soft)).max() <= 1.01 / 255
    found[placed.window] = 255
    assert (found == 255).all()


@settings(deadline=None, max_examples=examples(30))
@given(height=st.integers(60, 200), width=st.integers(60, 200), shrink=st.floats(0.15, 1.3), overlap=st.integers(1, 3))
def test_model_mask_lies_inside_the_garment(height: int, width: int, shrink: float, overlap: int) -> None:
    placed = fakes.placed(height, width)
    size = (max(8, round(placed.width * shrink)), max(8, round(placed.height * shrink)))
    found = mask.for_model(placed, *size, overlap)
    assert set(np.unique(found)) <= {0, 255}
    covered = mask.coverage(placed, *size)
    assert (covered[found == 0] >= 0.95).all()
    assert np.count_nonzero(found == 0) <= np.count_nonzero(mask.for_model(placed, *size) == 0)
    if overlap == 1 and shrink < 1:
        assert np.array_equal(found == 0, covered >= 0.95)


@settings(deadline=None, max_examples=examples(30))
@given(shrink=st.floats(0.1, 1.3), backdrop=st.tuples(*[st.integers(0, 255)] * 3))
def test_model_image_shows_the_garment_over_grey_and_no_backdrop(shrink: float, backdrop: tuple[int, int, int]) -> None:
    placed = fakes.placed(garment=(150, 40, 50), backdrop=backdrop)
    size = (round(placed.width * shrink), round(placed.height * shrink))
    image = mask.image_for_model(placed, *size).astype(float)
    covered = mask.coverage(placed, *size)[..., None].astype(float)
    expected = covered * [150, 40, 50] + (1 - covered) * mask.NEUTRAL
    assert np.abs(image - expected).max() < 12  # cloth has texture
    kept = mask.for_model(placed, *size) == 0
    assert np.abs(image[kept] - [150, 40, 50]).max() < 12
    assert (image[covered[..., 0] == 0] == mask.NEUTRAL).all()


def test_model_image_is_srgb() -> None:
    placed = fakes.placed(garment=(60, 200, 60), dtype=np.uint16)
    plain = mask.image_for_model(placed, 60, 80)
    wide = mask.image_for_model(fakes.replaced(placed, icc=fakes.profile("adobe")), 60, 80)
    kept = mask.for_model(placed, 60, 80) == 0
    # The same numbers are a more saturated green in Adobe RGB: less red is left of it in sRGB.
    assert wide[kept][:, 0].mean() < plain[kept][:, 0].mean() - 20
