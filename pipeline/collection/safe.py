"""Keeps a collection off files that are not its own: those that it reads, and those that no record of it names."""

import json
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from pipeline import engine, ownership
from pipeline.collection import marks, places, results, settings
from pipeline.collection.options import RunOptions
from pipeline.collection.places import OWN, PACE, Folder
from pipeline.collection.row import Collection, Job, Problem
from stages.errors import ForeignError, OutputError

_Inode = tuple[int, int]


def check_reads(collection: Collection, folder: Folder, manifest: str, options: RunOptions) -> frozenset[str]:
    """Raises OutputError when a run would write over a file that it reads; gives the names in the folder that it reads.

    Links of both kinds count, and so do names that differ in case or in how Unicode spells them alone.
    """
    reads = set(_reads(collection, manifest, options))
    if folder.path is None:
        taken = {each.removeprefix(f"{folder.out}/"): each for each in reads if each.startswith(f"{folder.out}/")}
        here: dict[str, str] = dict(taken)
    else:
        taken, here = _local(folder.path, reads)
    for name in _written(collection.jobs, collection.problems, options):
        found = here.get(name) or taken.get(ownership.folded(name))
        if found is not None:
            raise OutputError(f"{found} is an input of this run and would be overwritten: choose another -o")
    return frozenset({*here, *taken})


def _local(out: Path, reads: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Returns the read files by folded name, where they lie in a folder, and by the names there that mean them."""
    parents = {_inode(out): "", _inode(out / OWN): f"{OWN}/"}
    parents.pop(None, None)
    taken: dict[str, str] = {}
    inodes: dict[_Inode, str] = {}
    folders: dict[str, str | None] = {}
    for path in reads:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = parents.get(_inode(folder))
        prefix = folders[folder]
        if prefix is not None:
            taken[prefix + ownership.folded(name)] = path
        inode = _inode(path)
        if inode is not None:
            inodes[inode] = path
    there = {prefix + name: _inode(out / prefix / name) for prefix in parents.values() for name in _names(out / prefix)}
    return taken, {name: inodes[inode] for name, inode in there.items() if inode in inodes}


def check_known(todo: Iterable[Job], problems: Iterable[Problem], folder: Folder, options: RunOptions) -> None:
    """Raises ForeignError when a row to be run, or a table, would replace a file that no record names by hash."""
    there = {*folder.sizes(), *(f"{OWN}/{name}" for name in (_names(folder.path / OWN) if folder.path else ()))}
    if not there:
        return
    wrong = [
        name
        for record, names in _by_record(todo, problems, options)
        if (taken := there.intersection(names))
        for known in [ownership.hashes(folder.read(record))]
        for name in sorted(taken)
        if folder.sha256(name) not in known
    ]
    if wrong:
        more = f" (nor were {len(wrong) - 1} others)" if len(wrong) > 1 else ""
        raise ForeignError(
            f"{folder.out}/{wrong[0]} was not written by onmodel, or has changed since{more}: "
            "move it away, or choose another -o"
        )


def write_row(folder: Folder, name: str, files: dict[str, bytes], keep: frozenset[str]) -> None:
    """Writes a row's files, the record last, and takes away what its last record names and this one does not.

    `keep` are names that the manifest reads. Raises OutputError as `Folder.write` does.
    """
    before = folder.read(f"{name}.json")
    own = (f"{name}.", f"{OWN}/{name}.")
    stale = [each for each in ownership.names(before) if each not in files and each.startswith(own)]
    stale = [each for each in stale if each not in keep and ownership.folded(each) not in keep]
    folder.write(files, ownership.hashes(before), stale)


def _reads(collection: Collection, manifest: str, options: RunOptions) -> Iterator[str]:
    """Yields every path or URL that a run reads."""
    yield manifest if places.scheme(manifest) else str(Path(manifest).absolute())
    if not places.scheme(manifest):
        yield str(Path(manifest).absolute().with_name(f"{Path(manifest).stem}.defaults.yaml"))
    for path in (options.defaults, options.rejected):
        if path is not None:
            yield str(path.absolute())
    for job in collection.jobs:
        yield job.photo
        yield from (path for _, path in job.files)
    for said in {job.options for job in collection.jobs}:
        yield from (str(path.absolute()) for path in ownership.named(json.loads(said)))


def _by_record(
    jobs: Iterable[Job], problems: Iterable[Problem], options: RunOptions
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yields each record's name and the names that are written with it."""
    for job in jobs:
        pictures = [f"{job.id}{ending}" for ending in _endings(job.options)]
        small = [f"{OWN}/{job.id}.{kind}.jpg" for kind in ("before", "after")]
        yield f"{job.id}.json", (f"{job.id}.json", *pictures, *small)
    for problem in problems:
        yield f"{problem.record}.json", (f"{problem.record}.json",)
    *tables, ledger = results.files(options.shard)
    yield ledger, (*tables, ledger)
    for own in (marks.SEEDS, PACE):
        yield own, (own,)


def _written(jobs: Iterable[Job], problems: Iterable[Problem], options: RunOptions) -> Iterator[str]:
    for _, names in _by_record(jobs, problems, options):
        yield from names


@lru_cache(maxsize=4096)
def _endings(options: str) -> tuple[str, ...]:
    return tuple(each for each in engine.endings(settings.config(options, None)) if each != ".json")


def _inode(path: str | Path) -> _Inode | None:
    try:
        about = os.stat(path)
    except (OSError, ValueError):
        return None
    return about.st_dev, about.st_ino


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
