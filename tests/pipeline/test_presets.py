"""Every preset resolves to classes and arguments that the installed diffusers has."""

import dataclasses
import inspect
from typing import Any

import diffusers
import numpy as np
import pytest

from pipeline import config, weights
from stages.contracts import Prompt, Request
from stages.generate import memory
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
    assert {"house", "sd15", "sd15-fast", "sdxl", "sdxl-fast", "zimage"} <= set(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_arguments_fit_the_installed_signatures(name: str) -> None:
    options = config.resolve(name).generate
    family = FAMILIES[options.family]
    pipeline = getattr(diffusers, family.pipeline)
    recorder = Recorder(4 if options.family == "sdxl" else 2)
    embeddings = family.encode(recorder, "a", "b", True)
    inspect.signature(pipeline.encode_prompt).bind(None, **recorder.given)
    arguments = {**embeddings, **family.arguments([request(options)], options)}
    own = {"generator": 0, "callback_on_step_end": 0, "output_type": "np"}
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
    assert {"controlnet", "vae", "scheduler", family.denoiser} <= set(expected)
    assert hasattr(getattr(diffusers, family.controlnet), "from_pretrained")
    if options.scheduler is not None:
        cls, settings = SCHEDULERS[options.scheduler]
        parameters = inspect.signature(getattr(diffusers, cls).__init__).parameters
        assert {*settings, *options.scheduler_config} <= set(parameters)
    if options.controlnet_layout is not None:
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
def test_depth_is_not_loaded_where_nobody_is_guided(flags: dict) -> None:
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
