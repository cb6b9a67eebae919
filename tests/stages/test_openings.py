"""Openings of what is kept: those that the photo shows are sound, those in cloth are not."""

import cv2
import numpy as np
import pytest

from stages import openings
from tests.fakes import cloth

HEIGHT, WIDTH = 420, 360
BACKDROP = np.asarray(cloth(HEIGHT, WIDTH, (225, 226, 228), np.uint8))


def garment() -> tuple[np.ndarray, np.ndarray]:
    """Returns striped cloth with a printed badge before a backdrop that a gap shows, and where the cloth is."""
    shape = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.rectangle(shape, (60, 60), (300, 380), 1, -1)
    cv2.rectangle(shape, (110, 120), (118, 200), 0, -1)  # a slit
    cv2.circle(shape, (230, 130), 18, 0, -1)  # a keyhole
    pixels = np.asarray(cloth(HEIGHT, WIDTH, (60, 80, 130), np.uint8)).copy()
    pixels[:, ::8] = pixels[:, 1::8] = (190, 60, 60)
    cv2.circle(pixels, (200, 280), 40, (240, 200, 40), -1)
    cv2.circle(pixels, (200, 280), 20, (20, 110, 60), -1)
    return np.where(shape[..., None] > 0, pixels, BACKDROP).astype(np.uint8), shape > 0


def judged(kept: np.ndarray, finder: np.ndarray | None = None) -> openings.Openings:
    pixels, cloth_there = garment()
    whole = cloth_there if finder is None else finder
    return openings.judge(pixels, kept, whole, ~whole & ~cloth_there)


def test_gaps_that_the_photo_shows_are_sound() -> None:
    _, there = garment()
    assert judged(there).share == 0
    filled = np.zeros_like(there)
    filled[60:381, 60:301] = True
    # A finder that misses the gaps takes them for garment, and is overruled by their colours.
    found = openings.judge(garment()[0], there, filled, ~filled)
    assert found.share < 0.0005
    assert found.largest < 4


@pytest.mark.parametrize("at", [(200, 280), (200, 250), (150, 300)])
@pytest.mark.parametrize("radius", [6, 12, 30])
def test_holes_in_cloth_and_prints_are_not(at: tuple[int, int], radius: int) -> None:
    _, there = garment()
    hole = np.zeros(there.shape, np.uint8)
    cv2.circle(hole, at, radius, 1, -1)
    assert judged(there & (hole == 0)).largest > 0.8 * radius


def test_a_whole_print_is_not_sound_though_its_outline_is_in_the_photo() -> None:
    _, there = garment()
    hole = np.zeros(there.shape, np.uint8)
    cv2.circle(hole, (200, 280), 40, 1, -1)
    assert judged(there & (hole == 0)).largest > 50


@pytest.mark.parametrize("kind", ["net", "dots", "lines", "hairlines to the outside"])
def test_thin_openings_are_not(kind: str) -> None:
    _, there = garment()
    kept = there.copy()
    if kind == "net":
        kept[::22] = kept[1::22] = kept[:, ::22] = kept[:, 1::22] = False
    elif kind == "dots":
        kept[::7, ::7] = kept[1::7, ::7] = kept[::7, 1::7] = kept[1::7, 1::7] = False
    elif kind == "lines":
        kept[:, 80:280:20] = False
    else:
        kept[:200, 150] = kept[:200, 151] = kept[:200, 180] = False
    assert judged(kept).share > 0.003


def test_an_outline_that_was_found_twice_is_sound() -> None:
    _, there = garment()
    inner = cv2.erode(there.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert judged(inner).share < 0.001
