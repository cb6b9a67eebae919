"""What a collection's run shows: bars and workers on a terminal, one line a row elsewhere."""

import json
from dataclasses import asdict
from types import TracebackType
from typing import Self

from rich.console import Group
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.text import Text

from pipeline.cli.console import console
from pipeline.collection.record import Doing, Outcome
from pipeline.collection.run import Tally

#: Workers whose doings are shown; more would not fit a screen.
LINES = 12


class Board:
    """Shows a run on stderr; its result goes to stdout. A context manager: the live display lives within it."""

    def __init__(self, page: str, *, quiet: bool = False, as_json: bool = False) -> None:
        """`page` is where the report will be; `quiet` shows only errors, `as_json` one object per row on stdout."""
        self.page, self.quiet, self.as_json = page, quiet, as_json
        self.out = console()
        self.err = console(stderr=True)
        self.live = Live(console=self.err, auto_refresh=False, transient=True)
        self.shown = self.err.is_terminal and not quiet and not as_json
        self.told = False

    def __enter__(self) -> Self:
        if self.shown:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.live.stop()

    def show(self, tally: Tally, outcome: Outcome | None, doing: tuple[Doing, ...]) -> None:
        """Can be passed to `pipeline.collection.run.run` as `watch`."""
        if outcome is not None:
            self._row(tally, outcome)
        if tally.ending and not self.told and not self.quiet:
            self.told = True
            self.err.print("stopping: finishing the rows in progress; press Ctrl-C again to stop at once")
        if self.shown:
            self.live.update(screen(tally, doing), refresh=True)

    def end(self, tally: Tally) -> None:
        """Shows how it went."""
        if self.as_json:
            self.out.out(json.dumps({**asdict(tally), "exit_code": tally.exit_code}), highlight=False)
        elif not self.quiet:
            pictures = tally.skipped + tally.done
            failed = tally.failed + tally.failed_before
            words = f"{pictures:,} of {tally.rows:,} pictures ({tally.done:,} new), {failed:,} failed"
            left = f", {tally.left:,} not run: the same command goes on" if tally.left else ""
            self.out.print(f"{words}{left}  {self.page}", markup=False)

    def _row(self, tally: Tally, outcome: Outcome) -> None:
        if self.as_json:
            self.out.out(json.dumps(asdict(outcome)), highlight=False)
        elif outcome.status != "ok":
            self.err.print(Text.assemble((f"{outcome.status}: ", "red"), f"{outcome.id}: {outcome.error}"))
        elif not self.quiet and not self.shown:
            at = f"{tally.rows - tally.left:,}/{tally.rows:,}"
            self.err.print(f"{at}  {outcome.id}  {outcome.seconds:.1f} s  {_rest(tally)}", markup=False)


def screen(tally: Tally, doing: tuple[Doing, ...]) -> Group:
    """Draws the run for a terminal: progress in words, a bar, and a line for each row in hand."""
    ended = tally.rows - tally.left
    failed = tally.failed + tally.failed_before
    words = Text.assemble(
        f"{ended:,} of {tally.rows:,}  ",
        (f"{tally.skipped + tally.done:,} pictures  ", "green"),
        (f"{failed:,} failed  " if failed else "", "red"),
        _rest(tally),
    )
    bar = Padding(ProgressBar(total=max(1, tally.rows), completed=ended, width=60), 0)  # a bar does not end its line
    return Group(words, bar, *(Text(f"  {each}", "dim") for each in doing[:LINES]))


def _rest(tally: Tally) -> str:
    """Puts rate and time left into words; empty before the first row."""
    if not tally.done or not tally.seconds:
        return ""
    rate = tally.done / tally.seconds
    speed = f"{rate * 60:.1f} a minute" if rate < 1 else f"{rate:.1f} a second"
    left = tally.left / rate
    return f"{speed}, {left / 60:.0f} min left" if left >= 120 else f"{speed}, {left:.0f} s left"
