"""The real loading and sampling code on tiny, randomly initialised models in diffusers' file layout."""

import json
from pathlib import Path

import numpy as np
import pytest

from stages.contracts import Prompt, Request
from stages.errors import ConfigError, NotFoundError, WeightsError
from stages.generate import device, diffusion
from stages.options import GenerateOptions

END = "<|endoftext|>"


def write_model(folder: Path, channels: int) -> Path:
    """Writes a Stable Diffusion inpainting model of `channels` UNet channels with its ControlNet, some 100 kB."""
    import torch
    from diffusers import (
        AutoencoderKL,
        ControlNetModel,
        DDIMScheduler,
        StableDiffusionControlNetInpaintPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.manual_seed(0)
    words = folder / "words"
    words.mkdir(parents=True)
    letters = [letter + end for letter in "abcdefghijklmnopqrstuvwxyz0123456789,.-'" for end in ("", "</w>")]
    vocabulary = {token: number for number, token in enumerate([*letters, "<|startoftext|>", END])}
    (words / "vocab.json").write_text(json.dumps(vocabulary))
    (words / "merges.txt").write_text("#version: 0.2\n")
    shape = {
        "block_out_channels": (16, 32),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "attention_head_dim": 4,
        "cross_attention_dim": 16,
        "norm_num_groups": 8,
    }
    text = CLIPTextConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        bos_token_id=len(vocabulary) - 2,
        eos_token_id=len(vocabulary) - 1,
    )
    StableDiffusionControlNetInpaintPipeline(
        vae=AutoencoderKL(
            block_out_channels=(8, 8, 8, 8),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            latent_channels=4,
            norm_num_groups=4,
        ),
        text_encoder=CLIPTextModel(text),
        tokenizer=CLIPTokenizer.from_pretrained(words, model_max_length=77),
        unet=UNet2DConditionModel(
            sample_size=8,
            in_channels=channels,
            out_channels=4,
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            **shape,
        ),
        controlnet=ControlNetModel(in_channels=4, conditioning_embedding_out_channels=(8, 8, 8, 8), **shape),
        scheduler=DDIMScheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder / "model", safe_serialization=True)
    return folder / "model"


@pytest.fixture(scope="module", params=[4, 9])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp(f"unet{request.param}"), request.param)


def asked(**changed: object) -> Request:
    mask = np.full((96, 64), 255, np.uint8)
    mask[32:64, 16:48] = 0
    given = {
        "image": np.where(mask[..., None] == 0, np.uint8([200, 40, 40]), np.uint8(128)).astype(np.uint8),
        "mask": mask,
        "control": np.zeros((96, 64, 3), np.uint8),
        "prompt": Prompt("photo of a woman", "blurry"),
        "steps": 2,
        "guidance": 2.0,
        "strength": 1.0,
        "control_scale": 1.0,
    }
    return Request(**{**given, **changed})


def load(model: Path) -> diffusion.Diffusion:
    return diffusion.load(GenerateOptions(model=str(model), device="cpu", dtype="float32"))


def test_a_folder_loads_and_the_seed_decides_the_bytes(model: Path) -> None:
    generator = load(model)
    steps: list[tuple[int, int]] = []
    first = generator(asked(), 1, lambda done, total: steps.append((done, total)))
    again = load(model)(asked(), 1, lambda done, total: None)
    other = generator(asked(), 2, lambda done, total: None)
    assert first.shape == (96, 64, 3)
    assert first.dtype == np.uint8
    assert steps == [(1, 2), (2, 2)]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert generator.multiple == 8
    assert generator.cards[0].id == str(model)


def test_prompt_pose_and_picture_reach_the_model(model: Path) -> None:
    generator = load(model)
    lines = np.zeros((96, 64, 3), np.uint8)
    lines[10:90, 30:34] = 255
    plates = [
        generator(each, 1, lambda done, total: None)
        for each in (
            asked(),
            asked(prompt=Prompt("a garden at night", "blurry")),
            asked(control=lines, control_scale=2.0),
            asked(image=np.full((96, 64, 3), 20, np.uint8)),
        )
    ]
    # The ControlNet's last layers start at zero: an untrained one changes nothing, so the pose needs other weights.
    assert not np.array_equal(plates[0], plates[1])
    assert not np.array_equal(plates[0], plates[3])
    import torch

    for name, weight in generator._pipe.controlnet.named_parameters():
        if "controlnet_" in name:
            torch.nn.init.normal_(weight, generator=torch.Generator().manual_seed(0))
    bare = generator(asked(), 1, lambda done, total: None)
    posed = generator(asked(control=lines), 1, lambda done, total: None)
    assert not np.array_equal(bare, posed)


def test_prompts_are_encoded_once(model: Path) -> None:
    generator = load(model)
    calls: list[object] = []
    generator._pipe.text_encoder.register_forward_hook(lambda *given: calls.append(given[0]))
    for seed in (1, 2):
        generator(asked(), seed, lambda done, total: None)
    assert len(calls) == 2  # the prompt and the negative prompt


@pytest.mark.parametrize("name", ["no/such-model-here", "./nowhere"])
def test_missing_weights_say_what_to_do(name: str) -> None:
    with pytest.raises(WeightsError, match="--preset house") as caught:
        diffusion.load(GenerateOptions(model=name, device="cpu"))
    assert "\n" not in str(caught.value)


def test_pickled_weights_are_not_loaded(model: Path, tmp_path: Path) -> None:
    import shutil

    import torch
    from safetensors.torch import load_file

    copy = shutil.copytree(model, tmp_path / "copy")
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(weights), weights.with_suffix(".bin"))
    weights.unlink()
    with pytest.raises(WeightsError):
        load(copy)


def test_a_picture_held_back_by_the_safety_checker_is_an_error(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = load(model)
    real = generator._pipe.run_safety_checker
    monkeypatch.setattr(generator._pipe, "run_safety_checker", lambda *given: (real(*given)[0], [True]))
    with pytest.raises(NotFoundError, match="safety checker"):
        generator(asked(), 1, lambda done, total: None)


def test_an_unknown_device_is_said_so() -> None:
    with pytest.raises(ConfigError, match="cannot be used here"):
        device.choose(GenerateOptions(device="abacus"))
