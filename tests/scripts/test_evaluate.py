"""The measures of scripts.evaluate, with random weights in the layouts that the real ones are published in."""

from pathlib import Path

import cv2
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


@pytest.mark.thorough
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


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """Gives the distance of two normal distributions as arXiv 1706.08500 defines it, in double precision."""
    between = one.mean(axis=0) - other.mean(axis=0)
    first, second = (np.cov(each, rowvar=False) for each in (one, other))
    both = np.sqrt(np.maximum(np.linalg.eigvals(first @ second).real, 0)).sum()
    return float(between @ between + np.trace(first) + np.trace(second) - 2 * both)


def kernel_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Gives the unbiased squared discrepancy under the kernel (x.y / d + 1)^3 of arXiv 1801.01401."""
    number, size = one.shape

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.asarray((a @ b.T / size + 1) ** 3)

    own = [(each.sum() - np.trace(each)) / (number * (number - 1)) for each in (kernel(one, one), kernel(other, other))]
    return float(own[0] + own[1] - 2 * kernel(one, other).mean())


def test_inceptions_distances_are_those_of_their_papers(weights: Path, tmp_path: Path) -> None:
    from torchmetrics.image.fid import NoTrainInceptionV3

    given = evaluate.pairs(*folders(tmp_path, other=True))
    network = NoTrainInceptionV3("inception-v3-compat", ["64"], str(weights / "inception.pth"))
    features = [
        np.concatenate([
            network(torch.from_numpy(evaluate.read(getattr(pair, side)).copy()).permute(2, 0, 1)[None]).double().numpy()
            for pair in given
        ])
        for side in ("generated", "real")
    ]  # fmt: skip
    found = evaluate.inception(given, weights / "inception.pth", 64)
    assert found["fid"] == pytest.approx(frechet(*features), rel=1e-3)
    # All subsets are the whole of so small a set.
    assert found["kid"] == pytest.approx(kernel_distance(*features), rel=1e-3)
    assert found["fid"] > 1e-3


@pytest.mark.thorough
def test_the_perceptual_distance_is_that_of_its_paper(weights: Path, tmp_path: Path) -> None:
    """By arXiv 1801.03924: squared differences of unit features, weighted by channel, averaged over places."""
    import torchmetrics.functional.image as images
    from torchvision.models import alexnet

    given = evaluate.pairs(*folders(tmp_path, spoilt=5))
    network = alexnet(weights=None)
    network.load_state_dict(torch.load(weights / "alexnet.pth", weights_only=True))
    linear = torch.load(
        Path(images.__file__).parent / "lpips_models" / "alex.pth", map_location="cpu", weights_only=True
    )
    total = []
    for pair in given:
        generated, real, mask = evaluate.both(pair)
        assert mask is not None
        layers = []
        for picture in (generated, real):
            shown = np.where(mask[..., None] == 0, picture, 0).astype(np.uint8)
            large = np.asarray(cv2.resize(shown, (341, 512), interpolation=cv2.INTER_AREA))
            at = torch.from_numpy(large).permute(2, 0, 1)[None].float() / 127.5 - 1
            # The paper's network saw ImageNet's means and deviations, here of levels in [-1, 1].
            at = (at - torch.tensor([-0.030, -0.088, -0.188])[:, None, None]) / torch.tensor([0.458, 0.448, 0.450])[
                :, None, None
            ]
            kept = []
            for number, layer in enumerate(network.features):
                at = layer(at)
                if number in (1, 4, 7, 9, 11):
                    kept.append(at / at.square().sum(dim=1, keepdim=True).sqrt().clamp(min=1e-8))
            layers.append(kept)
        weighted = [
            (linear[f"lin{number}.model.1.weight"][0, :, 0, 0, None, None].reshape(-1, 1, 1) * (a - b)[0].square())
            .sum(dim=0)
            .mean()
            for number, (a, b) in enumerate(zip(*layers, strict=True))
        ]
        total.append(float(sum(weighted).detach()))
    assert evaluate.lpips(given, weights / "alexnet.pth")["mp_lpips"] == pytest.approx(np.mean(total), rel=1e-3)
    assert np.mean(total) > 1e-5


def test_clips_likeness_is_the_cosine_of_its_embeddings(weights: Path, tmp_path: Path) -> None:
    given = evaluate.pairs(*folders(tmp_path, other=True))
    model = CLIPVisionModelWithProjection.from_pretrained(weights / "clip").eval()
    mean, deviation = (
        np.array(each, np.float32)
        for each in ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
    )
    cosines = []
    for pair in given:
        embedded = []
        for path in (pair.generated, pair.real):
            with Image.open(path) as stored:
                small = np.asarray(stored.convert("RGB").resize((32, 32), Image.Resampling.BICUBIC), np.float32) / 255
            shown = torch.from_numpy((small - mean) / deviation).permute(2, 0, 1)[None]
            with torch.no_grad():
                embedded.append(model(shown).image_embeds[0].numpy().astype(np.float64))
        one, other = embedded
        cosines.append(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
    assert evaluate.clip(given, weights / "clip")["clip_i"] == pytest.approx(np.mean(cosines), abs=2e-3)
