"""Plans: every problem at once, what is left to do, and a hundred thousand rows in seconds and in flat memory."""

import json
import resource
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.collection import plan as plans
from pipeline.collection.places import Folder
from pipeline.collection.plan import keep_pace, plan
from pipeline.collection.run import run as run_collection
from tests.fakes import RampModels
from tests.pipeline.collection import rows
from tests.pipeline.collection.rows import options, photos


def test_a_plan_names_every_problem_by_its_line_and_writes_nothing(tmp_path: Path) -> None:
    photos(tmp_path, 2)
    (tmp_path / "torn.png").write_bytes((tmp_path / "0.png").read_bytes()[:30])
    lines = ["a,0.png,1", "b,none.png,1", "a,1.png,1", "d,1.png,many", "e,../x.png,1", "f,torn.png,1", "g,1.png,2"]
    (tmp_path / "m.csv").write_text("\n".join(["id,photo,seed", *lines]) + "\n")
    before = sorted(tmp_path.rglob("*"))
    found = plan(str(tmp_path / "m.csv"), None, options())
    assert [problem.line for problem in found.problems] == [3, 4, 5, 6, 7]
    assert (found.rows, found.todo, found.done) == (7, 2, 0)
    assert found.seconds is None
    assert found.bytes > 0
    assert sorted(tmp_path.rglob("*")) == before
    json.dumps([problem.messages for problem in found.problems])


def test_a_plan_reads_the_further_photos_of_outfits_too(tmp_path: Path) -> None:
    photos(tmp_path, 4)
    (tmp_path / "torn.png").write_bytes((tmp_path / "0.png").read_bytes()[:30])
    lines = ["a,0.png,1.png kind=bottom", "b,0.png,none.png kind=shoes", "c,1.png,2.png scale=2; torn.png", "d,3.png,"]
    (tmp_path / "m.csv").write_text("\n".join(["id,photo,with", *lines]) + "\n")
    found = plan(str(tmp_path / "m.csv"), None, options())
    assert {problem.id: "".join(problem.messages) for problem in found.problems}.keys() == {"b", "c"}
    assert "none.png" in found.problems[0].messages[0]
    assert "torn.png" in found.problems[1].messages[0]
    assert (found.todo, found.photos) == (2, 6)


@pytest.mark.usefixtures("arithmetic")
def test_a_plan_knows_what_is_done_and_how_long_the_rest_takes(tmp_path: Path) -> None:
    photos(tmp_path, 2)
    (tmp_path / "m.csv").write_text("id,photo\na,0.png\nb,1.png\n")
    out = str(tmp_path / "out")
    run_collection(str(tmp_path / "m.csv"), out, options(), None, RampModels)
    (tmp_path / "m.csv").write_text("id,photo,seed\na,0.png,\nb,1.png,\nc,0.png,3\nd,1.png,4\n")
    found = plan(str(tmp_path / "m.csv"), out, options())
    assert (found.done, found.todo) == (2, 2)
    assert found.seconds is not None
    keep_pace(Folder(out), 30, 10)
    assert plan(str(tmp_path / "m.csv"), out, options()).seconds == pytest.approx(6)


def test_one_fault_of_many_rows_is_said_once(tmp_path: Path) -> None:
    photos(tmp_path, 1)
    (tmp_path / "m.csv").write_text("id,photo,seat\n" + "".join(f"r{at},0.png,1\n" for at in range(50)))
    ((message, found),) = plans.grouped(plan(str(tmp_path / "m.csv"), None, options()).problems)
    assert "seat" in message
    assert len(found) == 50


def peak() -> float:
    """Resident memory now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


ROWS = 100_000


@pytest.mark.slow
def test_a_hundred_thousand_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.collection.worker.produce", rows.produce)
    names = photos(tmp_path, 500)
    with (tmp_path / "m.csv").open("w") as file:
        file.write("id,photo,casting,scene,seed,prompt\n")
        for at in range(ROWS):
            scene, casting = ("beach", "street")[at % 2], ("ada", "imani", "kai")[at % 3]
            file.write(f"r{at},{names[at % 500]},{casting},{scene},{at},words {at % 50}\n")
    began = time.process_time()
    assert plan(str(tmp_path / "m.csv"), None, options()).todo == ROWS
    assert time.process_time() - began < 20  # of this process: other work on the machine does not count
    seen: list[float] = []

    def watch(tally: Any, outcome: Any, doing: Any) -> None:
        if outcome is not None and tally.done % (ROWS // 20) == 0:
            seen.append(peak())

    monkeypatch.setattr("pipeline.collection.places.Folder.write", lambda *_: None)  # half a million files
    tally = run_collection(str(tmp_path / "m.csv"), str(tmp_path / "out"), options(), None, RampModels, watch)
    assert tally.done == ROWS
    assert max(seen[2:]) - seen[1] < 60, seen
