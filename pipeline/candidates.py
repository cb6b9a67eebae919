"""Several pictures of one request, by following seeds, and the best of them."""

from collections.abc import Iterator

from pipeline.clock import Report
from pipeline.config import Config
from pipeline.tasks.task import Task
from stages.contracts import BatchGenerator, Generator, Placed, Plate, Request
from stages.errors import NoPlateError
from stages.generate.batch import many


def best(
    asked: Request, seen: Placed, task: Task, config: Config, painter: Generator, report: Report
) -> tuple[Plate, int, int]:
    """Generates the candidates with following seeds; gives the one with the least measured faults, and its seed.

    While that one exceeds a limit, further seeds are tried, up to `reseed` of them; the last number is how many were.
    One that fails costs none of the others. Raises NoPlateError if all candidates fail.
    """
    options = config.generate
    total = options.candidates
    failures: list[NoPlateError] = []

    def paint(indices: range) -> Iterator[tuple[float, int, Plate]]:
        def step(done: int, steps: int) -> None:
            each = steps // len(indices)
            report("generate", indices.start * each + done, max(total, indices.stop) * each)

        seeds = [(options.seed + index) % 2**32 for index in indices]
        for index, plate in zip(indices, many(painter, [asked] * len(seeds), seeds, step), strict=True):
            if isinstance(plate, NoPlateError):
                failures.append(plate)
            else:
                yield (task.faults(plate, asked, seen) if total + options.reseed > 1 else 0.0, index, plate)

    # As many as are painted at once, and the best of them kept: 64 candidates of 1 megapixel have 200 MB.
    at_once = painter.at_once() if total > 1 and isinstance(painter, BatchGenerator) else 1
    chunks = [range(start, min(total, start + at_once)) for start in range(0, total, at_once)]
    found = min((each for chunk in chunks for each in paint(chunk)), key=_order, default=None)
    if found is None:
        raise failures[0]
    again = 0
    while again < options.reseed and task.unfit(found[2], seen, config):
        found = min([found, *paint(range(total + again, total + again + 1))], key=_order)
        again += 1
    _, index, plate = found
    return plate, (options.seed + index) % 2**32, again


def _order(candidate: tuple[float, int, Plate]) -> tuple[float, int]:
    return candidate[:2]
