"""Hands rows to an engine as it gets free, and no sooner: the back-pressure that both engines share."""

from collections.abc import Callable, Iterable, Iterator
from threading import Event
from typing import Generic, TypeVar

from pipeline.collection.record import Outcome, Work

Handle = TypeVar("Handle")

#: Seconds between two looks at what workers do.
PULSE = 1.0
Pulse = Callable[[tuple[str, ...]], None]
"""Called about every second with what the workers do, in words."""


class Feed(Generic[Handle]):
    """Keeps at most `most` rows in hand."""

    def __init__(
        self,
        begin: Callable[[Work], Handle],
        ended: Callable[[list[Handle]], tuple[list[Handle], list[Handle]]],
        result: Callable[[Handle], Outcome],
        most: int,
    ) -> None:
        """Takes how a row is begun, how to wait a second at most for some to end, and what an ended one gave."""
        self.begin, self.ended, self.result, self.most = begin, ended, result, most

    def run(self, rows: Iterable[Work], stopped: Event, pulse: Callable[[], None]) -> Iterator[Outcome]:
        """Gives outcomes as rows end. Takes no further row once `stopped` is set, but waits for those begun.

        A row that needs another generator waits until all before it have ended: two seldom fit a device.
        """
        coming = iter(rows)
        row = next(coming, None)
        loaded = row.group if row else ""
        waiting: list[Handle] = []
        while waiting or (row is not None and not stopped.is_set()):
            while row is not None and len(waiting) < self.most and not stopped.is_set():
                if row.group != loaded and waiting:
                    break
                loaded = row.group
                waiting.append(self.begin(row))
                row = next(coming, None)
            done, waiting = self.ended(waiting)
            for each in done:
                yield self.result(each)
            pulse()
