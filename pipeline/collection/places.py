"""Where the files of a collection lie: local paths and fsspec URLs, kept inside the manifest's folder."""

import hashlib
import importlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.collection import network
from stages import disk
from stages.errors import ConfigError, ForeignError, OutputError, PhotoError
from stages.reading import LARGE, contents

#: What a manifest may name. Left out on purpose: chained URLs (`zip://…::file://…`), which could reach any file.
READABLE = frozenset({"s3", "gs", "gcs", "az", "abfs", "https", "http", "memory"})
WRITABLE = READABLE - {"https", "http"}
#: Folder below the output's that holds the report's small pictures, and what later runs need to know...
OWN = ".onmodel"
#: ...such as how fast the last one went.
PACE = f"{OWN}/pace.json"
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+)://")
#: Bytes of a photo or manifest.
MOST = LARGE
#: Entries of fsspec's `info` that change with a file's content.
_TAGS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "created", "mtime")


def scheme(name: str) -> str | None:
    """Returns the scheme of a URL, lower case; None for a path."""
    found = _SCHEME.match(name)
    return found[1].lower() if found else None


def filesystem(url: str) -> Any:
    """Returns the fsspec file system of a URL. Raises ConfigError when its driver is not installed."""
    fsspec = importlib.import_module("fsspec")
    kind = scheme(url)
    try:
        if kind in ("http", "https"):
            return fsspec.filesystem(kind, **network.guarded())
        return fsspec.filesystem(kind)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"{url} cannot be opened ({error}): install the fsspec driver of {scheme(url)}://") from error


class Root:
    """The manifest's folder, which its paths are relative to and cannot leave unless allowed."""

    def __init__(self, manifest: str, outside: bool = False) -> None:
        """Takes the manifest's own path or URL."""
        self.outside = outside
        self.url = manifest.rpartition("/")[0] if scheme(manifest) else None
        self.folder = Path(manifest).absolute().parent
        """Of a local manifest."""
        self._real = self.folder.resolve()
        self.locate = lru_cache(maxsize=200_000)(self._locate)

    def _locate(self, name: str) -> str:
        """Returns the absolute path or URL that a name in the manifest means. Raises ConfigError when it leaves."""
        if not name or "\0" in name or len(name) > 4096:
            raise ConfigError("a path is empty, or no path at all")
        kind = scheme(name)
        if kind is not None:
            return self._elsewhere(name, kind)
        if self.url is not None:
            return self._beside(name, self.url)
        path = self.folder / name
        if not self.outside and not Path(os.path.realpath(path)).is_relative_to(self._real):
            raise ConfigError(f"{name} lies outside the manifest's folder: move it there, or pass --allow-outside")
        return str(path)

    def _elsewhere(self, name: str, kind: str) -> str:
        if kind not in READABLE or "::" in name:
            raise ConfigError(f"{name} cannot be read: use a path, or one of {', '.join(sorted(READABLE))}://")
        if not self.outside and not (self.url and _within(self.url, name)):
            raise ConfigError(f"{name} lies outside the manifest's folder: pass --allow-outside to read URLs")
        return name

    def _beside(self, name: str, url: str) -> str:
        joined = f"{url}/{name}"
        if name.startswith("/") or "::" in name or not (self.outside or _within(url, joined)):
            raise ConfigError(f"{name} lies outside the manifest's folder: give a path below it, or a URL")
        return joined


def _within(root: str, url: str) -> bool:
    """Whether a URL lies below another, without climbing; percent signs are read, as a server would."""
    parts = urlsplit(url)
    climbs = ".." in unquote(parts.path).replace("\\", "/").split("/")
    return not climbs and url.startswith(root + "/")


def read(where: str) -> bytes:
    """Returns a file's bytes. Raises PhotoError when it is not there or cannot be read."""
    try:
        content: bytes = contents(Path(where), MOST) if scheme(where) is None else _fetched(where)
    except FileNotFoundError:
        raise PhotoError(f"{_last(where)} does not exist: check the path in the manifest") from None
    except IsADirectoryError:
        raise PhotoError(f"{_last(where)} is a folder: name a photo in it") from None
    except OSError as error:
        reason = error.strerror or error
        raise PhotoError(f"{_last(where)} cannot be read ({reason}): check the path and its permissions") from error
    return content


def _fetched(url: str) -> bytes:
    """Returns the bytes behind a URL. Raises OSError when there are more than `MOST`, whatever was told of them."""
    if scheme(url) not in ("http", "https"):
        content: bytes = _asked(url, "cat_file")
        return content
    parts, length = [], 0
    try:
        with filesystem(url).open(url, "rb", block_size=0, size=1) as stream:  # one request, read as it comes
            while part := stream.read(2**20):
                parts.append(part)
                length += len(part)
                if length > MOST:
                    raise OSError(f"it has more than {MOST / 1e6:.0f} MB")
    except OSError:
        raise
    except Exception as error:
        raise OSError(str(error) or type(error).__name__) from error
    return b"".join(parts)


def _asked(url: str, verb: str) -> Any:
    """Asks a URL's driver. Raises OSError whatever goes wrong: drivers have errors of their own."""
    do = getattr(filesystem(url), verb)
    try:
        return do(url)
    except OSError:
        raise
    except Exception as error:
        raise OSError(str(error)) from error


def _about(where: str) -> Any:
    return Path(where).stat() if scheme(where) is None else _asked(where, "info")


