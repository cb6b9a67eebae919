"""Webhooks: signed as Standard Webhooks says, tried again, and never to this machine."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from starlette.testclient import TestClient

from pipeline.service import webhooks
from stages.errors import ConfigError
from tests.pipeline.service.asking import ask, ended

Served = Callable[..., TestClient]
SECRET = "whsec_" + base64.b64encode(b"a secret of at least 24 bytes").decode()


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(webhooks.SECRET, SECRET)
    monkeypatch.setattr(webhooks, "WAITS", (0, 0))
    monkeypatch.setattr(webhooks, "LOOK", 0.05)


class Ear(HTTPServer):
    """Hears webhooks; answers with the codes it was given, then with 200."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.codes: list[int] = []
        super().__init__(("127.0.0.1", 0), _Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server_port}/done"

    def wait(self, count: int, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while len(self.heard) < count and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self.heard) == count


class _Answer(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))
        self.send_response(self.server.codes.pop(0) if self.server.codes else 200)
        self.send_header("Location", self.server.address)
        self.end_headers()

    def log_message(self, *words: Any) -> None:
        pass


@pytest.fixture
def ear() -> Iterator[Ear]:
    heard = Ear()
    yield heard
    heard.shutdown()
    heard.server_close()


def test_who_asked_is_told_once_with_a_signature_that_holds(served: Served, secret: None, ear: Ear) -> None:
    client = served(private=True)
    name = ask(client, webhook=ear.address).json()["id"]
    ear.wait(1)
    headers, body = ear.heard[0]
    said = json.loads(body)
    assert (said["type"], said["data"]["id"], said["data"]["state"]) == ("picture.done", name, "done")
    assert headers["webhook-id"] == name
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    # Worked out here by hand, from the standard's text.
    content = f"{name}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"a secret of at least 24 bytes", content, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    time.sleep(3 * webhooks.LOOK)
    assert len(ear.heard) == 1


def test_a_failed_webhook_is_tried_again_and_then_given_up(served: Served, secret: None, ear: Ear) -> None:
    client = served(private=True)
    ear.codes = [500, 302, 200]
    ask(client, level=1, webhook=ear.address)
    ear.wait(3)
    ear.codes = [500] * 9
    ask(client, level=2, webhook=ear.address)
    ear.wait(6)
    time.sleep(3 * webhooks.LOOK)
    assert len(ear.heard) == 6
    assert {each.told for each in client.app.state.service.queue.all()} == {True}  # type: ignore[attr-defined]


def test_what_was_not_told_is_told_by_the_next_server(served: Served, secret: None, ear: Ear, tmp_path: Any) -> None:
    client = served(private=True)
    service = client.app.state.service  # type: ignore[attr-defined]
    service._messenger.cancel()
    name = ask(client, webhook=ear.address).json()["id"]
    ended(client, name)
    assert not ear.heard
    assert service.runner.stop(20)
    served(private=True)
    ear.wait(1)


def test_webhooks_reach_no_private_address(served: Served, secret: None, ear: Ear) -> None:
    client = served(private=False)
    refused = ask(client, webhook=ear.address)
    assert refused.status_code == 422
    assert "https" in refused.json()["detail"]
    secure = ear.address.replace("http://", "https://")
    ended(client, ask(client, webhook=secure).json()["id"])
    until = time.monotonic() + 20
    jobs = client.app.state.service.queue.all  # type: ignore[attr-defined]
    while not all(each.told for each in jobs()) and time.monotonic() < until:
        time.sleep(0.05)
    assert [each.told for each in jobs()] == [True]
    assert not ear.heard


@pytest.mark.parametrize("words", ["whsec_short", "whsec_!!!", "whsec_" + base64.b64encode(bytes(65)).decode()])
def test_a_secret_that_is_none_ends_the_start(served: Served, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setenv(webhooks.SECRET, words)
    with pytest.raises(ConfigError):
        served()
