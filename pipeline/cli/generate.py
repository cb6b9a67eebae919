"""`onmodel generate`: garment photos to on-model pictures."""

from functools import partial
from typing import Any

import typer

from pipeline.cli.flags import with_options
from pipeline.cli.shared import (
    CastingName,
    ConfigFile,
    FromReceipt,
    Json,
    KeepStages,
    Out,
    Overwrite,
    Photos,
    Preset,
    Quiet,
    SceneName,
    Verbose,
)


@with_options("segment", "place", "pose", "generate", "upscale", "blend", "write")
def generate(
    photos: Photos,
    output: Out,
    preset: Preset = None,
    casting: CastingName = None,
    scene: SceneName = None,
    config_file: ConfigFile = None,
    from_receipt: FromReceipt = None,
    overwrite: Overwrite = False,
    keep_stages: KeepStages = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: Json = False,
    *,
    options: dict[str, dict[str, Any]],
) -> None:
    """Generate the person and the scene around garments, whose pixels stay exact."""
    from pipeline import config as configs
    from pipeline import engine
    from pipeline.cli.display import Display
    from pipeline.models import Models
    from stages.errors import OnmodelError, PromiseError

    named = {key: value for key, value in {"casting": casting, "scene": scene}.items() if value}
    base = configs.from_receipt(from_receipt) if from_receipt else None
    config = configs.resolve(preset, config_file, {**options, **named}, base)
    models = Models()
    exit_code = 0
    with Display(quiet=quiet, verbose=verbose, as_json=as_json) as display:
        for photo, path in zip(photos, engine.outputs(photos, output), strict=True):
            try:
                receipt = engine.run(
                    photo,
                    path,
                    config,
                    models,
                    report=partial(display.step, photo),
                    overwrite=overwrite,
                    keep_stages=keep_stages,
                )
            except OnmodelError as error:
                display.failed(photo, error)
                exit_code = exit_code or error.exit_code
            else:
                display.finished(photo, path, receipt)
                if receipt.failures:
                    exit_code = exit_code or PromiseError.exit_code
    raise typer.Exit(exit_code)
