"""`outpaint` keeps the whole photo and paints around it."""

import numpy as np

from pipeline.config import Config
from pipeline.models import Models
from pipeline.tasks import continued
from pipeline.tasks.continued import Continued
from pipeline.tasks.task import Painted
from stages import membrane
from stages.canvas import frame, whole
from stages.contracts import RGB, Cutout, Generator, Photo, Placed
from stages.generate.extend import Extend, plain


class Outpaint(Continued):
    """Keeps the whole photo."""

    def cut(self, photo: Photo, config: Config, models: Models) -> Cutout:  # noqa: ARG002
        return whole.cutout(
            photo, np.ones((photo.height, photo.width), np.float32), "whole photo", continued.transparency_note(photo)
        )

    def place(self, photo: Photo, cutout: Cutout, config: Config) -> Placed:
        canvas, corner = frame.grow(photo.width, photo.height, config.outpaint)
        return whole.place(photo, cutout, canvas=canvas, corner=corner, max_megapixels=config.place.max_megapixels)

    def painter(self, photo: Photo, config: Config, models: Models) -> Generator:
        # Around a cut-out nothing is seen of what is painted.
        if (
            config.fill.fill == "classical"
            or continued.cut_out(photo)
            or (continued.copies(config) and plain(photo, *frame.grow(photo.width, photo.height, config.outpaint)))
        ):
            return Extend()
        return models.generator(config.generate)

    def blend(self, canvas: RGB, painted: Painted, config: Config) -> RGB:
        photo_there = canvas.copy()
        photo_there[painted.placed.window] = painted.placed.pixels
        region = np.ones(canvas.shape[:2], bool)
        region[painted.placed.window] = False
        return membrane.blend(continued.grained(canvas, painted, config), photo_there, region)
