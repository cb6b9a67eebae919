"""Every preset resolves to classes and arguments that the installed diffusers has."""

import dataclasses
import inspect
import json
from typing import Any

import diffusers
import numpy as np
import pytest

from pipeline import config, presets, weights
from pipeline.collection import settings
from pipeline.models import Models
from stages.contracts import Prompt, Request
from stages.errors import ConfigError
from stages.generate import memory, refuse
from stages.generate.families import FAMILIES, SCHEDULERS
from stages.options import GenerateOptions

PRESETS = config.names("presets")


def request(options: GenerateOptions) -> Request:
    return Request(
        image=np.zeros((64, 64, 3), np.uint8),
        mask=np.zeros((64, 64), np.uint8),
        control=np.zeros((64, 64, 3), np.uint8),
        prompt=Prompt("a", "b"),
        steps=options.steps,
        guidance=options.guidance,
        strength=options.strength,
        control_scale=options.control_scale,
    )


class Recorder:
    """A pipeline that notes how its prompt is encoded, and gives as many results as the real one's docstring says."""

    _execution_device = "cpu"

    def __init__(self, results: int) -> None:
        self.results = results
        self.given: dict[str, Any] = {}

    def encode_prompt(self, **given: Any) -> tuple[int, ...]:
        self.given = given
        return tuple(range(self.results))


def test_the_presets_that_users_expect_are_there() -> None:
    assert set(PRESETS) == {
        "house", "sd15", "sd15-fast", "sdxl", "sdxl-fast", "sdxl-union", "zimage", "zimage-quality", "klein", "qwen",
    }  # fmt: skip


#: Of each preset: the pipeline, its sampler (the model's own where None), and what it is called with for a figure.
DRIVEN: dict[str, tuple[str, str | None, dict[str, Any]]] = {
    "sd15": (
        "StableDiffusionControlNetInpaintPipeline", "DPMSolverMultistepScheduler",
        {
            "num_inference_steps": 30, "guidance_scale": 7.0, "strength": 1.0,
            "controlnet_conditioning_scale": [1.0, 0.5],
        },
    ),
    "sd15-fast": (
        "StableDiffusionControlNetInpaintPipeline", "LCMScheduler",
        {"num_inference_steps": 8, "guidance_scale": 1.5, "strength": 1.0, "controlnet_conditioning_scale": [1.0, 0.5]},
    ),
    "sdxl": (
        "StableDiffusionXLControlNetInpaintPipeline", "EulerAncestralDiscreteScheduler",
        {
            "num_inference_steps": 30, "guidance_scale": 6.0, "strength": 0.99,
            "controlnet_conditioning_scale": [1.0, 0.5, 0.5],
        },
    ),
    "sdxl-fast": (
        "StableDiffusionXLControlNetInpaintPipeline", "LCMScheduler",
        {
            "num_inference_steps": 8, "guidance_scale": 1.5, "strength": 0.99,
            "controlnet_conditioning_scale": [1.0, 0.5, 0.5],
        },
    ),
    "sdxl-union": (
        "StableDiffusionXLControlNetUnionInpaintPipeline", "DPMSolverMultistepScheduler",
        {
            "num_inference_steps": 30, "guidance_scale": 5.0, "strength": 0.99, "control_mode": [0, 1, 7],
            "controlnet_conditioning_scale": [1.0, 0.5, 1.0],
        },
    ),
    "zimage": (
        "ZImageControlNetInpaintPipeline", None,
        {"num_inference_steps": 8, "guidance_scale": 0.0, "controlnet_conditioning_scale": 0.9},
    ),
    "zimage-quality": (
        "ZImageControlNetInpaintPipeline", None,
        {"num_inference_steps": 25, "guidance_scale": 4.0, "controlnet_conditioning_scale": 0.9},
    ),
    "klein": (
        "Flux2KleinInpaintPipeline", None, {"num_inference_steps": 4, "guidance_scale": 1.0, "strength": 0.75},
    ),
    "qwen": (
        "QwenImageControlNetInpaintPipeline", None,
        {"num_inference_steps": 50, "true_cfg_scale": 4.0, "controlnet_conditioning_scale": 1.0},
    ),
}  # fmt: skip

RNG = np.random.default_rng(0)
POSE, DEPTH, DRAWN, PHOTO = (RNG.integers(0, 256, (64, 64, 3), np.uint8) for _ in range(4))
MASK = np.full((64, 64), 255, np.uint8)
MASK[16:48, 16:48] = 0


def figure_request(preset: str) -> Request:
    """Returns what a preset is asked for with a figure, as `stages.generate.request` makes it."""
    settled = config.resolve(preset)
    options = settled.generate
    start = settled.figure.figure_start
    return dataclasses.replace(
        request(options),
        image=PHOTO,
        mask=MASK,
        control=DEPTH if options.shown == "depth" else POSE,
        depth=DEPTH if options.depth is not None or options.shown == "both" else None,
        drawn=DRAWN if options.shown == "figure" else None,
        strength=options.strength if start == 0 else min(options.strength, 1 - start),
    )


