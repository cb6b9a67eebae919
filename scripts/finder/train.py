r"""Trains the finder's network.

    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 OMP_NUM_THREADS=1 \\
    python -m scripts.finder.train SELLERS --judged JUDGED.json --drawn FOLDER --begin EFFICIENTNET.pth --run FOLDER

The plan is longer sides:minutes:batch; of several sides, each batch takes one by chance. Resumes from `RUN/train.pt`
with optimizer, average and random state; the averaged weights go to `RUN/trunk.safetensors`. Photos that come to
`--drawn` meanwhile are taken up. The two variables keep glibc from returning memory at every step.
"""

import argparse
import json
import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from copy import deepcopy
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.distributed
import torch.multiprocessing
from safetensors.torch import save_file
from torch import Tensor, nn

from scripts.finder.examples import Examples
from scripts.finder.losses import Batch, collate, loss_of
from scripts.finder.pretrained import begin
from scripts.house.log import Log
from stages.find.trunk import Trunk

SAVE_MINUTES = 4
SLOWER = 0.3
"""Learning rate of the encoder's stages that begin from known weights, as a share of the others'."""


def train(rank: int, asked: argparse.Namespace) -> None:
    """Runs one worker; worker 0 logs and saves."""
    if asked.workers > 1:
        meeting = f"file://{(asked.run / f'meeting-{os.getppid()}').resolve()}"
        torch.distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=asked.workers)
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(asked.seed)
    random = np.random.default_rng((asked.seed, rank))
    log = Log(asked.run / "train.log") if rank == 0 else lambda _line: None
    model = Trunk()
    if asked.begin:
        begin(model, asked.begin)
    model = model.to(device, memory_format=torch.channels_last)
    average = deepcopy(model).requires_grad_(False)
    if device.type == "cpu":
        _in_full(model)
    optimizer = torch.optim.AdamW(_groups(model, asked), lr=asked.rate, betas=(0.9, 0.98))
    step, spent = 0, 0.0
    checkpoint = asked.run / "train.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
        if rank < len(state["random"]):
            random.bit_generator.state = state["random"][rank]
    judged = json.loads(asked.judged.read_text()) if asked.judged else {}
    examples = Examples(asked.sellers, asked.masks, judged, asked.drawn, asked.paste, asked.draw)
    plan = [_stage(each) for each in asked.plan.split(",")]
    total = sum(seconds for _, seconds, _ in plan)
    log(
        f"start at step {step}, minute {spent / 60:.1f} of {total / 60:.0f}, "
        f"{len(examples.real.all)} photos with masks, {len(examples.named.all)} without"
    )

    def save() -> None:
        states: list[Any] = [random.bit_generator.state]
        if asked.workers > 1:
            states = [None] * asked.workers
            torch.distributed.all_gather_object(states, random.bit_generator.state)
        if rank:
            return
        state = {"model": model.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
        state |= {"step": step, "spent": spent, "random": states}
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)
        save_file(
            {name: each.half().contiguous() for name, each in average.state_dict().items()},
            asked.run / "trunk.safetensors",
        )

    sofar, saved, begun = 0.0, spent, time.monotonic()
    recent: list[dict[str, float]] = []
    # The next batch is made while this one is learned: OpenCV and NumPy leave the interpreter free.
    with ThreadPoolExecutor(1) as ahead:

        def next_batch(sides: list[int], count: int) -> Batch:
            longer = sides[int(random.integers(len(sides)))]
            # As many pixels a batch whatever the side: `count` is of the last one.
            many = max(2, round(count / asked.workers * (sides[-1] / longer) ** 2))
            return collate(examples.batch(many, longer, random), device)

        for sides, seconds, count in plan:
            sofar += seconds
            if spent >= sofar:
                continue
            coming = ahead.submit(next_batch, sides, count)
            while spent < sofar:
                batch = coming.result()
                if step % 100 == 0:
                    examples.refresh()
                coming = ahead.submit(next_batch, sides, count)
                for group in optimizer.param_groups:
                    group["lr"] = rate_at(spent / total, step, group["peak"])
                with _cast(device):
                    made = model(batch.planes)
                losses = loss_of(made, batch)
                loss: Tensor = torch.stack(list(losses.values())).sum()
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                now = time.monotonic()
                spent, begun = share(model, spent + now - begun, asked.workers), now
                nn.utils.clip_grad_norm_(model.parameters(), 2.0)
                optimizer.step()
                step += 1
                _follow(average, model, min(0.997, (1 + step) / (10 + step)))
                recent = [*recent[-99:], {name: float(each.detach()) for name, each in losses.items()}]
                if step % 25 == 0:
                    means = {name: np.mean([each[name] for each in recent if name in each]) for name in recent[-1]}
                    said = " ".join(f"{name} {value:.3f}" for name, value in means.items())
                    log(f"step {step} minutes {spent / 60:.1f} {said} drawn {len(examples.drawn.all)}")
                if spent - saved > SAVE_MINUTES * 60:
                    saved = spent
                    save()
    save()
    log(f"done: {step} steps, {spent / 60:.1f} minutes")


