"""From an empty folder to a proven picture, in a Chromium: on a desk, on a phone, and in two tabs at once.

`ONMODEL_AXE` names axe-core's axe.min.js, and `ONMODEL_SHOTS` a folder for pictures of the page.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

import onmodel
from pipeline.demo import draw
from stages import write
from tests.browser.driver import Keys, Page
from tests.fakes import trousers

pytestmark = pytest.mark.slow
WIDTH, HEIGHT = 450, 530


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "top.png"
    small = cv2.resize(draw(), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    path.write_bytes(cv2.imencode(".png", small[..., ::-1])[1].tobytes())
    return path


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A studio over an empty folder; gives its address, key included."""
    words = [
        sys.executable, "-m", "onmodel", "studio", str(tmp_path / "studio"), "--port", "0", "--preset", "house",
        "--steps", "4", "--reseed", "0", "--ahead", "1", "--cache-gb", "0",
    ]  # fmt: skip
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout
        said = ""
        while not (found := re.search(r"http://\S+token=\S+", said)):
            line = process.stdout.readline()
            assert line, (tmp_path / "log").read_text()
            said += line
        yield found[0]
        process.terminate()
        process.wait(60)


def shots() -> Path | None:
    folder = os.environ.get("ONMODEL_SHOTS")
    return Path(folder) if folder else None


def made(page: Page, folder: Path) -> Path:
    """Downloads the newest picture with its mask and receipt; gives the picture's path."""
    links = [each.get_attribute("href") for each in page.every(".card a")][:3]
    picture, mask, receipt = map(page.fetch, links)
    folder.mkdir()
    name = str(json.loads(receipt)["output"]["name"])
    (folder / name).write_bytes(picture)
    (folder / name).with_suffix(".mask.png").write_bytes(mask)
    (folder / name).with_suffix(".json").write_bytes(receipt)
    return folder / name


@pytest.mark.parametrize(("width", "height"), [(1400, 1000), (390, 844)], ids=["desk", "phone"])
def test_from_an_empty_folder_to_a_proven_picture(
    width: int, height: int, address: str, photo: Path, tmp_path: Path
) -> None:
    page = Page(address, width, height, shots())
    try:
        page.shot("0-empty")
        assert page.barriers() == []
        page.drop(photo)
        page.ready()
        page.shot("1-cut")
        corrected(page)
        moved(page)
        chosen(page)
        page.press("#generate")
        page.wait(lambda: page.every(".card progress"), said="progress")
        page.wait(lambda: page.every(".card a"), said="a picture")
        compared(page)
        assert page.barriers() == []
        page.shot("5-done")
        picture = made(page, tmp_path / "got")
        proof = onmodel.verify(picture, photo, garment_point=[re.findall(r"--garment-point (\S+)", page.command())[0]])
        assert proof.failures == ()
        before = page.command()
        page.browser.refresh()
        page.ready()
        assert page.command() == before, "a reload loses nothing"
        for task in ("background", "inpaint", "outpaint"):
            page.press(f"[data-task={task}]")
            page.says(f"onmodel {task}")
            page.wait(lambda: page.text("#status") == "Ready")
            if task == "outpaint":
                framed(page)
            page.shot(f"6-{task}")
            assert page.barriers() == []
        assert page.complaints() == []
    finally:
        page.close()


def corrected(page: Page) -> None:
    """Two clicks and a stroke, each seen in the command line; the first and the last undone."""
    page.tool("drop")
    page.marked(*page.where(30, 500, WIDTH, HEIGHT))
    page.wait(lambda: "--not-point" in page.command(), said="a part removed")
    page.ready()
    page.blank()
    page.press("#undo")
    page.wait(lambda: "--not-point" not in page.command(), said="that undone")
    page.ready()
    page.tool("keep")
    page.marked(*page.where(230, 300, WIDTH, HEIGHT))
    page.wait(lambda: "--garment-point" in page.command(), said="a part added")
    page.ready()
    page.tool("erase")
    left, top = page.where(205, 395, WIDTH, HEIGHT)
    page.drag((left, top), (24, 3))
    page.wait(lambda: "--matte" in page.command(), said="a stroke")
    page.shot("2-brushed")
    page.press("#undo")
    page.wait(lambda: "--matte" not in page.command(), said="the stroke undone")


