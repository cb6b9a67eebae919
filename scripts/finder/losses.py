"""What the finder's training minimises."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from scripts.finder.example import UNKNOWN, Bytes, Example
from stages.find.planes import planes

#: Weight of what is not known of real photos: parts of the garment and holders are taken to be rare.
RARE = 0.05
NAME = 0.25
"""Weight of what garment it is."""
EDGE = 3.0
"""How much more a pixel at an outline weighs."""
PART = 20.0
"""How much more inside, see-through cloth and holders weigh, which are small and seldom seen."""


@dataclass(frozen=True, slots=True)
class Batch:
    planes: Tensor
    outline: Tensor
    """N x H x W, 1 near outlines."""
    shares: Tensor
    """N x 5 x H x W: garment, inside, sheer, holder, backdrop."""
    parts: Tensor
    """N, 1 where the shares are told apart."""
    masked: Tensor
    """N, 1 where the shares are known at all."""
    cloth: Tensor
    view: Tensor
    kind: Tensor


def collate(examples: list[Example], device: torch.device) -> Batch:
    shares = torch.from_numpy(np.stack([each.labels for each in examples])).permute(0, 3, 1, 2).float() / 255
    shares = torch.cat([shares, (1 - shares.sum(1, keepdim=True)).clamp_min(0)], 1)
    seen = torch.from_numpy(np.stack([planes(each.photo) for each in examples]))

    def flag(values: list[bool]) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=device)

    return Batch(
        seen.to(device, memory_format=torch.channels_last),
        torch.from_numpy(np.stack([_outline(each.labels) for each in examples])).to(device),
        shares.to(device),
        flag([each.parts for each in examples]),
        flag([each.masked for each in examples]),
        torch.tensor([each.cloth for each in examples], device=device),
        torch.tensor([each.view for each in examples], device=device),
        torch.tensor([each.kind for each in examples], device=device),
    )


def loss_of(made: dict[str, Tensor], batch: Batch) -> dict[str, Tensor]:
    """Returns the parts of the loss; their sum is minimised.

    Drawn photos know every class; real ones know only what is garment (with its inside and sheer parts), so there the
    probabilities of both sides are summed first.
    """
    weight = 1 + EDGE * batch.outline
    coarse = nn.functional.avg_pool2d(batch.shares, 8)
    found = {
        "pixels": _pixels(made["pixels"].float(), batch.shares, batch, weight),
        "coarse": 0.3 * _pixels(made["coarse"].float(), coarse, batch, torch.ones_like(coarse[:, 0])),
    }
    for name, share, smoothing in (("view", 0.1, 0.0), ("kind", 0.1, 0.0), ("cloth", NAME, 0.05)):
        known = getattr(batch, name)
        if bool((known != UNKNOWN).any()):
            found[name] = share * nn.functional.cross_entropy(
                made[name].float(), known, ignore_index=UNKNOWN, label_smoothing=smoothing
            )
    return found


def _pixels(logits: Tensor, shares: Tensor, batch: Batch, weight: Tensor) -> Tensor:
    logs = logits.log_softmax(1)
    front, behind = logs[:, :3].logsumexp(1), logs[:, 3:].logsumexp(1)
    cover = shares[:, :3].sum(1)
    whole = -(cover * front + (1 - cover) * behind)
    apart = -(shares * logs).sum(1) * (1 + PART * shares[:, 1:4].sum(1))
    rare = -(cover * (logs[:, 0] - front) + (1 - cover) * (logs[:, 4] - behind))
    parts = batch.parts[:, None, None]
    each = parts * (apart + 0.5 * whole) + (1 - parts) * (whole + RARE * rare)
    known = batch.masked[:, None, None] * weight
    overlap = _jaccard(front.exp(), cover)
    return (each * known).sum() / known.sum().clamp_min(1) + (
        overlap * batch.masked
    ).sum() / batch.masked.sum().clamp_min(1)


def _jaccard(made: Tensor, wanted: Tensor) -> Tensor:
    """Returns 1 less the soft intersection over union of each photo; of soft labels, with the least as intersection."""
    both = torch.minimum(made, wanted).sum((1, 2))
    return 1 - (both + 10) / (torch.maximum(made, wanted).sum((1, 2)) + 10)


def _outline(labels: Bytes) -> np.ndarray:
    """Returns 1 near outlines of any class and 0 elsewhere, H x W float32; labels H x W x 4."""
    spread = cv2.morphologyEx(labels, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)).max(axis=2)
    return np.asarray(spread / np.float32(255), np.float32)
