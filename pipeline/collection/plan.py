"""What a run would do: every problem at once, what is done already, how long the rest takes and how much disk."""

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import fmean
from typing import Annotated, Any

from pydantic import Field, ValidationError

from pipeline import ownership
from pipeline.collection import manifest as manifests
from pipeline.collection import network, places, record, safe, settings
from pipeline.collection.marks import Seeds
from pipeline.collection.options import RunOptions
from pipeline.collection.places import PACE, Folder, Root
from pipeline.collection.record import Work
from pipeline.collection.row import Collection, Job, Problem, Reader
from pipeline.receipt import Record
from stages.errors import OnmodelError

#: Remote photos whose presence is asked for one by one; more would take minutes.
REMOTE_CHECKED = 500
#: Photos that are opened, for their size, and to find broken ones early.
OPENED = 400
#: Bytes of picture and mask for each pixel of the photo, and of receipt and small pictures for each row: measured with
#: the house preset on garment photos of 768 x 1024 (2.0 and 0.02; 6 kB and 23 kB).
BYTES_PER_PIXEL = 2.0
ROW_BYTES = 29_000


@dataclass(frozen=True, slots=True)
class Plan:
    """The result of `onmodel collection plan`."""

    rows: int
    todo: int
    done: int
    photos: int
    problems: list[Problem]
    """By line, those of photos included."""
    seconds: float | None
    """For all that is to do, as fast as the last run was; None before one ended."""
    bytes: int
    models: dict[str, int] = field(default_factory=dict)
    """Rows by generator."""
    notes: tuple[str, ...] = ()


def read(manifest: str, options: RunOptions, over: dict[str, Any] | None = None) -> Collection:
    """Reads and checks every row. `over` holds options that go over each row's: {section: {field: value}}.

    Raises ConfigError when the manifest cannot be read as a whole.
    """
    settings.forget()
    network.allow(options.allow_private)
    reader = Reader(Root(manifest, options.allow_outside), over or {})
    jobs: list[Job] = []
    problems: list[Problem] = []
    part, parts = (int(each) for each in options.shard.split("/"))
    for row in manifests.rows(manifest, options.defaults):
        if parts > 1 and zlib.crc32(str(row.cells.get("photo")).encode()) % parts != part - 1:
            continue
        found = reader.read(row)
        if isinstance(found, Job):
            jobs.append(found)
        else:
            problems.append(found)
    return Collection(jobs, problems)


def ordered(jobs: Iterable[Job]) -> list[Job]:
    """Sorts rows so that those of one generator, and within them those of one photo, are next to each other."""
    order: dict[tuple[str, str], int] = {}
    for index, job in enumerate(jobs := list(jobs)):
        order.setdefault((job.group, ""), index)
        order.setdefault((job.group, job.photo), index)
    return sorted(jobs, key=lambda job: (order[job.group, ""], order[job.group, job.photo]))


def work(job: Job, seeds: Seeds | None = None) -> Work:
    """Packs a row for a worker, with the seed that is due after its rejected pictures."""
    config = job.config
    seed = seeds.seed(job.id, config.generate) if seeds is not None else None
    if seed is not None:
        config = config.model_copy(update={"generate": config.generate.model_copy(update={"seed": seed})})
    return Work(job.id, job.photo, job.name, config, job.files, job.group)


