"""Arguments that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

Photos = Annotated[list[Path], typer.Argument(help="Photos of garments: PNG, JPEG, TIFF, WebP.", show_default=False)]
Out = Annotated[
    str, typer.Option("--output", "-o", help="A .png file, or a folder ending in / (or for several photos).")
]
Preset = Annotated[str | None, typer.Option(help="Which models with which settings (onmodel list presets).")]
CastingName = Annotated[
    str | None, typer.Option("--casting", help="Who the model is: a name (onmodel list castings) or a YAML file.")
]
SceneName = Annotated[
    str | None, typer.Option("--scene", help="Where the picture is taken: a name (onmodel list scenes) or a YAML file.")
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="YAML file of options by stage; flags go over it, it over the preset.")
]
FromReceipt = Annotated[Path | None, typer.Option("--from", help="Repeat the run of this receipt; flags go over it.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
KeepStages = Annotated[bool, typer.Option("--keep-stages", help="Also write one picture per stage into OUT.stages/.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors alone.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Also print the prompt, notes and seconds per stage.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object per photo, for machines.")]
