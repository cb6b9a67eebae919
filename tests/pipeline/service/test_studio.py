"""The studio's drafts, token and jobs; tests/browser drives the page itself."""

import hashlib
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
from tests import pictures
from tests.fakes import RampModels, sneakers, tee, trousers

TOKEN = "a-token-of-the-test"  # noqa: S105
SMALL = {"steps": 2, "reseed": 0}
OUTFIT = (("trousers.png", trousers), ("my shoes.png", sneakers))


@contextmanager
def opened(folder: Path) -> Iterator[TestClient]:
    """A studio over a folder, whose pictures are arithmetic."""
    options = ServeOptions(folder=folder, rate="1000/second", keep_hours=0)
    run = RunOptions(cache_gb=0, devices="own", ahead=1)
    app, _ = studio.make(Service(options, run, Base("house"), RampModels, faults=True), TOKEN)
    with TestClient(app, base_url="http://127.0.0.1:8766") as made:
        made.get(f"/?token={TOKEN}")
        yield made


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with opened(tmp_path / "studio") as made:
        yield made


def draft(client: TestClient) -> dict[str, Any]:
    answer = client.post("/studio/drafts", files={"photo": ("tee.png", write.encode(tee(), None), "image/png")})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def send(client: TestClient, name: str, kind: str, file: str, picture: Any) -> Any:
    files = {"file": (file, write.encode(picture, None), "image/png")}
    return client.post(f"/studio/drafts/{name}/files", data={"kind": kind}, files=files)


def choose(client: TestClient, name: str, **choices: Any) -> str:
    """Gives the command line."""
    answer = client.put(f"/studio/drafts/{name}", json=choices)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["command"])


def produced(client: TestClient, name: str) -> str:
    """Gives the one picture that the draft asks for, done and proven."""
    answer = client.post(f"/studio/drafts/{name}/generate")
    assert answer.status_code == 202, answer.text
    (made,) = answer.json()["jobs"]
    until = time.monotonic() + 120
    while state(client, made) != "done" and time.monotonic() < until:
        time.sleep(0.05)
    proof = client.get(f"/v1/pictures/{made}/proof").json()
    assert proof["proven"], proof
    return str(made)


def matte(client: TestClient, name: str) -> Any:
    return pictures.decoded(client.get(f"/studio/drafts/{name}/matte.png").content, cv2.IMREAD_GRAYSCALE)


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


def test_a_joint_moved_from_another_pose_keeps_that_poses_canvas(client: TestClient) -> None:
    """It had the garment laid out for arms at the sides, and joints scaled to it: a body far too small."""
    name = draft(client)["id"]
    space = client.get(f"/studio/drafts/{name}/canvas").json()
    options = {"pose": "arms-out", **SMALL}
    client.put(f"/studio/drafts/{name}", json={"options": options})
    wide = client.get(f"/studio/drafts/{name}/canvas").json()
    assert (wide["width"], wide["height"], wide["box"]) != (space["width"], space["height"], space["box"])
    joints = [*wide["joints"]]
    joints[4] = [joints[4][0] + 3, *joints[4][1:]]
    moved = {"width": wide["width"], "height": wide["height"], "joints": joints}
    receipts = []
    for skeleton in (None, moved):
        client.put(f"/studio/drafts/{name}", json={"skeleton": skeleton, "options": options})
        [job] = client.post(f"/studio/drafts/{name}/generate").json()["jobs"]
        until = time.monotonic() + 120
        while state(client, job) != "done" and time.monotonic() < until:
            time.sleep(0.05)
        receipts.append(client.get(f"/v1/pictures/{job}/receipt").json())
    assert receipts[0]["placement"] == receipts[1]["placement"]
    shrink = receipts[1]["output"]["width"] / wide["width"]
    assert receipts[1]["skeleton"][4][:2] == pytest.approx([shrink * each for each in joints[4][:2]], abs=1)


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
    output = receipts[0]["output"]
    for address in (
        client.get(f"/v1/pictures/{made[0]}").json()["links"]["faults"],
        f"/studio/pictures/{made[0]}/shown.jpg",
    ):
        shown = pictures.decoded(client.get(address).content)
        assert shown.shape[1] / shown.shape[0] == pytest.approx(output["width"] / output["height"], rel=0.01)


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
    region = pictures.decoded(client.get(f"/studio/drafts/{name}/region.png").content, cv2.IMREAD_GRAYSCALE)
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
    assert client.delete(f"/studio/drafts/{name}").status_code == 204
    assert client.get("/studio/drafts").json() == []
    assert client.delete(f"/studio/drafts/{name}").status_code == 404
    assert client.get(f"/v1/pictures/{made}/picture").status_code == 200, "pictures stay"


