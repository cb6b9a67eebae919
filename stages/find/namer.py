"""Names the garment: a small classifier of the picture around it and of its silhouette.

Only the loader and the training import this file, since it needs torch.
"""

from itertools import pairwise

import cv2
import numpy as np
import torch  # noqa: TID253
from torch import Tensor, nn  # noqa: TID253

from stages.contracts import Matte, Plate
from stages.find.planes import Planes
from stages.find.trunk import Block, conv

#: The garments that the network tells apart, and the category of each.
CATEGORY = {
    "t-shirt": "top", "longsleeve": "top", "shirt": "top", "jacket": "outerwear", "trousers": "bottom",
    "shorts": "bottom", "skirt": "skirt", "dress": "dress", "swim": "swim", "shoes": "shoes", "hat": "hat",
    "bag": "bag", "jewellery": "jewellery",
}  # fmt: skip
#: Side of the crop in pixels, and how much of the garment's longer side is left around it.
SIDE, MARGIN = 80, 0.06
WIDTHS = (32, 64, 128, 192)


class Namer(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """From crops N x 4 x 80 x 80 to logits of `CATEGORY`'s garments."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(4, WIDTHS[0], 2)
        self.down = nn.Sequential(*(Block(a, b, 2) for a, b in pairwise(WIDTHS)))
        self.last = nn.Linear(2 * WIDTHS[-1], len(CATEGORY))
        self.register_buffer("temperature", torch.ones(()))
        """Divides the logits so that confidence is accuracy on held-out photos (Guo et al. 2017)."""

    def forward(self, crops: Tensor) -> Tensor:
        deep = self.down(self.stem(crops))
        pooled = torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1)
        logits: Tensor = self.last(nn.functional.dropout(pooled, 0.3, self.training))
        return logits

    def named(self, picture: Plate, cover: Matte, device: torch.device) -> dict[str, float]:
        """Gives calibrated probabilities by category; picture H x W x 3 uint8, cover H x W in [0, 1]."""
        seen = crop(picture, cover)
        both = torch.from_numpy(np.stack([seen, seen[..., ::-1]])).to(device)
        shares = (self(both).float().mean(0) / self.temperature).softmax(0).cpu().numpy()
        found = dict.fromkeys(CATEGORY.values(), 0.0)
        for category, share in zip(CATEGORY.values(), shares, strict=True):
            found[category] += float(share)
        return found


def crop(picture: Plate, cover: Matte) -> Planes:
    """Gives RGB and cover around the garment, 4 x `SIDE` x `SIDE` in [-1, 1]; the whole picture where there is none."""
    photo, shape = cropped(picture, cover, SIDE, MARGIN)
    return np.concatenate([np.moveaxis(photo, 2, 0) / np.float32(127.5) - 1, 2 * shape[None] - 1])


def cropped(picture: Plate, cover: Matte, side: int, margin: float) -> tuple[Plate, Matte]:
    """Gives the square around the garment and its cover there, both `side` wide; what lies outside is repeated."""
    rows, columns = (np.flatnonzero((cover > 0.5).any(axis)) for axis in (1, 0))
    height, width = cover.shape
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if len(rows) else (0, 0, width, height)
    scale = side / ((1 + 2 * margin) * max(box[2] - box[0], box[3] - box[1]))
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    move = np.array([[scale, 0, side / 2 - scale * middle[0]], [0, scale, side / 2 - scale * middle[1]]])
    # Pixel centres lie at halves, as OpenCV's resize has them, so that mirrored pictures give mirrored crops.
    move[:, 2] += 0.5 * scale - 0.5
    if scale < 0.8:  # what is shrunk is averaged first
        picture, cover = (cv2.GaussianBlur(each, (0, 0), 0.4 / scale) for each in (picture, cover))
    photo = cv2.warpAffine(picture, move, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(photo, np.uint8), np.asarray(cv2.warpAffine(cover, move, (side, side)), np.float32)
