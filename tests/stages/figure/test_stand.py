"""A figure stands between scene and garment; nothing of it reaches the core."""

import dataclasses

import numpy as np
import pytest

from stages import colour
from stages.figure import stand
from stages.restore import restore
from tests import fakes
from tests.fakes import Depth
from tests.stages.figure.figures import disc


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_kept_is_the_garment_over_the_figure(dtype: Depth) -> None:
    placed = fakes.placed(height=80, width=60, above=30, below=70, beside=30, dtype=dtype)
    figure = disc(placed.width, placed.height, radius=55)
    both = stand.with_garment(placed, figure)
    x0, y0 = placed.box[0] - both.box[0], placed.box[1] - both.box[1]
    height, width = placed.matte.shape
    core = placed.matte == 1
    np.testing.assert_array_equal(both.pixels[y0 : y0 + height, x0 : x0 + width][core], placed.foreground[core])
    whole = np.zeros((placed.height, placed.width), np.float32)
    whole[both.window] = both.matte
    assert (whole >= figure.alpha - 1e-6).all()
    assert (whole[placed.window] >= placed.matte - 1e-6).all()
    beside = (figure.alpha == 1) & (whole == 1)
    beside[placed.window] &= placed.matte == 0
    level = 257 if dtype == np.uint16 else 1
    canvas = np.zeros((placed.height, placed.width, 3), dtype)
    canvas[both.window] = both.pixels
    assert (canvas[beside] == figure.picture[beside].astype(int) * level).all()


def test_a_figure_outside_the_garments_box_is_kept_whole() -> None:
    placed = fakes.placed(height=40, width=30, above=5, below=135, beside=45)
    both = stand.with_garment(placed, disc(placed.width, placed.height, radius=30))
    assert both.box[3] > placed.box[3]
    assert both.matte.sum() > placed.matte.sum() + 0.9 * np.pi * 30**2 - placed.matte.size


def test_the_figure_is_kept_in_the_garments_profile() -> None:
    placed = fakes.placed(icc=fakes.profile("p3"))
    figure = disc(placed.width, placed.height)
    both = stand.with_garment(placed, figure)
    assert both.icc == placed.icc
    beside = figure.alpha == 1
    beside[placed.window] &= placed.matte == 0
    seen = colour.to_srgb(both.pixels, both.icc)[beside[both.window]].astype(int)
    assert np.abs(seen - figure.picture[beside]).max() <= 2


def test_standing_leaves_the_scene_alone_and_the_restored_core_exact() -> None:
    placed = fakes.placed()
    figure = disc(placed.width, placed.height)
    scene = fakes.cloth(placed.height, placed.width, (90, 120, 60), np.uint8, seed=3)
    standing = stand.into(scene, figure, None)
    np.testing.assert_array_equal(standing[figure.alpha == 0], scene[figure.alpha == 0])
    np.testing.assert_array_equal(standing[figure.alpha == 1], figure.picture[figure.alpha == 1])
    picture = restore(standing, placed)
    core = placed.matte == 1
    np.testing.assert_array_equal(picture[placed.window][core], placed.pixels[core])


def test_a_shadow_darkens_the_scene_and_not_the_figure() -> None:
    figure = disc()
    dark = dataclasses.replace(figure, shadow=np.full(figure.alpha.shape, 0.5, np.float32))
    scene = np.full((*figure.alpha.shape, 3), 200, np.uint8)
    standing = stand.into(scene, dark, None)
    assert (standing[figure.alpha == 0] == 100).all()
    np.testing.assert_array_equal(standing[figure.alpha == 1], figure.picture[figure.alpha == 1])


def test_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="the figure"):
        stand.into(np.zeros((10, 10, 3), np.uint8), disc(), None)


def test_a_scene_is_sharp_under_the_feet_and_blurred_far_behind() -> None:
    figure = disc(120, 400, radius=20)
    stripes = np.zeros((400, 120, 3), np.uint8)
    stripes[:, ::4] = 200
    blurred = stand.out_of_focus(stripes, figure, 0.02).astype(int)
    contrast = np.abs(np.diff(blurred[..., 0], axis=1)).mean(axis=1)
    feet = round(float(figure.posed.surfaces["skin"].vertices[0, 1]))
    assert contrast[feet] > 0.9 * np.abs(np.diff(stripes[0, :, 0].astype(int))).mean()
    assert contrast[20] < 0.2 * contrast[feet]
    assert (np.diff(contrast[200:feet:20]) >= -1).all()
    np.testing.assert_array_equal(stand.out_of_focus(stripes, figure, 0), stripes)
