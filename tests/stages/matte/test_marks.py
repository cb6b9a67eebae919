"""Masks and mattes from the editors of the world: what was painted is what is marked."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from stages import photo as photos
from stages import write
from stages.contracts import Photo
from stages.errors import ConfigError
from stages.matte import marks
from stages.options import PhotoOptions
from tests.fakes import cloth

HEIGHT, WIDTH = 120, 160
PHOTO = np.clip(
    cloth(HEIGHT, WIDTH, (90, 110, 150), np.uint8).astype(int)
    + np.linspace(-60, 70, WIDTH)[None, :, None]
    + 20 * np.sin(np.arange(HEIGHT) / 5)[:, None, None],
    0,
    255,
).astype(np.uint8)
PAINTED = np.zeros((HEIGHT, WIDTH), np.uint8)
cv2.circle(PAINTED, (60, 50), 20, 255, -1)
SOFT = cv2.GaussianBlur(PAINTED, (0, 0), 3)
RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def photo() -> Photo:
    return photos.read(write.encode(PHOTO, None), PhotoOptions(), "photo.png")


def png(image: Image.Image, kind: str = "PNG", **extra: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **extra)
    return file.getvalue()


def layer(colour: tuple[int, int, int], alpha: np.ndarray, under: np.ndarray | None = None) -> Image.Image:
    """Gives a painted layer; `under` are the hidden colours."""
    pixels = np.broadcast_to(np.array(colour, np.uint8), (HEIGHT, WIDTH, 3)).copy()
    if under is not None:
        pixels[alpha == 0] = under[alpha == 0]
    return Image.fromarray(np.dstack([pixels, alpha]))


def on(ground: tuple[int, int, int], colour: tuple[int, int, int], alpha: np.ndarray = SOFT) -> Image.Image:
    weight = alpha[..., None] / 255
    return Image.fromarray(np.rint(np.array(colour) * weight + np.array(ground) * (1 - weight)).astype(np.uint8))


def palette() -> Image.Image:
    image = Image.fromarray((PAINTED > 0).astype(np.uint8), "P")
    image.putpalette([0, 0, 0, 220, 20, 30] + [0] * 750)
    return image


def noisy_alpha() -> Image.Image:
    """Gives a picture whose alpha is opaque all over: it means nothing."""
    return Image.fromarray(np.dstack([np.repeat(PAINTED[..., None], 3, 2), np.full_like(PAINTED, 255)]))


MASKS = {
    "white on black": png(Image.fromarray(SOFT)),
    "one bit": png(Image.fromarray(PAINTED).convert("1")),
    "labels of 0 and 1": png(Image.fromarray(PAINTED // 255)),
    "sixteen bits": write.encode(np.repeat(SOFT.astype(np.uint16)[..., None] * 257, 3, 2), None),
    "video range": png(Image.fromarray(np.rint(16 + SOFT * (219 / 255)).astype(np.uint8))),
    "JPEG": png(Image.fromarray(SOFT), "JPEG", quality=60),
    "red on black, JPEG": png(on((0, 0, 0), (255, 30, 20)), "JPEG", quality=75),
    "red on white": png(on((255, 255, 255), (230, 20, 20))),
    "green on black": png(on((0, 0, 0), (40, 220, 60))),
    "palette": png(palette()),
    "white on clear": png(layer((255, 255, 255), SOFT)),
    "white on clear, noise hidden": png(layer((255, 255, 255), SOFT, NOISE)),
    "red on clear": png(layer((255, 0, 0), SOFT)),
    "black on clear": png(layer((0, 0, 0), SOFT, NOISE)),
    "opaque alpha": png(noisy_alpha()),
    "soft brush to 250": png(Image.fromarray(np.minimum(SOFT, 250))),
    "photo with a hole": png(Image.fromarray(np.dstack([PHOTO, 255 - PAINTED]))),
    "photo with a hole, hidden noise": png(
        Image.fromarray(np.dstack([np.where(PAINTED[..., None] > 0, NOISE, PHOTO), 255 - PAINTED]))
    ),
    "half size": png(Image.fromarray(cv2.resize(SOFT, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA))),
    "twice the size": png(Image.fromarray(cv2.resize(SOFT, (2 * WIDTH, 2 * HEIGHT)))),
    "grey and alpha": png(Image.fromarray(np.dstack([np.full_like(SOFT, 255), SOFT]), "LA")),
    "webp": png(Image.fromarray(SOFT).convert("RGB"), "WEBP", quality=70),
}


def read(tmp_path: Path, data: bytes, flag: str = "mask") -> marks.Marks:
    path = tmp_path / "mask[1].png"
    path.write_bytes(data)
    return marks.read(path, photo(), flag)


@pytest.mark.parametrize("kind", MASKS)
def test_what_was_painted_is_marked(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, MASKS[kind])
    marked = marks.region(found, "mask.png", "auto")
    rim = cv2.dilate(PAINTED, np.ones((5, 5))) != cv2.erode(PAINTED, np.ones((5, 5)))
    assert (marked[PAINTED > 0] | rim[PAINTED > 0]).all()
    assert not marked[(PAINTED == 0) & ~rim].any()
    assert bool(found.said) == (kind.split(",", maxsplit=1)[0] in {
        "labels of 0 and 1", "red on white", "black on clear", "photo with a hole", "half size", "twice the size",
    })  # fmt: skip


@pytest.mark.parametrize("small", [0.4, 0.51, 0.73])
def test_odd_sizes_of_the_same_shape_are_resized(tmp_path: Path, small: float) -> None:
    size = (round(WIDTH * small), round(HEIGHT * small))
    assert read(tmp_path, png(Image.fromarray(cv2.resize(SOFT, size)))).level.shape == (HEIGHT, WIDTH)
    with pytest.raises(ConfigError, match="same shape"):
        read(tmp_path, png(Image.fromarray(cv2.resize(SOFT, (size[0] + 4, size[1])))))
    with pytest.raises(ConfigError, match="on its side"):
        read(tmp_path, png(Image.fromarray(np.ascontiguousarray(SOFT.T))))


@pytest.mark.parametrize(
    "data", [png(Image.fromarray(PHOTO)), png(Image.fromarray(NOISE)), png(Image.fromarray(PHOTO).convert("L"))]
)
def test_a_picture_is_no_mask(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ConfigError, match="is a picture"):
        read(tmp_path, data)


def test_an_inverted_mask_is_asked_about(tmp_path: Path) -> None:
    inverted = read(tmp_path, png(Image.fromarray(255 - SOFT)))
    with pytest.raises(ConfigError, match="Is it inverted"):
        marks.region(inverted, "mask.png", "auto")
    assert marks.region(inverted, "mask.png", "keep").mean() < 0.2
    assert marks.region(inverted, "mask.png", "generate").mean() > 0.8
    large = np.zeros_like(PAINTED)
    large[8:-8, 8:-8] = 255  # more than half, but no frame: meant
    assert marks.region(read(tmp_path, png(Image.fromarray(large))), "mask.png", "auto").mean() > 0.7


def spread(levels: tuple[int, int]) -> np.ndarray:
    """Gives a model's matte, whose white spreads over some levels."""
    noise = RNG.integers(levels[0], levels[1] + 1, SOFT.shape)
    return np.asarray(np.where(SOFT > 250, noise, np.minimum(SOFT, levels[0])), np.uint8)


