"""`onmodel provenance`: what a picture says of where it comes from."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.shared import Json


def provenance(
    picture: Annotated[Path, typer.Argument(help="A PNG, JPEG or WebP, from this program or any other.")],
    trust: Annotated[
        Path | None, typer.Option("--trust", help="PEM file with the certificates of signers you trust.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print who signed a picture, whether it changed since, what it claims, and whether it is marked as AI-generated.

    Exits with 7 when a signature does not hold, with 0 also when there is none.
    """
    import json
    from dataclasses import asdict

    from pipeline.cli.console import console
    from pipeline.provenance import report
    from stages.errors import PromiseError

    found = report.of(picture, trust)
    out = console()
    if as_json:
        out.out(json.dumps({"picture": str(picture), **asdict(found)}), highlight=False)
    else:
        for line in report.lines(found):
            out.print(line, markup=False)
    raise typer.Exit(PromiseError.exit_code if found.credentials and not found.credentials.valid else 0)
