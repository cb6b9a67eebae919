"""Further garments in the studio: each is cut, corrected and painted as the first one is, and the others stay."""

import shlex
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from pipeline import outfits
from pipeline.collection import plan
from pipeline.collection.options import RunOptions
from stages.outfit.options import Worn
from tests import pictures
from tests.fakes import trousers
from tests.pipeline.service.test_studio import SMALL, choose, client, draft, produced, send

__all__ = ["client"]
#: Beside the trousers, and within them.
OUTSIDE, WITHIN = (20, 20), (70, 200)
ADDED = {"keep": True, "radius": 8, "path": [OUTSIDE]}
ERASED = {"keep": False, "radius": 8, "path": [WITHIN]}


@pytest.fixture
def worn(client: TestClient) -> tuple[str, dict[str, Any]]:
    """A draft of a T-shirt, and the trousers that were sent along with it."""
    name = draft(client)["id"]
    return name, dict(send(client, name, "photo", "my trousers.png", trousers()).json())


def matte(client: TestClient, name: str, garment: str | None = None) -> Any:
    asked = {} if garment is None else {"garment": garment}
    content = client.get(f"/studio/drafts/{name}/matte.png", params=asked).content
    return pictures.decoded(content, cv2.IMREAD_GRAYSCALE)


def told(command: str) -> Worn:
    words = shlex.split(command)
    return Worn.model_validate(words[words.index("--with") + 1])


def test_strokes_change_the_garment_that_they_are_painted_on(
    client: TestClient, worn: tuple[str, dict[str, Any]]
) -> None:
    name, sent = worn
    first = matte(client, name)
    choose(client, name, further=[sent], options=SMALL)
    before = matte(client, name, sent["file"])
    assert before.shape == trousers().shape[:2]
    command = choose(client, name, further=[{**sent, "strokes": [ADDED, ERASED]}], options=SMALL)
    after = matte(client, name, sent["file"])
    for (x, y), level in ((OUTSIDE, 0), (WITHIN, 255)):
        assert (before[y, x], after[y, x]) == (level, 255 - level)
    assert (matte(client, name) == first).all(), "the first garment's cut is its own"
    assert told(command).matte == Path("my-trousers.matte.png")
    shown = client.get(f"/studio/drafts/{name}/further/{sent['file']}/cut.png").content
    assert pictures.decoded(shown, cv2.IMREAD_UNCHANGED)[..., 3].any()
    produced(client, name)


def test_clicks_a_box_and_landmarks_are_told_of_the_garment_that_they_are_on(
    client: TestClient, worn: tuple[str, dict[str, Any]]
) -> None:
    name, sent = worn
    choose(client, name, further=[sent], options=SMALL)
    found = client.get(f"/studio/drafts/{name}/cut", params={"garment": sent["file"]}).json()
    joints = client.get(f"/studio/drafts/{name}/canvas").json()["joints"]
    assert found["category"] == "bottom"
    x, y = (round(each) for each in found["landmarks"]["left_hem"])
    steered = {
        "marks": [{"x": 70, "y": 200, "keep": True}, {"x": 5, "y": 5, "keep": False}],
        "box": "0,0,200,310", "landmark": [f"left_hem={x + 8},{y - 20}"], "kind": "bottom",
    }  # fmt: skip
    command = choose(client, name, further=[{**sent, **steered}], options=SMALL)
    words = told(command)
    assert (words.point, words.not_point, words.box) == (("70,200",), ("5,5",), "0,0,200,310")
    assert words.landmark == (f"left_hem={x + 8},{y - 20}",)
    moved = client.get(f"/studio/drafts/{name}/cut", params={"garment": sent["file"]}).json()["landmarks"]
    assert moved["left_hem"] == [x + 8, y - 20]
    after = client.get(f"/studio/drafts/{name}/canvas").json()["joints"]
    assert np.abs(np.subtract(after, joints)[:, :2]).max() > 1, "the body is fitted by it"
    produced(client, name)


def test_the_page_is_shown_the_cut_that_a_run_makes(client: TestClient, worn: tuple[str, dict[str, Any]]) -> None:
    name, sent = worn
    steered = {"marks": [{"x": 70, "y": 200, "keep": True}], "box": "0,0,200,310", "kind": "bottom"}
    options = {"garment": "top", "garment_box": "0,0,240,290", "sheer": "opaque", **SMALL}
    choose(client, name, further=[{**sent, **steered}], options=options)
    studio = client.app.state.studio  # type: ignore[attr-defined]
    kept = studio.drafts.get(name)
    whole = studio.config(kept)
    own = studio.config(studio.garment(kept, sent["file"]))
    assert own.segment == outfits.config_of(whole.outfit.worn[0], whole).segment != whole.segment


def test_a_mask_is_of_its_own_photos_size(client: TestClient, worn: tuple[str, dict[str, Any]]) -> None:
    name, sent = worn
    choose(client, name, further=[sent], options=SMALL)
    white = np.zeros((320, 200, 3), np.uint8)
    white[40:300, 50:150] = 255
    refused = send(client, name, "mask", "mine.png", white)
    assert "mine.png has 200 x 320 pixels" in refused.json()["detail"]
    data = cv2.imencode(".png", white)[1].tobytes()
    files, whose = {"file": ("mine.png", data, "image/png")}, {"garment": sent["file"]}
    mask = client.post(f"/studio/drafts/{name}/files", files=files, params=whose, data={"kind": "mask"}).json()
    choose(client, name, further=[{**sent, "mask": mask}], options=SMALL)
    assert (matte(client, name, sent["file"]) == white[..., 0]).all()
    gone = client.put(f"/studio/drafts/{name}", json={"further": [{**sent, "mask": {"file": "0" * 32, "name": "a"}}]})
    assert gone.status_code == 422


def test_a_row_of_a_collection_holds_the_painted_matte(client: TestClient, worn: tuple[str, dict[str, Any]]) -> None:
    name, sent = worn
    choose(client, name, further=[{**sent, "strokes": [ERASED], "landmark": ["left_hem=150,290"]}], options=SMALL)
    made = client.post("/studio/collections", json={"name": "spring"}).json()
    client.post(f"/studio/collections/{made['id']}/rows", json={"draft": name})
    (job,) = plan.read(made["manifest"], RunOptions()).jobs
    (further,) = job.config.outfit.worn
    assert further.landmark == ("left_hem=150,290",)
    assert further.matte is not None
    saved = cv2.imread(str(further.matte), cv2.IMREAD_GRAYSCALE)
    assert (saved == matte(client, name, sent["file"])).all()


@pytest.mark.parametrize("path", ["cut", "photo.jpg", "size", "matte.png", "first.png", "part/photo"])
def test_no_other_file_is_a_garment(client: TestClient, path: str) -> None:
    name = draft(client)["id"]
    mask = send(client, name, "photo", "other.png", trousers()).json()["file"]  # sent along, and not worn
    for garment, status in ((mask, 404), ("0" * 32, 404), ("../draft", 422)):
        found = client.get(f"/studio/drafts/{name}/{path}", params={"garment": garment, "box": "0,0,5,5"})
        assert found.status_code == status
