"""The real loading and sampling code on tiny, randomly initialised models in published file layouts."""

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stages.contracts import Plate, Prompt
from stages.errors import ConfigError, NoPlateError, WeightsError
from stages.generate import device, diffusion, memory
from stages.generate.arguments import inpaint_condition
from stages.options import GenerateOptions
from tests import tiny
from tests.stages.generate import models
from tests.stages.generate.models import KINDS, asked, load, paint, plain


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_decides_the_bytes_and_everything_asked_for_reaches_the_model(folder: Path, kind: str) -> None:
    generator = KINDS[kind](folder)
    steps: list[tuple[int, int]] = []
    first = generator(asked(), 1, lambda done, total: steps.append((done, total)))
    assert (first.shape, first.dtype) == ((96, 64, 3), np.dtype(np.uint8))
    assert steps == [(1, 2), (2, 2)]
    np.testing.assert_array_equal(first, paint(generator))
    lines = np.zeros((96, 64, 3), np.uint8)
    lines[10:90, 30:34] = 255
    poses: dict[str, dict[str, Any]] = {"klein": {"drawn": lines}, "qwen": {"image": lines, "strength": 0.5}}
    changes: tuple[dict[str, Any], ...] = (
        {"seed": 2},
        {"prompt": Prompt("a garden at night", "blurry")},
        poses.get(kind, {"control": lines}),
        {"image": np.full((96, 64, 3), 20, np.uint8)},
    )
    for changed in changes:
        assert not np.array_equal(first, paint(generator, **changed)), changed
    assert all(generator.seconds[name] > 0 for name in ("prompt", "encode", "steps", "decode"))


def test_nine_channel_models_are_shown_mask_and_masked_picture(folder: Path) -> None:
    generator = load(folder)
    shown: list[torch.Tensor] = []
    generator._pipe.unet.register_forward_pre_hook(lambda _module, given: shown.append(given[0]))
    paint(generator)
    assert shown[0].shape == (2, 9, 12, 8)
    mask = shown[0][0, 4]
    assert (mask[4:8, 2:6] == 0).all()
    assert mask.sum() == 12 * 8 - 16


@pytest.mark.sampled
@pytest.mark.parametrize(("file", "layout"), [("sd4", "sd9"), ("sd9", "sd4")])
def test_a_single_file_paints_as_its_folder_does(folder: Path, file: str, layout: str) -> None:
    one = load(folder, f"{file}.safetensors", layout=f"{layout}/model")
    np.testing.assert_array_equal(paint(one), plain(folder, f"{file}/model"))


@pytest.mark.thorough
def test_a_single_file_of_sdxl_paints_as_its_folder_does(folder: Path) -> None:
    named = {"family": "sdxl", "controlnet": "xl-pose", "guard": "xl-guard"}
    one = load(folder, "xl.safetensors", layout="xl/model", **named)
    np.testing.assert_array_equal(paint(one), paint(load(folder, "xl/model", **named)))


def test_pickles_are_refused_unless_they_are_named(folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    pickled = tmp_path / "old.ckpt"
    torch.save({"state_dict": load_file(folder / "sd4.safetensors")}, pickled)
    with pytest.raises(WeightsError, match="allow_pickle"):
        load(folder, str(pickled), layout="sd4/model")
    allowed = load(folder, str(pickled), layout="sd4/model", allow_pickle=["old.ckpt"])
    np.testing.assert_array_equal(paint(allowed), plain(folder, "sd4/model"))
    copy = shutil.copytree(folder / "sd4" / "model", tmp_path / "copy")
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(weights), weights.with_suffix(".bin"))
    weights.unlink()
    with pytest.raises(WeightsError):
        load(folder, str(copy))
    with pytest.raises(WeightsError, match="allow_pickle"):
        load(folder, str(copy), allow_pickle=["another.bin"])
    load(folder, str(copy), allow_pickle=["diffusion_pytorch_model.bin"])


