"""The finder's network: an encoder and decoder with skips, and heads for pixels and for the photo.

Only the loader and the training import this file, since it needs torch.
"""

import torch  # noqa: TID253
from torch import Tensor, nn  # noqa: TID253

from stages.find.planes import CLASSES, COUNT, KINDS, VIEWS

#: Channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size.
WIDTHS = (24, 48, 96, 160, 224)
BLOCKS = (0, 1, 2, 3, 2)
UP = (24, 48, 96, 128)


class Block(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """Residual block of two 3 x 3 convolutions (He et al. 2016); the first may halve the size."""

    def __init__(self, before: int, after: int, stride: int = 1) -> None:
        super().__init__()
        self.first = conv(before, after, stride)
        self.second = nn.Sequential(nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after))
        self.past = nn.Identity()
        if before != after or stride > 1:
            self.past = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after)
            )
        nn.init.zeros_(self.second[1].weight)

    def forward(self, seen: Tensor) -> Tensor:
        return torch.relu(self.past(seen) + self.second(self.first(seen)))


class Trunk(nn.Module):  # type: ignore[misc]
    """From planes N x 12 x H x W to logits of pixels, of the whole subject, of view and kind."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(COUNT, WIDTHS[0], 2)
        self.down = nn.ModuleList(
            nn.Sequential(Block(before, after, 2), *(Block(after, after) for _ in range(count - 1)))
            for before, after, count in zip(WIDTHS, WIDTHS[1:], BLOCKS[1:], strict=False)
        )
        self.whole = nn.Sequential(nn.Linear(2 * WIDTHS[-1], WIDTHS[-1]), nn.ReLU(), nn.Linear(WIDTHS[-1], WIDTHS[-1]))
        below = (*UP[1:], WIDTHS[-1])
        self.lift = nn.ModuleList(nn.Conv2d(b, u, 1, bias=False) for b, u in zip(below, UP, strict=True))
        self.across = nn.ModuleList(nn.Conv2d(w, u, 1) for w, u in zip(WIDTHS, UP, strict=False))
        self.up = nn.ModuleList(conv(u, u) for u in UP)
        self.coarse = nn.Conv2d(UP[2], len(CLASSES) + 1, 1)
        self.fine = nn.Conv2d(UP[0], 4 * (len(CLASSES) + 1), 3, 1, 1)
        self.photo = nn.Linear(2 * WIDTHS[-1], len(VIEWS) + len(KINDS))

    def forward(self, planes: Tensor) -> dict[str, Tensor]:
        """Gives `pixels` N x 5 x H x W, `subject` N x H x W, `view` N x 2, `kind` N x 5, `coarse` N x 6 x H/8 x W/8."""
        kept = [self.stem(planes)]
        for down in self.down:
            kept.append(down(kept[-1]))
        deep = kept.pop()
        pooled = torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1)
        deep = deep + self.whole(pooled)[..., None, None]
        coarse = None
        for level in reversed(range(len(UP))):
            lifted = nn.functional.interpolate(self.lift[level](deep), scale_factor=2, mode="bilinear")
            deep = self.up[level](torch.relu(lifted + self.across[level](kept[level])))
            if level == 2:
                coarse = self.coarse(deep)
        fine = nn.functional.pixel_shuffle(self.fine(deep), 2)
        said = self.photo(pooled)
        return {
            "pixels": fine[:, :-1],
            "subject": fine[:, -1],
            "coarse": coarse,
            "view": said[:, : len(VIEWS)],
            "kind": said[:, len(VIEWS) :],
        }


def conv(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
    )
