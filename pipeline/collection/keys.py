"""What a manifest may say of a row, and where each key lies in the configuration."""

import difflib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pipeline.config import Config
from stages.errors import ConfigError
from stages.options import Options, Task

#: Cells that are no option of a stage; "photo" is the path here, its options are spelled with a dot.
OWN = ("id", "photo", "task", "preset", "casting", "scene")
#: Options that hold a file's name when they look like one, beside those whose type is a path.
_MAY_BE_FILES = {("pose", "pose"): (".json", ".yaml", ".yml"), ("background", "background"): None}
#: Sections whose options change what a task makes, in the order of the flow.
OF_TASK: dict[Task, tuple[str, ...]] = {
    "generate": ("segment", "place", "outfit", "pose", "figure", "generate", "upscale", "blend", "provenance", "write"),
    "background": ("background", "segment", "generate", "upscale", "blend", "provenance", "write"),
    "inpaint": ("inpaint", "fill", "generate", "upscale", "blend", "provenance", "write"),
    "outpaint": ("outpaint", "fill", "generate", "upscale", "blend", "provenance", "write"),
    "ghost": ("ghost", "background", "segment", "place", "blend", "provenance", "write"),
}
_COMMA = re.compile(r"-?\d+,\d+")
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".avif", ".bmp")


@lru_cache(maxsize=1)
def sections() -> dict[str, type[Options]]:
    """Returns the option classes whose fields a row may set, by section."""
    fields = Config.model_fields
    found = {name: each.annotation for name, each in fields.items() if name not in ("casting", "scene")}
    return {name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, Options)}


@lru_cache(maxsize=1)
def _flat() -> dict[str, str]:
    """Maps each option whose name occurs once to its section; an option with a flag goes before one without."""
    owners: dict[str, list[str]] = {}
    flags: dict[str, list[str]] = {}
    for section, kind in sections().items():
        for name, option in kind.model_fields.items():
            owners.setdefault(name, []).append(section)
            if not (isinstance(option.json_schema_extra, dict) and option.json_schema_extra.get("file_only")):
                flags.setdefault(name, []).append(section)
    first = {name: flags.get(name) or found for name, found in owners.items()}
    return {name: found[0] for name, found in first.items() if len(found) == 1}


def place(key: str, value: Any = None, task: Any = None) -> tuple[str, ...] | None:
    """Returns where a cell's key lies in `Config`: its own name, `section.field`, or a field's bare name.

    A mapping under a section's name is that section; a bare name is first looked for among the options of the row's
    task. None when there is no such key.
    """
    if key in OWN:
        return (key,)
    if isinstance(value, dict) and key in sections():
        return (key,)
    if isinstance(task, str) and task in sections() and key in sections()[task].model_fields:
        return (task, key)
    if key in _flat():
        return (_flat()[key], key)
    section, dot, name = key.partition(".")
    return (section, name) if dot and section in sections() and name in sections()[section].model_fields else None


def nested(given: Mapping[str, Any]) -> dict[str, Any]:
    """Turns options by their bare names into {section: {field: value}}; what no section holds stands beside them.

    Raises ConfigError for a name that no option has, with the nearest that one has.
    """
    out: dict[str, Any] = {}
    for key, value in given.items():
        path = place(key, value, given.get("task"))
        if path is None:
            raise ConfigError(f"unknown option {key!r}{close(key)}")
        at = out
        for part in path[:-1]:
            at = at.setdefault(part, {})
        at[path[-1]] = value
    return out


def number(key: str, value: Any, task: Any) -> Any:
    """Replaces a decimal comma by a point in the cell of a numeric option; anything else stays as it is."""
    if not isinstance(value, str) or not _COMMA.fullmatch(value):
        return value
    section, *name = place(key, value, task) or ("",)
    kind = sections().get(section)
    field_ = kind.model_fields.get(name[0]) if kind and name else None
    return value.replace(",", ".") if field_ is not None and field_.annotation in (float, int) else value


def close(key: str) -> str:
    """Suggests, in words, the key that was probably meant; empty if none is near."""
    known = [*OWN, *_flat()]
    near = difflib.get_close_matches(key, known, 1)
    return f": did you mean {near[0]!r}?" if near else ""


@lru_cache(maxsize=4096)
def _is_path(section: str, key: str) -> bool:
    kind = sections().get(section)
    field_ = kind.model_fields.get(key) if kind else None
    annotation = field_.annotation if field_ else None
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return Path in parts


def names_file(section: str, key: str, value: str) -> bool:
    """Whether an option's value is a file's name."""
    if _is_path(section, key):
        return True
    endings = _MAY_BE_FILES.get((section, key), ())
    return value.lower().endswith(_PICTURES if endings is None else endings)
