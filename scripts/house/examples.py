"""Turns rendered figures into training examples: latents, mask, skeleton drawing and words, each made once and kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from scripts.house.corpus import read_shard, shards
from stages.contracts import Mask, Plate, Skeleton
from stages.pose.draw import draw

#: Joints and their partners when a picture is mirrored.
MIRRORED = (0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16)
STICK_WIDTH = 4.0
#: Pixels to a latent, and latents to one of the UNet's lowest level.
STRIDE, COARSE = 8, 4

#: How much more an error on a head counts: it is a fiftieth of a picture, and tells a person's front from its back.
HEAD_WEIGHT = 5.0
#: Ears lie 0.36 of a head's length from its middle (scripts/house/body.py); hair reaches about this far from there.
EAR, HAIR = 0.36, 0.75
RIGHT_EAR, LEFT_EAR = 16, 17

#: What the pipeline puts into every negative prompt; it must mean "no words" to this model.
NEGATIVE = "extra limbs, deformed hands, second garment, blurry"


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    picture: Plate
    mask: Mask
    skeleton: Skeleton
    caption: str


def mirror(example: Example) -> Example:
    """Returns the example seen in a mirror: joints and the words left and right change places."""
    width = example.picture.shape[1]
    skeleton = example.skeleton[list(MIRRORED)].copy()
    skeleton[:, 0] = width - 1 - skeleton[:, 0]
    swap = {"left": "right", "right": "left"}
    words = [
        swap.get(word.strip(","), word.strip(",")) + ("," if word.endswith(",") else "")
        for word in example.caption.split(" ")
    ]
    return Example(
        np.ascontiguousarray(example.picture[:, ::-1]),
        np.ascontiguousarray(example.mask[:, ::-1]),
        skeleton,
        " ".join(words),
    )


def resized(example: Example, width: int) -> Example:
    """Returns the example at another width, its shape kept."""
    factor = width / example.picture.shape[1]
    if factor == 1:
        return example
    size = (width, round(example.picture.shape[0] * factor))
    skeleton = (example.skeleton * (factor, factor, 1)).astype(np.float32)
    mask = np.where(cv2.resize(example.mask, size, interpolation=cv2.INTER_AREA) > 8, 255, 0).astype(np.uint8)
    return Example(cv2.resize(example.picture, size, interpolation=cv2.INTER_AREA), mask, skeleton, example.caption)


def as_tensor(picture: npt.NDArray[np.uint8]) -> Tensor:
    """Returns n x H x W x 3 uint8 as n x 3 x H x W in [-1, 1]."""
    return torch.from_numpy(picture).permute(0, 3, 1, 2).float() / 127.5 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """A batch of n examples.

    Clean and masked latents n x 4 x h x w, mask (1 = generate) and weight in the loss n x 1 x h x w, the skeleton's
    drawing n x 3 x 8h x 8w, and captions as users may give them.
    """

    clean: Tensor
    masked: Tensor
    mask: Tensor
    control: Tensor
    weight: Tensor
    captions: list[str]


def head_weight(skeleton: Skeleton, height: int, width: int) -> Tensor:
    """Returns 1 x height x width latents' weights in the loss: HEAD_WEIGHT on the head with its hair, 1 elsewhere."""
    ears = skeleton[[RIGHT_EAR, LEFT_EAR], :2] / STRIDE
    reach = HAIR * float(np.linalg.norm(ears[0] - ears[1])) / (2 * EAR)
    y, x = np.ogrid[:height, :width]
    near = np.hypot(x + 0.5 - ears[:, 0].mean(), y + 0.5 - ears[:, 1].mean()) <= reach
    return torch.from_numpy(np.where(near, HEAD_WEIGHT, 1.0).astype(np.float32))[None]


