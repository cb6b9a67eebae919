"""The colour of a photo's light: read from paper, and from nothing that is itself coloured."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import illuminant
from stages.contracts import Placed
from tests import fakes
from tests.examples import examples


@settings(deadline=None, max_examples=examples(25))
@given(red=st.floats(0.975, 1.025), blue=st.floats(0.975, 1.025), level=st.integers(130, 240), deep=st.booleans())
def test_paper_tells_the_light_whatever_its_grey(red: float, blue: float, level: int, *, deep: bool) -> None:
    dtype = np.uint16 if deep else np.uint8
    seen = np.array([red, 1.0, blue]) * level
    r, g, b = (int(each) for each in np.minimum(np.rint(seen), 255))
    backdrop = (r, g, b)
    found = illuminant.of(fakes.placed(dtype=dtype, backdrop=backdrop))
    np.testing.assert_allclose(found, np.array(backdrop) / np.mean(backdrop), atol=0.01)


def test_the_garment_counts_for_nothing_and_shade_for_little() -> None:
    plain = illuminant.of(fakes.placed(backdrop=(240, 236, 229)))
    np.testing.assert_array_equal(plain, illuminant.of(fakes.placed(backdrop=(240, 236, 229), garment=(20, 40, 200))))
    shaded = fakes.placed(backdrop=(240, 236, 229))
    pixels = shaded.pixels.copy()
    rows = np.arange(pixels.shape[0])[:, None] < 0.3 * pixels.shape[0]
    dim = rows & (shaded.matte == 0)
    pixels[dim] = (150, 160, 180)
    np.testing.assert_allclose(illuminant.of(fakes.replaced(shaded, pixels=pixels)), plain, atol=0.01)


@pytest.mark.parametrize("backdrop", [(220, 150, 160), (120, 190, 230), (30, 25, 20), (250, 240, 180)])
def test_coloured_and_dark_walls_tell_nothing(backdrop: tuple[int, int, int]) -> None:
    np.testing.assert_array_equal(illuminant.of(fakes.placed(backdrop=backdrop)), np.ones(3))


def test_a_busy_room_and_a_full_frame_tell_nothing() -> None:
    placed = fakes.placed()
    noise = np.random.default_rng(0).integers(0, 256, placed.pixels.shape, np.uint8)
    busy: Placed = fakes.replaced(placed, pixels=np.where((placed.matte == 0)[..., None], noise, placed.pixels))
    np.testing.assert_array_equal(illuminant.of(busy), np.ones(3))
    full = fakes.replaced(placed, matte=np.ones_like(placed.matte))
    np.testing.assert_array_equal(illuminant.of(full), np.ones(3))
