"""Runs in several threads share a generator: what waits is painted together, and nobody is left waiting."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from pipeline import batch_queue, tasks
from pipeline.config import resolve
from pipeline.models import Models
from pipeline.shared_models import SharedModels
from stages import write
from stages.contracts import ModelCard, Plate, Progress, Request
from stages.errors import NoPlateError, WeightsError
from stages.generate import batch
from stages.options import PhotoOptions
from stages.photo import read
from tests.fakes import tee
from tests.stages.generate.models import asked, silent


class Many:
    """A generator of up to `size` pictures, each of its seed's brightness, that notes what it is asked for."""

    cards: tuple[ModelCard, ...] = (ModelCard("generator", "many", None, "Apache-2.0"),)
    multiple, pixels = 8, 64

    def __init__(self, size: int) -> None:
        self.size = size
        self.calls: list[list[int]] = []
        self.threads: set[str] = set()
        self.seconds = {"steps": 0.0}

    def at_once(self) -> int:
        return self.size

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        return batch.one(self, request, seed, progress)

    def many(self, requests: Sequence[Request], seeds: Sequence[int], progress: Progress) -> list[Plate | NoPlateError]:
        self.calls.append(list(seeds))
        self.threads.add(threading.current_thread().name)
        self.seconds["steps"] += 6.0
        progress(len(seeds), 2 * len(seeds))
        if 13 in seeds:
            raise RuntimeError("broken")
        return [NoPlateError("held back") if seed == 7 else np.full((2, 2, 3), seed, np.uint8) for seed in seeds]


class Lent:
    """Models that are one generator."""

    def __init__(self, painter: Any) -> None:
        self.painter = painter

    def generator(self, options: Any) -> Any:
        return self.painter


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_queue, "MAX_WAIT", 60.0)


def runs(painter: Many, seeds: Sequence[int], *, changed: dict[int, Request] | None = None) -> list[Any]:
    """Returns what each of several runs, which begin together, is given for its seed: a level, or an error."""
    taken: Any = SharedModels(Lent(painter))  # type: ignore[arg-type]
    begun = threading.Barrier(len(seeds))

    def run(seed: int) -> Any:
        with taken.job():
            begun.wait()
            generator = taken.generator(None)
            try:
                return int(generator((changed or {}).get(seed, asked()), seed, silent).max())
            except (NoPlateError, WeightsError, RuntimeError) as error:
                return str(error)

    try:
        with ThreadPoolExecutor(len(seeds)) as pool:
            return list(pool.map(run, seeds))
    finally:
        taken.close()


def test_what_several_runs_want_is_painted_together_and_each_gets_its_own() -> None:
    painter = Many(3)
    assert runs(painter, [1, 2, 3]) == [1, 2, 3]
    assert [sorted(call) for call in painter.calls] == [[1, 2, 3]]
    assert painter.threads == {"generator_0"}


def test_no_call_holds_more_than_fit() -> None:
    painter = Many(2)
    assert runs(painter, [1, 2, 3, 4, 5]) == [1, 2, 3, 4, 5]
    assert max(len(call) for call in painter.calls) <= 2
    assert sorted(seed for call in painter.calls for seed in call) == [1, 2, 3, 4, 5]


def test_what_one_call_cannot_paint_goes_apart() -> None:
    painter = Many(4)
    assert runs(painter, [1, 2, 3], changed={2: asked(steps=5)}) == [1, 2, 3]
    assert sorted(sorted(call) for call in painter.calls) == [[1, 3], [2]]


def test_one_that_is_held_back_costs_its_own_run_alone() -> None:
    assert runs(Many(3), [1, 7, 3]) == [1, "held back", 3]


def test_an_error_reaches_the_run_that_it_is_of_and_the_next_call_works() -> None:
    painter = Many(3)
    assert runs(painter, [2, 13, 3]) == [2, "broken", 3]
    assert sorted(sorted(call) for call in painter.calls) == [[2], [2, 3, 13], [3], [13]]
    assert runs(painter, [2]) == [2]


