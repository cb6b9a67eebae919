"""`onmodel outpaint`: grows the frame around a photo, which stays exact; several formats in one call."""

from typing import Annotated

import typer

from pipeline.cli.flags import with_options
from pipeline.cli.shared import CONTINUED_UNUSED, Files, Kept, OptionValues, Settings, Shown

Aspects = Annotated[
    str | None,
    typer.Option("--aspect", help="Aspect ratio to grow to, such as 4:5; a list makes one picture for each."),
]


@with_options("outpaint", "fill", "generate", "upscale", "blend", "provenance", "write", without=CONTINUED_UNUSED)
def outpaint(
    files: Files, settings: Settings, kept: Kept, shown: Shown, options: OptionValues, aspect: Aspects = None
) -> None:
    """Extend the frame by sides or to aspect ratios (--aspect 1:1,4:5,9:16); the whole photo stays exact."""
    from pipeline.cli import loop

    formats = [each for each in aspect.replace(" ", "").split(",") if each] if aspect else []
    if not formats:
        loop.pictures(files, settings, kept, shown, {"": settings.config(options, task="outpaint")})
    grown = options.pop("outpaint", {})
    found = [settings.config({**options, "outpaint": {**grown, "aspect": each}}, task="outpaint") for each in formats]
    loop.pictures(files, settings, kept, shown, {str(each.outpaint.aspect).replace(":", "x"): each for each in found})
