"""Reads manifests: CSV, JSONL, YAML or Parquet to numbered rows, with defaults and a matrix laid over them."""

import csv
import io
import itertools
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline import yamls
from pipeline.collection import places
from stages import extras
from stages.errors import ConfigError, PhotoError
from stages.reading import contents, is_file

KINDS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".yaml": "yaml", ".yml": "yaml"}
KINDS[".parquet"] = "parquet"
_HEADER_KEYS = {"defaults", "matrix"}
#: A matrix of a few lines can ask for billions of rows; a plan of so many takes eight seconds.
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the manifest gives it; `problem` says why its line cannot be read at all."""

    line: int
    """Line in the file, from 1; in Parquet the number of the row, from 1."""
    cells: dict[str, Any]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What counts for all rows: cells that a row may leave out, and axes that each row is multiplied by."""

    defaults: dict[str, Any] = field(default_factory=dict)
    matrix: dict[str, list[Any]] = field(default_factory=dict)


def rows(manifest: str, defaults: Path | None = None) -> Iterator[Row]:
    """Returns the rows of a manifest, defaults filled in and matrix multiplied out, in the manifest's order.

    The header is `defaults`, or the file `NAME.defaults.yaml` beside `NAME.csv`; a YAML manifest holds its own. Rows of
    one photo follow one another, so that they share what is computed once a photo. Raises ConfigError when the file is
    missing, of no known kind, or broken as a whole; a broken line is a Row with a problem.
    """
    kind = KINDS.get(PurePosixPath(manifest).suffix.lower())
    if kind is None:
        raise ConfigError(f"{manifest} is not a manifest: its name must end in {', '.join(KINDS)}")
    try:
        content = places.read(manifest)
    except PhotoError as error:
        raise ConfigError(str(error)) from error
    header = _header(manifest, defaults)
    if kind == "yaml":
        own, found = _yaml(content, manifest)
        if own != Header() and header != Header():
            raise ConfigError(f"{manifest} has defaults of its own: leave out the other file of defaults")
        header = header if own == Header() else own
    else:
        found = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}[kind](content, manifest)
    return _multiplied(found, header, manifest)


def _header(manifest: str, defaults: Path | None) -> Header:
    if defaults is None:
        if places.scheme(manifest):
            return Header()
        path = Path(manifest)
        defaults = path.with_name(path.stem + ".defaults.yaml")
        if not is_file(defaults):
            return Header()
    try:
        content, _ = yamls.load(contents(defaults), str(defaults))
    except OSError as error:
        raise ConfigError(f"{defaults} cannot be read: {error.strerror or error}") from error
    if not isinstance(content, dict) or not content.keys() <= _HEADER_KEYS:
        raise ConfigError(f"{defaults} must hold `defaults:` or `matrix:`, and nothing else")
    return _checked(content, str(defaults))


def _checked(content: dict[str, Any], name: str) -> Header:
    defaults, matrix = content.get("defaults") or {}, content.get("matrix") or {}
    if not isinstance(defaults, dict) or not isinstance(matrix, dict):
        raise ConfigError(f"{name}: `defaults` and `matrix` must hold keys and values")
    axes = {str(key): axis if isinstance(axis, list) else [axis] for key, axis in matrix.items()}
    empty = [key for key, axis in axes.items() if not axis]
    if empty:
        raise ConfigError(f"{name}: the matrix has no values for {', '.join(empty)}")
    return Header({str(key): value for key, value in defaults.items()}, axes)


def _yaml(content: bytes, name: str) -> tuple[Header, Iterator[Row]]:
    whole, lines = yamls.load(content, name)
    if isinstance(whole, list):
        return Header(), map(_row, lines[id(whole)], whole)
    if not isinstance(whole, dict) or not whole.keys() <= _HEADER_KEYS | {"rows"}:
        raise ConfigError(f"{name} must be a list of rows, or hold `defaults:`, `matrix:` and `rows:` and nothing else")
    entries = whole.get("rows") or []
    if not isinstance(entries, list):
        raise ConfigError(f"{name}: `rows` must be a list")
    return _checked(whole, name), map(_row, lines.get(id(entries), []), entries)


