"""A background that is given: a picture of the user's, or one colour. A painter that paints nothing."""

from pathlib import Path

import cv2
import numpy as np
from PIL import ImageColor

from stages import colour, photo
from stages.contracts import ModelCard, Plate, Progress, Request
from stages.errors import ConfigError
from stages.options import PhotoOptions
from stages.reading import is_file


class FixedBackground:
    """A `Generator` of one picture, cut to the canvas's shape from its middle; seed and prompt do not matter."""

    multiple = 1
    pixels = 0

    def __init__(self, picture: Plate, name: str) -> None:
        """Takes an H x W x 3 sRGB picture; one pixel stands for a flat colour."""
        self._picture = picture
        self.flat = picture.shape[:2] == (1, 1)
        self.cards: tuple[ModelCard, ...] = (ModelCard("background", name, None, "the user's own"),)

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:  # noqa: ARG002 - as Generator says
        """Returns the background at the request's size."""
        height, width = request.mask.shape
        progress(1, 1)
        if self.flat:
            return np.full((height, width, 3), self._picture[0, 0], np.uint8)
        have_height, have_width = self._picture.shape[:2]
        scale = max(width / have_width, height / have_height)
        across, down = max(1, round(width / scale)), max(1, round(height / scale))
        x, y = (have_width - across) // 2, (have_height - down) // 2
        part = np.ascontiguousarray(self._picture[y : y + down, x : x + across])
        return cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def read(background: str) -> FixedBackground:
    """Returns the background that a file's name, a colour as #rrggbb, or a colour's CSS name means.

    Raises ConfigError for neither, PhotoError for a file that is no picture.
    """
    path = Path(background)
    if is_file(path):
        file = photo.read(path, PhotoOptions())
        return FixedBackground(colour.to_srgb(file.pixels, file.icc), f"background {file.name} {file.sha256[:12]}")
    try:
        rgb = ImageColor.getrgb(background)[:3]
    except ValueError as error:
        raise ConfigError(
            f"background {background!r} is neither a file nor a colour: give a picture, #rrggbb or white"
        ) from error
    return FixedBackground(np.array([[rgb]], np.uint8), f"colour {background}")
