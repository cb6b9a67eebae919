"""What docs/http.md shows works as shown, against a server that listens."""

import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import uvicorn

from pipeline.cli.app import app as commands
from pipeline.collection.options import RunOptions
from pipeline.service import webhooks
from pipeline.service.app import make
from pipeline.service.options import ServeOptions
from pipeline.service.request_options import Base
from pipeline.service.service import Service
from tests.pipeline.collection import rows
from tests.pipeline.service.asking import photo

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "http.md").read_text()
BLOCKS = re.findall(r"```(sh|python)\n(.*?)```", PAGE, re.DOTALL)
SHELL = [block for kind, block in BLOCKS if kind == "sh"]
PYTHON = [block for kind, block in BLOCKS if kind == "python"]


@pytest.fixture
def listening(tmp_path: Path, arithmetic: None) -> Iterator[str]:
    """Returns the address of a server of arithmetic pictures."""
    service = Service(
        ServeOptions(folder=tmp_path / "served"), RunOptions(cache_gb=0, devices="own"), Base("house"), rows.SlowModels
    )
    server = uvicorn.Server(uvicorn.Config(make(service), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_the_commands_that_start_a_server_are_ones_that_there_are() -> None:
    pages = PAGE + (DOCS / "studio.md").read_text()
    lines = [line for line in pages.splitlines() if line.startswith("onmodel ")]
    assert len(lines) >= 4
    root = typer.main.get_command(commands)
    for line in lines:
        name, *words = shlex.split(line)[1:]
        root.commands[name].make_context(name, words)  # type: ignore[attr-defined]


@pytest.mark.parametrize("block", [block for block in PYTHON if "httpx" in block])
def test_the_example_in_python_fetches_a_picture(listening: str, tmp_path: Path, block: str) -> None:
    (tmp_path / "shirt.png").write_bytes(photo())
    code = block.replace("http://127.0.0.1:8765", listening)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=120)
    assert (tmp_path / "shirt-on-model.png").read_bytes().startswith(b"\x89PNG")


def test_the_examples_with_curl_fetch_picture_mask_and_receipt(listening: str, tmp_path: Path) -> None:
    (tmp_path / "shirt.png").write_bytes(photo())
    script = "\n".join(["set -eu", "KEY=none", *(block for block in SHELL if "curl" in block)])
    script = script.replace("http://127.0.0.1:8765", listening)
    words = ["bash", "-c", script]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "event: end" in done.stdout
    for name in ("shirt-on-model.png", "shirt-on-model.mask.png", "shirt-on-model.json", "castings.json"):
        assert (tmp_path / name).stat().st_size > 100


def test_the_example_that_checks_a_signature_knows_ours_and_no_other() -> None:
    scope: dict[str, object] = {}
    exec(next(block for block in PYTHON if "def genuine" in block), scope)  # noqa: S102 - our own page
    genuine, secret = scope["genuine"], "whsec_" + "QUFB" * 10
    headers = webhooks.signed(b"AAA" * 10, "id", int(time.time()), b"{}")
    assert genuine(secret, headers, b"{}")  # type: ignore[operator]
    assert not genuine(secret, headers, b"{ }")  # type: ignore[operator]
    old = webhooks.signed(b"AAA" * 10, "id", int(time.time()) - 3600, b"{}")
    assert not genuine(secret, old, b"{}")  # type: ignore[operator]
