"""From a placed garment and a skeleton to what a generator is asked for."""

import math

import numpy as np

from stages import mask
from stages.contracts import Generator, Placed, Prompt, Request, Skeleton
from stages.options import GenerateOptions
from stages.pose.draw import draw


def model_size(width: int, height: int, pixels: int, multiple: int) -> tuple[int, int]:
    """Gives the (width, height) nearest to the canvas's aspect with about `pixels` pixels, multiples of `multiple`.

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
    icc: bytes | None,
    options: GenerateOptions,
    generator: Generator,
) -> Request:
    """Gives the request at model size: the garment over neutral grey, the mask, and the drawn skeleton.

    A generator that paints at any size (`pixels` 0) is asked for the canvas's own.
    """
    pixels = generator.pixels or placed.width * placed.height
    width, height = model_size(placed.width, placed.height, pixels, generator.multiple)
    shrink = np.array([width / placed.width, height / placed.height, 1], np.float32)
    return Request(
        image=mask.image_for_model(placed, width, height, icc),
        mask=mask.for_model(placed, width, height),
        control=draw(skeleton * shrink, width, height, options.stick_width),
        prompt=prompt,
        steps=options.steps,
        guidance=options.guidance,
        strength=options.strength,
        control_scale=options.control_scale,
    )
