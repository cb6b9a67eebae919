"""Puts the known region back into the latents at the end of every step, at that step's noise level.

Models that were not trained on inpainting, or that see the picture beside their latents alone, else drift from what is
kept. Places that the kept part covers in part are put back for that share of the steps and are free after it: a
differential mask (arXiv 2306.00950), so that what is painted under the edge grows out of what is kept.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from stages.contracts import Request
from stages.generate.families import Family
from stages.generate.latents import Layout

Shares = npt.NDArray[np.float32]


class Known:
    """What of some pictures is known, as latents."""

    def __init__(self, pipe: Any, layout: Layout, requests: Sequence[Request], seeds: Sequence[int]) -> None:
        """Encodes the pictures, and draws each one's noise by its seed as its pipeline does."""
        import torch
        from diffusers.utils.torch_utils import randn_tensor

        first = requests[0]
        height, width = first.mask.shape
        pictures = pipe.image_processor.preprocess([Image.fromarray(each.image) for each in requests], height, width)
        generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        with torch.no_grad():
            where = pipe._execution_device
            found = layout.encode(pipe, pictures.to(device=where, dtype=pipe.vae.dtype), generators).to(where)
            noise = randn_tensor(found.shape, generator=generators, device=where, dtype=found.dtype)
            share = np.stack([shares(each.mask, layout.cell) for each in requests])
            spread = torch.from_numpy(share).to(where)[:, None].expand(found.shape)
        self.clean, self.noise, self.share = (layout.pack(pipe, each) for each in (found, noise, spread))
        self.arguments = _given(pipe, layout, requests, found, noise)
        """What the pipeline is to be called with beside or in place of the family's own arguments."""

    def __call__(self, pipe: Any, step: int, latents: Any) -> Any:
        """Returns the latents that the next step, or the decoder, begins with. `step` is counted from 0."""
        import torch

        steps = pipe.num_timesteps
        known = self.at(pipe, step + 1).to(latents.dtype)
        return torch.where(self.share >= (step + 1) / steps, known, latents)

    def at(self, pipe: Any, step: int) -> Any:
        """Returns the pictures' latents as noisy as a step begins with; without noise after the last."""
        if step >= pipe.num_timesteps:
            return self.clean
        times = pipe.scheduler.timesteps
        time = times[len(times) - pipe.num_timesteps + step][None]
        if hasattr(pipe.scheduler, "scale_noise"):
            return pipe.scheduler.scale_noise(self.clean, time, self.noise)
        return pipe.scheduler.add_noise(self.clean, self.noise, time)


def of(pipe: Any, family: Family, requests: Sequence[Request], seeds: Sequence[int]) -> Known | None:
    """Returns what is known of some pictures; None for a model that was trained on it as further channels."""
    denoiser = getattr(pipe, family.denoiser)
    if family.denoiser == "unet" and denoiser.config.in_channels != denoiser.config.out_channels:
        return None
    return Known(pipe, family.latents, requests, seeds)


def shares(mask: npt.NDArray[np.uint8], cell: int) -> Shares:
    """Returns how much of each square of cell x cell pixels a mask keeps, in [0, 1], H/cell x W/cell."""
    height, width = mask.shape
    squares = (mask == 0).reshape(height // cell, cell, width // cell, cell)
    return np.asarray(squares.mean(axis=(1, 3)), np.float32)


def _given(pipe: Any, layout: Layout, requests: Sequence[Request], found: Any, noise: Any) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if layout.puts_back:
        # What the pipeline puts back by itself it puts back to the end: whole places alone.
        ones = np.ones((layout.cell, layout.cell), np.uint8)
        whole = [np.kron(np.where(shares(each.mask, layout.cell) < 1, 255, 0), ones) for each in requests]
        given["mask_image"] = [Image.fromarray(each.astype(np.uint8)) for each in whole]
    if layout.begins:
        latents, sigmas = _begun(pipe, requests[0], found, noise)
        given |= {"latents": layout.pack(pipe, latents), "sigmas": sigmas}
    return given


def _begun(pipe: Any, request: Request, found: Any, noise: Any) -> tuple[Any, list[float] | None]:
    """What a flow-matching pipeline begins with, and the part of its schedule that is run: all at strength 1."""
    steps = request.steps
    run = max(1, int(steps * request.strength))
    if run >= steps:
        return noise, None
    sigmas = np.linspace(1.0, 1 / steps, steps)[steps - run :].tolist()
    config = pipe.scheduler.config
    shift = sys.modules[type(pipe).__module__].calculate_shift(
        (found.shape[-2] // 2) * (found.shape[-1] // 2),
        config.get("base_image_seq_len", 256),
        config.get("max_image_seq_len", 4096),
        config.get("base_shift", 0.5),
        config.get("max_shift", 1.15),
    )
    pipe.scheduler.set_timesteps(sigmas=sigmas, device=found.device, mu=shift)
    return pipe.scheduler.scale_noise(found, pipe.scheduler.timesteps[:1], noise), sigmas