@pytest.mark.parametrize("name", DRIVEN)
def test_a_preset_is_driven_as_its_authors_say(name: str) -> None:
    options = config.resolve(name).generate
    pipeline, sampler, called = DRIVEN[name]
    family = FAMILIES[options.family]
    assert family.pipeline == pipeline
    assert (SCHEDULERS[options.scheduler][0] if options.scheduler else None) == sampler
    arguments = family.arguments([figure_request(name)], options)
    assert {key: arguments[key] for key in called} == called
    further = {"control_mode", "strength", "true_cfg_scale", "guidance_scale"} & arguments.keys()
    assert further <= called.keys()


def picture(shown: Any) -> np.ndarray[Any, Any]:
    """Returns what a pipeline is shown, a tensor in [0, 1] or a list of one picture, as H x W x 3 of 8 bits."""
    if isinstance(shown, list):
        return np.asarray(shown[0])
    return np.asarray(np.rint(255 * shown[0].permute(1, 2, 0).numpy()), np.uint8)


@pytest.mark.parametrize("name", DRIVEN)
def test_pose_depth_and_picture_go_in_their_order(name: str) -> None:
    options = config.resolve(name).generate
    arguments = FAMILIES[options.family].arguments([figure_request(name)], options)
    masked = np.where(MASK[..., None] > 0, 0, PHOTO)
    if options.family in ("zimage", "qwen"):
        shown = {"control_image": DEPTH if options.family == "zimage" else PHOTO}
        shown |= {"control_mask": MASK} if options.family == "qwen" else {"image": PHOTO, "mask_image": MASK}
        for key, expected in shown.items():
            np.testing.assert_array_equal(picture(arguments[key]), expected)
        return
    if options.family == "klein":
        (reference,) = arguments["image_reference"]
        np.testing.assert_array_equal(np.asarray(reference), DRAWN)
        return
    pose, depth, *last = (picture(each) for each in arguments["control_image"])
    np.testing.assert_array_equal(pose, POSE)
    np.testing.assert_array_equal(depth, DEPTH)
    if options.family == "sdxl-union":
        np.testing.assert_array_equal(last[0], masked)
    elif options.family == "sdxl":
        assert (arguments["control_image"][2][0, :, MASK > 0] == -1).all()
    assert len(last) == (0 if options.family == "sd" else 1)


def test_without_a_figure_a_controlnet_for_all_is_shown_pose_and_picture() -> None:
    options = config.resolve("sdxl-union").generate
    asked = dataclasses.replace(figure_request("sdxl-union"), depth=None)
    assert FAMILIES["sdxl-union"].arguments([asked], options)["control_mode"] == [0, 7]


@pytest.mark.parametrize(
    ("preset", "changed", "said"),
    [
        ("zimage", {"negative_prompt": "hats"}, "guidance above 0"),
        ("klein", {"negative_prompt": "hats"}, "no negative prompt"),
        ("sd15-fast", {"negative_prompt": "hats", "guidance": 1.0}, "guidance above 1"),
        ("klein", {"guidance": 3.0}, "ignores guidance"),
        ("klein", {"controlnet": "a/b"}, "takes no ControlNet"),
        ("klein", {"pixels": 2**21}, "at most"),
        ("qwen", {"depth": "a/b"}, "no further ControlNet"),
        ("zimage", {"guard": "a/b"}, "no further ControlNet"),
        ("zimage", {"scheduler": "euler"}, "its own sampler"),
        ("sdxl", {"shown": "both"}, "one picture"),
        ("qwen", {"shown": "figure"}, "no reference pictures"),
    ],
)
def test_what_a_model_cannot_heed_is_refused_in_one_sentence(preset: str, changed: dict[str, Any], said: str) -> None:
    options = config.resolve(preset, flags={"generate": changed}).generate
    with pytest.raises(ConfigError, match=said) as refused:
        Models().generator(options)
    assert str(refused.value).count("\n") == 0
    with pytest.raises(ConfigError, match=said):
        settings.config(json.dumps({"preset": preset, "generate": changed}), None)


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_is_refused_as_it_comes(name: str) -> None:
    refuse.check(config.resolve(name).generate)
    refuse.check(config.resolve(name, flags={"task": "inpaint"}).generate)


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "house"])
def test_a_preset_tells_licence_size_memory_and_commercial_use(name: str) -> None:
    found = presets.sheet(name)
    assert found.licences
    assert "unknown" not in " ".join(found.licences)
    assert found.commercial is True
    assert found.gigabytes > 4
    assert list(found.memory) == ["whole", "tiled", "model", "fp8", "group"]
    assert list(found.memory.values()) == sorted(found.memory.values(), reverse=True)