@given(st.lists(st.booleans(), max_size=5), st.booleans())
def test_painting_stays_in_range_and_the_last_stroke_wins(kinds: list[bool], inverted: bool) -> None:
    strokes = tuple(Stroke(keep=keep, radius=5, path=[(10, 10), (20, 10)]) for keep in kinds)
    begun = np.linspace(0, 1, 900, dtype=np.float32).reshape(30, 30)
    found = painted(begun, Choices(strokes=strokes, inverted=inverted))
    assert 0 <= found.min() <= found.max() <= 1
    assert found[10, 15] == (kinds[-1] if kinds else pytest.approx(1 - begun[10, 15] if inverted else begun[10, 15]))
    assert np.allclose(found[25], 1 - begun[25] if inverted else begun[25])


def test_a_first_look_is_near_what_is_then_cut_and_is_taken_once(client: TestClient) -> None:
    name = draft(client)["id"]
    first = pictures.decoded(client.get(f"/studio/drafts/{name}/first.png").content, cv2.IMREAD_GRAYSCALE)
    found = matte(client, name)
    near = cv2.resize(first, found.shape[::-1]) > 127
    assert np.count_nonzero(near & (found > 127)) > 0.9 * np.count_nonzero(near | (found > 127))
    assert client.get(f"/studio/drafts/{name}/first.png").status_code == 204


def test_further_garments_are_cut_shown_ordered_and_worn(client: TestClient) -> None:
    name = draft(client)["id"]
    sent = [send(client, name, "photo", file, each()).json() for file, each in OUTFIT]
    told = [{**sent[0], "kind": "bottom"}, {**sent[1], "kind": "shoes", "scale": 0.5}]
    command = choose(client, name, further=told, options=SMALL)
    assert "--with 'trousers.png kind=bottom' --with 'my shoes.png kind=shoes scale=0.5'" in command
    seen = [client.get(f"/studio/drafts/{name}/further/{each['file']}").json() for each in sent]
    assert [each["kind"] for each in seen] == ["bottom", "shoes"]
    shown = client.get(f"/studio/drafts/{name}/further/{sent[0]['file']}/cut.png").content
    alpha = pictures.decoded(shown, cv2.IMREAD_UNCHANGED)[..., 3]
    assert 0.3 < (alpha == 255).mean() < 1
    space = client.get(f"/studio/drafts/{name}/canvas").json()
    choose(client, name, options=SMALL)
    alone = client.get(f"/studio/drafts/{name}/canvas").json()["box"]
    assert space["box"][3] - space["box"][1] > 1.5 * (alone[3] - alone[1]), "trousers hang below the top"
    assert client.get(f"/studio/drafts/{name}/further/{sent[0]['file']}").status_code == 404
    choose(client, name, further=told[::-1], options=SMALL)
    receipt = client.get(f"/v1/pictures/{produced(client, name)}/receipt").json()
    worn = [hashlib.sha256(write.encode(each(), None)).hexdigest() for each in (tee, sneakers, trousers)]
    assert [each["sha256"] for each in receipt["sources"]] == worn


def test_a_landmark_that_is_dragged_moves_the_arm_and_stands_in_the_command(client: TestClient) -> None:
    name = draft(client)["id"]
    x, y = client.get(f"/studio/drafts/{name}/cut").json()["landmarks"]["left_cuff"]
    before = client.get(f"/studio/drafts/{name}/canvas").json()["joints"]
    command = choose(client, name, options={"landmark": [f"left_cuff={x + 6:.0f},{y - 30:.0f}"]})
    assert f"--landmark left_cuff={x + 6:.0f},{y - 30:.0f}" in command
    moved = client.get(f"/studio/drafts/{name}/cut").json()["landmarks"]
    assert moved["left_cuff"] == [round(x + 6), round(y - 30)]
    after = client.get(f"/studio/drafts/{name}/canvas").json()["joints"]
    arms = [
        [np.subtract(each[wrist], each[shoulder]) for shoulder, wrist in ((5, 7), (2, 4))] for each in (before, after)
    ]
    left, right = (np.hypot(*(one - other)[:2]) for one, other in zip(*arms, strict=True))
    assert left > 5
    assert right < 1, "the other arm stays"
    choose(client, name, options={"landmark": ["crotch=1,1"]})
    answer = client.get(f"/studio/drafts/{name}/cut")
    assert answer.status_code == 422
    assert "has none" in answer.json()["detail"]


