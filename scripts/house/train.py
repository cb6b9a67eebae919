r"""Trains text encoder, inpainting UNet and pose ControlNet of the house model together, from scratch.

    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 \\
    python -m scripts.house.train --data FOLDER --run FOLDER --plan 192:15,256:60

`RUN/vae` is the trained autoencoder. The plan is width:minutes, smaller pictures first: pose and casting are learned
there at a fraction of the cost; width:minutes:batch sets the batch too. Resumes from `RUN/train.pt` with optimizer,
average and random state; every few minutes the averaged weights go to `RUN/pipeline` and the last ones to `RUN/last`.
`--closeups FOLDER` also shows faces and hands closely, as the pipeline paints them a second time.
`--start PIPELINE` begins a new run from exported weights, `--vae FOLDER` with another autoencoder under them. The two
variables keep glibc from returning memory at every step.

On a CPU that is shared, two processes of one thread each (`--workers 2` with OMP_NUM_THREADS=1) are quicker than one
of two threads: threads wait for each other at every layer, processes only at every step.
"""

import argparse
import os
import shutil
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed
import torch.multiprocessing
from diffusers import AutoencoderTiny
from torch import Tensor, nn
from transformers import CLIPTokenizer

from scripts.house.closeup import SIDE
from scripts.house.examples import NEGATIVE, Batch, Examples
from scripts.house.log import Log
from scripts.house.model import export, make_modules, make_scheduler
from scripts.house.render import sample_casting, sample_scene
from scripts.house.tokens import write_tokenizer
from stages.generate.prompt import FRAMING, build

EXPORT_MINUTES = 6
#: Side in latents of the windows around heads.
WINDOW = 32


