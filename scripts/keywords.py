"""Writes the names and types of all options for type checkers and editors, from the fields that declare them.

`python -m scripts.keywords` writes onmodel/options.py; a test sees that it is current.
"""

import textwrap
from collections.abc import Mapping
from keyword import iskeyword
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pipeline.collection import keys

TARGET = Path(__file__).parents[1] / "onmodel" / "options.py"
HEAD = '''"""Options by name, for `import onmodel`. Written by `python -m scripts.keywords`: do not edit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

from stages.casting import Casting, Scene
from stages.options import Task


class NamedFiles(TypedDict, total=False):
    preset: str | None
    """Which models with which settings: a name (`onmodel list presets`) or a YAML file; the best by default."""
    casting: str | Path | Casting | Mapping[str, Any]
    """Who the model is: a name (`onmodel list castings`), a YAML file, or what such a file says."""
    scene: str | Path | Scene | Mapping[str, Any]
    """Where the picture is taken: a name (`onmodel list scenes`), a YAML file, or what such a file says."""
'''


def text() -> str:
    """The module's text: a class for each section of the options, and one for each task, made of its sections."""
    every = "".join(_class(_name(section), "TypedDict", _bare(section)) for section in keys.sections())
    tasks = "".join(
        _class(f"{task.capitalize()}Options", _bases(sections), _own(task)) for task, sections in keys.OF_TASK.items()
    )
    cut = _class("CutOptions", _name("segment"), {})
    return HEAD + every + cut + tasks + _class("AnyOptions", _bases(tuple(keys.sections())), {}) + "    task: Task\n"


def _name(section: str) -> str:
    return f"{section.capitalize()}Section"


def _bases(sections: tuple[str, ...]) -> str:
    return ", ".join(["NamedFiles", *map(_name, sections)])


def _class(name: str, bases: str, options: Mapping[str, FieldInfo]) -> str:
    lines = [f"\n\nclass {name}({bases}, total=False):\n"]
    for option, field in options.items():
        lines.append(f"    {option}: {spelled(field.annotation)}\n")
        words = " ".join((field.description or "").split())
        lines.append(textwrap.indent(textwrap.fill(f'"""{words}"""', 116), "    ") + "\n" if words else "")
    return "".join(lines) if options or name == "AnyOptions" else "".join([*lines, "    pass\n"])


def _bare(section: str) -> dict[str, FieldInfo]:
    """Returns the options of a section that go by their bare name in every task."""
    fields = keys.sections()[section].model_fields
    return {
        option: field
        for option, field in fields.items()
        if keys.place(option) == (section, option) and not iskeyword(option)
    }


def _own(task: str) -> dict[str, FieldInfo]:
    """Returns the options that go by their bare name in one task, and mean another section's in all others."""
    fields = keys.sections()[task].model_fields
    return {option: field for option, field in fields.items() if keys.place(option) not in ((task, option), None)}


def spelled(annotation: Any) -> str:
    """Spells a type as what callers may pass: a sequence for a tuple, a string for a path, a mapping for a record."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return spelled(parts[0])
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(spelled(each) for each in parts))
    if origin is Literal:
        return f"Literal[{', '.join(repr(each) for each in parts)}]".replace("'", '"')
    if origin is tuple:
        return f"Sequence[{spelled(parts[0])}]"
    if origin is dict:
        return f"Mapping[{spelled(parts[0])}, {spelled(parts[1])}]"
    if annotation is Path:
        return "str | Path"
    if annotation is NoneType:
        return "None"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | Mapping):
        return "Mapping[str, Any]"
    return str(annotation.__name__)


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
