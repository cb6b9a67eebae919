"""From a manifest's cells to a checked job: what to make of which photo, with which options."""

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import ValidationError

from pipeline import config as configs
from pipeline.collection.manifest import Row
from pipeline.collection.places import Root, scheme
from pipeline.config import Config
from stages.errors import ConfigError
from stages.options import Options

#: Cells that are no option of a stage; "photo" is the path here, its options are spelled with a dot.
OWN = ("id", "photo", "task", "preset", "casting", "scene")
#: Options that hold a file's name when they look like one, beside those whose type is a path.
_MAY_BE_FILES = {("pose", "pose"): (".json", ".yaml", ".yml"), ("background", "background"): None}
_ID = re.compile(r"^\w[\w.-]{0,119}$")
#: Names in the output folder that are not a row's.
_TAKEN = re.compile(r"^(report|results|line-\d+)$|\.mask$", re.IGNORECASE)
#: Options that decide which generator is loaded, and for which size.
_GENERATOR = ("model", "controlnet", "revision", "controlnet_revision", "variant", "safety_checker", "pixels", "dtype")
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".avif", ".bmp")


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


@dataclass(slots=True)
class Reader:
    """Checks rows one after another; remembers ids, so that each is given out once."""

    root: Root
    over: dict[str, Any] = field(default_factory=dict)
    """Options from the command line, which go over every row's."""
    _seen: dict[str, int] = field(default_factory=dict)

    def read(self, row: Row) -> Job | Problem:
        """Gives the row's job, or everything that is wrong with it."""
        if row.problem:
            return Problem(row.line, None, (row.problem,))
        wrong: list[str] = []
        options, seed, files = self._options(row.cells, wrong)
        photo = self._photo(row.cells.get("photo"), wrong)
        identity = self._identity(row, wrong)
        if not wrong:
            wrong += check(options, seed)
        if wrong or identity is None:
            return Problem(row.line, identity, tuple(wrong))
        name = str(row.cells["photo"])
        return Job(identity, row.line, photo, name, options, seed, files)

    def _identity(self, row: Row, wrong: list[str]) -> str | None:
        given = row.cells.get("id")
        if given is None and isinstance(row.cells.get("photo"), str):
            given = row.cells["photo"].rstrip("/").rpartition("/")[2].rpartition(".")[0]
        name = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
        if not _ID.match(name) or _TAKEN.search(name):
            wrong.append(f"id {given!r} names no file: use letters, digits, -, _ and dots, not {_TAKEN.pattern}")
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
        for key, value in cells.items():
            if key in ("id", "photo"):
                continue
            path = place(key, value)
            if path is None:
                wrong.append(f"unknown key {key!r}{_close(key)}")
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

    def _files(self, nested: dict[str, Any], wrong: list[str]) -> Iterator[tuple[str, str]]:
        """Turns options that name files into absolute paths, and gives them."""
        for section, values in nested.items():
            for key, value in values.items() if isinstance(values, dict) else ():
                if not isinstance(value, str) or not _names_file(section, key, value):
                    continue
                values[key] = self._located(value, wrong)
                if scheme(values[key]):
                    wrong.append(f"{section}.{key}: {value} must be a local file")
                yield f"{section}.{key}", values[key]


@lru_cache(maxsize=65_536)
def _shared(text: str) -> str:
    """Gives the first string of equal ones, so that the others are freed."""
    return text


@lru_cache(maxsize=1)
def sections() -> dict[str, type[Options]]:
    """Gives the option classes whose fields a row may set, by section."""
    fields = Config.model_fields
    found = {name: each.annotation for name, each in fields.items() if name not in ("casting", "scene")}
    return {name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, Options)}


@lru_cache(maxsize=1)
def _flat() -> dict[str, str]:
    """Gives the section of each option whose name is used once."""
    owners: dict[str, list[str]] = {}
    for section, kind in sections().items():
        for name in kind.model_fields:
            owners.setdefault(name, []).append(section)
    return {name: found[0] for name, found in owners.items() if len(found) == 1}


