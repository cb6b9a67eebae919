"""`onmodel studio`: a page in the browser."""

import os
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.flags import with_options
from pipeline.cli.serve import checked, named
from pipeline.cli.shared import OptionValues, Settings
from pipeline.collection.options import RunOptions
from pipeline.service.options import ServeOptions
from pipeline.studio.options import StudioOptions

_UNUSED = (
    "defaults allow_outside allow_private retry_failed rejected shard cost_per_hour from_receipt matte garment_box "
    "garment_point not_point address workers engine"
)
Folder = Annotated[
    Path | None, typer.Argument(help="Folder for drafts and pictures; defaults to one in the user's data folder.")
]


@with_options("generate", "upscale", "blend", "provenance", studio=StudioOptions, run=RunOptions, without=_UNUSED)
def studio(settings: Settings, options: OptionValues, folder: Folder = None) -> None:
    """Work in the browser, on this machine only (extra serve): drop a photo, correct the cut, choose, generate."""
    from pipeline.service import start

    asked = checked(StudioOptions, options.pop("studio", {}))
    run = checked(RunOptions, options.pop("run", {}))
    served = ServeOptions(port=asked.port, folder=folder, rate="1000/second", keep_hours=0, stop_seconds=5)
    base = start.base(settings.preset, settings.config_file, named(settings, options), served)

    def told(address: str) -> None:
        typer.echo(f"Open {address}  (Ctrl-C ends it)")
        if asked.open_page:
            typer.launch(address)

    if not start.studio(served, run, base, told):
        os._exit(0)  # as `onmodel serve`
