"""Pictures over HTTP: asked for, followed, fetched, cancelled, taken away."""

import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pipeline.collection.worker import Cancelled
from tests import pictures
from tests.fakes import Ramp, RampModels
from tests.pipeline.service.asking import ask, ended, photo

Served = Callable[..., TestClient]


def test_a_picture_is_made_with_the_options_that_were_sent(served: Served) -> None:
    client = served()
    answer = ask(client, level=50, seed="7", format="png")
    assert answer.status_code == 202
    said = ended(client, answer.json()["id"])
    assert (said["state"], said["error"], said["photo"]) == ("done", None, "shirt.png")
    receipt = client.get(said["links"]["receipt"]).json()
    assert receipt["seed"] == 7
    png = client.get(said["links"]["picture"])
    assert hashlib.sha256(png.content).hexdigest() == receipt["output"]["sha256"]
    # The arithmetic flow adds the seed to every pixel.
    assert pictures.decoded(png.content)[0, 0].tolist() == [50 + 7, 90 + 7, 120 + 7]
    assert client.get(said["links"]["preview"]).headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Location"] == said["links"]["self"]


def test_events_tell_how_far_it_is_and_end(served: Served) -> None:
    client = served()
    name = ask(client).json()["id"]
    with client.stream("GET", f"/v1/pictures/{name}/events") as stream:
        lines = [line for line in stream.iter_lines() if line]
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event")]
    said = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data")]
    assert events[-1] == "end"
    assert set(events[:-1]) <= {"progress"}
    assert said[-1]["state"] == "done"
    assert [each["id"] for each in said] == [name] * len(said)


class Gate(RampModels):
    """Models whose generator waits until it is let go."""

    opened = threading.Event()
    entered = threading.Event()

    def generator(self, options: Any) -> Ramp:
        class Waits(Ramp):
            def __call__(self, request: Any, seed: int, progress: Any) -> Any:
                Gate.entered.set()
                assert Gate.opened.wait(20)
                progress(1, 1)
                return super().__call__(request, seed, progress)

        return Waits()


@pytest.fixture
def gate() -> type[Gate]:
    Gate.opened.clear()
    Gate.entered.clear()
    return Gate


