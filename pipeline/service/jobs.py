"""The queue on disk: one file a job, so that a killed server goes on where it was, with no job lost or made twice."""

import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline import ownership
from pipeline.collection import record
from pipeline.collection.places import Folder
from pipeline.collection.worker import CANCELLED
from stages import disk
from stages.errors import OnmodelError, OutputError

State = Literal["queued", "running", "done", "failed", "error", "cancelled"]
#: Times that a job is begun: one that takes the server down with it, by the memory it needs, ends here.
TRIES = 5


#: An id is made here, of so many hexadecimal digits: nothing that a stranger says becomes a path.
NAME = re.compile(r"^[0-9a-f]{32}$")


class FullError(OnmodelError):
    """The queue is full."""


class Job(BaseModel):
    """One picture that was asked for. All that it needs lies in the service's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    owner: str
    """Name of the key that asked."""
    photo: str
    """File or URL."""
    name: str
    """The photo as its owner names it."""
    options: dict[str, Any]
    """{section: {field: value}}, with task, preset, casting and scene beside the sections."""
    files: tuple[tuple[str, str], ...] = ()
    """Further files that were sent: (option as section.field, path)."""
    webhook: str | None = None
    created: float
    """Seconds since 1970, as all times here."""
    number: int = 0
    """Place in the order of arrival."""
    state: State = "queued"
    tries: int = 0
    started: float | None = None
    ended: float | None = None
    error: str | None = None
    told: bool = False
    """Whether its webhook was answered, or given up."""

    @property
    def over(self) -> bool:
        return self.state not in ("queued", "running")


class Queue:
    """All jobs of a folder, in memory and on disk. Threads share it."""

    def __init__(self, folder: Path, waiting: int) -> None:
        """Makes the folder and takes up what an earlier server left. `waiting` jobs may wait at most.

        Raises OutputError when the folder cannot be written to.
        """
        self.folder, self.waiting = folder, waiting
        self.photos, self.cancelled = folder / "photos", folder / "cancelled"
        self.pictures = Folder(str(folder / "pictures"))
        self._changed = threading.Condition()
        self._woken = False
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for each in (folder / "jobs", self.photos, self.cancelled, folder / "pictures"):
                each.mkdir(exist_ok=True)
        except OSError as error:
            raise OutputError(f"{folder} cannot be written to ({error.strerror}): choose another --folder") from error
        self.pictures.sweep()
        self._jobs = {job.id: job for job in sorted(self._stored(), key=lambda each: each.number)}
        self._number = max((job.number for job in self._jobs.values()), default=0)
        self._waiting = sum(not job.over for job in self._jobs.values())
        for job in [each for each in self._jobs.values() if not each.over]:
            self._take_up(job)
        self._sweep_photos()

    def _stored(self) -> Iterator[Job]:
        for path in (self.folder / "jobs").glob("*.json"):
            try:
                yield Job.model_validate_json(path.read_bytes())
            except (OSError, ValidationError):  # written whole or not at all: it is none of ours
                continue

    def _take_up(self, job: Job) -> None:
        """Ends a job whose record was written; otherwise queues it again."""
        if not self.settle(job.id) and job.state == "running":
            self._save(job.model_copy(update={"state": "queued"}))

    def _sweep_photos(self) -> None:
        """Deletes uploads of jobs that were never queued or no longer exist."""
        for each in (*self.photos.iterdir(), *self.cancelled.iterdir()):
            if NAME.match(each.name) and each.name not in self._jobs:
                shutil.rmtree(each) if each.is_dir() else each.unlink()

    def _save(self, job: Job) -> None:
        path = self.folder / "jobs" / f"{job.id}.json"
        part = path.with_suffix(".part")
        with part.open("w") as file:
            file.write(job.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        before = self._jobs.get(job.id)
        self._waiting += (not job.over) - (before is not None and not before.over)
        self._jobs[job.id] = job

    def full(self) -> bool:
        """Whether no further job may wait."""
        return self._waiting >= self.waiting

    def add(self, job: Job) -> Job:
        """Keeps a job, on the disk before this returns. Raises FullError when too many wait."""
        with self._changed:
            if self.full():
                raise FullError("too many pictures wait already: ask again later")
            self._number += 1
            job = job.model_copy(update={"number": self._number})
            self._save(job)
            self._changed.notify()
            return job

    def get(self, name: str) -> Job | None:
        """Returns a job by its id."""
        return self._jobs.get(name)

    def all(self) -> list[Job]:
        """Returns every job, in the order of arrival."""
        return list(self._jobs.copy().values())

    def ahead(self, job: Job) -> int:
        """Returns how many jobs wait before a waiting one."""
        return sum(each.state == "queued" and each.number < job.number for each in self.all())

    def count(self, state: State) -> int:
        """Returns how many jobs are in a state."""
        return sum(job.state == state for job in self.all())

    def take(self, seconds: float) -> Job | None:
        """Returns the next job and marks it as running; None when none comes within so many seconds, or at `wake`."""

        def first() -> Job | None:
            return next((job for job in self._jobs.values() if job.state == "queued"), None)

        with self._changed:
            self._changed.wait_for(lambda: self._woken or first() is not None, seconds)
            job = None if self._woken else first()
            self._woken = False
            if job is None:
                return None
            if job.tries >= TRIES:
                words = f"it was begun {TRIES} times and never ended: it may need more memory than there is"
                self._end(job, "error", words)
                return None
            started = {"state": "running", "tries": job.tries + 1, "started": time.time()}
            self._save(job := job.model_copy(update=started))
            return job

    def wake(self) -> None:
        """Has whoever waits for a job wait no longer."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def put_back(self, name: str, *, blameless: bool = False) -> None:
        """Returns a running job to the queue; with `blameless` the attempt does not count."""
        with self._changed:
            job = self._jobs.get(name)
            if job is not None and job.state == "running":
                self._save(job.model_copy(update={"state": "queued", "tries": job.tries - blameless}))
                self._changed.notify()

    def settle(self, name: str) -> bool:
        """Ends a job as its record says. Gives False when there is none yet."""
        with self._changed:
            job = self._jobs.get(name)
            if job is None:
                return True
            content = self.pictures.read(f"{name}.json")
            held = record.loaded(content)
            if held is None or held.again or content is None:
                return False
            state: State = "done" if held.status == "ok" else held.status
            if state == "error" and json.loads(content).get("exit_code") == CANCELLED:
                state = "cancelled"
            self._end(job, state, held.error or "; ".join(held.failures) or None)
            return True

    def fail(self, name: str, words: str) -> None:
        """Ends a job that left no record."""
        with self._changed:
            job = self._jobs.get(name)
            if job is not None and not job.over:
                self._end(job, "error", words)

    def _end(self, job: Job, state: State, error: str | None) -> None:
        self._save(job.model_copy(update={"state": state, "error": error, "ended": time.time()}))
        (self.cancelled / job.id).unlink(missing_ok=True)

    def cancel(self, name: str) -> None:
        """Ends a waiting job at once; one that runs ends at its next step."""
        with self._changed:
            job = self._jobs[name]
            if job.state == "queued":
                self._end(job, "cancelled", "cancelled")
            elif job.state == "running":
                (self.cancelled / name).touch()

    def mark_told(self, name: str) -> None:
        """Records that a job's webhook needs no further attempt."""
        with self._changed:
            job = self._jobs.get(name)
            if job is not None:
                self._save(job.model_copy(update={"told": True}))

    def remove(self, name: str) -> None:
        """Takes an ended job away: what was sent, what was made, and last the job itself."""
        with self._changed:
            content = self.pictures.read(f"{name}.json")
            known = ownership.hashes(content)
            for each in (*ownership.names(content), f"{name}.json"):
                path = self.folder / "pictures" / each
                if path.is_file() and disk.sha256(path) in known:
                    path.unlink()
            shutil.rmtree(self.photos / name, ignore_errors=True)
            (self.folder / "jobs" / f"{name}.json").unlink(missing_ok=True)
            self._jobs.pop(name, None)

    def expire(self, hours: float, now: Callable[[], float] = time.time) -> None:
        """Removes jobs that ended so many hours ago."""
        for job in self.all():
            if job.ended is not None and now() - job.ended > hours * 3600 and (job.told or job.webhook is None):
                self.remove(job.id)
