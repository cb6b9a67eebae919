"""Puts files on the disk: all of a run's or none, whenever the process ends, and never over a file of somebody else.

They are written into a hidden folder beside their places, `.onmodel-XXXXXXXX`, and moved once a list of the moves lies
there too. Whatever ends the process, `recover` then either finishes the moves (the list is there) or takes the folder
away (it is not). A lock in it tells folders of the living from those of the dead.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import filelock

from stages.errors import ForeignError, OutputError

_STAGING = re.compile(r"^\.onmodel-[0-9a-f]{8}$")
_MINE = re.compile(r"^(\d+|old-\d+|lock|commit\.part|commit\.json|undo\.json)$")
_COMMIT, _UNDO = "commit.json", "undo.json"
#: Tries to begin a staging folder: `recover` of another process may take one away before its lock is held.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Move:
    """One file's way from the staging folder to its place; without `new` what is there is taken away."""

    name: str
    """Below the staging folder's own folder, with slashes."""
    new: str | None
    old: str | None
    """SHA-256 of what is written and of what is there before."""


def sha256(path: Path) -> str:
    """Returns the hash of a file's bytes. Raises OSError when it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def there(path: Path) -> bool:
    """Whether a name is taken, be it by a link to nothing. Raises OutputError for one that can be no file's."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise OutputError(
            f"{_short(path)} cannot be written ({reason}): choose another -o, or a shorter name"
        ) from None
    return True


def check_folder(folder: Path) -> None:
    """Raises OutputError when nothing can be put into a folder, or where it is to be made."""
    near = next((each for each in (folder, *folder.parents) if os.path.lexists(each)), Path())
    if not os.path.isdir(near):
        raise OutputError(f"{_short(near)} is not a folder: choose another -o")
    if not os.access(near, os.W_OK | os.X_OK):
        raise OutputError(f"{_short(near)} cannot be written to: check its permissions, or choose another -o")


def check(paths: Iterable[Path], known: frozenset[str] | None) -> None:
    """Raises OutputError when one of the paths cannot be written: see `write_files`."""
    for path in paths:
        if not there(path):
            continue
        if os.path.isdir(path):
            raise OutputError(f"{path} is a folder: name a file in it.")
        if known is None:
            raise OutputError(f"{path} exists already: choose another -o, or pass --overwrite.")
        if not os.path.isfile(path) or _hash(path) not in known:
            raise ForeignError(
                f"{path} was not written by onmodel, or has changed since: move it away, or choose another -o."
            )


def write_files(files: Mapping[Path, bytes], known: frozenset[str] | None = None, stale: Iterable[Path] = ()) -> None:
    """Writes all of the files or, on any failure, none; files that were there before then stand as they were.

    Parameters
    ----------
    files
        Content by path. Each is read back and compared before it takes its name.
    known
        SHA-256 of the files that may be replaced: those that a receipt or record of this program names. None replaces
        nothing.
    stale
        Files that are taken away with the same move, if they are there and `known`.

    Raises
    ------
    OutputError
        When a file cannot be written, or exists and `known` is None; ForeignError when it exists and is not known.
    """
    check(files, known)
    gone = [path for path in stale if path not in files and path.is_file() and _hash(path) in (known or ())]
    path = next(iter(files))
    new: list[Path] = []
    try:
        root = Path(os.path.commonpath([each.parent.absolute() for each in (*files, *gone)]))
        for folder in dict.fromkeys((root, *(each.parent for each in files))):
            path = folder
            new += _make_folder(folder)
        with _Staging(root) as staging:
            moves = []
            for number, (path, content) in enumerate(files.items()):
                staging.fill(number, content)
                old = _hash(path) if path.is_file() else None
                moves.append(_Move(_below(path, root), hashlib.sha256(content).hexdigest(), old))
            moves += [_Move(_below(each, root), None, _hash(each)) for each in gone]
            staging.commit(moves)
            new.clear()
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"{_short(path)} cannot be written ({reason}): check the folder and the free space."
        ) from error
    finally:
        for folder in reversed(new):
            with suppress(OSError):
                folder.rmdir()


def recover(root: Path) -> None:
    """Finishes or takes away what killed processes left in a folder; what living ones are at stays.

    A move is finished only where its place is free, or holds what it held before: a file that came meanwhile stays.
    """
    try:
        found = [Path(each.path) for each in os.scandir(root) if _STAGING.match(each.name) and each.is_dir()]
    except OSError:
        return
    for folder in found:
        with suppress(OSError, ValueError, KeyError, TypeError, filelock.Timeout):
            if hasattr(os, "getuid") and folder.lstat().st_uid != os.getuid():
                continue
            if not (folder / "lock").is_file():
                folder.rmdir()  # killed before it began, or not ours: then it is not empty, and stays
                continue
            with filelock.FileLock(folder / "lock", timeout=0):
                _finish(folder)
                _clear(folder)


