"""Requests to the arguments of each family's pipeline: pictures, masks, conditions in their order, and scales."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from stages.contracts import Plate, Request
from stages.options import GenerateOptions

#: What ControlNetUnion ProMax is told of each picture (card of xinsir/controlnet-union-sdxl-1.0).
POSE, DEPTH, INPAINT = 0, 1, 7


def stable_diffusion(requests: Sequence[Request], options: GenerateOptions) -> dict[str, Any]:
    """Of Stable Diffusion 1.x and XL: ControlNets for pose, depth and inpainting, in this order."""
    first = requests[0]
    arguments = _common(requests) | _strength(first)
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


def union(requests: Sequence[Request], options: GenerateOptions) -> dict[str, Any]:
    """Of Stable Diffusion XL with one ControlNet that is shown pose, depth and picture, in this order."""
    first = requests[0]
    shown = [(POSE, _drawn([each.control for each in requests]), first.control_scale)]
    if first.depth is not None:
        depths = [np.zeros_like(each.control) if each.depth is None else each.depth for each in requests]
        shown.append((DEPTH, _drawn(depths), options.depth_scale))
    shown.append((INPAINT, inpaint_condition(requests, hidden=0), options.guard_scale))
    return {
        **_common(requests),
        **_strength(first),
        "control_image": [picture for _, picture, _ in shown],
        "control_mode": [mode for mode, _, _ in shown],
        "controlnet_conditioning_scale": [scale for *_, scale in shown],
    }


def zimage(requests: Sequence[Request], options: GenerateOptions) -> dict[str, Any]:  # noqa: ARG001 - as Family says
    """Of Z-Image: one picture for the ControlNet, which is shown picture and mask beside it."""
    return _common(requests)


def klein(requests: Sequence[Request], options: GenerateOptions) -> dict[str, Any]:  # noqa: ARG001 - as Family says
    """Of FLUX.2 klein: the drawn figure and the person's pictures as references. One request at a time.

    The pipeline takes sizes from the picture, and brings all references to the first one's size.
    """
    first = requests[0]
    common = _common(requests)
    kept = ("image", "mask_image", "num_inference_steps", "guidance_scale")
    references = [*([] if first.drawn is None else [first.drawn]), *first.references]
    return {
        **{name: common[name] for name in kept},
        **_strength(first),
        "image_reference": [Image.fromarray(each) for each in references] or None,
    }


def qwen(requests: Sequence[Request], options: GenerateOptions) -> dict[str, Any]:  # noqa: ARG001 - as Family says
    """Of Qwen-Image with its inpainting ControlNet, which is shown picture and mask. One request at a time."""
    common = _common(requests)
    kept = ("width", "height", "num_inference_steps", "controlnet_conditioning_scale")
    return {
        **{name: common[name] for name in kept},
        "control_image": common["image"],
        "control_mask": common["mask_image"],
        "true_cfg_scale": common["guidance_scale"],
    }


def inpaint_condition(requests: Sequence[Request], hidden: float = -1) -> Any:
    """Returns what inpainting ControlNets are shown: the pictures in [0, 1], and `hidden` where they are to be painted.

    An N x 3 x H x W float32 tensor. -1 as the card of alimama-creative/EcomXL_controlnet_inpaint describes its input;
    0 as diffusers' example of StableDiffusionXLControlNetUnionInpaintPipeline shows.
    """
    shown = [
        np.where(each.mask[..., None] > 127, np.float32(hidden), each.image.astype(np.float32) / 255)
        for each in requests
    ]
    return _tensor(np.stack(shown))


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


def _strength(request: Request) -> dict[str, float]:
    """Below one whole step nothing would be painted: diffusers rounds steps times strength down."""
    return {"strength": request.strength if int(request.steps * request.strength) >= 1 else 1.0}


def _drawn(pictures: Sequence[Plate]) -> Any:
    """Returns H x W x 3 pictures of 8 bits as one N x 3 x H x W tensor in [0, 1]."""
    return _tensor(np.stack(pictures).astype(np.float32) / 255)


def _tensor(pictures: Any) -> Any:
    """Returns N x H x W x 3 pictures as diffusers expects tensors: channels first."""
    import torch

    return torch.from_numpy(pictures).permute(0, 3, 1, 2)
