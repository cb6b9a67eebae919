"""`onmodel segment`: the cut-out alone, as straight-alpha RGBA and as a matte."""

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.flags import with_options
from pipeline.cli.shared import Files, OptionValues, Settings, Shown

if TYPE_CHECKING:
    from pipeline.cli.display import Display


@with_options("segment")
def segment(files: Files, settings: Settings, shown: Shown, options: OptionValues) -> None:
    """Cut garments out of their photos: exact colours inside, the old backdrop removed from soft edges."""
    from pipeline import engine, ownership
    from pipeline.cli import loop
    from pipeline.models import Models

    config = settings.config(options)
    models, paths = Models(), engine.outputs(files.photos, files.output)
    jobs = list(zip(files.photos, paths, strict=True))
    reads = ownership.Reads([*files.photos, *settings.reads(), *ownership.named(config)])
    loop.refuse(jobs, engine.CUT_ENDINGS, reads)

    def work(photo: Path, path: Path, display: "Display") -> int:
        display.step(photo, "segment", 0, 1)
        display.cut(photo, path, engine.cut(photo, path, config, models, overwrite=files.overwrite, reads=reads))
        return 0

    loop.each(jobs, shown, work)
