"""The benchmark runs end to end on tiny models, and its full-size ones have the published shapes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import ControlNetModel, UNet2DConditionModel

from pipeline import config, weights
from scripts import bench_generate, full_size
from tests import tiny


@pytest.mark.thorough
def test_it_times_both_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.sd(tmp_path)
    tiny.controlnet(tmp_path / "pose")
    tiny.controlnet(tmp_path / "depth", seed=5)
    monkeypatch.setattr(
        "sys.argv",
        [
            "bench",
            "--folder",
            str(tmp_path),
            "--runs",
            "2",
            "--steps",
            "1",
            "--device",
            "cpu",
            "--size",
            "256x384",
            "--pixels",
            "6144",
        ],
    )
    bench_generate.main()
    said = capsys.readouterr().out
    assert said.count("    ok:") == 2
    assert "generate.steps" in said
    assert "plate 64 x 96, 1 steps" in said
    assert "median ratio" in said


def test_full_size_is_the_published_size() -> None:
    def millions(build: type, **shape: object) -> int:
        with torch.device("meta"):
            return round(sum(int(each.numel()) for each in build(**shape).parameters()) / 1e6)

    # SD 1.5: 860 million and 361; SDXL: 2567 and 1251, as the files' sizes in half precision say (1.72, 0.72, 5.14,
    # 2.5 GB).
    assert millions(UNet2DConditionModel, in_channels=9, **full_size.SD15) == 860
    assert millions(ControlNetModel, **full_size.SD15) == 361
    up = ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D")
    assert millions(UNet2DConditionModel, in_channels=9, up_block_types=up, **full_size.SDXL) == 2567
    assert millions(ControlNetModel, **full_size.SDXL) == 1251


@pytest.mark.parametrize("kind", ["sdxl-union", "zimage", "klein", "qwen"])
def test_what_is_written_has_the_published_gigabytes(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sizes as configs/models/published.yaml has them: of the denoiser, of the whole pipeline, of the ControlNet."""
    built: dict[str, float] = {}

    def counted(build: Callable[[], Any], dtype: torch.dtype) -> Any:
        with torch.device("meta"):
            model = build().to(dtype)
        unlike = {id(each): each.numel() * each.element_size() for each in model.parameters()}
        built[type(model).__name__] = sum(unlike.values()) / 1e9
        return type(type(model).__name__, (Unwritten,), {"__module__": type(model).__module__})()

    monkeypatch.setattr(full_size, "filled", counted)
    full_size.write(kind, tmp_path)
    options = config.resolve(kind).generate
    whole = weights.published()[options.model]
    control = sum(size for name, size in built.items() if "ControlNet" in name)
    denoiser = sum(size for name, size in built.items() if "Transformer2D" in name or name.startswith("UNet"))
    assert denoiser == pytest.approx(whole.denoiser, rel=0.01)
    assert sum(built.values()) - control == pytest.approx(whole.gigabytes, rel=0.02)
    if options.controlnet is not None:
        assert control == pytest.approx(weights.published()[options.controlnet].gigabytes, rel=0.02)


class Unwritten:
    """A model without memory, which is not written."""

    def save_pretrained(self, folder: Path, **_settings: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "diffusion_pytorch_model.safetensors").touch()


def test_random_weights_are_finite_and_of_use() -> None:
    model = full_size.filled(
        lambda: ControlNetModel(cross_attention_dim=16, block_out_channels=(32, 64, 64, 64)), torch.float32
    )
    values = torch.cat([each.flatten() for each in model.parameters()])
    assert torch.isfinite(values).all()
    assert values.std() > 0.01
    norm = next(each for name, each in model.named_parameters() if "norm1.weight" in name)
    assert (norm == 1).all()
