"""Keeps runs out of each other's way, and lets a user end one without loss."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import filelock

from pipeline.collection.places import Folder
from stages.errors import OutputError

LOCK = ".onmodel/lock"


@contextmanager
def locked(folder: Folder, shard: str = "1/1") -> Iterator[None]:
    """Holds a local output folder for one run of a shard. Raises OutputError while another run holds it.

    A run of everything waits for no shard and no shard for it; different shards may run side by side. The system lets
    go of a lock when its process dies, however it dies. Stores behind URLs have no locks; their objects appear whole,
    and equal rows give equal bytes.
    """
    if folder.path is None:
        yield
        return
    whole = folder.path / LOCK
    own = whole if shard == "1/1" else whole.with_name(f"{whole.name}-{shard.replace('/', '-of-')}")
    with ExitStack() as held:
        try:
            own.parent.mkdir(parents=True, exist_ok=True)
            if own.exists() and (not own.is_file() or own.stat().st_size):  # a lock is empty, and locking empties it
                raise OutputError(f"{own} is not a lock of onmodel: move it away, or choose another -o")
            held.enter_context(filelock.FileLock(own, timeout=0))
            for other in whole.parent.glob(f"{whole.name}-*") if own == whole else [whole]:
                filelock.FileLock(other, timeout=0).acquire().lock.release()
        except filelock.Timeout:
            raise OutputError(f"another run is at work in {folder.out}: wait for it, or choose another -o") from None
        except OSError as error:
            reason = error.strerror or error
            raise OutputError(f"{folder.out} cannot be written to ({reason}): choose another -o") from error
        yield


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Returns an event that the first SIGINT sets; a second one ends the process at once, as a kill does."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: Any) -> None:  # noqa: ARG001 - as signal calls it
        stopped.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
