"""The reference pages, made from the code that they describe: each option is still written once."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pipeline import config as configs
from pipeline.cli.app import app
from pipeline.collection import keys
from pipeline.collection.options import RunOptions
from pipeline.models import Models
from pipeline.receipt import CutRecord, Receipt
from pipeline.service.app import make
from pipeline.service.options import ServeOptions
from pipeline.service.request_options import Base
from pipeline.service.service import Service
from stages import errors
from stages.casting import Casting, Pose, Scene

MADE = "*Made from the code by `python -m scripts.docs.reference`; to change it, change the docstrings there.*\n\n"
#: Exit codes that no error class carries.
CODES = {
    0: "Done.",
    2: "An option is unknown, missing or impossible; or a preset, a casting, a scene or a pose file is wrong.",
    8: "Some rows of a collection failed.",
    9: "All rows of a collection failed.",
    130: "Interrupted with Ctrl-C.",
}


def pages() -> dict[str, str]:
    """Returns every reference page and schema by its path below docs/."""
    return {
        "reference/cli.md": cli(),
        "reference/options.md": options(),
        "reference/manifest.md": manifest(),
        "reference/files.md": files(),
        "reference/receipt.md": receipt(),
        "reference/http-api.md": http(),
        "reference/exit-codes.md": exit_codes(),
        "reference/receipt.schema.json": schema(Receipt),
        "reference/cut.schema.json": schema(CutRecord),
        "reference/openapi.json": json.dumps(openapi(), indent=1) + "\n",
    }


def cli() -> str:
    """Returns the page of commands and flags."""
    root = typer.main.get_command(app)
    lines = ["# Commands\n\n", MADE, f"{root.help}\n\n"]
    for path, command in commands(root, "onmodel"):
        takes = [each for each in command.params if not each.opts[0].startswith("-")]
        usage = " ".join([path, *(each.name.upper() + ("…" if each.nargs < 0 else "") for each in takes)])
        lines += [f"## `{path}`\n\n{_cell(command.help or '')}\n\n", f"```text\n{usage} [OPTIONS]\n```\n\n"]
        groups: dict[str, list[Any]] = {}
        for each in command.params:
            groups.setdefault(each.rich_help_panel or "", []).append(each)
        for group, params in groups.items():
            lines.append(f"**{group}**\n\n" if group else "")
            lines.append("| flag | |\n| --- | --- |\n")
            lines += [f"| {_flag(each)} | {_cell(each.help or '')} |\n" for each in params]
            lines.append("\n")
    return "".join(lines)


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yields every command below one, with the words that call it."""
    for name, each in getattr(command, "commands", {}).items():
        if hasattr(each, "commands"):
            yield from commands(each, f"{path} {name}")
        else:
            yield f"{path} {name}", each


def _flag(param: Any) -> str:
    kind = param.type_descriptor.annotation
    if not param.opts[0].startswith("-"):
        return f"`{param.name.upper()}`"
    names = ", ".join(f"`{each}`" for each in (*sorted(param.opts, key=len), *param.secondary_opts))
    union = get_origin(kind) in (Union, UnionType)
    parts = [each for each in get_args(kind) if each is not NoneType] if union else [kind]
    if get_origin(parts[0]) is Literal:
        return names + " " + " \\| ".join(f"`{each}`" for each in get_args(parts[0]))
    return names if parts[0] is bool or param.is_flag else f"{names} {spelled(parts[0])}"


def options() -> str:
    """Returns the page of every key that `--config` and a manifest take, by section."""
    lines = [
        "# Options in YAML\n\n", MADE,
        "The keys of a file for `--config`, by section, as `onmodel config show` prints them. A flag is the key with a "
        "dash for each underscore; what is marked *file* has no flag. Defaults are those before a preset.\n\n",
    ]  # fmt: skip
    for section, kind in keys.sections().items():
        lines += [
            f"## `{section}`\n\n",
            f"{_cell(kind.__doc__ or '')}\n\n" if "__doc__" in vars(kind) else "",
            _table(kind),
        ]
    parts = [each for kind in keys.sections().values() for field in kind.model_fields.values()
             for each in _models(field.annotation)]  # fmt: skip
    for part in dict.fromkeys(parts):
        lines.append(f"## `{part.__name__}`\n\n{_cell(part.__doc__ or '')}\n\n{_table(part)}")
    return "".join(lines)


def files() -> str:
    """Returns the page of what castings, scenes and poses say."""
    lines = ["# Castings, scenes and poses\n\n", MADE]
    for kind, folder in ((Casting, "castings"), (Scene, "scenes"), (Pose, "poses")):
        known = ", ".join(f"`{each}`" for each in configs.names(folder))
        lines.append(f"## {folder.capitalize()}\n\n{_cell(kind.__doc__ or '')}\n\nNamed: {known}.\n\n{_table(kind)}")
    return "".join(lines)


def manifest() -> str:
    """Returns the page of a manifest's keys."""
    flat = [
        (name, *place) for kind in keys.sections().values() for name in kind.model_fields if (place := keys.place(name))
    ]
    rows = "".join(f"| `{name}` | `{section}.{field}` |\n" for name, section, field in dict.fromkeys(flat))
    return (
        f"# Keys of a manifest\n\n{MADE}"
        "Of a row's own: `id` (the name of its files), `photo`, `task`, `preset`, `casting` and `scene`. "
        "Every other key is an option, by its bare name or in full. Where two sections have an option of the same "
        "name, the bare name means the one of the row's task, else the one that is a flag.\n\n"
        f"| key | means |\n| --- | --- |\n{rows}\n"
        f"How a collection is run is said by flags:\n\n{_table(RunOptions)}"
    )