def _row(line: int, entry: Any) -> Row:
    if not isinstance(entry, dict):
        return Row(line, {}, "a row must hold keys and values, such as `photo: shirt.jpg`")
    return Row(line, {str(key): value for key, value in entry.items() if value is not None})


def _csv(content: bytes, name: str) -> Iterator[Row]:
    text, skipped = _table(content, name)
    head = text.partition("\n")[0]
    told = re.fullmatch(r"\ufeff?\"?sep=(.)\"?\r?", head, re.IGNORECASE)  # how Excel tells itself
    if told:
        text, skipped = text.partition("\n")[2], skipped + 1
        head = text.partition("\n")[0]
    delimiter = told[1] if told else max(",;\t", key=head.count)  # spreadsheets of some countries write semicolons
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = _columns(next(table, []), name)
    except csv.Error as error:
        raise ConfigError(f"{name}, line {skipped + 1}: {error}") from error
    line = table.line_num + 1
    for cells in _cells(table, name):
        if isinstance(cells, str):
            yield Row(line + skipped, {}, cells)
        elif any(cell.strip() for cell in cells[len(columns) :]):
            wrong = (
                f"it has {len(cells)} cells but there are {len(columns)} columns: quote cells that hold {delimiter!r}"
            )
            yield Row(line + skipped, {}, wrong)
        elif any(cell.strip() for cell in cells):
            filled = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if cell.strip()}
            lost = filled.pop("", None)
            if lost is None or _INDEX.fullmatch(lost):
                yield Row(line + skipped, filled)
            else:
                yield Row(line + skipped, {}, f"its cell {lost[:40]!r} stands in a column without a name: name it")
        line = table.line_num + 1


#: What pandas counts rows with, in a first column without a name.
_INDEX = re.compile(r"\d+")


def _table(content: bytes, name: str) -> tuple[str, int]:
    """Skips blank lines and comments before the column names; returns the rest, and how many were skipped."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, cure = "utf-16", "save it as CSV UTF-8"
    else:
        encoding, cure = "utf-8-sig", "save it as CSV UTF-8, which spreadsheets offer beside plain CSV"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name} is not UTF-8 text: {cure}") from error
    if "\0" in text[:2]:
        raise ConfigError(f"{name} is UTF-16 without its mark: {cure}")
    skipped = 0
    while text:
        head, _, rest = text.partition("\n")
        if head.strip(' \t\r,;"') and not head.startswith("#"):
            break
        text, skipped = rest, skipped + 1
    return text, skipped


def _columns(cells: list[str], name: str) -> list[str]:
    """Spells column names as keys: `Garment Box` is garment_box. A column without a name gets an empty one."""
    columns = [re.sub(r"[ -]+", "_", cell.strip().lower()) for cell in cells]
    columns = ["" if re.fullmatch(r"unnamed:_\d+", column) else column for column in columns]
    named = [column for column in columns if column]
    twice = sorted({column for column in named if named.count(column) > 1})
    if not named or twice:
        fault = f"several columns are named {', '.join(twice)}" if twice else "it has none"
        raise ConfigError(f"{name} needs a first line of column names: {fault}")
    while not columns[-1]:  # spreadsheets keep columns that were once used
        columns.pop()
    return columns


def _cells(table: Any, name: str) -> Iterator[list[str] | str]:
    """Yields each row's cells, or why they cannot be read. Raises ConfigError when a quote has swallowed the rest."""
    while True:
        began = table.line_num + 1
        try:
            cells: list[str] = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise ConfigError(f"{name}, line {began}: a quote is opened and not closed before the end") from error
            yield f"its cells cannot be told apart ({error}): double the quotes inside quotes"
        else:
            yield cells


