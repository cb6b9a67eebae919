"""Command-line flags, made from the option classes: each option is written once."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

import annotated_types
import typer
from pydantic.fields import FieldInfo

from pipeline.config import Config
from stages.options import Options


def sections(*names: str) -> dict[str, type[Options]]:
    """Gives the option classes of the named sections of `Config`."""
    return {name: Config.model_fields[name].annotation for name in names}  # type: ignore[misc]


def flagged(section: type[Options]) -> dict[str, FieldInfo]:
    """Gives the fields of a section that have a flag."""
    return {
        name: field
        for name, field in section.model_fields.items()
        if not (isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("file_only"))
    }


def with_options(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds a flag for each option of the named sections to a command.

    The command takes them as one argument, `options`: {section: {field: value}}, holding only what was given.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        owner: dict[str, str] = {}
        parameters = []
        for section, options in sections(*names).items():
            for name, field in flagged(options).items():
                owner[name] = section
                parameters.append(_parameter(name, field, section))

        def run(**given: Any) -> None:
            options: dict[str, dict[str, Any]] = {}
            for name, section in owner.items():
                value = given.pop(name)
                if value is not None:
                    options.setdefault(section, {})[name] = value
            command(**given, options=options)

        own = inspect.signature(command)
        kept = [
            each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for each in own.parameters.values()
            if each.name != "options"
        ]
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        signature = inspect.Signature([*kept, *parameters])
        run.__signature__ = signature  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
        return run

    return decorate


def _parameter(name: str, field: FieldInfo, section: str) -> inspect.Parameter:
    default = field.default
    text = " ".join((field.description or "").split())
    shown = {None: "", "": ""}.get(default, f" (default: {default})") if not isinstance(default, bool) else ""
    settings: dict[str, Any] = {"help": text + shown, "rich_help_panel": section.capitalize()}
    for limit in field.metadata:
        if isinstance(limit, annotated_types.Ge):
            settings["min"] = limit.ge
        elif isinstance(limit, annotated_types.Le):
            settings["max"] = limit.le
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[_bare(field.annotation) | None, typer.Option("--" + name.replace("_", "-"), **settings)],
    )


def _bare(annotation: Any) -> Any:
    """Strips `| None` from a type: every flag may be left out anyway."""
    rest = [part for part in get_args(annotation) if part is not type(None)]
    return rest[0] if len(rest) == 1 and type(None) in get_args(annotation) and get_origin(annotation) else annotation
