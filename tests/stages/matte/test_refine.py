"""The soft edge: which method solves it, and that the band alone gives what the whole picture would."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scripts.synthetic.garment import Kind, Sample, draw
from stages.contracts import Mask
from stages.errors import WeightsError
from stages.matte import band, closed_form, foreground, samples, vitmatte
from stages.matte import refine as matting
from stages.matte.sampling import sampled
from stages.options import SegmentOptions


def sample(kind: Kind = "textured", **more: Any) -> Sample:
    return draw(3, kind, "top", **{"width": 192, "height": 256, **more})


def test_texture_tells_plain_backdrops_from_others() -> None:
    for kind in ("plain", "shaded", "white", "noise", "shadow"):
        drawn = sample(kind, width=384, height=512)
        assert matting.texture(drawn.photo, drawn.matte > 0.5) < matting.TEXTURE, kind
    drawn = sample(width=384, height=512)
    assert matting.texture(drawn.photo, drawn.matte > 0.5) > matting.TEXTURE


def test_the_trimap_is_as_wide_as_asked() -> None:
    garment = np.zeros((60, 60), bool)
    garment[:, 30:] = True
    trimap = matting.around(garment, 5)
    assert trimap[30].tolist() == [0] * 25 + [128] * 10 + [255] * 25


def test_the_band_alone_gives_what_the_whole_picture_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    pymatting = pytest.importorskip("pymatting")
    drawn = sample()
    unknown = drawn.trimap == 128
    whole = pymatting.estimate_alpha_cf(drawn.photo / 255.0, np.where(unknown, 0.5, drawn.trimap / 255))
    colours = (drawn.photo / 255).astype(np.float32)
    monkeypatch.setattr(closed_form, "TOLERANCE", 1e-6)
    ours = closed_form.solve(colours, drawn.trimap, np.where(unknown, 0.5, drawn.trimap / 255).astype(np.float32))
    np.testing.assert_allclose(ours, whole[unknown], atol=2e-3)


def test_large_photos_are_solved_small_and_come_out_as_well() -> None:
    drawn = sample(width=960, height=1280)
    unknown = drawn.trimap == 128
    alpha = band.solve(drawn.photo, drawn.trimap)
    assert np.square(alpha - drawn.matte)[unknown].mean() < 0.003
    np.testing.assert_array_equal(alpha[~unknown], (drawn.trimap == 255)[~unknown])


def test_a_photo_solved_small_is_no_worse_than_solved_whole() -> None:
    pymatting = pytest.importorskip("pymatting")
    drawn = draw(0, "plain", "top", 960, 1280)
    unknown = drawn.trimap == 128
    whole = pymatting.estimate_alpha_cf(drawn.photo / 255.0, np.where(unknown, 0.5, drawn.trimap / 255))
    ours, full = (
        np.square(each - drawn.matte)[unknown].mean() for each in (band.solve(drawn.photo, drawn.trimap), whole)
    )
    # Colour lines that follow noise, or a size that drops to half just above the limit, make it 1.1 to 1.4.
    assert ours < 1.02 * full


def test_a_trimap_without_unknown_pixels_is_the_matte() -> None:
    trimap: Mask = np.where(np.indices((20, 20))[0] < 10, 255, 0).astype(np.uint8)
    np.testing.assert_array_equal(band.solve(np.zeros((20, 20, 3), np.uint8), trimap), trimap / 255)


def test_a_pattern_that_meets_the_outline_is_not_bitten() -> None:
    drawn = draw(1, "plain", "bottom", 384, 512)
    rng = np.random.default_rng(0)
    stripes = (np.indices(drawn.matte.shape)[0] // 9) % 2 == 0
    # Cloth striped in the backdrop's own colour, a little warmer.
    cloth = np.where(stripes[..., None], np.array([228, 222, 214]), np.array([70, 40, 50])).astype(np.float32)
    picture = drawn.matte[..., None] * cloth + (1 - drawn.matte[..., None]) * np.array([234, 234, 233])
    photo = np.clip(np.rint(picture + 0.6 * rng.standard_normal(picture.shape)), 0, 255).astype(np.uint8)
    core = drawn.matte == 1
    off = np.abs(matting.refine(photo, drawn.matte > 0.5, SegmentOptions())[0] - drawn.matte)[core]
    assert off.max() < 0.02


def test_what_a_pixel_says_of_itself_counts_where_it_is_sure() -> None:
    drawn = sample("plain")
    colours = (drawn.photo / 255).astype(np.float32)
    alpha, weight = samples.alphas(samples.taken(colours, drawn.trimap), drawn.trimap)
    unknown = drawn.trimap == 128
    off = np.abs(alpha - drawn.matte)[unknown]
    sure = weight[unknown] > np.median(weight[unknown])
    assert off[sure].mean() < 0.5 * off[~sure].mean()
    assert not weight[~unknown].any()


def test_blocks_of_compression_beside_the_garment_are_not_of_it() -> None:
    photo = np.full((80, 80, 3), 240, np.uint8)
    photo[:, 40:] = (60, 30, 40)
    garment = np.zeros((80, 80), bool)
    garment[:, 40:] = True
    garment[30:38, 37:40] = True  # a block too far
    alpha = matting.refine(photo, garment, SegmentOptions())[0]
    assert not alpha[:, :39].any()
    assert alpha[:, 41:].all()


def test_auto_solves_the_band_where_the_backdrop_is_textured() -> None:
    drawn = sample()
    garment = drawn.matte > 0.5
    alpha, front, words = matting.refine(drawn.photo, garment, SegmentOptions())
    assert "band" in words
    assert np.abs(alpha - drawn.matte).mean() < 0.01
    np.testing.assert_array_equal(front[alpha == 1], drawn.photo[alpha == 1])
    assert not front[alpha == 0].any()


@pytest.mark.parametrize("kind", ["fringe", "lace", "sheer", "textured"])
def test_the_foreground_is_much_nearer_to_the_truth_than_the_photo(kind: Kind) -> None:
    drawn = sample(kind, width=384, height=512)
    soft = (drawn.matte > 0.2) & (drawn.matte < 0.8)
    found = foreground.estimate(drawn.photo, drawn.matte).astype(np.float32)
    error, before = (np.abs(each - drawn.foreground)[soft].mean() for each in (found, drawn.photo))
    # Where a printed cloth changes colour at its outline, its own colour is anyone's guess.
    assert error < (0.5 if kind == "textured" else 0.25) * before


def test_sampling_is_exact_on_planes_and_holds_at_the_frame() -> None:
    y, x = np.mgrid[:9, :7].astype(np.float32)
    plane = np.dstack([2 * x + 3 * y, x])
    at = sampled(plane, np.array([1.25, 6.0, 99.0]), np.array([2.5, 8.0, -5.0]))
    np.testing.assert_allclose(at, np.array([[10, 1.25], [36, 6], [12, 6]]), atol=1e-5)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import VitDetConfig, VitMatteConfig, VitMatteForImageMatting, VitMatteImageProcessor

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("vitmatte")
    backbone = VitDetConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=128, pretrain_image_size=64,
        num_channels=4, out_features=["stage1"], mlp_ratio=2,
    )  # fmt: skip
    config = VitMatteConfig(
        backbone_config=backbone, hidden_size=16, convstream_hidden_sizes=[8, 8, 8], fusion_hidden_sizes=[16, 8, 8, 8]
    )
    model = VitMatteForImageMatting(config)
    for weights in model.parameters():
        torch.nn.init.normal_(weights, std=0.3)
    model.save_pretrained(folder)
    VitMatteImageProcessor().save_pretrained(folder)
    return folder


def test_vitmatte_is_asked_in_the_band_alone(learned: Path) -> None:
    drawn = sample()
    options = SegmentOptions(vitmatte_folder=str(learned))
    alpha = vitmatte.solve(drawn.photo, drawn.trimap, options)
    unknown = drawn.trimap == 128
    np.testing.assert_array_equal(alpha[~unknown], (drawn.trimap == 255)[~unknown])
    assert np.ptp(alpha[unknown]) > 0
    assert matting.refine(drawn.photo, drawn.matte > 0.5, options)[2] == "ViTMatte"


def test_a_missing_vitmatte_says_what_to_do(tmp_path: Path) -> None:
    drawn = sample()
    options = SegmentOptions(matting="vitmatte", vitmatte_folder=str(tmp_path))
    with pytest.raises(WeightsError, match="vitmatte-folder"):
        matting.refine(drawn.photo, drawn.matte > 0.5, options)
