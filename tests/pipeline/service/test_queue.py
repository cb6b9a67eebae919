"""The queue survives its server: no job lost, none made twice, no more waiting than may."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pipeline.collection import record
from pipeline.service.jobs import TRIES, FullError, Job, Queue
from tests.fakes import Ramp, RampModels
from tests.pipeline.service.asking import ask, ended

Served = Callable[..., TestClient]


def job(name: str, **more: Any) -> Job:
    return Job(
        **{"id": name * 32, "owner": "local", "photo": "a.png", "name": "a.png", "options": {}, "created": 1.0, **more}
    )


def test_a_queue_that_is_opened_again_holds_the_same_jobs_in_the_same_order(tmp_path: Path) -> None:
    queue = Queue(tmp_path, 10)
    for name in "cab":
        queue.add(job(name))
    taken = queue.take(0)
    assert taken is not None
    assert taken.id == "c" * 32
    again = Queue(tmp_path, 10)
    assert [(each.id[0], each.state, each.tries) for each in again.all()] == [
        ("c", "queued", 1), ("a", "queued", 0), ("b", "queued", 0),
    ]  # fmt: skip
    assert [getattr(again.take(0), "id", "none")[0] for _ in range(4)] == ["c", "a", "b", "n"]


def test_a_job_whose_record_was_written_before_the_server_died_is_done_and_not_made_again(tmp_path: Path) -> None:
    queue = Queue(tmp_path, 10)
    queue.add(job("a"))
    queue.take(0)
    text = record.failure(None, "no garment was found", 5, {"bytes": {}})
    (tmp_path / "pictures" / f"{'a' * 32}.json").write_bytes(text)
    again = Queue(tmp_path, 10)
    held = again.get("a" * 32)
    assert held is not None
    assert (held.state, held.error) == ("error", "no garment was found")
    assert again.take(0) is None


def test_whoever_waits_for_a_job_can_be_woken_and_takes_none(tmp_path: Path) -> None:
    queue = Queue(tmp_path, 10)
    found: list[Job | None] = []
    waiting = threading.Thread(target=lambda: found.append(queue.take(600)), daemon=True)
    waiting.start()
    queue.wake()
    waiting.join(60)
    assert not waiting.is_alive()
    assert found == [None]
    queue.add(job("a"))
    assert queue.take(0) is not None


def test_a_job_that_takes_the_server_down_each_time_ends(tmp_path: Path) -> None:
    Queue(tmp_path, 10).add(job("a"))
    for _ in range(TRIES):
        assert Queue(tmp_path, 10).take(0) is not None
    last = Queue(tmp_path, 10)
    assert last.take(0) is None
    assert last.all()[0].state == "error"


def test_no_more_jobs_wait_than_may(tmp_path: Path) -> None:
    queue = Queue(tmp_path, 2)
    queue.add(job("a"))
    queue.add(job("b"))
    with pytest.raises(FullError):
        queue.add(job("c"))
    queue.cancel("a" * 32)
    queue.add(job("c"))
    assert len(list((tmp_path / "jobs").iterdir())) == 3


def test_half_written_jobs_and_strange_files_are_left_alone(tmp_path: Path) -> None:
    queue = Queue(tmp_path, 2)
    queue.add(job("a"))
    (tmp_path / "jobs" / "holiday.json").write_text("{")
    (tmp_path / "photos" / "holiday").mkdir()
    (tmp_path / "photos" / ("f" * 32)).mkdir()
    again = Queue(tmp_path, 2)
    assert [each.id[0] for each in again.all()] == ["a"]
    assert (tmp_path / "jobs" / "holiday.json").exists()
    assert [each.name for each in (tmp_path / "photos").iterdir()] == ["holiday"]


def test_old_jobs_go_and_young_ones_and_those_not_yet_told_stay(tmp_path: Path) -> None:
    queue = Queue(tmp_path, 9)
    for name in "abc":
        queue.add(job(name, webhook="https://example.com" if name == "c" else None))
    for name in "abc":
        queue.cancel(name * 32)
    made = max(each.ended or 0 for each in queue.all())
    queue.expire(1, lambda: made + 3000)
    assert len(queue.all()) == 3
    queue.expire(1, lambda: made + 4000)
    assert [each.id[0] for each in queue.all()] == ["c"]
    queue.mark_told("c" * 32)
    queue.expire(1, lambda: made + 4000)
    assert not list((tmp_path / "jobs").iterdir())


class Held(RampModels):
    """Models that paint nothing until they are let go."""

    opened = threading.Event()

    def generator(self, options: Any) -> Ramp:
        class Waits(Ramp):
            def __call__(self, *given: Any) -> Any:
                assert Held.opened.wait(20)

        return Waits()


def test_a_full_queue_is_answered_with_429_and_an_emptied_one_takes_jobs_again(served: Served) -> None:
    Held.opened.clear()
    client = served(Held, waiting=6)
    codes = [ask(client, level=each).status_code for each in range(9)]
    assert codes == [202] * 6 + [429] * 3
    assert int(ask(client).headers["Retry-After"]) > 0
    Held.opened.set()
    for said in client.get("/v1/pictures").json()["pictures"]:
        assert ended(client, said["id"])["state"] == "done"
    assert ask(client).status_code == 202


def test_fifty_who_ask_at_once_each_get_their_picture_or_are_told_to_wait(served: Served) -> None:
    Held.opened.clear()
    client = served(Held, waiting=40)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda level: ask(client, level=level, seed=str(level)), range(50)))
    assert {each.status_code for each in answers} == {202, 429}
    names = {each.json()["id"]: seed for seed, each in enumerate(answers) if each.status_code == 202}
    assert len(names) >= 40
    Held.opened.set()
    for name, seed in names.items():
        assert ended(client, name)["state"] == "done"
        assert client.get(f"/v1/pictures/{name}/receipt").json()["seed"] == seed
    assert len(client.get("/v1/pictures?limit=1000").json()["pictures"]) == len(names)


def test_a_stopped_server_ends_what_is_under_way_and_the_next_one_makes_the_rest(served: Served) -> None:
    Held.opened.clear()
    client = served(Held)
    names = [ask(client, level=each, seed=str(each)).json()["id"] for each in range(12)]
    service = client.app.state.service  # type: ignore[attr-defined]
    while service.queue.count("running") < 3:
        time.sleep(0.01)
    stop = threading.Thread(target=service.runner.stop, args=(20,))
    stop.start()
    assert service.runner.stopped.wait(20)
    assert client.get("/readyz").status_code == 503
    Held.opened.set()
    stop.join()
    assert {each.state for each in service.queue.all()} == {"done", "queued"}
    assert {each.tries for each in service.queue.all() if each.state == "queued"} == {0}
    made = {each.id: each.ended for each in service.queue.all() if each.over}
    again = served()
    assert {ended(again, name)["state"] for name in names} == {"done"}
    assert all(ended(again, name)["ended"] == when for name, when in made.items())


def test_a_full_disk_costs_no_job(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.collection import safe
    from stages.errors import OutputError

    monkeypatch.setattr("pipeline.service.runner.PAUSE", 0.1)
    write, full = safe.write_row, threading.Event()
    full.set()

    def filled(*given: Any, **named: Any) -> None:
        if full.is_set():
            raise OutputError("no space left on device: make room")
        write(*given, **named)

    monkeypatch.setattr(safe, "write_row", filled)
    client = served()
    name = ask(client).json()["id"]
    until = time.monotonic() + 10
    while (ready := client.get("/readyz")).status_code == 200 and time.monotonic() < until:
        time.sleep(0.01)
    assert "no space left" in ready.json()["detail"]
    full.clear()
    assert ended(client, name)["state"] == "done"
