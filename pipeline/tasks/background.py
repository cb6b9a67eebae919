"""`background` keeps a whole subject and paints, or is given, what stands behind it."""

from dataclasses import replace

import numpy as np

from pipeline.config import Config
from pipeline.models import Models
from pipeline.tasks import continued
from pipeline.tasks.task import Painted, Task, missing
from stages import bleed, blend, find, ground, verify
from stages.canvas import whole
from stages.contracts import (
    RGB,
    Cutout,
    Generator,
    ModelCard,
    Photo,
    Placed,
    Plate,
    Prompt,
    Request,
    Segmenter,
    Skeleton,
)
from stages.find import people as subject
from stages.find.finder import Finder
from stages.generate import fixed_background
from stages.options import BlendOptions
from stages.pose.hidden import hidden


def _segmenter(config: Config, models: Models) -> Segmenter:
    """Returns segment-anything where it is asked for or present; else what knows subjects rather than garments."""
    found = models.segmenter(config.segment)
    return subject.Subject(found) if isinstance(found, Finder) and found.name == "finder" else found


class Background(Task):
    """Keeps the subject: a person and clothes, or a product."""

    def imagines(self, config: Config) -> bool:
        """Whether no background is given."""
        return not config.background.background

    def cut(self, photo: Photo, config: Config, models: Models) -> Cutout:
        segmenter = _segmenter(config, models)
        # A worn collar has its neck in it.
        found = find.subject(
            photo, config.segment.model_copy(update={"keep_collar": True, "sheer": "opaque"}), segmenter
        )
        matte, foreground = found.matte, found.foreground
        if not found.segmenter.startswith(segmenter.name):  # by the photo's own alpha, or the user's own matte
            return whole.cutout(photo, matte, found.segmenter, found.notes, foreground)
        matte, foreground, confidence = subject.finish(photo, matte, foreground)
        if photo.alpha is not None:
            matte = np.minimum(matte, photo.alpha)
        transparency = tuple(note for note in found.notes if "transparency" in note)
        notes = transparency + (
            (
                f"The subject was found with low confidence ({confidence:.0%}): look at its outline, or give --matte, "
                "--not-point, or a photo with a plainer backdrop.",
            )
            if confidence < subject.UNSURE
            else ()
        )
        return replace(
            whole.cutout(photo, matte, found.segmenter, notes, foreground), view=found.view, doubts=found.doubts
        )

    def lost(self, photo: Photo, cutout: Cutout, config: Config, models: Models) -> tuple[str, ...]:
        return missing(photo, cutout, config, _segmenter(config, models))

    def place(self, photo: Photo, cutout: Cutout, config: Config) -> Placed:
        return whole.tight(whole.place(photo, cutout, max_megapixels=config.place.max_megapixels))

    def painter(self, photo: Photo, config: Config, models: Models) -> Generator:  # noqa: ARG002
        if config.background.background:
            return fixed_background.read(config.background.background)
        return models.generator(config.generate)

    def finders(self, config: Config, models: Models) -> tuple[ModelCard, ...]:
        return (_segmenter(config, models).card,)

    def stand(self, photo: Photo, placed: Placed, config: Config, models: Models) -> Skeleton:
        """Returns a body behind the subject to the embedded model; others know places without people."""
        if config.background.background or config.generate.model != continued.HOUSE:
            return super().stand(photo, placed, config, models)
        return hidden(placed)

    def words(self, placed: Placed, config: Config) -> Prompt:  # noqa: ARG002
        scene = config.scene
        parts = ["photo", scene.place, scene.light, scene.wording, config.generate.prompt]
        avoid = ["second person, extra limbs, blurry", scene.avoid, config.generate.negative_prompt]
        return Prompt(", ".join(word for word in parts if word), ", ".join(word for word in avoid if word))

    def faults(self, plate: Plate, asked: Request, seen: Placed) -> float:  # noqa: ARG002
        return verify.faults(plate, seen)

    def clear(self, plate: Plate, seen: Placed) -> Plate:
        # A given background has nothing of the subject in it to be taken out.
        return plate if plate.shape[:2] == (seen.height, seen.width) else bleed.clear(plate, seen)

    def blend(self, canvas: RGB, painted: Painted, config: Config) -> RGB:
        floor = ground.shadow(painted.placed, config.blend.shadow, config.scene.light_from)
        is_given = bool(config.background.background)
        only = BlendOptions(match_light=1, shadow=0, grain=0 if is_given else config.blend.grain)
        return blend.blend(canvas, painted.placed, only, "front", painted.seed, floor)
