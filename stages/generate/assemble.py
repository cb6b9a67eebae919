"""Puts a diffusers pipeline together from the weights that the options name, on the CPU.

Folders in diffusers layout, single-file checkpoints of 4 or 9 channels, ControlNets, autoencoders, LoRAs, samplers.
Models of 9 channels are driven as trained; into all others `stages.generate.known` puts the known region back.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages import extras
from stages.errors import ConfigError, OnmodelError, WeightsError
from stages.generate import refuse, weights
from stages.generate.families import FAMILIES, SCHEDULERS, Family
from stages.generate.weights import Find
from stages.options import GenerateOptions

if TYPE_CHECKING:
    import torch


def assemble(options: GenerateOptions, find: Find, dtype: "torch.dtype", *, identity: bool = False) -> Any:
    """Returns the pipeline, on the CPU, with LoRAs merged; with `identity` its IP-Adapter too.

    Raises WeightsError when weights are missing, are pickles that were not allowed, or do not fit together, and
    ConfigError when the options contradict each other.
    """
    import diffusers

    _quiet()
    family = FAMILIES[options.family]
    path = find(options.model).path
    with _said(options.model):
        refuse.channels(options, path)
        parts: dict[str, Any] = {}
        if family.controlnet is not None:
            parts["controlnet"] = _controlnets(options, find, family, dtype)
        if options.vae is not None:
            with _said(options.vae):
                parts["vae"] = _part(getattr(diffusers, family.autoencoder), options.vae, options, find, dtype)
        if not options.safety_checker and options.family == "sd":
            parts |= {"safety_checker": None, "requires_safety_checker": False}
        if options.quantise:
            parts["quantization_config"] = _rounding(family)
        cls = getattr(diffusers, family.pipeline)
        if path.is_dir():
            pipe = cls.from_pretrained(
                path,
                variant=weights.variant(path),
                dtype=dtype,
                use_safetensors=weights.only_safe(path, options.allow_pickle),
                **parts,
            )
        else:
            pipe = _single_file(cls, path, options, find, family, dtype, parts)
    pipe.set_progress_bar_config(disable=True)
    _merge_loras(pipe, options, find)
    if identity:
        _add_identity(pipe, options, find, dtype)
    if options.scheduler is not None or options.scheduler_config:
        _set_scheduler(pipe, options)
    return pipe


def _quiet() -> None:
    from diffusers.utils import logging
    from transformers.utils import logging as text_logging

    for each in (logging, text_logging):
        each.set_verbosity_error()
        each.disable_progress_bar()


@contextlib.contextmanager
def _said(name: str) -> Iterator[None]:
    """Turns what loaders raise into one sentence."""
    try:
        yield
    except OnmodelError:
        raise
    except (OSError, ValueError, KeyError, RuntimeError, AttributeError, TypeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise WeightsError(
            f"model {name!r} could not be loaded ({reason}): check it with `onmodel models verify`, "
            "or use --preset house"
        ) from error


def _rounding(family: Family) -> Any:
    """Returns what rounds a transformer's weights to 8 bits, with one scale for each row, as they are loaded."""
    import diffusers

    if family.denoiser != "transformer":
        raise ConfigError("generate.quantise is for transformers: leave it out, or take memory: fp8 for this model")
    try:
        from torchao.quantization import Int8WeightOnlyConfig
    except ImportError as error:
        raise ConfigError(f"generate.quantise needs torchao: {extras.install('quantise')}") from error
    rounded = diffusers.TorchAoConfig(Int8WeightOnlyConfig())
    return diffusers.PipelineQuantizationConfig(quant_mapping={family.denoiser: rounded})


def _controlnets(options: GenerateOptions, find: Find, family: Family, dtype: "torch.dtype") -> Any:
    """Returns the pose ControlNet, or the list of it, the depth ControlNet and the product guard."""
    import diffusers

    cls = getattr(diffusers, str(family.controlnet))
    if options.controlnet is None:
        path = find(options.model).path
        if not (path / "controlnet").is_dir():
            raise ConfigError(f"{options.model!r} brings no ControlNet: name one as generate.controlnet")
        pose = cls.from_pretrained(
            path,
            subfolder="controlnet",
            variant=weights.variant(path / "controlnet"),
            dtype=dtype,
            use_safetensors=weights.only_safe(path / "controlnet", options.allow_pickle),
        )
    else:
        pose = _part(cls, options.controlnet, options, find, dtype, options.controlnet_layout)
    refuse.kinds(options, pose)
    further = [name for name in (options.depth, options.guard) if name is not None]
    return [pose, *(_part(cls, name, options, find, dtype) for name in further)] if further else pose


