"""The page holds what the records say, worst first, and nothing in a row can break out of it."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.collection import report
from pipeline.collection.places import Folder
from pipeline.collection.report import Report
from pipeline.collection.results import COLUMNS
from pipeline.collection.run import run as run_collection
from pipeline.receipt import Likeness
from tests.examples import examples
from tests.fakes import RampModels
from tests.pipeline.collection.rows import options, photos


def row(**values: Any) -> dict[str, Any]:
    return {**dict.fromkeys(COLUMNS), "status": "ok", "seconds": 2.0, "bytes": 10, "seam": 0.0, "halo": 0.0, **values}


def data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def shown(page: str) -> list[str]:
    return [values[0] for values in data(page)["rows"]]


def test_failures_come_first_then_the_worst_seam_or_halo(tmp_path: Path) -> None:
    page = Report()
    for name, seam, halo, status in (
        ("fine", 0.3, 0.01, "ok"),
        ("halo", 0.3, 0.35, "ok"),
        ("seam", 6.0, 0.01, "ok"),
        ("wrong", None, None, "error"),
        ("later", None, None, "pending"),
    ):
        page.add(row(id=name, seam=seam, halo=halo, status=status))
    assert shown(page.html(Folder(str(tmp_path)))) == ["wrong", "halo", "seam", "fine", "later"]


def test_the_page_tells_how_alike_the_faces_of_a_casting_are(tmp_path: Path) -> None:
    page = Report()
    steps = bytes(range(256)).hex()
    for colour, pattern in ((60.0, steps), (64.0, steps), (62.0, bytes(range(255, -1, -1)).hex())):
        page.sameness.add("kai", Likeness(colour=(colour, 10.0, 12.0), pattern=pattern))
    html = page.html(Folder(str(tmp_path)))
    # Of three pairs one correlates by 1 and two by -1; the colours lie 2, 2 and 0 from their mean.
    assert "<td>3</td><td>kai</td><td>1.6</td><td>-0.33</td>" in html
    assert "How alike" not in Report().html(Folder(str(tmp_path)))


def test_a_large_collection_shows_its_worst_and_counts_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "SHOWN", 10)
    page = Report(cost_per_hour=36)
    for at in range(100):
        page.add(row(id=f"r{at}", seam=(at * 37) % 100))
    html = page.html(Folder(str(tmp_path)), seconds=20, done=10)
    assert shown(html) == [f"r{at}" for at in sorted(range(100), key=lambda at: -((at * 37) % 100))[:10]]
    assert "100 of 100 pictures" in html
    assert "90 more rows" in html
    assert "0.0200" in html  # 2 s at 36 an hour


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_equal_reasons_are_counted_together_whatever_their_lines_and_none_is_left_out(reasons: list[int]) -> None:
    page = Report()
    for line, reason in enumerate(reasons, 2):
        page.add(row(id=f"line-{line}", status="error", error=f"line {line}: fault {reason}"))
    found = re.findall(r"<tr><td>(\d+)</td><td>(.*)</td></tr>", page.html(Folder("none")))
    assert sum(int(count) for count, _ in found) == len(reasons)
    counts = Counter(reasons)
    for count, words in found[:12]:
        assert int(count) == counts[int(words.removeprefix("fault "))]


@settings(max_examples=examples(50))
@given(
    words=st.one_of(st.text(max_size=30), st.sampled_from(["</script><script>alert(1)</script>", "<!--", "\u2028]]>"]))
)
def test_no_words_break_out_of_the_page(tmp_path_factory: pytest.TempPathFactory, words: str) -> None:
    words = words.encode("utf-8", "replace").decode()
    page = Report()
    page.add(row(id="a", error=words, photo=words, status="error"))
    html = page.html(Folder(str(tmp_path_factory.getbasetemp() / "none")))
    assert html.count("<script") == 2
    assert html.count("</script") == 2
    fields = dict(zip(report._FIELDS, data(html)["rows"][0], strict=True))
    assert fields["error"] == words


def test_the_page_needs_nothing_but_itself(tmp_path: Path, arithmetic: None) -> None:
    photos(tmp_path, 1)
    (tmp_path / "m.csv").write_text("id,photo\na,0.png\n")
    run_collection(str(tmp_path / "m.csv"), str(tmp_path / "out"), options(), None, RampModels)
    html = (tmp_path / "out" / "report.html").read_text()
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!data:)""", html)
    assert "http" not in html.replace("application", "")
    assert len(data(html)["pictures"]["a"]) == 2


@pytest.mark.slow
def test_the_page_in_a_browser(tmp_path: Path, arithmetic: None) -> None:
    sync = pytest.importorskip("playwright.sync_api")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("there is no browser")
    photos(tmp_path, 3)
    lines = [f"r{at},{at % 3}.png,{at + 10},{'beach' if at % 2 else 'street'},ada" for at in range(8)]
    (tmp_path / "m.csv").write_text("\n".join(["id,photo,seed,scene,casting", *lines, "bad,9.png,1,beach,ada"]) + "\n")
    run_collection(str(tmp_path / "m.csv"), str(tmp_path / "out"), options(), None, RampModels)
    with sync.sync_playwright() as play:
        chrome = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chrome.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: faults.extend([request.url] * request.url.startswith(("http:", "https:"))))
        page.goto((tmp_path / "out" / "report.html").as_uri())
        ids = page.locator("article").evaluate_all("cards => cards.map(card => card.dataset.id)")
        assert ids == ["bad", *(f"r{at}" for at in reversed(range(8)))]
        assert "9.png does not exist" in page.locator("article").first.inner_text()
        page.select_option("#scene", "street")
        assert page.locator("article").count() == 4
        page.select_option("#scene", "")
        page.fill("#find", "r7")
        assert page.locator("article").count() == 1
        slider = page.locator("article input[type=range]")
        slider.focus()
        before = page.locator(".pair").evaluate("pair => pair.style.getPropertyValue('--cut')")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert page.locator(".pair").evaluate("pair => pair.style.getPropertyValue('--cut')") == "54%" != before
        page.keyboard.press("r")
        assert page.locator("article.rejected").count() == 1
        page.reload()
        assert page.locator("article.rejected").count() == 1
        with page.expect_download() as download:
            page.click("#save")
        download.value.save_as(tmp_path / "marks.json")
        chrome.close()
    assert not faults
    held = json.loads((tmp_path / "out" / "r7.json").read_text())["output"]["sha256"]
    assert json.loads((tmp_path / "marks.json").read_text())["rejected"] == [{"id": "r7", "sha256": held}]
    tally = run_collection(
        str(tmp_path / "m.csv"), str(tmp_path / "out"), options(rejected=tmp_path / "marks.json"), None, RampModels
    )
    assert tally.done == 1