def _jsonl(content: bytes, name: str) -> Iterator[Row]:  # noqa: ARG001 - the same arguments for every kind
    for line, words in enumerate(io.BytesIO(content), 1):
        if not words.strip():
            continue
        try:
            yield _row(line, json.loads(words.decode("utf-8-sig" if line == 1 else "utf-8")))
        except (ValueError, RecursionError) as error:
            yield Row(line, {}, f"it is not valid JSON: {error}")


def _parquet(content: bytes, name: str) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise ConfigError(f"{name} needs pyarrow: {extras.install('parquet')}") from error
    try:
        batches = parquet.ParquetFile(io.BytesIO(content)).iter_batches(1024)
        entries = (entry for batch in batches for entry in batch.to_pylist())
        for number, entry in enumerate(entries, 1):
            yield _row(number, {key: cell for key, cell in entry.items() if not _of_pandas(key, cell)})
    except (ArrowException, OSError) as error:
        raise ConfigError(f"{name} is not a Parquet file that can be read: {error}") from error


def _of_pandas(key: str, cell: Any) -> bool:
    """Whether a cell is the index that pandas writes along, or its mark of a missing value."""
    return key.startswith("__index_level_") or (isinstance(cell, float) and math.isnan(cell))


def _multiplied(found: Iterator[Row], header: Header, manifest: str) -> Iterator[Row]:
    axes = dict(header.matrix)
    if "photo" in axes:
        axes["photo"] = [each for pattern in axes["photo"] for each in _globbed(pattern, manifest)]
    ids = axes.pop("id", [None])[0]
    many = math.prod(len(axis) for axis in axes.values())
    if many > _MOST:
        raise ConfigError(f"{manifest}: its matrix makes {many:,} rows of each, more than {_MOST:,}: shorten a list")
    first = next(found, None)
    if first is None and axes:
        first = Row(1, {})
    if first is None:
        raise ConfigError(f"{manifest} has no rows")
    for row in itertools.chain([first], found):
        if row.problem or not axes:
            yield Row(row.line, {**header.defaults, **row.cells}, row.problem)
            continue
        for values in itertools.product(*axes.values()):
            chosen = dict(zip(axes, values, strict=True))
            cells = {**header.defaults, **row.cells, **chosen}
            labels = {key: _label(value, axes[key]) for key, value in chosen.items()}
            if "photo" not in axes and (own := row.cells.get("id") or row.cells.get("photo")):
                labels = {"id": _label(own, []), **labels}
            elif row.cells.get("id"):
                labels = {"id": str(row.cells["id"]), **labels}
            yield Row(row.line, {**cells, "id": _named(ids, labels)})


def _named(template: str | None, labels: dict[str, str]) -> str:
    if template is None:
        return "_".join(labels.values())
    return re.sub(r"\{([\w.]+)\}", lambda found: labels.get(found[1], found[0]), str(template))


def _label(value: Any, axis: list[Any]) -> str:
    """Abbreviates a value for use in an id: a file's stem, a word, or its position on the axis."""
    if isinstance(value, dict | list):
        return str(axis.index(value) + 1)
    words = str(value)
    stem = PurePosixPath(words).stem if PurePosixPath(words).suffix[1:].isalnum() else words
    return re.sub(r"[^\w.-]+", "-", stem).strip("-.")[:80] or str(axis.index(value) + 1)


def _globbed(pattern: Any, manifest: str) -> list[Any]:
    """Expands a pattern to the files that match it below a local manifest's folder, sorted; leaves anything else."""
    if not isinstance(pattern, str) or not set("*?[") & set(pattern) or places.scheme(manifest):
        return [pattern]
    folder = Path(manifest).absolute().parent
    if Path(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
        raise ConfigError(f"{pattern} lies outside the manifest's folder: list the photos by name instead")
    found = sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern) if path.is_file())
    if not found:
        raise ConfigError(f"no photo matches {pattern} in the matrix of {manifest}")
    return found
