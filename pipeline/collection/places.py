"""Where the files of a collection lie: local paths and fsspec URLs, kept inside the manifest's folder."""

import hashlib
import importlib
import os
import re
import time
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from stages import write
from stages.errors import ConfigError, OutputError, PhotoError

#: What a manifest may name. Left out on purpose: chained URLs (`zip://…::file://…`), which could reach any file.
READABLE = frozenset({"s3", "gs", "gcs", "az", "abfs", "https", "http", "memory"})
WRITABLE = READABLE - {"https", "http"}
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+)://")
#: Entries of fsspec's `info` that change with a file's content.
_TAGS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "created", "mtime")


def scheme(name: str) -> str | None:
    """Gives the scheme of a URL, lower case; None for a path."""
    found = _SCHEME.match(name)
    return found[1].lower() if found else None


def filesystem(url: str) -> Any:
    """Gives the fsspec file system of a URL. Raises ConfigError when its driver is not installed."""
    fsspec = importlib.import_module("fsspec")
    try:
        return fsspec.filesystem(scheme(url))
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
        """Gives the absolute path or URL that a name in the manifest means. Raises ConfigError when it leaves."""
        if not name or "\0" in name or len(name) > 4096:
            raise ConfigError("a path is empty, or no path at all")
        kind = scheme(name)
        if kind is not None:
            return self._elsewhere(name, kind)
        if self.url is not None:
            return self._beside(name, self.url)
        path = self.folder / name
        if not self.outside and not path.resolve().is_relative_to(self._real):
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
    """Gives a file's bytes. Raises PhotoError when it is not there or cannot be read."""
    try:
        content: bytes = Path(where).read_bytes() if scheme(where) is None else _asked(where, "cat_file")
    except FileNotFoundError:
        raise PhotoError(f"{_last(where)} does not exist: check the path in the manifest") from None
    except IsADirectoryError:
        raise PhotoError(f"{_last(where)} is a folder: name a photo in it") from None
    except OSError as error:
        reason = error.strerror or error
        raise PhotoError(f"{_last(where)} cannot be read ({reason}): check the path and its permissions") from error
    return content


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
    """Gives why a file cannot be there, in words; None if it is. Raises ConfigError without the URL's driver."""
    try:
        _about(where)
    except OSError:
        return f"{where} does not exist: check the path in the manifest"
    return None


def stamp(where: str) -> str | None:
    """Gives what changes with a file, cheap to ask: size and time, or a store's tag; None if there is no such thing."""
    try:
        about = _about(where)
    except OSError:
        return None
    if scheme(where) is None:
        return f"{about.st_size}-{about.st_mtime_ns}"
    tags = [str(_plain(about[key])) for key in _TAGS if about.get(key)]
    return "-".join([str(about.get("size")), *tags]) if tags else None


def _plain(tag: object) -> object:
    return tag.isoformat() if isinstance(tag, datetime) else tag


def sha256(where: str) -> str:
    """Gives the hash of a file's bytes; "missing" when it cannot be read."""
    try:
        return hashlib.sha256(read(where)).hexdigest()
    except PhotoError:
        return "missing"


def _last(where: str) -> str:
    return where.rstrip("/").rpartition("/")[2] or where


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
        """Gives the size in bytes of each file in the folder, without those below it."""
        if self.path is not None:
            if not self.path.is_dir():
                return {}
            with os.scandir(self.path) as entries:
                return {each.name: each.stat().st_size for each in entries if each.is_file()}
        fs = self._fs()
        fs.invalidate_cache()
        if not fs.exists(self.out):
            return {}
        return {_last(each["name"]): each["size"] for each in fs.ls(self.out, detail=True) if each["type"] == "file"}

    def read(self, name: str) -> bytes | None:
        """Gives a file's bytes, None if it is not there."""
        try:
            if self.path is not None:
                return (self.path / name).read_bytes()
            content: bytes = self._fs().cat_file(self._url(name))
        except OSError:
            return None
        return content

    def write(self, files: Mapping[str, bytes]) -> None:
        """Writes files in their order, the last one the record that makes them count.

        A record that was there goes first: a row that is cut off here has none, and is run again. Raises OutputError
        when the folder cannot be written to, on a full disk for one.
        """
        *_, record = files
        self.remove([record])
        if self.path is not None:
            write.write_files({self.path / name: content for name, content in files.items()}, overwrite=True)
            return
        try:
            for name, content in files.items():
                self._fs().pipe_file(self._url(name), content)
        except OSError as error:
            raise OutputError(f"{self.out} cannot be written to ({error}): check the address and its rights") from error

    def remove(self, names: list[str]) -> None:
        """Removes the files that are there. Raises OutputError when that is not allowed."""
        for name in names:
            try:
                if self.path is not None:
                    (self.path / name).unlink(missing_ok=True)
                elif self._fs().exists(self._url(name)):
                    self._fs().rm_file(self._url(name))
            except OSError as error:
                raise OutputError(f"{name} in {self.out} cannot be removed ({error}): check its rights") from error

    def sweep(self, older: float = 0) -> None:
        """Removes what a killed run left half-written, if it is so many seconds old. Only under the folder's lock."""
        if self.path is None:
            return
        for kind in ("part", "old"):
            for left in self.path.glob(f".*.{kind}"):
                if time.time() - left.stat().st_mtime >= older:
                    left.unlink(missing_ok=True)
