"""`onmodel demo`: the main job on a garment photo that the project draws itself."""

from functools import partial
from pathlib import Path

import typer

from pipeline.cli.shared import Quiet, Verbose


def demo(quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Draw a garment photo, put it on a model, and write both to demo/ in the working directory."""
    from pipeline import config as configs
    from pipeline import engine, ownership
    from pipeline.cli.display import Display
    from pipeline.demo import draw
    from pipeline.models import Models
    from stages import disk, write
    from stages.errors import PromiseError
    from stages.reading import contents

    photo, output = Path("demo/photo.png"), Path("demo/demo.png")
    config = configs.resolve()
    drawn = write.encode(draw(), None, None)
    with Display(quiet=quiet, verbose=verbose) as display:
        if not (photo.is_file() and contents(photo) == drawn):
            disk.write_files({photo: drawn}, known=ownership.photo(output.with_suffix(".json")))
        receipt = engine.run(
            photo,
            output,
            config,
            Models(),
            report=partial(display.step, photo),
            overwrite=True,
        )
        display.finished(photo, output, receipt)
    raise typer.Exit(PromiseError.exit_code if receipt.failures else 0)
