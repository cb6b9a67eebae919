"""Where runs in several threads hand in what they want painted, so that one call of the model paints several."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from stages.contracts import BatchGenerator, Plate, Progress, Request
from stages.errors import NoPlateError, OnmodelError
from stages.generate import batch

#: Seconds that a generator stands still, at most, for pictures on their way that would fill a batch: about as long as
#: reading and cutting a photo takes. Longer costs more than a fuller batch gains.
MAX_WAIT = 1.0


@dataclass(slots=True, eq=False)
class Job:
    """One run's request to a painter."""

    painter: BatchGenerator
    requests: list[Request]
    seeds: list[int]
    progress: Progress
    seconds: dict[str, float]
    result: Future[list[Plate | NoPlateError]] = field(default_factory=Future)

    def goes_with(self, other: "Job") -> bool:
        """Whether one call can paint both."""
        every = {batch.settings(each) for each in (*self.requests, *other.requests)}
        return self.painter is other.painter and len(every) == 1


class BatchQueue:
    """A painter's queue. Its one thread takes as many requests at a time as a single call can paint."""

    def __init__(self) -> None:
        """Starts its thread at the first request."""
        self._thread = ThreadPoolExecutor(1, "generator")
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._coming = 0
        self._here = threading.local()

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Context manager around a run: the run is on its way until it asks for its first picture, or ends."""
        with self._changed:
            self._coming += 1
            self._here.coming = True
        try:
            yield
        finally:
            self._arrived()

    def paint(self, job: Job) -> list[Plate | NoPlateError]:
        """Waits for its turn, and gives what was painted."""
        with self._changed:
            self._waiting.append(job)
        self._arrived()
        self._thread.submit(self._serve)
        return job.result.result()

    def close(self) -> None:
        """Ends the thread."""
        self._thread.shutdown()

    def _arrived(self) -> None:
        with self._changed:
            if getattr(self._here, "coming", False):
                self._here.coming = False
                self._coming -= 1
            self._changed.notify_all()

    def _serve(self) -> None:
        with self._changed:
            if not self._waiting:  # painted beside another
                return
            first = self._waiting[0]
        try:
            jobs = self._collect(first, first.painter.at_once())
        except Exception as error:  # noqa: BLE001 - the caller is to see it
            with self._changed:
                self._waiting.remove(first)
            first.result.set_exception(error)
            return
        _paint(jobs)

    def _collect(self, first: Job, room: int) -> list[Job]:
        """Returns what is to be painted together, after waiting for what is on its way to it."""

        def fitting() -> list[Job]:
            found, pictures = [first], len(first.requests)
            for each in self._waiting:
                if each is not first and pictures + len(each.requests) <= room and each.goes_with(first):
                    found.append(each)
                    pictures += len(each.requests)
            return found

        def full() -> bool:
            return not self._coming or sum(len(each.requests) for each in fitting()) >= room

        with self._changed:
            self._changed.wait_for(full, MAX_WAIT)
            found = fitting()
            for each in found:
                self._waiting.remove(each)
        return found


def _paint(jobs: list[Job]) -> None:
    """Paints the pictures of several jobs in one call, and hands each job its own with its share of the time.

    An error may be the fault of one job alone: each is then painted by itself, and fails or succeeds by itself.
    """
    painter = jobs[0].painter
    requests = [request for each in jobs for request in each.requests]
    seeds = [seed for each in jobs for seed in each.seeds]

    def progress(done: int, total: int) -> None:
        for each in jobs:
            each.progress(done * len(each.requests) // len(requests), total * len(each.requests) // len(requests))

    before = dict(_seconds(painter))
    try:
        painted = painter.many(requests, seeds, progress)
    except Exception as error:  # noqa: BLE001 - the caller is to see it
        # Missing weights, say, are missing for everyone.
        apart = len(jobs) > 1 and not isinstance(error, OnmodelError)
        for each in jobs:
            if apart:
                _paint([each])
            else:
                each.result.set_exception(error)
        return
    spent = {name: seconds - before.get(name, 0.0) for name, seconds in _seconds(painter).items()}
    for each in jobs:
        share = len(each.requests) / len(requests)
        for name, seconds in spent.items():
            each.seconds[name] = each.seconds.get(name, 0.0) + share * seconds
        own, painted = painted[: len(each.requests)], painted[len(each.requests) :]
        each.result.set_result(own)


def _seconds(painter: BatchGenerator) -> Mapping[str, float]:
    return getattr(painter, "seconds", {})
