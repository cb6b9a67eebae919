"""`onmodel segment`: the cut-out alone, as straight-alpha RGBA and as a matte."""

from typing import Any

import typer

from pipeline.cli.flags import with_options
from pipeline.cli.shared import ConfigFile, Json, Out, Overwrite, Photos, Quiet


@with_options("segment")
def segment(
    photos: Photos,
    output: Out,
    config_file: ConfigFile = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    as_json: Json = False,
    *,
    options: dict[str, dict[str, Any]],
) -> None:
    """Cut garments from their photos: core colours exact, old backdrop removed from soft pixels."""
    from pipeline import config as configs
    from pipeline import engine
    from pipeline.cli.display import Display
    from pipeline.models import Models
    from stages.errors import OnmodelError

    config = configs.resolve(file=config_file, flags=options)
    models = Models()
    exit_code = 0
    with Display(quiet=quiet, as_json=as_json) as display:
        for photo, path in zip(photos, engine.outputs(photos, output), strict=True):
            display.step(photo, "segment", 0, 1)
            try:
                cutout = engine.cut(photo, path, config, models, overwrite=overwrite)
            except OnmodelError as error:
                display.failed(photo, error)
                exit_code = exit_code or error.exit_code
            else:
                display.cut(photo, path, cutout)
    raise typer.Exit(exit_code)
