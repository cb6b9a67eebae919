"""`inpaint` keeps everything but a region, and paints that."""

import numpy as np

from pipeline.config import Config
from pipeline.models import Models
from pipeline.tasks import continued
from pipeline.tasks.continued import Continued
from pipeline.tasks.task import Painted
from stages import membrane
from stages.canvas import region, whole
from stages.contracts import RGB, Cutout, Generator, Photo, Placed
from stages.generate.heal import Heal, searched


class Inpaint(Continued):
    """Keeps everything but the region that is marked."""

    def cut(self, photo: Photo, config: Config, models: Models) -> Cutout:  # noqa: ARG002
        marked, said = region.select(photo, config.inpaint)
        notes = (
            ("The region was filled by copying its surroundings, without a model.",) if continued.copies(config) else ()
        )
        return whole.cutout(
            photo, (~marked).astype(np.float32), "region", (*said, *notes, *continued.transparency_note(photo))
        )

    def place(self, photo: Photo, cutout: Cutout, config: Config) -> Placed:
        return whole.place(photo, cutout, max_megapixels=config.place.max_megapixels)

    def painter(self, photo: Photo, config: Config, models: Models) -> Generator:  # noqa: ARG002
        if continued.copies(config):
            return Heal()
        return models.generator(config.generate)

    def seen(self, placed: Placed, painter: Generator) -> Placed:
        box = region.bounds(placed.matte == 0)
        # What copies has to be shown where it may copy from.
        pixels = searched(box) ** 2 if isinstance(painter, Heal) else painter.pixels
        return whole.crop(placed, region.around(box, placed.width, placed.height, pixels))

    def blend(self, canvas: RGB, painted: Painted, config: Config) -> RGB:
        seen, placed = painted.seen, painted.placed
        painted_part = membrane.blend(continued.grained(canvas, painted, config), seen.pixels, seen.matte == 0)
        whole_canvas = placed.pixels.copy()
        x, y = (round(each) for each in (placed.placement.x - seen.placement.x, placed.placement.y - seen.placement.y))
        whole_canvas[y : y + seen.height, x : x + seen.width] = painted_part
        return whole_canvas
