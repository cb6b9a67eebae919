"""Sound pictures open, whatever else their files carry; broken ones are refused in one sentence."""

import io
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from stages import photo
from stages.errors import PhotoError
from stages.options import PhotoOptions
from tests.stages.photo import files

OPTIONS = PhotoOptions()
PIXELS = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)


def saved(kind: str, **extra: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, kind, **extra)
    return file.getvalue()


BIG = np.random.default_rng(1).bytes(3 << 20)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize(
    "chunk",
    [
        files.chunk(b"eXIf", b"II*\0garbage and more"),
        files.chunk(b"eXIf", b""),
        files.chunk(b"iCCP", b"x\0\0not deflated"),
        files.chunk(b"iCCP", b"x\0\0" + zlib.compress(BIG)),
        files.chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(80 << 20))),
        files.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"<" * (2 << 20)),
        files.chunk(b"tEXt", BIG),
        files.chunk(b"pHYs", struct.pack(">IIB", 2**32 - 1, 0, 1)),
        files.chunk(b"tIME", b"\0"),
        files.chunk(b"gAMA", b"\0"),
        files.chunk(b"cHRM", b""),
        files.chunk(b"sRGB", b"\x09"),
        files.chunk(b"acTL", struct.pack(">II", 2, 0)),
        files.chunk(b"tEXt", b"x\0y")[:-1] + b"\0",
    ],
)
def test_png_opens_whatever_its_other_chunks_hold(chunk: bytes, depth: int) -> None:
    pixels = PIXELS if depth == 8 else PIXELS.astype(np.uint16) * 257
    read = photo.read(files.png(pixels, chunk), OPTIONS)
    assert np.array_equal(read.pixels, pixels)
    assert read.icc is None
    assert np.array_equal(photo.read(files.png(pixels, after=chunk), OPTIONS).pixels, pixels)


@pytest.mark.parametrize("kind", ["WEBP", "JPEG"])
@pytest.mark.parametrize(
    "extra", [{"exif": b"Exif\0\0II*\0broken"}, {"icc_profile": b"broken" * 9}, {"xmp": b"<" * 60000}]
)
def test_other_formats_open_with_broken_extras(kind: str, extra: dict[str, bytes]) -> None:
    how = {"lossless": True, "exact": True} if kind == "WEBP" else {"quality": 100, "subsampling": 0}
    read = photo.read(saved(kind, **how, **extra), OPTIONS)
    assert np.abs(read.pixels.astype(int) - PIXELS).max() <= (0 if kind == "WEBP" else 6)
    assert any("profile" in note for note in read.notes) == ("icc_profile" in extra)


@pytest.mark.parametrize("dpi", [(0, 0), (1e9, 1e9), (1e-9, 72)])
def test_absurd_density_says_nothing(dpi: tuple[float, float]) -> None:
    ratio = [each for value in dpi for each in (min(2**32 - 1, round(value * 1000)), 1000)]
    data = files.tiff(PIXELS, 2, t282=(5, ratio[:2]), t283=(5, ratio[2:]), t296=(3, [2]))
    assert photo.read(data, OPTIONS).dpi is None
    assert photo.read(files.tiff(PIXELS, 2, t282=(5, [72, 1]), t283=(5, [0, 0])), OPTIONS).dpi is None


def test_brackets_in_names(tmp_path: object) -> None:
    path = tmp_path / "a[1]*?.png"  # type: ignore[operator]
    path.write_bytes(files.png(PIXELS))
    assert photo.read(path, OPTIONS).name == "a[1]*?.png"


def every_format() -> dict[str, bytes]:
    deep = PIXELS.astype(np.uint16) * 257
    return {
        "png": files.png(PIXELS),
        "png16": files.png(deep),
        "tiff": saved("TIFF"),
        "tiff lzw": saved("TIFF", compression="tiff_lzw"),
        "tiff16": files.tiff(deep, 2, planar=True),
        "jpeg": saved("JPEG", exif=b"Exif\0\0" + files.exif(space=0xFFFF, index=3)),
        "webp": saved("WEBP"),
        "avif": saved("AVIF"),
        "avif10": bytes(imagecodecs.avif_encode(deep >> 6, bitspersample=10)),
        "jp2": saved("JPEG2000"),
        "jp2 deep": bytes(imagecodecs.jpeg2k_encode(deep, level=0)),
        "bmp": saved("BMP"),
        "gif": saved("GIF"),
    }


@pytest.mark.parametrize("kind", every_format())
def test_mutated_files_are_photos_or_errors_in_words(kind: str) -> None:
    whole = every_format()[kind]
    random = np.random.default_rng(7)
    said = []
    for at in range(60):
        data = bytearray(whole)
        if at % 3 == 0:
            data = data[: int(random.integers(1, len(data)))]
        for _ in range(int(random.integers(1, 8))):
            data[int(random.integers(len(data) if at % 2 else min(len(data), 200)))] = int(random.integers(256))
        try:
            photo.read(bytes(data), OPTIONS, "x")
        except PhotoError as error:
            said.append(str(error))
    assert all(each.startswith("x ") and "\n" not in each for each in said)
