"""What the record of a row says of the run that made it, and whether that still holds."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.collection import places
from pipeline.config import Config
from pipeline.receipt import Likeness, Record

Status = Literal["ok", "failed", "error"]
Files = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Work:
    """One row on its way to a worker: all that it needs, and nothing that a process cannot be sent."""

    id: str
    photo: str
    """Absolute path or URL."""
    name: str
    """The photo as the manifest names it."""
    config: Config
    files: Files = ()
    group: str = ""
    """Equal for rows that the same generator paints."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What a worker is doing with one row."""

    id: str
    stage: str
    done: int = 0
    total: int = 1
    """Steps of the stage."""
    where: str = ""
    """Which worker, where there are several."""

    def __str__(self) -> str:
        """Describes it, such as `cuda:0: shirt-7: generate 3/20`."""
        steps = f" {self.done}/{self.total}" if self.total > 1 else ""
        return f"{self.where}: {self.id}: {self.stage}{steps}".removeprefix(": ")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one row."""

    id: str
    status: Status
    seconds: float = 0.0
    written: int = 0
    """Bytes."""
    error: str | None = None
    full: bool = False
    """Whether the output folder could not be written to: no other row could be either."""
    lost: bool = False
    """Whether the worker died, so that the row has no record yet."""


def key(config: Config, photo_sha256: str, files: Files = ()) -> str:
    """Returns the hash of all that a row's picture is made from: the bytes of its files and its options.

    Options at their default are left out, so that one that a later version adds does not outdate every row; so is the
    device, which a resumed run may find changed.
    """
    options = config.model_dump(mode="json", exclude_defaults=True)
    options.get("generate", {}).pop("device", None)
    for option, path in files:
        *way, name = option.split(".")
        at: Any = options
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
        at[name] = _hashed(path, places.stamp(path))
    told = {section: values for section, values in options.items() if values != {}}
    parts = [photo_sha256, config.task, told]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=4096)
def _hashed(path: str, stamp: str | None) -> str:  # noqa: ARG001 - another stamp is another file
    return places.sha256(path)


def about(work: Work, photo_sha256: str, stamp: str | None, written: dict[str, bytes]) -> dict[str, Any]:
    """Returns the `collection` entry of a record: which row, from what, and how long its files are."""
    return {
        "id": work.id,
        "photo": work.name,
        "key": key(work.config, photo_sha256, work.files),
        "photo_sha256": photo_sha256,
        "stamp": stamp,
        "bytes": {name: len(content) for name, content in written.items()},
    }


class _Loose(BaseModel):
    """Base of the record parts that tables are made from; unknown keys are ignored."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class Entry(_Loose):
    """Which row a record is of, from what it was made, and how long its files are."""

    bytes: dict[str, int] = Field(default_factory=dict)
    key: str | None = None
    photo_sha256: str | None = None
    stamp: str | None = None


class Measured(_Loose):
    seam: float | None = None
    halo: float | None = None
    expansion: float | None = None


class Worn(_Loose):
    category: str | None = None
    framing: str | None = None


class Pixels(_Loose):
    core_pixels: int | None = None
    changed: int | None = None


class RowRecord(Record):
    """A row's record as a later run reads it: a receipt with its `collection` entry, or why there is none."""

    collection: Entry
    again: bool = False
    error: str | None = None
    checks: Measured = Measured()
    garment: Worn | None = None
    face: Likeness | None = None
    kept: Pixels = Pixels()
    seed: int | None = None
    caption: str = ""
    alt: str = ""
    seconds: dict[str, float] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


def failure(
    config: Config | None,
    error: str,
    exit_code: int,
    entry: dict[str, Any],
    *,
    again: bool = False,
    trace: str | None = None,
) -> bytes:
    """Returns the record of a row without a picture.

    `again` marks what the next run tries once more unasked; `trace` says where in the code something unforeseen was.
    """
    record = {
        "schema": 1,
        "task": config.task if config else None,
        "status": "error",
        "error": error,
        "exit_code": exit_code,
        "again": again,
        **({"trace": trace} if trace else {}),
        "config": config.model_dump(mode="json") if config else None,
        "collection": entry,
    }
    return (json.dumps(record, indent=1) + "\n").encode()


def loaded(content: bytes | None) -> RowRecord | None:
    """Returns a record that a collection wrote; None for anything else."""
    try:
        return RowRecord.model_validate_json(content, strict=True) if content is not None else None
    except ValidationError:
        return None


def stands(record: RowRecord, work: Work, sizes: dict[str, int], retry_failed: bool) -> bool:
    """Whether a row's record still holds: same files, same options, and all of its pictures are there.

    The photo's bytes are read only when its size or time differ from the record's.
    """
    if record.status != "ok" and (retry_failed or record.again):
        return False
    entry = record.collection
    if any(sizes.get(name) != size for name, size in entry.bytes.items()):
        return False
    stamp = _stamp(work.photo)
    same = stamp == entry.stamp and stamp is not None and entry.photo_sha256 is not None
    known = entry.photo_sha256 if same and entry.photo_sha256 else _sha256(work.photo)
    return entry.key == key(work.config, known, work.files)


@lru_cache(maxsize=65_536)
def _stamp(photo: str) -> str | None:
    return places.stamp(photo)


@lru_cache(maxsize=65_536)
def _sha256(photo: str) -> str:
    return places.sha256(photo)


def forget() -> None:
    """Forgets the photos' states: called when a run begins."""
    _stamp.cache_clear()
    _sha256.cache_clear()
