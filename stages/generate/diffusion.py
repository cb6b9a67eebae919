"""Stable Diffusion inpainting with a pose ControlNet, through diffusers.

One loader for the embedded house model, for a folder in diffusers layout, and for a Hub id. Models of 9 channels are
driven as trained; models of 4 channels get the known region put back at every step by the same pipeline.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from stages.contracts import ModelCard, Plate, Progress, Request
from stages.errors import NotFoundError, WeightsError
from stages.generate import device
from stages.options import GenerateOptions

if TYPE_CHECKING:
    import torch

HOUSE = Path(__file__).parent / "house"


def load(options: GenerateOptions) -> "Diffusion":
    """Loads the model and its ControlNet once.

    Raises WeightsError when they are neither on disk nor to be fetched, or are not in diffusers layout.
    """
    # Read by the Hub's client when it is imported: no statistics are sent.
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    # Read by OpenMP when torch is imported. Threads that spin while they wait take the cores from whatever else runs:
    # on 2 busy cores a picture of the house model took 62 to 102 s with them, 2.6 s without.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch
    from diffusers import ControlNetModel, StableDiffusionControlNetInpaintPipeline
    from diffusers.utils import logging
    from transformers.utils import logging as text_logging

    for each in (logging, text_logging):
        each.set_verbosity_error()
        each.disable_progress_bar()
    where, dtype = device.choose(options)
    if where.type == "cpu":
        device.keep_freed_memory()
    model = str(HOUSE) if options.model == "house" else options.model
    own_controlnet = options.controlnet is None
    extra: dict[str, Any] = {} if options.safety_checker else {"safety_checker": None, "requires_safety_checker": False}
    try:
        controlnet = ControlNetModel.from_pretrained(
            options.controlnet or model,
            subfolder="controlnet" if own_controlnet else None,
            revision=options.revision if own_controlnet else options.controlnet_revision,
            variant=options.variant if own_controlnet else None,
            dtype=dtype,
            use_safetensors=True,
        )
        pipe = StableDiffusionControlNetInpaintPipeline.from_pretrained(
            model,
            controlnet=controlnet,
            revision=options.revision,
            variant=options.variant,
            dtype=dtype,
            use_safetensors=True,
            **extra,
        )
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise WeightsError(
            f"model {options.model!r} could not be loaded ({reason}): give a folder or Hub id in diffusers layout, "
            "connect to the Hub once, or use --preset house"
        ) from error
    pipe.set_progress_bar_config(disable=True)
    pipe.to(where)
    if where.type == "cpu":
        for part in (pipe.unet, pipe.controlnet, pipe.vae):
            part.to(memory_format=torch.channels_last)
    return Diffusion(pipe, options)


class Diffusion:
    """A loaded pipeline that fulfils `Generator`."""

    def __init__(self, pipe: Any, options: GenerateOptions) -> None:
        """Takes a `StableDiffusionControlNetInpaintPipeline` already on its device."""
        self._pipe = pipe
        self.multiple: int = pipe.vae_scale_factor
        self.pixels = options.pixels
        cards = [ModelCard("generator", options.model, options.revision, options.licence)]
        if options.controlnet is not None:
            cards.append(
                ModelCard("controlnet", options.controlnet, options.controlnet_revision, options.controlnet_licence)
            )
        self.cards: tuple[ModelCard, ...] = tuple(cards)
        self._encode = lru_cache(maxsize=64)(self._encode_prompt)

    def _encode_prompt(self, positive: str, negative: str) -> "tuple[torch.Tensor, torch.Tensor]":
        import torch

        with torch.inference_mode():
            embeds: tuple[torch.Tensor, torch.Tensor] = self._pipe.encode_prompt(
                positive, self._pipe.device, 1, True, negative
            )
        return embeds

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        """Gives one plate of the request's size. Raises NotFoundError when the safety checker holds it back."""
        import torch

        height, width = request.mask.shape
        positive, negative = self._encode(request.prompt.positive, request.prompt.negative)

        def report(_pipe: Any, step: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            progress(step + 1, self._pipe.num_timesteps)
            return tensors

        result = self._pipe(
            prompt_embeds=positive,
            negative_prompt_embeds=negative,
            image=Image.fromarray(request.image),
            mask_image=Image.fromarray(request.mask),
            control_image=Image.fromarray(request.control),
            width=width,
            height=height,
            num_inference_steps=request.steps,
            guidance_scale=request.guidance,
            strength=request.strength,
            controlnet_conditioning_scale=request.control_scale,
            # The CPU's generator gives the same noise whatever device paints.
            generator=torch.Generator("cpu").manual_seed(seed),
            callback_on_step_end=report,
            output_type="np",
        )
        if any(getattr(result, "nsfw_content_detected", None) or ()):
            raise NotFoundError("the model's safety checker held the picture back: try another --seed or --prompt")
        plate: Plate = np.rint(result.images[0] * 255).astype(np.uint8)
        return plate
