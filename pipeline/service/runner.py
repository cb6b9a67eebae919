"""Runs the queue through an engine of collections: each job is a row, each picture's record is the job's."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module

from pipeline.collection.options import RunOptions
from pipeline.collection.record import Doing, Outcome, Work
from pipeline.collection.worker import Setup
from pipeline.models import PER_PICTURE
from pipeline.service.jobs import Job, Queue
from pipeline.service.request_options import Base
from stages.errors import OnmodelError

log = logging.getLogger("onmodel.service")
#: Seconds that the engine waits for a job, and before it goes on after a full disk or its own failure.
POLL, PAUSE = 0.2, 10.0
#: Seconds between two looks for jobs that are old enough to go.
EXPIRY = 60.0


def _nobody(job: Job) -> None:
    """Ignores the job."""


class Runner:
    """One thread that takes jobs and hands them to the engine, until it is stopped."""

    def __init__(self, queue: Queue, base: Base, setup: Setup, options: RunOptions, keep_hours: float = 0) -> None:
        """Begins nothing yet."""
        self.queue, self.base, self.setup, self.options, self.keep_hours = queue, base, setup, options, keep_hours
        self.stopped = threading.Event()
        self.held = threading.Event()
        """While it is set, no further job is begun: somebody else uses the models."""
        self.doing: dict[str, Doing] = {}
        """What workers do, by job."""
        self.trouble: str | None = None
        """Why no job is made just now."""
        self.ended: Callable[[Job], None] = _nobody
        self._expired = 0.0
        self._thread = threading.Thread(target=self._run, name="queue", daemon=True)

    def start(self) -> None:
        """Begins with the oldest job."""
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """Takes no further job and waits for those under way; tells whether all have ended in so many seconds.

        What has not ended lies in the queue and is begun again by the next server.
        """
        self.stopped.set()
        self.queue.wake()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        over = not self._thread.is_alive()
        if over:
            self._put_back()
        return over

    def _run(self) -> None:
        while not self.stopped.is_set():
            try:
                engine = import_module(f"pipeline.collection.{self.options.engine}")
                for outcome in engine.run(self._rows(), self.setup, self.options, self.stopped, self._pulse):
                    self._end(outcome)
                    if self.trouble:
                        break
            except Exception as error:
                self.trouble = str(error) or type(error).__name__
                log.exception("the engine failed")
            self._put_back()
            if not self.stopped.wait(PAUSE if self.trouble else 0):
                self.trouble = None

    def _put_back(self) -> None:
        """Queues jobs again for which the engine gave no outcome."""
        for job in self.queue.all():
            if job.state == "running" and not self.queue.settle(job.id):
                self.queue.put_back(job.id, blameless=True)

    def _rows(self) -> Iterator[Work | None]:
        while not self.stopped.is_set():
            if self.held.is_set():
                self.stopped.wait(POLL)
                yield None
                continue
            job = self.queue.take(POLL)
            yield None if job is None else self._work(job)

    def _work(self, job: Job) -> Work | None:
        try:
            config = self.base.config(job.options)
        except OnmodelError as error:  # the server was begun again with other settings meanwhile
            self.queue.fail(job.id, str(error))
            self._tell(job.id)
            return None
        group = config.generate.model_dump_json(exclude=PER_PICTURE)
        return Work(job.id, job.photo, job.name, config, job.files, group)

    def _end(self, outcome: Outcome) -> None:
        if outcome.full:
            self.trouble = outcome.error
            self.queue.put_back(outcome.id, blameless=True)
            return
        if outcome.lost or not self.queue.settle(outcome.id):
            self.queue.put_back(outcome.id)
            return
        self._tell(outcome.id)

    def _tell(self, name: str) -> None:
        job = self.queue.get(name)
        if job is not None:
            self.ended(job)

    def _pulse(self, doing: tuple[Doing, ...]) -> None:
        self.doing = {each.id: each for each in doing}
        if self.keep_hours and time.monotonic() - self._expired > EXPIRY:
            self._expired = time.monotonic()
            self.queue.expire(self.keep_hours)
