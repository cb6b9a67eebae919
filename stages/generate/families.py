"""What differs between model families: the classes of diffusers that drive them, and how these are called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stages.contracts import Request
from stages.generate import arguments, embeddings, latents
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
    controlnet: str | None
    """None where the pipeline takes none."""
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
    latents: latents.Layout
    """What the pipeline's latents are, so that the known region can be put back into them."""
    guided_above: float = 1.0
    """Guidance above this takes a negative prompt."""
    negative: bool = True
    """Whether it takes a negative prompt at all."""
    autoencoder: str = "AutoencoderKL"
    several: bool = True
    """Whether one call can paint pictures of unlike prompts."""
    sees_references: bool = False
    """Whether it takes pictures of the person as they are, without an adapter."""
    several_controlnets: bool = False
    """Whether depth and guard may be ControlNets of their own."""
    most_pixels: int = 2**26
    """The pipeline itself makes larger pictures smaller."""
    flow: bool = False
    """Whether it was trained by flow matching: it then has its own sampler, and wants bfloat16."""


FAMILIES = {
    "sd": Family(
        pipeline="StableDiffusionControlNetInpaintPipeline",
        controlnet="ControlNetModel",
        denoiser="unet",
        multiple=8,
        layout="stable-diffusion-v1-5/stable-diffusion-inpainting",
        encode=embeddings.sd,
        arguments=arguments.stable_diffusion,
        latents=latents.SD,
        several_controlnets=True,
    ),
    "sdxl": Family(
        pipeline="StableDiffusionXLControlNetInpaintPipeline",
        controlnet="ControlNetModel",
        denoiser="unet",
        multiple=8,
        layout="diffusers/stable-diffusion-xl-1.0-inpainting-0.1",
        encode=embeddings.sdxl,
        arguments=arguments.stable_diffusion,
        latents=latents.SD,
        several_controlnets=True,
    ),
    "sdxl-union": Family(
        pipeline="StableDiffusionXLControlNetUnionInpaintPipeline",
        controlnet="ControlNetUnionModel",
        denoiser="unet",
        multiple=8,
        layout="SG161222/RealVisXL_V5.0",
        encode=embeddings.sdxl,
        arguments=arguments.union,
        latents=latents.SD,
    ),
    "zimage": Family(
        pipeline="ZImageControlNetInpaintPipeline",
        controlnet="ZImageControlNetModel",
        denoiser="transformer",
        multiple=16,
        layout="Tongyi-MAI/Z-Image-Turbo",
        encode=embeddings.zimage,
        arguments=arguments.zimage,
        latents=latents.ZIMAGE,
        guided_above=0.0,
        flow=True,
    ),
    "klein": Family(
        pipeline="Flux2KleinInpaintPipeline",
        controlnet=None,
        denoiser="transformer",
        multiple=16,
        layout="black-forest-labs/FLUX.2-klein-4B",
        encode=embeddings.klein,
        arguments=arguments.klein,
        latents=latents.KLEIN,
        negative=False,
        autoencoder="AutoencoderKLFlux2",
        several=False,  # its reference pictures are joined along the batch
        sees_references=True,
        most_pixels=1_000_000,  # 1024 x 1024, with room for rounded sides
        flow=True,
    ),
    "qwen": Family(
        pipeline="QwenImageControlNetInpaintPipeline",
        controlnet="QwenImageControlNetModel",
        denoiser="transformer",
        multiple=16,
        layout="Qwen/Qwen-Image",
        encode=embeddings.qwen,
        arguments=arguments.qwen,
        latents=latents.QWEN,
        autoencoder="AutoencoderKLQwenImage",
        several=False,  # embeddings of unlike prompts are of unlike length
        flow=True,
    ),
}
