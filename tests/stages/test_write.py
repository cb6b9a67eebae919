"""Pictures: what is encoded comes back, with its marks."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stages import colour, write
from stages.errors import OutputError
from stages.options import WriteOptions
from tests import fakes
from tests.examples import examples
from tests.fakes import Depth

SOURCE = "compositeWithTrainedAlgorithmicMedia"
ABOUT = write.About(SOURCE)


@settings(deadline=None, max_examples=examples(40))
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    seed=st.integers(0, 2**32 - 1),
    with_profile=st.booleans(),
)
def test_png_comes_back_with_all_its_marks(
    height: int, width: int, dtype: Depth, seed: int, with_profile: bool
) -> None:
    full = np.iinfo(dtype).max
    picture = np.random.default_rng(seed).integers(0, full, (height, width, 3), dtype, endpoint=True)
    icc = fakes.profile("adobe") if with_profile else None
    encoded = write.encode(picture, icc, (300, 150), ABOUT)
    assert encoded == write.encode(picture, icc, (300, 150), ABOUT)
    back = write.decode(encoded)
    assert back is not None
    assert back.dtype == dtype
    assert np.array_equal(back, picture)
    assert write.profile(encoded) == icc
    with Image.open(io.BytesIO(encoded)) as seen:
        seen.load()
        assert seen.info.get("icc_profile") == icc
        assert seen.info["dpi"] == pytest.approx((300, 150), abs=0.02)
        assert f"digitalsourcetype/{SOURCE}" in seen.info["xmp"].decode()
        if dtype == np.uint8:
            assert np.array_equal(np.asarray(seen), picture)


def test_four_channels_keep_straight_alpha() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (5, 6, 4), np.uint8, endpoint=True)
    with Image.open(io.BytesIO(write.encode(pixels, None))) as seen:
        assert np.array_equal(np.asarray(seen), pixels)


@settings(deadline=None, max_examples=examples(20))
@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 30), width=st.integers(1, 30))
def test_masks_come_back(seed: int, height: int, width: int) -> None:
    mask = np.random.default_rng(seed).integers(0, 255, (height, width), np.uint8, endpoint=True)
    with Image.open(io.BytesIO(write.encode_mask(mask))) as seen:
        assert seen.mode == "L"
        assert np.array_equal(np.asarray(seen), mask)


@pytest.mark.parametrize("kind", ["jpg", "webp"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_export_looks_like_the_master(kind: str, dtype: Depth) -> None:
    icc = fakes.profile("p3")
    picture = fakes.cloth(32, 32, (180, 90, 60), dtype)
    options = WriteOptions(format=kind, quality=95)
    with Image.open(io.BytesIO(write.export(picture, icc, options, write.About("trainedAlgorithmicMedia")))) as seen:
        assert seen.format == {"jpg": "JPEG", "webp": "WEBP"}[kind]
        assert colour.space(seen.info["icc_profile"]) == "RGB "
        assert "trainedAlgorithmicMedia" in str(seen.info["xmp"])
        shown = np.asarray(seen.convert("RGB")).astype(float)
    assert np.abs(shown.mean((0, 1)) - colour.to_srgb(picture, icc).mean((0, 1))).max() < 2


def test_export_too_large_for_its_format_says_so() -> None:
    with pytest.raises(OutputError, match="webp cannot hold 20000 x 1 pixels"):
        write.export(np.zeros((1, 20000, 3), np.uint8), None, WriteOptions(format="webp"), write.About(""))


@pytest.mark.parametrize("dpi", [(0.0, 0.0), (1e9, 1e9), (float("inf"), 72.0), (float("nan"), float("nan")), (1e-9, 1)])
def test_a_density_that_png_cannot_hold_is_left_out(dpi: tuple[float, float]) -> None:
    with Image.open(io.BytesIO(write.encode(np.zeros((2, 2, 3), np.uint8), None, dpi))) as seen:
        seen.load()
        assert "dpi" not in seen.info
