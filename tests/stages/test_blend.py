"""Blending: nothing is invented where there is nothing to match, and each part does what it is named for."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import blend, grain
from stages.canvas import mask
from stages.contracts import Placed, Prompt, Request
from stages.options import BlendOptions
from tests import fakes
from tests.examples import examples
from tests.fakes import Depth

NOTHING = BlendOptions(match_light=0, match_colour=0, shadow=0, grain=0)


def smooth(placed: Placed, level: int = 140) -> np.ndarray:
    full = np.iinfo(placed.pixels.dtype).max
    return np.full((placed.height, placed.width, 3), level * full // 255, placed.pixels.dtype)


def standing(placed: Placed) -> Placed:
    """Returns the garment with a body in it: shoulders, arms, hips and legs."""
    body = np.zeros((18, 3), np.float32)
    x, y = placed.width / 2, placed.box[1]
    joints = {1: (0, 8), 2: (-30, 10), 5: (30, 10), 8: (-18, 120), 11: (18, 120), 9: (-18, 290), 12: (18, 290)}
    for index, (dx, dy) in joints.items():
        body[index] = (x + dx, y + dy, 1)
    return fakes.replaced(placed, body=body)


@settings(deadline=None, max_examples=examples(15))
@given(dtype=st.sampled_from([np.uint8, np.uint16]), seed=st.integers(0, 2**32 - 1))
def test_same_seed_same_bytes(dtype: Depth, seed: int) -> None:
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
def test_the_generated_side_takes_the_colour_of_the_photos_light(dtype: Depth) -> None:
    placed = fakes.placed(dtype=dtype)
    plate = smooth(placed)
    tint = np.array([1.08, 1.0, 0.92], np.float32)
    full = BlendOptions(match_light=0, match_colour=1, shadow=0, grain=0)
    blended = blend.blend(plate, placed, full, "front", 0, tint=tint)
    np.testing.assert_allclose(blended[0, 0] / plate[0, 0], tint, atol=0.004)
    assert np.array_equal(blend.blend(plate, placed, NOTHING, "front", 0, tint=tint), plate)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("sigma", [1.0, 2.5])
def test_grain_is_as_strong_as_the_photos(dtype: Depth, sigma: float) -> None:
    clean = fakes.placed(480, 360, dtype=dtype, garment=(140, 140, 140), backdrop=(120, 120, 120))
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
    assert grain.of_photo(fakes.replaced(placed, pixels=stripes)) < 1.6 / 255


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


def asked(placed: Placed, width: int, height: int) -> Request:
    return Request(
        image=mask.image_for_model(placed, width, height), mask=mask.for_model(placed, width, height),
        control=np.zeros((height, width, 3), np.uint8), prompt=Prompt("", ""),
        steps=1, guidance=1, strength=1, control_scale=1,
    )  # fmt: skip


def test_light_follows_the_garment_without_its_hue() -> None:
    """Where a model repainted the garment too dark, the scene beside it is lifted, in all channels alike."""
    placed = fakes.placed(garment=(200, 60, 60))
    request = asked(placed, 90, 130)
    dark = (request.image * 0.9).astype(np.uint8)
    factor = blend.light(dark, request)
    away = cv2.distanceTransform((request.mask > 0).astype(np.uint8), cv2.DIST_L2, 5)
    assert factor[(away > 0) & (away < 2)].min() > 1.04
    assert factor.max() <= 1.12
    assert np.abs(factor[away > 50] - 1).max(initial=0) < 0.01
    assert np.abs(blend.light(request.image, request) - 1).max() < 0.001
    only_light = BlendOptions(match_light=1, shadow=0, grain=0)
    plate = fakes.scene(placed, (120, 100, 80))
    lit = blend.blend(plate, placed, only_light, "front", 0, factor) / plate
    outside = np.ones(plate.shape[:2], bool)
    outside[placed.window] = placed.matte == 0
    assert lit[outside].max() < 1.14
    assert lit.mean(axis=(0, 1)) == pytest.approx([lit.mean()] * 3, abs=0.005)
    assert lit[placed.box[3] - 8, 60:120].mean() > 1.03


def test_light_leaves_the_backdrop_alone() -> None:
    placed = standing(fakes.placed(garment=(200, 60, 60)))
    request = asked(placed, 90, 130)
    factor = blend.light((request.image * 0.9).astype(np.uint8), request)
    plate = smooth(placed)
    lit = blend.blend(plate, placed, BlendOptions(match_light=1, shadow=0, grain=0), "front", 0, factor)
    assert np.array_equal(lit[:, :10], plate[:, :10])
    assert not np.array_equal(lit, plate)


@pytest.mark.parametrize("backdrop", [(255, 255, 255), (200, 200, 200)])
def test_cloth_that_was_taken_out_of_the_garment_is_no_grain(backdrop: tuple[int, int, int]) -> None:
    placed = fakes.placed(480, 360, garment=(40, 40, 60), backdrop=backdrop)
    pixels, matte = placed.pixels.copy(), placed.matte.copy()
    # The inside of a back: woven dark cloth between garment and backdrop, larger than what little of it is needed.
    inside = np.s_[100:196, 120:232]
    weave = np.random.default_rng(0).integers(30, 60, (96, 112, 1), np.uint8)
    pixels[inside], matte[inside] = weave, 0
    taken = grain.of_photo(fakes.replaced(placed, pixels=pixels, matte=matte))
    assert taken == pytest.approx(grain.of_photo(placed), rel=0.1)
