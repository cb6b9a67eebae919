"""From a placed garment and a skeleton to what a generator is asked for."""

import math
from pathlib import Path

import cv2
import numpy as np

from stages import colour, photo
from stages.canvas import mask
from stages.contracts import Generator, Placed, Plate, Prompt, Request, Skeleton
from stages.figure import guide
from stages.figure.records import Figure
from stages.options import GenerateOptions, PhotoOptions
from stages.pose.draw import draw

#: Image encoders look at 224 x 224 pixels; more than this is weight without use.
LONGEST_REFERENCE = 1024


def model_size(width: int, height: int, pixels: int, multiple: int) -> tuple[int, int]:
    """Returns the (width, height) nearest to the canvas's aspect with about `pixels` pixels, multiples of `multiple`.

    Raises ValueError when a number is not positive.
    """
    if min(width, height, pixels, multiple) <= 0:
        raise ValueError(f"sizes must be positive: {width} x {height}, {pixels} pixels, multiple {multiple}")
    scale = math.sqrt(pixels / (width * height))
    return max(1, round(width * scale / multiple)) * multiple, max(1, round(height * scale / multiple)) * multiple


def request(
    placed: Placed,
    skeleton: Skeleton,
    prompt: Prompt,
    options: GenerateOptions,
    generator: Generator,
    pixels: int = 0,
    figure: Figure | None = None,
    start: float = 0,
) -> Request:
    """Returns the request at model size: the garment over neutral grey, the mask, and the drawn skeleton.

    Model size has about `pixels` pixels; 0 goes by the generator. A `figure` adds its depth, and is what the model
    starts from where `start`, the share of it that is left in the noise, is above 0.

    A generator that paints at any size (`pixels` 0) is asked for the canvas's own, and one that is no model (`multiple`
    1) for no more.
    """
    own = placed.width * placed.height
    pixels = pixels or generator.pixels or own
    if generator.multiple == 1:
        pixels = min(pixels, own)
    width, height = model_size(placed.width, placed.height, pixels, generator.multiple)
    shrink = np.array([width / placed.width, height / placed.height, 1], np.float32)
    image = mask.image_for_model(placed, width, height)
    generate = mask.for_model(placed, width, height)
    control = draw(skeleton * shrink, width, height, options.stick_width)
    depth = None if figure is None else guide.depth(figure, width, height)
    drawn = None
    if figure is not None and (start > 0 or options.shown == "figure"):
        drawn = np.where(generate[..., None] > 0, guide.start(figure, image), image)
    if drawn is not None and start > 0:
        image = drawn
    return Request(
        image=image,
        mask=generate,
        control=control if depth is None else shown(options, control, depth),
        prompt=prompt,
        steps=options.steps,
        guidance=options.guidance,
        strength=options.strength if start == 0 else min(options.strength, 1 - start),
        control_scale=options.control_scale,
        skeleton=skeleton * shrink,
        depth=depth if reads_depth(options) else None,
        drawn=drawn if options.shown == "figure" else None,
        references=tuple(reference(path) for path in prompt.references),
    )


def shown(options: GenerateOptions, control: Plate, depth: Plate) -> Plate:
    """Returns what the ControlNet is shown of a figure: its skeleton, or its depth where that says more."""
    return depth if options.shown == "depth" else control


def reads_depth(options: GenerateOptions) -> bool:
    """Whether depth is shown beside the skeleton."""
    return options.depth is not None or options.shown == "both"


def reference(path: Path) -> Plate:
    """Returns a reference picture in sRGB, its longer side at most `LONGEST_REFERENCE`. Raises PhotoError."""
    taken = photo.read(path, PhotoOptions())
    picture = colour.to_srgb(taken.pixels, taken.icc)
    shrink = LONGEST_REFERENCE / max(picture.shape[:2])
    if shrink >= 1:
        return picture
    size = max(1, round(picture.shape[1] * shrink)), max(1, round(picture.shape[0] * shrink))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
