"""`onmodel models`: which weights presets need, which are here; fetching and checking them."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.shared import Json, Quiet

if TYPE_CHECKING:
    from pipeline.weights import Need

app = typer.Typer(help="Weights of presets: list, download and check them.", no_args_is_help=True)

Names = Annotated[
    list[str], typer.Argument(help="Presets, config files, or names of weights on the Hub.", show_default=False)
]
Any_ = Annotated[list[str] | None, typer.Argument(help="Presets; all by default.", show_default=False)]
References = Annotated[
    bool, typer.Option("--references", help="Include what castings with reference pictures need (IP-Adapter).")
]


@app.command(name="list")
def listing(presets: Any_ = None, as_json: Json = False) -> None:
    """List what presets need: licences, sizes, and whether they are installed."""
    import json

    from rich.table import Table

    from pipeline import config as configs
    from pipeline import hub
    from pipeline.cli.console import console
    from pipeline.weights import source

    rows = [
        (preset, need, source(need.name), hub.whole(need))
        for preset in presets or configs.names("presets")
        for need in _needs([preset], references=True)
    ]
    out = console(wrap=True)
    if as_json:
        said = [
            {
                "preset": preset,
                "role": need.role,
                "name": need.name,
                "licence": found.licence,
                "gigabytes": found.published.gigabytes if found.published else None,
                "optional": need.optional,
                "present": here,
            }
            for preset, need, found, here in rows
        ]
        out.out(json.dumps(said), highlight=False)
        return
    table = Table("preset", "for", "weights", "licence", "GB", "here", box=None, padding=(0, 2, 0, 0))
    last = ""
    for preset, need, found, here in rows:
        size = f"{found.published.gigabytes:.1f}" if found.published else "?"
        role = f"{need.role} (references)" if need.optional else need.role
        table.add_row("" if preset == last else preset, role, need.name, found.licence, size, "yes" if here else "no")
        last = preset
    out.print(table)
    out.print("The preset house is embedded and needs nothing. `onmodel models pull PRESET` downloads what is missing.")


@app.command()
def recommend() -> None:
    """Recommend a preset for this machine's memory, with sizes, licences and the command that fetches it."""
    from pipeline import choice, weights

    found = choice.recommended()
    if found is None:
        typer.echo("This machine has too little free memory for any preset but house, which is embedded.")
        return
    typer.echo(f"{found.preset}, as far as memory goes.")
    for need in choice.needs(found.preset):
        source = weights.source(need.name)
        size = f"{source.published.gigabytes:.1f} GB" if source.published else "size unknown"
        here = "here" if weights.present(need.name, settings=need.settings) else "missing"
        typer.echo(f"  {need.role}: {need.name}  {size}  {source.licence}  {here}")
    typer.echo(f"Fetch what is missing: onmodel models pull {found.preset}")


@app.command()
def pull(
    names: Names,
    references: References = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Download without asking.")] = False,
) -> None:
    """Download what presets need. Licences and sizes are shown first; an interrupted download resumes."""
    import shutil

    from pipeline import hub, weights
    from pipeline.cli.console import console
    from stages.errors import OutputError

    out = console()
    wanted = hub.plan(_needs(names, references=references))
    if not wanted:
        out.print("Everything is installed already.")
        return
    for each in wanted:
        out.print(f"{each.source.name}  {each.gigabytes:.2f} GB  {each.source.licence}", markup=False)
    total = sum(each.gigabytes for each in wanted)
    cache = weights.cache()
    cache.mkdir(parents=True, exist_ok=True)
    room = shutil.disk_usage(cache).free / 1e9
    if room < total:
        raise OutputError(f"{cache} has {room:.1f} GB free and {total:.1f} GB are needed: make room, or move HF_HOME")
    out.print(f"{total:.2f} GB in all, into {cache}", markup=False)
    if not yes:
        typer.confirm("Fetch them under these licences?", abort=True)
    for each in wanted:
        out.print(f"{each.source.name}: {hub.fetch(each)}", markup=False)


@app.command()
def verify(presets: Any_ = None, quiet: Quiet = False) -> None:
    """Check downloads against their checksums, offline."""
    from pipeline import config as configs
    from pipeline import hub
    from pipeline.cli.console import console
    from stages.errors import WeightsError

    out, faults, checked = console(), [], set()
    for need in _needs(presets or configs.names("presets"), references=True):
        path = hub.folder(need)
        if path is None or path in checked:
            continue
        checked.add(path)
        found = hub.check(path)
        if not hub.whole(need):
            found.append("it was fetched in part")
        faults += [f"{need.name}: {fault}" for fault in found]
        if not quiet:
            out.print(f"{need.name}: {'; '.join(found) or 'as published'}", markup=False)
    if faults:
        raise WeightsError(f"{'; '.join(faults)}: remove the folder that `onmodel models path` names, and pull again")
    if not checked and not quiet:
        out.print("None of it is installed, so there is nothing to check.")


@app.command()
def path(names: Names) -> None:
    """Print where weights are stored, one per line."""
    from pipeline.weights import find

    for need in _needs(names, references=False):
        typer.echo(find(need.name).path)


def _needs(names: list[str], *, references: bool) -> "list[Need]":
    """Lists, without repetition, what presets need, or what named weights are."""
    from pathlib import Path

    from pipeline import config as configs
    from pipeline.weights import Need, needs

    found: dict[str, Need] = {}
    for name in names:
        if name in configs.names("presets") or Path(name).suffix in {".yaml", ".yml"}:
            options = configs.resolve(*((name, None) if Path(name).suffix == "" else (None, Path(name)))).generate
            own = [need for need in needs(options) if references or not need.optional]
        else:
            own = [Need("weights", name)]
        for need in own:
            found.setdefault(need.name, need)
    return list(found.values())
