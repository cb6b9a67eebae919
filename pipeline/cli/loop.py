"""One loop over photos for every command: run, show, go on after a bad one, end with the first exit code."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import typer

from pipeline import engine
from pipeline.cli.display import Display
from pipeline.cli.shared import Files, Kept, Shown
from pipeline.config import Config
from pipeline.models import Models
from stages.errors import OnmodelError, PromiseError


def each(jobs: Iterable[tuple[Path, Path]], shown: Shown, work: Callable[[Path, Path, Display], int]) -> None:
    """Calls `work(photo, output, display)`, which gives an exit code, for each job; ends the command."""
    exit_code = 0
    with Display(quiet=shown.quiet, verbose=shown.verbose, as_json=shown.as_json) as display:
        for photo, path in jobs:
            try:
                code = work(photo, path, display)
            except OnmodelError as error:
                display.failed(photo, error)
                code = error.exit_code
            exit_code = exit_code or code
    raise typer.Exit(exit_code)


def pictures(files: Files, kept: Kept, shown: Shown, config: Config) -> None:
    """Makes one picture of each photo with models that are loaded once; ends the command."""
    models = Models()

    def work(photo: Path, path: Path, display: Display) -> int:
        receipt = engine.run(
            photo,
            path,
            config,
            models,
            report=partial(display.step, photo),
            overwrite=files.overwrite,
            keep_stages=kept.keep_stages,
        )
        display.finished(photo, path, receipt)
        return PromiseError.exit_code if receipt.failures else 0

    each(zip(files.photos, engine.outputs(files.photos, files.output), strict=True), shown, work)
