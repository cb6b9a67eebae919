"""The finder's network: an encoder and decoder with skips, and heads for pixels and for the photo.

The encoder is EfficientNet-Lite0 (Tan and Le 2019; Liu 2020), so that training may begin from weights that know
photographs. Only the loader and the training import this file, since it needs torch.
"""

import torch  # noqa: TID253
from torch import Tensor, nn  # noqa: TID253

from stages.find.planes import CATEGORY, CLASSES, COUNT, KINDS, VIEWS

STEM = 32
#: Of each stage: kernel, stride, how much its blocks widen, channels, blocks.
STAGES = (
    (3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3), (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)  # fmt: skip
#: Stages whose result is kept for the decoder: those at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size.
KEPT = (0, 1, 2, 4, 6)
#: Channels of the decoder at 1/2, 1/4, 1/8 and 1/16.
UP = (24, 48, 80, 128)
NAMING = 192
"""Channels in which garments are told apart."""


class Block(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """Inverted residual block (Sandler et al. 2018): widened, filtered channel by channel, narrowed."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, widen: int) -> None:
        super().__init__()
        wide = before * widen
        self.expand = conv(before, wide, 1) if widen > 1 else nn.Identity()
        self.depthwise = conv(wide, wide, kernel, stride, groups=wide)
        self.project = nn.Sequential(nn.Conv2d(wide, after, 1, bias=False), nn.BatchNorm2d(after, momentum=0.01))
        self.residual = stride == 1 and before == after

    def forward(self, seen: Tensor) -> Tensor:
        made: Tensor = self.project(self.depthwise(self.expand(seen)))
        return seen + made if self.residual else made


class Trunk(nn.Module):  # type: ignore[misc]
    """From planes N x 12 x H x W to logits of pixels, of view, kind and garment."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(COUNT, STEM, 3, 2)
        stages, before = [], STEM
        for kernel, stride, widen, after, count in STAGES:
            first = Block(before, after, kernel, stride, widen)
            stages.append(nn.Sequential(first, *(Block(after, after, kernel, 1, widen) for _ in range(count - 1))))
            before = after
        self.stages = nn.ModuleList(stages)
        widths = [STAGES[index][3] for index in KEPT]
        deepest = widths[-1]
        self.whole = nn.Sequential(nn.Linear(2 * deepest, UP[-1]), nn.ReLU(), nn.Linear(UP[-1], UP[-1]))
        self.lift = nn.ModuleList(nn.Conv2d(b, u, 1, bias=False) for b, u in zip((*UP[1:], deepest), UP, strict=True))
        self.across = nn.ModuleList(nn.Conv2d(w, u, 1) for w, u in zip(widths, UP, strict=False))
        self.up = nn.ModuleList(conv(u, u, 3) for u in UP)
        self.coarse = nn.Conv2d(UP[2], len(CLASSES), 1)
        self.fine = nn.Conv2d(UP[0], 4 * len(CLASSES), 3, 1, 1)
        self.photo = nn.Linear(2 * deepest, len(VIEWS) + len(KINDS))
        self.name = nn.Sequential(
            nn.Linear(3 * deepest + STAGES[4][3], NAMING), nn.ReLU(), nn.Dropout(0.3), nn.Linear(NAMING, len(CATEGORY))
        )
        self.register_buffer("temperature", torch.ones(()))
        """Divides the logits of garments so that confidence is accuracy on held-out photos (Guo et al. 2017)."""

    def forward(self, planes: Tensor) -> dict[str, Tensor]:
        """Returns logits.

        `pixels` N x 5 x H x W, `view` N x 2, `kind` N x 5, `cloth` N x 13, `coarse` N x 5 x H/8 x W/8.
        """
        seen, kept = self.stem(planes), []
        for index, stage in enumerate(self.stages):
            seen = stage(seen)
            if index in KEPT:
                kept.append(seen)
        deep, middle = kept.pop(), kept[-1]
        pooled = torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1)
        made, coarse = deep, None
        for level in reversed(range(len(UP))):
            lifted = nn.functional.interpolate(self.lift[level](made), scale_factor=2, mode="bilinear")
            if level == len(UP) - 1:
                lifted = lifted + self.whole(pooled)[..., None, None]
            made = self.up[level](torch.relu(lifted + self.across[level](kept[level])))
            if level == 2:
                coarse = self.coarse(made)
        fine = nn.functional.pixel_shuffle(self.fine(made), 2)
        said = self.photo(pooled)
        # What the garment is, is read where the garment is.
        cover = fine[:, :3].detach().float().logsumexp(1) - fine[:, 3:].detach().float().logsumexp(1)
        cover = cover.sigmoid()[:, None].to(deep.dtype)
        near, far = nn.functional.avg_pool2d(cover, 16), nn.functional.avg_pool2d(cover, 32)
        known = torch.cat([_within(deep, far), (deep * far).amax((2, 3)), deep.mean((2, 3)), _within(middle, near)], 1)
        return {
            "pixels": fine,
            "coarse": coarse,
            "view": said[:, : len(VIEWS)],
            "kind": said[:, len(VIEWS) :],
            "cloth": self.name(known),
        }


def _within(seen: Tensor, cover: Tensor) -> Tensor:
    """Returns the mean over what is covered, N x C."""
    return (seen * cover).sum((2, 3)) / (cover.sum((2, 3)) + 0.1)


def conv(before: int, after: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False),
        # As many photos as a batch of a small machine holds are few: the running means follow slowly.
        nn.BatchNorm2d(after, momentum=0.01),
        nn.ReLU6(inplace=True),
    )