def test_loras_are_merged_by_their_scale(folder: Path) -> None:
    def merged(scale: float) -> Plate:
        return paint(load(folder, loras=[{"weights": str(folder / "lora.safetensors"), "scale": scale}]))

    np.testing.assert_array_equal(merged(0), plain(folder))
    assert not np.array_equal(merged(1), plain(folder))


def test_depth_is_shown_to_the_second_controlnet_at_its_scale(folder: Path) -> None:
    depth = np.random.default_rng(3).integers(0, 256, (96, 64, 3), np.uint8)
    painter = load(folder, depth="depth", guard="guard", guard_scale=0)
    shown: list[object] = []
    painter._pipe.controlnet.nets[1].register_forward_pre_hook(
        lambda _module, given, named: shown.extend([*given, *named.values()]), with_kwargs=True
    )
    assert not np.array_equal(paint(painter, depth=depth), plain(folder))
    expected = torch.from_numpy(depth).permute(2, 0, 1) / 255
    assert any(
        isinstance(each, torch.Tensor) and each.shape[1:] == expected.shape and torch.equal(each[0], expected)
        for each in shown
    )
    # A picture without a figure is painted as without the ControlNet.
    np.testing.assert_array_equal(paint(painter), plain(folder))


def test_the_guard_sees_the_picture_where_it_is_known_and_minus_one_elsewhere(folder: Path) -> None:
    guarded = load(folder, guard="guard")
    shown: list[object] = []
    guarded._pipe.controlnet.nets[1].register_forward_pre_hook(
        lambda _module, given, named: shown.extend([*given, *named.values()]), with_kwargs=True
    )
    assert not np.array_equal(paint(guarded), plain(folder))
    expected = inpaint_condition([asked()])[0]
    assert (expected[:, :32] == -1).all()
    assert torch.allclose(expected[:, 40, 30] * 255, torch.tensor([200.0, 40.0, 40.0]))
    assert any(
        isinstance(each, torch.Tensor) and each.shape[1:] == expected.shape and torch.equal(each[0], expected)
        for each in shown
    )
    np.testing.assert_array_equal(paint(load(folder, guard="guard", guard_scale=0)), plain(folder))


def test_another_autoencoder_takes_the_models_place(folder: Path) -> None:
    torch.manual_seed(9)
    tiny.vae().save_pretrained(folder / "vae")
    other = load(folder, vae="vae")
    assert not np.array_equal(paint(other), plain(folder))
    assert [card.role for card in other.cards] == ["generator", "controlnet", "vae"]


@pytest.mark.sampled
@pytest.mark.parametrize("kind", ["identity", "sd9-face", "xl-face"])
def test_references_change_the_person_and_go_when_they_are_gone(folder: Path, kind: str) -> None:
    named = {"identity": f"{kind}/adapter.safetensors", "identity_encoder": f"{kind}/image_encoder"}
    if kind == "xl-face":
        named |= {"family": "sdxl", "model": "xl/model", "controlnet": "xl-pose", "guard": "xl-guard"}
    generator = load(folder, **named)
    red, blue = (np.full((40, 30, 3), colour, np.uint8) for colour in ((200, 30, 20), (20, 30, 200)))
    plain = paint(generator)
    as_red = paint(generator, references=(red,))
    assert not np.array_equal(as_red, plain)
    pipe = generator._pipe
    assert not np.array_equal(paint(generator, references=(blue, red)), as_red)
    np.testing.assert_array_equal(paint(generator), plain)
    np.testing.assert_array_equal(paint(generator, references=(red,)), as_red)
    assert generator._pipe is pipe  # people with and without references follow one another at no cost


@pytest.mark.thorough
def test_references_without_an_adapter_are_said_so_and_the_next_picture_is_painted(folder: Path) -> None:
    generator = load(folder)
    plain = paint(generator)
    with pytest.raises(ConfigError, match="identity"):
        paint(generator, references=(np.full((40, 30, 3), 90, np.uint8),))
    np.testing.assert_array_equal(paint(generator), plain)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kind", KINDS)
