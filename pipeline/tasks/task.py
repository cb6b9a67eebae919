"""What a task tells the flow."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pipeline.config import Config
from pipeline.models import Models
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
    Skeleton,
)
from stages.figure.make import Wear
from stages.figure.records import Figure

Field = npt.NDArray[np.float32]


def _never(plate: Plate, seen: Placed, config: Config) -> bool:  # noqa: ARG001
    return False


def _unknown(picture: RGB, icc: bytes | None, skeleton: Skeleton, config: Config, models: Models) -> float | None:  # noqa: ARG001
    return None


def _nothing(photo: Photo, cutout: Cutout, config: Config, models: Models) -> tuple[str, ...]:  # noqa: ARG001
    return ()


def _nobody(
    placed: Placed,  # noqa: ARG001
    skeleton: Skeleton,  # noqa: ARG001
    config: Config,  # noqa: ARG001
    models: Models,  # noqa: ARG001
    progress: Progress,  # noqa: ARG001
    wear: Wear | None,  # noqa: ARG001
    lit: bool,  # noqa: ARG001
) -> tuple[Figure | None, str]:
    return None, ""


def _alone(
    photo: Photo,  # noqa: ARG001
    placed: Placed,  # noqa: ARG001
    config: Config,  # noqa: ARG001
    models: Models,  # noqa: ARG001
) -> tuple[Joined | None, tuple[str, ...]]:
    return None, ()


def _opaque(photo: Photo, placed: Placed) -> RGB | None:  # noqa: ARG001
    return None


def _bright(placed: Placed, config: Config) -> Field:  # noqa: ARG001
    return np.ones((1, 1), np.float32)


@dataclass(frozen=True, slots=True)
class Painted:
    """What a plate was made from, for blending it in."""

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


@dataclass(frozen=True, slots=True)
class Task:
    """One choice of what is kept. The flow calls these in their order."""

    cut: Callable[[Photo, Config, Models], Cutout]
    """What of the photo is kept."""
    lost: Callable[[Photo, Cutout, Config, Models], tuple[str, ...]] = field(default=_nothing, kw_only=True)
    """What is missing from a cut-out of what the finder sees in the photo, as broken promises."""
    place: Callable[[Photo, Cutout, Config], Placed]
    """On which canvas, and where."""
    imagines: Callable[[Config], bool]
    """Whether a model is sure to paint, so that it can be loaded while the photo is read."""
    painter: Callable[[Photo, Config, Models], Generator]
    """Who paints; asked for first, so that missing weights end a run at once."""
    finders: Callable[[Config, Models], tuple[ModelCard, ...]]
    """What a receipt says of the models that found the kept part."""
    seen: Callable[[Placed, Generator], Placed]
    """The part of the canvas that the painter is shown and paints."""
    stand: Callable[[Photo, Placed, Config, Models], Skeleton]
    words: Callable[[Placed, Config], Prompt]
    faults: Callable[[Plate, Request, Placed], float]
    """Ranks candidates, less is better."""
    clear: Callable[[Plate, Placed], Plate]
    """Readies a plate for enlarging."""
    blend: Callable[[RGB, Painted, Config], RGB]
    """From the painted part, at its size on the canvas, to the whole canvas under what is kept."""
    goes_on: bool
    """Whether the painted part continues the photo, rather than standing behind what is kept."""
    people: bool = True
    """Whether faces and hands may be painted, so that they are painted once more, larger."""
    unfit: Callable[[Plate, Placed, Config], bool] = _never
    """Whether a plate exceeds a limit, so that another seed is worth its time."""
    posed: Callable[[RGB, bytes | None, Skeleton, Config, Models], float | None] = _unknown
    """How well the picture shows the skeleton, in [0, 1]; None if nobody can tell."""
    figure: Callable[[Placed, Skeleton, Config, Models, Progress, Wear | None, bool], tuple[Figure | None, str]] = (
        _nobody
    )
    """The body in the garment; or none, and why not in words. The last arguments put on what only a fitted body can
    wear, and say whether its picture is wanted."""
    join: Callable[[Photo, Placed, Config, Models], tuple[Joined | None, tuple[str, ...]]] = _alone
    """A second photo that is shown behind what is kept, as it was photographed; and what is to be warned of."""
    alpha: Callable[[Photo, Placed], RGB | None] = _opaque
    """The picture's transparency, H x W in the photo's depth; None where it has none."""
    shade: Callable[[Placed, Config], Field] = _bright
    """The factor of the shadow that was blended in, a layer of its own."""
