"""What the latents of each family's pipeline are: how pictures become them, how they are laid out, how they begin."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Layout:
    """The latents of one family, as its pipeline has them at the end of each step."""

    cell: int
    """Sides of the square of pixels that one place of `encode`'s result stands for."""
    encode: Callable[[Any, Any, Sequence[Any]], Any]
    """(pipeline, N x 3 x H x W pictures in [-1, 1], N generators) to N x C x H/cell x W/cell."""
    pack: Callable[[Any, Any], Any]
    """(pipeline, what `encode` gives) to the order in which the pipeline keeps it."""
    begins: bool = False
    """Whether the pipeline begins at noise alone: a start from the picture is then given to it."""
    puts_back: bool = False
    """Whether the pipeline puts the known region back itself, by its own mask of whole cells."""
    sampled: bool = True
    """Whether its own encodings draw from the picture's generator; one that draws from the process's is made not to."""


def _same(pipe: Any, latents: Any) -> Any:  # noqa: ARG001 - as Layout says
    return latents


def _sd(pipe: Any, pictures: Any, generators: Sequence[Any]) -> Any:
    return pipe._encode_vae_image(pictures, list(generators))


def _zimage(pipe: Any, pictures: Any, generators: Sequence[Any]) -> Any:  # noqa: ARG001 - as Layout says
    config = pipe.vae.config
    return ((pipe.vae.encode(pictures).latent_dist.mode() - config.shift_factor) * config.scaling_factor).float()


def _klein(pipe: Any, pictures: Any, generators: Sequence[Any]) -> Any:  # noqa: ARG001 - as Layout says
    return pipe._encode_vae_image(pictures, None)


def _klein_packed(pipe: Any, latents: Any) -> Any:
    return pipe._pack_latents(latents)


def _qwen(pipe: Any, pictures: Any, generators: Sequence[Any]) -> Any:  # noqa: ARG001 - as Layout says
    import torch

    found = pipe.vae.encode(pictures.unsqueeze(2)).latent_dist.mode()
    mean, deviation = (
        torch.tensor(each, device=found.device, dtype=found.dtype).view(1, -1, 1, 1, 1)
        for each in (pipe.vae.config.latents_mean, pipe.vae.config.latents_std)
    )
    return ((found - mean) / deviation).squeeze(2)


def _qwen_packed(pipe: Any, latents: Any) -> Any:
    return pipe._pack_latents(latents.contiguous(), *latents.shape)


SD = Layout(cell=8, encode=_sd, pack=_same, puts_back=True)
ZIMAGE = Layout(cell=8, encode=_zimage, pack=_same, begins=True)
KLEIN = Layout(cell=16, encode=_klein, pack=_klein_packed, puts_back=True)
QWEN = Layout(cell=8, encode=_qwen, pack=_qwen_packed, begins=True, sampled=False)
