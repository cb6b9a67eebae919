"""Runs a collection from a manifest to its report: what is done is kept, what is not is made."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import platformdirs

from pipeline.collection import marks, plan, record, results, safe
from pipeline.collection.guard import interruptible, locked
from pipeline.collection.options import RunOptions
from pipeline.collection.places import Folder
from pipeline.collection.record import Doing, Outcome
from pipeline.collection.row import Collection, Job
from pipeline.collection.worker import Setup
from pipeline.models import Models
from stages.errors import ConfigError, OutputError


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a run is."""

    rows: int = 0
    skipped: int = 0
    """Held already from an earlier run, with a picture."""
    failed_before: int = 0
    """Held already, without a picture; `--retry-failed` runs them again."""
    done: int = 0
    failed: int = 0
    seconds: float = 0.0
    written: int = 0
    ending: bool = False
    """Takes no further row; those under way are finished."""
    interrupted: bool = False

    @property
    def left(self) -> int:
        """Rows still to come."""
        return self.rows - self.skipped - self.failed_before - self.done - self.failed

    @property
    def exit_code(self) -> int:
        """0 when every row has its picture, 8 when some have, 9 when none has, 130 after an interruption."""
        if self.interrupted:
            return 130
        pictures = self.skipped + self.done
        return 0 if pictures == self.rows else 8 if pictures else 9


Watch = Callable[[Tally, Outcome | None, tuple[Doing, ...]], None]
"""Called with how far the run is, the row that has just ended, if one has, and what the workers do."""


def unwatched(tally: Tally, outcome: Outcome | None, doing: tuple[Doing, ...]) -> None:
    """Ignores progress."""


def run(
    manifest: str,
    out: str,
    options: RunOptions,
    over: dict[str, Any] | None = None,
    models: Callable[[], Models] = Models,
    watch: Watch = unwatched,
    stopped: threading.Event | None = None,
) -> Tally:
    """Makes the missing pictures of a collection, then its report; returns the tally.

    A first SIGINT, or `stopped` being set, lets the rows under way finish; a second one ends at once. `over` holds
    options that go over each row's; `models` is called once in each worker.

    Raises ConfigError when the manifest or a file of marks cannot be read, OutputError when the folder cannot be
    written to or another run is at work in it. What is wrong with single rows is in their records.
    """
    collection = plan.read(manifest, options, over)
    folder = Folder(out)
    keep = safe.check_reads(collection, folder, manifest, options)
    with ExitStack() as held:
        held.enter_context(locked(folder, options.shard))
        folder.sweep()
        seeds = marks.Seeds(folder)
        if options.rejected is not None:
            _reject(options.rejected, seeds, folder)
        stopped = stopped or held.enter_context(interruptible())
        progress = _Progress(Tally(rows=len(collection.jobs) + len(collection.problems)), watch, stopped)
        todo = _todo(collection, folder, seeds, options, progress)
        safe.check_known(todo, collection.problems, folder, options)
        _refuse(collection, folder, keep, progress)
        setup = Setup(folder.out, models, *_cache(options), keep=keep, allow_private=options.allow_private)
        full = None
        for outcome in _outcomes(todo, seeds, setup, options, stopped, progress):
            if outcome.full:
                full = outcome.error
                stopped.set()
                continue
            if outcome.lost:
                _write_lost(outcome, collection, folder, keep)
            progress.count(outcome)
        tally = progress.ended()
        if full is not None:
            raise OutputError(f"{full} Rows that are done are kept: run the same command again.")
        if tally.done:
            plan.keep_pace(folder, tally.seconds, tally.done)
        results.write(collection, folder, options, tally.seconds, tally.done)
    return tally


def _cache(options: RunOptions) -> tuple[Path | None, float]:
    return options.cache or Path(platformdirs.user_cache_dir("onmodel")) / "cutouts", options.cache_gb


def _reject(path: Path, seeds: marks.Seeds, folder: Folder) -> None:
    """Moves the seeds of rows whose rejected picture is the one that lies there."""
    given = {name: each for name, each in marks.rejected(path).items() if not {"/", "\\", "\0"} & set(name)}
    held = {name: record.loaded(folder.read(f"{name}.json")) for name in given}
    seeds.reject(
        {
            name: sha256
            for name, sha256 in given.items()
            if (found := held[name]) and found.status == "ok" and found.output and found.output.sha256 == sha256
        }
    )


