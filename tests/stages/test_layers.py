"""Layers give the picture again, and each of them is what it is named for."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import layers, restore, write
from stages.contracts import RGB, Placed
from tests import fakes
from tests.examples import examples
from tests.fakes import Depth


def shaded(placed: Placed, depth: float, level: int = 200) -> tuple[RGB, np.ndarray]:
    """Returns a plate with a shadow that deepens downwards, and the shadow's factor at a quarter of its size."""
    gain = np.repeat(
        np.linspace(1, 1 - depth, placed.height // 4, dtype=np.float32)[:, None], placed.width // 4, axis=1
    )
    plate = fakes.scene(placed, (level, level, level)).astype(np.float64)
    factor = np.interp(np.linspace(0, 1, placed.height), np.linspace(0, 1, len(gain)), gain[:, 0])
    blended: np.ndarray = np.rint(plate * factor[:, None, None]).astype(placed.pixels.dtype)
    return blended, gain


@settings(deadline=None, max_examples=examples(12))
@given(dtype=st.sampled_from([np.uint8, np.uint16]), depth=st.floats(0, 0.6), level=st.sampled_from([5, 128, 254]))
def test_the_layers_give_the_picture(dtype: Depth, depth: float, level: int) -> None:
    placed = fakes.placed(dtype=dtype)
    blended, gain = shaded(placed, depth, level)
    picture = restore.restore(blended, placed)
    found = fakes.flattened(layers.openraster(write.encode(picture, None), blended, gain, placed))
    assert np.abs(np.rint(found) - picture).max() <= 1
    core = placed.matte == 1
    np.testing.assert_array_equal(np.rint(found)[placed.window][core], placed.pixels[core])


def test_the_shadow_is_a_layer_of_its_own() -> None:
    placed = fakes.placed()
    blended, gain = shaded(placed, 0.5)
    plate, shadow = layers.unshaded(blended, gain)
    # Without its shadow the plate is even; the shadow is black, and deepest below.
    assert np.ptp(plate.astype(int).mean(axis=(1, 2))) < 4
    assert not shadow[..., :3].any()
    assert shadow[-1, :, 3].mean() == pytest.approx(127, abs=3)
    assert shadow[0, :, 3].mean() < 3


def test_no_backdrop_travels_under_the_garments_alpha() -> None:
    placed = fakes.placed()
    garment = layers.straight_alpha(placed.matte, placed.foreground)
    assert not garment[placed.matte == 0].any()
    assert ((garment[..., 3] == 255) == (placed.matte == 1)).all()


def test_the_file_tells_its_type_first_and_holds_what_the_format_asks_for() -> None:
    placed = fakes.placed()
    blended, gain = shaded(placed, 0.2)
    png = write.encode(restore.restore(blended, placed), None)
    made = layers.openraster(png, blended, gain, placed)
    assert made == layers.openraster(png, blended, gain, placed)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        assert archive.read("mergedimage.png") == png
        assert {"stack.xml", "Thumbnails/thumbnail.png"} <= set(archive.namelist())
