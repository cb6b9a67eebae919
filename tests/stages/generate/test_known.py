"""What is kept is put back into the latents after every step, at that step's noise level, by every family.

Expected values come from formulas written out here: flow matching mixes picture and noise by its sigma, and
diffusion by its running product of alphas.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stages.generate import diffusion, known
from tests import tiny
from tests.stages.generate import models
from tests.stages.generate.models import asked, load, paint

STEPS = 4
#: In pixels; whole places of all families, of which the largest have 16 x 16 pixels.
ROWS, COLUMNS = slice(32, 64), slice(16, 48)


def xl(folder: Path) -> diffusion.Diffusion:
    if not (folder / "xl-plain").exists():
        tiny.sdxl(folder / "xl-plain", 4)
    return load(folder, "xl-plain/model", family="sdxl", controlnet="xl-pose", guard="xl-guard", scheduler="euler_a")


PAINTERS: dict[str, Callable[[Path], diffusion.Diffusion]] = {
    "sd": lambda folder: load(folder, "sd4/model"),
    "sdxl": xl,
    "sdxl-union": models.union,
    "zimage": models.zimage,
    "klein": models.klein,
    "qwen": models.qwen,
}


def encoded(pipe: Any, family: str, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Returns the asked picture as its autoencoder has it, laid out by the pipeline, and the seed's noise so too."""
    with torch.no_grad():
        generator = torch.Generator("cpu").manual_seed(seed)
        shown = torch.from_numpy(asked().image.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        found = pipe.vae.encode(shown[:, :, None] if family == "qwen" else shown).latent_dist
        if family in ("sd", "sdxl", "sdxl-union"):
            raw = found.sample(generator)
            return raw, raw * pipe.vae.config.scaling_factor, torch.randn(raw.shape, generator=generator)
        raw = found.mode()
        if family == "zimage":
            settings = pipe.vae.config
            return (
                raw,
                (raw - settings.shift_factor) * settings.scaling_factor,
                torch.randn(raw.shape, generator=generator),
            )
        if family == "klein":
            folded = raw.view(1, 4, 6, 2, 4, 2).permute(0, 1, 3, 5, 2, 4).reshape(1, 16, 6, 4)
            mean, variance = pipe.vae.bn.running_mean, pipe.vae.bn.running_var
            normal = (folded - mean.view(1, -1, 1, 1)) / (variance + pipe.vae.config.batch_norm_eps).sqrt().view(
                1, -1, 1, 1
            )
            noise = torch.randn(normal.shape, generator=generator)
            return raw, *(each.flatten(2).transpose(1, 2) for each in (normal, noise))
        mean, deviation = (torch.tensor(each) for each in (pipe.vae.config.latents_mean, pipe.vae.config.latents_std))
        normal = (raw[:, :, 0] - mean.view(1, -1, 1, 1)) / deviation.view(1, -1, 1, 1)
        noise = torch.randn(normal.shape, generator=generator)
        packed = [each.view(1, 4, 6, 2, 4, 2).permute(0, 2, 4, 1, 3, 5).reshape(1, 24, 16) for each in (normal, noise)]
        return raw, packed[0], packed[1]


def places(latents: torch.Tensor, rows: slice = ROWS) -> torch.Tensor:
    """Returns which places of latents lie wholly within the kept part: of the H x W of them, or of tokens."""
    pixels = torch.zeros(96, 64, dtype=torch.bool)
    pixels[rows, COLUMNS] = True
    if latents.ndim == 3:
        return pixels[8::16, 8::16].flatten()[None, :, None].expand_as(latents)
    return pixels[4::8, 4::8].expand_as(latents)


def noisy(pipe: Any, clean: torch.Tensor, noise: torch.Tensor, step: int) -> torch.Tensor:
    """Returns what a step begins with, where it is known: formulas of DDPM, of Euler, and of flow matching."""
    scheduler = pipe.scheduler
    if "FlowMatch" in type(scheduler).__name__:
        sigma = scheduler.sigmas[step]
        return (1 - sigma) * clean + sigma * noise
    if "Euler" in type(scheduler).__name__:
        return clean + scheduler.sigmas[step] * noise
    if "DPM" in type(scheduler).__name__:
        sigma = scheduler.sigmas[step]
        return (clean + sigma * noise) / (1 + sigma**2).sqrt()
    alpha = scheduler.alphas_cumprod[scheduler.timesteps[step]]
    return alpha.sqrt() * clean + (1 - alpha).sqrt() * noise


def watched(painter: diffusion.Diffusion, **changed: Any) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Paints, and gives what each step began with, and what was decoded."""
    pipe = painter._pipe
    began: list[torch.Tensor] = []
    decoded: list[torch.Tensor] = []
    step, decode = pipe.scheduler.step, pipe.vae.decode

    def stepped(*given: Any, **named: Any) -> Any:
        began.append(given[2].clone())
        return step(*given, **named)

    def shown(latents: torch.Tensor, **named: Any) -> Any:
        decoded.append(latents.clone())
        return decode(latents, **named)

    pipe.scheduler.step, pipe.vae.decode = stepped, shown
    paint(painter, steps=STEPS, **changed)
    del pipe.scheduler.step
    pipe.vae.decode = decode
    return began, decoded[0]


@pytest.mark.sampled
@pytest.mark.parametrize("family", PAINTERS)
def test_the_kept_part_is_put_back_after_every_step(folder: Path, family: str) -> None:
    painter = PAINTERS[family](folder)
    raw, clean, noise = encoded(painter._pipe, family)
    began, decoded = watched(painter)
    assert len(began) == STEPS
    for step in range(1, STEPS):
        expected = noisy(painter._pipe, clean, noise, step)
        within = places(began[step])
        torch.testing.assert_close(began[step][within], expected[within], atol=1e-4, rtol=1e-4)
        assert (began[step] - expected)[~within].abs().max() > 0.1
    kept = places(decoded)
    torch.testing.assert_close(decoded[kept], raw[kept], atol=1e-4, rtol=1e-4)
    assert (decoded - raw)[~kept].abs().max() > 0.05


@pytest.mark.sampled
@pytest.mark.parametrize("family", PAINTERS)
def test_a_place_kept_by_half_is_put_back_for_half_of_the_steps(folder: Path, family: str) -> None:
    painter = PAINTERS[family](folder)
    cell = painter._family.latents.cell
    _, clean, noise = encoded(painter._pipe, family)
    mask = asked().mask.copy()
    mask[ROWS.stop - cell // 2 : ROWS.stop] = 255
    edge = slice(ROWS.stop - 16, ROWS.stop) if clean.ndim == 3 else slice(ROWS.stop - cell, ROWS.stop)
    began, _ = watched(painter, mask=mask)
    within = places(began[0], edge)
    if family == "qwen":  # of the 2 x 2 places that it folds into one, the lower two are kept by half
        within = within & (torch.arange(16) % 4 >= 2)
    for step in range(1, STEPS):
        expected = noisy(painter._pipe, clean, noise, step)
        gap = (began[step] - expected)[within].abs().max()
        assert gap < 1e-3 if step <= STEPS // 2 else gap > 1e-2, step


@pytest.mark.parametrize("family", ["zimage", "qwen"])
def test_a_start_from_the_picture_is_as_noisy_as_its_share_of_the_schedule(folder: Path, family: str) -> None:
    painter = PAINTERS[family](folder)
    _, clean, noise = encoded(painter._pipe, family)
    began, _ = watched(painter, strength=0.5)
    assert len(began) == STEPS // 2
    expected = noisy(painter._pipe, clean, noise, 0)
    torch.testing.assert_close(began[0], expected, atol=1e-4, rtol=1e-4)
    assert 0 < painter._pipe.scheduler.sigmas[0] < 1
    assert len(watched(painter)[0]) == STEPS


def test_models_that_were_trained_on_inpainting_are_left_alone(folder: Path) -> None:
    painter = load(folder)
    assert known.of(painter._pipe, painter._family, [asked()], [1]) is None


def test_the_share_of_a_place_is_the_share_of_its_pixels() -> None:
    mask = np.full((16, 24), 255, np.uint8)
    mask[:8, :8], mask[:4, 8:16], mask[15, 23] = 0, 0, 0
    np.testing.assert_allclose(known.shares(mask, 8), [[1, 0.5, 0], [0, 0, 1 / 64]])
