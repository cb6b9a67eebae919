"""Training begins from weights in the published file's layout, and sees at first what they see: RGB alone."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from scripts.finder.pretrained import begin
from stages.find.planes import COUNT
from stages.find.trunk import STAGES, STEM, Trunk


def published() -> dict[str, Tensor]:
    """Returns random weights under the names that the published file has."""
    torch.manual_seed(3)
    state = {"_conv_stem.weight": torch.randn(STEM, 3, 3, 3), "_conv_head.weight": torch.randn(1280, 320, 1, 1)}
    norms = {"_bn0": STEM, "_bn1": 1280}
    number, before = 0, STEM
    for kernel, _, widen, after, blocks in STAGES:
        for _ in range(blocks):
            wide, name = before * widen, f"_blocks.{number}."
            if widen > 1:
                state[f"{name}_expand_conv.weight"] = torch.randn(wide, before, 1, 1)
                norms[f"{name}_bn0"] = wide
            state[f"{name}_depthwise_conv.weight"] = torch.randn(wide, 1, kernel, kernel)
            state[f"{name}_project_conv.weight"] = torch.randn(after, wide, 1, 1)
            norms |= {f"{name}_bn1": wide, f"{name}_bn2": after}
            number, before = number + 1, after
    for name, count in norms.items():
        for part in ("weight", "bias", "running_mean", "running_var"):
            state[f"{name}.{part}"] = torch.rand(count)
    return state


def test_the_encoder_takes_every_weight_of_the_file(tmp_path: Path) -> None:
    state = published()
    torch.save(state, tmp_path / "weights.pth")
    trunk = Trunk()
    begin(trunk, tmp_path / "weights.pth")
    assert torch.equal(trunk.stem[0].weight[:, :3], state["_conv_stem.weight"])
    assert not trunk.stem[0].weight[:, 3:].any()
    assert trunk.stem[0].weight.shape[1] == COUNT
    blocks = [block for stage in trunk.stages for block in stage]
    for number, block in enumerate(blocks):
        assert torch.equal(block.depthwise[0].weight, state[f"_blocks.{number}._depthwise_conv.weight"])
        assert torch.equal(block.project[1].running_var, state[f"_blocks.{number}._bn2.running_var"])
        if isinstance(block.expand, nn.Sequential):
            assert torch.equal(block.expand[0].weight, state[f"_blocks.{number}._expand_conv.weight"])
    assert f"_blocks.{len(blocks)}._bn1.weight" not in state


def test_another_network_s_file_is_refused(tmp_path: Path) -> None:
    torch.save({"conv1.weight": torch.zeros(1)}, tmp_path / "weights.pth")
    with pytest.raises(KeyError, match="_conv_stem"):
        begin(Trunk(), tmp_path / "weights.pth")
