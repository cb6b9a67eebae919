"""`onmodel collection`: many pictures from a manifest."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from pipeline.cli.flags import with_options
from pipeline.cli.shared import CastingName, Json, OptionValues, PresetName, Quiet, SceneName
from pipeline.collection.options import RunOptions
from pipeline.config import worded
from stages.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.collection.plan import Plan

SECTIONS = ("segment", "place", "pose", "figure", "generate", "upscale", "blend", "write")

collection = typer.Typer(help="Many pictures from a manifest; runs can be resumed.", no_args_is_help=True)

Manifest = Annotated[str, typer.Argument(help="CSV, JSONL, YAML or Parquet: one row per picture.", show_default=False)]
Folder = Annotated[str, typer.Option("--output", "-o", help="Folder for the pictures, or a URL such as s3://.")]


def _over(options: OptionValues, preset: str | None, casting: str | None, scene: str | None) -> dict[str, object]:
    """Returns the options that go over every row's."""
    named = {"preset": preset, "casting": casting, "scene": scene}
    return {**options, **{key: value for key, value in named.items() if value}}


@with_options(*SECTIONS, run=RunOptions)
def run(
    manifest: Manifest,
    output: Folder,
    preset: PresetName = None,
    casting: CastingName = None,
    scene: SceneName = None,
    quiet: Quiet = False,
    as_json: Json = False,
    *,
    options: OptionValues,
) -> None:
    """Make the missing pictures of a collection, and its report. The same command resumes an interrupted run."""
    from pipeline.cli.board import Board
    from pipeline.collection import results
    from pipeline.collection.run import run as run_collection

    asked = _asked(options)
    page = f"{output.rstrip('/')}/{results.named(results.REPORT, asked.shard)}"
    with Board(page, quiet=quiet, as_json=as_json) as board:
        tally = run_collection(manifest, output, asked, _over(options, preset, casting, scene), watch=board.show)
        board.end(tally)
    raise typer.Exit(tally.exit_code)


@with_options(*SECTIONS, run=RunOptions)
def plan(
    manifest: Manifest,
    output: Annotated[str | None, typer.Option("--output", "-o", help="Folder of an earlier run to continue.")] = None,
    preset: PresetName = None,
    casting: CastingName = None,
    scene: SceneName = None,
    as_json: Json = False,
    *,
    options: OptionValues,
) -> None:
    """Show what a run would do, how long it takes, how much disk it needs, and every problem at once."""
    from pipeline.collection.plan import plan as look

    asked = _asked(options)
    found = look(manifest, output, asked, _over(options, preset, casting, scene))
    (_machines if as_json else _people)(found)
    raise typer.Exit(2 if found.problems else 0)


@with_options(run=RunOptions)
def report(manifest: Manifest, output: Folder, *, options: OptionValues) -> None:
    """Write the tables and the report for what exists, without running any row."""
    from pipeline.collection import plan as plans
    from pipeline.collection import results, safe
    from pipeline.collection.guard import locked
    from pipeline.collection.places import Folder as Place

    asked = _asked(options)
    folder = Place(output)
    found = plans.read(manifest, asked)
    safe.check_reads(found, folder, manifest, asked)
    with locked(folder, asked.shard):
        folder.sweep()
        safe.check_known([], [], folder, asked)
        results.write(found, folder, asked)


def _asked(options: dict[str, Any]) -> RunOptions:
    """Takes how rows are run out of the options. Raises ConfigError when that cannot be."""
    try:
        return RunOptions.model_validate(options.pop("run", {}))
    except ValidationError as error:
        raise ConfigError(worded(error)[0]) from error


def _people(found: "Plan") -> None:
    from pipeline.cli.console import console
    from pipeline.collection.plan import grouped

    out = console()
    for message, rows in grouped(found.problems):
        lines = ", ".join(str(row.line) for row in rows[:5]) + (f" and {len(rows) - 5:,} more" if len(rows) > 5 else "")
        out.print(f"line {lines}: {message}", markup=False)
    good = found.rows - len(found.problems)
    out.print(f"{found.rows:,} rows of {found.photos:,} photos: {good:,} can be run, {len(found.problems):,} cannot")
    time = "unknown before one has ended" if found.seconds is None else _duration(found.seconds)
    out.print(
        f"{found.todo:,} to do, {found.done:,} done; disk: {found.bytes / 1e9:.2f} GB; "
        f"time at the last run's pace: {time}"
    )
    for model, count in found.models.items():
        out.print(f"  {count:,} with {model}", markup=False)
    for note in found.notes:
        out.print(note, markup=False)


def _machines(found: "Plan") -> None:
    import json
    from dataclasses import asdict

    typer.echo(json.dumps(asdict(found)))


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    return f"{seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


for command in (run, plan, report):
    collection.command()(command)
