"""Blending: nothing is invented where there is nothing to match, and each part does what it is named for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import blend, grain
from stages.contracts import Placed
from stages.options import BlendOptions
from tests import fakes

NOTHING = BlendOptions(match_light=0, shadow=0, grain=0)


def smooth(placed: Placed, level: int = 140) -> np.ndarray:
    full = np.iinfo(placed.pixels.dtype).max
    return np.full((placed.height, placed.width, 3), level * full // 255, placed.pixels.dtype)


def standing(placed: Placed) -> Placed:
    """Gives the garment with a body in it: shoulders, arms, hips and legs."""
    body = np.zeros((18, 3), np.float32)
    x, y = placed.width / 2, placed.box[1]
    joints = {1: (0, 8), 2: (-30, 10), 5: (30, 10), 8: (-18, 120), 11: (18, 120), 9: (-18, 290), 12: (18, 290)}
    for index, (dx, dy) in joints.items():
        body[index] = (x + dx, y + dy, 1)
    return fakes.replaced(placed, body=body)


@settings(deadline=None, max_examples=15)
@given(dtype=st.sampled_from([np.uint8, np.uint16]), seed=st.integers(0, 2**32 - 1))
def test_same_seed_same_bytes(dtype: type, seed: int) -> None:
    placed = fakes.placed(dtype=dtype)
    plate = smooth(placed)
    once, twice = (blend.blend(plate, placed, BlendOptions(), "left", seed) for _ in range(2))
    assert once.dtype == dtype
    assert np.array_equal(once, twice)
    assert not np.array_equal(once, blend.blend(plate, placed, BlendOptions(), "left", seed + 1))
    assert (plate == smooth(placed)).all()


def test_everything_off_is_the_identity() -> None:
    placed = fakes.placed()
    plate = fakes.scene(placed)
    assert np.array_equal(blend.blend(plate, placed, NOTHING, "front", 0), plate)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("sigma", [1.0, 2.5])
def test_grain_is_as_strong_as_the_photos(dtype: type, sigma: float) -> None:
    clean = fakes.placed(dtype=dtype, garment=(140, 140, 140), backdrop=(120, 120, 120))
    noise = np.random.default_rng(5).normal(0, sigma, clean.matte.shape)[..., None]
    full = np.iinfo(dtype).max / 255
    placed = fakes.replaced(clean, pixels=np.rint((125 + noise) * full + np.zeros(3)).astype(dtype))
    blended = blend.blend(smooth(placed), placed, BlendOptions(match_light=0, shadow=0), "front", 1)
    added = (blended.astype(float) / full - 140).mean(axis=2)
    assert added.std() == pytest.approx(sigma, rel=0.15)
    assert abs(added.mean()) < 0.1
    # A plate that has the photo's grain already is left as it is.
    again = blend.blend(blended, placed, BlendOptions(match_light=0, shadow=0), "front", 2)
    assert (again.astype(float) / full - 140).mean(axis=2).std() == pytest.approx(sigma, rel=0.2)


def test_cloth_is_not_taken_for_grain() -> None:
    placed = fakes.placed(320, 240, backdrop=(255, 255, 255))
    stripes = placed.pixels.copy()
    woven = (placed.matte == 1) & (np.arange(320)[:, None] % 3 == 0) & (np.arange(240) < 120)
    stripes[woven] = 255 - stripes[woven]
    assert grain.of_photo(fakes.replaced(placed, pixels=stripes)) < 4 / 255


@pytest.mark.parametrize(("light_from", "darker"), [("left", "right"), ("right", "left")])
def test_shadow_falls_below_and_away_from_the_light(light_from: str, darker: str) -> None:
    placed = standing(fakes.placed(200, 150, soft=np.ones((200, 150), np.float32), beside=75, below=100))
    plate = smooth(placed)
    shaded = blend.blend(plate, placed, BlendOptions(match_light=0, grain=0, shadow=0.5), light_from, 0)  # type: ignore[arg-type]
    x0, y0, x1, y1 = placed.box
    depth = 140 - shaded[..., 0].astype(float)
    middle = (x0 + x1) // 2
    assert depth[y1 + 2, middle - 20 : middle + 20].mean() > 20
    assert depth[y1 + 2, middle] > depth[y1 + 8, middle] > depth[y1 + 60, middle]
    assert depth.min() >= 0
    assert depth[:, :5].max() == 0  # a backdrop far behind takes no shadow
    everywhere = blend.blend(plate, fakes.replaced(placed, body=np.zeros((18, 3), np.float32)),
                             BlendOptions(match_light=0, grain=0, shadow=0.5), light_from, 0)  # type: ignore[arg-type]  # fmt: skip
    beside = {"left": everywhere[y0 + 50 : y1 - 50, x0 - 2], "right": everywhere[y0 + 50 : y1 - 50, x1 + 1]}
    lighter = "left" if darker == "right" else "right"
    assert beside[darker].mean() < beside[lighter].mean() - 3


def test_light_follows_the_garment_without_its_hue() -> None:
    """A plate whose repainted garment came out too dark is lifted near the outline, in all channels alike."""
    placed = fakes.placed(garment=(200, 60, 60))
    plate = fakes.scene(placed, (120, 120, 120))
    plate[placed.window] = fakes.cloth(160, 120, (170, 45, 45), np.uint8)
    plate[placed.window][placed.matte == 0] = 120
    matched = blend.blend(plate, placed, BlendOptions(match_light=1, shadow=0, grain=0), "front", 0).astype(float)
    outside = np.ones(plate.shape[:2], bool)
    outside[placed.window] = placed.matte == 0
    x0, _, _, y1 = placed.box
    near = matched[y1 + 1, x0 + 50 : x0 + 70]
    assert 125 < near.mean() <= 120 * 1.13
    assert np.ptp(near.mean(axis=0)) < 3
    assert np.abs(matched[-5:] - plate[-5:].astype(float)).max() <= 2
    assert (matched[outside] <= plate[outside] * 1.13 + 1).all()
    same = fakes.scene(placed, (120, 120, 120))
    same[placed.window] = placed.pixels
    still = blend.blend(same, placed, BlendOptions(match_light=1, shadow=0, grain=0), "front", 0)
    assert np.abs(still.astype(int) - same).max() <= 1
