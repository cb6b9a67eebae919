"""What inpaint and outpaint share: the painted part continues the photo, and nobody stands in it."""

import numpy as np

from pipeline.config import Config
from pipeline.models import Models
from pipeline.tasks.task import Painted, Task
from stages import blend, continuity
from stages.casting import Casting, Scene
from stages.contracts import RGB, ModelCard, Photo, Placed, Plate, Prompt, Request
from stages.find.alpha import judge
from stages.generate.prompt import person
from stages.options import BlendOptions

#: The embedded model's name in `GenerateOptions.model`.
HOUSE = "house"


def copies(config: Config) -> bool:
    """Whether the classical fill paints, by `--fill`."""
    wanted = config.fill.fill
    asked_for_nothing = not config.generate.prompt and config.scene == Scene() and config.casting == Casting()
    return wanted == "classical" or (wanted == "auto" and config.generate.model == HOUSE and asked_for_nothing)


def cut_out(photo: Photo) -> bool:
    """Whether a photo's transparency is a cut-out's."""
    return photo.alpha is not None and judge(photo).cutout


def transparency_note(photo: Photo) -> tuple[str, ...]:
    """Returns what a run says of a photo's transparency."""
    return () if photo.alpha is None else ("The photo's transparency is kept: the picture has an alpha channel.",)


def grained(canvas: RGB, painted: Painted, config: Config) -> RGB:
    """Returns the painted part with the photo's grain; copied pixels have theirs."""
    if painted.asked.mask.shape == canvas.shape[:2]:
        return canvas
    only = BlendOptions(match_light=0, shadow=0, grain=config.blend.grain)
    return blend.blend(canvas, painted.seen, only, "front", painted.seed)


class Continued(Task):
    """Continues the photo into what is painted."""

    goes_on = True
    people = True

    def imagines(self, config: Config) -> bool:
        """Whether a model paints rather than the classical fill."""
        return not copies(config)

    def finders(self, config: Config, models: Models) -> tuple[ModelCard, ...]:  # noqa: ARG002
        """Nothing is looked for."""
        return ()

    def words(self, placed: Placed, config: Config) -> Prompt:  # noqa: ARG002
        """Returns the prompt as asked, with the words of casting and scene where one was chosen: no default."""
        scene, casting = config.scene, config.casting
        first, chosen = "photo", []
        if casting != Casting():
            first = f"photo of {person(casting)}"
            chosen += [f"{casting.hair_style} {casting.hair_colour} hair", casting.wording]
        if scene != Scene():
            chosen += [scene.place, scene.light, scene.wording]
        avoid = ["blurry, seam, frame, text", casting.avoid, scene.avoid, config.generate.negative_prompt]
        return Prompt(
            ", ".join(word for word in (first, config.generate.prompt, *chosen) if word),
            ", ".join(word for word in avoid if word),
            casting.references,
        )

    def faults(self, plate: Plate, asked: Request, seen: Placed) -> float:  # noqa: ARG002
        """Ranks candidates by how well they go on from the photo."""
        return continuity.faults(plate, asked)

    def alpha(self, photo: Photo, placed: Placed) -> RGB | None:
        """The photo's own transparency on the canvas: what is marked is painted under it, and a grown frame is clear
        around a cut-out, opaque around anything else.
        """
        if photo.alpha is None:
            return None
        full = np.iinfo(photo.pixels.dtype).max
        around = 0 if cut_out(photo) else full
        canvas = np.full((placed.height, placed.width), around, photo.pixels.dtype)
        canvas[placed.window] = np.rint(photo.alpha * np.float32(full)).astype(photo.pixels.dtype)
        return canvas