def moved(page: Page) -> None:
    """Drags the right elbow."""
    page.tool("joints")
    page.wait(lambda: "Drag" in page.text("#status"), said="the skeleton")
    name = page.browser.execute_script("return location.hash.slice(1)")
    space = json.loads(page.fetch(f"/studio/drafts/{name}/canvas"))
    x, y, _ = space["joints"][3]
    page.drag(page.where(x, y, space["width"], space["height"]), (-6, 2))
    page.wait(lambda: "--pose" in page.command(), said="an elbow moved")
    page.shot("3-elbow")
    worn(page)
    page.tool("pan")


def worn(page: Page) -> None:
    """Shows the body in the garment, and hides it again."""

    def drawn() -> str:
        return str(page.browser.execute_script("return document.getElementById('view').toDataURL()"))

    before = drawn()
    page.press("#body")
    page.wait(lambda: "Worn by" in page.text("#body-note") and drawn() != before, said="the body")
    page.shot("3-body")
    assert page.barriers() == []
    page.press("#body")
    page.wait(lambda: not page.text("#body-note") and drawn() == before, said="the garment alone")


def chosen(page: Page) -> None:
    for group, name in (("casting", "imani"), ("scene", "beach")):
        page.press(f"#{group}s input[value={name}]")
        page.says(f"--{group} {name}")


def compared(page: Page) -> None:
    """Moves the slider between before and after, and proves the picture on the page."""
    seen = page.browser.execute_script(
        "const card = document.querySelector('.card'); const slider = card.querySelector('input[type=range]');"
        "const canvas = card.querySelector('canvas'); const shown = () => canvas.toDataURL(); const seen = [shown()];"
        "for (const at of [0, 50, 100]) {"
        " slider.value = at; slider.dispatchEvent(new Event('input')); seen.push(shown()); }"
        "return new Set(seen).size"
    )
    assert seen >= 3
    next(each for each in page.every(".card button") if each.text == "Verify").click()
    page.wait(lambda: page.every(".proof"), said="the proof")
    assert page.text(".proof").startswith("Proven")


def framed(page: Page) -> None:
    """Drags the right side of the frame outwards: by as many pixels of the photo as the pointer went."""
    box = page.one("#view").size
    scale = min(box["width"] / WIDTH, box["height"] / HEIGHT) * 0.7
    page.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", page.one("#view"))
    page.drag((round(WIDTH / 2 * scale), 0), (30, 0))
    page.wait(lambda: "--right" in page.command(), said="a grown frame")
    grown = int(re.findall(r"--right (\d+)", page.command())[0])
    assert grown == pytest.approx(30 / scale, abs=3)
    assert "--left" not in page.command()


def test_an_outfit_with_a_dragged_landmark_becomes_a_collection_judged_with_keys(
    address: str, photo: Path, tmp_path: Path
) -> None:
    page = Page(address, 1400, 1000, shots())
    try:
        page.drop(photo)
        page.ready()
        page.tool("landmarks")
        name = page.browser.execute_script("return location.hash.slice(1)")
        x, y = json.loads(page.fetch(f"/studio/drafts/{name}/cut"))["landmarks"]["left_cuff"]
        page.drag(page.where(x, y, WIDTH, HEIGHT), (-10, -14))
        page.wait(lambda: "--landmark left_cuff=" in page.command(), said="a landmark moved")
        page.ready()
        page.one("#view").send_keys("n" + Keys.ARROW_DOWN)
        page.wait(lambda: page.command().count("--landmark") == 2, said="another one moved by keys")
        lower = tmp_path / "trousers.png"
        lower.write_bytes(write.encode(trousers(), None))
        page.one("#add-further").send_keys(str(lower))
        page.wait(lambda: "--with trousers.png" in page.command(), said="a further garment")
        page.wait(lambda: "trousers.png: bottom" in page.text("#further"), said="what it is")
        page.wait(lambda: page.one("#further img").size["height"] > 20, said="its cut")
        page.shot("7-outfit")
        assert page.barriers() == []
        second(page)
        page.browser.execute_script(
            "const count = document.getElementById('count'); count.value = 2; count.dispatchEvent(new Event('change'))"
        )
        page.press("#collect")
        page.wait(lambda: page.text("#status") == "Added as top-1-0, top-1-1", said="rows")
        page.press("#run")
        page.wait(lambda: "2 done, 0 failed, 0 to do" in page.text("#progress"), said="the run")
        page.wait(lambda: "not running" in page.text("#progress"), said="its end")
        page.browser.execute_script("document.querySelector('#rows li').focus()")
        page.browser.switch_to.active_element.send_keys("a")
        page.wait(lambda: "1 approved" in page.text("#progress"), said="approved")
        page.browser.switch_to.active_element.send_keys("r")
        page.wait(lambda: "1 approved, 1 rejected" in page.text("#progress"), said="rejected")
        page.shot("8-collection")
        assert page.barriers() == []
        page.press("#run")
        page.wait(lambda: "0 rejected" in page.text("#progress"), said="the rejected one made anew")
        page.wait(lambda: "not running" in page.text("#progress"), said="its end")
        assert page.complaints() == []
    finally:
        page.close()


