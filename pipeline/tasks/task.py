"""What a task tells the flow: a class of its own, with what it does otherwise than others."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from pipeline.config import Config
from pipeline.models import Models
from stages import find
from stages.canvas.join import Joined
from stages.contracts import (
    RGB,
    Cutout,
    Generator,
    ModelCard,
    Photo,
    Placed,
    Plate,
    Progress,
    Prompt,
    Request,
    Segmenter,
    Skeleton,
)
from stages.errors import DoubtError
from stages.figure.make import Wear
from stages.figure.records import Figure

Field = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Painted:
    """A plate with what it was made from, for blending."""

    photo: Photo
    placed: Placed
    seen: Placed
    """The part of the canvas that was painted."""
    asked: Request
    plate: Plate
    seed: int
    figure: Figure | None = None
    """The figure that was drawn into the canvas."""
    joined: Joined | None = None
    """A second photo that is shown behind what is kept."""


class Task(ABC):
    """One choice of what is kept. The flow calls these in their order."""

    goes_on: ClassVar[bool] = False
    """Whether the painted part continues the photo, rather than standing behind what is kept."""
    people: ClassVar[bool] = False
    """Whether faces and hands may be painted, so that they are painted once more, larger."""

    @abstractmethod
    def cut(self, photo: Photo, config: Config, models: Models) -> Cutout:
        """Cuts out the part of the photo that is kept."""

    def lost(self, photo: Photo, cutout: Cutout, config: Config, models: Models) -> tuple[str, ...]:  # noqa: ARG002
        """Returns what is missing from a cut-out of what the finder sees in the photo, as broken promises."""
        return ()

    @abstractmethod
    def place(self, photo: Photo, cutout: Cutout, config: Config) -> Placed:
        """Places the kept part on its canvas."""

    def join(
        self,
        photo: Photo,  # noqa: ARG002
        placed: Placed,  # noqa: ARG002
        config: Config,  # noqa: ARG002
        models: Models,  # noqa: ARG002
    ) -> tuple[Joined | None, tuple[str, ...]]:
        """Returns a second photo that is shown behind what is kept, as it was photographed; and what to warn of."""
        return None, ()

    @abstractmethod
    def imagines(self, config: Config) -> bool:
        """Whether a model is sure to paint, so that it can be loaded while the photo is read."""

    @abstractmethod
    def painter(self, photo: Photo, config: Config, models: Models) -> Generator:
        """Loads the painter. This is asked for first, so that missing weights end a run at once."""

    @abstractmethod
    def finders(self, config: Config, models: Models) -> tuple[ModelCard, ...]:
        """Lists, for the receipt, the models that found the kept part."""

    def seen(self, placed: Placed, painter: Generator) -> Placed:  # noqa: ARG002
        """Returns the part of the canvas that the painter is shown and paints: the whole of it, unless overridden."""
        return placed

    def stand(self, photo: Photo, placed: Placed, config: Config, models: Models) -> Skeleton:  # noqa: ARG002
        """Returns the skeleton that is shown to the painter: one without a joint, unless overridden."""
        return np.zeros((18, 3), np.float32)

    @abstractmethod
    def words(self, placed: Placed, config: Config) -> Prompt:
        """Returns the prompt."""

    def figure(
        self,
        placed: Placed,  # noqa: ARG002
        skeleton: Skeleton,  # noqa: ARG002
        config: Config,  # noqa: ARG002
        models: Models,  # noqa: ARG002
        progress: Progress,  # noqa: ARG002
        wear: Wear | None,  # noqa: ARG002
        lit: bool,  # noqa: ARG002
    ) -> tuple[Figure | None, str]:
        """Returns the body in the garment; or none, and why not in words.

        `wear` puts on what only a fitted body can wear; `lit` says whether the figure's picture is wanted.
        """
        return None, ""

    @abstractmethod
    def faults(self, plate: Plate, asked: Request, seen: Placed) -> float:
        """Returns the measure that ranks candidates; less is better."""

    def unfit(self, plate: Plate, seen: Placed, config: Config) -> bool:  # noqa: ARG002
        """Whether a plate exceeds a limit, so that another seed is worth its time."""
        return False

    def clear(self, plate: Plate, seen: Placed) -> Plate:  # noqa: ARG002
        """Returns a plate that is ready to be enlarged."""
        return plate

    @abstractmethod
    def blend(self, canvas: RGB, painted: Painted, config: Config) -> RGB:
        """Returns the whole canvas under what is kept, from the painted part at its size on the canvas."""

    def alpha(self, photo: Photo, placed: Placed) -> RGB | None:  # noqa: ARG002
        """Returns the picture's transparency, H x W in the photo's depth; None where it has none."""
        return None

    def posed(
        self,
        picture: RGB,  # noqa: ARG002
        icc: bytes | None,  # noqa: ARG002
        skeleton: Skeleton,  # noqa: ARG002
        config: Config,  # noqa: ARG002
        models: Models,  # noqa: ARG002
    ) -> float | None:
        """Returns how well the picture shows the skeleton, in [0, 1]; None if nobody can tell."""
        return None

    def shade(self, placed: Placed, config: Config) -> Field:  # noqa: ARG002
        """Returns the factor of the shadow that was blended in, a layer of its own."""
        return np.ones((1, 1), np.float32)


def missing(photo: Photo, cutout: Cutout, config: Config, segmenter: Segmenter) -> tuple[str, ...]:
    """Returns what a cut-out lacks of what the segmenter sees, in words, wherever the cut-out is from.

    A matte of the user's own, and a photo's own transparency, are taken at their word.
    """
    view = cutout.view
    if view is None and photo.alpha is None and config.segment.matte is None:
        view = find.view(photo, config.segment, segmenter)
    return find.lost(cutout, view)


def refuse_worn(photo: Photo, cutout: Cutout) -> None:
    """Raises DoubtError for a garment that somebody wears, where nobody has said what of it is cloth."""
    if cutout.worn:
        raise DoubtError(
            f"{photo.name} shows the garment on somebody, and the embedded finder separates cloth from skin only "
            "roughly: give --matte, mark the garment with --garment-box and --not-point, or take --segmenter sam."
        )
