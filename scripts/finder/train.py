"""Trains the finder's network from the sellers' photos and drawn ones; `scripts.finder.make` does it and all else."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from scripts.finder.examples import Examples
from scripts.finder.learn import device, learn
from scripts.finder.losses import Batch, collate, loss_of
from scripts.finder.pretrained import begin
from scripts.finder.whole import whole
from stages.find.trunk import Trunk

#: The released weights saw as many steps of these sizes in two runs: 2,330 and 459, then 917 and 347.
PLAN = "192/256/320:2400:12,256/320/416:1100:8,416:500:8"
RATE, DECAY = 1e-3, 0.02
SLOWER = 0.3
"""Learning rate of the encoder's stages that begin from known weights, as a share of the others'."""


@dataclass(frozen=True, slots=True)
class Stage:
    sides: tuple[int, ...]
    """Longer sides in pixels, of which each batch takes one by chance."""
    steps: int
    count: int
    """Photos in a batch of the last side; others hold as many pixels."""


def plan_of(said: str) -> list[Stage]:
    """Reads `SIDE/SIDE:STEPS:COUNT,...`. Raises ValueError for anything else."""
    stages = []
    for each in said.split(","):
        sides, steps, count = each.split(":")
        stages.append(Stage(tuple(int(side) for side in sides.split("/")), int(steps), int(count)))
    return stages


def train(
    examples: Examples, plan: list[Stage], known: Path | None, seed: int, run: Path, log: Callable[[str], None]
) -> Path:
    """Returns the file of the averaged weights, in half precision.

    Goes on from `RUN/train.pt`. The encoder begins from `known`, a file of EfficientNet-Lite0, or from chance.
    """
    torch.manual_seed(seed)
    model = Trunk()
    if known:
        begin(model, known)

    def batch(step: int) -> Batch:
        random = np.random.default_rng((seed, step))
        stage = _at(plan, step)
        longer = int(random.choice(stage.sides))
        many = max(2, round(stage.count * (stage.sides[-1] / longer) ** 2))
        return collate(examples.batch(many, longer, random), device())

    def losses(seen: nn.Module, given: Batch) -> dict[str, Tensor]:
        return loss_of(seen(given.planes), given)

    steps = sum(each.steps for each in plan)
    state = run / "train.pt"
    average = learn(
        model, _groups(model, known is not None), batch, losses, steps=steps, seed=seed, state=state, log=log
    )
    weights = {name: each.half().contiguous().cpu() for name, each in average.state_dict().items()}
    with whole(out := run / "trunk.safetensors") as part:
        save_file(weights, part)
    return out


def _at(plan: list[Stage], step: int) -> Stage:
    for stage in plan:
        if step < stage.steps:
            break
        step -= stage.steps
    return stage


def _groups(model: Trunk, known: bool) -> list[dict[str, Any]]:
    """Returns the optimizer's groups: what begins from known weights moves less, and norms and biases do not decay."""
    slower = {id(each) for each in model.stages.parameters()} if known else set()
    groups = []
    for slow in (False, True):
        for decay in (DECAY, 0.0):
            chosen = [
                each for each in model.parameters() if (id(each) in slower) == slow and (each.ndim > 1) == bool(decay)
            ]
            groups.append({"params": chosen, "weight_decay": decay, "peak": RATE * (SLOWER if slow else 1)})
    return [each for each in groups if each["params"]]
