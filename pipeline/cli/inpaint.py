"""`onmodel inpaint`: removes, repairs or swaps a marked region; everything else stays exact."""

from pipeline.cli.flags import with_options
from pipeline.cli.shared import CONTINUED_UNUSED, Files, Kept, OptionValues, Settings, Shown


@with_options("inpaint", "fill", "generate", "upscale", "blend", "provenance", "write", without=CONTINUED_UNUSED)
def inpaint(files: Files, settings: Settings, kept: Kept, shown: Shown, options: OptionValues) -> None:
    """Repaint a marked region: remove a clip or a stain, repair, or replace with --prompt. All else stays exact."""
    from pipeline.cli import loop

    loop.pictures(files, settings, kept, shown, {"": settings.config(options, task="inpaint")})
