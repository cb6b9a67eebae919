"""One loop over photos for every command: run, show, go on after a bad one, end with the first exit code."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

import typer

from pipeline import engine
from pipeline.cli.display import Display
from pipeline.cli.shared import Files, Kept, Shown
from pipeline.config import Config
from pipeline.models import Models
from pipeline.recall import LastCut
from stages.errors import OnmodelError, PromiseError

Job = TypeVar("Job")


def each(jobs: Iterable[tuple[Path, Job]], shown: Shown, work: Callable[[Path, Job, Display], int]) -> NoReturn:
    """Calls `work(photo, job, display)`, which gives an exit code, for each photo's job; ends the command."""
    exit_code = 0
    with Display(quiet=shown.quiet, verbose=shown.verbose, as_json=shown.as_json) as display:
        for photo, job in jobs:
            try:
                code = work(photo, job, display)
            except OnmodelError as error:
                display.failed(photo, error)
                code = error.exit_code
            exit_code = exit_code or code
    raise typer.Exit(exit_code)


def pictures(files: Files, kept: Kept, shown: Shown, configs: Mapping[str, Config]) -> NoReturn:
    """Makes a picture of each photo by each config, with models that are loaded once; ends the command.

    The configs go by what is added to the pictures' names where there are several.
    """
    models, cut = Models(), LastCut()
    paths = engine.outputs(files.photos, files.output)

    def work(photo: Path, job: tuple[Path, Config], display: Display) -> int:
        path, config = job
        receipt = engine.run(
            photo,
            path,
            config,
            models,
            report=partial(display.step, photo),
            overwrite=files.overwrite,
            keep_stages=kept.keep_stages,
            cut=cut,
        )
        display.finished(photo, path, receipt)
        return PromiseError.exit_code if receipt.failures else 0

    jobs = (
        (photo, (path.with_stem(f"{path.stem}-{name}") if len(configs) > 1 else path, config))
        for photo, path in zip(files.photos, paths, strict=True)
        for name, config in configs.items()
    )
    each(jobs, shown, work)
