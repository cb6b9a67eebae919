"""Colours mean what the file declares: the same numbers give other light in another space, or are refused."""

import io
import struct
import subprocess
import sys
from collections.abc import Callable

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from stages import colour, photo, write
from stages.errors import PhotoError
from stages.options import PhotoOptions
from tests import fakes
from tests.fakes import Depth
from tests.stages.photo import files

OPTIONS = PhotoOptions()
D65 = (0.3127, 0.3290)
SRGB = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
ADOBE = (*D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
P3 = (*D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
REC2020 = (*D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046)
PIXELS = np.array([[[200, 120, 90], [90, 160, 120], [110, 110, 190], [128, 128, 128]]], np.uint8)


def to_xyz(points: tuple[float, ...]) -> np.ndarray:
    """Gives RGB's matrix to CIE XYZ of white, red, green and blue (x, y), as every colour text derives it."""
    white, *corners = (np.array([points[i] / points[i + 1], 1, (1 - points[i] - points[i + 1]) / points[i + 1]])
                       for i in range(0, 8, 2))  # fmt: skip
    matrix = np.stack(corners, axis=1)
    return matrix * np.linalg.solve(matrix, white)


Light = Callable[[np.ndarray], np.ndarray]


def expected(pixels: np.ndarray, points: tuple[float, ...], light: Light) -> np.ndarray:
    """Returns pixels of D65 primaries and a curve as sRGB levels, not rounded."""
    linear = light(pixels / np.iinfo(pixels.dtype).max) @ to_xyz(points).T @ np.linalg.inv(to_xyz(SRGB)).T
    linear = np.clip(linear, 0, 1)
    return np.asarray(255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))


def srgb_light(level: np.ndarray) -> np.ndarray:
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)


def rec709_light(level: np.ndarray) -> np.ndarray:
    return np.where(level < 0.081, level / 4.5, ((level + 0.099) / 1.099) ** (1 / 0.45))


def seen(data: bytes) -> np.ndarray:
    """Returns what a file looks like, and that its numbers come in untouched and go out with their meaning."""
    given = photo.read(data, OPTIONS)
    written = photo.read(write.encode(given.pixels, given.icc), OPTIONS)
    assert np.array_equal(written.pixels, given.pixels)
    assert written.icc == given.icc
    return colour.to_srgb(given.pixels, given.icc).astype(float)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize(
    ("chunks", "points", "light"),
    [
        ([files.gama(1.0)], SRGB, lambda level: level),
        ([files.gama(1 / 1.8)], SRGB, lambda level: level**1.8),
        ([files.gama(1 / 2.19921875), files.chrm(*ADOBE)], ADOBE, lambda level: level**2.19921875),
        ([files.chrm(*P3), files.gama(0.45455)], P3, lambda level: level**2.2),
        ([files.cicp(12, 13, 0, 1)], P3, srgb_light),
        ([files.cicp(9, 1, 0, 1)], REC2020, rec709_light),
        ([files.cicp(9, 8, 0, 1)], REC2020, lambda level: level),
        ([files.cicp(12, 4, 0, 1)], P3, lambda level: level**2.2),
        # cICP goes before a profile, that before sRGB, that before gAMA.
        ([files.cicp(12, 13, 0, 1), files.chunk(b"sRGB", b"\0"), files.gama(1.0)], P3, srgb_light),
        ([files.chunk(b"sRGB", b"\0"), files.gama(1.0), files.chrm(*P3)], SRGB, srgb_light),
        ([files.gama(0.45455), files.chrm(*SRGB)], SRGB, srgb_light),
        ([files.cicp(1, 13, 0, 1)], SRGB, srgb_light),
        ([], SRGB, srgb_light),
    ],
)
def test_png_chunks_are_read(chunks: list[bytes], points: tuple[float, ...], light: Light, depth: int) -> None:
    pixels = PIXELS if depth == 8 else PIXELS.astype(np.uint16) * 257
    assert np.abs(seen(files.png(pixels, *chunks)) - expected(pixels, points, light)).max() < 1.6


def test_srgb_stays_without_a_profile() -> None:
    for chunks in ([], [files.gama(0.45455), files.chrm(*SRGB)], [files.cicp(1, 13, 0, 1)]):
        assert photo.read(files.png(PIXELS, *chunks), OPTIONS).icc is None


