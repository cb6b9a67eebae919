"""From a manifest's cells to a checked job: what to make of which photo, with which options."""

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pipeline import config as configs
from pipeline.collection import keys, settings
from pipeline.collection.manifest import Row
from pipeline.collection.places import Root, scheme
from pipeline.config import Config
from stages.errors import ConfigError
from stages.typed import listed, worded

#: What a manifest's seed may say in place of a number.
DERIVED = "derived"
#: What a row may be called.
ID = re.compile(r"^\w[\w.-]{0,119}$")
#: Options that name an outfit's further photos.
FURTHER = re.compile(r"outfit\.with\.\d+\.photo")
#: Names in the output folder that are not a row's.
_TAKEN = re.compile(r"^(report|results|lookbook|contact-sheet|line-\d+)$|\.(mask|garments)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to make. Small: a hundred thousand are held at once, and equal options are one object."""

    id: str
    line: int
    photo: str
    """Absolute path or URL."""
    name: str
    """The photo as the manifest names it."""
    options: str
    """All but the seed, as JSON: what `config` is made of."""
    seed: int | str | None = None
    """As the manifest gives it."""
    files: tuple[tuple[str, str], ...] = ()
    """Further files that the picture depends on: (option as section.field, absolute path)."""

    @property
    def further(self) -> tuple[str, ...]:
        """The further photos of an outfit: absolute paths or URLs, in the manifest's order."""
        return tuple(path for option, path in self.files if FURTHER.fullmatch(option))

    @property
    def config(self) -> Config:
        """The whole configuration."""
        return settings.config(self.options, self.seed)

    @property
    def group(self) -> str:
        """Equal for jobs that the same generator paints."""
        return settings.generator(self.options)[0]

    @property
    def model(self) -> str:
        """Name of the generator that paints it."""
        return settings.generator(self.options)[1]


@dataclass(frozen=True, slots=True)
class Problem:
    """One row that cannot be run, with all that is wrong with it."""

    line: int
    id: str | None
    """None when the row has no name that its record could bear."""
    messages: tuple[str, ...]

    @property
    def record(self) -> str:
        """Stem of the file that says so."""
        return self.id or f"line-{self.line}"


@dataclass(frozen=True, slots=True)
class Collection:
    """The rows of a manifest that can be run, and those that cannot."""

    jobs: list[Job]
    problems: list[Problem]


@dataclass(slots=True)
class Reader:
    """Checks rows one after another; remembers ids, so that each is given out once."""

    root: Root
    over: dict[str, Any] = field(default_factory=dict)
    """Options from the command line, which go over every row's."""
    _seen: dict[str, int] = field(default_factory=dict)

    def read(self, row: Row) -> Job | Problem:
        """Returns the row's job, or everything that is wrong with it."""
        if row.problem:
            return Problem(row.line, None, (row.problem,))
        wrong: list[str] = []
        options, seed, files = self._options(row.cells, wrong)
        photo = self._photo(row.cells.get("photo"), wrong)
        identity = self._identity(row, wrong)
        if seed == DERIVED and identity is not None:
            seed = derived(options, identity)
        if not wrong:
            wrong += settings.check(options, seed)
        if wrong or identity is None:
            return Problem(row.line, identity, tuple(wrong))
        name = str(row.cells["photo"])
        return Job(identity, row.line, photo, name, options, seed, files)

    def _identity(self, row: Row, wrong: list[str]) -> str | None:
        given = row.cells.get("id")
        if given is None and isinstance(row.cells.get("photo"), str):
            given = row.cells["photo"].rstrip("/").rpartition("/")[2].rpartition(".")[0]
        if isinstance(given, bool):
            given = str(given).lower()  # as it was written
        name = str(given) if isinstance(given, str | int | float) else ""
        if not ID.match(name) or _TAKEN.search(name):
            wrong.append(f"id {given!r} names no file: use letters, digits, -, _ and dots")
            return None
        folded = name.casefold()  # some file systems hold A.png and a.png as one
        if folded in self._seen:
            wrong.append(f"id {name!r} is that of line {self._seen[folded]} already: each row needs its own")
            return None
        self._seen[folded] = row.line
        return name

    def _photo(self, given: Any, wrong: list[str]) -> str:
        if not isinstance(given, str) or not given:
            wrong.append(f"photo must be a path or URL (got {given!r})" if given is not None else "photo is missing")
            return ""
        return self._located(given, wrong)

    def _located(self, name: str, wrong: list[str]) -> str:
        try:
            return self.root.locate(name)
        except (ConfigError, OSError, ValueError) as error:
            wrong.append(str(error))
            return name

    def _options(self, cells: dict[str, Any], wrong: list[str]) -> tuple[str, Any, tuple[tuple[str, str], ...]]:
        nested: dict[str, Any] = {}
        task = cells.get("task")
        for key, value in cells.items():
            if key in ("id", "photo"):
                continue
            value = keys.number(key, value, task)  # noqa: PLW2901 - the same, as Python spells it
            path = keys.place(key, value, task)
            if path is None:
                wrong.append(f"unknown key {key!r}{keys.close(key)}")
                continue
            at = nested
            for part in path[:-1]:
                at = at.setdefault(part, {})
            last = path[-1]
            at[last] = {**at[last], **value} if isinstance(value, dict) and isinstance(at.get(last), dict) else value
        nested = configs.merge(nested, self.over)
        for key in ("casting", "scene"):
            if isinstance(nested.get(key), str) and nested[key].endswith((".yaml", ".yml")) and key in cells:
                nested[key] = self._located(nested[key], wrong)
        files = tuple(self._files(nested, wrong))
        generate = nested.get("generate")
        seed = generate.pop("seed", None) if isinstance(generate, dict) else None
        text = json.dumps(nested, sort_keys=True, default=str)
        return _shared(text), seed, files

    def _further(self, nested: dict[str, Any], wrong: list[str]) -> Iterator[tuple[str, str]]:
        """Takes an outfit's further photos apart, turns their names into absolute paths or URLs, and gives them."""
        outfit = nested.get("outfit")
        given = listed(outfit.get("with")) if isinstance(outfit, dict) else None
        if not isinstance(outfit, dict) or not isinstance(given, list):
            return
        photos = [worded(each) if isinstance(each, str) else each for each in given]
        outfit["with"] = photos
        for number, told in enumerate(photos):
            for key in ("photo", "matte"):
                if isinstance(told, dict) and isinstance(told.get(key), str) and told[key]:
                    told[key] = self._located(told[key], wrong)
                    if key == "matte" and scheme(told[key]):
                        wrong.append(f"with: {told[key]} must be a local file")
                    yield f"outfit.with.{number}.{key}", told[key]

    def _files(self, nested: dict[str, Any], wrong: list[str]) -> Iterator[tuple[str, str]]:
        """Turns options that name files into absolute paths, and gives them."""
        yield from self._further(nested, wrong)
        for section, values in nested.items():
            for key, value in values.items() if isinstance(values, dict) else ():
                if not isinstance(value, str) or not keys.names_file(section, key, value):
                    continue
                values[key] = self._located(value, wrong)
                if scheme(values[key]):
                    wrong.append(f"{section}.{key}: {value} must be a local file")
                yield f"{section}.{key}", values[key]


def derived(options: str, identity: str) -> int:
    """Returns a row's seed from its casting and its id: it stays when rows are added, moved or left out."""
    casting = json.dumps(json.loads(options).get("casting"), sort_keys=True)
    return zlib.crc32(f"{casting} {identity}".encode())


@lru_cache(maxsize=65_536)
def _shared(text: str) -> str:
    """Returns the first string of equal ones, so that the others are freed."""
    return text
