"""Models that several threads share: each takes turns, and pictures that wait for a generator are painted together."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MethodType
from typing import Any

from pipeline.models import Models
from stages.contracts import BatchGenerator, Plate, Progress, Request
from stages.errors import NoPlateError, OnmodelError
from stages.generate import batch

#: Seconds that a generator stands still, at most, for pictures on their way that would fill a batch: about as long as
#: reading and cutting a photo takes. Longer costs more than a fuller batch gains.
PATIENCE = 1.0


class Taken:
    """Models that take turns, each role on its own thread. Finding takes its turn too: no model is loaded twice.

    Finding does not wait for painting: the next photo is read and cut while a picture is painted.
    """

    def __init__(self, models: Models) -> None:
        """Begins no thread yet."""
        self._models = models
        self._finding = threading.Lock()
        self._threads = _Threads()
        self._desk = Desk()

    def __getattr__(self, role: str) -> Any:
        find = getattr(self._models, role)

        def asked(*given: Any, **named: Any) -> Any:
            with self._finding:
                model = find(*given, **named)
            if isinstance(model, BatchGenerator):
                return _Gathering(model, self._desk)
            return _Turn(model, self._threads[role]) if callable(model) else model

        return asked

    @contextmanager
    def job(self) -> Iterator[None]:
        """Goes around one photo's run: a generator may wait for its picture."""
        with self._desk.coming():
            yield

    def close(self) -> None:
        """Ends the threads."""
        self._desk.close()
        for thread in self._threads.values():
            thread.shutdown()


class _Turn:
    """A model that any thread may call and that runs on a thread of its own, one call after another.

    Its public attributes are copied, so that it still counts as what its protocol says.
    """

    def __init__(self, model: Any, thread: ThreadPoolExecutor) -> None:
        self._model, self._thread = model, thread
        for name in dir(model):
            if not name.startswith("_"):
                found = getattr(model, name)
                setattr(self, name, _Turn(found, thread) if isinstance(found, MethodType) else found)

    def __call__(self, *given: Any, **named: Any) -> Any:
        return self._thread.submit(self._model, *given, **named).result()


class _Threads(dict[str, ThreadPoolExecutor]):
    """One thread for each role, begun when first asked for."""

    def __missing__(self, role: str) -> ThreadPoolExecutor:
        return self.setdefault(role, ThreadPoolExecutor(1, role))


class _Gathering:
    """A `BatchGenerator` for one photo's run, whose pictures are painted with those of other runs."""

    def __init__(self, painter: BatchGenerator, desk: "Desk") -> None:
        self._painter, self._desk = painter, desk
        self.cards, self.multiple, self.pixels = painter.cards, painter.multiple, painter.pixels
        self.seconds: dict[str, float] = {}
        """This run's share of the painter's time."""

    def at_once(self) -> int:
        return self._painter.at_once()

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        return batch.one(self, request, seed, progress)

    def many(self, requests: Sequence[Request], seeds: Sequence[int], progress: Progress) -> list[Plate | NoPlateError]:
        return self._desk.paint(_Asked(self._painter, list(requests), list(seeds), progress, self.seconds))


@dataclass(slots=True, eq=False)
class _Asked:
    painter: BatchGenerator
    requests: list[Request]
    seeds: list[int]
    progress: Progress
    seconds: dict[str, float]
    answer: "Future[list[Plate | NoPlateError]]" = field(default_factory=Future)

    def goes_with(self, other: "_Asked") -> bool:
        """Tells whether one call can paint both."""
        every = {batch.settings(each) for each in (*self.requests, *other.requests)}
        return self.painter is other.painter and len(every) == 1


class Desk:
    """Where runs hand in what they want painted. One thread paints; it takes all that one call can paint."""

    def __init__(self) -> None:
        """Begins its thread when something is asked for."""
        self._thread = ThreadPoolExecutor(1, "generator")
        self._changed = threading.Condition()
        self._waiting: deque[_Asked] = deque()
        self._coming = 0
        self._here = threading.local()

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Goes around the run of this thread, which is on its way until it asks for its first picture, or ends."""
        with self._changed:
            self._coming += 1
            self._here.coming = True
        try:
            yield
        finally:
            self._arrived()

    def paint(self, asked: _Asked) -> list[Plate | NoPlateError]:
        """Waits for its turn, and gives what was painted."""
        with self._changed:
            self._waiting.append(asked)
        self._arrived()
        self._thread.submit(self._serve)
        return asked.answer.result()

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
            taken = self._taken(first, first.painter.at_once())
        except Exception as error:  # noqa: BLE001 - whoever asked is to see it
            with self._changed:
                self._waiting.remove(first)
            first.answer.set_exception(error)
            return
        _answer(taken)

    def _taken(self, first: _Asked, room: int) -> list[_Asked]:
        """Gives what is to be painted together, after waiting for what is on its way to it."""

        def fitting() -> list[_Asked]:
            found, pictures = [first], len(first.requests)
            for each in self._waiting:
                if each is not first and pictures + len(each.requests) <= room and each.goes_with(first):
                    found.append(each)
                    pictures += len(each.requests)
            return found

        def full() -> bool:
            return not self._coming or sum(len(each.requests) for each in fitting()) >= room

        with self._changed:
            self._changed.wait_for(full, PATIENCE)
            found = fitting()
            for each in found:
                self._waiting.remove(each)
        return found


def _answer(taken: list[_Asked]) -> None:
    """Paints what was taken, and hands each its part, with its share of the time.

    An error of a painting together may be one run's own: each is then painted alone, and has its own.
    """
    painter = taken[0].painter
    requests = [request for each in taken for request in each.requests]
    seeds = [seed for each in taken for seed in each.seeds]

    def progress(done: int, total: int) -> None:
        for each in taken:
            each.progress(done * len(each.requests) // len(requests), total * len(each.requests) // len(requests))

    before = dict(_seconds(painter))
    try:
        painted = painter.many(requests, seeds, progress)
    except Exception as error:  # noqa: BLE001 - whoever asked is to see it
        # Missing weights, say, are missing for everyone.
        apart = len(taken) > 1 and not isinstance(error, OnmodelError)
        for each in taken:
            if apart:
                _answer([each])
            else:
                each.answer.set_exception(error)
        return
    spent = {name: seconds - before.get(name, 0.0) for name, seconds in _seconds(painter).items()}
    for each in taken:
        share = len(each.requests) / len(requests)
        for name, seconds in spent.items():
            each.seconds[name] = each.seconds.get(name, 0.0) + share * seconds
        own, painted = painted[: len(each.requests)], painted[len(each.requests) :]
        each.answer.set_result(own)


def _seconds(painter: BatchGenerator) -> Mapping[str, float]:
    return getattr(painter, "seconds", {})