def _refuse(collection: Collection, folder: Folder, keep: frozenset[str], progress: "_Progress") -> None:
    """Writes the records of rows that cannot be run, in place of what an earlier run made of them."""
    for problem in collection.problems:
        entry: dict[str, Any] = {"id": problem.id, "line": problem.line, "bytes": {}}
        error = f"line {problem.line}: " + "; ".join(problem.messages)
        name = f"{problem.record}.json"
        content = record.failure(None, error, ConfigError.exit_code, entry)
        if folder.read(name) != content:
            safe.write_row(folder, problem.record, {name: content}, keep)
        progress.count(Outcome(problem.record, "error", error=error))


def _todo(
    collection: Collection, folder: Folder, seeds: marks.Seeds, options: RunOptions, progress: "_Progress"
) -> list[Job]:
    """Returns the rows without a record that holds, in the order to run them; counts the others."""
    record.forget()
    sizes = folder.sizes()
    todo: list[Job] = []
    for job in collection.jobs:
        held = record.loaded(folder.read(f"{job.id}.json")) if f"{job.id}.json" in sizes else None
        if held is None or not record.stands(held, plan.work(job, seeds), sizes, options.retry_failed):
            todo.append(job)
        else:
            progress.skip(held.status == "ok")
    return plan.ordered(todo)


def _outcomes(
    todo: list[Job],
    seeds: marks.Seeds,
    setup: Setup,
    options: RunOptions,
    stopped: threading.Event,
    progress: "_Progress",
) -> Iterator[Outcome]:
    """Yields each row's outcome. Rows that a worker had in hand when it died come again last, each alone in a worker.

    One of them killed it, perhaps, and took the others along: alone it costs nothing but itself.
    """
    lost: set[str] = set()
    if todo:
        engine = import_module(f"pipeline.collection.{options.engine}")
        for outcome in engine.run((plan.work(job, seeds) for job in todo), setup, options, stopped, progress.pulse):
            if outcome.lost and not stopped.is_set():
                lost.add(outcome.id)
            else:
                yield outcome
    if lost:
        alone = options.model_copy(update={"ahead": 1})
        again = (plan.work(job, seeds) for job in todo if job.id in lost)
        yield from engine.run(again, setup, alone, stopped, progress.pulse)


class _Progress:
    """Counts rows and informs the watcher."""

    def __init__(self, tally: Tally, watch: Watch, stopped: threading.Event) -> None:
        self.tally, self.watch, self.stopped = tally, watch, stopped
        self.began = time.monotonic()

    def skip(self, good: bool) -> None:
        self.tally = replace(
            self.tally, skipped=self.tally.skipped + good, failed_before=self.tally.failed_before + (not good)
        )

    def count(self, outcome: Outcome) -> None:
        good = outcome.status == "ok"
        self.tally = replace(
            self.tally,
            done=self.tally.done + good,
            failed=self.tally.failed + (not good),
            written=self.tally.written + outcome.written,
            seconds=time.monotonic() - self.began,
        )
        self.watch(self.tally, outcome, ())

    def pulse(self, doing: tuple[Doing, ...]) -> None:
        self.tally = replace(self.tally, ending=self.stopped.is_set(), seconds=time.monotonic() - self.began)
        self.watch(self.tally, None, doing)

    def ended(self) -> Tally:
        interrupted = self.stopped.is_set() and self.tally.left > 0
        return replace(self.tally, interrupted=interrupted, seconds=time.monotonic() - self.began)


def _write_lost(outcome: Outcome, collection: Collection, folder: Folder, keep: frozenset[str]) -> None:
    """Writes the record that a worker could not; the next run tries the row again."""
    job = next(job for job in collection.jobs if job.id == outcome.id)
    entry = {"id": job.id, "photo": job.name, "bytes": {}}
    text = record.failure(job.config, outcome.error or "", 1, entry, again=True)
    safe.write_row(folder, job.id, {f"{job.id}.json": text}, keep)