class House(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """The parts trained together, so that one optimizer, one average and one checkpoint hold them all."""

    def __init__(self, vocabulary: int, end: int) -> None:
        super().__init__()
        self.parts = nn.ModuleDict(make_modules(vocabulary, end))

    def forward(
        self, noisy: Tensor, times: Tensor, mask: Tensor, masked: Tensor, control: Tensor, tokens: Tensor
    ) -> Tensor:
        """Returns the velocity n x 4 x h x w."""
        words = self.parts["text_encoder"](tokens)[0]
        down, middle = self.parts["controlnet"](
            noisy, times, encoder_hidden_states=words, controlnet_cond=control, return_dict=False
        )
        velocity: Tensor = self.parts["unet"](
            torch.cat([noisy, mask, masked], 1),
            times,
            encoder_hidden_states=words,
            down_block_additional_residuals=down,
            mid_block_additional_residual=middle,
        ).sample
        return velocity


def captions(random: np.random.Generator, count: int) -> list[str]:
    """Returns captions of random figures, for the tokenizer to learn its words from."""
    made = [NEGATIVE]
    for _ in range(count):
        category = ("top", "bottom", "dress")[random.integers(0, 3)]
        framing = list(FRAMING)[random.integers(0, 4)]
        view = ("front", "back")[random.integers(0, 2)]
        made.append(build(sample_casting(random), sample_scene(random), category, framing, view).positive)  # type: ignore[arg-type]
    return made


def latent_scale(examples: Examples) -> float:
    """Returns the factor that brings latents to unit deviation."""
    for start in range(0, 64, 8):
        examples.batch(list(range(start, start + 8)), np.random.default_rng(0))
    made = torch.stack([each[0].float() for each in examples.latents.values()])
    examples.latents.clear()
    return float(1 / made.std())


def loss_of(model: House, scheduler: Any, batch: Batch, tokens: Tensor, generator: torch.Generator) -> Tensor:
    """Velocity MSE; heads weigh more, and what is kept a fifth: those pixels are put back afterwards."""
    clean, count = batch.clean, len(batch.clean)
    # Stratified times: each batch spans the whole schedule.
    times = ((torch.arange(count) + torch.rand(count, generator=generator)) / count * 1000).long()
    noise = torch.randn(clean.shape, generator=generator)
    noisy = scheduler.add_noise(clean, noise, times)
    wanted = scheduler.get_velocity(clean, noise, times)
    with torch.autocast("cpu", torch.bfloat16):
        made = model(
            noisy.to(memory_format=torch.channels_last), times, batch.mask, batch.masked, batch.control, tokens
        )
    weight = batch.weight * (0.2 + 0.8 * nn.functional.max_pool2d(batch.mask, 3, 1, 1))
    return ((made.float() - wanted) ** 2 * weight).sum() / (weight.sum() * clean.shape[1])


def rate_at(share: float, step: int, peak: float) -> float:
    """Returns the learning rate: warm-up of 100 steps, level, then a linear fall over the last half."""
    return peak * min(1.0, (step + 1) / 100) * min(1.0, max(0.03, 2 * (1 - share)))


def share(model: nn.Module, spent: float, workers: int) -> float:
    """Averages gradients and the time spent over all workers; gives the latter."""
    if workers == 1:
        return spent
    grads = [each.grad for each in model.parameters() if each.grad is not None]
    flat = torch.cat([*(each.flatten() for each in grads), torch.tensor([spent])])
    torch.distributed.all_reduce(flat)
    flat /= workers
    for grad, mean in zip(grads, flat[:-1].split([each.numel() for each in grads]), strict=True):
        grad.copy_(mean.view_as(grad))
    return float(flat[-1])


def main() -> None:
    options = _options()
    if options.start is not None:
        for each in ("vae", "tokenizer"):
            shutil.copytree(options.start / each, options.run / each, dirs_exist_ok=True)
        if options.vae is not None:
            shutil.copytree(options.vae, options.run / "vae", dirs_exist_ok=True)
    elif not (options.run / "tokenizer").exists():
        write_tokenizer(options.run / "tokenizer", captions(np.random.default_rng(0), 4000))
    if options.workers == 1:
        train(0, options)
    else:
        torch.multiprocessing.spawn(train, (options,), options.workers)


def train(rank: int, options: argparse.Namespace) -> None:
    """Runs one worker; worker 0 logs and saves."""
    workers = options.workers
    if workers > 1:
        meeting = f"file://{(options.run / f'meeting-{os.getppid()}').resolve()}"
        torch.distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=workers)
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed * 100 + rank)
    random = np.random.default_rng((options.seed, rank))
    log = Log(options.run / "train.log") if rank == 0 else lambda _line: None
    tokenizer = CLIPTokenizer.from_pretrained(options.run / "tokenizer", model_max_length=77)
    vae = AutoencoderTiny.from_pretrained(options.run / "vae").eval().to(memory_format=torch.channels_last)
    model = House(len(tokenizer), tokenizer.eos_token_id).to(memory_format=torch.channels_last)
    if options.start is not None:
        for name, part in model.parts.items():
            part.load_state_dict(type(part).from_pretrained(options.start / name, dtype=torch.float32).state_dict())
    average = deepcopy(model).requires_grad_(False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, betas=(0.9, 0.99), weight_decay=0.01)
    scheduler = make_scheduler()
    # Exported weights know latents at their own scale; 0 = still to be measured.
    known = options.start is not None and options.vae is None
    step, spent, scale = 0, 0.0, float(vae.config.scaling_factor) if known else 0.0
    checkpoint = options.run / "train.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent, scale = state["step"], state["spent"], state["scale"]
        if rank < len(state["random"]):
            random.bit_generator.state = state["random"][rank]
            generator.set_state(state["generator"][rank])
    plan = [_stage(each, options.batch) for each in options.plan.split(",")]
    total_time = sum(seconds for _, seconds, _ in plan)
    log(f"start at step {step}, plan {plan}, tokens {len(tokenizer)}")

    def save() -> None:
        states: list[Any] = [(random.bit_generator.state, generator.get_state())]
        if workers > 1:
            states = [None] * workers
            torch.distributed.all_gather_object(states, (random.bit_generator.state, generator.get_state()))
        if rank:
            return
        state = {"model": model.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
        state |= {"step": step, "spent": spent, "scale": scale}
        state |= {"random": [each[0] for each in states], "generator": [each[1] for each in states]}
        torch.save(state, checkpoint)
        vae.register_to_config(scaling_factor=scale)
        for name, source in (("pipeline", average), ("last", model)):
            finished = {part: deepcopy(module) for part, module in source.parts.items()}
            export(options.run / name, deepcopy(vae), finished, tokenizer)
        log(f"step {step} saved")

    sofar, recent, close, seen = 0.0, [], [], 0
    for width, seconds, batch in plan:
        sofar += seconds
        if spent >= sofar:
            continue
        examples = Examples(options.data, vae, scale or 1.0, width)
        examples.refresh()
        closeups = Examples(options.closeups, vae, scale or 1.0, SIDE) if options.closeups else None
        if closeups is not None:
            closeups.refresh()
        if scale == 0:
            scale = examples.scale = latent_scale(examples)
            if closeups is not None:
                closeups.scale = scale
        log(f"width {width}, {len(examples)} examples, latent scale {scale:.4f}")
        saved = spent
        begun = time.monotonic()
        while spent < sofar:
            if step % 100 == 0:
                examples.refresh()
                if closeups is not None:
                    closeups.refresh()
            for group in optimizer.param_groups:
                group["lr"] = rate_at(spent / total_time, step, options.rate)
            # Most steps look at heads and hands alone, which costs a third of a picture: of each four, one shows whole
            # pictures, one windows of them and two closeups; without these, windows are every second step.
            part = step % 2 == 1 or (closeups is not None and step % 4 == 2)
            shown = closeups if closeups is not None and step % 2 == 1 else examples
            window = WINDOW if part and shown is examples else None
            # Each worker has its own share of the examples, so that no latents are made twice.
            chosen = random.integers(0, len(shown) // workers, batch // workers) * workers + rank
            drawn = shown.batch(chosen.tolist(), random, window)
            tokens = tokenizer(drawn.captions, padding="max_length", truncation=True, return_tensors="pt").input_ids
            loss = loss_of(model, scheduler, drawn, tokens, generator)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            now = time.monotonic()
            spent, begun = share(model, spent + now - begun, workers), now
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step, seen = step + 1, seen + batch
            keep = min(0.998, (1 + step) / (10 + step))
            with torch.no_grad():
                torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - keep)
            if not part:
                recent.append(loss.item())
            elif shown is closeups:
                close.append(loss.item())
            if step % 25 == 0:
                log(
                    f"step {step} minutes {spent / 60:.1f} loss {np.mean(recent[-100:]):.4f} "
                    f"closeups {np.mean(close[-100:] or [np.nan]):.4f} "
                    f"cached {len(examples.latents)}/{len(examples)}"
                )
            if spent - saved > EXPORT_MINUTES * 60:
                saved = spent
                save()
    save()
    log(f"done: {step} steps, {spent / 60:.1f} minutes, {seen} examples since the last start")


def _stage(said: str, batch: int) -> tuple[int, float, int]:
    """Reads width:minutes or width:minutes:batch as width, seconds and batch."""
    width, minutes, *own = said.split(":")
    return int(width), float(minutes) * 60, int(own[0]) if own else batch


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Trains UNet, ControlNet and text encoder of the house model.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--closeups", type=Path, help="a folder of closeups, to be shown too")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="a pipeline's folder to begin from, instead of from noise")
    parser.add_argument("--vae", type=Path, help="with --start: another trained autoencoder")
    parser.add_argument("--plan", default="192:60,384:60:8", help="width:minutes[:batch], in order")
    parser.add_argument("--batch", type=int, default=16, help="examples in a step, over all workers")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
