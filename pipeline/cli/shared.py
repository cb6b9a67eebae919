"""Arguments that several commands take, in groups: a command names a group and gets its fields as flags."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pipeline.config import Config

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Also print the prompt, notes and time per stage.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object per photo, for machines.")]

PresetName = Annotated[str | None, typer.Option(help="Models and settings to use (onmodel list presets).")]
CastingName = Annotated[
    str | None, typer.Option("--casting", help="Who the model is: a name (onmodel list castings) or a YAML file.")
]
SceneName = Annotated[
    str | None, typer.Option("--scene", help="Where the picture is taken: a name (onmodel list scenes) or a YAML file.")
]

#: What changes nothing where the painted part goes on from the photo: no figure is posed, no garment throws a shadow.
CONTINUED_UNUSED = "detail reseed match_light match_colour shadow"

OptionValues = dict[str, dict[str, Any]]
"""The options that were given as flags: {section: {field: value}}."""


@dataclass(frozen=True, slots=True)
class Files:
    """Input files and where pictures go."""

    photos: Annotated[list[Path], typer.Argument(help="Photos: PNG, JPEG, TIFF, WebP.", show_default=False)]
    output: Annotated[
        str, typer.Option("--output", "-o", help="A .png file, or a folder ending in /, which several photos need.")
    ]
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what an earlier run wrote.")] = False


@dataclass(frozen=True, slots=True)
class Kept:
    """Further files to write."""

    keep_stages: Annotated[
        bool, typer.Option("--keep-stages", help="Also write one picture per stage to OUT.stages/.")
    ] = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Sources of options; flags override them."""

    preset: PresetName = None
    casting: CastingName = None
    scene: SceneName = None
    config_file: Annotated[
        Path | None,
        typer.Option("--config", help="YAML file of options by stage; overrides the preset, and flags override it."),
    ] = None
    from_receipt: Annotated[
        Path | None, typer.Option("--from", help="Repeat the run that wrote this receipt; flags override it.")
    ] = None

    def reads(self) -> list[Path]:
        """Lists the files that these options name."""
        named = [self.config_file, self.from_receipt, *map(Path, (self.scene or "").split(","))]
        return [each for each in (*named, Path(self.casting or "")) if each is not None and each.suffix]

    def config(self, options: OptionValues, **over: object) -> "Config":
        """Merges these with the flags and with `over`, which goes over all, such as `task="inpaint"`."""
        from pipeline import config as configs

        named = {key: value for key, value in {"casting": self.casting, "scene": self.scene}.items() if value}
        base = configs.from_receipt(self.from_receipt) if self.from_receipt else None
        return configs.resolve(self.preset, self.config_file, {**options, **named, **over}, base)


@dataclass(frozen=True, slots=True)
class Shown:
    """How much is printed, and in which form."""

    quiet: Quiet = False
    verbose: Verbose = False
    as_json: Json = False
