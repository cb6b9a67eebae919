"""Reading photos: what is stored comes in, upright; what cannot be used is refused in one sentence."""

import contextlib
import io
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from scripts.hostile_photos import resummed
from stages import colour, photo, write
from stages.errors import PhotoError
from stages.options import PhotoOptions
from tests import fakes
from tests.examples import examples
from tests.fakes import Depth

OPTIONS = PhotoOptions()
sizes = st.tuples(st.integers(1, 24), st.integers(1, 24))
seeds = st.integers(0, 2**32 - 1)


def picture(size: tuple[int, int], channels: int, dtype: Depth = np.uint8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (*size, channels), dtype, endpoint=True)


def saved(image: Image.Image, kind: str, **extra: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **extra)
    return file.getvalue()


def png(pixels: np.ndarray, kind: int) -> bytes:
    """Returns a 16-bit PNG of the given colour type, written byte by byte from the specification."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, kind, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@settings(deadline=None, max_examples=examples(30))
@given(size=sizes, seed=seeds, kind=st.sampled_from(["PNG", "TIFF", "BMP"]))
def test_eight_bits_come_in_as_stored(size: tuple[int, int], seed: int, kind: str) -> None:
    pixels = picture(size, 3, seed=seed)
    read = photo.read(saved(Image.fromarray(pixels), kind), OPTIONS)
    assert np.array_equal(read.pixels, pixels)
    assert (read.width, read.height, read.bit_depth) == (size[1], size[0], 8)
    assert read.alpha is None
    assert read.notes == ()


@settings(deadline=None, max_examples=examples(30))
@given(size=sizes, seed=seeds)
def test_sixteen_bits_come_in_as_stored(size: tuple[int, int], seed: int) -> None:
    pixels = picture(size, 3, np.uint16, seed)
    tiff = cv2.imencode(".tiff", pixels[..., ::-1])[1].tobytes()
    for data in (png(pixels, 2), tiff):
        read = photo.read(data, OPTIONS)
        assert read.bit_depth == 16
        assert np.array_equal(read.pixels, pixels)


@settings(deadline=None, max_examples=examples(30))
@given(size=sizes, seed=seeds)
def test_alpha_comes_straight_and_hides_its_colours(size: tuple[int, int], seed: int) -> None:
    size = (size[0], size[1] + 1)
    eight, sixteen = picture(size, 4, seed=seed), picture(size, 4, np.uint16, seed)
    eight[0, 0, 3] = sixteen[0, 0, 3] = 0
    eight[0, 1, 3], sixteen[0, 1, 3] = 255, 65535
    for data, pixels, full in ((saved(Image.fromarray(eight), "PNG"), eight, 255), (png(sixteen, 6), sixteen, 65535)):
        read = photo.read(data, OPTIONS)
        seen = pixels[..., 3] > 0
        assert np.array_equal(read.pixels[seen], pixels[seen, :3])
        assert not seen.all()
        assert {tuple(each) for each in read.pixels[~seen]} <= {tuple(each) for each in pixels[seen, :3]}
        assert np.array_equal(photo.read(data, OPTIONS, hidden=True).pixels, pixels[..., :3])
        assert read.alpha is not None
        assert read.alpha.dtype == np.float32
        assert np.array_equal(np.rint(read.alpha * full), pixels[..., 3])
        assert np.array_equal(read.alpha == 1, pixels[..., 3] == full)


def test_opaque_alpha_is_no_matte() -> None:
    pixels = picture((5, 7), 4)
    pixels[..., 3] = 255
    assert photo.read(saved(Image.fromarray(pixels), "PNG"), OPTIONS).alpha is None


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_photos_come_in_upright(orientation: int, kind: str) -> None:
    upright = picture((5, 7), 3)
    # What Pillow's own transposition turns back: the inverse of each orientation.
    inverse = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    image = Image.fromarray(upright)
    stored = image if inverse is None else image.transpose(Image.Transpose(inverse))
    exif = Image.Exif()
    exif[0x0112] = orientation
    extra = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    read = photo.read(saved(stored, kind, exif=exif, **extra), OPTIONS)
    assert np.array_equal(read.pixels, upright)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_sixteen_bits_are_turned_as_eight_are(orientation: int) -> None:
    pixels = picture((5, 7), 3, np.uint16)
    exif = Image.Exif()
    exif[0x0112] = orientation
    eight = saved(Image.fromarray((pixels >> 8).astype(np.uint8)), "PNG", exif=exif)
    deep = png(pixels, 2)
    at = eight.index(b"eXIf") - 4
    block = eight[at : at + 12 + struct.unpack(">I", eight[at : at + 4])[0]]
    read = photo.read(deep[:33] + block + deep[33:], OPTIONS)
    assert np.array_equal(read.pixels >> 8, photo.read(eight, OPTIONS).pixels)


def test_profile_and_density_are_kept() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    read = photo.read(saved(Image.fromarray(picture((4, 4), 3)), "PNG", icc_profile=profile, dpi=(300, 300)), OPTIONS)
    assert read.icc == profile
    assert read.dpi == pytest.approx((300, 300), abs=0.1)


def test_useless_profile_is_ignored_with_a_note() -> None:
    whole = fakes.profile("p3")
    toneless = whole.replace(b"rTRC", b"xTRC")
    for icc in (b"nonsense", toneless, whole[:200], fakes.profile("linear grey")):
        read = photo.read(saved(Image.fromarray(picture((4, 4), 3)), "PNG", icc_profile=icc), OPTIONS)
        assert read.icc is None
        assert "profile" in read.notes[0]
    image = Image.fromarray(picture((4, 4), 3)).convert("CMYK")
    assert photo.read(saved(image, "TIFF", icc_profile=whole.replace(b"RGB ", b"CMYK")), OPTIONS).icc is None


@pytest.mark.parametrize(
    ("mode", "kind", "word"),
    [("L", "PNG", "grey"), ("1", "PNG", "grey"), ("LA", "PNG", "grey"), ("I;16", "PNG", "grey"),
     ("P", "PNG", "palette"), ("CMYK", "TIFF", "CMYK"), ("CMYK", "JPEG", "CMYK")],
)  # fmt: skip
def test_other_modes_are_converted_with_a_note(mode: str, kind: str, word: str) -> None:
    grey = np.tile(np.linspace(0, 255, 16).astype(np.uint8), (8, 1))
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(grey).convert("RGB").convert(mode)
    read = photo.read(saved(image, kind), OPTIONS)
    assert any(word in note for note in read.notes)
    assert read.bit_depth == (16 if mode == "I;16" else 8)
    if mode not in {"1", "P"}:
        found = read.pixels.astype(float) / np.iinfo(read.pixels.dtype).max * 255
        assert np.abs(found - grey[..., None]).max() <= (3 if kind == "JPEG" else 0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_profile_gives_way_to_its_tones(dtype: Depth) -> None:
    icc = fakes.profile("linear grey")
    assert colour.space(icc) == "GRAY"
    full = np.iinfo(dtype).max
    data = saved(Image.fromarray(np.full((2, 2), full // 2, dtype)), "PNG", icc_profile=icc)
    read = photo.read(data, OPTIONS)
    assert read.icc is None
    # Half of linear light is level 188 in sRGB.
    assert np.abs(read.pixels / full * 255 - 188).max() < 1.5


def test_too_many_pixels_are_refused_before_decoding() -> None:
    data = bytearray(png(picture((1, 1), 3, np.uint16), 2))
    data[16:24] = struct.pack(">II", 60000, 60000)  # 3,600 megapixels by its header
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    with pytest.raises(PhotoError, match="3600 megapixels"):
        photo.read(bytes(data), OPTIONS)
    limit = PhotoOptions(max_megapixels=1e-6)
    with pytest.raises(PhotoError, match="megapixels"):
        photo.read(saved(Image.fromarray(picture((2, 2), 3)), "JPEG"), limit)


@pytest.mark.parametrize("wrong", [(25, 3), (25, 7), (26, 1), (27, 5), (28, 2), (-20, 0)], ids=str)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_decoders_grumble_about_stays_off_the_terminal(
    wrong: tuple[int, int], dtype: Depth, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A palette that is missing, a colour type, a compression, a filter or an interlacing that nobody knows, a sum."""
    data = bytearray(write.encode(picture((8, 8), 3, dtype), None))
    data[wrong[0]] = wrong[1]
    with contextlib.suppress(PhotoError):
        photo.read(resummed(data), PhotoOptions(), "odd.png")
    assert (capfd.readouterr().err, caplog.text) == ("", "")


