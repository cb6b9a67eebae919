"""`inpaint` keeps everything but a region, and paints that."""

import numpy as np

from pipeline.config import Config
from pipeline.models import Models
from pipeline.tasks import continued
from pipeline.tasks.task import Painted, Task
from stages import membrane
from stages.canvas import region, whole
from stages.contracts import RGB, Cutout, Generator, Photo, Placed
from stages.generate.heal import Heal, searched


def _cut(photo: Photo, config: Config, models: Models) -> Cutout:  # noqa: ARG001
    marked, said = region.select(photo, config.inpaint)
    notes = ("The region was filled by copying its surroundings, without a model.",) if continued.copies(config) else ()
    return whole.cutout(photo, (~marked).astype(np.float32), "region", (*said, *notes, *continued.said(photo)))


def _place(photo: Photo, cutout: Cutout, config: Config) -> Placed:
    return whole.place(photo, cutout, max_megapixels=config.place.max_megapixels)


def _painter(photo: Photo, config: Config, models: Models) -> Generator:  # noqa: ARG001
    if continued.copies(config):
        return Heal()
    return models.generator(config.generate)


def _seen(placed: Placed, painter: Generator) -> Placed:
    box = region.bounds(placed.matte == 0)
    # What copies has to be shown where it may copy from.
    pixels = searched(box) ** 2 if isinstance(painter, Heal) else painter.pixels
    return whole.crop(placed, region.around(box, placed.width, placed.height, pixels))


def _blend(canvas: RGB, painted: Painted, config: Config) -> RGB:
    seen, placed = painted.seen, painted.placed
    painted_part = membrane.blend(continued.grained(canvas, painted, config), seen.pixels, seen.matte == 0)
    whole_canvas = placed.pixels.copy()
    x, y = (round(each) for each in (placed.placement.x - seen.placement.x, placed.placement.y - seen.placement.y))
    whole_canvas[y : y + seen.height, x : x + seen.width] = painted_part
    return whole_canvas


TASK = Task(
    cut=_cut,
    place=_place,
    imagines=lambda config: not continued.copies(config),
    painter=_painter,
    finders=continued.no_finders,
    seen=_seen,
    stand=continued.nobody,
    words=continued.words,
    faults=continued.faults,
    clear=continued.clear,
    blend=_blend,
    goes_on=True,
    alpha=continued.alpha,
)