def test_prompts_and_pictures_are_encoded_once_for_all_candidates(folder: Path, kind: str) -> None:
    generator = KINDS[kind](folder)
    calls: list[str] = []
    generator._pipe.text_encoder.register_forward_hook(lambda *given: calls.append("text"))
    generator._pipe.vae.encoder.register_forward_hook(lambda *given: calls.append("vae"))
    paint(generator, 1)
    first = sorted(calls)
    assert {"text", "vae"} == set(first)
    for seed in (2, 3):
        paint(generator, seed)
    assert sorted(calls) == first
    if kind == "9 channels":
        # The prompt, the negative prompt, and the masked picture; a seed draws its own sample of its latents.
        assert first == ["text", "text", "vae"]


def test_running_out_of_memory_steps_down_and_paints_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = load(folder)
    before = paint(generator)
    assert generator.rung == "whole"
    built: list[str] = []
    build = diffusion.Diffusion._build

    def counted(self: diffusion.Diffusion) -> Any:
        built.append(self.rung)
        return build(self)

    def full(*given: object, **named: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(diffusion.Diffusion, "_build", counted)
    generator._pipe.vae.decode = full
    np.testing.assert_array_equal(paint(generator), before)
    assert built == ["tiled"]
    generator._pipe.vae.decode = full
    with pytest.raises(NoPlateError, match="not enough memory"):
        paint(generator)


def test_a_model_that_does_not_fit_when_it_is_loaded_is_loaded_one_rung_lower(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    place = memory.place

    def crowded(pipe: Any, rung: str, *given: Any) -> None:
        tried.append(rung)
        if rung == "whole":
            raise torch.OutOfMemoryError("CUDA out of memory")
        place(pipe, rung, *given)

    monkeypatch.setattr(memory, "place", crowded)
    generator = load(folder)
    assert tried == ["whole", "tiled"]
    assert generator.rung == "tiled"
    monkeypatch.setattr(memory, "place", lambda *given: (_ for _ in ()).throw(MemoryError()))
    with pytest.raises(NoPlateError, match="not enough memory"):
        load(folder)


def test_other_errors_are_not_taken_for_lack_of_memory(folder: Path) -> None:
    generator = load(folder)

    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("sizes do not match")

    generator._pipe.vae.decode = broken
    with pytest.raises(RuntimeError, match="sizes do not match"):
        paint(generator)


@pytest.mark.parametrize("rung", ["fp8", "group"])
def test_rungs_that_need_a_device_paint_alike_where_they_can_be_tried(
    folder: Path, rung: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = plain(folder)
    monkeypatch.setattr("diffusers.DiffusionPipeline.enable_model_cpu_offload", lambda self, device: self.to(device))
    frugal = load(folder, memory=rung)
    assert frugal.rung == rung
    difference = np.abs(paint(frugal).astype(int) - whole.astype(int))
    assert difference.mean() < (12 if rung == "fp8" else 0.5)
    if rung == "fp8":
        kinds = {weight.dtype for weight in frugal._pipe.unet.parameters()}
        assert torch.float8_e4m3fn in kinds


def test_a_transformers_weights_are_rounded_if_asked(folder: Path) -> None:
    pytest.importorskip("torchao")
    plain, rounded = models.zimage(folder), models.zimage(folder, quantise="int8")
    whole, less = (memory.sizes(each._pipe) for each in (plain, rounded))
    assert less["transformer"] < 0.5 * whole["transformer"]
    assert {**less, "transformer": 0} == {**whole, "transformer": 0}
    difference = np.abs(paint(rounded).astype(int) - paint(plain).astype(int))
    assert 0 < difference.mean() < 12


def test_rounding_is_refused_for_other_models_and_without_its_package(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="memory: fp8"):
        load(folder, quantise="int8")
    monkeypatch.setitem(sys.modules, "torchao.quantization", None)
    with pytest.raises(ConfigError, match=r"install .*\[quantise\]"):
        models.zimage(folder, quantise="int8")


@pytest.mark.thorough
def test_pickles_beside_the_model_are_refused_too(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder / "identity", tmp_path / "identity")
    tiny.pickled(copy / "image_encoder")
    named = {"identity": str(copy / "adapter.safetensors"), "identity_encoder": str(copy / "image_encoder")}
    shown = (np.full((40, 30, 3), 90, np.uint8),)
    with pytest.raises(WeightsError):
        paint(load(folder, **named), references=shown)
    paint(load(folder, **named, allow_pickle=["pytorch_model.bin"]), references=shown)
    layout = shutil.copytree(folder / "sd4" / "model", tmp_path / "layout")
    tiny.safety_checker(layout)
    tiny.pickled(layout / "safety_checker")
    with pytest.raises(WeightsError):
        load(folder, "sd4.safetensors", layout=str(layout))
    load(folder, "sd4.safetensors", layout=str(layout), allow_pickle=["pytorch_model.bin"])


@pytest.mark.sampled
@pytest.mark.parametrize("single", [False, True])
def test_the_safety_checker_is_on_unless_it_is_switched_off(folder: Path, tmp_path: Path, single: bool) -> None:
    model = shutil.copytree(folder / "sd4" / "model", tmp_path / "model")
    tiny.safety_checker(model)
    named = {"model": "sd4.safetensors", "layout": str(model)} if single else {"model": str(model)}
    with pytest.raises(NoPlateError, match="safety checker"):
        paint(load(folder, **named))
    np.testing.assert_array_equal(paint(load(folder, **named, safety_checker=False)), plain(folder, "sd4/model"))


def test_a_picture_held_back_by_the_safety_checker_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = load(folder)
    real = generator._pipe.run_safety_checker
    monkeypatch.setattr(generator._pipe, "run_safety_checker", lambda *given: (real(*given)[0], [True]))
    with pytest.raises(NoPlateError, match="safety checker"):
        paint(generator)


@pytest.mark.parametrize("name", ["no/such-model-here", "./nowhere"])
def test_missing_weights_say_what_to_do(name: str) -> None:
    with pytest.raises(WeightsError, match="--preset house") as caught:
        diffusion.load(GenerateOptions(model=name, device="cpu"))
    assert "\n" not in str(caught.value)


def test_weights_are_channels_last_and_repeated_blocks_are_compiled_if_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    monkeypatch.setattr(
        "diffusers.UNet2DConditionModel.compile_repeated_blocks", lambda self, **_: compiled.append(type(self).__name__)
    )
    assert load(folder)._pipe.unet.conv_in.weight.is_contiguous(memory_format=torch.channels_last)
    assert not compiled
    load(folder, compile=True)
    assert compiled == ["UNet2DConditionModel"]


def test_settings_of_a_sampler_are_checked(folder: Path) -> None:
    spaced = load(folder, scheduler="ddim", scheduler_config={"timestep_spacing": "trailing"})
    assert spaced._pipe.scheduler.config.timestep_spacing == "trailing"
    with pytest.raises(ConfigError, match="no setting named 'spacing'"):
        load(folder, scheduler="ddim", scheduler_config={"spacing": "trailing"})


def test_an_unknown_device_is_said_so() -> None:
    with pytest.raises(ConfigError, match="cannot be used here"):
        device.choose(GenerateOptions(device="abacus"))


def test_the_ladder_goes_down_as_room_gets_less() -> None:
    parts = {"unet": 5_000, "controlnet": 5_000, "vae": 200, "text_encoder": 1_600}
    rooms = [10**9, 12_900, 11_000, 6_000, 2_000, 10]
    chosen = [memory.choose(parts, ("unet", "controlnet"), 1, 1, room) for room in rooms]
    assert chosen == list(memory.LADDER) or sorted(chosen, key=memory.LADDER.index) == chosen
    assert chosen[0] == "whole"
    assert chosen[-1] == "sequential"
    assert len(set(chosen)) >= 5
