"""The other tasks as a user types them: one call, the files it writes, and their proof."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.cli import main
from pipeline.models import Models
from stages import write
from stages.contracts import Matte, Plate
from tests.fakes import Ramp, tee

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.models.Models.generator", lambda self, options: Ramp())
    Path("shirt.png").write_bytes(write.encode(tee(width=120, height=150), None))

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["onmodel", *words])
        with pytest.raises(SystemExit) as end:
            main()
        seen = capsys.readouterr()
        return int(end.value.code or 0), seen.out, seen.err

    return typed


@pytest.mark.parametrize(
    "words",
    [
        ["inpaint", "--box", "40,60,60,80"],
        ["inpaint", "--box", "40,60,60,80", "--prompt", "a pocket", "--steps", "1"],
        ["outpaint", "--left", "30", "--top", "10%"],
        ["outpaint", "--aspect", "16:9", "--fill", "model", "--steps", "1"],
        ["background", "--background", "white"],
        ["background", "--scene", "beach", "--steps", "1"],
    ],
)
def test_a_task_is_made_proven_and_repeated(run: Run, words: list[str]) -> None:
    task, *options = words
    code, out, err = run(task, "shirt.png", "-o", "a.png", *options)
    assert (code, err) == (0, ""), err
    assert "pixels exact" in out
    assert json.loads(Path("a.json").read_text())["task"] == task
    assert run("verify", "a.png", "--source", "shirt.png")[0] == 0
    assert run(task, "shirt.png", "-o", "b.png", "--from", "a.json")[0] == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_the_classical_fill_says_so(run: Run) -> None:
    _, out, _ = run("inpaint", "shirt.png", "-o", "a.png", "--box", "40,60,60,80")
    assert "without a model" in out


def test_five_formats_load_once_and_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    owners = []
    own = Models.__init__

    def counted(self: Models) -> None:
        owners.append(self)
        own(self)

    monkeypatch.setattr("pipeline.models.Models.__init__", counted)
    code, *_ = run("outpaint", "shirt.png", "-o", "out/", "--aspect", "1:1, 4:5,9:16,16:9,3:1", "-q")
    assert code == 0
    assert len(owners) == 1
    made = sorted(path.name for path in Path("out").glob("*.png") if ".mask" not in path.name)
    assert made == [f"shirt-{each}.png" for each in ("16x9", "1x1", "3x1", "4x5", "9x16")]
    with Image.open("out/shirt-1x1.png") as square:
        assert square.width == square.height == 150


def test_a_campaign_finds_its_subject_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    from stages.find import people as subject

    own = subject.Subject.__call__

    def counted(self: subject.Subject, picture: Plate) -> Matte:
        found.append(picture)
        return own(self, picture)

    monkeypatch.setattr(subject.Subject, "__call__", counted)
    code, *_ = run("background", "shirt.png", "-o", "out/", "--scene", "beach,street", "--steps", "1", "-q")
    assert code == 0
    assert len(found) == 1
    prompts = [json.loads(Path(f"out/shirt-{each}.json").read_text())["prompt"] for each in ("beach", "street")]
    assert "beach" in prompts[0]
    assert "street" in prompts[1]


def test_a_region_that_was_not_asked_for_does_not_verify(run: Run) -> None:
    mask = np.zeros((150, 120), np.uint8)
    mask[60:80, 40:60] = 255
    Path("mask.png").write_bytes(write.encode_mask(mask))
    assert run("inpaint", "shirt.png", "-o", "a.png", "--mask", "mask.png")[0] == 0
    assert run("verify", "a.png", "--source", "shirt.png")[0] == 0
    mask[60:80, 40:50] = 0
    Path("mask.png").write_bytes(write.encode_mask(mask))
    code, _, err = run("verify", "a.png", "--source", "shirt.png")
    assert code == 7
    assert "200 pixels outside the region" in err
    Path("mask.png").unlink()
    code, out, _ = run("verify", "a.png", "--source", "shirt.png")
    assert code == 0
    assert "not proven" in out


def test_a_frame_that_ate_into_the_photo_does_not_verify(run: Run) -> None:
    assert run("outpaint", "shirt.png", "-o", "a.png", "--left", "30")[0] == 0
    mask = np.array(Image.open("a.mask.png"))
    mask[:, 30:40] = 255
    Path("a.mask.png").write_bytes(write.encode_mask(mask))
    code, _, err = run("verify", "a.png", "--source", "shirt.png")
    assert code == 7
    assert "1500 pixels of the photo were not kept" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["inpaint", "shirt.png"], 2, "--box"),
        (["inpaint", "shirt.png", "--box", "1,2,3"], 2, "inpaint.box"),
        (["inpaint", "shirt.png", "--point", "500,1"], 2, "outside the photo"),
        (["inpaint", "shirt.png", "--mask", "none.png"], 2, "none.png"),
        (["outpaint", "shirt.png"], 2, "add nothing"),
        (["outpaint", "shirt.png", "--aspect", "wide"], 2, "outpaint.aspect"),
        (["outpaint", "shirt.png", "--left", "-5"], 2, "outpaint.left"),
        (["background", "shirt.png", "--background", "none.jpg"], 2, "none.jpg"),
        (["background", "shirt.png", "--scene", "beach,moon"], 2, "moon"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_no_file(run: Run, words: list[str], code: int, said: str) -> None:
    before = sorted(Path().rglob("*"))
    got, _, err = run(words[0], *words[1:], "-o", "x.png")
    assert got == code, err
    assert said in err
    assert len(err.strip().splitlines()) == 1
    assert sorted(Path().rglob("*")) == before