@pytest.mark.parametrize(
    ("codes", "words"),
    [((9, 16, 0, 1), "PQ"), ((9, 18, 0, 1), "HLG"), ((10, 13, 0, 1), "code points 10/13"), ((1, 9, 0, 1), "1/9")],
)
def test_what_has_no_profile_is_refused(codes: tuple[int, ...], words: str) -> None:
    with pytest.raises(PhotoError, match=words):
        photo.read(files.png(PIXELS, files.cicp(*codes)), OPTIONS)


@pytest.mark.parametrize("chunk", [files.gama(0), files.gama(20), files.chrm(0, 0, 0, 0, 0, 0, 0, 0)])
def test_absurd_colour_is_refused(chunk: bytes) -> None:
    with pytest.raises(PhotoError, match="no photo has"):
        photo.read(files.png(PIXELS, chunk), OPTIONS)


def test_a_cicp_chunk_that_is_not_of_rgb_is_said() -> None:
    read = photo.read(files.png(PIXELS, files.cicp(12, 13, 1, 0)), OPTIONS)
    assert any("cICP" in note for note in read.notes)


def jpeg(exif: bytes | None) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(np.kron(PIXELS, np.ones((16, 16, 1), np.uint8)))
    image.save(file, "JPEG", quality=100, subsampling=0, **({} if exif is None else {"exif": b"Exif\0\0" + exif}))
    return file.getvalue()


@pytest.mark.parametrize(
    ("exif", "is_adobe"),
    [
        (files.exif(space=0xFFFF, index=3), True),
        (files.exif(space=1), False),
        (None, False),
        (files.exif(space=2), True),
    ],
)
def test_exif_names_adobe_rgb(exif: bytes | None, is_adobe: bool) -> None:
    shown = seen(jpeg(exif))[::16, ::16]
    light = (lambda level: level ** (563 / 256)) if is_adobe else srgb_light
    assert np.abs(shown[:1] - expected(PIXELS, ADOBE if is_adobe else SRGB, light)).max() < 4  # JPEG


def test_uncalibrated_colours_are_said() -> None:
    assert any("uncalibrated" in note for note in photo.read(jpeg(files.exif(space=0xFFFF)), OPTIONS).notes)


def nclx(avif: bytes, primaries: int, transfer: int) -> bytes:
    """Returns an AVIF with other code points in its colour box."""
    at = avif.index(b"colrnclx") + 8
    return avif[:at] + struct.pack(">HH", primaries, transfer) + avif[at + 4 :]


def avif(pixels: np.ndarray, bits: int) -> bytes:
    large = np.kron(pixels, np.ones((16, 16, 1), pixels.dtype))
    return bytes(imagecodecs.avif_encode(large, level=100, bitspersample=bits))


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_avif_has_its_depth_and_its_colours(bits: int) -> None:
    pixels = (PIXELS.astype(np.uint16) << (bits - 8)).astype(np.uint8 if bits == 8 else np.uint16)
    data = avif(pixels, bits)
    read = photo.read(nclx(data, 12, 13), OPTIONS)
    assert read.bit_depth == (8 if bits == 8 else 16)
    full = 255 if bits == 8 else 65535
    assert np.abs(read.pixels[::16, ::16][:1] / full - pixels / (2**bits - 1)).max() < 0.02
    assert np.abs(seen(nclx(data, 12, 13))[8, 8::16] - expected(read.pixels[8:9, 8::16], P3, srgb_light)[0]).max() < 1.6
    assert photo.read(nclx(data, 1, 13), OPTIONS).icc is None
    with pytest.raises(PhotoError, match="high dynamic range"):
        photo.read(nclx(data, 9, 16), OPTIONS)


def test_jpeg_2000_has_its_depth_and_its_colours() -> None:
    pixels = np.random.default_rng(0).integers(0, 4096, (12, 14, 3), np.uint16)
    data = bytes(imagecodecs.jpeg2k_encode(pixels, bitspersample=12, level=0, codecformat="jp2"))
    read = photo.read(data, OPTIONS)
    assert np.array_equal(read.pixels, np.rint(pixels * (65535 / 4095)))
    assert any("12 bits" in note for note in read.notes)
    at = data.index(b"colr") + 7
    with pytest.raises(PhotoError, match="number 20"):
        photo.read(data[:at] + struct.pack(">I", 20) + data[at + 4 :], OPTIONS)


