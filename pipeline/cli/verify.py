"""`onmodel verify`: proves a picture from its files alone."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.shared import Json, Quiet


def verify(
    output: Annotated[Path, typer.Argument(help="A picture written by onmodel, beside its .json and .mask.png.")],
    source: Annotated[Path, typer.Option("--source", help="The photo it was made from.")],
    matte: Annotated[Path | None, typer.Option("--matte", help="Your own matte, if the run used one.")] = None,
    garment_box: Annotated[str | None, typer.Option("--garment-box", help="As given to the run.")] = None,
    garment_point: Annotated[list[str] | None, typer.Option("--garment-point", help="As given to the run.")] = None,
    not_point: Annotated[list[str] | None, typer.Option("--not-point", help="As given to the run.")] = None,
    back: Annotated[Path | None, typer.Option("--back", help="The second photo of a ghost.")] = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", help="PEM certificates; a signer they do not vouch for fails the proof.")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Prove that a picture holds its photo's garment bit for bit. Needs no model."""
    import json
    from dataclasses import asdict

    from pipeline.cli.console import console
    from pipeline.garment_check import Steering
    from pipeline.proof import prove
    from stages.errors import PromiseError
    from stages.plain import plain

    said = Steering(matte, garment_box, tuple(garment_point or ()), tuple(not_point or ()))
    proof = prove(output, source, said, trust, back)
    out = console()
    if as_json:
        out.out(json.dumps({"output": str(output), "source": str(source), **asdict(proof)}), highlight=False)
    elif not quiet:
        for warning in proof.warnings:
            out.print(f"warning: {warning}", markup=False)
        if not proof.failures:
            out.print(f"{output}: {proof.core_pixels:,} kept pixels equal the photo's bit for bit", markup=False)
            if proof.signed_by:
                out.print(
                    f"  signed by {plain(proof.signed_by)}; picture, mask and receipt are unchanged since", markup=False
                )
            if proof.watermark:
                out.print("  generated pixels carry the watermark", markup=False)
    if proof.failures and not as_json:
        raise PromiseError(f"{output}: " + "; ".join(proof.failures))
    raise typer.Exit(PromiseError.exit_code if proof.failures else 0)
