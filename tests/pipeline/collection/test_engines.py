"""Engines: the generator is kept busy, a worker's death costs its row at most, and all engines give the same bytes."""

import itertools
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.collection.run import run as run_collection
from stages.contracts import Plate
from stages.errors import ConfigError
from tests.fakes import Ramp, RampModels
from tests.pipeline.collection import rows
from tests.pipeline.collection.rows import SlowModels, options, photos


def collection(folder: Path, count: int, photos_of: int = 4) -> str:
    photos(folder, photos_of)
    path = folder / "m.csv"
    path.write_text("id,photo,seed\n" + "".join(f"r{at},{at % photos_of}.png,{at}\n" for at in range(count)))
    return str(path)


def pictures(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("r*.png")}


def test_the_next_row_is_begun_while_one_generates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each generation waits for one more row to begin: a run that takes one row at a time would stand still.

    Rows are counted, not named: which of the first two comes to the generator first is open.
    """
    count = 6
    begun, changed = 0, threading.Condition()
    met: list[bool] = []

    def produce(*given: Any, **named: Any) -> Any:
        nonlocal begun
        with changed:
            begun += 1
            changed.notify_all()
        return rows.produce(*given, **named)

    class Waits(RampModels):
        def generator(self, options: Any) -> Ramp:
            class Meets(Ramp):
                def __call__(self, request: Any, seed: int, progress: Any) -> Plate:
                    wanted = min(len(met) + 2, count)
                    with changed:
                        met.append(changed.wait_for(lambda: begun >= wanted, 10))
                    return super().__call__(request, seed, progress)

            return Meets()

    monkeypatch.setattr("pipeline.collection.worker.produce", produce)
    run_collection(collection(tmp_path, count, photos_of=1), str(tmp_path / "out"), options(ahead=2), None, Waits)
    assert met == [True] * count


def test_torch_is_told_not_to_spin_before_it_is_imported() -> None:
    """OpenMP reads its policy once; looking for GPUs imports torch before any model does."""
    code = """
import os, sys
class Look:
    def find_spec(self, name, *rest):
        if name == "torch":
            print(os.environ.get("OMP_WAIT_POLICY"))
            sys.exit()
sys.meta_path.insert(0, Look())
from pipeline.collection import local
from pipeline.collection.options import RunOptions
local.devices(RunOptions())
"""
    bare = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    told = subprocess.run([sys.executable, "-c", code], env=bare, capture_output=True, text=True, check=True)
    assert told.stdout == "PASSIVE\n"


@pytest.mark.slow
def test_the_generator_is_busy_while_rows_are_read_cut_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after a generator's 2 s, each row waits 1 s, as it does for files and for what a CPU does."""

    def produce(*given: Any, **named: Any) -> Any:
        time.sleep(1)
        product = rows.produce(*given, **named)
        time.sleep(1)
        return product

    monkeypatch.setattr("pipeline.collection.worker.produce", produce)
    monkeypatch.setattr(SlowModels, "seconds", 2)
    monkeypatch.setattr(SlowModels, "worked", [])
    run_collection(collection(tmp_path, 12), str(tmp_path / "out"), options(), None, SlowModels)
    worked = sorted(SlowModels.worked)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(worked))
    busy = sum(end - begin for begin, end in worked[1:])
    assert busy / (worked[-1][1] - worked[1][0]) > 0.9


class Mortal(RampModels):
    """Dies with its whole process at seed 2, as often as there is such a row."""

    def generator(self, options: Any) -> Ramp:
        class Dies(Ramp):
            def __call__(self, request: Any, seed: int, progress: Any) -> Plate:
                if seed == 2:
                    os._exit(9)
                return super().__call__(request, seed, progress)

        return Dies()


def mortal() -> RampModels:
    """Begins in the worker's own process: puts the arithmetic flow in place there."""
    from pipeline.collection import worker

    setattr(worker, "produce", rows.produce)  # noqa: B010 - not what a type checker knows as the flow
    return Mortal()


