"""The mark: never on a pixel of the photo, read back after compression and crops, and never seen where it is not."""

import cv2
import numpy as np
import pytest

from stages import watermark
from tests import pictures
from tests.fakes import Depth, cloth


def scene(dtype: Depth = np.uint8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns a picture with light, edges and grain, and a mask whose middle is kept."""
    random = np.random.default_rng(seed)
    picture = np.asarray(cloth(320, 256, (120, 140, 160), np.uint8, seed), np.float64)
    picture += 50 * np.sin(np.arange(320) / 30)[:, None, None] + np.linspace(-30, 30, 256)[None, :, None]
    for _ in range(30):
        x, y = random.integers(0, 256), random.integers(0, 320)
        cv2.circle(picture, (int(x), int(y)), int(random.integers(4, 30)), random.uniform(30, 220, 3).tolist(), -1)
    mask = np.full((320, 256), 255, np.uint8)
    cv2.ellipse(mask, (128, 160), (70, 90), 0, 0, 360, 0, -1)
    mask[100:110, :60] = 128
    full = np.iinfo(dtype).max
    return np.clip(np.rint(picture * (full / 255)), 0, full).astype(dtype), mask


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("seed", range(4))
def test_generated_pixels_alone_are_marked(dtype: Depth, seed: int) -> None:
    picture, mask = scene(dtype, seed)
    marked = watermark.embed(picture, mask)
    assert marked.dtype == dtype
    assert np.array_equal(marked[mask < 255], picture[mask < 255])
    apart = np.abs(marked.astype(float) - picture) * (255 / np.iinfo(dtype).max)
    assert apart.max() < 4
    assert 10 * np.log10(255**2 / np.mean(apart**2)) > 44
    assert watermark.carries(marked, mask) is True
    assert watermark.carries(marked) is True
    assert watermark.carries(picture, mask) is False
    assert watermark.carries(picture) is False


@pytest.mark.parametrize("kind", [".jpg", ".webp"])
def test_it_outlives_export_and_crops(kind: str) -> None:
    picture, mask = scene()
    marked = watermark.embed(picture, mask)
    quality = [cv2.IMWRITE_JPEG_QUALITY if kind == ".jpg" else cv2.IMWRITE_WEBP_QUALITY, 90]
    again = pictures.decoded(np.asarray(cv2.imencode(kind, marked, quality)[1], np.uint8))
    assert watermark.carries(again, mask) is True
    assert watermark.carries(again[13:, 5:]) is True


def test_what_is_white_or_small_stays_and_says_nothing() -> None:
    white = np.full((200, 200, 3), 255, np.uint8)
    mask = np.full((200, 200), 255, np.uint8)
    assert np.array_equal(watermark.embed(white, mask), white)
    assert watermark.carries(white, mask) is None
    picture, mask = scene()
    mask[:] = 0
    mask[:40, :40] = 255
    assert watermark.carries(watermark.embed(picture, mask), mask) is None
    assert np.array_equal(watermark.embed(picture[:5, :5], mask[:5, :5]), picture[:5, :5])
