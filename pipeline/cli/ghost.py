"""`onmodel ghost`: a garment that nobody wears, on plain paper, the inside of its neck kept."""

from dataclasses import replace

from pipeline.cli.flags import with_options
from pipeline.cli.shared import Files, Kept, OptionValues, Settings, Shown

# Nothing is generated: no preset, person or scene plays a part, and the collar is always kept.
_UNUSED = "preset casting scene keep_collar framing match_light grain watermark"


@with_options("ghost", "background", "segment", "place", "blend", "provenance", "write", without=_UNUSED)
def ghost(files: Files, settings: Settings, kept: Kept, shown: Shown, options: OptionValues) -> None:
    """Cut garments out on white with a soft shadow, as on an unseen mannequin: the inside of the neck stays."""
    from pipeline.cli import loop

    preset = None if settings.from_receipt else "house"
    config = replace(settings, preset=preset).config(options, task="ghost")
    loop.pictures(files, settings, kept, shown, {"": config})
