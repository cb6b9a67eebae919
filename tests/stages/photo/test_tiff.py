"""TIFF of any layout gives the same picture at either depth; what is not read is refused."""

import numpy as np
import pytest

from stages import photo
from stages.errors import PhotoError
from stages.options import PhotoOptions
from tests.fakes import Depth
from tests.stages.photo import files

OPTIONS = PhotoOptions()
BOTH = pytest.mark.parametrize("dtype", [np.uint8, np.uint16])


def samples(channels: int, dtype: Depth) -> np.ndarray:
    return np.random.default_rng(channels).integers(0, np.iinfo(dtype).max, (5, 7, channels), dtype, endpoint=True)


@BOTH
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_any_layout_and_turn(dtype: Depth, planar: bool, orientation: int) -> None:
    pixels = samples(3, dtype)
    read = photo.read(files.tiff(pixels, 2, planar=planar, t274=(3, [orientation])), OPTIONS)
    # Exif 2.32, 4.6.4: where row 0 and column 0 are seen.
    turned = {
        1: pixels, 2: pixels[:, ::-1], 3: pixels[::-1, ::-1], 4: pixels[::-1], 5: pixels.swapaxes(0, 1),
        6: pixels.swapaxes(0, 1)[:, ::-1], 7: pixels.swapaxes(0, 1)[::-1, ::-1], 8: pixels.swapaxes(0, 1)[::-1],
    }[orientation]  # fmt: skip
    assert np.array_equal(read.pixels, turned)
    assert read.alpha is None


@BOTH
@pytest.mark.parametrize("photometric", [0, 1])
def test_grey_is_not_negative(dtype: Depth, photometric: int) -> None:
    pixels = samples(1, dtype)
    wanted = np.iinfo(dtype).max - pixels if photometric == 0 else pixels
    assert np.array_equal(photo.read(files.tiff(pixels, photometric), OPTIONS).pixels, np.repeat(wanted, 3, axis=2))


@BOTH
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("kind", [0, 1, 2])
def test_a_fourth_channel_is_what_it_says(dtype: Depth, planar: bool, kind: int) -> None:
    pixels = samples(4, dtype)
    full = np.iinfo(dtype).max
    pixels[0, :2, 3] = 0, full
    if kind == 1:
        pixels[..., :3] = np.rint(pixels[..., :3] * (pixels[..., 3:] / full))
    read = photo.read(files.tiff(pixels, 2, planar=planar, extra=(kind,)), OPTIONS, hidden=True)
    if kind == 0:
        assert read.alpha is None
        assert any("unknown meaning" in note for note in read.notes)
        assert np.array_equal(read.pixels, pixels[..., :3])
        return
    assert read.alpha is not None
    assert np.allclose(read.alpha * full, pixels[..., 3], atol=0.01)
    if kind == 2:
        assert np.array_equal(read.pixels, pixels[..., :3])
    else:
        again = read.pixels * read.alpha[..., None]
        assert np.abs(again - pixels[..., :3]).max() <= 0.51


@BOTH
def test_cmyk_is_converted_alike(dtype: Depth) -> None:
    inks: np.ndarray = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 0, 0, 255], [0, 255, 255, 128]]]).astype(dtype)
    inks *= 1 if dtype == np.uint8 else 257
    read = photo.read(files.tiff(inks, 5), OPTIONS)
    shown = read.pixels / np.iinfo(dtype).max * 255
    assert np.abs(shown - [[[255, 255, 255], [0, 255, 255], [0, 0, 0], [127, 0, 0]]]).max() < 0.6
    assert "converted from CMYK to RGB" in read.notes


def test_twelve_bits_reach_from_black_to_white() -> None:
    pixels = samples(3, np.uint16) >> 4
    pixels[0, 0], pixels[0, 1] = 0, 4095
    read = photo.read(files.tiff(pixels, 2, bits=12), OPTIONS)
    assert np.array_equal(read.pixels, np.rint(pixels * (65535 / 4095)))
    assert any("12 bits" in note for note in read.notes)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits_reach_from_black_to_white(bits: int) -> None:
    pixels = samples(1, np.uint8) >> (8 - bits)
    pixels[0, 0], pixels[0, 1] = 0, 2**bits - 1
    read = photo.read(files.tiff(pixels, 1, bits=bits), OPTIONS)
    assert np.array_equal(read.pixels[..., 0], np.rint(pixels[..., 0] * (255 / (2**bits - 1))))


def test_a_palette_is_looked_up() -> None:
    table = np.random.default_rng(0).integers(0, 256, (3, 256))
    pixels = samples(1, np.uint8)
    read = photo.read(files.tiff(pixels, 3, t320=(3, (table * 257).ravel().tolist())), OPTIONS)
    assert np.array_equal(read.pixels, table[:, pixels[..., 0]].transpose(1, 2, 0))


@pytest.mark.parametrize(("kind", "first"), [(1, False), (4, False), (0, True)])
def test_previews_and_masks_are_no_photo(kind: int, first: bool) -> None:
    large, small = samples(3, np.uint8), samples(3, np.uint8)[:2, :3] ^ 255
    read = photo.read(files.tiff(large, 2, before=(files.page(small, 2, kind),)), OPTIONS)
    assert np.array_equal(read.pixels, small if first else large)
    assert any("2 pages" in note for note in read.notes) == first


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (files.tiff(samples(3, np.uint8), 8), "CIELAB"),
        (files.tiff(samples(3, np.uint16), 9), "ICCLAB"),
        (files.tiff(samples(1, np.uint16), 32803), "raw sensor"),
        (files.tiff(samples(4, np.uint8), 5, t332=(3, [2])), "inks other"),
        (files.tiff(samples(3, np.uint16), 2, t339=(3, [2] * 3)), "signed"),
        (files.tiff(samples(2, np.uint8), 2), "2 samples"),
    ],
)
def test_what_is_not_read_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(PhotoError, match=words):
        photo.read(data, OPTIONS)
