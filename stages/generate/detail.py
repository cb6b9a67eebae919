"""Paints face and hands once more, each alone and larger, where the model had too few pixels for them.

Each is cut from the plate with its surroundings, enlarged to the size that the model paints best, inpainted over part
of the noise schedule, shrunk and laid back, faded within the generated side.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import BatchGenerator, Box, Generator, ModelCard, Plate, Progress, Prompt, Request, Skeleton
from stages.errors import NoPlateError
from stages.generate import batch
from stages.generate.request import model_size
from stages.options import GenerateOptions
from stages.pose.draw import draw

#: Below this share of generated pixels a part is mostly garment, and left alone.
_LEAST_GENERATED = 0.3
#: A part is worth painting again if it is enlarged at least so much.
_LEAST_ENLARGED = 1.5
#: Body proportions, in lengths that a skeleton has: the head's height is about 1.6 times nose to neck, or 2 times ear
#: to ear; a hand is about 0.75 times the forearm long and its middle lies 0.4 beyond the wrist (Drillis and Contini,
#: "Body Segment Parameters", 1966: hand 0.108 and forearm 0.146 of body height).
_HEAD_BY_NECK, _HEAD_BY_EARS, _HAND, _BEYOND_WRIST = 1.6, 2.0, 0.75, 0.4
#: How much surrounding is shown with a part, as a multiple of its size.
_AROUND = 1.6
#: Width of the fade at a part's border, as a share of its side.
_FADE = 0.12


class Part(NamedTuple):
    """One part of a person: its middle and side in pixels, and what it is called."""

    x: float
    y: float
    side: float
    word: str


class Detailed:
    """A `BatchGenerator` that paints with another one, and then its faces and hands again."""

    def __init__(self, painter: Generator, options: GenerateOptions) -> None:
        """Takes any generator."""
        self._painter, self._options = painter, options
        self.cards: tuple[ModelCard, ...] = painter.cards
        self.multiple, self.pixels = painter.multiple, painter.pixels

    def at_once(self) -> int:
        """Gives as many as the painter."""
        return self._painter.at_once() if isinstance(self._painter, BatchGenerator) else 1

    @property
    def seconds(self) -> dict[str, float]:
        """Where the painter's time went so far."""
        return dict(getattr(self._painter, "seconds", {}))

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        """Gives one plate of the request's size."""
        return batch.one(self, request, seed, progress)

    def many(self, requests: Sequence[Request], seeds: Sequence[int], progress: Progress) -> list[Plate | NoPlateError]:
        """Gives a plate for each: the same part of all of them is painted at once."""
        found = batch.many(self._painter, requests, seeds, progress)
        plates = {at: plate.copy() for at, plate in enumerate(found) if not isinstance(plate, NoPlateError)}
        for parts_now in zip_longest(*(self._parts(requests[at]) for at in plates)):
            now = [(at, *part) for at, part in zip(plates, parts_now, strict=True) if part is not None]
            closer = [self._closer(requests[at], plates[at], box, word) for at, box, word in now]
            painted = batch.many(self._painter, closer, [seeds[at] for at, *_ in now], _silent)
            for (at, box, _), part in zip(now, painted, strict=True):
                if isinstance(part, NoPlateError):
                    found[at] = part
                else:
                    _lay_back(plates[at], part, box, requests[at].mask)
        return [found[at] if isinstance(found[at], NoPlateError) else plates[at] for at in range(len(found))]

    def _parts(self, request: Request) -> Iterator[tuple[Box, str]]:
        """Gives the box of each part that is worth painting again, and its word."""
        if request.skeleton is None:
            return
        for part in parts(request.skeleton):
            box = box_of(part, request.mask.shape)
            if box is not None and _worth(box, request, self.pixels):
                yield box, part.word

    def _closer(self, request: Request, plate: Plate, box: Box, word: str) -> Request:
        return _closer(request, plate, box, word, self._options, self.multiple, self.pixels)


def _silent(done: int, total: int) -> None:
    """Reports nothing: the bar of the whole picture is full already."""


