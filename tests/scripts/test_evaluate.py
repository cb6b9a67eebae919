"""The measures of scripts.evaluate, with random weights in the layouts that the real ones are published in."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

from scripts import evaluate

pytest.importorskip("torchmetrics")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    from torchvision.models import alexnet

    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch_fidelity.feature_extractor_inceptionv3.load_state_dict_from_url", lambda *_, **__: {})
        patch.setattr(torch.nn.Module, "load_state_dict", lambda *_, **__: None)
        network = FeatureExtractorInceptionV3("random", ["64"])
    torch.save(network.state_dict(), folder / "inception.pth")
    torch.save(alexnet(weights=None).state_dict(), folder / "alexnet.pth")
    size = {"height": 32, "width": 32}
    config = CLIPVisionConfig(
        hidden_size=16, intermediate_size=16, projection_dim=16, num_hidden_layers=1, num_attention_heads=2,
        image_size=32, patch_size=16,
    )  # fmt: skip
    CLIPVisionModelWithProjection(config).save_pretrained(folder / "clip")
    CLIPImageProcessor(size=size, crop_size=size).save_pretrained(folder / "clip")
    return folder


def folders(root: Path, *, spoilt: int = 0, other: bool = False) -> tuple[Path, Path]:
    """Writes four pairs: equal, or with so many garment pixels changed, or with another scene around the garment."""
    random = np.random.default_rng(1)
    for name in ("generated", "real"):
        (root / name).mkdir(parents=True)
    for number in range(4):
        real = random.integers(0, 256, (48, 32, 3), np.uint8)
        mask = np.full((48, 32), 255, np.uint8)
        mask[12:36, 8:24] = 0
        made = real.copy()
        if other:
            made = np.where(mask[..., None] == 255, 255 - made // 3, made).astype(np.uint8)
        made[12, 8 : 8 + spoilt] ^= 255
        Image.fromarray(real).save(root / "real" / f"{number}.png")
        Image.fromarray(made).save(root / "generated" / f"{number}.png")
        Image.fromarray(mask).save(root / "generated" / f"{number}.mask.png")
    return root / "generated", root / "real"


def measured(given: tuple[Path, Path], weights: Path) -> dict[str, float]:
    return evaluate.measure(
        evaluate.pairs(*given), weights / "inception.pth", weights / "clip", weights / "alexnet.pth", features=64
    )


def test_equal_pictures_have_no_distance(weights: Path, tmp_path: Path) -> None:
    found = measured(folders(tmp_path), weights)
    assert found["pictures"] == 4
    assert found["garment_pixels"] == 4 * 24 * 16
    assert found["garment_pixels_changed"] == 0
    assert found["fid"] == pytest.approx(0, abs=1e-3)
    assert found["clip_i"] == pytest.approx(1, abs=1e-5)
    assert found["mp_lpips"] == pytest.approx(0, abs=1e-6)


@pytest.mark.thorough
def test_another_scene_moves_all_but_what_looks_at_the_garment_alone(weights: Path, tmp_path: Path) -> None:
    found, equal = measured(folders(tmp_path / "a", other=True), weights), measured(folders(tmp_path / "b"), weights)
    assert found["garment_pixels_changed"] == 0
    assert found["mp_lpips"] == pytest.approx(0, abs=1e-6)
    assert found["fid"] > equal["fid"] + 1e-3
    assert found["kid"] > equal["kid"]
    assert found["clip_i"] < 0.999


def test_every_changed_garment_pixel_counts(weights: Path, tmp_path: Path) -> None:
    found = measured(folders(tmp_path, spoilt=5), weights)
    assert found["garment_pixels_changed"] == 4 * 5
    assert found["mp_lpips"] > 1e-5


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    generated, real = folders(tmp_path)
    (real / "2.png").unlink()
    with pytest.raises(SystemExit, match=r"2\.png has no picture"):
        evaluate.pairs(generated, real)
    with pytest.raises(SystemExit, match="is missing"):
        evaluate.pairs(real, real, tmp_path)
