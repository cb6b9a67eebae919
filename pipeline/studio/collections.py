"""Collections in the studio: those that it writes rows for, and those of others that it opens; marks of both."""

import json
import re
import secrets
import threading
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, Literal

from pydantic import Field, ValidationError

from pipeline import config as configs
from pipeline.collection import plan, record
from pipeline.collection.options import RunOptions
from pipeline.collection.places import OWN
from pipeline.collection.row import Collection, Job
from pipeline.studio import asking, drafts
from pipeline.studio.drafts import NAME, Draft, Part, checked
from pipeline.studio.work import Studio
from stages.errors import ConfigError

Mark = Literal["approved", "rejected"]
#: What a row's pictures are called in the output folder's own folder.
KINDS = ("before", "after")


class Entry(Part):
    """One collection."""

    id: str
    name: str = Field(min_length=1, max_length=100)
    manifest: str
    """Absolute path."""
    out: str
    """Absolute path of the output folder."""
    own: bool
    """Whether the studio began it, and so may write rows into its manifest."""


class Marked(Part):
    """A mark for the picture that it was given to, not for one made later under the same id."""

    id: str
    sha256: str


class Marks(Part):
    """Marks as report.html saves them, so that `--rejected` takes the file."""

    marks: Literal[1] = 1
    approved: tuple[Marked, ...] = ()
    rejected: tuple[Marked, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What the page shows of a row."""

    id: str
    photo: str
    task: str
    status: str
    error: str = ""
    sha256: str = ""
    seam: float | None = None
    halo: float | None = None
    seed: int | None = None
    mark: str = ""


class Collections:
    """The collections of a studio's folder."""

    def __init__(self, studio: Studio) -> None:
        """Makes the folder."""
        self.studio = studio
        self.folder = studio.service.queue.folder / "collections"
        self.folder.mkdir(exist_ok=True)
        self._guard = threading.Lock()
        self._manifests: dict[str, tuple[tuple[int, int], Collection]] = {}
        self._records: dict[str, tuple[tuple[int, int], Row]] = {}

    def all(self) -> list[Entry]:
        """Returns every collection, by name."""
        found = []
        for path in self.folder.glob("*/collection.json"):
            try:
                found.append(Entry.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError):
                continue
        return sorted(found, key=lambda each: each.name)

    def get(self, name: str) -> Entry:
        """Returns a collection. Raises KeyError when there is none."""
        try:
            return Entry.model_validate_json((self._place(name) / "collection.json").read_bytes())
        except (OSError, ValidationError):
            raise KeyError(name) from None

    def _place(self, name: str) -> Path:
        if not NAME.match(name):
            raise KeyError(name)
        return self.folder / name

    def begin(self, name: str) -> Entry:
        """Begins a collection that drafts are added to."""
        made = secrets.token_hex(16)
        folder = self.folder / made
        (folder / "photos").mkdir(parents=True)
        manifest, out = folder / "manifest.jsonl", folder / "pictures"
        return self._kept(Entry(id=made, name=name, manifest=str(manifest), out=str(out), own=True))

    def open(self, manifest: str, out: str) -> Entry:
        """Takes up a collection that lies elsewhere; nothing of it is written to before it is run.

        Raises ConfigError when its manifest cannot be read.
        """
        path, folder = Path(manifest).expanduser().absolute(), Path(out).expanduser().absolute()
        plan.read(str(path), RunOptions())
        for each in self.all():
            if (each.manifest, each.out) == (str(path), str(folder)):
                return each
        made = secrets.token_hex(16)
        (self.folder / made).mkdir()
        return self._kept(Entry(id=made, name=path.name, manifest=str(path), out=str(folder), own=False))

    def _kept(self, entry: Entry) -> Entry:
        drafts.save(self._place(entry.id) / "collection.json", entry)
        return entry

    def add(self, entry: Entry, draft: Draft) -> list[str]:
        """Writes a draft as rows of a collection's manifest, one for each seed; gives their ids.

        Raises ConfigError for a collection that the studio did not begin, and for a draft that could not be run.
        """
        if not entry.own:
            raise ConfigError(f"{entry.name} is not the studio's own: its manifest stays as it is; begin a new one")
        said = checked(self.studio.service.kind, draft.choices)
        asking.ready(self.studio, draft, said)
        manifest = Path(entry.manifest)
        with self._guard:
            before = manifest.read_bytes() if manifest.exists() else b""
            taken = {json.loads(line)["id"] for line in before.splitlines()}
            stem = _free(draft.name, taken)
            photo, options, _ = asking.laid(self.studio, draft, said, manifest.parent / "photos", f"{stem}.")
            seed = int(said.get("seed", 0))
            names = [stem if draft.choices.count == 1 else f"{stem}-{each}" for each in range(draft.choices.count)]
            rows = []
            for at, name in enumerate(names):
                own = {"seed": (seed + at) % 2**32}
                whole = configs.merge(self._base(), configs.merge(options, {"generate": own}))
                rows.append({"id": name, "photo": str(photo), **whole})
            text = "".join(json.dumps(row) + "\n" for row in rows)
            local = text.replace(json.dumps(f"{manifest.parent}/")[1:-1], "")  # the folder may be moved
            drafts.replace_file(manifest, before + local.encode())
        return names

    def _base(self) -> dict[str, Any]:
        """Options that the studio was started with; written into its rows, so that anyone can run them."""
        base = self.studio.service.base
        told = configs.read(base.file) if base.file is not None else {}
        return configs.merge(configs.merge(told, base.flags), {"preset": base.preset} if base.preset else {})

    def read(self, entry: Entry) -> Collection:
        """Returns a collection's rows; nothing of one that has none yet. Raises ConfigError for a broken manifest."""
        path = Path(entry.manifest)
        if entry.own and not path.exists():
            return Collection([], [])
        try:
            stamp = _stamp(path)
        except OSError as error:
            raise ConfigError(f"{path} cannot be read ({error.strerror}): put it back where it was") from error
        held = self._manifests.get(entry.id)
        if held is None or held[0] != stamp:
            held = self._manifests[entry.id] = (stamp, plan.read(str(path), RunOptions()))
        return held[1]

    def rows(self, entry: Entry) -> list[Row]:
        """Returns what became of every row, in the manifest's order; records are read again when they change."""
        found, told = self.read(entry), self.marks(entry)
        marks = {(each.id, each.sha256): "approved" for each in told.approved}
        marks |= {(each.id, each.sha256): "rejected" for each in told.rejected}
        rows = [Row(each.record, "", "", "error", "; ".join(each.messages)) for each in found.problems]
        for job in found.jobs:
            row = self._row(entry, job)
            rows.append(replace(row, mark=marks.get((row.id, row.sha256), "")))
        return rows

    def _row(self, entry: Entry, job: Job) -> Row:
        task = json.loads(job.options).get("task", "generate")
        path = Path(entry.out) / f"{job.id}.json"
        try:
            stamp = _stamp(path)
        except OSError:
            return Row(job.id, job.name, task, "pending")
        held = self._records.get(str(path))
        if held is not None and held[0] == stamp:
            return held[1]
        found = record.loaded(path.read_bytes())
        if found is None:
            return Row(job.id, job.name, task, "pending")
        row = Row(
            job.id, job.name, task, found.status, found.error or "; ".join(found.failures),
            found.output.sha256 if found.output else "", found.checks.seam, found.checks.halo, found.seed,
        )  # fmt: skip
        self._records[str(path)] = (stamp, row)
        return row

    def small(self, entry: Entry, name: str, kind: str) -> Path:
        """Returns where a row's small picture, or its picture, lies. Raises KeyError when there is none."""
        if all(name != job.id for job in self.read(entry).jobs):
            raise KeyError(name)
        path = Path(entry.out) / (f"{OWN}/{name}.{kind}.jpg" if kind in KINDS else f"{name}.{kind}")
        if not path.is_file():
            raise KeyError(name)
        return path

    def marks(self, entry: Entry) -> Marks:
        """Returns what was approved and rejected."""
        try:
            return Marks.model_validate_json(self.marks_file(entry).read_bytes())
        except (OSError, ValidationError):
            return Marks()

    def marks_file(self, entry: Entry) -> Path:
        """Returns where a collection's marks lie: with the studio, as `--rejected` takes them."""
        return self._place(entry.id) / "marks.json"

    def run_file(self, entry: Entry) -> Path:
        """Returns where a note lies while the collection is run."""
        return self._place(entry.id) / "run.json"

    def mark(self, entry: Entry, name: str, sha256: str, mark: Mark | None) -> None:
        """Marks a row's picture, or takes its mark back."""
        with self._guard:
            before = self.marks(entry)
            kept = {
                kind: tuple(each for each in getattr(before, kind) if each.id != name)
                for kind in ("approved", "rejected")
            }
            if mark is not None:
                kept[mark] = (*kept[mark], Marked(id=name, sha256=sha256))
            drafts.save(self.marks_file(entry), Marks(**kept))


def _free(name: str, taken: set[str]) -> str:
    """Returns an id for a photo that no row has, such as tee-2."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", PurePath(name).stem).strip("-")[:60] or "photo"
    heads = {each.casefold() for each in taken}
    number = 1
    while any(
        each == f"{stem}-{number}".casefold() or each.startswith(f"{stem}-{number}-".casefold()) for each in heads
    ):
        number += 1
    return f"{stem}-{number}"


def _stamp(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_mtime_ns, about.st_size
