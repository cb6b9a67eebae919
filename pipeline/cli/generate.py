"""`onmodel generate`: garment photos to on-model pictures."""

from pipeline.cli.flags import with_options
from pipeline.cli.shared import Files, Kept, OptionValues, Settings, Shown


@with_options("segment", "place", "outfit", "pose", "figure", "generate", "upscale", "blend", "provenance", "write")
def generate(files: Files, settings: Settings, kept: Kept, shown: Shown, options: OptionValues) -> None:
    """Generate the person and the scene around garments, whose pixels stay exact."""
    from pipeline.cli import loop

    loop.pictures(files, settings, kept, shown, {"": settings.config(options, task="generate")})
