"""`onmodel verify`: proves a picture from its files alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.shared import Json, Quiet

if TYPE_CHECKING:
    from pipeline.garment_check import Steering


def verify(
    output: Annotated[Path, typer.Argument(help="A picture written by onmodel, beside its .json and .mask.png.")],
    source: Annotated[
        list[str],
        typer.Option(
            "--source",
            help="The photo it was made from; for an outfit, all of them. A photo that was cut with help of your own "
            'is given with it: "trousers.jpg matte=mine.png".',
        ),
    ],
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

    first = Steering(matte, garment_box, tuple(garment_point or ()), tuple(not_point or ()))
    paths, steers = zip(*(_told(each, first if at == 0 else None) for at, each in enumerate(source)), strict=True)
    proof = prove(output, paths, steers, trust, back)
    out = console()
    if as_json:
        out.out(
            json.dumps({"output": str(output), "source": source[0] if len(source) == 1 else source, **asdict(proof)}),
            highlight=False,
        )
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


def _told(words: str, said: "Steering | None") -> "tuple[Path, Steering]":
    """Parses the words of --source into a photo and how it was cut; `said` is what the other flags say about that."""
    from pipeline.garment_check import Steering
    from stages.errors import ConfigError
    from stages.reading import is_file
    from stages.typed import listed, worded

    told = {"photo": words} if is_file(Path(words)) else worded(words)
    name = told.pop("photo", words)
    unknown = told.keys() - {"matte", "box", "point", "not_point"}
    if unknown:
        raise ConfigError(f"--source {words}: {', '.join(sorted(unknown))} says nothing of how it was cut")
    if said is not None and not told:
        return Path(name), said
    points = (tuple(listed(told.get(each, ()))) for each in ("point", "not_point"))
    return Path(name), Steering(Path(told["matte"]) if "matte" in told else None, told.get("box"), *points)
