"""One loop over photos for every command: run, show, go on after a bad one, end with the first exit code."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

import typer

from pipeline import engine, ownership, tasks
from pipeline.cli.display import Display
from pipeline.cli.shared import Files, Kept, Settings, Shown
from pipeline.config import Config
from pipeline.last_cut import LastCut
from pipeline.models import Models
from pipeline.shared_models import SharedModels
from pipeline.unexpected import explained
from stages.contracts import BatchGenerator
from stages.errors import OnmodelError, PromiseError
from stages.generate import device

Job = TypeVar("Job")


def each(
    jobs: Iterable[tuple[Path, Job]], shown: Shown, work: Callable[[Path, Job, Display], int], threads: int = 1
) -> NoReturn:
    """Calls `work(photo, job, display)`, which gives an exit code, for each photo's job; ends the command."""
    with Display(quiet=shown.quiet, verbose=shown.verbose, as_json=shown.as_json) as display:

        def tried(given: tuple[Path, Job]) -> int:
            photo, job = given
            try:
                return work(photo, job, display)
            except Exception as error:  # noqa: BLE001 - one bad photo never ends the call for the others
                known = explained(error)
                display.failed(photo, known)
                return known.exit_code

        if threads == 1:
            codes = [tried(job) for job in jobs]
        else:
            pool = ThreadPoolExecutor(threads, "photo")
            try:
                codes = list(pool.map(tried, jobs))
            finally:
                pool.shutdown(cancel_futures=True)
    raise typer.Exit(next((code for code in codes if code), 0))


def pictures(files: Files, settings: Settings, kept: Kept, shown: Shown, configs: Mapping[str, Config]) -> NoReturn:
    """Makes a picture of each photo by each config, with models that are loaded once; ends the command.

    The configs go by what is added to the pictures' names where there are several. Before any work it is seen that no
    file is written that the call reads, and none twice. Where pictures are painted on a GPU,
    or several at once, others are read, cut and written meanwhile.
    """
    models, paths = Models(), engine.outputs(files.photos, files.output)
    cut = LastCut() if len(configs) > 1 else None
    jobs = [
        (photo, (path.with_stem(f"{path.stem}-{name}") if len(configs) > 1 else path, config))
        for photo, path in zip(files.photos, paths, strict=True)
        for name, config in configs.items()
    ]
    first = next(iter(configs.values()))
    named = [path for config in configs.values() for path in ownership.named(config)]
    reads = ownership.Reads([*files.photos, *settings.reads(), *named])
    refuse([(photo, path) for photo, (path, _) in jobs], engine.endings(first, kept.keep_stages), reads)
    threads = min(len(jobs), _threads(models, first)) if len(jobs) > 1 else 1
    shared = SharedModels(models)

    def work(photo: Path, job: tuple[Path, Config], display: Display) -> int:
        path, config = job
        with shared.job():
            receipt = engine.run(
                photo,
                path,
                config,
                shared if threads > 1 else models,
                report=partial(display.step, photo),
                overwrite=files.overwrite,
                keep_stages=kept.keep_stages,
                cut=cut,
                reads=reads,
            )
        display.finished(photo, path, receipt)
        return PromiseError.exit_code if receipt.failures else 0

    try:
        each(jobs, shown, work, threads)
    finally:
        shared.close()


def refuse(jobs: Sequence[tuple[Path, Path]], endings: Sequence[str], reads: ownership.Reads) -> None:
    """Raises an error when a call's (photo, picture) would write over a file that it reads, or one file twice."""
    engine.check_apart(jobs, endings)
    reads.refuse(path.with_suffix(ending) for _, path in jobs for ending in endings)


def _threads(models: Models, config: Config) -> int:
    """Number of photos to have in hand: twice as many as are painted at once; 1 if everything shares the same cores."""
    try:
        painter = models.generator(config.generate) if tasks.of(config.task).imagines(config) else None
        if not isinstance(painter, BatchGenerator):
            return 1
        at_once = painter.at_once()
        apart = at_once > 1 or device.choose(config.generate)[0].type != "cpu"
    except OnmodelError:
        return 1  # each photo's run says what is wrong
    return 2 * at_once if apart else 1
