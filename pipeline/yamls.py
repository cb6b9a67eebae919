"""Reads YAML 1.2 as it is written: `4:5`, `0777`, `2024_01`, `no` and `1.10` are words, and no file unfolds for ever.

A plain scalar is a number only where the number, written out, is the same again; so names and versions keep their form,
and options that take numbers read them from words as well.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

from stages.errors import ConfigError

#: Mappings and lists inside one another.
DEEPEST = 50
#: Values that aliases name again, counted each time: nesting them doubles a document with every line.
MOST_AGAIN = 100_000
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq")} | {"!"}
_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_QUOTES = ("'", '"', "|", ">")
_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}


def load(content: bytes, name: str) -> tuple[Any, dict[int, list[int]]]:
    """Returns a document's content, and the lines of each list's items, from 1, by the list's `id()` in Python.

    Raises ConfigError, which begins with `name`, for what is no YAML, is built without end, or says a key twice.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = _text(content)
        # Events, not nodes: what composes nodes in C ends the process where lists are nested a thousand times.
        try:
            reader = _Reader(YAML(typ="safe").parse(text))
            return reader.document(), reader.lines
        except YAMLError:  # the quick parser reads 1.1 inside braces: `{aspect: 4:5}` is left to the slow one
            reader = _Reader(YAML(typ="safe", pure=True).parse(text))
            return reader.document(), reader.lines
    except (YAMLError, ValueError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} is not valid YAML: {' '.join(str(error).split())[:300]}") from error


def dump(content: Any) -> str:
    """Serialises JSON-like content to YAML that `load` reads back unchanged."""
    from ruamel.yaml import YAML

    writer, text = YAML(), io.StringIO()
    writer.default_flow_style, writer.width, writer.allow_unicode = False, 100, True
    writer.dump(content, text)
    return text.getvalue()


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    return content.decode("utf-8-sig")


class _Reader:
    """Builds values from a document's events."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.lines: dict[int, list[int]] = {}
        self._events = events
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._made = self._again = 0

    def document(self) -> Any:
        """Returns the only document's value; None if there is none."""
        found, documents = None, 0
        for event in self._events:
            documents += _kind(event) == "DocumentStart"
            if documents > 1:
                raise ValueError(f"line {_line(event)}: another document begins")
            if _kind(event) in ("Scalar", "SequenceStart", "MappingStart", "Alias"):
                found = self._value(event, 0)
        return found

    def _value(self, event: Any, depth: int) -> Any:
        kind, before = _kind(event), self._made
        if kind == "Alias":
            return self._named(event)
        if event.tag and event.tag not in _TAGS:
            raise ValueError(f"line {_line(event)}: tags such as {event.tag} are not read")
        if depth > DEEPEST:
            raise ValueError(f"line {_line(event)}: lists in lists without end")
        self._made += 1
        if kind == "Scalar":
            found = _scalar(event)
        else:
            found = (self._list if kind == "SequenceStart" else self._mapping)(depth)
        if event.anchor:
            self._anchors[event.anchor] = (found, self._made - before)
        return found

    def _named(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise ValueError(f"line {_line(event)}: *{event.anchor} is not known before it")
        found, size = self._anchors[event.anchor]
        self._made += size
        self._again += size
        if self._again > MOST_AGAIN:
            raise ValueError(f"line {_line(event)}: its aliases unfold without end")
        return found

    def _list(self, depth: int) -> list[Any]:
        found, lines = [], []
        while _kind(event := next(self._events)) != "SequenceEnd":
            found.append(self._value(event, depth + 1))
            lines.append(_line(event))
        self.lines[id(found)] = lines
        return found

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        below: dict[str, Any] = {}
        while _kind(key := next(self._events)) != "MappingEnd":
            if _kind(key) != "Scalar":
                raise ValueError(f"line {_line(key)}: a key must be a word")
            if key.value in found:
                raise ValueError(f"line {_line(key)}: the key {key.value!r} is there twice")
            value = self._value(next(self._events), depth + 1)
            if key.value == "<<" and key.style not in _QUOTES:  # as YAML 1.1 merges, which people use with aliases
                for each in value if isinstance(value, list) else [value]:
                    below = {**each, **below} if isinstance(each, dict) else below
            else:
                found[key.value] = value
        return {**below, **found}


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> Any:
    """Returns a scalar's value by the core schema (YAML 1.2.2, 10.3.2), where that keeps how it is written."""
    text: str = event.value
    if not event.implicit[0] or event.style in _QUOTES:  # tagged, quoted, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _exact(text):
        return float(text)
    return text


def _exact(text: str) -> bool:
    """Whether a decimal fraction, written out by Python, is the same again."""
    return bool(re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,15}", text)) and repr(float(text)) == text
