"""Models that several threads share: each takes turns, and pictures that wait for a generator are painted together."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from pipeline.batch_queue import BatchQueue, Job
from pipeline.models import Models
from stages.contracts import (
    BatchGenerator,
    Generator,
    Matte,
    ModelCard,
    Plate,
    Poser,
    Progress,
    PromptedSegmenter,
    Prompts,
    Request,
    Segmenter,
    Skeleton,
    Upscaler,
)
from stages.errors import NoPlateError
from stages.figure.make import FigureMaker
from stages.find.finder import Finder, Found
from stages.generate import batch
from stages.options import GenerateOptions, PoseOptions, SegmentOptions, UpscaleOptions

P = ParamSpec("P")
R = TypeVar("R")


class SharedModels(Models):
    """Models that take turns, each role on its own thread. Finding takes its turn too: no model is loaded twice.

    Finding does not wait for painting: the next photo is read and cut while a picture is painted.
    """

    def __init__(self, models: Models) -> None:
        """Begins no thread yet."""
        self._models = models
        self._finding = threading.Lock()
        self._threads = _Threads()
        self._queue = BatchQueue()

    def segmenter(self, options: SegmentOptions) -> Segmenter:
        """Returns the segmenter, of the kind that it is: one that takes prompts still does."""
        with self._finding:
            found = self._models.segmenter(options)
        thread = self._threads["segmenter"]
        if isinstance(found, Finder):
            return _Finder(found, thread)
        return (_Prompted if isinstance(found, PromptedSegmenter) else _Segmenter)(found, thread)

    def poser(self, options: PoseOptions, *, allow_unknown: bool = False) -> Poser:
        """Returns the pose detector."""
        with self._finding:
            found = self._models.poser(options, allow_unknown=allow_unknown)
        return _Poser(found, self._threads["poser"])

    def can_pose(self, options: PoseOptions) -> bool:
        """Whether `poser` would find weights."""
        with self._finding:
            return self._models.can_pose(options)

    def generator(self, options: GenerateOptions) -> Generator:
        """Returns the generator; what several runs ask of it is painted together where it can be."""
        with self._finding:
            found = self._models.generator(options)
        if isinstance(found, BatchGenerator):
            return _Batched(found, self._queue)
        return _Generator(found, self._threads["generator"])

    def figures(self, progress: Progress) -> FigureMaker:
        """Loads what fits bodies into garments and draws them."""
        with self._finding:
            found = self._models.figures(progress)
        return _turns(found, self._threads["figures"])

    def upscaler(self, options: UpscaleOptions, device: str) -> Upscaler:
        """Loads what enlarges a plate to canvas size."""
        with self._finding:
            found = self._models.upscaler(options, device)
        return _turns(found, self._threads["upscaler"])

    def identity(self, options: GenerateOptions) -> tuple[ModelCard, ...]:
        """Lists, for the receipt, the models through which reference pictures are shown."""
        with self._finding:
            return self._models.identity(options)

    @contextmanager
    def job(self) -> Iterator[None]:
        """Context manager around one photo's run, whose picture a batch may wait for."""
        with self._queue.coming():
            yield

    def close(self) -> None:
        """Ends the threads."""
        self._queue.close()
        for thread in self._threads.values():
            thread.shutdown()


class _Threads(dict[str, ThreadPoolExecutor]):
    """One thread for each role, begun at its first use."""

    def __missing__(self, role: str) -> ThreadPoolExecutor:
        return self.setdefault(role, ThreadPoolExecutor(1, role))


def _turns(model: Callable[P, R], thread: ThreadPoolExecutor) -> Callable[P, R]:
    """Returns a model that any thread may call and that runs on a thread of its own, one call after another."""

    def turn(*args: P.args, **kwargs: P.kwargs) -> R:
        return thread.submit(model, *args, **kwargs).result()

    return turn


# The same for models that have more than a call.


class _Segmenter:
    def __init__(self, model: Segmenter, thread: ThreadPoolExecutor) -> None:
        self._model, self._thread = model, thread
        self.name, self.card = model.name, model.card

    def __call__(self, picture: Plate) -> Matte:
        return self._thread.submit(self._model, picture).result()


class _Prompted(_Segmenter):
    _model: PromptedSegmenter

    def prompted(self, picture: Plate, prompts: Prompts) -> Matte:
        return self._thread.submit(self._model.prompted, picture, prompts).result()


class _Finder(Finder):
    def __init__(self, model: Finder, thread: ThreadPoolExecutor) -> None:
        super().__init__(_turns(model.sees, thread), model.name, model.card)
        self._model, self._thread = model, thread

    def look(self, picture: Plate) -> Found:
        return self._thread.submit(self._model.look, picture).result()


class _Poser:
    def __init__(self, model: Poser, thread: ThreadPoolExecutor) -> None:
        self._model, self._thread = model, thread
        self.name, self.card = model.name, model.card

    def __call__(self, picture: Plate) -> list[Skeleton]:
        return self._thread.submit(self._model, picture).result()


class _Generator:
    def __init__(self, model: Generator, thread: ThreadPoolExecutor) -> None:
        self._model, self._thread = model, thread
        self.cards, self.multiple, self.pixels = model.cards, model.multiple, model.pixels

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        return self._thread.submit(self._model, request, seed, progress).result()


class _Batched:
    """A `BatchGenerator` for one photo's run, whose pictures are painted with those of other runs."""

    def __init__(self, painter: BatchGenerator, queue: BatchQueue) -> None:
        self._painter, self._queue = painter, queue
        self.cards, self.multiple, self.pixels = painter.cards, painter.multiple, painter.pixels
        self.seconds: dict[str, float] = {}
        """This run's share of the painter's time."""

    def at_once(self) -> int:
        return self._painter.at_once()

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        return batch.one(self, request, seed, progress)

    def many(self, requests: Sequence[Request], seeds: Sequence[int], progress: Progress) -> list[Plate | NoPlateError]:
        return self._queue.paint(Job(self._painter, list(requests), list(seeds), progress, self.seconds))
