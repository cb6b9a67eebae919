"""Paints face and hands once more, each alone and larger, where the model had too few pixels for them.

Each is cut from the plate at canvas size with its surroundings, inpainted over part of the noise schedule at a size
that the model paints well, brought to canvas size again and laid back, faded into the plate around it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from stages.canvas.whole import crop
from stages.contracts import Box, Generator, Placed, Plate, Progress, Request, Skeleton
from stages.errors import NoPlateError
from stages.figure import guide
from stages.figure.records import Figure
from stages.generate import batch
from stages.generate.request import reads_depth, request
from stages.generate.request import shown as shown_of
from stages.options import GenerateOptions

#: Above this share of kept pixels a part is mostly garment, and left alone.
_MOST_KEPT = 0.7
#: A part is worth painting again if it gains so many pixels along each side.
_LEAST_GAINED = 1.25
#: Body proportions, in lengths that a skeleton has: the head's height is about 1.6 times nose to neck, or 2 times ear
#: to ear; a hand is about 0.75 times the forearm long and its middle lies 0.4 beyond the wrist (Drillis and Contini,
#: "Body Segment Parameters", 1966: hand 0.108 and forearm 0.146 of body height).
_HEAD_BY_NECK, _HEAD_BY_EARS, _HAND, _BEYOND_WRIST = 1.6, 2.0, 0.75, 0.4
#: How much surrounding is shown with a part, as a multiple of its size.
_AROUND = 1.6
#: Width of the fade at a part's rim, and how far its levels there are averaged, as shares of its box's side.
_FADE, _LEVEL = 0.12, 0.1

Clear = Callable[[Plate, Placed], Plate]
"""Takes what is kept out of a plate, as `stages.bleed.clear` does."""


class Part(NamedTuple):
    """One part of a person: its middle and side in pixels, and what it is called."""

    x: float
    y: float
    side: float
    word: str


class Near(NamedTuple):
    """A part as it is to be painted: its box on the canvas, what is kept there, and what is asked for."""

    part: Part
    box: Box
    placed: Placed
    asked: Request


def finer(
    plate: Plate,
    first: Request,
    placed: Placed,
    options: GenerateOptions,
    painter: Generator,
    seed: int,
    clear: Clear,
    progress: Progress,
    figure: Figure | None = None,
) -> Plate:
    """Returns a plate of canvas size, sRGB and free of what is kept, whose face and hands were painted again.

    Where they are is known from a guiding `figure`, else from the skeleton.

    `first` is what the plate was asked for with, at the size at which it was painted; a part whose joints its skeleton
    lacks, or that lies outside the frame, stays as it is, and so does one that cannot be painted (a safety checker,
    memory). `placed` is what is kept of the canvas. `clear` takes what is kept out of each part, as it was taken out
    of the plate.
    """
    if first.skeleton is None:
        return plate
    enlarged = np.array([placed.width / first.mask.shape[1], placed.height / first.mask.shape[0], 1], np.float32)
    skeleton = first.skeleton * enlarged
    pixels = options.detail_pixels or painter.pixels
    known = parts(skeleton) if figure is None else of_figure(figure)
    depth = None if figure is None else guide.depth(figure, placed.width, placed.height)
    near = [
        _near(plate, part, box, first, placed, skeleton, options, painter, depth)
        for part, box in _boxes(known, placed)
        if pixels > (_LEAST_GAINED * (box[2] - box[0])) ** 2 / float(enlarged[:2].prod())
    ]
    if not near:
        return plate
    painted = batch.many(painter, [each.asked for each in near], [seed] * len(near), progress)
    finished = plate.copy()
    for each, again in zip(near, painted, strict=True):
        if not isinstance(again, NoPlateError):
            _lay_back(finished, clear(again, each.placed), each)
    return finished


def parts(skeleton: Skeleton) -> Iterator[Part]:
    """Yields the face and the hands of an 18 x 3 skeleton, in its pixels, as far as their joints are known."""
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


def of_figure(figure: Figure) -> Iterator[Part]:
    """Yields the face and the hands of a figure that are seen, in canvas pixels."""
    for name, found in guide.boxes(figure).items():
        for x0, y0, x1, y1 in found:
            yield Part((x0 + x1) / 2, (y0 + y1) / 2, float(max(x1 - x0, y1 - y0)), f"detailed {name}")


_JOINTS = {
    "nose": 0, "neck": 1, "right_elbow": 3, "right_wrist": 4, "left_elbow": 6, "left_wrist": 7,
    "right_ear": 16, "left_ear": 17,
}  # fmt: skip


def box_of(part: Part, shape: Sequence[int]) -> Box | None:
    """Returns the square around a part with its surroundings, moved into a frame of (height, width).

    None if its middle lies outside, or it is too small to show anything.
    """
    height, width = shape[:2]
    side = min(round(part.side * _AROUND), height, width)
    if side < 8 or not (0 <= part.x < width and 0 <= part.y < height):
        return None
    x0 = min(max(0, round(part.x - side / 2)), width - side)
    y0 = min(max(0, round(part.y - side / 2)), height - side)
    return x0, y0, x0 + side, y0 + side


def _boxes(known: Iterator[Part], placed: Placed) -> Iterator[tuple[Part, Box]]:
    """Yields each part that is seen, and its box."""
    for part in known:
        box = box_of(part, (placed.height, placed.width))
        if box is not None and float(crop(placed, box).matte.sum()) <= _MOST_KEPT * (box[2] - box[0]) ** 2:
            yield part, box


def _near(
    plate: Plate,
    part: Part,
    box: Box,
    first: Request,
    placed: Placed,
    skeleton: Skeleton,
    options: GenerateOptions,
    painter: Generator,
    depth: Plate | None = None,
) -> Near:
    """Returns what is asked for one box: the plate there, under what is kept. `depth` is the whole canvas's."""
    kept = crop(placed, box)
    words = replace(first.prompt, positive=f"{part.word}, {first.prompt.positive}", references=())
    moved = skeleton - np.array([box[0], box[1], 0], np.float32)
    asked = request(kept, moved, words, options, painter, pixels=options.detail_pixels)
    height, width = asked.mask.shape
    there = plate[box[1] : box[3], box[0] : box[2]]
    method = cv2.INTER_AREA if width < there.shape[1] else cv2.INTER_LANCZOS4
    shown = np.where(asked.mask[..., None] == 0, asked.image, cv2.resize(there, (width, height), interpolation=method))
    if depth is not None:
        depth = cv2.resize(depth[box[1] : box[3], box[0] : box[2]], (width, height), interpolation=cv2.INTER_LINEAR)
    return Near(
        part,
        box,
        kept,
        replace(
            asked,
            image=shown,
            control=asked.control if depth is None else shown_of(options, asked.control, depth),
            depth=depth if reads_depth(options) else None,
            references=first.references,
            # At least one step is left of the schedule: a whole one would paint another face.
            steps=max(asked.steps, math.ceil(1 / options.detail_strength)),
            strength=options.detail_strength,
        ),
    )


