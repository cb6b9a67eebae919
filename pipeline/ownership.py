"""Whose files are whose: what a call reads is never written to, and what no receipt names is never replaced."""

import hashlib
import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from pipeline.receipt import Receipt, Record
from stages.errors import OutputError
from stages.reading import contents

_Key = tuple[object, ...]


class Reads:
    """Set of the files that a call reads, by identity.

    Two paths are one file when the system says so (links of both kinds), and also when their names in one folder differ
    in case or in how Unicode spells them alone: on some file systems these are one.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._folders: dict[str, _Key] = {}
        self._by_key: dict[_Key, Path] = {}
        self._real: dict[str, Path] = {}
        for path in paths:
            for key in self._keys(path):
                self._by_key.setdefault(key, path)
            self._real.setdefault(os.path.realpath(path), path)

    def same(self, path: Path) -> Path | None:
        """Finds the input file that an output path would overwrite; for a folder, one that is inside it."""
        for key in self._keys(path):
            if key in self._by_key:
                return self._by_key[key]
        if os.path.isdir(path):
            real = os.path.realpath(path) + os.sep
            return next((read for name, read in self._real.items() if name.startswith(real)), None)
        return None

    def refuse(self, writes: Iterable[Path]) -> None:
        """Raises OutputError when one of the paths to be written is read."""
        for path in writes:
            found = self.same(path)
            if found is not None:
                raise OutputError(f"{found} is an input of this command and would be overwritten: choose another -o")

    def _keys(self, path: Path) -> Iterator[_Key]:
        real = os.path.realpath(path)
        for each in dict.fromkeys((real, os.path.abspath(path))):  # a link that is replaced is a name, too
            folder, name = os.path.split(each)
            yield (*self._folder(folder), folded(name))
        try:
            about = os.stat(real)
        except (OSError, ValueError):
            return
        yield ("inode", about.st_dev, about.st_ino)

    def _folder(self, folder: str) -> _Key:
        if folder not in self._folders:
            try:
                about = os.stat(folder)
                self._folders[folder] = (about.st_dev, about.st_ino)
            except (OSError, ValueError):
                self._folders[folder] = (folded(folder),)
        return self._folders[folder]


def folded(name: str) -> str:
    """Folds a name as case-insensitive, normalising file systems do: caseless matching, Unicode 3.13."""
    decomposed = unicodedata.normalize("NFD", name).casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", decomposed))


def named(options: BaseModel | Mapping[str, Any]) -> list[Path]:
    """Lists every file that options name: all values that are paths of files, be it masks, poses or weights."""
    values = options.model_dump() if isinstance(options, BaseModel) else options
    return [Path(each) for each in _files(values)]


def _files(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _files(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _files(each)
    elif isinstance(value, str | Path):
        path = str(value).removeprefix("photo:")
        if path and os.path.isfile(path):
            yield path


def hashes(record: bytes | None) -> frozenset[str]:
    """Returns the SHA-256 of a record's bytes and of every file that it names; nothing for what is no record of ours.

    These are the files that a later run may replace or take away.
    """
    if record is None:
        return frozenset()
    try:
        found = Record.model_validate_json(record)
    except ValidationError:
        return frozenset()
    return frozenset({hashlib.sha256(record).hexdigest(), *found.hashes()})


def by(receipt: Path) -> frozenset[str]:
    """Returns `hashes` of the receipt at a path; nothing if there is none."""
    return hashes(at(receipt))


def at(receipt: Path) -> bytes | None:
    """Returns the bytes of the receipt at a path; None if there is none."""
    try:
        return contents(receipt)
    except OSError:
        return None


def names(record: bytes | None) -> tuple[str, ...]:
    """Returns the names, below its folder, of the files that a record says were written with it."""
    try:
        found = Record.model_validate_json(record or b"")
    except ValidationError:
        return ()
    return tuple(name for name in found.files if ".." not in Path(name).parts and not Path(name).is_absolute())


def photo(receipt: Path) -> frozenset[str]:
    """Returns the hash of the photo that a receipt at a path was written for, as the demo draws its own."""
    try:
        return frozenset({Receipt.model_validate_json(contents(receipt)).source.sha256})
    except (OSError, ValidationError):
        return frozenset()
