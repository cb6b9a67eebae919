"""A lookbook groups the pictures and escapes what strangers wrote; a contact sheet holds every one of them."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.collection import results
from pipeline.collection.lookbook import Lookbook
from pipeline.collection.places import Folder
from pipeline.collection.run import run as run_collection
from tests.fakes import RampModels
from tests.pipeline.collection.rows import options, photos


def row(**values: Any) -> dict[str, Any]:
    return {**dict.fromkeys(results.COLUMNS), "status": "ok", **values}


def book() -> Lookbook:
    found = Lookbook()
    for at, (casting, photo) in enumerate([("kai", "a.jpg"), ("mei", "in/b.jpg"), ("kai", "in/b.jpg")]):
        found.add(row(id=f"r{at}", casting=casting, photo=photo, caption=f"Caption {at}", alt=f"Alt <{at}>"))
    found.add(row(id="bad", status="error", casting="kai", photo="a.jpg"))
    return found


@pytest.mark.parametrize(("by", "groups"), [("casting", ["kai", "mei"]), ("garment", ["a.jpg", "b.jpg"])])
def test_pictures_lie_in_their_group_with_their_words(by: Any, groups: list[str]) -> None:
    page = book().html(by)
    assert re.findall(r"<h2>(.*?)</h2>", page) == groups
    order = {"casting": ["r0", "r2", "r1"], "garment": ["r0", "r1", "r2"]}[by]
    assert re.findall(r"<b>(\w+)</b>", page) == order
    assert 'src="r1.png" alt="Alt &lt;1&gt;"' in page
    assert "bad" not in page
    assert "@media print" in page


def test_a_contact_sheet_holds_every_picture(tmp_path: Path) -> None:
    folder, found = Folder(str(tmp_path)), Lookbook()
    (tmp_path / ".onmodel").mkdir()
    colours = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]
    for at in range(23):
        small = Image.fromarray(np.full((60, 40, 3), colours[at % 3], np.uint8))
        small.save(tmp_path / ".onmodel" / f"r{at}.after.jpg", quality=95)
        found.add(row(id=f"r{at}", casting="kai", photo="a.jpg"))
    pdf, jpeg = found.sheets(folder)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 2
    with Image.open(io.BytesIO(jpeg)) as sheet:
        pixels = np.asarray(sheet).astype(int)
    seen = sum((np.abs(pixels - each).max(axis=2) < 25).sum() for each in colours)
    # A picture of 40 x 60 is not enlarged.
    assert seen == pytest.approx(23 * 40 * 60, rel=0.1)


@pytest.mark.usefixtures("arithmetic")
def test_a_run_and_later_reports_own_their_files(tmp_path: Path) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text("photo\n" + "\n".join(photos(tmp_path, 2)) + "\n")
    out = tmp_path / "out"
    lookbook = options(layout="lookbook", contact_sheet=True)
    for asked in (lookbook, options(), lookbook):  # the second leaves lookbook and sheets, and does not forget them
        assert run_collection(str(manifest), str(out), asked, models=RampModels).exit_code == 0
        assert {"lookbook.html", "contact-sheet.pdf", "contact-sheet.jpg", "report.html"} <= {
            each.name for each in out.iterdir()
        }
    assert (out / "lookbook.html").read_text().count("<figure>") == 2
    head = (out / "results.csv").read_text().splitlines()[0]
    assert head.endswith("caption,alt,with")
