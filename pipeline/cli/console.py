"""Consoles of one kind for all commands: nothing that a name or a file says reaches the terminal as a command to it."""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.segment import Segment

from stages.plain import plain


def console(*, stderr: bool = False, wrap: bool = False) -> Console:
    """Returns a console for results (stdout) or for progress, warnings and errors (stderr); tables may `wrap`."""
    made = Console(stderr=stderr, soft_wrap=not wrap, highlight=False, emoji=False)
    made.push_render_hook(_Plainly())
    return made


class _Plainly(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Plain(each) for each in renderables]


class _Plain:
    """Wraps a renderable and spells out control characters in it, other than its own line ends."""

    def __init__(self, shown: ConsoleRenderable) -> None:
        self.shown = shown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        return _segments(console, options, self.shown)


def _segments(console: Console, options: ConsoleOptions, shown: ConsoleRenderable) -> Iterator[Segment]:
    for each in console.render(shown, options):
        if each.control:
            yield each
        else:
            lines = "\n".join(plain(line) for line in each.text.split("\n"))
            yield Segment(lines, each.style)