def _lay_back(plate: Plate, painted: Plate, near: Near) -> None:
    """Lays a part that was painted again over the plate, in place: a disc around its middle, faded at its rim.

    What is painted again has levels of its own. Where they differ along the rim the part is shifted, smoothly.
    """
    x0, y0, x1, y1 = near.box
    there = plate[y0:y1, x0:x1]
    size = (x1 - x0, y1 - y0)
    method = cv2.INTER_AREA if painted.shape[1] > size[0] else cv2.INTER_LANCZOS4
    large = cv2.resize(painted, size, interpolation=method).astype(np.float32)
    y, x = np.ogrid[y0:y1, x0:x1]
    around = _AROUND * near.part.side
    inside = around / 2 - np.hypot(x + 0.5 - near.part.x, y + 0.5 - near.part.y)
    weight = np.clip(inside / max(1.0, _FADE * around), 0, 1).astype(np.float32)[..., None]
    rim = ((weight > 0) & (weight < 1)).astype(np.float32)
    spread = _LEVEL * around
    known = cv2.GaussianBlur(rim, (0, 0), spread)[..., None]
    shift = cv2.GaussianBlur(rim * (there - large), (0, 0), spread) / np.maximum(known, 1e-6)
    there[:] = np.rint(np.clip(there + weight * (large + shift - there), 0, 255)).astype(np.uint8)
