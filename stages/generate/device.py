"""Which device and precision a model runs on, and how the CPU's allocator is set for it."""

import ctypes
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from stages.errors import ConfigError
from stages.options import GenerateOptions

if TYPE_CHECKING:
    import torch

# glibc's mallopt parameters (malloc.h) and a threshold that no tensor of these models reaches.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEEP_BYTES = 1 << 30


#: Held while a model is built. Diffusers and transformers build theirs without memory by patching torch's modules for
#: the whole process: what another thread builds meanwhile would come out empty ("Cannot copy out of meta tensor").
BUILDING = threading.RLock()


def prepare() -> None:
    """Sets what torch and the Hub's client read from the environment once, when they are imported: call it before."""
    # No statistics are sent.
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    # OpenMP's threads that spin while they wait take the cores from whatever else runs: on 2 busy cores a picture of
    # the house model took 62 to 102 s with them, 2.6 s without.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def choose(options: GenerateOptions) -> "tuple[torch.device, torch.dtype]":
    """Returns the device and dtype that `options` ask for, or the best that this machine has.

    On a CPU, auto takes bfloat16 only where the processor computes in it; elsewhere it would be emulated, slower
    than float32. Raises ConfigError for a device that torch does not know or this machine lacks.
    """
    import torch

    if options.device == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    else:
        name = options.device
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(f"device {name!r} cannot be used here: choose auto, cpu, cuda, cuda:N or mps") from error
    if options.dtype != "auto":
        return device, getattr(torch, options.dtype)
    if device.type == "cpu":
        return device, torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32
    from stages.generate.families import FAMILIES  # which imports NumPy: `config show` starts without it

    # Models of flow matching were trained in bfloat16 and overflow in half precision, which GPUs before Ampere lack.
    if FAMILIES[options.family].flow and (
        device.type != "cuda" or torch.cuda.is_bf16_supported(including_emulation=False)
    ):
        return device, torch.bfloat16
    return device, torch.float16


def lay_out(parts: list[Any], device: "torch.device") -> None:
    """Lays the weights of models out, where they lie, as a device computes convolutions fastest: channels last."""
    import torch

    if device.type != "mps":
        for part in parts:
            if all(each.dim() < 5 for each in part.parameters()):  # an autoencoder of films has no such order
                part.to(memory_format=torch.channels_last)


def compile_blocks(denoisers: list[Any]) -> None:
    """Compiles the blocks that denoisers repeat, when they first run.

    Block by block takes a small part of the time that whole models take (diffusers' regional compilation). Attention
    needs nothing: diffusers takes torch's scaled_dot_product_attention.
    """
    for part in denoisers:
        if getattr(part, "_repeated_blocks", None):
            part.compile_repeated_blocks(fullgraph=True)


def keep_freed_memory() -> None:
    """Has glibc keep large blocks that are freed, for the next tensor of the same size.

    By default each large tensor is mapped anew and returned to the system when freed, and a denoising loop spends
    much of its time in page faults. Does nothing where the C library is not glibc.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "gnu_get_libc_version"):
        libc.mallopt(_M_MMAP_THRESHOLD, _KEEP_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, _KEEP_BYTES)
