"""Prompts to embeddings, by each family's pipeline, as the arguments that it takes them by.

Each takes (pipeline, prompt, negative prompt, guided).
"""

from typing import Any


def sd(pipe: Any, positive: str, negative: str, guided: bool) -> dict[str, Any]:
    """Of Stable Diffusion 1.x."""
    return dict(zip(("prompt_embeds", "negative_prompt_embeds"), _clip(pipe, positive, negative, guided), strict=True))


def sdxl(pipe: Any, positive: str, negative: str, guided: bool) -> dict[str, Any]:
    """Of Stable Diffusion XL, which has two text encoders and a pooled embedding of the second."""
    names = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")
    return dict(zip(names, _clip(pipe, positive, negative, guided), strict=True))


def _clip(pipe: Any, positive: str, negative: str, guided: bool) -> Any:
    return pipe.encode_prompt(
        prompt=positive,
        device=pipe._execution_device,
        num_images_per_prompt=1,
        do_classifier_free_guidance=guided,
        negative_prompt=negative,
    )


def zimage(pipe: Any, positive: str, negative: str, guided: bool) -> dict[str, Any]:
    """Of Z-Image."""
    embeds = pipe.encode_prompt(
        prompt=positive,
        device=pipe._execution_device,
        do_classifier_free_guidance=guided,
        negative_prompt=negative,
    )
    return dict(zip(("prompt_embeds", "negative_prompt_embeds"), embeds, strict=True))


def klein(pipe: Any, positive: str, negative: str, guided: bool) -> dict[str, Any]:  # noqa: ARG001 - as Family says
    """Of FLUX.2 klein, whose inpainting takes no negative prompt."""
    embeds, _ = pipe.encode_prompt(prompt=positive, device=pipe._execution_device)
    return {"prompt_embeds": embeds}


def qwen(pipe: Any, positive: str, negative: str, guided: bool) -> dict[str, Any]:
    """Of Qwen-Image. Guidance needs a negative prompt, and a blank is its authors' for none."""
    embeds, mask = pipe.encode_prompt(prompt=positive, device=pipe._execution_device)
    found = {"prompt_embeds": embeds, "prompt_embeds_mask": mask}
    if guided:
        embeds, mask = pipe.encode_prompt(prompt=negative or " ", device=pipe._execution_device)
        found |= {"negative_prompt_embeds": embeds, "negative_prompt_embeds_mask": mask}
    return found