def parts(skeleton: Skeleton) -> Iterator[Part]:
    """Gives the face and the hands of an 18 x 3 skeleton, in its pixels, as far as their joints are known."""
    at = {name: skeleton[index, :2] for name, index in _JOINTS.items() if skeleton[index, 2] > 0}
    if "nose" in at:
        if {"right_ear", "left_ear"} <= at.keys():
            head = _HEAD_BY_EARS * float(np.linalg.norm(at["right_ear"] - at["left_ear"]))
        elif "neck" in at:
            head = _HEAD_BY_NECK * float(np.linalg.norm(at["nose"] - at["neck"]))
        else:
            head = 0.0
        if head > 0:
            yield Part(float(at["nose"][0]), float(at["nose"][1]), head, "detailed face")
    for side in ("right", "left"):
        wrist, elbow = at.get(f"{side}_wrist"), at.get(f"{side}_elbow")
        if wrist is not None and elbow is not None:
            forearm = wrist - elbow
            x, y = wrist + _BEYOND_WRIST * forearm
            yield Part(float(x), float(y), _HAND * float(np.linalg.norm(forearm)), "detailed hand")


_JOINTS = {
    "nose": 0, "neck": 1, "right_elbow": 3, "right_wrist": 4, "left_elbow": 6, "left_wrist": 7,
    "right_ear": 16, "left_ear": 17,
}  # fmt: skip


def box_of(part: Part, shape: tuple[int, ...]) -> Box | None:
    """Gives the square around a part with its surroundings, moved into the frame; None if its middle is outside."""
    height, width = shape[:2]
    if not (0 <= part.x < width and 0 <= part.y < height):
        return None
    side = min(round(part.side * _AROUND), height, width)
    x0 = min(max(0, round(part.x - side / 2)), width - side)
    y0 = min(max(0, round(part.y - side / 2)), height - side)
    return x0, y0, x0 + side, y0 + side


def _worth(box: Box, request: Request, pixels: int) -> bool:
    x0, y0, x1, y1 = box
    if x1 - x0 < 8 or pixels < _LEAST_ENLARGED**2 * (x1 - x0) * (y1 - y0):
        return False
    return float(np.mean(request.mask[y0:y1, x0:x1] > 0)) >= _LEAST_GENERATED


def _closer(
    request: Request, plate: Plate, box: Box, word: str, options: GenerateOptions, multiple: int, pixels: int
) -> Request:
    """Gives the request for one box, at the model's best size: the plate there, under the garment where it is kept."""
    x0, y0, x1, y1 = box
    width, height = model_size(x1 - x0, y1 - y0, pixels, multiple)
    kept = request.mask[y0:y1, x0:x1, None] == 0
    shown = np.where(kept, request.image[y0:y1, x0:x1], plate[y0:y1, x0:x1])
    scale = np.array([width / (x1 - x0), height / (y1 - y0), 1], np.float32)
    skeleton = np.zeros((18, 3), np.float32)
    if request.skeleton is not None:
        skeleton = ((request.skeleton - np.array([x0, y0, 0], np.float32)) * scale).astype(np.float32)
    return replace(
        request,
        image=cv2.resize(shown, (width, height), interpolation=cv2.INTER_LANCZOS4),
        mask=cv2.resize(request.mask[y0:y1, x0:x1], (width, height), interpolation=cv2.INTER_NEAREST),
        control=draw(skeleton, width, height, options.stick_width),
        prompt=Prompt(f"{word}, {request.prompt.positive}", request.prompt.negative),
        # At least one step is left of the schedule: a whole one would paint another face.
        steps=max(request.steps, math.ceil(1 / options.detail_strength)),
        strength=options.detail_strength,
        skeleton=skeleton,
    )


def _lay_back(plate: Plate, closer: Plate, box: Box, mask: npt.NDArray[np.uint8]) -> None:
    """Fades a part that was painted again into the plate, in place; what is kept stays as it was."""
    x0, y0, x1, y1 = box
    there = plate[y0:y1, x0:x1]
    side = x1 - x0
    shrunk = cv2.resize(closer, (side, y1 - y0), interpolation=cv2.INTER_AREA)
    inside = np.zeros((y1 - y0 + 2, side + 2), np.uint8)
    inside[1:-1, 1:-1] = mask[y0:y1, x0:x1] > 0
    fade = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1] / max(1.0, _FADE * side)
    weight = np.clip(fade, 0, 1)[..., None]
    there[:] = np.rint(weight * shrunk + (1 - weight) * there).astype(np.uint8)
