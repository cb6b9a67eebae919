"""What differs between model families: the classes of diffusers that drive them and the arguments these take."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from stages.contracts import Request
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
    arguments: Callable[[Request, GenerateOptions], dict[str, Any]]
    """All other arguments that depend on the request."""


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


def _common(request: Request) -> dict[str, Any]:
    height, width = request.mask.shape
    return {
        "image": Image.fromarray(request.image),
        "mask_image": Image.fromarray(request.mask),
        "control_image": Image.fromarray(request.control),
        "width": width,
        "height": height,
        "num_inference_steps": request.steps,
        "guidance_scale": request.guidance,
        "controlnet_conditioning_scale": request.control_scale,
    }


def _stable_diffusion(request: Request, options: GenerateOptions) -> dict[str, Any]:
    arguments = _common(request)
    # Below one whole step nothing would be painted: diffusers rounds steps times strength down.
    arguments["strength"] = request.strength if int(request.steps * request.strength) >= 1 else 1.0
    if options.guard is not None:
        arguments["control_image"] = [arguments["control_image"], inpaint_condition(request)]
        arguments["controlnet_conditioning_scale"] = [request.control_scale, options.guard_scale]
    return arguments


def inpaint_condition(request: Request) -> Any:
    """Gives what inpainting ControlNets are shown: the picture in [0, 1], and -1 where it is to be painted.

    A 1 x 3 x H x W float32 tensor. As the card of alimama-creative/EcomXL_controlnet_inpaint describes its input.
    """
    import torch

    shown = np.where(request.mask[..., None] > 127, np.float32(-1), request.image.astype(np.float32) / 255)
    return torch.from_numpy(shown).permute(2, 0, 1)[None]


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
        arguments=lambda request, _: _common(request),
    ),
}
