"""Runs a collection beside the studio's queue: both use the same models, and neither while the other does."""

import threading
import time
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from pipeline.collection.options import RunOptions
from pipeline.collection.record import Doing, Outcome
from pipeline.collection.run import Tally, run
from pipeline.models import Models
from pipeline.service.jobs import TRIES
from pipeline.service.service import Service
from pipeline.studio import drafts
from pipeline.studio.collections import Collections, Entry
from pipeline.studio.drafts import Part
from stages.errors import ConfigError, OnmodelError


@lru_cache(maxsize=1)
def process_models() -> Models:
    """Returns the models of this process, of which the queue and a collection are given the same."""
    return Models()


#: Seconds between two looks at whether the queue is empty.
LOOK = 0.2


class Progress(BaseModel):
    """How far a collection is."""

    state: Literal["idle", "running", "waiting", "stopping", "interrupted"] = "idle"
    """waiting: pictures of the queue are made first. interrupted: the studio ended before the run did, and has not
    resumed it."""
    rows: int = 0
    done: int = 0
    """Pictures that are there, of this run or an earlier one."""
    failed: int = 0
    seconds: float = 0
    doing: list[str] = []
    error: str = ""


class Unfinished(Part):
    """Lies beside a collection while it is run, so that a studio that was killed resumes the run when it starts."""

    tries: int = 0
    """How often it was resumed since a row last ended: a row that takes the studio down with it must not do so at
    every start."""


class Running:
    """One run at a time. Pictures that are asked for singly go before it, and it goes on where it was."""

    def __init__(self, service: Service, collections: Collections) -> None:
        """Starts no run."""
        self.service, self.collections = service, collections
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._entry: Entry | None = None
        self._cancelled = threading.Event()
        self._stopped = threading.Event()
        self._progress: dict[str, Progress] = {}

    def resume(self) -> None:
        """Resumes the run that the end of the last studio cut off, unless it has been resumed in vain too often."""
        for entry in self.collections.all():
            left = self._unfinished(entry)
            if left is None or left.tries >= TRIES:
                continue
            try:
                self.begin(entry, left.tries + 1)
            except OnmodelError as error:
                self._progress[entry.id] = Progress(state="interrupted", error=str(error))

    def begin(self, entry: Entry, tries: int = 0) -> None:
        """Begins to make what is missing, and anew what was rejected. Raises ConfigError while another is run."""
        with self._guard:
            if self._thread is not None and self._thread.is_alive():
                name = self._entry.name if self._entry else "a collection"
                raise ConfigError(f"{name} is being run: stop it, or wait for it")
            if not self.collections.read(entry).jobs:
                raise ConfigError(f"{entry.name} has no rows that can be run")
            self._entry = entry
            self._cancelled, self._stopped = threading.Event(), threading.Event()
            self._progress[entry.id] = Progress(state="waiting")
            drafts.save(self.collections.run_file(entry), Unfinished(tries=tries))
            self._thread = threading.Thread(target=self._run, args=(entry,), name="collection", daemon=True)
            self._thread.start()

    def stop(self, entry: Entry) -> None:
        """Takes no further row; those under way are finished. What was stopped is not resumed."""
        with self._guard:
            self.collections.run_file(entry).unlink(missing_ok=True)
            if self._entry is not None and self._entry.id == entry.id:
                self._halt(entry)
            else:
                self._progress.pop(entry.id, None)

    def _halt(self, entry: Entry) -> None:
        self._cancelled.set()
        self._stopped.set()
        if self._progress[entry.id].state != "idle":
            self._progress[entry.id].state = "stopping"

    def close(self, seconds: float) -> bool:
        """Ends what is run, as the server stops; tells whether all under way had ended in so many seconds.

        What is done is kept, and the next studio resumes the rest.
        """
        if self._entry is None or self._thread is None:
            return True
        self._halt(self._entry)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def progress(self, entry: Entry) -> Progress:
        """Returns how far a collection's last run is."""
        found = self._progress.get(entry.id)
        if found is None:
            return Progress(state="idle" if self._unfinished(entry) is None else "interrupted")
        return found

    def _blameless(self, entry: Entry) -> None:
        """Forgets how often a run was resumed, now that a row of it has ended."""
        with self._guard:
            left = self._unfinished(entry)
            if left is not None and left.tries:
                drafts.save(self.collections.run_file(entry), Unfinished())

    def _unfinished(self, entry: Entry) -> Unfinished | None:
        try:
            return Unfinished.model_validate_json(self.collections.run_file(entry).read_bytes())
        except (OSError, ValidationError):
            return None

    def _run(self, entry: Entry) -> None:
        told = self._progress[entry.id]
        try:
            while not self._cancelled.is_set() and not self._once(entry, told):
                pass
        except OnmodelError as error:
            told.error = str(error)
        except Exception as error:  # noqa: BLE001 - the page says it; the studio goes on
            told.error = f"{type(error).__name__}: {error}"
        finally:
            self.service.runner.held.clear()
            if not self._cancelled.is_set():  # else somebody stopped it, or the studio ends and the next one resumes it
                self.collections.run_file(entry).unlink(missing_ok=True)
            told.state, told.doing = "idle", []

    def _once(self, entry: Entry, told: Progress) -> bool:
        """Runs rows until none is left, or until the queue has something to make; tells whether all are done."""
        told.state = "waiting"
        while self._busy():
            if self._cancelled.wait(LOOK):
                return True
        self.service.runner.held.set()
        while any(job.state == "running" for job in self.service.queue.all()):  # one that was taken just before
            time.sleep(LOOK)
        told.state = "running"
        self._stopped.clear()
        marks = self.collections.marks_file(entry)
        setup, base = self.service.runner.setup, self.service.runner.options
        options = RunOptions(
            rejected=marks if marks.is_file() else None, cache=setup.cache, cache_gb=setup.cache_gb,
            devices=base.devices, ahead=base.ahead,
        )  # fmt: skip
        try:
            tally = run(
                entry.manifest,
                entry.out,
                options,
                models=setup.models,
                watch=self._watch(entry, told),
                stopped=self._stopped,
            )
        finally:
            self.service.runner.held.clear()
        return not tally.interrupted

    def _busy(self) -> bool:
        return any(not job.over for job in self.service.queue.all())

    def _watch(self, entry: Entry, told: Progress) -> Any:
        def seen(tally: Tally, outcome: Outcome | None, doing: tuple[Doing, ...]) -> None:
            if outcome is not None:
                self._blameless(entry)
            told.rows, told.seconds = tally.rows, tally.seconds
            told.done, told.failed = tally.skipped + tally.done, tally.failed_before + tally.failed
            told.doing = [str(each) for each in doing]
            if self._busy() or self._cancelled.is_set():
                self._stopped.set()

        return seen
