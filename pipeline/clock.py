"""How far a run is, and how long each stage of it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stages.contracts import Generator

Report = Callable[[str, int, int], None]
"""Called with (stage, steps done, steps in all)."""


def quiet(stage: str, done: int, total: int) -> None:
    """Reports nothing."""


class Clock:
    """Times each stage and reports its beginning and end."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        self.report(stage, 0, 1)
        began = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - began, 3)
        self.report(stage, 1, 1)

    @contextmanager
    def inside(self, stage: str, painter: Generator) -> Iterator[None]:
        """Notes where a painter that times itself spent a stage, as `stage.part`; the stage's own time holds these."""
        before = dict(getattr(painter, "seconds", {}))
        yield
        for part, seconds in getattr(painter, "seconds", {}).items():
            self.seconds[f"{stage}.{part}"] = round(seconds - before.get(part, 0.0), 3)
