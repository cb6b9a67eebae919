"""The local engine: one worker in this process, or one process for each device."""

import multiprocessing
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from multiprocessing.managers import BaseManager
from queue import SimpleQueue
from typing import Any

from pipeline.collection.feed import PULSE, Feed, Pulse
from pipeline.collection.options import RunOptions
from pipeline.collection.places import Folder
from pipeline.collection.record import Doing, Outcome, Work
from pipeline.collection.worker import Setup, Worker
from stages.errors import ConfigError
from stages.generate import device


def devices(options: RunOptions) -> list[str | None]:
    """Returns the devices to use; None stands for what each row's own options say, in this process."""
    if options.devices == "own":
        return [None]
    if options.devices == "auto":
        device.prepare()
        import torch

        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        return [f"cuda:{index}" for index in range(count)] if count > 1 else [None]
    named = [name.strip() for name in options.devices.split(",") if name.strip()]
    if not named:
        raise ConfigError("--devices is empty: give a list such as cuda:0,cuda:1, or auto")
    return list(named)


def run(
    rows: Iterable[Work | None], setup: Setup, options: RunOptions, stopped: threading.Event, pulse: Pulse
) -> Iterator[Outcome]:
    """Yields the outcome of each row as it ends. Takes rows only as workers get free; none once `stopped` is set.

    `rows` may give None where there is none just now. `pulse` is called every second with what the workers do.
    """
    found = devices(options)
    if found != [None]:
        Folder(setup.out).check_shared()
    workers = [_Here(setup)] if len(found) == 1 and found[0] is None else [_Apart(setup, name) for name in found]
    free: SimpleQueue[_Here | _Apart] = SimpleQueue()
    for _ in range(options.ahead):
        for worker in workers:
            free.put(worker)

    def one(row: Work) -> Outcome:
        worker = free.get()
        try:
            return worker.run(row)
        finally:
            free.put(worker)

    def ended(waiting: list[Future[Outcome]]) -> tuple[list[Future[Outcome]], list[Future[Outcome]]]:
        done, left = wait(waiting, PULSE, FIRST_COMPLETED)
        return list(done), list(left)

    most = options.ahead * len(workers)
    try:
        with ThreadPoolExecutor(most, "row") as pool:
            feed = Feed(lambda row: pool.submit(one, row), ended, Future.result, most)
            yield from feed.run(rows, stopped, lambda: pulse(tuple(each for one in workers for each in one.doing())))
    finally:
        for worker in workers:
            worker.close()


class _Here:
    """A worker in this process."""

    def __init__(self, setup: Setup) -> None:
        worker = Worker(setup)
        self.run, self.doing, self.close = worker.run, worker.doing, worker.close


class _Host(BaseManager):
    """Holds one worker in a process of its own; each thread that calls it is served by a thread there."""


_Host.register("Worker", Worker, exposed=("run", "doing", "close"))


class _Apart:
    """A worker in a process of its own. When that dies, the rows that it had in hand are lost, and a new one begins."""

    def __init__(self, setup: Setup, device: str | None) -> None:
        self.setup = replace(setup, device=device)
        self.name = device or "worker"
        self._guard = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self.host = _Host(ctx=multiprocessing.get_context("spawn"))
        self.host.start(_end_with_parent)
        self.worker: Any = self.host.Worker(self.setup)  # type: ignore[attr-defined]

    def run(self, row: Work) -> Outcome:
        worker = self.worker
        try:
            outcome: Outcome = worker.run(row)
        except (EOFError, OSError):
            with self._guard:
                if self.worker is worker:  # the first thread that notices begins a new process
                    with suppress(EOFError, OSError):  # without the memory for one, the next row tries again
                        self._begin()
            words = "the worker died under this row: it may need more memory than there is"
            return Outcome(row.id, "error", error=words, lost=True)
        return outcome

    def doing(self) -> tuple[Doing, ...]:
        try:
            return tuple(replace(each, where=self.name) for each in self.worker.doing())
        except (EOFError, OSError):
            return (Doing("worker", "begins anew", where=self.name),)

    def close(self) -> None:
        self.host.shutdown()


def _end_with_parent() -> None:
    """Ends this process when the one that began it is killed: an orphan would hold the device."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
