"""A run that is killed again and again ends as one that was left alone: no row lost, none twice, none broken."""

import hashlib
import json
import multiprocessing
import os
import random
import time
from pathlib import Path

import pytest

from pipeline.collection.run import run as run_collection
from tests.pipeline.collection.rows import SlowModels, options, photos

pytestmark = pytest.mark.usefixtures("arithmetic")

ROWS = 24


def begin(manifest: Path, out: Path, ahead: int = 3) -> multiprocessing.Process:
    """Begins a run in a process that can be killed; forked, since importing takes longer than all the rows."""

    def work() -> None:
        tally = run_collection(str(manifest), str(out), options(ahead=ahead), None, SlowModels)
        os._exit(tally.exit_code)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    return process  # type: ignore[return-value]


def ended(process: multiprocessing.Process) -> int | None:
    process.join(60)
    return process.exitcode


def pictures(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("r*.png")}


def test_five_kills_change_nothing(tmp_path: Path) -> None:
    photos(tmp_path, 4)
    manifest = tmp_path / "m.csv"
    manifest.write_text("id,photo,seed\n" + "".join(f"r{at},{at % 4}.png,{at}\n" for at in range(ROWS)))
    out = tmp_path / "out"
    dice = random.Random(5)  # noqa: S311 - moments, not secrets
    made = 0
    for _ in range(5):
        process = begin(manifest, out)
        while process.is_alive() and len(list(out.glob("r*.json"))) < made + dice.randint(1, 5):
            time.sleep(0.01)
        time.sleep(dice.random() * 0.05)
        process.kill()
        process.join()
        made = len(list(out.glob("r*.json")))
    assert 3 <= made < ROWS
    times = {path.name: path.stat().st_mtime_ns for path in out.glob("r*.json")}
    assert ended(begin(manifest, out)) == 0
    assert all((out / name).stat().st_mtime_ns == then for name, then in times.items())  # none was made twice
    assert ended(begin(manifest, tmp_path / "whole", ahead=1)) == 0
    assert pictures(out) == pictures(tmp_path / "whole")
    assert len(pictures(out)) == 2 * ROWS
    for at in range(ROWS):
        held = json.loads((out / f"r{at}.json").read_text())
        for part in ("output", "mask"):
            assert hashlib.sha256((out / held[part]["name"]).read_bytes()).hexdigest() == held[part]["sha256"]
    assert not list(out.glob(".onmodel-*"))


@pytest.mark.thorough
def test_rows_with_outfits_end_the_same_after_kills_and_only_changed_ones_are_made_again(tmp_path: Path) -> None:
    photos(tmp_path, 6)
    manifest = tmp_path / "m.csv"
    lines = [f"r{at},{at % 4}.png,{at},4.png scale=1.{at % 9 + 1}{'; 5.png' * (at % 2)}\n" for at in range(ROWS)]
    manifest.write_text("id,photo,seed,with\n" + "".join(lines))
    out = tmp_path / "out"
    dice = random.Random(7)  # noqa: S311 - moments, not secrets
    for _ in range(3):
        before = len(list(out.glob("r*.json")))
        process = begin(manifest, out)
        while process.is_alive() and len(list(out.glob("r*.json"))) < before + dice.randint(1, 5):
            time.sleep(0.01)
        process.kill()
        process.join()
    assert ended(begin(manifest, out)) == 0
    assert ended(begin(manifest, tmp_path / "whole", ahead=1)) == 0
    assert pictures(out) == pictures(tmp_path / "whole")
    times = {path.name: path.stat().st_mtime_ns for path in out.glob("r*.json")}
    (tmp_path / "5.png").write_bytes((tmp_path / "1.png").read_bytes())
    assert ended(begin(manifest, out)) == 0
    again = {path.name for path in out.glob("r*.json") if path.stat().st_mtime_ns != times[path.name]}
    assert again == {f"r{at}.json" for at in range(ROWS) if at % 2}