def test_what_is_wrong_for_everyone_is_not_tried_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    painter, tried = Many(2), []

    def missing(*given: Any) -> Any:
        tried.append(given)
        raise WeightsError("missing")

    monkeypatch.setattr(painter, "many", missing)
    assert runs(painter, [1, 2]) == ["missing", "missing"]
    assert len(tried) == 1


def test_a_run_that_ends_early_is_not_waited_for() -> None:
    painter = Many(2)
    taken: Any = SharedModels(Lent(painter))  # type: ignore[arg-type]
    other = threading.Event()

    def fails() -> None:
        with taken.job():
            other.wait(10)
            raise ValueError

    def paints() -> int:
        with taken.job():
            other.set()
            return int(taken.generator(None)(asked(), 5, silent).max())

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(fails), pool.submit(paints)
        assert second.result(20) == 5
        assert isinstance(first.exception(), ValueError)
    taken.close()


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_queue, "MAX_WAIT", 0.05)
    painter = Many(2)
    taken: Any = SharedModels(Lent(painter))  # type: ignore[arg-type]
    end = threading.Event()

    def slow() -> None:
        with taken.job():
            end.wait(20)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(slow)
        with taken.job():
            assert int(taken.generator(None)(asked(), 5, silent).max()) == 5
        end.set()
    taken.close()


def test_each_run_is_told_its_own_steps_and_its_share_of_the_time() -> None:
    painter = Many(3)
    taken: Any = SharedModels(Lent(painter))  # type: ignore[arg-type]
    steps: dict[int, list[tuple[int, int]]] = {1: [], 2: []}

    both = threading.Barrier(2, timeout=60)

    def run(seeds: list[int]) -> dict[str, float]:
        with taken.job():
            both.wait()  # else one may be painted before the other has begun
            generator = taken.generator(None)
            generator.many([asked()] * len(seeds), seeds, lambda done, total: steps[seeds[0]].append((done, total)))
            return dict(generator.seconds)

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(run, seeds) for seeds in ([1], [2, 3]))
        assert (first.result(), second.result()) == ({"steps": 2.0}, {"steps": 4.0})
    assert steps == {1: [(1, 2)], 2: [(2, 4)]}
    taken.close()


def test_a_generator_is_found_while_a_picture_is_painted() -> None:
    """Else the next photo could not be cut meanwhile: its run asks for the generator first."""
    found = threading.Event()

    class Waits(Many):
        def many(self, requests: Any, seeds: Any, progress: Any) -> Any:
            assert found.wait(20)
            return super().many(requests, seeds, progress)

    taken: Any = SharedModels(Lent(Waits(1)))  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as pool:
        painting = pool.submit(taken.generator(None), asked(), 5, silent)
        taken.generator(None)
        found.set()
        assert painting.result(20).max() == 5
    taken.close()


def test_no_model_is_handed_out_past_the_turns() -> None:
    """A method of `Models` that is not overridden would hand out a model that any thread may call."""
    public = {name for name, each in vars(Models).items() if callable(each) and not name.startswith("_")}
    assert public <= vars(SharedModels).keys()


@pytest.mark.parametrize("task", ["generate", "background"])
def test_a_photo_is_cut_as_it_is_without_threads(task: str) -> None:
    """The finder sees more than an outline: categories, insides, whole subjects. None of it may be lost on the way."""
    config = resolve(flags={"task": task, "segment": {"segmenter": "finder"}})
    photo = read(write.encode(tee(), None), PhotoOptions(), "shirt.png")
    shared = SharedModels(Models())
    try:
        apart, alone = (tasks.of(task).cut(photo, config, models) for models in (shared, Models()))
    finally:
        shared.close()
    np.testing.assert_array_equal(apart.matte, alone.matte)
    np.testing.assert_array_equal(apart.foreground, alone.foreground)
    assert (apart.segmenter, apart.shape.category, apart.shape.confidence) == (
        alone.segmenter, alone.shape.category, alone.shape.confidence,
    )  # fmt: skip
    assert (apart.view is None) == (alone.view is None)
    assert (apart.worn, apart.doubts) == (alone.worn, alone.doubts)
