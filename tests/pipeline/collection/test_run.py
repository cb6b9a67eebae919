"""Runs: every row ends once, what is done is kept, what changed is made again, bad rows stop nobody."""

import csv
import io
import json
import os
import uuid
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest

from pipeline.collection.guard import locked
from pipeline.collection.places import Folder
from pipeline.collection.plan import plan
from pipeline.collection.run import Tally
from pipeline.collection.run import run as run_collection
from stages import disk, write
from stages.errors import ForeignError, NotFoundError, OutputError
from tests.fakes import RampModels
from tests.pipeline.collection import rows
from tests.pipeline.collection.rows import options, photos

pytestmark = pytest.mark.usefixtures("arithmetic")


def table(folder: Path, lines: list[str], head: str = "id,photo,seed,scene") -> str:
    path = folder / "m.csv"
    path.write_text("\n".join([head, *lines]) + "\n")
    return str(path)


class Runs:
    """Runs a collection in one folder, and tells which rows were made."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        self.made: list[str] = []

    def __call__(self, **more: Any) -> Tally:
        self.made = []
        over = more.pop("over", None)
        return run_collection(
            str(self.folder / "m.csv"),
            str(self.out),
            options(**more),
            over,
            RampModels,
            lambda tally, outcome, doing: self.made.append(outcome.id) if outcome else None,
        )

    def record(self, name: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.out / f"{name}.json").read_text())
        return told

    def state(self) -> dict[str, tuple[int, bytes]]:
        return {
            path.name: (path.stat().st_mtime_ns, path.read_bytes())
            for path in self.out.glob("r*.*")
            if "report" not in path.name and "results" not in path.name
        }


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    photos(tmp_path, 3)
    table(tmp_path, [f"r{at},{at % 3}.png,{at},beach" for at in range(6)])
    return Runs(tmp_path)


def test_each_row_has_its_files_and_the_tables_say_so(runs: Runs) -> None:
    tally = runs()
    assert (tally.done, tally.failed, tally.exit_code) == (6, 0, 0)
    for at in range(6):
        held = runs.record(f"r{at}")
        for part in ("output", "mask"):
            assert (runs.out / held[part]["name"]).exists()
        assert held["seed"] == at
    lines = list(csv.DictReader(io.StringIO((runs.out / "results.csv").read_text())))
    assert [(line["id"], line["status"], line["seed"], line["scene"]) for line in lines] == [
        (f"r{at}", "ok", str(at), "beach") for at in range(6)
    ]
    parquet = pytest.importorskip("pyarrow.parquet")
    assert parquet.read_table(runs.out / "results.parquet").to_pylist()[4]["seed"] == 4
    assert "r5" in (runs.out / "report.html").read_text()


def test_a_second_run_does_nothing_and_changes_redo_just_their_rows(runs: Runs) -> None:
    runs()
    before = runs.state()
    assert runs().skipped == 6
    assert runs.made == []
    assert runs.state() == before
    table(runs.folder, [f"r{at},{at % 3}.png,{at + 10 * (at == 4)},beach" for at in range(6)])
    runs()
    assert runs.made == ["r4"]
    (runs.folder / "1.png").write_bytes(write.encode(np.full((24, 16, 3), 9, np.uint8), None))
    runs()
    assert sorted(runs.made) == ["r1", "r4"]
    os.utime(runs.folder / "1.png", (1, 1))  # touched, but the same bytes
    runs()
    assert runs.made == []
    runs(over={"generate": {"steps": 7}})
    assert len(runs.made) == 6
    (runs.out / "r2.png").unlink()
    (runs.out / "r3.mask.png").unlink()
    runs(over={"generate": {"steps": 7}})
    assert sorted(runs.made) == ["r2", "r3"]
    (runs.out / "r2.png").write_bytes(b"retouched")
    with pytest.raises(ForeignError, match=r"r2\.png"):
        runs(over={"generate": {"steps": 7}})
    assert (runs.out / "r2.png").read_bytes() == b"retouched"


def test_the_device_is_no_change(runs: Runs) -> None:
    runs()
    runs(over={"generate": {"device": "cpu"}})
    assert runs.made == []


def test_a_missing_photo_is_made_once_it_is_there(runs: Runs) -> None:
    kept = (runs.folder / "2.png").read_bytes()
    (runs.folder / "2.png").unlink()
    tally = runs()
    assert (tally.done, tally.failed, tally.exit_code) == (4, 2, 8)
    assert sorted(path.name for path in runs.out.glob("r2*")) == ["r2.json"]
    assert runs.record("r2")["status"] == "error"
    assert "2.png" in runs.record("r2")["error"]
    assert runs().failed_before == 2
    (runs.folder / "2.png").write_bytes(kept)
    runs()
    assert sorted(runs.made) == ["r2", "r5"]


def test_failed_rows_are_run_again_when_asked(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(photo: Any, *rest: Any, **named: Any) -> Any:
        if photo.name == "1.png":
            raise NotFoundError("1.png: no garment stands out")
        return rows.produce(photo, *rest, **named)

    monkeypatch.setattr("pipeline.collection.worker.produce", fails)
    assert runs().exit_code == 8
    monkeypatch.setattr("pipeline.collection.worker.produce", rows.produce)
    assert runs().exit_code == 8
    assert runs.made == []
    assert runs(retry_failed=True).exit_code == 0
    assert sorted(runs.made) == ["r1", "r4"]


def test_what_is_unexpected_fails_one_row_and_memory_is_tried_again(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(photo: Any, config: Any, *rest: Any, **named: Any) -> Any:
        if config.generate.seed == 2:
            raise ZeroDivisionError("a bug")
        if config.generate.seed == 3:
            raise MemoryError
        return rows.produce(photo, config, *rest, **named)

    monkeypatch.setattr("pipeline.collection.worker.produce", fails)
    assert runs().done == 4
    assert "ZeroDivisionError" in runs.record("r2")["trace"]
    assert "not enough memory" in runs.record("r3")["error"]
    monkeypatch.setattr("pipeline.collection.worker.produce", rows.produce)
    runs()
    assert runs.made == ["r3"]


def test_twenty_bad_rows_among_twenty_good_ones(tmp_path: Path) -> None:
    photos(tmp_path, 20)
    (tmp_path / "corrupt.png").write_bytes((tmp_path / "0.png").read_bytes()[:60])
    (tmp_path / "text.jpg").write_text("no photo")
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    bomb = write.encode(np.zeros((1, 1, 3), np.uint8), None)
    (tmp_path / "bomb.png").write_bytes(bomb[:16] + (60000).to_bytes(4, "big") * 2 + bomb[24:])
    good = [json.dumps({"id": f"good{at}", "photo": f"{at}.png"}) for at in range(20)]
    bad = [
        '{"id": "b0", "photo": "missing.png"}',
        '{"id": "b1", "photo": "corrupt.png"}',
        '{"id": "b2", "photo": "text.jpg"}',
        '{"id": "b3", "photo": "empty.png"}',
        '{"id": "b4", "photo": "folder.png"}',
        '{"id": "b5", "photo": "bomb.png"}',
        '{"id": "b6", "photo": "0.png", "sede": 3}',
        '{"id": "b7", "photo": "../0.png"}',
        '{"id": "b8", "photo": "/etc/hostname"}',
        '{"id": "good3", "photo": "0.png"}',
        '{"id": "b10", "photo": "0.png", "seed": "many"}',
        '{"id": "b11", "photo": "0.png", "steps": [3]}',
        '{"id": "b12", "photo": "0.png", "scene": "moon"}',
        '{"id": "b13", "photo": "0.png", "casting": {"skin": 99}}',
        '{"id": "b14", "photo": 5}',
        '{"id": "b15"}',
        '{"id": "no/name", "photo": "0.png"}',
        '{"id": "b17", "photo": ',
        '["b18"]',
        '{"id": "b19", "photo": "https://shop.example/a.jpg"}',
    ]
    mixed = [line for both in zip(good, bad, strict=True) for line in both]
    (tmp_path / "m.jsonl").write_text("\n".join(mixed) + "\n")
    out = tmp_path / "out"
    tally = run_collection(str(tmp_path / "m.jsonl"), str(out), options(), None, RampModels)
    assert (tally.done, tally.failed, tally.left, tally.exit_code) == (20, 20, 0, 8)
    assert sorted(path.name for path in out.glob("*.png") if ".mask." not in path.name) == sorted(
        f"good{at}.png" for at in range(20)
    )
    records = [json.loads(path.read_text()) for path in out.glob("*.json")]
    errors = [record["error"] for record in records if record["status"] == "error"]
    assert len(errors) == 20
    assert len(set(errors)) == 20
    assert all(10 < len(error) < 600 and "unexpected" not in error for error in errors), errors


def test_a_rejected_picture_is_made_again_with_another_seed_once(runs: Runs) -> None:
    runs()
    first = runs.record("r2")["output"]["sha256"]
    marks = runs.folder / "marks.json"
    marks.write_text(
        json.dumps({"approved": [], "rejected": [{"id": "r2", "sha256": first}, {"id": "gone", "sha256": "x"}]})
    )
    runs(rejected=marks)
    assert runs.made == ["r2"]
    assert runs.record("r2")["seed"] == 3
    assert runs.record("r2")["output"]["sha256"] != first
    runs(rejected=marks)
    assert runs.made == []
    runs()
    assert runs.made == []
    marks.write_text(json.dumps({"rejected": [{"id": "r2", "sha256": runs.record("r2")["output"]["sha256"]}]}))
    runs(rejected=marks)
    assert runs.record("r2")["seed"] == 4
    assert plan(str(runs.folder / "m.csv"), str(runs.out), options()).todo == 0


def test_two_runs_do_not_share_a_folder(runs: Runs) -> None:
    with locked(Folder(str(runs.out))), pytest.raises(OutputError, match="another run"):
        runs()
    with locked(Folder(str(runs.out)), "1/2"), locked(Folder(str(runs.out)), "2/2"):
        with pytest.raises(OutputError, match="another run"):
            runs()
        with pytest.raises(OutputError, match="another run"):
            runs(shard="2/2")
    with locked(Folder(str(runs.out))), pytest.raises(OutputError, match="another run"):
        runs(shard="1/2")
    assert runs().done == 6


def test_a_full_disk_ends_the_run_and_keeps_what_is_done(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, count = disk.write_files, iter(range(99))

    def full(*given: Any) -> None:
        if next(count) >= 3:
            raise OutputError("x cannot be written (No space left on device): check the folder and the free space.")
        whole(*given)

    monkeypatch.setattr("stages.disk.write_files", full)
    with pytest.raises(OutputError, match="No space left"):
        runs(ahead=1)
    monkeypatch.setattr("stages.disk.write_files", whole)
    tally = runs()
    assert (tally.skipped, tally.done) == (3, 3)


def test_an_interrupt_finishes_what_is_under_way(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.collection.worker.produce", rows.interrupted)
    table(runs.folder, [f"r{at},0.png,{at},beach" for at in range(6)])
    tally = runs(ahead=2)
    assert tally.interrupted
    assert tally.ending
    assert tally.exit_code == 130
    assert 1 <= tally.done < 6
    assert len(list(runs.out.glob("r?.json"))) == tally.done
    assert (runs.out / "report.html").exists()
    assert runs().left == 0


def test_two_generators_never_work_side_by_side(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work: list[str] = []
    together: list[set[str]] = []

    def watched(photo: Any, config: Any, *rest: Any, **named: Any) -> Any:
        at_work.append(config.generate.model)
        together.append(set(at_work))
        product = rows.produce(photo, config, *rest, **named)
        at_work.remove(config.generate.model)
        return product

    monkeypatch.setattr("pipeline.collection.worker.produce", watched)
    table(runs.folder, [f"r{at},0.png,{'ab'[at % 2]}" for at in range(8)], "id,photo,generate.model")
    assert runs().done == 8
    assert runs.made[:4] != runs.made
    assert all(len(each) == 1 for each in together)
    assert {int(name[1:]) % 2 for name in runs.made[:4]} == {0}


def test_shards_make_every_row_once(runs: Runs) -> None:
    made = []
    for part in range(1, 4):
        runs(shard=f"{part}/3")
        made += runs.made
        assert (runs.out / f"report.{part}-of-3.html").exists()
    assert sorted(made) == [f"r{at}" for at in range(6)]
    assert runs().skipped == 6


def test_nothing_that_can_be_run_is_exit_code_nine(runs: Runs) -> None:
    table(runs.folder, ["a,none.png,1,beach", "b,0.png,x,beach"])
    tally = runs()
    assert (tally.failed, tally.exit_code) == (2, 9)
    assert (runs.out / "report.html").exists()


def test_photos_and_pictures_behind_urls(tmp_path: Path) -> None:
    base = f"memory://{uuid.uuid4().hex}"
    memory = fsspec.filesystem("memory")
    for name in photos(tmp_path, 2):
        memory.pipe_file(f"{base}/in/{name}", (tmp_path / name).read_bytes())
    memory.pipe_file(f"{base}/in/m.csv", b"id,photo\na,0.png\nb,1.png\nc,2.png\n")
    tally = run_collection(f"{base}/in/m.csv", f"{base}/out", options(), None, RampModels)
    assert (tally.done, tally.failed) == (2, 1)
    again = run_collection(f"{base}/in/m.csv", f"{base}/out", options(), None, RampModels)
    assert (again.skipped, again.done) == (2, 0)
    assert memory.exists(f"{base}/out/a.mask.png")
    assert memory.exists(f"{base}/out/report.html")
