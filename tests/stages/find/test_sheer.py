"""Sheer cloth and lace: what shows the backdrop is soft, what only looks so stays core, and what is unsure is said."""

import numpy as np
import pytest

from scripts.synthetic import cloth
from scripts.synthetic.garment import Kind, Sample, draw
from stages.contracts import Category, Cutout, Photo, Plate
from stages.find import finder, sheer, subject
from stages.matte import backdrop
from stages.options import SegmentOptions

pytestmark = pytest.mark.sampled

OPTIONS = SegmentOptions(keep_collar=True)


def found(photo: Plate, **more: object) -> Cutout:
    options = OPTIONS.model_copy(update=more)
    return subject(Photo("drawn", photo, ""), options, finder.load(options))


def behind(photo: Plate) -> backdrop.Backdrop:
    return backdrop.fit(backdrop.lab(photo))


def changed(drawn: Sample, mix: np.ndarray, light: float, dye: tuple[float, float, float]) -> Plate:
    """Draws a garment again, opaque: of the dye where `mix` (H x W) is 1, mixed with the backdrop's colour elsewhere,
    all of it in folds that change the light by `light`.
    """
    rng = np.random.default_rng(1)
    behind = np.array([232.0, 232.0, 230.0])
    height, width = mix.shape
    folds = 1 + light * cloth.smooth_noise(height, width, 30, rng)
    front = (behind + mix[..., None] * (np.array(dye) - behind)) * folds[..., None]
    picture = behind + drawn.matte[..., None] * (front - behind)
    return np.asarray(np.clip(np.rint(picture + 0.8 * rng.standard_normal(picture.shape)), 0, 255), np.uint8)


def lower(drawn: Sample, share: float = 0.4) -> np.ndarray:
    """Tells the garment's lower part, as rows: H x W."""
    rows = np.nonzero(drawn.matte.max(axis=1) > 0.5)[0]
    seam = rows[-1] - share * (rows[-1] - rows[0])
    return np.broadcast_to(np.arange(len(drawn.matte))[:, None] > seam, drawn.matte.shape)


@pytest.mark.sampled
@pytest.mark.parametrize("kind", ["sheer", "lace"])
@pytest.mark.parametrize("category", ["top", "skirt", "dress"])
def test_what_the_backdrop_shows_through_is_soft(kind: Kind, category: Category) -> None:
    drawn = draw(1, kind, category)
    cutout = found(drawn.photo)
    soft, opaque = (drawn.matte > 0.05) & (drawn.matte < 0.95), drawn.matte > 0.99
    assert np.mean(cutout.matte[soft] == 1) < 0.04  # 0.55 to 0.97 as one hard cut-out
    assert np.mean(cutout.matte[soft] == 0) < 0.03
    assert np.square(cutout.matte - drawn.matte).mean() < 0.001
    # Of one drawing, 0.93 to 0.95 as the part that is found lies a pixel to the left or to the right.
    assert np.mean(cutout.matte[opaque] == 1) > 0.92
    assert any("sheer or openwork" in note and "--sheer opaque" in note for note in cutout.notes)
    assert cutout.shape.category == category
    np.testing.assert_array_equal(cutout.foreground[cutout.matte == 1], drawn.photo[cutout.matte == 1])


@pytest.mark.thorough
def test_the_user_can_keep_it_opaque() -> None:
    drawn = draw(1, "sheer", "skirt")
    cutout = found(drawn.photo, sheer="opaque")
    assert np.mean(cutout.matte[(drawn.matte > 0.3) & (drawn.matte < 0.9)] == 1) > 0.9
    assert not any("sheer" in note for note in cutout.notes)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("light", [0.03, 0.07])
@pytest.mark.parametrize("category", ["top", "skirt", "dress"])
def test_paler_cloth_sewn_on_stays_core(category: Category, light: float) -> None:
    drawn = draw(4, "plain", category)
    photo = changed(drawn, np.where(lower(drawn), 0.62, 1), light, (140, 60, 40))
    sure, _ = sheer.find(photo, drawn.matte > 0.5, behind(photo))
    assert not sure.any()


def test_fine_prints_in_the_backdrops_colour_stay_core() -> None:
    drawn = draw(4, "plain", "skirt")
    y, x = np.indices(drawn.matte.shape)
    dots = (np.hypot(x % 9 - 4, y % 9 - 4) < 3) & lower(drawn)
    photo = changed(drawn, np.where(dots, 0, 1), 0.03, (140, 60, 40))
    sure, _ = sheer.find(photo, drawn.matte > 0.5, behind(photo))
    assert not sure.any()
    # The same dots as true openings are found.
    picture = changed(drawn, np.ones(dots.shape), 0.03, (140, 60, 40))
    picture[dots & (drawn.matte > 0.5)] = (232, 232, 230)
    sure, _ = sheer.find(picture, drawn.matte > 0.5, behind(picture))
    assert np.mean(sure[dots & (drawn.matte > 0.5)]) > 0.9


@pytest.mark.thorough
def test_black_sheer_cloth_on_white_is_named_and_blended_on_demand() -> None:
    drawn = draw(4, "plain", "skirt")
    rng = np.random.default_rng(2)
    height, width = drawn.matte.shape
    thin = np.clip(0.62 + 0.1 * cloth.smooth_noise(height, width, 40, rng), 0.35, 0.9)
    photo = changed(drawn, np.where(lower(drawn), thin, 1), 0, (30, 30, 30))
    cutout, blended = found(photo), found(photo, sheer="blend")
    inner = lower(drawn, 0.35) & (drawn.matte == 1) & ~lower(drawn, 0.05)
    assert any("may be sheer" in note and "--sheer blend" in note for note in cutout.notes)
    assert np.mean(cutout.matte[inner] == 1) > 0.98
    assert np.mean(blended.matte[inner] == 1) < 0.02
    assert np.abs(blended.matte - thin)[inner].mean() < 0.05


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", ["plain", "knit", "straps", "white", "shaded", "textured", "shadow", "noise"])
def test_opaque_garments_are_not_sheer(kind: Kind) -> None:
    drawn = draw(2, kind, "dress")
    sure, likely = sheer.find(drawn.photo, drawn.matte > 0.5, behind(drawn.photo))
    assert not sure.any()
    assert not likely.any()


@pytest.mark.thorough
def test_a_part_is_found_in_a_large_photo_too() -> None:
    drawn = draw(1, "sheer", "top", 1536, 2048)
    matte = found(drawn.photo).matte
    soft = (drawn.matte > 0.3) & (drawn.matte < 0.9)
    assert np.mean(matte[soft] == 1) < 0.05
    assert np.abs(matte - drawn.matte)[soft].mean() < 0.05
