"""A photo's own transparency: a cut-out is told from decoration, and a shadow from sheer cloth."""

import cv2
import numpy as np
import pytest

from stages import photo as photos
from stages import write
from stages.contracts import Photo
from stages.find import alpha
from stages.options import PhotoOptions
from tests.fakes import cloth, tee

PIXELS = tee()
SHAPE = cv2.GaussianBlur((np.abs(PIXELS.astype(int) - 235).max(axis=2) > 30).astype(np.uint8) * 255, (3, 3), 0)


def photo(pixels: np.ndarray, opacity: np.ndarray) -> Photo:
    return photos.read(write.encode(np.dstack([pixels, opacity]).astype(np.uint8), None), PhotoOptions())


def corner() -> np.ndarray:
    out = np.full(SHAPE.shape, 255, np.uint8)
    out[:30, :30] = 0
    return out


def disc() -> np.ndarray:
    out = np.zeros(SHAPE.shape, np.uint8)
    cv2.ellipse(out, ((119.5, 149.5), (238, 298), 0), 255, -1, cv2.LINE_AA)
    return out


def rounded(inset: int) -> np.ndarray:
    out = np.zeros(SHAPE.shape, np.uint8)
    cv2.rectangle(out, (inset + 24, inset), (215 - inset, 299 - inset), 255, -1)
    cv2.rectangle(out, (inset, inset + 24), (239 - inset, 275 - inset), 255, -1)
    for x in (inset + 24, 215 - inset):
        for y in (inset + 24, 275 - inset):
            cv2.circle(out, (x, y), 24, 255, -1, cv2.LINE_AA)
    return out


def hole() -> np.ndarray:
    out = np.full(SHAPE.shape, 255, np.uint8)
    cv2.circle(out, (120, 150), 20, 0, -1)
    return out


@pytest.mark.parametrize("opacity", [corner(), disc(), rounded(0), rounded(4), hole(), 255 - corner() // 30])
def test_decoration_is_no_cut_out(opacity: np.ndarray) -> None:
    own = alpha.judge(photo(PIXELS, opacity))
    assert not own.cutout
    assert "no cut-out" in own.said
    assert alpha.judge(photo(PIXELS, opacity), "cut-out").cutout


@pytest.mark.parametrize("most", [255, 254, 250, 235])
@pytest.mark.parametrize("window", [np.s_[:, :], np.s_[40:265, 18:222], np.s_[:200, :]])
def test_a_cut_out_is_one_however_it_is_cropped(most: int, window: tuple[slice, slice]) -> None:
    opacity = np.rint(SHAPE * (most / 255)).astype(np.uint8)
    own = alpha.judge(photo(PIXELS[window], opacity[window]))
    assert own.cutout
    # What was fully opaque is core, whatever level the file calls full.
    assert (own.matte[SHAPE[window] == 255] == 1).all()
    assert (own.matte[SHAPE[window] == 0] == 0).all()
    assert not alpha.judge(photo(PIXELS[window], opacity[window]), "decoration").cutout


def test_a_plain_scarf_is_a_cut_out() -> None:
    opacity = np.zeros(SHAPE.shape, np.uint8)
    opacity[20:280, 30:210] = 255
    assert alpha.judge(photo(np.asarray(cloth(300, 240, (90, 60, 120), np.uint8)), opacity)).cutout


@pytest.mark.parametrize(("colour", "most"), [((0, 0, 0), 0.5), ((255, 250, 230), 0.7), ((30, 30, 60), 0.3)])
@pytest.mark.parametrize("offset", [(0, 0), (8, 12)])
def test_shadows_and_glows_are_taken_off(colour: tuple[int, int, int], most: float, offset: tuple[int, int]) -> None:
    matte = SHAPE.astype(np.float64) / 255
    moved = np.roll(matte, offset, axis=(1, 0))
    under = most * cv2.GaussianBlur(moved, (0, 0), 7)
    over = matte + (1 - matte) * under
    mixed = matte[..., None] * PIXELS + ((1 - matte) * under)[..., None] * np.array(colour)
    straight = np.where(over[..., None] > 0, mixed / np.maximum(over, 1e-6)[..., None], 0)
    own = alpha.judge(photo(np.rint(straight), np.rint(over * 255)))
    assert own.cutout
    assert "shadow" in own.said
    assert np.abs(own.matte - matte).max() < 0.25
    assert np.abs(own.matte - matte)[(matte > 0) & (matte < 1)].mean() < 0.08
    assert (own.matte[matte == 1] == 1).mean() > 0.999
    half = (matte > 0.4) & (matte < 1)
    assert np.abs(own.foreground[half].astype(int) - PIXELS[half]).mean() < 14


def test_sheer_cloth_is_no_shadow() -> None:
    opacity = SHAPE.copy()
    opacity[200:265] = np.where(SHAPE[200:265] > 0, 120, 0)
    own = alpha.judge(photo(PIXELS, opacity))
    assert own.cutout
    assert "shadow" not in own.said
    assert own.matte[230, 120] == pytest.approx(120 / 255, abs=0.01)
