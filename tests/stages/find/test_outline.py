"""Outlines of drawn garments settle on the true one, whatever compression, blur and shadow lay beside it."""

from typing import Any

import cv2
import numpy as np
import pytest

from stages.contracts import Photo
from stages.find import finder, subject
from stages.find.cuts import minimal_cut
from stages.find.evidence import edges_of
from stages.find.outline import settle
from stages.matte.backdrop import lab
from stages.options import SegmentOptions
from tests.stages.find.drawn import Drawn, draw

pytestmark = pytest.mark.sampled

CLOTHS: dict[str, dict[str, Any]] = {
    "dark, compressed": {"colour": (25, 30, 60), "backdrop": (255, 255, 255), "jpeg": 75, "shadow": 0.15},
    "noisy": {"colour": (150, 120, 90), "backdrop": (240, 240, 240), "noise": 1.5},
}
PASTEL: dict[str, Any] = {"colour": (235, 225, 200), "backdrop": (245, 245, 243), "jpeg": 80}


def settled(drawn: Drawn, garment: np.ndarray) -> np.ndarray:
    colours = lab(drawn.pixels)
    price = 0.1 + 1.4 * np.exp(-edges_of(colours) / 3)
    return settle(garment, colours, price.astype(np.float32), 0.3)


def errors(garment: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Distances, in pixels, from the outline of `garment` to that of `truth`."""
    inner = cv2.erode(truth.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    away = cv2.distanceTransform((~(truth & ~inner)).astype(np.uint8), cv2.DIST_L2, 5)
    outline = garment & (cv2.erode(garment.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    return np.asarray(away[outline])


@pytest.mark.parametrize("name", CLOTHS)
@pytest.mark.parametrize("by", [-3, 4])
def test_an_outline_some_pixels_off_is_put_right(name: str, by: int) -> None:
    drawn = draw("tee", height=512, seed=2, **CLOTHS[name])
    truth = drawn.matte > 0.5
    size = np.ones((2 * abs(by) + 1,) * 2, np.uint8)
    rough = (cv2.dilate if by > 0 else cv2.erode)(truth.astype(np.uint8), size) > 0
    off = errors(settled(drawn, rough), truth)
    assert errors(rough, truth).mean() > 2
    assert off.mean() < 0.6
    assert np.percentile(off, 95) <= 2


def test_scallops_of_compression_are_smoothed() -> None:
    drawn = draw("tee", height=512, seed=2, **PASTEL)
    truth = drawn.matte > 0.5
    blocks = np.add.outer(np.arange(512) // 8, np.arange(384) // 8) % 2 == 0
    scalloped = truth | (blocks & (cv2.dilate(truth.astype(np.uint8), np.ones((11, 11), np.uint8)) > 0))
    off = errors(settled(drawn, scalloped), truth)
    assert errors(scalloped, truth).mean() > 2.5
    assert off.mean() < 1


def roughness(garment: np.ndarray) -> float:
    """Gives how far an outline lies from its own smooth course, in pixels."""
    outlines, _ = cv2.findContours(garment.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)[:, 0].astype(float)
    smooth = cv2.blur(np.pad(outline, ((12, 12), (0, 0)), mode="wrap"), (1, 25))[12:-12]
    return float(np.linalg.norm(outline - smooth, axis=1).mean())


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [0, 1])
def test_white_on_white_has_no_steps_of_compression(seed: int) -> None:
    drawn = draw("tee", height=1024, seed=seed, colour=(250, 250, 250), backdrop=(246, 246, 246), jpeg=80)
    options = SegmentOptions(garment="top")
    found = subject(Photo("drawn", drawn.pixels, ""), options, finder.load(options)).matte > 0.5
    assert roughness(found) < 1.3 * roughness(drawn.matte > 0.5)
    assert errors(found, drawn.matte > 0.5).mean() < 1.2


def test_where_cloth_and_backdrop_are_alike_the_outline_stays() -> None:
    drawn = draw("tee", height=256)
    garment = drawn.matte > 0.5
    plain = Drawn(np.full_like(drawn.pixels, 240), drawn.matte, drawn.foreground)
    found = settled(plain, garment)
    assert (found & garment).sum() > 0.97 * (found | garment).sum()


def test_a_strip_of_backdrop_at_the_frame_is_not_cut_away_for_being_thin() -> None:
    evidence = np.full((128, 96), 2, np.float32)
    evidence[30:90, 92:] = -0.1
    found = minimal_cut(evidence, np.full_like(evidence, 0.5)) > 0.5
    assert not found[35:85, 92:].any()
    assert found[:, :92].all()
    assert found[:20].all()