def plan(manifest: str, out: str | None, options: RunOptions, over: dict[str, Any] | None = None) -> Plan:
    """Looks at every row, its photos, and what lies in `out` already; runs nothing and writes nothing.

    Raises OutputError as a run would, when that would write over a file that it reads or that no record names.
    """
    collection = read(manifest, options, over)
    folder = Folder(out) if out else None
    if folder:
        safe.check_reads(collection, folder, manifest, options)
    sizes = folder.sizes() if folder else {}
    seeds = Seeds(folder) if folder else None
    record.forget()
    photos = list(dict.fromkeys(photo for job in collection.jobs for photo in (job.photo, *job.further)))
    missing, notes = _missing(photos)
    broken, pixels = _opened([photo for photo in photos if photo not in missing])
    wrong = {**missing, **broken}
    problems = list(collection.problems)
    unfit: set[str] = set()
    for job in collection.jobs:
        messages = tuple(dict.fromkeys(wrong[each] for each in (job.photo, *job.further) if each in wrong))
        if messages:
            problems.append(Problem(job.line, job.id, messages))
            unfit.add(job.id)
    lengths: list[int] = []
    todo: list[Job] = []
    for job in collection.jobs:
        held = record.loaded(folder.read(f"{job.id}.json")) if folder and f"{job.id}.json" in sizes else None
        if held is not None and held.status == "ok" and len(lengths) < 1000:
            lengths.append(sum(held.collection.bytes.values()))
        if job.id not in unfit and (
            held is None or not record.stands(held, work(job, seeds), sizes, options.retry_failed)
        ):
            todo.append(job)
    if folder:
        safe.check_known(todo, collection.problems, folder, options)
    guess = int(fmean(pixels) * BYTES_PER_PIXEL) if pixels else 0
    each = int(fmean(lengths)) if lengths else guess
    return Plan(
        rows=len(collection.jobs) + len(collection.problems),
        todo=len(todo),
        done=len(collection.jobs) - len(todo) - len(unfit),
        photos=len(photos),
        problems=sorted(problems, key=lambda problem: problem.line),
        seconds=_pace(folder, len(todo)),
        bytes=len(todo) * (each + ROW_BYTES),
        models=dict(Counter(job.model for job in collection.jobs if job.id not in unfit)),
        notes=tuple(notes),
    )


def keep_pace(folder: Folder, seconds: float, pictures: int) -> None:
    """Records how fast a run went, for the next plan."""
    pace = _PaceRecord(schema_=1, task=None, status="ok", seconds=round(seconds, 3), pictures=pictures)
    folder.write({PACE: pace.text().encode()}, ownership.hashes(folder.read(PACE)))


class _PaceRecord(Record):
    seconds: Annotated[float, Field(ge=0)]
    pictures: Annotated[int, Field(gt=0)]


def _pace(folder: Folder | None, todo: int) -> float | None:
    """Estimates the seconds for rows at the last run's pace. A row's own seconds would include its waiting time."""
    content = folder.read(PACE) if folder else None
    try:
        pace = _PaceRecord.model_validate_json(content or b"")
    except ValidationError:
        return None
    return pace.seconds / pace.pictures * todo


def _missing(photos: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Checks that photos exist: gives reasons by photo for those that do not, and what was left unchecked."""
    wrong: dict[str, str] = {}
    remote = 0
    for photo in photos:
        if places.scheme(photo) is not None:
            remote += 1
            if remote > REMOTE_CHECKED:
                continue
        try:
            reason = places.missing(photo)
        except OnmodelError as error:
            reason = str(error)
        if reason:
            wrong[photo] = reason
    unseen = remote - REMOTE_CHECKED
    return wrong, [f"{unseen} photos at URLs were not looked for"] if unseen > 0 else []


def _opened(photos: list[str]) -> tuple[dict[str, str], list[int]]:
    """Opens some local photos, evenly spread: gives what is wrong with them, and the pixels of the others."""
    from stages import photo as reading
    from stages.options import PhotoOptions

    wrong: dict[str, str] = {}
    pixels: list[int] = []
    local = [photo for photo in photos if places.scheme(photo) is None]
    for photo in local[:: max(1, math.ceil(len(local) / OPENED))]:
        try:
            width, height = reading.size(places.read(photo), PhotoOptions(), photo.rpartition("/")[2])
        except OnmodelError as error:
            wrong[photo] = str(error)
        else:
            pixels.append(width * height)
    return wrong, pixels


def grouped(problems: Iterable[Problem]) -> Iterator[tuple[str, list[Problem]]]:
    """Yields each message once, with the rows that it is said of."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        for message in problem.messages:
            found.setdefault(message, []).append(problem)
    yield from found.items()