def place(key: str, value: Any = None) -> tuple[str, ...] | None:
    """Gives where a cell's key lies in `Config`: its own name, `section.field`, or a field's bare name.

    A mapping under a section's name is that section. None when there is no such key.
    """
    if key in OWN:
        return (key,)
    if isinstance(value, dict) and key in sections():
        return (key,)
    if key in _flat():
        return (_flat()[key], key)
    section, dot, name = key.partition(".")
    return (section, name) if dot and section in sections() and name in sections()[section].model_fields else None


def _close(key: str) -> str:
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


def _names_file(section: str, key: str, value: str) -> bool:
    if _is_path(section, key):
        return True
    endings = _MAY_BE_FILES.get((section, key), ())
    return value.lower().endswith(_PICTURES if endings is None else endings)


def check(options: str, seed: int | str | None) -> tuple[str, ...]:
    """Gives all that is wrong with a job's options."""
    wrong = _wrong(options)
    if seed is None:
        return wrong
    return (*wrong, *_wrong_seed(seed))


@lru_cache(maxsize=4096)
def _wrong(options: str) -> tuple[str, ...]:
    try:
        _made(options)
    except ConfigError as error:
        cause = error.__cause__
        if not isinstance(cause, ValidationError):
            return (str(error),)
        return tuple(
            f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']} (got {each['input']!r})"
            for each in cause.errors()
        )
    return ()


def _wrong_seed(seed: Any) -> tuple[str, ...]:
    try:
        _seeded(_made("{}"), seed)
    except ValidationError as error:
        return (f"generate.seed: {error.errors()[0]['msg']} (got {seed!r})",)
    return ()


def config(job: Job) -> Config:
    """Gives a job's whole configuration."""
    made = _made(job.options)
    return made if job.seed is None else _seeded(made, job.seed)


@lru_cache(maxsize=4096)
def _group(options: str) -> tuple[str, str]:
    generate = _made(options).generate
    told = generate.model_dump(include=set(_GENERATOR))
    return json.dumps(told, sort_keys=True), generate.model


def group(job: Job) -> str:
    """Gives what is equal for jobs that the same generator paints."""
    return _group(job.options)[0]


def model(job: Job) -> str:
    """Gives the name of the generator that paints a job."""
    return _group(job.options)[1]


def _seeded(made: Config, seed: Any) -> Config:
    kind = type(made.generate)
    checked = kind.model_validate({**made.generate.model_dump(), "seed": seed})
    return made.model_copy(update={"generate": checked})


@lru_cache(maxsize=1024)
def _made(options: str) -> Config:
    given = json.loads(options)
    head = {key: given.pop(key) for key in ("preset", "casting", "scene") if isinstance(given.get(key), str)}
    pose = given["pose"].get("pose") if isinstance(given.get("pose"), dict) else None
    base = _base(json.dumps(head, sort_keys=True), pose if isinstance(pose, str) else None)
    return configs.resolve(flags=_listed(given), base=base)


@lru_cache(maxsize=1024)
def _base(head: str, pose: str | None) -> dict[str, Any]:
    """Gives the options that files decide: read once, since a manifest names few of them many times."""
    named = json.loads(head)
    preset = named.pop("preset", None)
    return configs.resolve(preset, flags={**named, **({"pose": {"pose": pose}} if pose else {})}).model_dump()


def _listed(given: dict[str, Any]) -> dict[str, Any]:
    """Splits at semicolons what a table's cell holds for an option that takes several values."""
    for section, values in given.items():
        kind = sections().get(section)
        for key, value in values.items() if isinstance(values, dict) and kind else ():
            known = kind.model_fields.get(key) if kind else None
            if isinstance(value, str) and known and get_origin(known.annotation) is tuple:
                values[key] = [part.strip() for part in value.split(";") if part.strip()]
    return given
