"""The command line. Each command is one file; each imports the engine when it runs, so that --help stays quick."""

import re
import sys

from pipeline.cli.app import app
from pipeline.unexpected import explained
from stages.errors import OnmodelError


def main() -> None:
    """Runs the command line; whatever goes wrong ends it with one sentence and an exit code."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last handler: nothing but sentences reaches a terminal
        sys.exit(say(error))


def say(error: Exception) -> int:
    """Prints an error as one sentence, with -v also where an unforeseen one arose; gives the exit code."""
    from rich.text import Text

    from pipeline.cli.console import console
    from stages.plain import plain

    known = explained(error)
    err = console(stderr=True)
    err.print(Text.assemble(("onmodel: ", "red"), plain(known)))
    if not isinstance(error, OnmodelError) and any(
        re.match(r"^(-[a-z]*v[a-z]*|--verbose)$", each) for each in sys.argv[1:]
    ):
        import traceback

        err.print("".join(traceback.format_exception(error)).rstrip(), markup=False)
    return known.exit_code
