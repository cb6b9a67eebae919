"""Every bit depth and colour space through the three tasks as typed: nothing outside what is generated changes."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.cli import main
from stages import photo, write
from stages.options import PhotoOptions
from tests.fakes import Ramp, profile, tee

Words = Callable[..., int]

TASKS = {
    "inpaint": ["--box", "40,60,60,80"],
    "inpaint by the model": ["--box", "40,60,60,80", "--fill", "model", "--steps", "1"],
    "outpaint": ["--left", "30", "--top", "10%"],
    "outpaint by the model": ["--aspect", "1:1", "--fill", "model", "--steps", "1"],
    "background": ["--background", "white"],
    "background by the model": ["--scene", "beach", "--steps", "1"],
}


def deep(pixels: np.ndarray) -> np.ndarray:
    """Gives 16 bits whose lower half is not the upper one again."""
    grain = np.random.default_rng(4).integers(0, 257, pixels.shape)
    return np.asarray(np.minimum(pixels.astype(np.uint32) * 257 + grain, 65535), np.uint16)


def png(file: str, pixels: np.ndarray, icc: bytes | None) -> None:
    Path(file).write_bytes(write.encode(pixels, icc))


def opencv(file: str, pixels: np.ndarray) -> None:
    assert cv2.imwrite(file, pixels[..., ::-1] if pixels.ndim == 3 else pixels)


def pillow(file: str, mode: str, icc: bytes | None = None) -> None:
    Image.fromarray(tee(width=120, height=150)).convert(mode).save(file, icc_profile=icc)


SHIRT = tee(width=120, height=150)
PHOTOS: dict[str, Callable[[], None]] = {
    "8.png": lambda: png("8.png", SHIRT, None),
    "adobe.png": lambda: png("adobe.png", SHIRT, profile("adobe")),
    "16.png": lambda: png("16.png", deep(SHIRT), None),
    "16p3.png": lambda: png("16p3.png", deep(SHIRT), profile("p3")),
    "16.tif": lambda: opencv("16.tif", deep(SHIRT)),
    "16grey.png": lambda: opencv("16grey.png", deep(SHIRT[..., 1])),
    "cmyk.jpg": lambda: pillow("cmyk.jpg", "CMYK"),
    "cmyk.tif": lambda: pillow("cmyk.tif", "CMYK"),
    "grey.jpg": lambda: pillow("grey.jpg", "L"),
    "linear.png": lambda: pillow("linear.png", "L", profile("linear grey")),
    "p3.jpg": lambda: pillow("p3.jpg", "RGB", profile("p3")),
    "palette.png": lambda: Image.fromarray(SHIRT).quantize(64, dither=Image.Dither.NONE).save("palette.png"),
}


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Words:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.models.Models.generator", lambda self, options: Ramp())

    def words(*given: str) -> int:
        monkeypatch.setattr("sys.argv", ["onmodel", *given])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0)

    return words


@pytest.mark.sampled(8)
@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("task", TASKS)
def test_what_is_kept_is_the_photo_in_its_own_depth_and_colour_space(typed: Words, task: str, name: str) -> None:
    PHOTOS[name]()
    given = photo.read(Path(name), PhotoOptions())
    assert typed(task.split(maxsplit=1)[0], name, "-o", "a.png", *TASKS[task], "-q") == 0
    assert typed("verify", "a.png", "--source", name) == 0
    made = Path("a.png").read_bytes()
    picture, mask = write.decode(made), np.asarray(Image.open("a.mask.png"))
    assert picture is not None
    assert picture.dtype == given.pixels.dtype
    assert write.profile(made) == given.icc
    record = json.loads(Path("a.json").read_text())
    assert record["source"]["bit_depth"] == given.bit_depth
    x, y = record["placement"]["x"], record["placement"]["y"]
    there = (slice(y, y + given.height), slice(x, x + given.width))
    kept = mask[there] == 0
    np.testing.assert_array_equal(picture[there][kept], given.pixels[kept])
    if task.startswith("inpaint"):
        assert kept.sum() == kept.size - 20 * 20
    elif task.startswith("outpaint"):
        assert kept.all()
    else:
        assert 0.2 < kept.mean() < 0.6


def test_a_picture_whose_lower_bits_were_lost_does_not_verify(typed: Words) -> None:
    PHOTOS["16.png"]()
    assert typed("inpaint", "16.png", "-o", "a.png", *TASKS["inpaint"], "-q") == 0
    picture = write.decode(Path("a.png").read_bytes())
    assert picture is not None
    png("a.png", (picture // 257) * 257, None)
    assert typed("verify", "a.png", "--source", "16.png") == 7
