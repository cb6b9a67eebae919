"""A server that is killed again and again makes every picture once."""

import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.pipeline.service.asking import photo

CODE = """
import sys
import types
from pathlib import Path
sys.modules["tests"] = types.ModuleType("tests")  # another distribution may bring a package of that name
sys.modules["tests"].__path__ = ["tests"]
import pipeline.collection.worker as worker
from pipeline.collection.options import RunOptions
from pipeline.service import start
from pipeline.service.request_options import Base
from pipeline.service.options import ServeOptions
from tests.pipeline.collection import rows
worker.produce = rows.produce
rows.SlowModels.seconds = 0.1
import pipeline.service.service as module
module.Service.__init__.__defaults__ = (rows.SlowModels,)
start.serve(
    ServeOptions(folder=Path(sys.argv[1]), port=int(sys.argv[2]), rate="1000/second"),
    RunOptions(cache_gb=0, devices="own"), Base("house"),
)
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def begin(folder: Path, port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, str(folder), str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 180
    while time.monotonic() < until:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return process
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError


@pytest.mark.slow
def test_killed_servers_lose_no_job_and_make_none_twice(tmp_path: Path) -> None:
    folder, dice = tmp_path / "served", random.Random(3)  # noqa: S311 - moments, not secrets
    port = free_port()
    process = begin(folder, port)
    asked: dict[str, int] = {}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        for seed in range(30):
            answer = client.post("/v1/pictures", files={"photo": photo()}, data={"seed": seed})
            asked[answer.json()["id"]] = seed
        times: dict[str, int] = {}
        for _ in range(3):
            made = len(list((folder / "pictures").glob("*.json")))
            while len(list((folder / "pictures").glob("*.json"))) < made + dice.randint(1, 5):
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.wait()
            found = {path.name: path.stat().st_mtime_ns for path in (folder / "pictures").glob("*.json")}
            assert all(found[name] == when for name, when in times.items())
            times = found
            process = begin(folder, port)
        until = time.monotonic() + 180
        while time.monotonic() < until:
            states = {each["id"]: each["state"] for each in client.get("/v1/pictures").json()["pictures"]}
            if set(states.values()) == {"done"}:
                break
            time.sleep(0.1)
        assert states == dict.fromkeys(asked, "done")
        for name, seed in asked.items():
            assert client.get(f"/v1/pictures/{name}/receipt").json()["seed"] == seed
    assert all((folder / "pictures" / name).stat().st_mtime_ns == when for name, when in times.items())
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert not list((folder / "pictures").glob(".onmodel-*"))
