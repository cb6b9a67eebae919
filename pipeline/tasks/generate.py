"""`generate` keeps a garment and paints the person and the scene."""

from pathlib import Path

import cv2
import numpy as np

from pipeline.config import Config
from pipeline.models import Models
from pipeline.tasks.task import Field, Painted, Task, missing, refuse_worn
from stages import bleed, blend, colour, find, illuminant, pose, verify
from stages.canvas import place
from stages.contracts import (
    RGB,
    Cutout,
    Generator,
    ModelCard,
    Photo,
    Placed,
    Plate,
    Poser,
    Progress,
    Prompt,
    Request,
    Skeleton,
)
from stages.errors import DoubtError, NotFoundError
from stages.figure.make import Wear
from stages.figure.records import Figure
from stages.generate import prompt
from stages.photo import read

#: Longer side of the picture that a pose detector is shown.
POSE_PIXELS = 1024


def _poser(config: Config, models: Models) -> Poser:
    return models.poser(config.pose, allow_unknown=config.segment.allow_unknown_weights)


class Generate(Task):
    """Keeps the garment."""

    people = True

    def imagines(self, config: Config) -> bool:  # noqa: ARG002
        """Whether a model paints: always."""
        return True

    def clear(self, plate: Plate, seen: Placed) -> Plate:
        """Returns the plate without the garment's blur."""
        return bleed.clear(plate, seen)

    def cut(self, photo: Photo, config: Config, models: Models) -> Cutout:
        # From the back, what is seen of the collar lies outside.
        keep = config.segment.keep_collar or config.pose.view == "back"
        options = config.segment.model_copy(update={"keep_collar": keep})
        cutout = find.subject(photo, options, models.segmenter(config.segment))
        shape = cutout.shape
        refuse_worn(photo, cutout)
        if options.strict and options.garment == "auto" and shape.confidence < options.category_confidence:
            raise DoubtError(
                f"{photo.name} may be a {shape.category} (confidence {shape.confidence:.2f}): set it with --garment."
            )
        return cutout

    def lost(self, photo: Photo, cutout: Cutout, config: Config, models: Models) -> tuple[str, ...]:
        return missing(photo, cutout, config, models.segmenter(config.segment))

    def place(self, photo: Photo, cutout: Cutout, config: Config) -> Placed:
        if cutout.product:
            raise NotFoundError(
                f"{photo.name} shows {cutout.product}, which is worn with a garment: name that first, this with "
                "--with; `onmodel background` keeps it alone; if it is a garment, say which with --garment."
            )
        return place.place(photo, cutout, config.place, config.pose.view, config.stance)

    def painter(self, photo: Photo, config: Config, models: Models) -> Generator:  # noqa: ARG002
        if pose.from_photo(config.pose.pose):
            _poser(config, models)  # so that missing weights end the run before any work
        return models.generator(config.generate)

    def finders(self, config: Config, models: Models) -> tuple[ModelCard, ...]:
        segmenter = models.segmenter(config.segment).card
        return (segmenter, _poser(config, models).card) if pose.from_photo(config.pose.pose) else (segmenter,)

    def stand(self, photo: Photo, placed: Placed, config: Config, models: Models) -> Skeleton:
        """Returns the skeleton that `--pose` asks for: from a JSON file, from a photo, or fitted to the garment."""
        wanted = config.pose.pose
        if wanted == "detect":
            seen = colour.to_srgb(photo.pixels, photo.icc)
            return pose.on_canvas(pose.person(seen, _poser(config, models), photo.name), placed)
        if pose.from_photo(wanted):
            other = read(Path(wanted.removeprefix("photo:")), config.photo)
            found = pose.person(colour.to_srgb(other.pixels, other.icc), _poser(config, models), other.name)
            return pose.fit(placed, pose.stance(found), config.pose.view, config.generate.seed)
        if wanted.endswith(".json"):
            return pose.read_skeleton(Path(wanted), placed)
        return pose.fit(placed, config.stance, config.pose.view, config.generate.seed)

    def figure(
        self,
        placed: Placed,
        skeleton: Skeleton,
        config: Config,
        models: Models,
        progress: Progress,
        wear: Wear | None,
        lit: bool,
    ) -> tuple[Figure | None, str]:
        if config.figure.figure == "off":
            return None, ""
        try:
            person = config.casting, config.scene, config.pose.view
            exact = config.pose.pose == "detect" or config.pose.pose.endswith(".json")
            maker = models.figures(progress)
            return maker(placed, skeleton, *person, config.generate.seed, exact=exact, wear=wear, lit=lit), ""
        except NotFoundError as error:
            return None, str(error)

    def words(self, placed: Placed, config: Config) -> Prompt:
        return prompt.build(
            config.casting,
            config.scene,
            placed.shape.category,
            placed.framing,
            config.pose.view,
            extra=config.generate.prompt,
            avoid=config.generate.negative_prompt,
            outfit={each.kind for each in placed.layers},
        )

    def faults(self, plate: Plate, asked: Request, seen: Placed) -> float:  # noqa: ARG002
        return verify.faults(plate, seen)

    def blend(self, canvas: RGB, painted: Painted, config: Config) -> RGB:
        tint = illuminant.of(painted.placed)
        if painted.figure is not None:
            # It was drawn in the scene's light, with the garment's shadow on it: grain alone is missing.
            only = config.blend.model_copy(update={"match_light": 0, "shadow": 0})
            return blend.blend(canvas, painted.placed, only, config.scene.light_from, painted.seed, tint=tint)
        light = blend.light(painted.plate, painted.asked)
        return blend.blend(canvas, painted.placed, config.blend, config.scene.light_from, painted.seed, light, tint)

    def unfit(self, plate: Plate, seen: Placed, config: Config) -> bool:
        return verify.exceeds(plate, seen, config.verify)

    def posed(
        self, picture: RGB, icc: bytes | None, skeleton: Skeleton, config: Config, models: Models
    ) -> float | None:
        """Returns how well the picture shows the pose that was asked for; None without a detector's weights."""
        if not models.can_pose(config.pose):
            return None
        shrink = min(1.0, POSE_PIXELS / max(picture.shape[:2]))
        size = (round(picture.shape[1] * shrink), round(picture.shape[0] * shrink))
        small = colour.to_srgb(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), icc)
        try:
            found = pose.person(small, _poser(config, models), "the picture")
        except NotFoundError:
            return 0.0
        return pose.agreement(skeleton * np.array([shrink, shrink, 1], np.float32), found)

    def shade(self, placed: Placed, config: Config) -> Field:
        return blend.shadow(placed, config.blend, config.scene.light_from)
