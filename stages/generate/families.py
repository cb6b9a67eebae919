"""What differs between model families: the classes of diffusers that drive them and the arguments these take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from stages.contracts import Plate, Request
from stages.options import GenerateOptions

#: Samplers by name, as classes of diffusers, with the settings that the name implies.
SCHEDULERS: dict[str, tuple[str, dict[str, Any]]] = {
    "ddim": ("DDIMScheduler", {}),
    "dpm++": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler_a": ("EulerAncestralDiscreteScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "unipc": ("UniPCMultistepScheduler", {}),
}


@dataclass(frozen=True, slots=True)
class Family:
    """One architecture. Class names are diffusers' own; they are looked up when a model is loaded."""

    pipeline: str
    controlnet: str
    denoiser: str
    """The pipeline's part that predicts the noise."""
    multiple: int
    """Sides that the pipeline accepts are multiples of this."""
    layout: str
    """Where the configuration of single-file checkpoints comes from."""
    encode: Callable[[Any, str, str, bool], dict[str, Any]]
    """(pipeline, prompt, negative prompt, guided) to the embeddings, as arguments of the pipeline."""
    arguments: Callable[[Sequence[Request], GenerateOptions], dict[str, Any]]
    """All other arguments that depend on the requests, which are alike but for their pictures and prompts."""
    guided_above: float = 1.0
    """Guidance above this takes a negative prompt."""


def _encode_sd(pipe: Any, positive: str, negative: str, guided: bool) -> dict[str, Any]:
    embeds = pipe.encode_prompt(
        prompt=positive,
        device=pipe._execution_device,
        num_images_per_prompt=1,
        do_classifier_free_guidance=guided,
        negative_prompt=negative,
    )
    return dict(zip(("prompt_embeds", "negative_prompt_embeds"), embeds, strict=True))


def _encode_sdxl(pipe: Any, positive: str, negative: str, guided: bool) -> dict[str, Any]:
    embeds = pipe.encode_prompt(
        prompt=positive,
        device=pipe._execution_device,
        num_images_per_prompt=1,
        do_classifier_free_guidance=guided,
        negative_prompt=negative,
    )
    names = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")
    return dict(zip(names, embeds, strict=True))


def _encode_zimage(pipe: Any, positive: str, negative: str, guided: bool) -> dict[str, Any]:
    embeds = pipe.encode_prompt(
        prompt=positive,
        device=pipe._execution_device,
        do_classifier_free_guidance=guided,
        negative_prompt=negative,
    )
    return dict(zip(("prompt_embeds", "negative_prompt_embeds"), embeds, strict=True))


def _common(requests: Sequence[Request]) -> dict[str, Any]:
    first = requests[0]
    height, width = first.mask.shape
    return {
        "image": [Image.fromarray(each.image) for each in requests],
        "mask_image": [Image.fromarray(each.mask) for each in requests],
        "control_image": [Image.fromarray(each.control) for each in requests],
        "width": width,
        "height": height,
        "num_inference_steps": first.steps,
        "guidance_scale": first.guidance,
        "controlnet_conditioning_scale": first.control_scale,
    }


def _stable_diffusion(requests: Sequence[Request], options: GenerateOptions) -> dict[str, Any]:
    first = requests[0]
    arguments = _common(requests)
    # Below one whole step nothing would be painted: diffusers rounds steps times strength down.
    arguments["strength"] = first.strength if int(first.steps * first.strength) >= 1 else 1.0
    # In the order of `stages.generate.assemble`, and as tensors: several ControlNets take no lists of pictures.
    shown = [(_drawn([each.control for each in requests]), first.control_scale)]
    if options.depth is not None:
        blank = np.zeros_like(first.control)
        depths = [blank if each.depth is None else each.depth for each in requests]
        shown.append((_drawn(depths), 0.0 if first.depth is None else options.depth_scale))
    if options.guard is not None:
        shown.append((inpaint_condition(requests), options.guard_scale))
    if len(shown) > 1:
        arguments["control_image"] = [picture for picture, _ in shown]
        arguments["controlnet_conditioning_scale"] = [scale for _, scale in shown]
    return arguments


def _drawn(pictures: Sequence[Plate]) -> Any:
    """Gives H x W x 3 pictures of 8 bits as one N x 3 x H x W tensor in [0, 1]."""
    return _tensor(np.stack(pictures).astype(np.float32) / 255)


def inpaint_condition(requests: Sequence[Request]) -> Any:
    """Gives what inpainting ControlNets are shown: the pictures in [0, 1], and -1 where they are to be painted.

    An N x 3 x H x W float32 tensor. As the card of alimama-creative/EcomXL_controlnet_inpaint describes its input.
    """
    shown = [
        np.where(each.mask[..., None] > 127, np.float32(-1), each.image.astype(np.float32) / 255) for each in requests
    ]
    return _tensor(np.stack(shown))


def _tensor(pictures: Any) -> Any:
    """Gives N x H x W x 3 pictures as diffusers expects tensors: channels first."""
    import torch

    return torch.from_numpy(pictures).permute(0, 3, 1, 2)


FAMILIES = {
    "sd": Family(
        pipeline="StableDiffusionControlNetInpaintPipeline",
        controlnet="ControlNetModel",
        denoiser="unet",
        multiple=8,
        layout="stable-diffusion-v1-5/stable-diffusion-inpainting",
        encode=_encode_sd,
        arguments=_stable_diffusion,
    ),
    "sdxl": Family(
        pipeline="StableDiffusionXLControlNetInpaintPipeline",
        controlnet="ControlNetModel",
        denoiser="unet",
        multiple=8,
        layout="diffusers/stable-diffusion-xl-1.0-inpainting-0.1",
        encode=_encode_sdxl,
        arguments=_stable_diffusion,
    ),
    "zimage": Family(
        pipeline="ZImageControlNetInpaintPipeline",
        controlnet="ZImageControlNetModel",
        denoiser="transformer",
        multiple=16,
        layout="Tongyi-MAI/Z-Image-Turbo",
        encode=_encode_zimage,
        arguments=lambda requests, _: _common(requests),
        guided_above=0.0,
    ),
}
