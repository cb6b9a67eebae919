"""Removals measured on cloth: no seam against the untouched cloth, and its texture goes on."""

import cv2
import numpy as np
import pytest

from stages import continuity
from stages.contracts import Prompt, Request
from stages.generate.heal import Heal

SIDE = 220


def cloth(kind: str) -> np.ndarray:
    """Returns a piece of cloth: smooth with soft light, striped, checked or knitted, each with grain."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    light = 1 + 0.12 * np.sin((x + 0.5 * y) / 70)
    base = np.full((SIDE, SIDE), 130, np.float32)
    if kind == "striped":
        base += 50 * np.sign(np.sin(2 * np.pi * x / 14))
    elif kind == "checked":
        base += 30 * np.sign(np.sin(2 * np.pi * x / 18)) + 30 * np.sign(np.sin(2 * np.pi * y / 18))
    elif kind == "knitted":
        base += 25 * np.sin(2 * np.pi * x / 5) * np.sin(2 * np.pi * y / 7)
    grain = np.random.default_rng(1).normal(0, 2, (SIDE, SIDE))
    colours = np.array([1.0, 0.8, 0.6])
    return np.asarray(np.clip((base * light + grain)[..., None] * colours, 0, 255), np.uint8)


def filled(picture: np.ndarray, region: np.ndarray) -> np.ndarray:
    shown = picture.copy()
    shown[region] = 128
    size = picture.shape[:2]
    asked = Request(
        shown, np.where(region, 255, 0).astype(np.uint8), np.zeros_like(picture), Prompt("", ""), 1, 1.0, 1.0, 1.0
    )
    plate = Heal()(asked, 0, lambda done, total: None)
    assert plate.shape[:2] == size
    return plate


def texture(picture: np.ndarray, region: np.ndarray) -> float:
    grey = picture.astype(np.float32).mean(axis=2)
    return float((grey - cv2.GaussianBlur(grey, (0, 0), 3))[region].std())


@pytest.mark.parametrize("kind", ["smooth", "striped", "checked", "knitted"])
def test_a_removed_blemish_leaves_neither_seam_nor_smooth_patch(kind: str) -> None:
    picture = cloth(kind)
    drawn = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(drawn, (112, 104), (17, 11), 20, 0, 360, 1, -1)
    region = drawn > 0
    healed = filled(picture, region)
    np.testing.assert_array_equal(healed[~region], picture[~region])
    untouched = continuity.seam(picture, ~region)
    assert continuity.seam(healed, ~region) < 1.3 * untouched
    assert 0.7 < texture(healed, region) / texture(picture, region) < 1.4
    if kind != "smooth":
        # What OpenCV's own inpainting leaves of the texture.
        plain = cv2.inpaint(picture, region.astype(np.uint8), 5, cv2.INPAINT_TELEA)
        assert texture(plain, region) < 0.7 * texture(picture, region)


def test_a_region_with_nowhere_to_copy_from_is_filled_smoothly() -> None:
    picture = cloth("smooth")[:60, :60]
    region = np.zeros((60, 60), bool)
    region[6:54, 6:54] = True
    healed = filled(picture, region)
    np.testing.assert_array_equal(healed[~region], picture[~region])
    assert np.abs(healed[region].astype(float) - picture[region]).mean() < 20


def test_regions_far_apart_are_filled_one_by_one() -> None:
    picture = cloth("checked")
    region = np.zeros((SIDE, SIDE), bool)
    region[20:30, 20:34] = region[180:192, 150:160] = True
    seen = []
    shown = picture.copy()
    shown[region] = 0
    asked = Request(shown, np.where(region, 255, 0).astype(np.uint8), shown, Prompt("", ""), 1, 1.0, 1.0, 1.0)
    healed = Heal()(asked, 0, lambda *step: seen.append(step))
    assert seen == [(1, 2), (2, 2)]
    assert np.abs(healed.astype(float) - picture)[region].mean() < 12


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
@pytest.mark.parametrize("contrast", [0.08, 0.7])
def test_irregular_texture_is_not_filled_from_a_flatter_place_beside_it(seed: int, contrast: float) -> None:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 12, (SIDE * 2, SIDE * 2, 3)), (0, 0), 1) * 2
    noise[:, SIDE - 35 :] *= contrast
    tweed = np.clip(140 + noise, 0, 255).astype(np.uint8)
    region = np.zeros(tweed.shape[:2], bool)
    region[SIDE - 25 : SIDE + 25, 110:160] = True
    made = filled(tweed, region)
    assert texture(made, region) > 0.8 * texture(tweed, region)
