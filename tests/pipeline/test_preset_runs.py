"""`onmodel generate` with each preset, from a Hub cache that holds tiny models under the published names."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from pipeline import config, hub, weights
from pipeline.cli import main
from pipeline.flow import produce
from pipeline.models import Models
from stages import photo, write
from stages.generate import diffusion
from stages.generate.families import FAMILIES, SCHEDULERS
from stages.options import PhotoOptions
from tests.fakes import tee

pytestmark = pytest.mark.usefixtures("stick_figures")

PRESETS = [name for name in config.names("presets") if name != "house"]


@pytest.mark.sampled
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_runs_from_its_published_names(
    cache: Path, preset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    (tmp_path / "shirt.png").write_bytes(write.encode(tee(), None))
    (tmp_path / "small.yaml").write_text("generate: {pixels: 6144, device: cpu, dtype: float32, steps: 2}\n")
    words = ["generate", "shirt.png", "-o", "out.png", "--preset", preset, "--config", "small.yaml"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["onmodel", *words, "--size", "256x384"])
    driven: list[str] = []
    monkeypatch.setattr(diffusion.Diffusion, "_paint", _noting(driven))
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    receipt = json.loads((tmp_path / "out.json").read_text())
    assert receipt["status"] == "ok"
    options = config.resolve(preset).generate
    named = {card["id"]: card for card in receipt["models"]}
    for need in weights.needs(options):
        if not need.optional and "layout" not in need.role:
            assert named[need.name]["licence"] == weights.source(need.name).licence
            assert len(named[need.name]["revision"]) == 40
    assert receipt["seconds"]["generate.steps"] > 0
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.size == (256, 384)
    family = FAMILIES[options.family]
    sampler = SCHEDULERS[options.scheduler][0] if options.scheduler else "FlowMatchEulerDiscreteScheduler"
    assert set(driven) == {f"{family.pipeline} {sampler}"}


def _noting(driven: list[str]) -> Any:
    real = diffusion.Diffusion._paint

    def paint(self: diffusion.Diffusion, *given: Any) -> Any:
        driven.append(f"{type(self._pipe).__name__} {type(self._pipe.scheduler).__name__}")
        return real(self, *given)

    return paint


@pytest.mark.sampled
@pytest.mark.parametrize("preset", ["sd15", "sdxl-union", "zimage", "klein", "qwen"])
def test_a_second_picture_loads_and_encodes_nothing(cache: Path, preset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    small = {"pixels": 6144, "device": "cpu", "dtype": "float32", "steps": 2, "detail": False, "reseed": 0}
    settings = config.resolve(preset, flags={"generate": small, "place": {"size": "256x384"}})
    garment = photo.read(write.encode(tee(), None), PhotoOptions())
    models = Models()
    first = produce(garment, settings, models)
    painter: Any = models.generator(settings.generate)
    pipe = painter._pipe
    calls: set[str] = set()
    for name, part in pipe.components.items():
        if isinstance(part, torch.nn.Module):
            inner = part.encoder if name == "vae" else part
            inner.register_forward_hook(lambda *_, name=name: calls.add(name))
    monkeypatch.setattr(diffusion, "assemble", None)
    second = produce(garment, settings, models)
    assert (second.png, models.generator(settings.generate)) == (first.png, painter)
    assert painter._pipe is pipe
    family = FAMILIES[settings.generate.family]
    assert calls == {family.denoiser, *(["controlnet"] if family.controlnet else [])}


def test_all_that_a_preset_needs_is_noticed(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    for preset in PRESETS:
        for need in weights.needs(config.resolve(preset).generate):
            assert hub.whole(need) != need.optional, need.name
