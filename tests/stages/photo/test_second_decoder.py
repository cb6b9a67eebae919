"""The second decoder agrees with a right reading, and with no wrong one."""

from dataclasses import replace

import numpy as np
import pytest

from stages import photo
from stages.options import PhotoOptions
from stages.photo import second_decoder
from tests.stages.photo import files
from tests.stages.photo.test_sound import every_format

OPTIONS = PhotoOptions()


def layouts() -> dict[str, bytes]:
    random = np.random.default_rng(0)
    made: dict[str, bytes] = {}
    for dtype in (np.uint8, np.uint16):
        full, name = int(np.iinfo(dtype).max), np.dtype(dtype).name
        pixels = random.integers(0, full, (20, 30, 3), dtype)
        for orientation in range(1, 9):
            made[f"tiff {name} {orientation}"] = files.tiff(
                pixels, 2, planar=orientation % 2 == 0, t274=(3, [orientation])
            )
            chunk = files.chunk(b"eXIf", files.exif(orientation=orientation))
            made[f"png {name} {orientation}"] = files.png(pixels, chunk)
        alpha = random.integers(0, full, (20, 30, 1), dtype)
        premultiplied = np.rint(pixels * (alpha / full)).astype(dtype)
        made[f"tiff {name} premultiplied"] = files.tiff(np.concatenate([premultiplied, alpha], 2), 2, extra=(1,))
        made[f"tiff {name} straight"] = files.tiff(np.concatenate([pixels, alpha], 2), 2, extra=(2,))
        made[f"tiff {name} inverse"] = files.tiff(pixels[..., :1], 0)
        made[f"png {name} alpha"] = files.png(np.concatenate([pixels, alpha], 2))
    return made | every_format()


@pytest.mark.parametrize("kind", layouts())
def test_two_decoders_see_one_picture(kind: str) -> None:
    data = layouts()[kind]
    read = photo.read(data, OPTIONS)
    assert second_decoder.agrees(data, read) is True
    full = np.iinfo(read.pixels.dtype).max
    for wrong in (read.pixels[::-1, ::-1], full - read.pixels, read.pixels[..., ::-1], np.roll(read.pixels, 1, axis=1)):
        same = np.array_equal(wrong, read.pixels)
        assert second_decoder.agrees(data, replace(read, pixels=wrong.copy())) is same


def test_inks_are_each_decoders_own() -> None:
    data = files.tiff(np.full((4, 4, 4), 90, np.uint8), 5)
    assert second_decoder.agrees(data, photo.read(data, OPTIONS)) is None
