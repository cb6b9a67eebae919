"""A server in this process whose pictures are arithmetic."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pipeline.collection.options import RunOptions
from pipeline.service.app import make
from pipeline.service.options import ServeOptions
from pipeline.service.request_options import Base
from pipeline.service.service import Service
from tests.pipeline.collection import rows

#: Asks as a program on this machine does.
HERE = "http://127.0.0.1:8765"


@pytest.fixture
def arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the flow that is arithmetic in the real one's place."""
    monkeypatch.setattr("pipeline.collection.worker.produce", rows.produce)


@pytest.fixture
def served(tmp_path: Path, arithmetic: None) -> Iterator[Callable[..., TestClient]]:
    """Returns what begins a server in a folder and gives a client of it; `client.app.state.service` is its service."""
    with ExitStack() as held:

        def begin(models: Any = rows.SlowModels, private: bool = False, client: str = HERE, **more: Any) -> TestClient:
            run = RunOptions(cache_gb=0, devices="own", allow_private=private)
            service = Service(
                ServeOptions(**{"folder": tmp_path / "served", "rate": "1000/second", **more}),
                run,
                Base("house"),
                models,
            )
            app = make(service)
            app.state.service = service
            return held.enter_context(TestClient(app, base_url=client))

        yield begin