@pytest.mark.parametrize("name", PRESETS)
def test_arguments_fit_the_installed_signatures(name: str) -> None:
    options = config.resolve(name).generate
    family = FAMILIES[options.family]
    pipeline = getattr(diffusers, family.pipeline)
    recorder = Recorder(4 if options.family in ("sdxl", "sdxl-union") else 2)
    embeddings = family.encode(recorder, "a", "b", True)
    inspect.signature(pipeline.encode_prompt).bind(None, **recorder.given)
    arguments = {**embeddings, **family.arguments([figure_request(name)], options)}
    own = {"generator": 0, "callback_on_step_end": 0, "output_type": "np"}
    if family.latents.begins:
        own |= {"latents": 0, "sigmas": 0}
    if family.latents.puts_back:
        own |= {"mask_image": 0}
        arguments.pop("mask_image")
    inspect.signature(pipeline.__call__).bind(None, **arguments, **own)
    assert not {"kwargs"} & arguments.keys()
    named = set(inspect.signature(pipeline.__call__).parameters)
    assert {*arguments, *own} <= named
    if options.identity is not None:
        assert "ip_adapter_image_embeds" in named
        assert {"load_ip_adapter", "prepare_ip_adapter_image_embeds"} <= set(dir(pipeline))
    if options.loras:
        assert {"load_lora_weights", "fuse_lora", "unload_lora_weights"} <= set(dir(pipeline))


@pytest.mark.parametrize("name", PRESETS)
def test_parts_fit_the_installed_classes(name: str) -> None:
    options = config.resolve(name).generate
    family = FAMILIES[options.family]
    expected = inspect.signature(getattr(diffusers, family.pipeline).__init__).parameters
    assert {"vae", "scheduler", family.denoiser} <= set(expected)
    assert ("controlnet" in expected) == (family.controlnet is not None)
    assert hasattr(getattr(diffusers, family.controlnet or family.autoencoder), "from_pretrained")
    assert hasattr(getattr(diffusers, family.autoencoder), "from_pretrained")
    if options.scheduler is not None:
        cls, settings = SCHEDULERS[options.scheduler]
        parameters = inspect.signature(getattr(diffusers, cls).__init__).parameters
        assert {*settings, *options.scheduler_config} <= set(parameters)
    if options.controlnet_layout is not None:
        assert family.controlnet is not None
        assert hasattr(getattr(diffusers, family.controlnet), "from_single_file")


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_sampler_can_be_taken_from_another_models_configuration(name: str) -> None:
    cls, settings = SCHEDULERS[name]
    scheduler = getattr(diffusers, cls).from_config(diffusers.DDIMScheduler().config, **settings)
    assert scheduler.order == 1  # two evaluations a step would count steps twice
    scheduler.set_timesteps(8)
    assert len(scheduler.timesteps) == 8


@pytest.mark.parametrize("name", PRESETS)
def test_licence_and_size_of_all_weights_are_known_beforehand(name: str) -> None:
    for need in weights.needs(config.resolve(name).generate):
        found = weights.source(need.name)
        assert found.published is not None, need.name
        assert found.licence
        assert found.published.gigabytes >= 0
        assert found.revision is None or len(found.revision) == 40


def test_the_house_model_needs_nothing() -> None:
    assert weights.needs(config.resolve("house").generate) == []


def test_sdxl_is_set_as_its_parts_were_trained() -> None:
    options = config.resolve("sdxl").generate
    assert options.strength == 0.99
    assert options.guard is not None
    assert options.guard_scale == 0.5
    assert options.stick_width > config.resolve("sd15").generate.stick_width
    arguments = FAMILIES["sdxl"].arguments([request(options)], options)
    # Pose, depth of the figure (of which this request has none), guard.
    assert arguments["controlnet_conditioning_scale"] == [options.control_scale, 0.0, 0.5]
    assert len(arguments["control_image"]) == 3


@pytest.mark.parametrize("name", ["sd15", "sd15-fast", "sdxl", "sdxl-fast"])
def test_depth_goes_second_with_its_own_scale(name: str) -> None:
    options = config.resolve(name).generate
    seen = np.random.default_rng(0).integers(0, 256, request(options).control.shape, np.uint8)
    asked = dataclasses.replace(request(options), depth=seen)
    arguments = FAMILIES[options.family].arguments([asked], options)
    assert arguments["controlnet_conditioning_scale"][1] == options.depth_scale > 0
    shown = arguments["control_image"][1]
    np.testing.assert_allclose(shown[0].permute(1, 2, 0).numpy() * 255, seen, atol=1e-4)


@pytest.mark.parametrize("flags", [{"figure": {"figure": "off"}}, {"figure": {"figure": "draw"}}, {"task": "inpaint"}])
def test_depth_is_not_loaded_where_nobody_is_guided(flags: dict[str, Any]) -> None:
    assert config.resolve("sd15", flags=flags).generate.depth is None
    assert config.resolve("sd15").generate.depth is not None


def test_a_model_that_reads_both_is_shown_depth() -> None:
    assert config.resolve("zimage").generate.shown == "depth"


def test_one_step_is_one_step_whatever_the_strength() -> None:
    options = config.resolve("sdxl", flags={"generate": {"steps": 1}}).generate
    assert FAMILIES["sdxl"].arguments([request(options)], options)["strength"] == 1.0


def test_every_rung_of_the_ladder_may_be_asked_for() -> None:
    for rung in ("auto", *memory.LADDER):
        assert GenerateOptions(memory=rung).memory == rung
