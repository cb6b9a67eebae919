"""The body in what is worn, for a run and for the studio alike."""

from collections.abc import Sequence
from functools import partial

from pipeline import outfits
from pipeline.config import Config
from pipeline.models import Models
from pipeline.tasks.task import Task
from stages.contracts import Placed, Progress, Skeleton
from stages.figure import order
from stages.figure.records import Figure
from stages.outfit.pieces import Piece


def dressed(
    task: Task,
    placed: Placed,
    skeleton: Skeleton,
    pieces: Sequence[Piece],
    config: Config,
    models: Models,
    progress: Progress,
    *,
    lit: bool,
) -> tuple[Figure | None, str, Placed]:
    """Returns the body, or None and why in words; and what is worn as it lies on that body, its inside settled.

    `pieces` are those of an outfit, empty for one garment alone; `lit` says whether the figure's picture is wanted.
    """
    wear = partial(outfits.worn, placed, pieces) if pieces else None
    figure, unfit = task.figure(placed, skeleton, config, models, progress, wear, lit)
    if figure is None:
        return None, unfit, placed
    return figure, unfit, order.settled(figure.placed or placed, figure.posed)
