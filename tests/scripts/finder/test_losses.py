"""What the finder's training minimises: least for what the labels say, and blind to what they do not know."""

import numpy as np
import torch

from scripts.finder.example import CLOTHS, Example
from scripts.finder.losses import collate, loss_of
from stages.find.trunk import Trunk


def batch_of(*, parts: bool, masked: bool = True) -> list[Example]:
    labels = np.zeros((32, 32, 4), np.uint8)
    labels[8:24, 8:24, 0] = 255
    labels[8:12, 8:24, :2] = (0, 255)
    labels[4:8, 14:18, 3] = 255
    photo = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    return [Example(photo, labels, parts=parts, masked=masked, cloth=4)]


def said(classes: torch.Tensor) -> dict[str, torch.Tensor]:
    """Returns the network's answer that says `classes`, H x W, with conviction."""
    logits = 12 * torch.nn.functional.one_hot(classes, 5).permute(2, 0, 1)[None].float()
    rest = {"coarse": torch.zeros(1, 5, 4, 4), "view": torch.zeros(1, 2), "kind": torch.zeros(1, 5)}
    return {"pixels": logits, "cloth": torch.zeros(1, len(CLOTHS)), **rest}


def test_what_the_labels_say_costs_least() -> None:
    batch = collate(batch_of(parts=True), torch.device("cpu"))
    truth = batch.shares[0].argmax(0)
    right = loss_of(said(truth), batch)["pixels"]
    for wrong in (torch.full_like(truth, 4), torch.zeros_like(truth), truth.roll(3, 1)):
        assert loss_of(said(wrong), batch)["pixels"] > right + 0.2
    assert right < 0.05


def test_real_photos_do_not_say_which_part_is_which() -> None:
    real = batch_of(parts=False)
    batch = collate(real, torch.device("cpu"))
    cover = batch.shares[0, :3].sum(0) > 0.5
    outside, inside = torch.where(cover, 0, 4), torch.where(cover, 1, 4)
    apart = loss_of(said(inside), batch)["pixels"] - loss_of(said(outside), batch)["pixels"]
    missed = loss_of(said(torch.full_like(outside, 4)), batch)["pixels"] - loss_of(said(outside), batch)["pixels"]
    assert 0 < apart < 0.2 * missed


def test_photos_without_a_mask_teach_what_garment_it_is_alone() -> None:
    batch = collate(batch_of(parts=False, masked=False), torch.device("cpu"))
    model = Trunk().eval()
    losses = loss_of(model(batch.planes), batch)
    assert losses["pixels"].item() == losses["coarse"].item() == 0
    assert losses["cloth"].item() > 0
