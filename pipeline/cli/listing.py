"""`onmodel list`: the castings, scenes, poses and presets that have a name."""

from enum import StrEnum
from typing import Annotated

import typer

from pipeline.cli.shared import Json


class Kind(StrEnum):
    """What can be listed."""

    castings = "castings"
    scenes = "scenes"
    poses = "poses"
    presets = "presets"


def listing(kind: Annotated[Kind, typer.Argument(help="What to list.")], as_json: Json = False) -> None:
    """List castings, scenes, poses or presets by name."""
    import json

    from rich.table import Table

    from pipeline import config as configs
    from pipeline.cli.console import console

    found = {name: configs.read(configs.find(kind.value, name)) for name in configs.names(kind.value)}
    out = console(wrap=True)
    if as_json:
        out.out(json.dumps(found), highlight=False)
        return
    table = Table("name", "what it says", box=None, padding=(0, 3, 0, 0))
    for name, content in found.items():
        table.add_row(name, _words(content))
    out.print(table)


def _words(content: dict[str, object]) -> str:
    parts = []
    for key, value in content.items():
        inner = _words(value) if isinstance(value, dict) else value
        parts.append(f"{key}: {inner}")
    return ", ".join(parts)
