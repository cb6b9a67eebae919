"""The command line. Each command is one file; each imports the engine when it runs, so that --help stays quick."""

import sys

from rich.console import Console
from rich.text import Text

from pipeline.cli.app import app
from stages.errors import OnmodelError


def main() -> None:
    """Runs the command line; an error ends it with one sentence and its exit code."""
    try:
        app()
    except OnmodelError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(Text.assemble(("onmodel: ", "red"), str(error)))
        sys.exit(error.exit_code)
