"""`generate` keeps a garment and paints the person and the scene."""

from pathlib import Path

from pipeline.config import Config
from pipeline.models import Models
from pipeline.tasks.task import Painted, Task
from stages import bleed, blend, place, pose, segment, verify
from stages.contracts import RGB, Cutout, Generator, ModelCard, Photo, Placed, Plate, Prompt, Request, Skeleton
from stages.generate import prompt


def _cut(photo: Photo, config: Config, models: Models) -> Cutout:
    return segment.cut(photo, config.segment, models.segmenter(config.segment))


def _place(photo: Photo, cutout: Cutout, config: Config) -> Placed:
    return place.place(photo, cutout, config.place, config.pose.view, config.stance)


def _painter(photo: Photo, config: Config, models: Models) -> Generator:  # noqa: ARG001
    return models.generator(config.generate)


def _finders(config: Config, models: Models) -> tuple[ModelCard, ...]:
    return (models.segmenter(config.segment).card,)


def _all(placed: Placed, painter: Generator) -> Placed:  # noqa: ARG001
    return placed


def _stand(placed: Placed, config: Config) -> Skeleton:
    """Gives the skeleton that `--pose` asks for: read from a JSON file, or fitted to the garment."""
    wanted = config.pose.pose
    if wanted.endswith(".json"):
        return pose.read_skeleton(Path(wanted), placed)
    return pose.fit(placed, config.stance, config.pose.view, config.generate.seed)


def _words(placed: Placed, config: Config) -> Prompt:
    return prompt.build(
        config.casting,
        config.scene,
        placed.shape.category,
        placed.framing,
        config.pose.view,
        extra=config.generate.prompt,
        avoid=config.generate.negative_prompt,
    )


def _faults(plate: Plate, asked: Request, seen: Placed) -> float:  # noqa: ARG001
    return verify.faults(plate, seen)


def _blend(canvas: RGB, painted: Painted, config: Config) -> RGB:
    light = blend.light(painted.plate, painted.asked)
    return blend.blend(canvas, painted.placed, config.blend, config.scene.light_from, painted.seed, light)


TASK = Task(
    cut=_cut,
    place=_place,
    painter=_painter,
    finders=_finders,
    seen=_all,
    stand=_stand,
    words=_words,
    faults=_faults,
    clear=bleed.clear,
    blend=_blend,
    goes_on=False,
)
