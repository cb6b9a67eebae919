"""The studio's drafts, token and jobs; the page itself is driven in a browser by hand."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from pipeline.collection.options import RunOptions
from pipeline.service.options import ServeOptions
from pipeline.service.request_options import Base
from pipeline.service.service import Service
from pipeline.studio import app as studio
from pipeline.studio.drafts import Choices, Stroke, painted
from stages import write
from tests.fakes import RampModels, tee

TOKEN = "a-token-of-the-test"  # noqa: S105
SMALL = {"steps": 2, "reseed": 0}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    options = ServeOptions(folder=tmp_path / "studio", rate="1000/second", keep_hours=0)
    run = RunOptions(cache_gb=0, devices="own", ahead=1)
    app, _ = studio.make(Service(options, run, Base("house"), RampModels), TOKEN)
    with TestClient(app, base_url="http://127.0.0.1:8766") as made:
        made.get(f"/?token={TOKEN}")
        yield made


def draft(client: TestClient) -> dict[str, Any]:
    answer = client.post("/studio/drafts", files={"photo": ("tee.png", write.encode(tee(), None), "image/png")})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def matte(client: TestClient, name: str) -> Any:
    return cv2.imdecode(np.frombuffer(client.get(f"/studio/drafts/{name}/matte.png").content, np.uint8), 0)


def test_nobody_gets_anything_without_the_token(client: TestClient) -> None:
    name = draft(client)["id"]
    client.cookies.clear()
    for path in ("/", "/page/studio.js", "/studio/drafts", f"/studio/drafts/{name}", "/v1/pictures", "/openapi.json"):
        assert client.get(path).status_code == 401
    assert client.get("/?token=wrong").status_code == 401
    opened = client.get(f"/?token={TOKEN}", follow_redirects=False)
    cookie = opened.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in opened.headers["Location"]


def test_the_page_fetches_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    folder = Path(studio.__file__).parent / "page"
    for path in folder.iterdir():
        assert not re.search(r"https?://", path.read_text()), path.name
        assert client.get(f"/page/{path.name}").status_code == 200


def test_a_draft_is_found_as_it_was_left_and_its_strokes_change_the_matte(client: TestClient, tmp_path: Path) -> None:
    name = draft(client)["id"]
    before = matte(client, name)
    erased = {"keep": False, "radius": 10, "path": [[120, 150], [120, 160]]}
    added = {"keep": True, "radius": 6, "path": [[20, 270]]}
    assert client.put(f"/studio/drafts/{name}", json={"strokes": [erased, added]}).status_code == 200
    kept = json.loads((tmp_path / "studio" / "drafts" / name / "draft.json").read_text())
    assert kept["choices"]["strokes"] == [erased, added]
    after = matte(client, name)
    assert (before[155, 120], after[155, 120]) == (255, 0)
    assert (before[270, 20], after[270, 20]) == (0, 255)
    far = np.ones_like(before, bool)
    far[130:180, 100:140] = far[258:282, 8:32] = False
    assert (before[far] == after[far]).all()


def test_a_picture_of_a_corrected_cut_and_a_moved_elbow_is_proven(client: TestClient) -> None:
    name = draft(client)["id"]
    space = client.get(f"/studio/drafts/{name}/canvas").json()
    joints = space["joints"]
    joints[3][0] -= 5
    choices = {
        "strokes": [{"keep": False, "radius": 4, "path": [[120, 150]]}],
        "skeleton": {"width": space["width"], "height": space["height"], "joints": joints},
        "options": {"seed": 3, "casting": "kai", "scene": "beach", **SMALL},
        "count": 2,
    }
    said = client.put(f"/studio/drafts/{name}", json=choices).json()
    for words in ("--casting kai", "--scene beach", "--seed 3", "--matte tee.matte.png", "--pose tee.pose.json"):
        assert words in said["command"]
    made = client.post(f"/studio/drafts/{name}/generate").json()["jobs"]
    assert len(made) == 2
    until = time.monotonic() + 120
    while {state(client, each) for each in made} != {"done"} and time.monotonic() < until:
        time.sleep(0.05)
    receipts = [client.get(f"/v1/pictures/{each}/receipt").json() for each in made]
    assert [each["seed"] for each in receipts] == [3, 4]
    assert receipts[0]["skeleton"][3][:2] == pytest.approx(joints[3][:2], abs=0.1)
    proof = client.get(f"/v1/pictures/{made[0]}/proof").json()
    assert proof["proven"], proof
    assert client.get(f"/studio/drafts/{name}").json()["jobs"] == made


def state(client: TestClient, name: str) -> str:
    said = client.get(f"/v1/pictures/{name}").json()
    assert said["state"] in ("queued", "running", "done"), said
    return str(said["state"])


@pytest.mark.parametrize(
    "choices",
    [
        {"options": {"seed": -1}},
        {"options": {"sign_key": "/etc/passwd"}},
        {"options": {"photo": "https://example.com/a.png"}},
        {"options": {"pose": "photo:/etc/passwd"}},
        {"count": 99},
        {"strokes": [{"keep": True, "radius": 0, "path": [[1, 1]]}]},
        {"skeleton": {"width": 10, "height": 10, "joints": [[1, 1, 1]]}},
        {"unknown": 1},
    ],
)
def test_choices_that_cannot_be_are_refused_and_not_kept(client: TestClient, choices: dict[str, Any]) -> None:
    before = draft(client)
    answer = client.put(f"/studio/drafts/{before['id']}", json=choices)
    assert answer.status_code == 422
    assert client.get(f"/studio/drafts/{before['id']}").json()["choices"] == before["choices"]


def test_inpainting_asks_for_a_region_and_no_photo_is_no_draft(client: TestClient) -> None:
    name = draft(client)["id"]
    client.put(f"/studio/drafts/{name}", json={"task": "inpaint", "options": SMALL})
    answer = client.post(f"/studio/drafts/{name}/generate")
    assert answer.status_code == 422
    assert "nothing is marked" in answer.json()["detail"]
    assert client.get(f"/studio/drafts/{name}/region.png").status_code == 422
    marks = {"task": "inpaint", "strokes": [{"keep": True, "radius": 8, "path": [[120, 150]]}], "options": SMALL}
    assert "--mask tee.region.png" in client.put(f"/studio/drafts/{name}", json=marks).json()["command"]
    region = cv2.imdecode(np.frombuffer(client.get(f"/studio/drafts/{name}/region.png").content, np.uint8), 0)
    assert (region[150, 120], region[150, 140], region.shape) == (255, 0, (300, 240))
    made = client.post(f"/studio/drafts/{name}/generate").json()["jobs"][0]
    until = time.monotonic() + 60
    while state(client, made) != "done" and time.monotonic() < until:
        time.sleep(0.05)
    picture = write.decode(client.get(f"/v1/pictures/{made}/picture").content)
    assert picture is not None
    changed = np.argwhere((picture != tee()).any(axis=2))
    assert len(changed)
    assert np.abs(changed - [150, 120]).max() < 40
    assert client.post("/studio/drafts", files={"photo": ("a.png", b"no", "image/png")}).status_code == 422
    assert client.get(f"/studio/drafts/{'0' * 32}").status_code == 404
    assert client.get("/studio/drafts/..%2f..%2fetc").status_code in (404, 422)
    assert len(client.get("/studio/drafts").json()) == 1


@given(st.lists(st.booleans(), max_size=5), st.booleans())
def test_painting_stays_in_range_and_the_last_stroke_wins(kinds: list[bool], inverted: bool) -> None:
    strokes = tuple(Stroke(keep=keep, radius=5, path=[(10, 10), (20, 10)]) for keep in kinds)
    begun = np.linspace(0, 1, 900, dtype=np.float32).reshape(30, 30)
    found = painted(begun, Choices(strokes=strokes, inverted=inverted))
    assert 0 <= found.min() <= found.max() <= 1
    assert found[10, 15] == (kinds[-1] if kinds else pytest.approx(1 - begun[10, 15] if inverted else begun[10, 15]))
    assert np.allclose(found[25], 1 - begun[25] if inverted else begun[25])
