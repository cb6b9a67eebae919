"""Fits a pipeline into memory: a ladder from fast to frugal, and where on it to start.

| rung | what it does |
| --- | --- |
| whole | all weights on the device |
| tiled | and the autoencoder works tile by tile |
| model | weights wait in main memory and come to the device one model at a time |
| fp8 | and the denoiser is stored in 8 bits, computing in the precision asked for |
| group | weights come to the device layer by layer while the one before computes |
| sequential | weights come to the device one at a time: slowest, and least memory |
"""

import gc
from typing import TYPE_CHECKING, Any

from stages.generate.device import lay_out
from stages.generate.families import Family

if TYPE_CHECKING:
    import torch

LADDER = ("whole", "tiled", "model", "fp8", "group", "sequential")

#: Bytes that painting needs beside the weights, for each pixel and byte of precision: the autoencoder's decoder, whose
#: largest tensors hold 512 channels at half and 256 at full resolution, and a few of them at once. An estimate from the
#: architecture; nothing is lost where it is too low, since a run that lacks memory steps down and tries again.
_DECODING = 2400
#: The same with the decoder in tiles of 512 x 512, where the denoiser's attention maps count.
_DENOISING = 700

#: More pictures at once would gain little: guidance doubles them, and the matrices of 8 fill a GPU. An estimate.
MOST = 4


def free(device: "torch.device") -> int:
    """Returns the bytes that are free on a device; of main memory for the CPU and for MPS, which shares it."""
    import torch

    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return int(psutil.virtual_memory().available)


def sizes(pipe: Any) -> dict[str, int]:
    """Returns the bytes of each model of a pipeline; weights that two share count once."""
    import torch

    seen: set[int] = set()
    found: dict[str, int] = {}
    for name, part in pipe.components.items():
        if isinstance(part, torch.nn.Module):
            own = [each for each in part.parameters() if id(each) not in seen]
            seen.update(id(each) for each in own)
            found[name] = sum(_bytes(each) for each in own)
    return found


def _bytes(weight: Any) -> int:
    """Returns the bytes of a weight; of the parts that it is kept in, where it was rounded."""
    parts = getattr(weight, "__tensor_flatten__", None)
    if parts is None:
        return int(weight.numel() * weight.element_size())
    return sum(_bytes(getattr(weight, name)) for name in parts()[0])


def rungs(device: "torch.device") -> tuple[str, ...]:
    """Returns the part of the ladder that a device has: weights can only be taken off one with memory of its own."""
    return LADDER if device.type == "cuda" else LADDER[:2]


def choose(parts: dict[str, int], denoisers: tuple[str, ...], pixels: int, itemsize: int, room: int) -> str:
    """Returns the fastest rung that should fit in `room` free bytes. See `needs` for the other parameters."""
    wanted = needs(parts, denoisers, pixels, itemsize)
    return next((rung for rung, need in wanted.items() if need <= room), "sequential")


def needs(parts: dict[str, int], denoisers: tuple[str, ...], pixels: int, itemsize: int) -> dict[str, int]:
    """Returns the bytes that each rung wants free, but for `sequential`, which makes do with what there is.

    Parameters
    ----------
    parts
        Bytes of each model.
    denoisers
        Names of those that work together at every step.
    pixels, itemsize
        Width x height that is painted, and bytes of the precision.
    """
    work = sum(parts[name] for name in denoisers if name in parts)
    largest = max([work, *(size for name, size in parts.items() if name not in denoisers)])
    painting = _DENOISING * pixels * itemsize
    return {
        "whole": sum(parts.values()) + _DECODING * pixels * itemsize,
        "tiled": sum(parts.values()) + painting,
        "model": largest + painting,
        "fp8": max(largest - work, work // itemsize) + painting,
        "group": largest // 8 + painting,
    }


def together(pixels: int, itemsize: int, room: int) -> int:
    """Returns how many pictures can be painted at once in what is free beside the weights: 1 to `MOST`.

    PictureKey are decoded one at a time. See `needs` for the parameters.
    """
    return max(1, min(MOST, (room - _DECODING * pixels * itemsize) // (_DENOISING * pixels * itemsize)))


def place(pipe: Any, rung: str, family: Family, device: "torch.device", dtype: "torch.dtype") -> None:
    """Brings a pipeline from the CPU to a device as a rung says. Once placed, it cannot be placed anew.

    Convolutions are laid out where their weights lie: on the device itself if they stay there, which is quicker.
    """
    import torch

    if rung != "whole" and hasattr(pipe.vae, "enable_tiling"):
        pipe.vae.enable_tiling()
    if rung in ("whole", "tiled"):
        pipe.to(device)
    lay_out([*denoisers(pipe, family), pipe.vae], device)
    if rung == "fp8":
        for part in denoisers(pipe, family):
            if getattr(part, "hf_quantizer", None) is None:  # else it is in 8 bits already
                part.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=dtype)
    if rung in ("model", "fp8"):
        pipe.enable_model_cpu_offload(device=device)
    elif rung == "group":
        pipe.enable_group_offload(onload_device=device, offload_type="leaf_level", use_stream=device.type == "cuda")
    elif rung == "sequential":
        pipe.enable_sequential_cpu_offload(device=device)


def denoisers(pipe: Any, family: Family) -> list[Any]:
    """Returns the models that work at every step: the denoiser and the ControlNets, each alone."""
    controlnet = getattr(pipe, "controlnet", None)
    nets = [] if controlnet is None else getattr(controlnet, "nets", [controlnet])
    return [getattr(pipe, family.denoiser), *nets]


def release() -> None:
    """Hands memory that nothing refers to back to the device."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def ran_out(error: BaseException) -> bool:
    """Whether an error means that memory ran out, on any device."""
    import torch

    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in said or "can't allocate memory" in said)
