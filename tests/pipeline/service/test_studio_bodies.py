"""The body that the studio shows in the garment: the run's own, in the canvas's coordinates."""

import threading
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from pipeline import config as configs
from pipeline.studio.bodies import SIDE
from stages import write
from tests import pictures
from tests.fakes import StickFigures, sneakers, tee
from tests.pipeline.service.test_studio import choose, client, draft, send

__all__ = ["client"]


def decoded(content: bytes) -> Any:
    return pictures.decoded(content, cv2.IMREAD_UNCHANGED).astype(int)


def body(client: TestClient, name: str) -> tuple[dict[str, Any], Any]:
    told = client.get(f"/studio/drafts/{name}/body")
    assert told.status_code == 200, told.text
    return told.json(), decoded(client.get(f"/studio/drafts/{name}/body.png").content)


def garment(client: TestClient, name: str) -> tuple[dict[str, Any], Any]:
    return client.get(f"/studio/drafts/{name}/canvas").json(), decoded(
        client.get(f"/studio/drafts/{name}/canvas.png").content
    )


def beside(picture: Any, told: dict[str, Any], space: dict[str, Any]) -> Any:
    """Returns the part of a body's picture that lies in the garment's box on the canvas."""
    width, height = space["width"], space["height"]
    left, top = round(told["box"][0] * width), round(told["box"][1] * height)
    x0, y0, x1, y1 = space["box"]
    return picture[y0 - top : y1 - top, x0 - left : x1 - left]


def moved(space: dict[str, Any], joint: int, by: tuple[float, float]) -> dict[str, Any]:
    joints = [list(each) for each in space["joints"]]
    joints[joint][0] += by[0]
    joints[joint][1] += by[1]
    return {"width": space["width"], "height": space["height"], "joints": joints}


def test_the_body_changes_with_casting_and_joint_and_the_garment_on_it_is_the_cuts(client: TestClient) -> None:
    name = draft(client)["id"]
    space, cut = garment(client, name)
    core = cut[..., 3] == 255
    elbow = moved(space, 3, (-12, 4))
    seen = {}
    for key, choices in {
        "clara": {"options": {"casting": "clara"}},
        "jomo": {"options": {"casting": "jomo"}},
        "elbow": {"options": {"casting": "clara"}, "skeleton": elbow},
    }.items():
        choose(client, name, **choices)
        told, picture = seen[key] = body(client, name)
        assert (beside(picture, told, space)[core] == cut[core]).all(), f"{key}: the garment's own pixels"
        around = picture[..., 3] > 128
        assert np.count_nonzero(around) > 1.3 * np.count_nonzero(core), f"{key}: somebody is in it"
        assert told["size"]
    assert seen["elbow"][0]["frame"] == [0, 0, 1, 1], "joints that were moved stay where they were put"
    assert len({each[1].tobytes() for each in seen.values()}) == 3
    light, dark = (seen[each][1] for each in ("clara", "jomo"))
    skins = [np.median(each[each[..., 3] == 255][:, :3].sum(axis=1)) for each in (light, dark)]
    assert skins[0] != skins[1]


def test_where_no_body_fits_the_run_s_reason_is_told(client: TestClient) -> None:
    name = draft(client)["id"]
    space = client.get(f"/studio/drafts/{name}/canvas").json()
    point = {"width": space["width"], "height": space["height"], "joints": [[50, 50, 1]] * 18}
    choose(client, name, skeleton=point)
    for path in ("body", "body.png"):
        answer = client.get(f"/studio/drafts/{name}/{path}")
        assert answer.status_code == 422
        assert answer.json()["detail"] == "No body is drawn. The skeleton has no torso that a body could stand in."
    assert client.get(f"/studio/drafts/{'0' * 32}/body").status_code == 404


@pytest.mark.thorough
@pytest.mark.usefixtures("stick_figures")
def test_the_picture_is_bounded_and_dressed_as_the_outfit_is(client: TestClient) -> None:
    files = {"photo": ("tee.png", write.encode(tee(800, 1000), None), "image/png")}
    name = client.post("/studio/drafts", files=files).json()["id"]
    shoes = send(client, name, "photo", "shoes.png", sneakers()).json()
    alone = body(client, name)
    choose(client, name, further=[{**shoes, "kind": "shoes"}])
    both = body(client, name)
    space, cut = garment(client, name)
    for told, picture in (alone, both):
        assert max(picture.shape[0] / (told["box"][3] - told["box"][1]), picture.shape[1]) <= SIDE + 1
    green = (both[1][..., 1] > both[1][..., 2] + 40) & (both[1][..., 3] == 255)
    assert green.sum() > 50, "the shoes are worn"
    assert not ((alone[1][..., 1] > alone[1][..., 2] + 40) & (alone[1][..., 3] == 255)).any()
    part = [each * side for each, side in zip(both[0]["box"], [space["width"], space["height"]] * 2, strict=True)]
    left, top, right, bottom = (round(each) for each in part)
    large = cv2.resize(both[1].astype(np.uint8), (right - left, bottom - top)).astype(int)
    x0, y0, x1, y1 = space["box"]
    shown = cv2.resize(cut.astype(np.uint8), (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(int)
    sure = cv2.erode((shown[..., 3] == 255).astype(np.uint8), np.ones((25, 25))) > 0
    assert sure.sum() > 10_000
    assert np.abs(large[y0 - top : y1 - top, x0 - left : x1 - left][sure] - shown[sure]).mean() < 4


def test_who_waited_for_a_turn_gets_what_is_newest_and_nothing_is_drawn_twice(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    drawn: list[Any] = []

    class Slow(StickFigures):
        def __call__(self, *given: Any, **named: Any) -> Any:
            drawn.append(given[2])
            begun.set()
            assert go_on.wait(60)
            return super().__call__(*given, **named)

    monkeypatch.setattr("pipeline.models.Models.figures", lambda self, progress: Slow())
    name = draft(client)["id"]
    choose(client, name, options={"casting": "clara"})
    asking = [threading.Thread(target=client.get, args=(f"/studio/drafts/{name}/body",))]
    asking[0].start()
    assert begun.wait(60)
    for casting in ("kai", "jomo"):
        choose(client, name, options={"casting": casting})
        asking.append(threading.Thread(target=client.get, args=(f"/studio/drafts/{name}/body",)))
        asking[-1].start()
    go_on.set()
    for each in asking:
        each.join()
    assert client.get(f"/studio/drafts/{name}/body.png").status_code == 200
    choose(client, name, options={"casting": "jomo", "steps": 3, "prompt": "a quiet street"})
    assert client.get(f"/studio/drafts/{name}/body").status_code == 200
    wanted = [configs.read(configs.find("castings", each)) for each in ("clara", "jomo")]
    assert [each.skin for each in drawn] == [each["skin"] for each in wanted], "the first, and what was newest then"