def missing(where: str) -> str | None:
    """Explains why a file is missing; None if it exists. Raises ConfigError without the URL's driver."""
    try:
        _about(where)
    except OSError as error:
        if "no public address" in str(error):
            return f"{where} cannot be read ({error})"
        return f"{where} does not exist: check the path in the manifest"
    except ValueError:  # a NUL in the name
        return f"{where} names no file"
    return None


def stamp(where: str) -> str | None:
    """Cheap fingerprint of a file: size and modification time, or a store's tag; None if there is neither."""
    try:
        about = _about(where)
    except (OSError, ValueError):
        return None
    if scheme(where) is None:
        return f"{about.st_size}-{about.st_mtime_ns}"
    tags = [str(_plain(about[key])) for key in _TAGS if about.get(key)]
    return "-".join([str(about.get("size")), *tags]) if tags else None


def _plain(tag: object) -> object:
    return tag.isoformat() if isinstance(tag, datetime) else tag


def sha256(where: str) -> str:
    """Returns the hash of a file's bytes; "missing" when it cannot be read."""
    try:
        return hashlib.sha256(read(where)).hexdigest()
    except PhotoError:
        return "missing"


def _last(where: str) -> str:
    return where.rstrip("/").rpartition("/")[2] or where


def _size(entry: "os.DirEntry[str]") -> int | None:
    """Returns a regular file's size; None for anything else, such as a link that leads nowhere or to itself."""
    try:
        return entry.stat().st_size if entry.is_file() else None
    except OSError:
        return None


class Folder:
    """The output folder, local or a URL: a row's files appear all or none, its record last."""

    def __init__(self, out: str) -> None:
        """Makes nothing yet. Raises ConfigError for a URL that cannot be written to."""
        kind = scheme(out)
        if kind is not None and kind not in WRITABLE:
            raise ConfigError(
                f"-o {out} cannot be written to: use a folder, or one of {', '.join(sorted(WRITABLE))}://"
            )
        self.out = out.rstrip("/") if kind else str(Path(out).absolute())
        self.path = None if kind else Path(self.out)

    def check_shared(self) -> None:
        """Raises ConfigError for a folder that other processes do not see."""
        if scheme(self.out) == "memory":
            raise ConfigError(f"{self.out} is seen by one process alone: use --engine local --devices own, or a folder")

    def _fs(self) -> Any:
        return filesystem(self.out)

    def _url(self, name: str) -> str:
        return f"{self.out}/{name}"

    def sizes(self) -> dict[str, int]:
        """Returns the size in bytes of each file in the folder, without those below it."""
        if self.path is not None:
            if not self.path.is_dir():
                return {}
            with os.scandir(self.path) as entries:
                return {each.name: size for each in entries if (size := _size(each)) is not None}
        fs = self._fs()
        fs.invalidate_cache()
        if not fs.exists(self.out):
            return {}
        return {_last(each["name"]): each["size"] for each in fs.ls(self.out, detail=True) if each["type"] == "file"}

    def read(self, name: str) -> bytes | None:
        """Returns a file's bytes, None if it is not there."""
        try:
            if self.path is not None:
                return (self.path / name).read_bytes()
            content: bytes = self._fs().cat_file(self._url(name))
        except OSError:
            return None
        return content

    def write(self, files: Mapping[str, bytes], known: frozenset[str] = frozenset(), stale: Iterable[str] = ()) -> None:
        """Writes files in their order, the last one the record that makes them count; takes the stale ones away.

        All of them or none in a folder. A store has no moves: there a record goes first that names what was there and
        what will be, so that a row that is cut off is run again, and its files are known.

        Raises OutputError when the folder cannot be written to, on a full disk for one, and ForeignError when a file
        is there already whose SHA-256 is not `known`: it is none that a record of this program names.
        """
        if self.path is not None:
            base = self.path
            disk.write_files(
                {base / name: content for name, content in files.items()}, known, [base / name for name in stale]
            )
            return
        try:
            self._pipe(files, known, stale)
        except OSError as error:
            raise OutputError(f"{self.out} cannot be written to ({error}): check the address and its rights") from error

    def _pipe(self, files: Mapping[str, bytes], known: frozenset[str], stale: Iterable[str]) -> None:
        fs = self._fs()
        there = {name: self.sha256(name) for name in (*files, *stale)}
        for name in files:
            if there[name] is not None and there[name] not in known:
                raise ForeignError(
                    f"{name} in {self.out} was not written by onmodel, or has changed since: move it away"
                )
        *_, last = files
        told = {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != last}
        if told and last.endswith(".json"):
            before = [each for each in there.values() if each in known]
            cut_off: dict[str, object] = {
                "schema": 1, "task": None, "status": "error", "error": "it was cut off while it was written",
                "again": True, "files": told, "before": before, "collection": {"bytes": {}},
            }  # fmt: skip
            fs.pipe_file(self._url(last), json.dumps(cut_off).encode())
        for name, content in files.items():
            fs.pipe_file(self._url(name), content)
        for name in stale:
            if there[name] in known and name not in files:
                fs.rm_file(self._url(name))

    def sha256(self, name: str) -> str | None:
        """Returns the hash of a file's bytes; None if it is not there."""
        content = self.read(name)
        return None if content is None else hashlib.sha256(content).hexdigest()

    def sweep(self) -> None:
        """Finishes or takes away what a killed run left half-written; what other runs are at stays."""
        if self.path is not None:
            disk.recover(self.path)
            disk.recover(self.path / OWN)
