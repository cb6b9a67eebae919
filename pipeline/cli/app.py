"""The commands, gathered."""

from typing import Annotated

import typer

from pipeline.cli.background import background
from pipeline.cli.collection import collection
from pipeline.cli.demo import demo
from pipeline.cli.doctor import doctor
from pipeline.cli.generate import generate
from pipeline.cli.ghost import ghost
from pipeline.cli.inpaint import inpaint
from pipeline.cli.listing import listing
from pipeline.cli.mcp import mcp
from pipeline.cli.models import app as models
from pipeline.cli.outpaint import outpaint
from pipeline.cli.provenance import provenance
from pipeline.cli.segment import segment
from pipeline.cli.serve import serve
from pipeline.cli.show import show
from pipeline.cli.studio import studio
from pipeline.cli.verify import verify

app = typer.Typer(
    help="On-model pictures from garment photos. The garment's pixels stay exactly as photographed; "
    "the person and the scene are generated around it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Exit codes: 0 done · 1 unexpected · 2 wrong usage or configuration · 3 photo not usable · "
    "4 output not writable · 5 no garment found · 6 weights missing or not trusted · "
    "7 promise broken · 8 some rows of a collection failed · 9 all did · 130 interrupted",
)
app.command()(generate)
app.command()(background)
app.command()(inpaint)
app.command()(outpaint)
app.command()(ghost)
app.command()(segment)
app.command()(verify)
app.command()(provenance)
app.command()(serve)
app.command()(studio)
app.command()(mcp)
app.command()(demo)
app.command()(doctor)
app.command(name="list")(listing)
config = typer.Typer(help="Show what a run would use.", no_args_is_help=True)
config.command(name="show")(show)
app.add_typer(config, name="config")
app.add_typer(models, name="models")
app.add_typer(collection, name="collection")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"onmodel {version('onmodel')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """On-model pictures from garment photos."""