def _groups(model: Trunk, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Returns the optimizer's groups: what begins from known weights moves less, and norms and biases do not decay."""
    known = {id(each) for each in model.stages.parameters()} if asked.begin else set()
    groups = []
    for slow in (False, True):
        for decay in (asked.decay, 0.0):
            chosen = [
                each for each in model.parameters() if (id(each) in known) == slow and (each.ndim > 1) == bool(decay)
            ]
            peak = asked.rate * (SLOWER if slow else 1)
            groups.append({"params": chosen, "weight_decay": decay, "lr": peak, "peak": peak})
    return [each for each in groups if each["params"]]


def rate_at(done: float, step: int, peak: float) -> float:
    """Returns the learning rate: a warm-up of 100 steps, then a cosine to a fiftieth."""
    return peak * min(1.0, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))


def share(model: nn.Module, spent: float, workers: int) -> float:
    """Averages gradients and the time spent over all workers; gives the latter."""
    if workers == 1:
        return spent
    # A head that none of a worker's photos has labels for has no gradient there.
    grads = [each.grad if each.grad is not None else torch.zeros_like(each) for each in model.parameters()]
    flat = torch.cat([*(each.flatten() for each in grads), torch.tensor([spent])])
    torch.distributed.all_reduce(flat)
    flat /= workers
    for each, mean in zip(model.parameters(), flat[:-1].split([grad.numel() for grad in grads]), strict=True):
        each.grad = mean.view_as(each)
    return float(flat[-1])


def _follow(average: nn.Module, model: nn.Module, keep: float) -> None:
    with torch.no_grad():
        torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - keep)
        for mean, seen in zip(average.buffers(), model.buffers(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(seen, 1 - keep)


def _cast(device: torch.device) -> Any:
    """bf16 where the machine computes with it; CPUs without AVX-512 only imitate it, twenty times slower."""
    if device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()


def _in_full(model: Trunk) -> None:
    """Computes filters of single channels in full precision: oneDNN's bf16 gradients of them take thrice as long."""
    for each in model.modules():
        if isinstance(each, nn.Conv2d) and each.groups > 1:
            plain = torch.autocast("cpu", enabled=False)
            each.forward = plain(lambda seen, conv=each: nn.Conv2d.forward(conv, seen.float()))


def _stage(said: str) -> tuple[list[int], float, int]:
    sides, minutes, batch = said.split(":")
    return [int(each) for each in sides.split("/")], float(minutes) * 60, int(batch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sellers", type=Path)
    parser.add_argument("--judged", type=Path, help="verdicts of scripts.finder.judge")
    parser.add_argument("--drawn", type=Path, required=True, help="folder of scripts.finder.draw")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--begin", type=Path, help="weights of EfficientNet-Lite0; from scratch if not said")
    parser.add_argument("--masks", type=Path, help="folder of the masks; SELLERS/masks if not said")
    parser.add_argument("--plan", default="192/256/320:90:10,416:20:6", help="longer sides:minutes:batch, in order")
    parser.add_argument("--paste", type=float, default=0.25, help="share of pasted photos")
    parser.add_argument("--draw", type=float, default=0.25, help="share of drawn photos")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    asked.run.mkdir(parents=True, exist_ok=True)
    if asked.workers == 1:
        train(0, asked)
    else:
        torch.multiprocessing.spawn(train, (asked,), asked.workers)


if __name__ == "__main__":
    main()