def test_a_waiting_picture_is_cancelled_at_once_and_a_running_one_at_its_next_step(
    served: Served, gate: type[Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    def produce(photo_: Any, config: Any, models: Any, *, report: Any, **more: Any) -> Any:
        models.generator(config.generate)(None, 0, lambda done, steps: report("generate", done, steps))
        raise AssertionError("it went on after it was cancelled")

    monkeypatch.setattr("pipeline.collection.worker.produce", produce)
    client = served(gate)
    names = [ask(client, level=each).json()["id"] for each in range(6)]
    assert gate.entered.wait(20)
    running, waiting = names[0], names[-1]
    assert client.get(f"/v1/pictures/{waiting}").json()["state"] == "queued"
    assert client.delete(f"/v1/pictures/{waiting}").status_code == 204
    assert client.get(f"/v1/pictures/{waiting}").json()["state"] == "cancelled"
    assert client.delete(f"/v1/pictures/{running}").status_code == 204
    for name in names[1:5]:
        client.delete(f"/v1/pictures/{name}")
    gate.opened.set()
    said = [ended(client, name) for name in names]
    assert {each["state"] for each in said} == {"cancelled"}
    assert issubclass(Cancelled, Exception)


def test_taking_a_picture_away_leaves_nothing_of_it_and_everything_else(served: Served, tmp_path: Path) -> None:
    client = served()
    gone, stays = (ask(client, level=each).json()["id"] for each in (1, 2))
    ended(client, gone)
    ended(client, stays)
    before = {path for path in (tmp_path / "served").rglob("*") if stays in path.name}
    assert client.delete(f"/v1/pictures/{gone}").status_code == 204
    assert not [path for path in (tmp_path / "served").rglob("*") if gone in path.name]
    assert {path for path in (tmp_path / "served").rglob("*") if stays in path.name} == before != set()
    assert client.get(f"/v1/pictures/{gone}").status_code == 404


def test_a_matte_is_sent_along_and_its_bytes_are_part_of_the_record(served: Served, tmp_path: Path) -> None:
    client = served()
    files = {"photo": ("a.png", photo(), "image/png"), "matte": ("m.png", photo(200), "image/png")}
    name = client.post("/v1/pictures", files=files, data={"seed": "3"}).json()["id"]
    assert ended(client, name)["state"] == "done"
    config = client.get(f"/v1/pictures/{name}/receipt").json()["config"]
    assert Path(config["segment"]["matte"]) == tmp_path / "served" / "photos" / name / "matte.png"
    assert Path(config["segment"]["matte"]).read_bytes() == photo(200)


def test_castings_scenes_poses_presets_and_portraits_are_listed(served: Served) -> None:
    client = served()
    assert client.get("/v1/castings").json()["imani"]["person"] == "woman"
    assert "beach" in client.get("/v1/scenes").json()
    assert "relaxed" in client.get("/v1/poses").json()
    assert "house" in client.get("/v1/presets").json()
    assert client.get("/v1/castings/imani/portrait").content.startswith(b"\xff\xd8")
    assert client.get("/v1/castings/nobody/portrait").status_code == 404
    for scene in client.get("/v1/scenes").json():
        assert client.get(f"/v1/scenes/{scene}/picture").content.startswith(b"\xff\xd8"), scene
    assert client.get("/v1/scenes/nowhere/picture").status_code == 404


def test_the_same_idempotency_key_gives_the_same_picture(served: Served) -> None:
    client = served()

    def once(key: str) -> Any:
        files = {"photo": ("a.png", photo(), "image/png")}
        return client.post("/v1/pictures", files=files, headers={"Idempotency-Key": key})

    first, again, other = once("order 7"), once("order 7"), once("order 8")
    assert first.json()["id"] == again.json()["id"] != other.json()["id"]
    assert (first.status_code, again.status_code) == (202, 200)
    assert len(client.get("/v1/pictures").json()["pictures"]) == 2


def test_metrics_count_jobs_and_requests(served: Served) -> None:
    client = served()
    ended(client, ask(client).json()["id"])
    page = client.get("/metrics").text
    assert 'onmodel_jobs_total{state="done",task="generate"} 1.0' in page
    assert 'onmodel_jobs_held{state="done"} 1.0' in page
    assert 'onmodel_http_requests_total{method="POST",route="/v1/pictures",status="202"} 1.0' in page
    assert client.get("/healthz").json() == client.get("/readyz").json() == {"status": "ok"}


def test_a_bad_photo_of_a_job_is_told_in_words(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header may be sound and what follows not: that shows when it is decoded."""
    client = served()
    broken = photo()[:60]
    answer = client.post("/v1/pictures", files={"photo": ("a.png", broken, "image/png")})
    said = ended(client, answer.json()["id"]) if answer.status_code == 202 else answer.json()
    assert "a.png" in (said.get("error") or said["detail"])
    assert client.get("/readyz").status_code == 200


def test_an_outfit_is_sent_as_several_files_and_told_of_by_their_names(served: Served) -> None:
    client = served()
    files = [
        ("photo", ("shirt.png", photo(50), "image/png")),
        ("with", ("hat.png", photo(3), "image/png")),
        ("with", ("trousers.png", photo(2), "image/png")),
    ]
    answer = client.post("/v1/pictures", files=files, data={"with": "trousers.png scale=1.5", "order": "tucked"})
    assert answer.status_code == 202, answer.text
    said = ended(client, answer.json()["id"])
    assert (said["state"], said["error"]) == ("done", None)
    receipt = client.get(said["links"]["receipt"]).json()
    outfit = receipt["config"]["outfit"]
    assert [each["scale"] for each in outfit["with"]] == [1.5, None]
    assert outfit["order"] == "tucked"
    png = pictures.decoded(client.get(said["links"]["picture"]).content)
    # The arithmetic flow adds twice the first further photo, the one that was told of, and three times the next.
    assert png[0, 0, 0] == (50 + 2 * (2 + 90 + 120) + 3 * (3 + 90 + 120)) % 256


@pytest.mark.parametrize(
    "words",
    ["/etc/hostname", "../x.png", "trousers.png matte=/etc/hostname", "other.png", "file:///etc/hostname", "kind=hat"],
)
def test_a_further_photo_is_never_a_file_of_the_server(served: Served, words: str) -> None:
    files = [("photo", ("shirt.png", photo(), "image/png")), ("with", ("trousers.png", photo(), "image/png"))]
    answer = served().post("/v1/pictures", files=files, data={"with": words})
    assert answer.status_code == 422, answer.text