MATTES = {
    "white on black": png(Image.fromarray(SOFT)),
    "ends at 250": png(Image.fromarray(np.minimum(SOFT, 250))),
    "spreads over 250 to 254": png(Image.fromarray(spread((250, 254)))),
    "video range": png(Image.fromarray(np.rint(16 + SOFT * (219 / 255)).astype(np.uint8))),
    "cut-out": png(Image.fromarray(np.dstack([PHOTO, SOFT]))),
    "dark cut-out, white hidden": png(layer((20, 22, 30), SOFT, np.full((HEIGHT, WIDTH, 3), 255, np.uint8))),
    "cut-out ends at 250": png(Image.fromarray(np.dstack([PHOTO, np.minimum(SOFT, 250)]))),
    "white on clear": png(layer((255, 255, 255), SOFT, NOISE)),
    "half size": png(Image.fromarray(cv2.resize(SOFT, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA))),
}


@pytest.mark.parametrize("kind", MATTES)
def test_a_mattes_white_is_core(tmp_path: Path, kind: str) -> None:
    level = marks.coverage(read(tmp_path, MATTES[kind], "matte"), "matte.png")
    inner = SOFT == 255
    assert (level[inner] == 1).mean() > (0.97 if kind == "half size" else 0.999)
    assert (level[SOFT == 0] == 0).all()
    assert np.abs(level - SOFT / 255).max() < (0.12 if "half" in kind else 0.06)


def test_a_matte_without_white_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="50% white at most"):
        marks.coverage(read(tmp_path, png(Image.fromarray(SOFT // 2)), "matte"), "matte.png")


def test_paint_of_a_few_strokes(tmp_path: Path) -> None:
    image = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(10, 10), (140, 100)], fill=(255, 0, 255, 180), width=6)
    marked = marks.region(read(tmp_path, png(image)), "mask.png", "auto")
    assert 0.02 < marked.mean() < 0.08