@pytest.mark.parametrize("stated", [(0, 8), (8, 0), (1, 1_000_001)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_sides_that_no_photo_has_are_refused_without_a_decoders_word(
    stated: tuple[int, int], dtype: Depth, capfd: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(write.encode(picture((8, 8), 3, dtype), None))
    data[16:24] = struct.pack(">II", *stated)
    with pytest.raises(PhotoError, match=f"{stated[0]} x {stated[1]}"):
        photo.read(resummed(data), PhotoOptions(), "odd.png")
    assert capfd.readouterr().err == ""


def test_our_limit_replaces_pillows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 4)
    data = saved(Image.fromarray(picture((10, 10), 3)), "PNG")
    assert photo.read(data, OPTIONS).width == 10
    assert Image.MAX_IMAGE_PIXELS == 4


@settings(deadline=None, max_examples=examples(60))
@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_photo_or_an_error_in_words(data: bytes) -> None:
    with pytest.raises(PhotoError, match=r"^shirt\.png "):
        photo.read(data, OPTIONS, name="shirt.png")


@settings(deadline=None, max_examples=examples(60))
@given(share=st.floats(0.02, 0.9), which=st.sampled_from(["PNG", "JPEG", "TIFF", "WEBP", "png16", "tiff16"]))
def test_cut_off_files_are_refused(share: float, which: str) -> None:
    if which == "png16":
        data = png(picture((40, 40), 3, np.uint16), 2)
    elif which == "tiff16":
        data = cv2.imencode(".tiff", picture((40, 40), 3, np.uint16))[1].tobytes()
    else:
        data = saved(Image.fromarray(picture((40, 40), 3)), which)
    with pytest.raises(PhotoError, match="photo"):
        photo.read(data[: int(len(data) * share)], OPTIONS)


def test_unusable_paths_are_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"missing\.jpg does not exist"):
        photo.read(tmp_path / "missing.jpg", OPTIONS)
    with pytest.raises(PhotoError, match="is a folder"):
        photo.read(tmp_path, OPTIONS)
    with pytest.raises(PhotoError, match=r"^\. is a folder"):
        photo.read(Path(), OPTIONS)
    empty = tmp_path / "empty.jpg"
    empty.touch()
    with pytest.raises(PhotoError, match=r"empty\.jpg is empty"):
        photo.read(empty, OPTIONS)
    words = tmp_path / "words.jpg"
    words.write_text("not a picture")
    with pytest.raises(PhotoError, match=r"words\.jpg is not a photo"):
        photo.read(words, OPTIONS)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "locked.png"
    path.write_bytes(saved(Image.fromarray(picture((2, 2), 3)), "PNG"))
    path.chmod(0)
    with pytest.raises(PhotoError, match="permission"):
        photo.read(path, OPTIONS)


def test_floating_point_tiff_is_refused() -> None:
    data = cv2.imencode(".tiff", np.zeros((4, 4, 3), np.float32))[1].tobytes()
    with pytest.raises(PhotoError, match=r"16 bits|not a photo"):
        photo.read(data, OPTIONS)
