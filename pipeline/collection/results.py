"""What became of every row, from the records alone: results.csv, results.parquet, report.html."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from pipeline import ownership
from pipeline.collection import record, report
from pipeline.collection.lookbook import Lookbook
from pipeline.collection.options import RunOptions
from pipeline.collection.places import Folder
from pipeline.collection.record import RowRecord
from pipeline.collection.row import Collection, Job
from pipeline.receipt import Likeness, Record
from stages.plain import plain

#: Columns of both tables, in order, with their Parquet type.
COLUMNS = {
    "id": "string", "status": "string", "task": "string", "photo": "string", "casting": "string", "scene": "string",
    "preset": "string", "seed": "int64", "category": "string", "framing": "string", "width": "int64",
    "height": "int64", "seam": "double", "halo": "double", "expansion": "double", "core_pixels": "int64",
    "changed": "int64", "seconds": "double", "bytes": "int64", "warnings": "string", "error": "string",
    "sha256": "string", "caption": "string", "alt": "string", "with": "string",
}  # fmt: skip
_BATCH = 2000
PENDING = "pending"
REPORT = "report.html"
#: Names tables and report by their hashes, so that a later run knows them for its own.
LEDGER = ".onmodel/tables.json"


def found(collection: Collection, folder: Folder) -> Iterator[dict[str, Any]]:
    """Yields one mapping of `COLUMNS` for each row, problems first; a row without a record is pending."""
    yield from (row for row, _ in _found(collection, folder))


def _found(collection: Collection, folder: Folder) -> Iterator[tuple[dict[str, Any], Likeness | None]]:
    """Yields what `found` gives, and each row's face."""
    for problem in collection.problems:
        held = record.loaded(folder.read(f"{problem.record}.json"))
        yield {**_flat(held), "id": problem.record, "photo": None}, None
    for job in collection.jobs:
        held = record.loaded(folder.read(f"{job.id}.json"))
        row = {**_flat(held), "id": job.id, "photo": plain(job.name), "with": _with(job), **_asked(job)}
        yield row, None if held is None else held.face


def _with(job: Job) -> str | None:
    """Returns the names of an outfit's further photos; None where there are none."""
    return plain("; ".join(each.partition("?")[0].rpartition("/")[2] for each in job.further)) or None


def _asked(job: Job) -> dict[str, Any]:
    given = json.loads(job.options)
    said = {key: given.get(key) for key in ("casting", "scene", "preset")}
    words = {key: value if isinstance(value, str) else "own" for key, value in said.items() if value is not None}
    return {"task": given.get("task", "generate"), **words}


def _flat(held: RowRecord | None) -> dict[str, Any]:
    row = dict.fromkeys(COLUMNS)
    if held is None:
        return {**row, "status": PENDING}
    told = {
        "status": held.status,
        "task": held.task,
        "seed": held.seed,
        "category": held.garment.category if held.garment else None,
        "framing": held.garment.framing if held.garment else None,
        "width": held.output.width if held.output else None,
        "height": held.output.height if held.output else None,
        **held.checks.model_dump(),
        **held.kept.model_dump(),
        "seconds": held.seconds.get("total"),
        "bytes": sum(held.collection.bytes.values()),
        "warnings": plain("; ".join(held.warnings)) or None,
        "error": plain(held.error or "; ".join(held.failures)) or None,
        "sha256": held.output.sha256 if held.output else None,
        "caption": plain(held.caption) or None,
        "alt": plain(held.alt) or None,
    }
    return {**row, **told}


def write(collection: Collection, folder: Folder, options: RunOptions, seconds: float = 0, done: int = 0) -> None:
    """Writes the tables and the report; `seconds` and `done` are the last run's time and pictures.

    results.parquet is left out where pyarrow is not installed. Raises OutputError when the folder cannot be written to.
    """
    page = report.Report(options.cost_per_hour)
    book = Lookbook()
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    parquet = _Parquet()
    for row, face in _found(collection, folder):
        table.writerow({column: _cell(value) for column, value in row.items()})
        parquet.add(row)
        page.add(row)
        page.sameness.add(row["casting"], face)
        book.add(row)
    packed = parquet.content()
    csv_, parquet_, page_, *more, ledger = files(options.shard)
    told = {csv_: text.getvalue().encode()}
    if packed is not None:
        told[parquet_] = packed
    told[page_] = page.html(folder, seconds, done).encode()
    told |= dict(zip(more, _shown(book, folder, options), strict=True))
    told = {name: content for name, content in told.items() if content}
    before = folder.read(ledger)
    # Lookbook and sheets of an earlier call stay this program's own.
    kept = {name: said for name, said in _named(before).items() if name in more}
    names = kept | {name: hashlib.sha256(content).hexdigest() for name, content in told.items()}
    record_ = Record(schema_=1, task=None, status="ok", files=names).text().encode()
    folder.write({**told, ledger: record_}, ownership.hashes(before))


def _shown(book: Lookbook, folder: Folder, options: RunOptions) -> tuple[bytes, bytes, bytes]:
    """Returns the lookbook, and contact sheet as PDF and JPEG; empty what was not asked for."""
    page = book.html(options.by).encode() if options.layout == "lookbook" else b""
    return (page, *(book.sheets(folder) if options.contact_sheet else (b"", b"")))


def _named(ledger: bytes | None) -> dict[str, str]:
    try:
        return Record.model_validate_json(ledger or b"").files
    except ValidationError:
        return {}


def files(shard: str) -> tuple[str, ...]:
    """Returns the names of tables, report, lookbook and contact sheets, and last of the record that names them by hash,
    in a shard's run.
    """
    own = ("results.csv", "results.parquet", REPORT, "lookbook.html", "contact-sheet.pdf", "contact-sheet.jpg", LEDGER)
    return tuple(named(each, shard) for each in own)


def _cell(value: Any) -> Any:
    """Returns a cell that no spreadsheet takes for a formula: names and words come from strangers (CWE-1236)."""
    if not isinstance(value, str):
        return value
    words = plain(value)
    return f"'{words}" if words.startswith(("=", "+", "-", "@")) else words


def named(file: str, shard: str) -> str:
    """Returns what a table or report is called in a shard's run: "results.3-of-100.csv"."""
    stem, _, ending = file.rpartition(".")
    return file if shard == "1/1" else f"{stem}.{shard.replace('/', '-of-')}.{ending}"


class _Parquet:
    """A Parquet file in memory, written in batches; nothing without pyarrow."""

    def __init__(self) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError:
            self._writer: Any = None
            return
        self._batch: list[dict[str, Any]] = []
        self._arrow, self._file = pyarrow, pyarrow.BufferOutputStream()
        types = [(name, pyarrow.type_for_alias(kind)) for name, kind in COLUMNS.items()]
        self._schema = pyarrow.schema(types)
        self._writer = parquet.ParquetWriter(self._file, self._schema)

    def add(self, row: dict[str, Any]) -> None:
        if self._writer is not None:
            self._batch.append(row)
            if len(self._batch) >= _BATCH:
                self._flush()

    def _flush(self) -> None:
        if self._batch:
            self._writer.write_table(self._arrow.Table.from_pylist(self._batch, self._schema))
            self._batch.clear()

    def content(self) -> bytes | None:
        if self._writer is None:
            return None
        self._flush()
        self._writer.close()
        return bytes(self._file.getvalue())
