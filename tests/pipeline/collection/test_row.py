"""Rows: every option can be set, every fault is named, equal options are shared."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.collection import keys, record
from pipeline.collection.manifest import Row
from pipeline.collection.places import Root
from pipeline.collection.row import Job, Problem, Reader
from tests.pipeline.collection.rows import photos


def read(cells: dict[str, object], folder: Path = Path(), **over: object) -> Job | Problem:
    return Reader(Root(str(folder / "m.csv")), over).read(Row(2, {"id": "a", "photo": "a.png", **cells}))


def job(cells: dict[str, object], folder: Path = Path(), **over: object) -> Job:
    found = read(cells, folder, **over)
    assert isinstance(found, Job), found
    return found


def test_short_and_long_and_nested_keys_say_the_same() -> None:
    short = {"seed": "7", "framing": "half", "size": "600x900", "pose": "walking", "steps": "3", "scene": "beach"}
    dotted = {
        "generate.seed": 7, "place.framing": "half", "place.size": "600x900", "pose.pose": "walking",
        "generate.steps": 3, "scene": "beach",
    }  # fmt: skip
    nested = {
        "generate": {"seed": 7, "steps": 3}, "place": {"framing": "half", "size": "600x900"},
        "pose": {"pose": "walking"}, "scene": "beach",
    }  # fmt: skip
    cells: tuple[dict[str, Any], ...] = (short, dotted, nested)
    made = [job(each).config for each in cells]
    assert made[0] == made[1] == made[2]
    config = made[0]
    assert (config.generate.seed, config.place.framing, config.pose.pose, config.generate.steps) == (
        7,
        "half",
        "walking",
        3,
    )
    assert config.stance != type(config.stance)()


def test_every_option_has_a_key() -> None:
    for section, kind in keys.sections().items():
        for name in kind.model_fields:
            assert keys.place(f"{section}.{name}") == (section, name)
    assert keys.place("seed") == ("generate", "seed")
    assert keys.place("generate.sed") is None
    assert keys.place("aspect") == ("place", "aspect")
    assert keys.place("aspect", "3:4", "outpaint") == ("outpaint", "aspect")


def test_the_command_line_goes_over_every_row() -> None:
    made = job({"steps": 3, "seed": 1}, generate={"steps": 9, "seed": 5}, scene="street").config
    assert (made.generate.steps, made.generate.seed) == (9, 5)
    assert made.scene == job({"scene": "street"}).config.scene


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"photo": None}, "photo"),
        ({"photo": 3}, "photo"),
        ({"photo": "../a.png"}, "outside"),
        ({"photo": "/etc/passwd"}, "outside"),
        ({"id": "a/b"}, "names no file"),
        ({"id": "report"}, "names no file"),
        ({"id": "a.mask"}, "names no file"),
        ({"id": ".hidden"}, "names no file"),
        ({"id": ["a"]}, "names no file"),
        ({"sead": 3}, "did you mean 'seed'"),
        ({"generate": {"nothing": 1}}, "generate.nothing"),
        ({"seed": "many"}, "generate.seed"),
        ({"seed": -1}, "generate.seed"),
        ({"seed": [1]}, "generate.seed"),
        ({"steps": "x"}, "generate.steps"),
        ({"scene": "moon"}, "moon"),
        ({"casting": {"skin": 11}}, "casting.skin"),
        ({"casting": "../who.yaml"}, "outside"),
        ({"pose": "/etc/pose.json"}, "outside"),
        ({"preset": "none"}, "none"),
        ({"task": "paint"}, "task"),
        ({"sam_weights": "../../x.pth"}, "outside"),
    ],
)
def test_every_fault_is_named(cells: dict[str, object], said: str) -> None:
    found = read(cells)
    assert isinstance(found, Problem)
    assert any(said in message for message in found.messages), found


def test_all_faults_of_a_row_come_at_once() -> None:
    found = read({"photo": "../a.png", "sead": 1, "id": "a b"})
    assert isinstance(found, Problem)
    assert len(found.messages) == 3
    found = read({"seed": "x", "steps": "y", "guidance": "z"})
    assert isinstance(found, Problem)
    assert len(found.messages) == 3


def test_an_id_is_given_out_once_whatever_its_case() -> None:
    reader = Reader(Root("m.csv"))
    rows = [reader.read(Row(line, {"id": name, "photo": "a.png"})) for line, name in enumerate(("a", "b", "A", "b"), 2)]
    assert [isinstance(each, Job) for each in rows] == [True, True, False, False]
    assert [each.record for each in rows[2:]] == ["line-4", "line-5"]  # type: ignore[union-attr]


def test_without_an_id_the_photos_name_is_taken() -> None:
    found = Reader(Root("m.csv")).read(Row(2, {"photo": "in/shirt 1.png"}))
    assert isinstance(found, Problem)
    found = Reader(Root("m.csv")).read(Row(2, {"photo": "in/shirt-1.png"}))
    assert isinstance(found, Job)
    assert found.id == "shirt-1"


def test_rows_that_differ_by_seed_share_their_options() -> None:
    one, other = job({"seed": 1, "scene": "beach"}), job({"scene": "beach", "seed": 2})
    assert one.options is other.options
    assert one.config != other.config


def test_files_that_a_row_names_are_found_beside_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "who.yaml").write_text("skin: 9\n")
    found = job({"casting": "who.yaml", "pose": "stand.json"}, tmp_path)
    assert found.config.casting.skin == 9
    assert found.files == (("pose.pose", str(tmp_path / "stand.json")),)
    assert found.config.pose.pose == str(tmp_path / "stand.json")


def test_a_derived_seed_goes_by_casting_and_id_alone() -> None:
    first = job({"seed": "derived", "casting": "kai"})
    assert job({"seed": "derived", "casting": "kai", "photo": "b.png", "steps": 3}).seed == first.seed
    others = [job({"seed": "derived", "casting": "mei"}), job({"seed": "derived", "casting": "kai", "id": "b"})]
    assert len({first.seed, *(each.seed for each in others)}) == 3
    assert first.config.generate.seed == first.seed
    assert job({"casting": "kai"}).config.generate.seed == 0


OUTFITS: list[dict[str, Any]] = [
    {"with": "1.png scale=1.2; 2.png kind=hat"},
    {"with": ["1.png scale=1.2", {"photo": "2.png", "kind": "hat"}]},
    {"outfit": {"with": [{"photo": "1.png", "scale": 1.2}, "2.png kind=hat"]}},
]


@pytest.mark.parametrize("cells", OUTFITS)
def test_an_outfits_photos_are_found_beside_the_manifest(tmp_path: Path, cells: dict[str, Any]) -> None:
    photos(tmp_path, 3)
    job = Reader(Root(str(tmp_path / "m.yaml"), False)).read(Row(1, {"photo": "0.png", **cells}))
    assert isinstance(job, Job), job
    worn = job.config.outfit.worn
    assert [each.photo for each in worn] == [str(tmp_path / "1.png"), str(tmp_path / "2.png")]
    assert (worn[0].scale, worn[1].kind) == (1.2, "hat")
    assert job.files == (
        ("outfit.with.0.photo", str(tmp_path / "1.png")),
        ("outfit.with.1.photo", str(tmp_path / "2.png")),
    )


def test_a_row_is_another_when_any_photo_of_its_outfit_is(tmp_path: Path) -> None:
    photos(tmp_path, 3)
    job = Reader(Root(str(tmp_path / "m.yaml"), False)).read(Row(1, {"photo": "0.png", **OUTFITS[0]}))
    assert isinstance(job, Job)
    before = record.key(job.config, "0" * 64, job.files)
    other = tmp_path / "elsewhere"
    photos(other, 3)
    moved = Reader(Root(str(other / "m.yaml"), False)).read(Row(1, {"photo": "0.png", **OUTFITS[0]}))
    assert isinstance(moved, Job)
    assert record.key(moved.config, "0" * 64, moved.files) == before  # wherever the same photos lie
    (tmp_path / "2.png").write_bytes((tmp_path / "1.png").read_bytes())
    assert record.key(job.config, "0" * 64, job.files) != before


def test_an_outfit_that_cannot_be_read_is_a_problem_of_its_row(tmp_path: Path) -> None:
    photos(tmp_path, 3)
    reader = Reader(Root(str(tmp_path / "m.yaml"), False))
    for number, told in enumerate(("1.png scale=0", "1.png size=2", "../1.png", "1.png scale=1 length_cm=3")):
        found = reader.read(Row(number, {"id": f"r{number}", "photo": "0.png", "with": told}))
        assert isinstance(found, Problem), told
