"""Manifests: every kind says the same, on the right lines; defaults and matrix."""

import csv
import io
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import yamls
from pipeline.collection import manifest
from pipeline.collection.manifest import Row
from pipeline.collection.places import Root
from pipeline.collection.row import Job, Problem, Reader
from stages.errors import ConfigError
from tests.examples import examples

KEYS = ("id", "photo", "casting", "seed", "generate.prompt")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
CELLS = WORDS.map(str.strip).filter(bool)
TABLES = st.lists(st.dictionaries(st.sampled_from(KEYS), CELLS, min_size=1), min_size=1, max_size=6)


def as_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, KEYS)
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode()


def as_jsonl(rows: list[dict[str, str]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def as_yaml(rows: list[dict[str, str]]) -> bytes:
    return yamls.dump(rows).encode()


def as_parquet(rows: list[dict[str, str]]) -> bytes:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    out = arrow.BufferOutputStream()
    parquet.write_table(arrow.Table.from_pylist(rows, arrow.schema([(key, arrow.string()) for key in KEYS])), out)
    return bytes(out.getvalue())


@pytest.mark.parametrize(
    ("kind", "spell"), [("csv", as_csv), ("jsonl", as_jsonl), ("yaml", as_yaml), ("parquet", as_parquet)]
)
@settings(max_examples=examples(40))
@given(rows=TABLES)
def test_every_kind_gives_back_its_cells(
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    spell: Callable[[list[dict[str, str]]], bytes],
    rows: list[dict[str, str]],
) -> None:
    path = tmp_path_factory.mktemp("m") / f"m.{kind}"
    path.write_bytes(spell(rows))
    read = list(manifest.rows(str(path)))
    assert [row.cells for row in read] == rows
    assert not any(row.problem for row in read)


def test_lines_are_those_of_an_editor(tmp_path: Path) -> None:
    texts = {
        "a.csv": 'id,photo\none,1.png\n\n"two",2.png\n"th\nree",3.png\nfour,4.png\n',
        "a.jsonl": '{"id": "one"}\n\n{"id": "two"}\nbroken\n{"id": "four"}\n',
        "a.yaml": "# words\n- id: one\n\n- id: two\n  photo: x\n- {id: three}\n- four\n",
        "b.yaml": "defaults: {seed: 1}\nrows:\n- id: one\n- id: two\n",
    }
    lines = {"a.csv": [2, 4, 5, 7], "a.jsonl": [1, 3, 4, 5], "a.yaml": [2, 4, 6, 7], "b.yaml": [3, 4]}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        assert [row.line for row in manifest.rows(str(tmp_path / name))] == lines[name], name


def test_a_broken_line_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "one"}\n{"id": \n[1]\n{"id": "four"}\n')
    (tmp_path / "a.csv").write_text("id,photo\none,1.png\ntwo,2.png,3,4\nthree,3.png\n")
    for name, problems in (("a.jsonl", [2, 3]), ("a.csv", [3])):
        rows = list(manifest.rows(str(tmp_path / name)))
        assert [row.line for row in rows if row.problem] == problems
        assert rows[-1].problem is None


@settings(max_examples=examples(200))
@given(text=st.text('ab," ', max_size=12), at=st.integers(0, 4))
def test_no_line_of_a_table_touches_another(tmp_path_factory: pytest.TempPathFactory, text: str, at: int) -> None:
    path = tmp_path_factory.mktemp("m") / "m.csv"
    good = [f"r{row},{row}.png" for row in range(4)]
    path.write_text("\n".join(["id,photo", *good[:at], text, *good[at:]]) + "\n")
    try:
        rows = list(manifest.rows(str(path)))
    except ConfigError as error:  # a quote that is not closed holds all that follows
        assert f"line {at + 2}: a quote" in str(error)  # noqa: PT017 - either may be, by the text
    else:
        others = [row for row in rows if row.line != at + 2]
        assert [row.cells for row in others] == [{"id": f"r{row}", "photo": f"{row}.png"} for row in range(4)]
        assert not any(row.problem for row in others)


def test_semicolons_and_a_byte_order_mark_of_spreadsheets(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("\ufeffid;photo\nä;1.png\n".encode())
    assert list(manifest.rows(str(tmp_path / "a.csv"))) == [Row(2, {"id": "ä", "photo": "1.png"})]


@settings(max_examples=examples(25))
@given(sizes=st.tuples(*[st.integers(1, 4)] * 3), given_rows=st.integers(0, 3))
def test_a_matrix_is_the_product_of_its_axes(
    tmp_path_factory: pytest.TempPathFactory, sizes: tuple[int, int, int], given_rows: int
) -> None:
    folder = tmp_path_factory.mktemp("m")
    axes = {
        key: [f"{key}{at}" for at in range(size)] for key, size in zip(("casting", "scene", "pose"), sizes, strict=True)
    }
    photos = [f"in/{at}.jpg" for at in range(given_rows)]
    content = {"defaults": {"seed": 3}, "matrix": axes}
    if photos:
        content["rows"] = [{"photo": photo} for photo in photos]
    else:
        content["matrix"] = {"photo": ["in/x.jpg"], **axes}
    (folder / "m.yaml").write_text(yamls.dump(content))
    read = [row.cells for row in manifest.rows(str(folder / "m.yaml"))]
    combined = [(row["photo"], row["casting"], row["scene"], row["pose"]) for row in read]
    assert combined == list(itertools.product(photos or ["in/x.jpg"], *axes.values()))
    assert len({row["id"] for row in read}) == len(read)
    assert all(row["seed"] == 3 for row in read)


def test_a_matrix_names_photos_by_pattern_and_rows_by_template(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.jpg", "c.txt"):
        (tmp_path / name).touch()
    (tmp_path / "m.yaml").write_text("matrix:\n  id: '{scene}-{photo}'\n  photo: '*.jpg'\n  scene: [beach, street]\n")
    ids = [row.cells["id"] for row in manifest.rows(str(tmp_path / "m.yaml"))]
    assert ids == ["beach-a", "street-a", "beach-b", "street-b"]


def test_defaults_lie_beside_a_table_and_under_its_cells(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("photo,seed\na.png,\nb.png,7\n")
    (tmp_path / "m.defaults.yaml").write_text("defaults: {seed: 1, scene: beach}\n")
    read = [row.cells for row in manifest.rows(str(tmp_path / "m.csv"))]
    assert [(row["seed"], row["scene"]) for row in read] == [(1, "beach"), ("7", "beach")]
    (tmp_path / "other.yaml").write_text("defaults: {seed: 2}\n")
    assert next(manifest.rows(str(tmp_path / "m.csv"), tmp_path / "other.yaml")).cells["seed"] == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.txt", b"x"),
        ("m.csv", b""),
        ("m.csv", b"id,id\n1,2\n"),
        ("m.csv", b"id,photo\n"),
        ("m.csv", b"\xff\xfe\x00"),
        ("m.csv", b'id,photo\n"open,1.png\n'),
        ("m.yaml", b"[unclosed"),
        ("m.yaml", b"rows: 3"),
        ("m.yaml", b"things: []"),
        ("m.yaml", b"matrix: {photo: '../*.jpg'}"),
        ("m.yaml", b"matrix: {photo: [a.jpg], scene: []}"),
        ("m.parquet", b"no parquet"),
        ("m.jsonl", b"\n"),
    ],
)
def test_a_manifest_that_is_none_is_one_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError):
        list(manifest.rows(str(tmp_path / name)))


EXCEL = {
    "told by Excel": "sep=;\nID;Photo;Margin\na;a.jpg;0,06\n",
    "trailing columns": "id,photo,margin,,\na,a.jpg,0.06,,\n,,,,\n",
    "saved by pandas": ",id,photo,margin\n0,a,a.jpg,0.06\n",
    "saved by pandas twice": "Unnamed: 0,id,photo,margin\n0,a,a.jpg,0.06\n",
    "blank lines and comments first": "\n# spring\n,,\nid,photo,margin\na,a.jpg,0.06\n",
    "capital headers": "ID,PHOTO,Place.Margin\na,a.jpg,0.06\n",
    "tabs": "id\tphoto\tmargin\na\ta.jpg\t0.06\n",
    "old line ends": "id,photo,margin\r\na,a.jpg,0.06\r\n",
    "quoted decimal comma": 'id,photo,margin\na,a.jpg,"0,06"\n',
}


@pytest.mark.parametrize("said", EXCEL)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_are_read_as_spreadsheets_and_pandas_save_them(tmp_path: Path, said: str, encoding: str) -> None:
    (tmp_path / "m.csv").write_bytes(EXCEL[said].encode(encoding))
    (row,) = manifest.rows(str(tmp_path / "m.csv"))
    job = Reader(Root(str(tmp_path / "m.csv"))).read(row)
    assert isinstance(job, Job), job
    assert (job.id, job.name, job.config.place.margin) == ("a", "a.jpg", 0.06)
    assert EXCEL[said].splitlines()[row.line - 1].rpartition("a.jpg")[1]


def test_what_a_table_lost_is_said_with_the_cure(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_bytes("id,photo\ncaf\u00e9,a.jpg\n".encode("cp1252"))
    with pytest.raises(ConfigError, match="CSV UTF-8"):
        list(manifest.rows(str(file)))
    file.write_text("id,photo,\na,a.jpg,lost\n")
    (row,) = manifest.rows(str(file))
    assert "name it" in (row.problem or "") or "columns" in (row.problem or "")
    file.write_text("id,photo,aspect\na,a.jpg,04:05:00\n")
    (row,) = manifest.rows(str(file))
    found = Reader(Root(str(file))).read(row)
    assert isinstance(found, Problem)
    assert "time of day" in found.messages[0]


@pytest.mark.parametrize(
    "written", ["0777", "2024_01", "12-30", "1e5", "no", "on", "1.10", "true", "2024-01-01", "0x1F", "7"]
)
def test_ids_are_kept_as_they_are_written(tmp_path: Path, written: str) -> None:
    file = tmp_path / "m.yaml"
    revision = "x" if written == "true" else written
    file.write_text(f"- {{id: {written}, photo: a.jpg, aspect: 4:5, sam_revision: {revision}}}\n")
    (row,) = manifest.rows(str(file))
    job = Reader(Root(str(file))).read(row)
    assert isinstance(job, Job), job
    assert job.id == written
    assert job.config.place.aspect == "4:5"
    assert job.config.segment.sam_revision == revision


HOSTILE = {
    "nested.yaml": b"[" * 200_000,
    "nested too.yaml": b"- " * 100_000,
    "bomb.yaml": b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + at, 98 + at, b",".join([b"*%c" % (97 + at)] * 10)) for at in range(9)),
    "loop.yaml": b"rows: &a [*a]",
    "tags.yaml": b"- !!python/object/apply:os.system [touch /tmp/x]",
    "twice.yaml": b"- {id: a, id: b, photo: c}",
    "control.yaml": b"- {id: a\x00, photo: b}",
    "nested.jsonl": b"[" * 200_000,
    "keys.yaml": b"? {a: 1}\n: 2",
    "bytes.csv": bytes(range(256)),
    "nul.csv": b"id,photo\na,b\0c\n",
    "many.yaml": b"matrix: {photo: [a.png], seed: &s %s, steps: *s, prompt: *s}" % str(list(range(999))).encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_manifests_are_told_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name])
    found = []
    with suppress(ConfigError):
        found = list(manifest.rows(str(tmp_path / name)))
    if found:
        reader = Reader(Root(str(tmp_path / name)))
        assert all(isinstance(reader.read(row), Problem) for row in found)


def test_what_cannot_be_read_is_told_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "many.yaml").write_bytes(HOSTILE["many.yaml"])
    with pytest.raises(ConfigError, match=r"997,002,999 rows of each, more than 100,000"):
        list(manifest.rows(str(tmp_path / "many.yaml")))
    for coded in ("utf-16-le", "utf-16-be"):
        (tmp_path / "m.csv").write_bytes("photo\na.png\n".encode(coded))
        with pytest.raises(ConfigError, match="save it as CSV UTF-8"):
            list(manifest.rows(str(tmp_path / "m.csv")))