def receipt() -> str:
    """Returns the page of a receipt's keys, which links the schema."""
    lines = [
        "# Receipts\n\n", MADE,
        "Every picture has a JSON file beside it that says what was done, with what, and what was proven. Keys of "
        "schema 1 stay; others may be added. As JSON Schema: [receipts](receipt.schema.json), "
        "[records of `onmodel segment`](cut.schema.json).\n\n",
    ]  # fmt: skip
    todo: list[type[BaseModel]] = [Receipt]
    for kind in todo:
        lines.append(f"## `{kind.__name__}`\n\n{_cell(kind.__doc__ or '')}\n\n{_table(kind, alias=True)}")
        for field in kind.model_fields.values():
            todo += [each for each in _models(field.annotation) if each not in todo]
    return "".join(lines)


def http() -> str:
    """Returns the page of the routes, which links the OpenAPI document."""
    document = openapi()
    lines = [
        "# HTTP routes\n\n", MADE,
        "The whole of it, with every option, is [the OpenAPI document](openapi.json), which a running server gives as "
        "`/openapi.json`. How to use it stands in [Pictures over HTTP](../http.md).\n\n",
        "| route | what it does | answers |\n| --- | --- | --- |\n",
    ]  # fmt: skip
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            words = _cell((route.get("description") or route.get("summary", "")).split("\n\n")[0])
            lines.append(f"| `{method.upper()} {path}` | {words} | {', '.join(route['responses'])} |\n")
    lines.append(f"\nHow a server is run is said by flags of `onmodel serve`:\n\n{_table(ServeOptions)}")
    return "".join(lines)


def exit_codes() -> str:
    """Returns the page of exit codes, from the error classes."""
    codes: dict[int, str] = {}
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.OnmodelError) and "exit_code" in vars(kind):
            codes[kind.exit_code] = _cell(kind.__doc__ or "")
    codes[1] = "Something that was not foreseen: a fault of onmodel. `-v` adds where."
    rows = "".join(f"| {code} | {words} |\n" for code, words in sorted({**codes, **CODES}.items()))
    return (
        f"# Exit codes\n\n{MADE}| code | meaning |\n| --- | --- |\n{rows}\n"
        "With several photos a bad one does not stop the others; the code is that of the first that failed. "
        "What each message means and what to do stands in [When it fails](../failures.md).\n"
    )


def schema(kind: type[BaseModel]) -> str:
    """Returns the JSON Schema of a record, as it is written."""
    return json.dumps(kind.model_json_schema(by_alias=True, mode="serialization"), indent=1) + "\n"


def openapi() -> dict[str, Any]:
    """Returns the service's OpenAPI document."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(ServeOptions(folder=Path(folder)), RunOptions(cache_gb=0), Base("house"), Models)
        return make(service).openapi()


def _table(kind: type[BaseModel], alias: bool = False) -> str:
    lines = ["| key | value | default | |\n| --- | --- | --- | --- |\n"]
    for name, field in kind.model_fields.items():
        shown = (alias and field.alias) or name
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        words = _cell(field.description or "") + (" *file*" if extra.get("file_only") else "")
        lines.append(f"| `{shown}` | {spelled(field.annotation)}{_limits(field)} | {_default(field)} | {words} |\n")
    return "".join([*lines, "\n"])


def spelled(annotation: Any) -> str:
    """Spells a type for readers: the values of a choice, `list of …`, the name of a record."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return spelled(parts[0])
    if origin in (Union, UnionType):
        return " or ".join(spelled(each) for each in parts if each is not NoneType)
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in parts)
    if origin in (tuple, list):
        return f"list of {spelled(parts[0])}"
    if origin is dict:
        return f"mapping to {spelled(parts[1])}"
    names = {str: "text", int: "whole number", float: "number", bool: "yes or no", Path: "path", Any: "anything"}
    return names.get(annotation) or f"[`{annotation.__name__}`](#{annotation.__name__.lower()})"


def _limits(field: FieldInfo) -> str:
    signs = {annotated_types.Ge: "≥ ", annotated_types.Gt: "> ", annotated_types.Le: "≤ ", annotated_types.Lt: "< "}
    found = [
        f"{sign}{next(iter(vars(limit).values())) if hasattr(limit, '__dict__') else getattr(limit, name):g}"
        for limit in field.metadata
        for (kind, sign), name in zip(signs.items(), ("ge", "gt", "le", "lt"), strict=True)
        if type(limit) is kind
    ]
    return f", {' and '.join(found)}" if found else ""


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return ""
    if isinstance(field.default, bool):
        return "yes" if field.default else "no"
    return "" if field.default in (None, "", (), {}) or isinstance(field.default, BaseModel) else f"`{field.default}`"


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for each in get_args(annotation) for found in _models(each)]


def _cell(words: str) -> str:
    """Returns a docstring as one line that fits a cell of a table."""
    return " ".join(words.replace("|", "\\|").replace("<", "&lt;").split())


if __name__ == "__main__":
    for name, text in pages().items():
        print(f"{name}: {len(text):,} characters")