@pytest.mark.slow
def test_a_process_that_dies_costs_its_row_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    tally = run_collection(collection(tmp_path, 8), str(out), options(devices="cpu,cpu"), None, mortal)
    assert (tally.done, tally.failed, tally.exit_code) == (7, 1, 8)
    assert "died" in (out / "r2.json").read_text()


def arithmetic() -> RampModels:
    """As `mortal`, for long lives."""
    from pipeline.collection import worker

    setattr(worker, "produce", rows.produce)  # noqa: B010 - not what a type checker knows as the flow
    return RampModels()


@pytest.mark.slow
@pytest.mark.parametrize("more", [{"devices": "cpu,cpu"}, {"engine": "ray", "workers": 2}])
def test_every_engine_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
) -> None:
    if "engine" in more:
        pytest.importorskip("ray")
    monkeypatch.setattr("pipeline.collection.worker.produce", rows.produce)
    manifest = collection(tmp_path, 8)
    run_collection(manifest, str(tmp_path / "here"), options(), None, RampModels)
    tally = run_collection(manifest, str(tmp_path / "there"), options(**more), None, arithmetic)
    assert tally.exit_code == 0
    assert pictures(tmp_path / "there") == pictures(tmp_path / "here")
    assert len(pictures(tmp_path / "here")) == 16


@pytest.mark.slow
def test_an_actor_that_dies_costs_its_row_alone(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    out = tmp_path / "out"
    tally = run_collection(collection(tmp_path, 6), str(out), options(engine="ray"), None, mortal)
    assert (tally.done, tally.failed) == (5, 1)
    assert "died" in (out / "r2.json").read_text()


def test_an_address_without_a_cluster_is_said_at_once(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    with socket.socket() as bound:  # bound but not listening: nobody else can answer there
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        given = options(engine="ray", address=address)
        with pytest.raises(ConfigError, match="no Ray cluster at"):
            run_collection(collection(tmp_path, 1), str(tmp_path / "out"), given, None, RampModels)


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose name leaves room for Ray's sockets: the system allows their paths 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="ray") as folder:
        yield Path(folder)


@pytest.mark.slow
def test_a_cluster_with_a_token_is_joined_by_its_address(tmp_path: Path, short: Path) -> None:
    """Ray reads its environment when it is imported: the cluster and the runs are processes of their own."""
    pytest.importorskip("ray")
    (tmp_path / "m.csv").write_text("id,photo\na,none.png\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    secret = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    # The cluster is reached from this machine alone: tests open nothing to the network.
    given = {**os.environ, "HOME": str(tmp_path), "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", **secret}
    start = ["start", "--head", "--block", "--port", address.rpartition(":")[2], "--num-cpus", "1"]
    quiet = ["--include-dashboard", "false", "--disable-usage-stats", "--temp-dir", str(short)]

    def joined(**env: str) -> str:
        words = ["collection", "run", "m.csv", "-o", "out", "--engine", "ray", "--address", address, "--retry-failed"]
        command = [sys.executable, "-c", "from pipeline.cli import main; main()", *words]
        path = os.pathsep.join([str(Path.cwd()), *filter(None, [os.environ.get("PYTHONPATH")])])
        env = {**given, "PYTHONPATH": path, **env}
        return subprocess.run(command, check=False, cwd=tmp_path, env=env, capture_output=True, text=True).stderr

    head = subprocess.Popen(
        [sys.executable, "-c", "from ray.scripts.scripts import main; main()", *start, *quiet],
        env=given, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        host, _, port = address.rpartition(":")
        for _ in range(300):
            with socket.socket() as knock:
                if knock.connect_ex((host, int(port))) == 0:
                    break
            time.sleep(0.2)
        assert "none.png does not exist" in joined()
        assert "set RAY_AUTH_MODE=token and put the token" in joined(RAY_AUTH_MODE="disabled")
    finally:
        head.terminate()
        head.wait()
