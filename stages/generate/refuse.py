"""Settings that a model cannot heed: each is refused with one sentence, before anything is loaded."""

import json
from pathlib import Path
from typing import Any

from stages.errors import ConfigError
from stages.generate import weights
from stages.generate.arguments import INPAINT
from stages.generate.families import FAMILIES, Family
from stages.options import GenerateOptions


def check(options: GenerateOptions) -> None:
    """Raises ConfigError for the first option that its family cannot heed."""
    family = FAMILIES[options.family]
    for each in (_controlnets, _sampler, _pixels, _negative, _guidance):
        if said := each(options, family):
            raise ConfigError(said)


def channels(options: GenerateOptions, path: Path) -> None:
    """Raises ConfigError where a plain model is wanted and an inpainting one lies at `path`."""
    if options.family != "sdxl-union":
        return
    if path.is_dir():
        settings = path / "unet" / "config.json"
        found = json.loads(settings.read_text(encoding="utf-8"))["in_channels"] if settings.is_file() else 4
    else:
        found = weights.channels(path)
    if found != 4:
        raise ConfigError(
            f"{options.model!r} is an inpainting model of {found} channels, and sdxl-union drives plain ones of 4: "
            "take one of those as generate.model, or --preset sdxl"
        )


def kinds(options: GenerateOptions, controlnet: Any) -> None:
    """Raises ConfigError for a ControlNet of many kinds of pictures that does not know inpainting."""
    if options.family != "sdxl-union":
        return
    known = int(controlnet.config.num_control_type)
    if known <= INPAINT:
        raise ConfigError(
            f"{options.controlnet!r} knows {known} kinds of pictures and not inpainting: take its ProMax version"
        )


def _controlnets(options: GenerateOptions, family: Family) -> str:
    if family.controlnet is None and options.controlnet is not None:
        return f"{options.family} takes no ControlNet: leave generate.controlnet out"
    further = [name for name in ("depth", "guard") if getattr(options, name) is not None]
    if further and not family.several_controlnets:
        return f"{options.family} takes no further ControlNet: leave generate.{further[0]} out"
    if options.shown == "both" and options.family != "sdxl-union":
        return f"the ControlNet of {options.family} is shown one picture: set generate.shown to pose or depth"
    if options.shown == "figure" and not family.sees_references:
        return f"{options.family} takes no reference pictures: set generate.shown to pose or depth"
    return ""


def _sampler(options: GenerateOptions, family: Family) -> str:
    if options.scheduler is not None and family.flow:
        return f"{options.family} was trained by flow matching and has its own sampler: leave generate.scheduler out"
    return ""


def _pixels(options: GenerateOptions, family: Family) -> str:
    if options.pixels > family.most_pixels:
        return f"{options.family} paints at most {family.most_pixels} pixels: lower generate.pixels"
    return ""


def _negative(options: GenerateOptions, family: Family) -> str:
    if options.negative_prompt and not family.negative:
        return f"{options.family} takes no negative prompt: leave --negative-prompt out, or take another --preset"
    if options.negative_prompt and options.guidance <= family.guided_above:
        return (
            f"a negative prompt needs guidance above {family.guided_above:g}, and this run has {options.guidance:g}: "
            "leave --negative-prompt out, raise --guidance, or take another --preset"
        )
    return ""


def _guidance(options: GenerateOptions, family: Family) -> str:
    if options.guidance > family.guided_above and not family.negative:
        return f"{options.family} is distilled and ignores guidance: leave --guidance out"
    return ""
