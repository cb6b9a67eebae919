"""Trains a network step by step: what comes out is a function of the seed, however often the training was stopped."""

import math
import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from scripts.finder.whole import whole

SAVE_MINUTES = 4

Batch = TypeVar("Batch")


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def learn(
    model: nn.Module,
    groups: list[dict[str, Any]],
    batch: Callable[[int], Batch],
    losses: Callable[[nn.Module, Batch], dict[str, Tensor]],
    *,
    steps: int,
    seed: int,
    state: Path,
    log: Callable[[str], None],
) -> nn.Module:
    """Returns the mean of the weights over the last few hundred steps.

    `groups` are AdamW's, each with its highest rate as `peak`. `batch` makes what step k learns from, out of k and the
    seed alone; it is called from several threads. `losses` gives the parts of what is minimised. The training goes on
    from the file `state` if there is one. On one CPU the weights are the same bit for bit; sums on a GPU differ in
    their last bits.
    """
    model = model.to(device(), memory_format=torch.channels_last)
    average = deepcopy(model).requires_grad_(False)
    if device().type == "cpu":
        _in_full(model)
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98))
    begun = 0
    if state.exists():
        kept = torch.load(state, map_location=device(), weights_only=True)
        model.load_state_dict(kept["model"])
        average.load_state_dict(kept["average"])
        optimizer.load_state_dict(kept["optimizer"])
        begun = kept["step"]
    log(f"step {begun} of {steps} on {device()}")
    saved, recent = time.monotonic(), deque[dict[str, float]](maxlen=100)
    # Batches are made while others are learned: OpenCV and NumPy leave the interpreter free.
    workers = min(8, max(1, (os.cpu_count() or 1) // 2))
    with ThreadPoolExecutor(workers) as ahead:
        coming = deque(ahead.submit(batch, each) for each in range(begun, min(steps, begun + workers)))
        for step in range(begun, steps):
            given = coming.popleft().result()
            if step + workers < steps:
                coming.append(ahead.submit(batch, step + workers))
            for group in optimizer.param_groups:
                group["lr"] = rate_at(step / steps, step, group["peak"])
            torch.manual_seed(seed * steps + step)  # dropout
            with cast(device()):
                parts = losses(model, given)
            optimizer.zero_grad(set_to_none=True)
            torch.stack(list(parts.values())).sum().backward()
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimizer.step()
            follow(average, model, min(0.997, (2 + step) / (11 + step)))
            recent.append({name: float(each.detach()) for name, each in parts.items()})
            last = step + 1 == steps
            if last or (step + 1) % 25 == 0:
                means = {name: np.mean([each[name] for each in recent if name in each]) for name in recent[-1]}
                log(" ".join([f"step {step + 1} of {steps}", *(f"{name} {mean:.3f}" for name, mean in means.items())]))
            if last or time.monotonic() - saved > SAVE_MINUTES * 60:
                saved = time.monotonic()
                made = {"model": model.state_dict(), "average": average.state_dict()}
                made |= {"optimizer": optimizer.state_dict(), "step": step + 1}
                with whole(state) as part:
                    torch.save(made, part)
    return average


def rate_at(done: float, step: int, peak: float) -> float:
    """Returns the learning rate: a warm-up of 100 steps, then a cosine to a fiftieth."""
    return peak * min(1.0, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))


def follow(average: nn.Module, model: nn.Module, keep: float) -> None:
    """Moves the average towards the model's weights and running means, by 1 - `keep`."""
    with torch.no_grad():
        torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - keep)
        for mean, seen in zip(average.buffers(), model.buffers(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(seen, 1 - keep)


def cast(place: torch.device) -> Any:
    """bf16 where the machine computes with it; CPUs without AVX-512 only imitate it, twenty times slower."""
    if place.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.autocast(place.type, torch.bfloat16)
    return nullcontext()


def _in_full(model: nn.Module) -> None:
    """Computes filters of single channels in full precision: oneDNN's bf16 gradients of them take thrice as long."""
    for each in model.modules():
        if isinstance(each, nn.Conv2d) and each.groups > 1:
            plain = torch.autocast("cpu", enabled=False)
            each.forward = plain(lambda seen, conv=each: nn.Conv2d.forward(conv, seen.float()))
