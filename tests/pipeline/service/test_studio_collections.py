"""Collections in the studio: drafts become rows, rows pictures, and marks new seeds; the user's manifests stay."""

import json
import shlex
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pipeline.collection import plan
from pipeline.collection.options import RunOptions
from pipeline.service.jobs import TRIES
from stages import write
from tests.fakes import tee, trousers
from tests.pipeline.service.test_studio import SMALL, choose, client, draft, opened, send, state

__all__ = ["client"]


def begin(client: TestClient, name: str = "spring") -> dict[str, Any]:
    answer = client.post("/studio/collections", json={"name": name})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def add(client: TestClient, collection: str, name: str) -> list[str]:
    answer = client.post(f"/studio/collections/{collection}/rows", json={"draft": name})
    assert answer.status_code == 201, answer.text
    return list(answer.json()["rows"])


def rows(client: TestClient, collection: str, **asked: Any) -> dict[str, Any]:
    return dict(client.get(f"/studio/collections/{collection}/rows", params=asked).json())


def until(what: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def run(client: TestClient, collection: str) -> dict[str, Any]:
    answer = client.post(f"/studio/collections/{collection}/run")
    assert answer.status_code == 202, answer.text
    until(lambda: client.get(f"/studio/collections/{collection}").json()["state"] == "idle")
    return dict(client.get(f"/studio/collections/{collection}").json())


def test_drafts_become_rows_that_the_command_line_reads(client: TestClient) -> None:
    made, name = begin(client), draft(client)["id"]
    sent = send(client, name, "photo", "trousers.png", trousers()).json()
    strokes = [{"keep": False, "radius": 4, "path": [[120, 150]]}]
    choose(client, name, further=[{**sent, "kind": "bottom"}], strokes=strokes, count=2,
           options={"casting": "kai", "seed": 5, **SMALL})  # fmt: skip
    assert add(client, made["id"], name) == ["tee-1-0", "tee-1-1"]
    choose(client, name, task="ghost", options={"background": "white"})
    assert add(client, made["id"], name) == ["tee-2"]
    found = plan.read(made["manifest"], RunOptions())
    assert found.problems == []
    first, second, third = (job.config for job in found.jobs)
    assert (first.generate.seed, second.generate.seed) == (5, 6)
    assert (first.task, third.task) == ("generate", "ghost")
    assert first.casting == second.casting != third.casting
    assert first.outfit.worn[0].kind == "bottom"
    assert first.preset == "house", "rows say what the studio was begun with"
    moved = Path(made["manifest"]).parent
    moved.rename(moved.with_name("elsewhere"))
    again = plan.read(str(moved.with_name("elsewhere") / "manifest.jsonl"), RunOptions())
    assert again.problems == [], "the folder may be moved"
    files = [path for job in again.jobs for path in (job.photo, *(each for _, each in job.files))]
    assert len(files) == 7
    assert all(Path(each).is_file() for each in files)


def test_a_run_is_watched_judged_and_run_again_with_another_seed(client: TestClient) -> None:
    made, name = begin(client), draft(client)["id"]
    choose(client, name, count=2, options=SMALL)
    ids = add(client, made["id"], name)
    assert {row["status"] for row in rows(client, made["id"])["rows"]} == {"pending"}
    told = run(client, made["id"])
    assert (told["done"], told["failed"], told["error"]) == (2, 0, "")
    found = rows(client, made["id"])
    assert [(row["id"], row["status"]) for row in found["rows"]] == [(each, "ok") for each in ids]
    for kind in ("before", "after", "png", "json"):
        assert client.get(f"/studio/collections/{made['id']}/rows/{ids[0]}/{kind}").status_code == 200
    good, bad = found["rows"]
    for row, mark in ((good, "approved"), (bad, "rejected")):
        judged = {"id": row["id"], "sha256": row["sha256"], "mark": mark}
        assert client.put(f"/studio/collections/{made['id']}/marks", json=judged).status_code == 200
    assert [row["id"] for row in rows(client, made["id"], show="rejected")["rows"]] == [bad["id"]]
    assert "--rejected" in client.get(f"/studio/collections/{made['id']}").json()["command"]
    assert run(client, made["id"])["done"] == 2
    again = {row["id"]: row for row in rows(client, made["id"])["rows"]}
    assert again[good["id"]] == {**good, "mark": "approved"}
    assert again[bad["id"]]["seed"] != bad["seed"]
    assert again[bad["id"]]["sha256"] != bad["sha256"]
    assert again[bad["id"]]["mark"] == "", "a mark counts for the picture that it was given to"


@pytest.mark.thorough
def test_a_picture_that_is_asked_for_meanwhile_goes_first_and_the_run_goes_on(client: TestClient) -> None:
    made, name = begin(client), draft(client)["id"]
    choose(client, name, count=4, options=SMALL)
    add(client, made["id"], name)
    choose(client, name, options=SMALL)
    assert client.post(f"/studio/collections/{made['id']}/run").status_code == 202
    (asked,) = client.post(f"/studio/drafts/{name}/generate").json()["jobs"]
    assert client.post(f"/studio/collections/{made['id']}/run").status_code == 422, "one run at a time"
    until(lambda: state(client, asked) == "done")
    until(lambda: client.get(f"/studio/collections/{made['id']}").json()["state"] == "idle")
    assert rows(client, made["id"])["counts"]["ok"] == 4


def killed(client: TestClient, made: dict[str, Any], folder: Path) -> Path:
    """Copies a studio's folder as a kill would leave it just now; gives the copy."""
    copy = folder.with_name("killed")
    shutil.copytree(folder, copy)
    about = copy / "collections" / made["id"] / "collection.json"
    about.write_text(about.read_text().replace(f"{folder}/", f"{copy}/"))
    return copy


@contextmanager
def resumed(folder: Path) -> Iterator[TestClient]:
    """A studio over a folder that another one left, as `onmodel studio` begins it."""
    with opened(folder) as client:
        client.app.state.running.resume()  # type: ignore[attr-defined]
        yield client


def test_a_killed_studio_goes_on_with_its_run(client: TestClient, tmp_path: Path) -> None:
    made, name = begin(client), draft(client)["id"]
    choose(client, name, count=4, options=SMALL)
    add(client, made["id"], name)
    client.post(f"/studio/collections/{made['id']}/run")
    until(lambda: rows(client, made["id"])["counts"]["ok"] > 0)
    copy = killed(client, made, tmp_path / "studio")
    client.delete(f"/studio/collections/{made['id']}/run")
    pictures = copy / "collections" / made["id"] / "pictures"
    before = {path.name: path.stat().st_mtime_ns for path in pictures.glob("*.png")}
    with resumed(copy) as again:
        until(lambda: again.get(f"/studio/collections/{made['id']}").json()["state"] == "idle")
        assert rows(again, made["id"])["counts"]["ok"] == 4
    after = {path.name: path.stat().st_mtime_ns for path in pictures.glob("*.png")}
    assert 0 < len(before) < len(after)
    assert before.items() <= after.items(), "what was there stays"
    with resumed(copy) as third:
        assert third.get(f"/studio/collections/{made['id']}").json()["state"] == "idle", "what has ended is over"


def test_what_was_stopped_is_not_resumed_and_what_was_closed_is(client: TestClient, tmp_path: Path) -> None:
    made, name = begin(client), draft(client)["id"]
    choose(client, name, count=3, options=SMALL)
    add(client, made["id"], name)
    place, running = f"/studio/collections/{made['id']}", client.app.state.running  # type: ignore[attr-defined]
    for ends, then in ((running.close, "interrupted"), (lambda _: client.delete(f"{place}/run"), "idle")):
        client.post(f"{place}/run")
        ends(60)
        until(lambda: client.get(place).json()["state"] == "idle")
        assert rows(client, made["id"])["counts"]["pending"] > 0
        with opened(tmp_path / "studio") as again:
            assert again.get(place).json()["state"] == then


def test_a_run_that_ends_the_studio_each_time_waits_to_be_told(client: TestClient, tmp_path: Path) -> None:
    made, name = begin(client), draft(client)["id"]
    choose(client, name, options=SMALL)
    add(client, made["id"], name)
    place = f"/studio/collections/{made['id']}"
    left = tmp_path / "studio" / "collections" / made["id"] / "run.json"
    left.write_text(json.dumps({"tries": TRIES}))
    with resumed(tmp_path / "studio") as again:
        assert again.get(place).json()["state"] == "interrupted"
        assert rows(again, made["id"])["counts"]["pending"] == 1
        assert run(again, made["id"])["done"] == 1
    assert not left.exists()


def test_a_run_whose_manifest_is_gone_says_so_and_can_be_given_up(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("photo\ntee.png\n")
    asked = {"manifest": str(tmp_path / "rows.csv"), "out": str(tmp_path / "out")}
    made = client.post("/studio/collections/open", json=asked).json()
    place = f"/studio/collections/{made['id']}"
    (tmp_path / "studio" / "collections" / made["id"] / "run.json").write_text("{}")
    (tmp_path / "rows.csv").unlink()
    with resumed(tmp_path / "studio") as again:
        told = again.get(place).json()
        assert told["state"] == "interrupted"
        assert "rows.csv" in told["error"]
        assert again.get(f"{place}/rows").status_code == 422
        again.delete(f"{place}/run")
        assert again.get(place).json()["state"] == "idle"


def test_a_collection_from_elsewhere_is_run_and_its_manifest_stays(client: TestClient, tmp_path: Path) -> None:
    folder = tmp_path / "my own; rows"
    folder.mkdir()
    (folder / "tee.png").write_bytes(write.encode(tee(), None))
    manifest = folder / "rows.csv"
    manifest.write_text("photo,preset,steps,reseed,seed\ntee.png,house,2,0,3\nmissing.png,house,2,0,3\n")
    before = manifest.read_bytes()
    asked = {"manifest": str(manifest), "out": str(folder / "out")}
    opened = client.post("/studio/collections/open", json=asked).json()
    assert client.post("/studio/collections/open", json=asked).json()["id"] == opened["id"]
    words = ["onmodel", "collection", "run", str(manifest), "-o", str(folder / "out")]
    assert shlex.split(opened["command"]) == words, "a shell reads it as it is meant"
    told = run(client, opened["id"])
    assert (told["rows"], told["done"], told["failed"]) == (2, 1, 1)
    found = rows(client, opened["id"], show="failed")
    assert found["counts"]["ok"] == 1
    assert found["rows"][0]["error"]
    name = draft(client)["id"]
    refused = client.post(f"/studio/collections/{opened['id']}/rows", json={"draft": name})
    assert refused.status_code == 422
    assert "not the studio's own" in refused.json()["detail"]
    assert manifest.read_bytes() == before
    asked = {"manifest": str(folder / "none.csv"), "out": str(folder)}
    assert client.post("/studio/collections/open", json=asked).status_code == 422


@pytest.mark.parametrize("row", ["..", "%2e%2e", "..%2f..%2fmanifest", "absent"])
def test_only_rows_of_a_collection_are_shown(client: TestClient, row: str) -> None:
    made = begin(client)
    Path(made["out"]).mkdir()
    (Path(made["out"]) / "absent.json").write_text("{}")
    assert client.get(f"/studio/collections/{made['id']}/rows/{row}/json").status_code in (404, 422)


def test_thousands_of_rows_are_listed_page_by_page(client: TestClient, tmp_path: Path) -> None:
    lines = (json.dumps({"id": f"row-{each}", "photo": "tee.png", "seed": each}) for each in range(5000))
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    asked = {"manifest": str(tmp_path / "many.jsonl"), "out": str(tmp_path / "out")}
    opened = client.post("/studio/collections/open", json=asked).json()
    began = time.process_time()
    page = rows(client, opened["id"], start=4980, count=60)
    assert time.process_time() - began < 5
    assert page["counts"]["pending"] == 5000
    assert [row["id"] for row in page["rows"]] == [f"row-{each}" for each in range(4980, 5000)]
