"""Hands rows to an engine as it gets free, and no sooner: the back-pressure that both engines share."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from threading import Event
from typing import Generic, TypeVar

from pipeline.collection.record import Doing, Outcome, Work

Handle = TypeVar("Handle")
#: Stands behind the last row.
_END = object()

#: Seconds between two looks at what workers do.
PULSE = 1.0
Pulse = Callable[[tuple[Doing, ...]], None]
"""Called about every second with what the workers do."""


class Feed(Generic[Handle]):
    """Keeps at most `most` rows in hand."""

    def __init__(
        self,
        begin: Callable[[Work], Handle],
        ended: Callable[[list[Handle]], tuple[list[Handle], list[Handle]]],
        result: Callable[[Handle], Outcome],
        most: int,
    ) -> None:
        """Takes functions that begin a row, wait up to a second for some to end, and give an ended row's outcome."""
        self.begin, self.ended, self.result, self.most = begin, ended, result, most

    def run(self, rows: Iterable[Work | None], stopped: Event, pulse: Callable[[], None]) -> Iterator[Outcome]:
        """Yields outcomes as rows end. Takes no further row once `stopped` is set, but waits for those begun.

        Rows may give None where there is none just now: they are asked again after a look at those begun.
        A row that needs another generator waits until all before it have ended: two seldom fit a device.
        """
        coming = chain(rows, [_END])
        row = next(coming)
        loaded = ""
        waiting: list[Handle] = []
        while waiting or (row is not _END and not stopped.is_set()):
            while row is not _END and len(waiting) < self.most and not stopped.is_set():
                if isinstance(row, Work):
                    if row.group != loaded and waiting:
                        break
                    loaded = row.group
                    waiting.append(self.begin(row))
                none, row = row is None, next(coming)
                if none:
                    break
            done, waiting = self.ended(waiting) if waiting else ([], [])
            for each in done:
                yield self.result(each)
            pulse()
