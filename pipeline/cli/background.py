"""`onmodel background`: keeps the whole subject exactly and puts it before another scene, picture or colour."""

from dataclasses import replace
from pathlib import Path

from pipeline.cli.flags import with_options
from pipeline.cli.shared import Files, Kept, OptionValues, Settings, Shown
from stages.errors import ConfigError

# Nobody is painted, and what is kept is no garment.
_UNUSED = "casting garment keep_collar sheer detail reseed match_light match_colour"


@with_options("background", "segment", "generate", "upscale", "blend", "provenance", "write", without=_UNUSED)
def background(files: Files, settings: Settings, kept: Kept, shown: Shown, options: OptionValues) -> None:
    """Replace the background of people or products, which stay exact: --scene beach,street or --background white."""
    from pipeline.cli import loop

    scenes = [each.strip() for each in settings.scene.split(",")] if settings.scene else [None]
    if len({Path(scene or "").stem for scene in scenes}) < len(scenes):
        raise ConfigError(f"--scene {settings.scene} names one scene twice, or two whose pictures would have one name")
    configs = {
        Path(scene or "").stem: replace(settings, scene=scene).config(options, task="background") for scene in scenes
    }
    loop.pictures(files, settings, kept, shown, configs)
