"""`onmodel generate` with each preset, from a Hub cache that holds tiny models under the published names."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from pipeline import config, hub, weights
from pipeline.cli import main
from pipeline.flow import produce
from pipeline.models import Models
from stages import photo, write
from stages.generate import diffusion
from stages.generate.families import FAMILIES, SCHEDULERS
from stages.options import PhotoOptions
from tests import tiny, tiny_flow
from tests.fakes import tee

pytestmark = pytest.mark.usefixtures("stick_figures")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hub cache with tiny models in place of the published ones."""
    root = tmp_path_factory.mktemp("presets")
    built = {
        "stable-diffusion-v1-5/stable-diffusion-inpainting": tiny.sd(root / "sd", variant="fp16"),
        "lllyasviel/control_v11p_sd15_openpose": tiny.controlnet(root / "pose"),
        "lllyasviel/control_v11f1p_sd15_depth": tiny.controlnet(root / "depth", seed=5),
        "xinsir/controlnet-depth-sdxl-1.0": tiny.controlnet(root / "xl-depth", xl=True, seed=5),
        "diffusers/stable-diffusion-xl-1.0-inpainting-0.1": tiny.sdxl(root / "xl", variant="fp16"),
        "xinsir/controlnet-openpose-sdxl-1.0": tiny.controlnet(root / "xl-pose", xl=True),
        "alimama-creative/EcomXL_controlnet_inpaint": tiny.controlnet(root / "guard", xl=True, seed=4),
    }
    tiny.vae().save_pretrained(root / "vae")
    built["madebyollin/sdxl-vae-fp16-fix"] = root / "vae"
    for kind, repository in (("sd", "lcm-lora-sdv1-5"), ("xl", "lcm-lora-sdxl")):
        folder = root / repository
        folder.mkdir()
        plain = root / kind / "plain" / "unet"
        plain.mkdir(parents=True)
        state = load_file(root / kind / "model" / "unet" / "diffusion_pytorch_model.fp16.safetensors")
        save_file(state, plain / "diffusion_pytorch_model.safetensors")
        tiny.lora(plain.parent, folder / "pytorch_lora_weights.safetensors")
        built[f"latent-consistency/{repository}"] = folder
    model, union, settings = tiny.zimage(root / "z")
    (root / "z-union").mkdir()
    shutil.copy(union, root / "z-union" / "Z-Image-Turbo-Fun-Controlnet-Union-2.1-2602-8steps.safetensors")
    built |= {
        "Tongyi-MAI/Z-Image-Turbo": model,
        "alibaba-pai/Z-Image-Turbo-Fun-Controlnet-Union-2.1": root / "z-union",
        "hlky/Z-Image-Turbo-Fun-Controlnet-Union-2.1": settings.parent,
    }
    quality, union, settings = tiny.zimage(root / "z-quality")
    (root / "z-quality-union").mkdir()
    shutil.copy(union, root / "z-quality-union" / "Z-Image-Fun-Controlnet-Union-2.1.safetensors")
    large, inpainting = tiny_flow.qwen(root / "qwen")
    built |= {
        "Tongyi-MAI/Z-Image": quality,
        "alibaba-pai/Z-Image-Fun-Controlnet-Union-2.1": root / "z-quality-union",
        "SG161222/RealVisXL_V5.0": tiny.sdxl(root / "xl-plain", 4, variant="fp16"),
        "OzzyGT/controlnet-union-promax-sdxl-1.0": tiny.union(root / "union"),
        "black-forest-labs/FLUX.2-klein-4B": tiny_flow.klein(root / "klein"),
        "Qwen/Qwen-Image": large,
        "InstantX/Qwen-Image-ControlNet-Inpainting": inpainting,
    }
    for repository, folder in built.items():
        known = weights.published().get(repository)
        commit = (known and known.revision) or "0" * 40
        there = root / "hub" / f"models--{repository.replace('/', '--')}"
        shutil.copytree(folder, there / "snapshots" / commit)
        (there / "refs").mkdir()
        (there / "refs" / "main").write_text(commit)
    return root / "hub"


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
    pipe = models.generator(settings.generate)._pipe
    calls: set[str] = set()
    for name, part in pipe.components.items():
        if isinstance(part, torch.nn.Module):
            inner = part.encoder if name == "vae" else part
            inner.register_forward_hook(lambda *_, name=name: calls.add(name))
    monkeypatch.setattr(diffusion, "assemble", None)
    second = produce(garment, settings, models)
    assert (second.png, models.generator(settings.generate)._pipe) == (first.png, pipe)
    family = FAMILIES[settings.generate.family]
    assert calls == {family.denoiser, *(["controlnet"] if family.controlnet else [])}


def test_all_that_a_preset_needs_is_noticed(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    for preset in PRESETS:
        for need in weights.needs(config.resolve(preset).generate):
            assert hub.whole(need) != need.optional, need.name
