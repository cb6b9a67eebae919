"""Several pictures in one call of the model, where it can."""

from collections.abc import Callable, Sequence
from typing import Any

from stages.contracts import BatchGenerator, Generator, Plate, Progress, Request
from stages.errors import NoPlateError
from stages.generate.encoder_cache import PictureKey


def many(
    painter: Generator, requests: Sequence[Request], seeds: Sequence[int], progress: Progress
) -> list[Plate | NoPlateError]:
    """Returns a plate for each request and its seed, or why there is none: together, or else one after another."""
    if isinstance(painter, BatchGenerator):
        return painter.many(requests, seeds, progress)
    found: list[Plate | NoPlateError] = []
    for request, seed in zip(requests, seeds, strict=True):
        try:
            found.append(painter(request, seed, _after(len(found), len(requests), progress)))
        except NoPlateError as error:
            found.append(error)
    return found


def one(painter: BatchGenerator, request: Request, seed: int, progress: Progress) -> Plate:
    """Returns one plate of a painter of many. Raises NoPlateError where there is none."""
    (found,) = painter.many([request], [seed], progress)
    if isinstance(found, NoPlateError):
        raise found
    return found


def alike(requests: Sequence[Request]) -> list[list[int]]:
    """Returns the indices of requests that one call can paint, group by group: of one size and with equal settings."""
    groups: dict[object, list[int]] = {}
    for at, each in enumerate(requests):
        groups.setdefault(settings(each), []).append(at)
    return list(groups.values())


def settings(request: Request) -> tuple[object, ...]:
    """Returns what is equal for requests that one call can paint."""
    return (
        request.mask.shape,
        request.steps,
        request.guidance,
        request.strength,
        request.control_scale,
        request.depth is None,
        PictureKey(request.references),  # diffusers takes one person's for the whole call
    )


def joined(parts: list[Any]) -> Any:
    """Lays one argument of several calls one after another: tensors along their first axis, lists, or None."""
    import torch

    if isinstance(parts[0], torch.Tensor):
        return torch.cat(parts)
    return None if parts[0] is None else [each for part in parts for each in part]


def _after(finished: int, total: int, progress: Progress) -> Callable[[int, int], None]:
    """Returns the progress of one picture as part of all."""

    def report(done: int, steps: int) -> None:
        progress(finished * steps + done, total * steps)

    return report