class _Staging:
    """The hidden folder that files are written into. A context manager: nothing of it is left afterwards."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for attempt in range(_TRIES):
            self.folder = root / f".onmodel-{secrets.token_hex(4)}"
            self.folder.mkdir(mode=0o700)
            self.lock = filelock.FileLock(self.folder / "lock", timeout=0)
            try:
                self.lock.acquire()
                if (self.folder / "lock").exists():
                    return
            except (filelock.Timeout, OSError):
                if attempt == _TRIES - 1:
                    _clear(self.folder)
                    raise

    def __enter__(self) -> "_Staging":
        return self

    def __exit__(self, *raised: object) -> None:
        if any(raised):
            with suppress(OSError):
                (self.folder / _COMMIT).replace(self.folder / _UNDO)
                _undo(self.folder, _listed(self.folder / _UNDO))
        self.lock.release()
        _clear(self.folder)

    def fill(self, number: int, content: bytes) -> None:
        path = self.folder / str(number)
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.read_bytes() != content:
            raise OSError("what was read back differs from what was written")

    def commit(self, moves: list[_Move]) -> None:
        """Writes the list, from which moment on the moves will be made, and makes them."""
        part = self.folder / "commit.part"
        with part.open("x", encoding="ascii") as file:
            json.dump([[each.name, each.new, each.old] for each in moves], file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.folder / _COMMIT)
        _sync(self.folder)
        _move(self.folder, moves)
        for folder in {(self.root / each.name).parent for each in moves}:
            _sync(folder)
        (self.folder / _COMMIT).unlink()


def _move(folder: Path, moves: list[_Move]) -> None:
    """Makes the moves that are not made yet, and keeps what was there before as `old-N` until all are."""
    for number, each in enumerate(moves):
        target, part, kept = folder.parent / each.name, folder / str(number), folder / f"old-{number}"
        if each.new is not None and not part.exists():
            continue  # moved before the process was killed
        if there(target):
            if _hash(target) not in (each.old, each.new):
                raise OSError("it changed while it was to be replaced")
            if each.new is None:
                target.replace(kept)
                continue
            kept.unlink(missing_ok=True)
            try:
                os.link(target, kept)
            except OSError:  # a file system without hard links
                target.replace(kept)
        if each.new is not None:
            part.replace(target)


def _undo(folder: Path, moves: list[_Move]) -> None:
    for number, each in enumerate(moves):
        target, part, kept = folder.parent / each.name, folder / str(number), folder / f"old-{number}"
        if kept.exists():
            kept.replace(target)
        elif each.new is not None and not part.exists() and each.old is None and _hash(target) == each.new:
            target.unlink()


def _finish(folder: Path) -> None:
    """Undoes what was being undone, else finishes what was committed, file by file."""
    if (folder / _UNDO).exists():
        _undo(folder, _listed(folder / _UNDO))
    elif (folder / _COMMIT).exists():
        for number, each in enumerate(_listed(folder / _COMMIT)):
            with suppress(OSError, OutputError):
                _one(folder, number, each)


def _one(folder: Path, number: int, move: _Move) -> None:
    target, part = folder.parent / move.name, folder / str(number)
    if move.new is not None and not part.exists():
        return
    if there(target) and _hash(target) not in (move.old, move.new):
        return
    if move.new is None:
        target.unlink(missing_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)


def _listed(path: Path) -> list[_Move]:
    """Reads a list of moves. Raises ValueError when it is none, or leads out of its folder."""
    moves = [_Move(*each) for each in json.loads(path.read_text(encoding="ascii"))]
    for each in moves:
        if not isinstance(each.name, str) or Path(each.name).is_absolute() or ".." in Path(each.name).parts:
            raise ValueError(each.name)
    return moves


def _clear(folder: Path) -> None:
    """Takes a staging folder away, with all that this program puts into one and nothing else."""
    with suppress(OSError):
        # The lock goes last: without one, `recover` takes away an empty folder alone.
        for each in sorted(os.listdir(folder), key=lambda name: name == "lock"):
            if _MINE.match(each):
                (folder / each).unlink(missing_ok=True)
        folder.rmdir()


def _hash(path: Path) -> str | None:
    try:
        return sha256(path)
    except OSError:
        return None


def _below(path: Path, root: Path) -> str:
    return path.absolute().relative_to(root).as_posix()


def _make_folder(folder: Path) -> list[Path]:
    """Makes a folder and gives those of it and its parents that were not there before, outermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()][::-1]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _sync(folder: Path) -> None:
    """Brings a folder's own list of names to the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _short(path: Path) -> str:
    """Returns a path in words, the middle of a very long one left out."""
    words = str(path)
    return words if len(words) <= 200 else f"{words[:80]}…{words[-80:]}"
