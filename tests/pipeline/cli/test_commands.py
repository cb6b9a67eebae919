"""The commands as a user types them: files, words on the screen, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import demo
from pipeline.cli import main
from stages import write
from tests.fakes import Ramp, StickFigures, tee

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.models.Models.generator", lambda self, options: Ramp())
    Path("shirt.png").write_bytes(write.encode(tee(), None))

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["onmodel", *words])
        with pytest.raises(SystemExit) as end:
            main()
        seen = capsys.readouterr()
        return int(end.value.code or 0), seen.out, seen.err

    return typed


@pytest.mark.usefixtures("stick_figures")
def test_generate_then_verify_then_repeat(run: Run) -> None:
    code, out, _ = run("generate", "shirt.png", "-o", "out/a.png", "--steps", "1", "--scene", "studio-grey", "-v")
    assert code == 0
    assert "garment pixels exact" in out
    assert "studio" in out
    assert run("verify", "out/a.png", "--source", "shirt.png")[0] == 0
    assert run("generate", "shirt.png", "-o", "out/b.png", "--from", "out/a.json")[0] == 0
    assert Path("out/a.png").read_bytes() == Path("out/b.png").read_bytes()


@pytest.mark.usefixtures("stick_figures")
def test_a_changed_garment_does_not_verify(run: Run) -> None:
    run("generate", "shirt.png", "-o", "a.png", "--steps", "1")
    picture = np.array(Image.open("a.png"))
    picture[np.asarray(Image.open("a.mask.png")) == 0] ^= 1
    Image.fromarray(picture).save("a.png")
    code, _, err = run("verify", "a.png", "--source", "shirt.png")
    assert code == 7
    assert err.startswith("onmodel: ")


@pytest.mark.usefixtures("stick_figures")
def test_several_photos_go_on_after_a_bad_one(run: Run) -> None:
    Path("bad.png").write_bytes(b"no picture")
    Path("second.png").write_bytes(write.encode(tee(colour=(20, 90, 60)), None))
    code, out, err = run("generate", "shirt.png", "bad.png", "second.png", "-o", "out/", "--steps", "1", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["status"] for line in lines] == ["ok", "error", "ok"]
    assert lines[1]["exit_code"] == code == 3
    assert "bad.png" in lines[1]["error"]
    assert not err
    assert sorted(path.name for path in Path("out").glob("*.png") if ".mask" not in path.name) == [
        "second.png",
        "shirt.png",
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["missing.png", "-o", "x.png"], 3, "missing.png"),
        (["shirt.png", "-o", "x.jpg"], 2, ".png"),
        (["shirt.png", "-o", "x.png", "--preset", "nothing"], 2, "nothing"),
        (["shirt.png", "-o", "x.png", "--scene", "moon"], 2, "moon"),
        (["shirt.png", "-o", "x.png", "--pose", "headstand"], 2, "headstand"),
        (["shirt.png", "-o", "x.png", "--size", "huge"], 2, "place.size"),
        (["shirt.png", "-o", "x.png", "--config", "none.yaml"], 2, "none.yaml"),
        (["shirt.png", "-o", "x.png", "--from", "none.json"], 2, "none.json"),
        (["shirt.png", "-o", "shirt.png", "--overwrite"], 4, "shirt.png"),
        (["shirt.png", "-o", "shirt.png/x.png"], 4, "shirt.png"),
        (["blank.png", "-o", "x.png"], 5, "garment"),
        (["shirt.png", "-o", "x.png", "--segmenter", "sam", "--sam-weights", "none.pth"], 6, "none.pth"),
        (["shirt.png", "-o", "x.png", "--sam-weights", "shirt.png", "--segmenter", "sam"], 6, "shirt.png"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_no_file(run: Run, words: list[str], code: int, said: str) -> None:
    Path("blank.png").write_bytes(write.encode(np.full((200, 160, 3), 230, np.uint8), None))
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    got, _, err = run("generate", *words, "--steps", "1")
    assert got == code, err
    assert said in err
    assert len(err.strip().splitlines()) == 1
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_segment_writes_cut_out_and_matte(run: Run) -> None:
    code, out, _ = run("segment", "shirt.png", "-o", "cut.png")
    assert code == 0
    assert "top" in out
    assert Image.open("cut.png").mode == "RGBA"
    assert Path("cut.matte.png").exists()


def test_config_show_is_taken_back(run: Run) -> None:
    _, shown, _ = run("config", "show", "--seed", "5")
    Path("mine.yaml").write_text(shown)
    assert run("config", "show", "--config", "mine.yaml")[1] == shown
    assert json.loads(run("config", "show", "--config", "mine.yaml", "--json")[1])["generate"]["seed"] == 5


@pytest.mark.parametrize("kind", ["castings", "scenes", "poses", "presets"])
def test_list_names_what_there_is(run: Run, kind: str) -> None:
    code, out, _ = run("list", kind, "--json")
    assert code == 0
    assert len(json.loads(out)) >= 2


def test_the_demos_photo_is_the_same_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "OVERSAMPLE", 1)
    photo = demo.draw()
    np.testing.assert_array_equal(photo, demo.draw())
    assert photo.shape == (demo.HEIGHT, demo.WIDTH, 3)


@pytest.mark.parametrize("size", ["small", pytest.param("whole", marks=pytest.mark.slow)])
def test_the_demo_writes_its_four_files_again_and_again(run: Run, size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if size == "small":
        monkeypatch.setattr(demo, "draw", tee)
        monkeypatch.setattr("pipeline.models.Models.figures", lambda self, progress: StickFigures())
    for _ in range(2):
        assert run("demo")[0] == 0
        assert sorted(path.name for path in Path("demo").iterdir()) == [
            "demo.json", "demo.mask.png", "demo.png", "photo.png",
        ]  # fmt: skip
    assert run("verify", "demo/demo.png", "--source", "demo/photo.png")[0] == 0