def second(page: Page) -> None:
    """Erases a part of the trousers and drags their hem, while the top's cut stays."""
    top = page.command().partition("--with")[0]
    page.press("#further [data-act^=edit]")
    page.wait(lambda: "trousers.png" in page.text("#picked"), said="the trousers to edit")
    page.ready()
    height, width = trousers().shape[:2]
    page.tool("landmarks")
    draft, garment = page.browser.execute_script(
        "return [location.hash.slice(1), document.querySelector('#further li').dataset.file]"
    )
    x, y = json.loads(page.fetch(f"/studio/drafts/{draft}/cut?garment={garment}"))["landmarks"]["left_hem"]
    page.drag(page.where(x, y, width, height), (0, -30))
    page.wait(lambda: " landmark=left_hem=" in page.command(), said="a hem moved")
    page.ready()
    page.tool("erase")
    page.drag(page.where(80, 60, width, height), (30, 4))
    page.wait(lambda: "matte=trousers.matte.png" in page.command(), said="a stroke on the trousers")
    assert page.command().partition("--with")[0] == top
    page.shot("7-second")
    assert page.barriers() == []
    page.press("#undo")
    page.wait(lambda: "matte=" not in page.command(), said="the stroke undone")
    page.press("#unpick")
    page.wait(lambda: not page.one("#picked").is_displayed(), said="the top again")
    page.ready()
    page.tool("pan")


def test_large_candidates_are_zoomed_and_moved_together(address: str, photo: Path) -> None:
    page = Page(address, 1400, 1000, shots())
    try:
        page.drop(photo)
        page.ready()
        page.browser.execute_script(
            "const count = document.getElementById('count'); count.value = 2; count.dispatchEvent(new Event('change'))"
        )
        page.press("#generate")
        page.wait(lambda: len(page.every(".card canvas")) == 2, said="two pictures")
        for each in page.every(".card button"):
            if each.text == "Large":
                each.click()
        first, second = (each.rect for each in page.every(".glass"))
        assert first["y"] == second["y"], "they stand side by side"
        assert first["x"] + first["width"] < second["x"] or second["x"] + second["width"] < first["x"]
        canvas = page.every(".card canvas")[0]
        canvas.send_keys("+" * 5 + Keys.ARROW_UP * 3)
        assert looks(page)[0] == looks(page)[1] != ""
        before = looks(page)
        page.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
        page.pull(page.every(".glass")[1], (40, 25))
        assert looks(page)[0] == looks(page)[1] != before[0]
        page.shot("9-compared")
        assert page.barriers() == []
        canvas.send_keys("0")
        assert all("scale(1)" in each for each in looks(page))
        next(each for each in page.every(".card.large button") if each.text == "Large").click()
        assert len([each for each in looks(page) if each]) == 1, "a small one is whole"
        assert page.complaints() == []
    finally:
        page.close()


def looks(page: Page) -> list[str]:
    return [str(each.get_attribute("style")) for each in page.every(".card canvas")]


def test_two_tabs_work_on_two_photos_at_once(address: str, photo: Path) -> None:
    page = Page(address, 1200, 900)
    try:
        page.drop(photo)
        page.ready()
        first = page.browser.current_window_handle
        home = page.browser.current_url
        page.browser.switch_to.new_window("tab")
        second = page.browser.current_window_handle
        page.browser.get(home.split("#")[0])
        page.ready()
        page.drop(photo)
        page.wait(lambda: page.browser.current_url != home and "#" in page.browser.current_url, said="a second draft")
        page.ready()
        for tab, casting in ((first, "kai"), (second, "jomo")):
            page.browser.switch_to.window(tab)
            page.press(f"#castings input[value={casting}]")
            page.says(f"--casting {casting}")
            page.press("#generate")
        for tab, casting in ((first, "kai"), (second, "jomo")):
            page.browser.switch_to.window(tab)
            page.wait(lambda: page.every(".card a"), said=f"the picture of {casting}")
            receipt = json.loads(page.fetch(page.every(".card a")[2].get_attribute("href")))
            assert receipt["status"] == "ok"
            assert f"--casting {casting}" in page.command()
            assert len(page.every(".card")) == 1
    finally:
        page.close()
