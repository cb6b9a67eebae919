"""`onmodel list`: the castings, scenes, poses and presets that have a name."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.shared import Json

if TYPE_CHECKING:
    from rich.text import Text

#: Width of a portrait in a terminal, in characters.
PORTRAIT = 20


class Kind(StrEnum):
    """Kinds of names that can be listed."""

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

    if kind is Kind.presets:
        _presets(as_json)
        return
    found = {name: configs.read(configs.find(kind.value, name)) for name in configs.names(kind.value)}
    out = console(wrap=True)
    if as_json:
        out.out(json.dumps(found), highlight=False)
        return
    pictured = kind is Kind.castings and out.is_terminal
    columns = ("", "name", "what it says") if pictured else ("name", "what it says")
    table = Table(*columns, box=None, padding=(0, 3, 1 if pictured else 0, 0))
    for name, content in found.items():
        row = [name, _words(content)]
        table.add_row(*([_portrait(configs.portrait(name)), *row] if pictured else row))
    out.print(table)


def _presets(as_json: bool) -> None:
    """Lists presets with what matters before downloading them."""
    import dataclasses
    import json

    from rich.table import Table

    from pipeline import config as configs
    from pipeline import presets
    from pipeline.cli.console import console

    found = {name: presets.sheet(name) for name in configs.names("presets")}
    out = console(wrap=True)
    if as_json:
        said = {
            name: {**configs.read(configs.find("presets", name)), "sheet": dataclasses.asdict(each)}
            for name, each in found.items()
        }
        out.out(json.dumps(said), highlight=False)
        return
    words = {True: "yes", False: "no", None: "?"}
    table = Table("name", "licences", "commercial use", "GB", "GB of GPU memory wanted", box=None, padding=(0, 3, 0, 0))
    for name, each in found.items():
        rungs = ", ".join(f"{rung} {size:g}" for rung, size in each.memory.items())
        size = f"{each.gigabytes:.1f}" if each.memory else "embedded"
        table.add_row(name, ", ".join(each.licences), words[each.commercial], size, rungs or "none")
    out.print(table)
    out.print(
        "Each run takes the first that fits: whole, tiled, weights waiting in main memory by model, in 8 bits, "
        "layer by layer."
    )


def _portrait(path: Path) -> "Text":
    """Draws a picture as rows of half blocks, each showing two pixels, one above the other; empty without a picture."""
    from PIL import Image
    from rich.style import Style
    from rich.text import Text

    drawn = Text()
    if not path.is_file():
        return drawn
    with Image.open(path) as stored:
        small = stored.convert("RGB").resize((PORTRAIT, 2 * round(0.5 * PORTRAIT * stored.height / stored.width)))
    for y in range(0, small.height, 2):
        for x in range(small.width):
            above, below = (f"#{bytes(small.getpixel((x, y + row))).hex()}" for row in (0, 1))  # type: ignore[arg-type]
            drawn.append("▀", Style(color=above, bgcolor=below))
        drawn.append("\n")
    return drawn


def _words(content: dict[str, object]) -> str:
    parts = []
    for key, value in content.items():
        inner = _words(value) if isinstance(value, dict) else value
        parts.append(f"{key}: {inner}")
    return ", ".join(parts)
