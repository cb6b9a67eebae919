"""Command-line flags, made from the option classes: each option is written once."""

import inspect
import keyword
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from typing import Annotated, Any, get_args, get_origin

import annotated_types
import typer
from pydantic.fields import FieldInfo

from pipeline.config import Config
from stages.options import Options


def sections(*names: str) -> dict[str, type[Options]]:
    """Returns the option classes of the named sections of `Config`."""
    return {name: Config.model_fields[name].annotation for name in names}  # type: ignore[misc]


def flagged(section: type[Options]) -> dict[str, FieldInfo]:
    """Returns the fields of a section that have a flag."""
    return {
        name: field
        for name, field in section.model_fields.items()
        if not (isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("file_only"))
    }


def with_options(
    *names: str, without: str = "", **more: type[Options]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds a flag for each option of the named sections to a command, and one for each field of its groups.

    `without` names, with spaces between them, the options and fields that would change nothing there: they get no flag.
    `more` adds sections that are none of `Config`.

    A group is a parameter whose type is a dataclass of `pipeline.cli.shared`: it is given built. The options come as
    one argument, `options`: {section: {field: value}}, holding only what was given.
    """
    asked = {**sections(*names), **more}
    unused = set(without.split())

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        owner = {name: section for section, options in asked.items() for name in flagged(options) if name not in unused}
        own, groups = _own(command, unused)

        def run(**given: Any) -> None:
            options: dict[str, dict[str, Any]] = {}
            for name, section in owner.items():
                value = given.pop(_identifier(name))
                if value not in (None, []):  # an option that may be given again is empty when it is not given
                    options.setdefault(section, {})[name] = value
            built = {
                key: group(**{each.name: given.pop(each.name) for each in fields(group) if each.name not in unused})
                for key, group in groups.items()
            }
            command(**built, **given, options=options)

        run.__name__, run.__doc__ = command.__name__, command.__doc__
        flags = [
            _parameter(name, field, section)
            for section, options in asked.items()
            for name, field in flagged(options).items()
            if name in owner
        ]
        signature = inspect.Signature([*own, *flags])
        run.__signature__ = signature  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
        return run

    return decorate


def _own(command: Callable[..., None], unused: set[str]) -> tuple[list[inspect.Parameter], dict[str, Any]]:
    """Splits a command's parameters, `options` aside: groups become the fields in use, and are returned by name."""
    parameters: list[inspect.Parameter] = []
    groups: dict[str, Any] = {}
    for each in inspect.signature(command).parameters.values():
        if each.name == "options":
            continue
        if is_dataclass(each.annotation):
            groups[each.name] = each.annotation
            parameters += [
                _argument(field.name, field.type, field.default)
                for field in fields(each.annotation)
                if field.name not in unused
            ]
        else:
            parameters.append(_argument(each.name, each.annotation, each.default))
    return parameters, groups


def _argument(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    empty = inspect.Parameter.empty if default is MISSING else default
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=empty, annotation=annotation)


def _parameter(name: str, field: FieldInfo, section: str) -> inspect.Parameter:
    default = field.default
    text = " ".join((field.description or "").split())
    shown = (
        {None: "", "": "", (): ""}.get(default, f" (default: {default})")
        if not isinstance(default, bool | Options)
        else ""
    )
    settings: dict[str, Any] = {"help": text + shown, "rich_help_panel": section.capitalize()}
    for limit in field.metadata:
        if isinstance(limit, annotated_types.Ge):
            settings["min"] = limit.ge
        elif isinstance(limit, annotated_types.Le):
            settings["max"] = limit.le
    return inspect.Parameter(
        _identifier(name),
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[_bare(field.annotation) | None, typer.Option("--" + name.replace("_", "-"), **settings)],
    )


def _identifier(name: str) -> str:
    """Makes an option's name a valid parameter name."""
    return f"{name}_" if keyword.iskeyword(name) else name


def _bare(annotation: Any) -> Any:
    """Strips `| None` from a type, every flag may be left out anyway; a tuple is a flag that may be given again.

    What has options of its own is told in words.
    """
    if get_origin(annotation) is tuple:
        return list[str]
    if isinstance(annotation, type) and issubclass(annotation, Options):
        return str
    rest = [part for part in get_args(annotation) if part is not type(None)]
    return rest[0] if len(rest) == 1 and type(None) in get_args(annotation) and get_origin(annotation) else annotation
