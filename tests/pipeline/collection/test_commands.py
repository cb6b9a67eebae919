"""The collection commands as a user types them: words, files, exit codes."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipeline.cli import main
from pipeline.cli.board import LINES, screen
from pipeline.collection.record import Doing
from pipeline.collection.run import Tally
from tests.fakes import Ramp
from tests.pipeline.collection import rows
from tests.pipeline.collection.rows import photos

Run = Callable[..., tuple[int, str, str]]
PLAIN = ("--devices", "own", "--cache-gb", "0")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arithmetic: None) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.models.Models.generator", lambda self, options: Ramp())
    photos(tmp_path, 2)

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["onmodel", "collection", *words])
        with pytest.raises(SystemExit) as end:
            main()
        seen = capsys.readouterr()
        return int(end.value.code or 0), seen.out, seen.err

    return typed


def manifest(*rows: str) -> None:
    Path("m.csv").write_text("\n".join(["id,photo,seed", *rows]) + "\n")


def test_plan_then_run_then_go_on(run: Run) -> None:
    manifest("a,0.png,1", "b,1.png,2")
    code, out, _ = run("plan", "m.csv", "-o", "out")
    assert code == 0
    assert "2 to do, 0 done" in out
    code, out, err = run("run", "m.csv", "-o", "out", *PLAIN)
    assert code == 0
    assert "2 of 2 pictures (2 new), 0 failed" in out
    assert "2/2" in err
    assert run("run", "m.csv", "-o", "out", *PLAIN)[1].startswith("2 of 2 pictures (0 new)")
    assert "0 to do, 2 done" in run("plan", "m.csv", "-o", "out")[1]


def test_exit_codes_tell_all_some_and_none(run: Run) -> None:
    manifest("a,0.png,1", "b,9.png,2")
    assert run("plan", "m.csv")[0] == 2
    code, out, err = run("run", "m.csv", "-o", "out", *PLAIN)
    assert code == 8
    assert "1 failed" in out
    assert "9.png does not exist" in err
    manifest("b,9.png,2")
    assert run("run", "m.csv", "-o", "out", *PLAIN)[0] == 9
    assert run("run", "none.csv", "-o", "out", *PLAIN)[0] == 2
    assert run("run", "m.csv", "-o", "m.csv", *PLAIN)[0] == 4


def test_what_cannot_be_read_is_one_sentence(run: Run) -> None:
    manifest("a,0.png,1", "results,0.png,1")
    code, _, err = run("plan", "m.csv", "--shard", "5")
    assert code == 2
    assert err == "onmodel: shard: not of the form that --help shows (got '5')\n"
    assert "id 'results' names no file: use letters, digits, -, _ and dots\n" in run("plan", "m.csv")[1]
    assert "9 year old" in run("plan", "m.csv", "--prompt", "a 9 year old girl")[1]


def test_machines_get_one_object_a_row(run: Run) -> None:
    manifest("a,0.png,1", "b,9.png,2")
    code, out, _ = run("run", "m.csv", "-o", "out", "--json", *PLAIN)
    lines = [json.loads(line) for line in out.splitlines()]
    assert sorted((line["id"], line["status"]) for line in lines[:-1]) == [("a", "ok"), ("b", "error")]
    assert lines[-1]["exit_code"] == code == 8
    assert json.loads(run("plan", "m.csv", "--json")[1])["rows"] == 2


def test_rows_that_cannot_be_run_are_told_of_in_every_run(run: Run) -> None:
    manifest("a,0.png,1", "a,1.png,2", "c,../0.png,3")
    for _ in range(2):
        code, out, err = run("run", "m.csv", "-o", "out", *PLAIN)
        assert code == 8
        assert "1 of 3 pictures" in out
        assert "line 3: id 'a' is that of line 2" in err
        assert "line 4: ../0.png lies outside" in err


def test_an_interrupted_run_says_at_once_that_it_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.collection.worker.produce", rows.interrupted)
    manifest(*(f"r{at},0.png,{at}" for at in range(6)))
    code, out, err = run("run", "m.csv", "-o", "out", "--ahead", "1", *PLAIN)
    assert code == 130
    assert "4 not run: the same command goes on" in out
    assert err.count("Ctrl-C again") == 1


@given(
    done=st.integers(0, 9),
    failed=st.integers(0, 9),
    doing=st.lists(st.builds(Doing, st.sampled_from("ab"), st.sampled_from(["read", "write"]))),
)
def test_a_terminal_shows_each_row_in_hand_on_its_own_line(done: int, failed: int, doing: list[Doing]) -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system="standard")
    with console.capture() as shown:
        console.print(screen(Tally(rows=20, done=done, failed=failed, seconds=60), tuple(doing)))
    counts, bar, *lines = re.sub(r"\x1b\[[\d;]*m", "", shown.get()).splitlines()
    assert counts.startswith(f"{done + failed} of 20  {done} pictures")
    assert ("failed" in counts, "left" in counts) == (failed > 0, done > 0)
    assert len(bar.strip()) == 60
    assert [line.strip() for line in lines] == [str(each) for each in doing[:LINES]]


def test_the_page_that_a_run_names_is_there(run: Run) -> None:
    manifest("a,0.png,1", "b,1.png,2")
    for more in ((), ("--shard", "1/2"), ("--shard", "2/2")):
        _, out, _ = run("run", "m.csv", "-o", "out/", *more, *PLAIN)
        assert Path(out.split()[-1]).is_file()


def test_flags_go_over_every_row(run: Run) -> None:
    manifest("a,0.png,1")
    run("run", "m.csv", "-o", "out", "--seed", "40", "--scene", "beach", *PLAIN)
    assert json.loads(Path("out/a.json").read_text())["seed"] == 40


def test_the_report_is_written_without_running(run: Run) -> None:
    manifest("a,0.png,1")
    assert run("report", "m.csv", "-o", "out")[0] == 0
    assert '"pending"' in Path("out/report.html").read_text()