def corner(skeleton: Skeleton, height: int, width: int, side: int, random: np.random.Generator) -> tuple[int, int]:
    """Returns the corner (x, y) of a window of `side` latents in which the head lies, or any if it is out of frame.

    Corners lie on the grid of the UNet's lowest level.
    """
    x, y = skeleton[[RIGHT_EAR, LEFT_EAR], :2].mean(0) / STRIDE
    inside = 0 <= x < width and 0 <= y < height
    place = []
    for at, length in ((x, width), (y, height)):
        start = at - side * random.uniform(0.3, 0.7) if inside else random.uniform(0, length - side)
        place.append(int(np.clip(round(start / COARSE) * COARSE, 0, (length - side) // COARSE * COARSE)))
    return place[0], place[1]


def windows(part: Tensor, corners: list[tuple[int, int]], side: int, stride: int) -> Tensor:
    """Cuts a window out of each of n x c x H x W, whose pixels are `stride` to a latent."""
    cut = [
        each[:, y * stride : (y + side) * stride, x * stride : (x + side) * stride]
        for each, (x, y) in zip(part, corners, strict=True)
    ]
    return torch.stack(cut)


class Examples:
    """All figures of a folder at one width, twice each (as rendered and mirrored), with their latents once made."""

    def __init__(self, folder: Path, vae: Any, scale: float, width: int) -> None:
        self.folder, self.vae, self.scale, self.width = folder, vae, scale, width
        self.known: set[Path] = set()
        self.figures: list[Example] = []
        self.latents: dict[int, tuple[Tensor, Tensor, Tensor]] = {}

    def refresh(self) -> None:
        """Reads shards that have come since."""
        for path in shards(self.folder):
            if path not in self.known:
                self.known.add(path)
                part = read_shard(path)
                self.figures += [
                    Example(*each)
                    for each in zip(part.pictures, part.masks, part.skeletons, part.captions, strict=True)
                ]

    def __len__(self) -> int:
        return 2 * len(self.figures)

    def __getitem__(self, number: int) -> Example:
        figure = resized(self.figures[number // 2], self.width)
        return mirror(figure) if number % 2 else figure

    def batch(self, numbers: list[int], random: np.random.Generator, side: int | None = None) -> "Batch":
        """Returns one batch; with `side`, square windows of that many latents around heads, else whole pictures."""
        examples = [self[number] for number in numbers]
        self._encode([(n, e) for n, e in zip(numbers, examples, strict=True) if n not in self.latents])
        made = [self.latents[number] for number in numbers]
        height, width = examples[0].mask.shape
        controls = np.stack([draw(each.skeleton, width, height, STICK_WIDTH) for each in examples])
        clean, masked, mask = (torch.stack([each[k].float() for each in made]) for k in range(3))
        control = torch.from_numpy(controls).permute(0, 3, 1, 2).float() / 255
        size = (height // STRIDE, width // STRIDE)
        weight = torch.stack([head_weight(each.skeleton, *size) for each in examples])
        parts = (clean, masked, mask, control, weight)
        if side is not None:
            corners = [corner(each.skeleton, *size, side, random) for each in examples]
            parts = tuple(windows(part, corners, side, STRIDE if part is control else 1) for part in parts)
        return Batch(*parts, [spoken(each.caption, random) for each in examples])

    def _encode(self, fresh: list[tuple[int, Example]]) -> None:
        if not fresh:
            return
        pictures = as_tensor(np.stack([each.picture for _, each in fresh]))
        masks = torch.from_numpy(np.stack([each.mask for _, each in fresh])).float()[:, None] / 255
        both = torch.cat([pictures, pictures * (masks < 0.5)]).to(memory_format=torch.channels_last)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            latents = self.vae.encode(both).latents.float() * self.scale
        clean, masked = latents.half().chunk(2)
        small = torch.nn.functional.interpolate(masks, size=clean.shape[-2:]).half()
        for number, *parts in zip([n for n, _ in fresh], clean, masked, small, strict=True):
            self.latents[number] = (parts[0], parts[1], parts[2])


def spoken(caption: str, random: np.random.Generator) -> str:
    """Returns the caption as a user may give it: sometimes none, sometimes with words that the model does not know."""
    dice = random.random()
    if dice < 0.05:
        return ""
    if dice < 0.10:
        return NEGATIVE
    if dice < 0.25:
        return caption + ", " + " ".join(_babble(random) for _ in range(random.integers(1, 6)))
    return caption


def _babble(random: np.random.Generator) -> str:
    return "".join(random.choice(list("abcdefghiklmnoprstuvwyz"), random.integers(2, 10)))