def _part(
    cls: Any, name: str, options: GenerateOptions, find: Find, dtype: "torch.dtype", layout: str | None = None
) -> Any:
    """Loads one model of a diffusers class from its folder or file."""
    path = find(name).path
    if path.is_dir():
        return cls.from_pretrained(
            path,
            variant=weights.variant(path),
            dtype=dtype,
            use_safetensors=weights.only_safe(path, options.allow_pickle),
        )
    weights.check(path, options.allow_pickle)
    if layout is None:
        return cls.from_single_file(str(path), torch_dtype=dtype, local_files_only=True)
    settings = find(layout, settings=True).path
    folder = settings.parent if settings.is_file() else settings
    return cls.from_single_file(str(path), config=str(folder), torch_dtype=dtype, local_files_only=True)


def _single_file(
    cls: Any,
    path: Path,
    options: GenerateOptions,
    find: Find,
    family: Family,
    dtype: "torch.dtype",
    parts: dict[str, Any],
) -> Any:
    """Loads a checkpoint in one file with the configuration and tokenizers of its family's layout."""
    import diffusers

    weights.check(path, options.allow_pickle)
    if family.denoiser != "unet":
        raise ConfigError(f"{path.name}: single files are taken for Stable Diffusion 1.x and XL alone")
    layout = find(options.layout or family.layout, settings=True).path
    unet = diffusers.UNet2DConditionModel.from_single_file(
        str(path),
        config=str(layout),
        subfolder="unet",
        # The layout's model may be an inpainting one and this not, or the other way round.
        in_channels=weights.channels(path),
        torch_dtype=dtype,
        local_files_only=True,
    )
    checker = layout / "safety_checker"
    if options.family == "sd" and options.safety_checker and checker.is_dir():
        parts |= _safety_checker(layout, checker, options, dtype)
    return cls.from_single_file(
        str(path), config=str(layout), unet=unet, torch_dtype=dtype, local_files_only=True, **parts
    )


def _safety_checker(layout: Path, folder: Path, options: GenerateOptions, dtype: "torch.dtype") -> dict[str, Any]:
    """Returns the layout's safety checker: a single file brings none of its own."""
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPImageProcessor

    checker = StableDiffusionSafetyChecker.from_pretrained(
        folder,
        variant=weights.variant(folder),
        dtype=dtype,
        use_safetensors=weights.only_safe(folder, options.allow_pickle),
    )
    return {
        "safety_checker": checker,
        "feature_extractor": CLIPImageProcessor.from_pretrained(layout / "feature_extractor"),
    }


def _merge_loras(pipe: Any, options: GenerateOptions, find: Find) -> None:
    """Adds the LoRAs to the weights themselves, so that they cost nothing while painting."""
    for lora in options.loras:
        path = find(lora.weights).path
        weights.check(path, options.allow_pickle)
        with _said(lora.weights):
            pipe.load_lora_weights(str(path.parent), weight_name=path.name)
            pipe.fuse_lora(lora_scale=lora.scale)
            pipe.unload_lora_weights()


def _add_identity(pipe: Any, options: GenerateOptions, find: Find, dtype: "torch.dtype") -> None:
    """Adds the IP-Adapter (arXiv 2308.06721) and its image encoder."""
    if options.identity is None or options.identity_encoder is None or not hasattr(pipe, "load_ip_adapter"):
        raise ConfigError(
            "this preset has no identity adapter: leave out the casting's references and --likeness, or take sd15"
        )
    from transformers import CLIPVisionModelWithProjection

    path, encoder = find(options.identity).path, find(options.identity_encoder).path
    weights.check(path, options.allow_pickle)
    with _said(options.identity):
        pipe.register_modules(
            image_encoder=CLIPVisionModelWithProjection.from_pretrained(
                encoder,
                variant=weights.variant(encoder),
                dtype=dtype,
                use_safetensors=weights.only_safe(encoder, options.allow_pickle),
            )
        )
        pipe.load_ip_adapter(str(path.parent), subfolder="", weight_name=path.name, image_encoder_folder=None)
        pipe.set_ip_adapter_scale(options.identity_scale)


def _set_scheduler(pipe: Any, options: GenerateOptions) -> None:
    """Replaces the sampler, or changes settings of the model's own."""
    import inspect

    import diffusers

    name, settings = SCHEDULERS.get(options.scheduler or "", (type(pipe.scheduler).__name__, {}))
    cls = getattr(diffusers, name)
    unknown = sorted(set(options.scheduler_config) - set(inspect.signature(cls.__init__).parameters))
    if unknown:
        raise ConfigError(f"generate.scheduler_config: {name} has no setting named {unknown[0]!r}")
    pipe.scheduler = cls.from_config(pipe.scheduler.config, **{**settings, **options.scheduler_config})