def test_a_mask_is_loaded_painted_on_and_saved(client: TestClient, tmp_path: Path) -> None:
    name = draft(client)["id"]
    given = np.zeros((300, 240, 3), np.uint8)
    given[80:200, 60:180] = 255
    mask = send(client, name, "mask", "mine.png", given).json()
    stroke = {"keep": False, "radius": 10, "path": [[120, 120], [120, 130]]}
    assert "--matte tee.matte.png" in choose(client, name, mask=mask, strokes=[stroke])
    found = matte(client, name)
    wanted = given[..., 0].copy()
    wanted[105:145, 105:135] = found[105:145, 105:135]
    assert (found == wanted).all()
    assert found[125, 120] == 0
    folder = tmp_path / "studio" / "drafts" / name
    before = sorted(folder.iterdir())
    refused = send(client, name, "mask", "other.png", given[:, :100])
    assert refused.status_code == 422
    assert "other.png has 100 x 300 pixels" in refused.json()["detail"]
    assert sorted(folder.iterdir()) == before
    assert client.put(f"/studio/drafts/{name}", json={"mask": {"file": "0" * 32, "name": "a"}}).status_code == 422


def test_a_ghost_with_its_back(client: TestClient) -> None:
    name = draft(client)["id"]
    back = send(client, name, "photo", "back.png", tee(colour=(60, 90, 40))).json()
    command = choose(client, name, task="ghost", back=back, options={"background": "#dde0e4"})
    assert command == "onmodel ghost tee.png -o out/tee.png --background '#dde0e4' --back back.png"
    receipt = client.get(f"/v1/pictures/{produced(client, name)}/receipt").json()
    assert receipt["task"] == "ghost"


def test_boxes_and_things_are_marked_and_strokes_have_the_last_word(client: TestClient) -> None:
    name = draft(client)["id"]
    box = {"task": "inpaint", "options": {"box": "100,120,140,160", **SMALL}}
    assert "--box 100,120,140,160" in choose(client, name, **box)
    found = region(client, name)
    assert (found[120:160, 100:140] == 255).all()
    assert np.count_nonzero(found) == 40 * 40
    stroke = {"keep": False, "radius": 8, "path": [[120, 140]]}
    command = choose(client, name, **box, strokes=[stroke])
    assert "--box" not in command
    assert "--mask tee.region.png" in command
    assert region(client, name)[140, 120] == 0
    garment = choose(client, name, options={"garment_box": "0,0,240,150"})
    assert "--garment-box 0,0,240,150" in garment
    assert not matte(client, name)[165:].any()


def region(client: TestClient, name: str) -> Any:
    return pictures.decoded(client.get(f"/studio/drafts/{name}/region.png").content, cv2.IMREAD_GRAYSCALE)


def test_a_part_is_sent_in_the_photos_own_pixels(client: TestClient) -> None:
    name = draft(client)["id"]
    whole = matte(client, name)
    part = client.get(f"/studio/drafts/{name}/part/matte", params={"box": "40,50,140,130"}).content
    assert np.abs(pictures.decoded(part, cv2.IMREAD_GRAYSCALE) - whole[50:130, 40:140].astype(int)).max() <= 1
    near = client.get(f"/studio/drafts/{name}/part/photo", params={"box": "40,50,140,130"}).content
    shown = pictures.decoded(near)[..., ::-1].astype(int)
    assert np.abs(shown - tee()[50:130, 40:140]).mean() < 3
    for wrong in ("0,0,241,10", "5,5,5,9", "1,2,3", "-1,0,5,5"):
        assert client.get(f"/studio/drafts/{name}/part/photo", params={"box": wrong}).status_code == 422