@pytest.mark.parametrize("bits", [8, 10])
def test_heic_has_its_depth_and_its_colours(bits: int) -> None:
    heif = pytest.importorskip("pillow_heif")
    ramp = np.kron(PIXELS, np.ones((16, 16, 1), np.uint8))
    if bits == 8:
        made = heif.from_pillow(Image.fromarray(ramp))
    else:
        wide = ramp.astype(np.uint16) * 257
        made = heif.from_bytes("RGB;16", (ramp.shape[1], ramp.shape[0]), wide.tobytes())
    file = io.BytesIO()
    made.save(file, quality=-1, chroma=444, matrix_coefficients=0, color_primaries=12, transfer_characteristics=13)
    read = photo.read(file.getvalue(), OPTIONS)
    assert read.bit_depth == (8 if bits == 8 else 16)
    assert np.abs(read.pixels[8:9, 8::16] / (255 if bits == 8 else 65535) - PIXELS / 255).max() < 0.02
    assert np.abs(seen(file.getvalue())[8, 8::16] - expected(read.pixels[8:9, 8::16], P3, srgb_light)[0]).max() < 1.6


def test_heic_without_its_extra_says_which() -> None:
    words = (
        "import sys; sys.modules['pillow_heif'] = None\n"
        "from stages import photo; from stages.options import PhotoOptions\n"
        "photo.read(b'\\0\\0\\0\\x18ftypheic' + bytes(40), PhotoOptions(), 'a.heic')"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=False)
    assert "[heic]" in done.stderr


@pytest.mark.parametrize("adobe", [True, False])
def test_adobes_marker_says_that_inks_are_inverted(adobe: bool) -> None:
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[..., 0] = 255  # all cyan
    file = io.BytesIO()
    Image.fromarray(inks, "CMYK").save(file, "JPEG", quality=100)
    data = file.getvalue()
    at = data.index(b"\xff\xee")
    assert data[at + 4 : at + 9] == b"Adobe"
    if not adobe:
        data = data[:at] + data[at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0] :]
    # Pillow writes inverted values: without the marker they stand for red, with full black.
    shown = photo.read(data, OPTIONS).pixels[8, 8]
    assert np.abs(shown.astype(int) - ([0, 255, 255] if adobe else [0, 0, 0])).max() < 3


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiff_chromaticities_are_read(dtype: Depth) -> None:
    pixels = PIXELS.astype(dtype) * (1 if dtype == np.uint8 else 257)
    ends = [round(each * 10000) for each in P3[2:]]
    white = [round(each * 10000) for each in D65]
    primaries, point = ((5, [v for e in each for v in (e, 10000)]) for each in (ends, white))
    assert (
        np.abs(
            seen(files.tiff(pixels, 2, t319=primaries, t318=point)) - expected(pixels, P3, lambda level: level**2.2)
        ).max()
        < 1.6
    )
    with pytest.raises(PhotoError, match="transfer function"):
        photo.read(files.tiff(pixels, 2, t301=(3, list(range(256)))), OPTIONS)


def test_bitmaps_carry_profiles() -> None:
    icc = fakes.profile("p3")
    head = struct.pack("<IiiHHIIiiII", 124, 4, -1, 1, 24, 0, 12, 0, 0, 0, 0)

    def bmp(kind: int, ends: bytes = bytes(36), gamma: float = 0.0, profile: bytes = b"") -> bytes:
        body = head + bytes(16) + struct.pack("<I", kind) + ends + struct.pack("<3I", *[round(gamma * 65536)] * 3)
        body += struct.pack("<IIII", 4, 124 + 12, len(profile), 0)
        return (
            b"BM"
            + struct.pack("<IHHI", 14 + 124 + 12 + len(profile), 0, 0, 138)
            + body
            + PIXELS[..., ::-1].tobytes()
            + profile
        )

    assert photo.read(bmp(0x4D424544, profile=icc), OPTIONS).icc == icc
    assert photo.read(bmp(0x73524742), OPTIONS).icc is None
    assert photo.read(bmp(0), OPTIONS).icc is None
    ends = b"".join(struct.pack("<i", round(each * 2**30)) for each in to_xyz(P3).T.ravel())
    assert np.abs(seen(bmp(0, ends, 1.8)) - expected(PIXELS, P3, lambda level: level**1.8)).max() < 1.6
    with pytest.raises(PhotoError, match="another file"):
        photo.read(bmp(0x4C494E4B), OPTIONS)
