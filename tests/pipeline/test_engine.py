"""Files: all or none, never over the source, and the receipt beside a failed run alone."""

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from pipeline import config, engine
from stages import write
from stages.errors import ConfigError, OutputError, PhotoError
from tests.fakes import RampModels, tee

FAST = {"generate": {"steps": 1, "pixels": 64 * 96}}


@pytest.fixture
def shirt(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "shirt.png"
    path.parent.mkdir()
    path.write_bytes(write.encode(tee(), None))
    return path


def test_a_run_writes_what_its_receipt_names(shirt: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "picture.png"
    engine.run(shirt, out, config.resolve(flags={**FAST, "write": {"format": "jpg"}}), RampModels())
    receipt = json.loads(out.with_suffix(".json").read_text())
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "picture.jpg", "picture.json", "picture.mask.png", "picture.png",
    ]  # fmt: skip
    for part in ("output", "mask"):
        content = (out.parent / receipt[part]["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == receipt[part]["sha256"]
    assert receipt["source"]["sha256"] == hashlib.sha256(shirt.read_bytes()).hexdigest()
    assert receipt["schema"] == 1
    with Image.open(out) as picture:
        assert picture.size == (receipt["output"]["width"], receipt["output"]["height"])


def test_a_run_repeats_from_its_receipt(shirt: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    engine.run(shirt, first, config.resolve(flags={"generate": {**FAST["generate"], "seed": 9}}), RampModels())
    again = config.resolve(base=config.from_receipt(first.with_suffix(".json")))
    engine.run(shirt, second, again, RampModels())
    assert first.read_bytes() == second.read_bytes()


def test_existing_files_stand_unless_overwritten(shirt: Path, tmp_path: Path) -> None:
    out = tmp_path / "picture.png"
    out.with_suffix(".json").write_text("mine")
    for overwrite, said in ((False, "exists already"), (True, "was not written by onmodel")):
        with pytest.raises(OutputError, match=said):
            engine.run(shirt, out, config.resolve(flags=FAST), RampModels(), overwrite=overwrite)
        assert not out.exists()
        assert out.with_suffix(".json").read_text() == "mine"
    out.with_suffix(".json").unlink()
    first = engine.run(shirt, out, config.resolve(flags={**FAST, "write": {"format": "jpg"}}), RampModels())
    second = engine.run(shirt, out, config.resolve(flags={"generate": {"seed": 1}}), RampModels(), overwrite=True)
    assert first.output != second.output
    assert not out.with_suffix(".jpg").exists()  # it would stand beside a receipt that is not its own


def test_the_photo_is_never_overwritten(shirt: Path) -> None:
    before = shirt.read_bytes()
    with pytest.raises(OutputError, match="an input of this command"):
        engine.run(shirt, shirt, config.resolve(flags=FAST), RampModels(), overwrite=True)
    assert shirt.read_bytes() == before


def test_a_failed_run_leaves_its_receipt_alone(shirt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out" / "picture.png"
    engine.run(shirt, out, config.resolve(flags=FAST), RampModels())
    whole = write.encode
    monkeypatch.setattr("stages.write.encode", lambda picture, *rest: whole(picture // 2 * 2, *rest))
    engine.run(shirt, out, config.resolve(flags=FAST), RampModels(), overwrite=True)
    assert [path.name for path in out.parent.iterdir()] == ["picture.json"]
    assert json.loads(out.with_suffix(".json").read_text())["status"] == "failed"


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n broken"])
def test_bad_photos_leave_no_file(tmp_path: Path, content: bytes) -> None:
    bad, out = tmp_path / "bad.png", tmp_path / "out" / "x.png"
    bad.write_bytes(content)
    with pytest.raises(PhotoError):
        engine.run(bad, out, config.resolve(flags=FAST), RampModels())
    assert not out.parent.exists()


def test_cut_out_has_the_photos_core_and_no_backdrop(shirt: Path, tmp_path: Path) -> None:
    import numpy as np

    engine.cut(shirt, tmp_path / "cut.png", config.resolve(), RampModels())
    rgba = np.asarray(Image.open(tmp_path / "cut.png"))
    matte = np.asarray(Image.open(tmp_path / "cut.matte.png"))
    core = rgba[..., 3] == 255
    np.testing.assert_array_equal(rgba[core][:, :3], tee()[core])
    assert (rgba[rgba[..., 3] == 0] == 0).all()
    assert (matte[core] == 255).all()
    assert 0.2 < core.mean() < 0.6


def test_output_names() -> None:
    a, b = Path("in/a.jpg"), Path("in/b.jpg")
    assert engine.outputs([a], "out/x.png") == [Path("out/x.png")]
    assert engine.outputs([a], "out/") == [Path("out/a.png")]
    assert engine.outputs([a, b], "out") == [Path("out/a.png"), Path("out/b.png")]
    for photos, out in (([a], "x.jpg"), ([a, b], "x.png"), ([a], "out/\x1b.png"), ([a], "out/\udcff/")):
        with pytest.raises(ConfigError):
            engine.outputs(photos, out)


@pytest.mark.parametrize("pair", [("a.jpg", "other/a.png"), ("a.jpg", "A.png"), ("\u00e9.jpg", "e\u0301.jpg"),
                                  ("a.jpg", "a.mask.jpg")])  # fmt: skip
def test_two_photos_never_write_one_file(pair: tuple[str, str]) -> None:
    photos = [Path(each) for each in pair]
    with pytest.raises(ConfigError, match="would both write"):
        engine.check_apart(zip(photos, engine.outputs(photos, "out/"), strict=True), (".png", ".mask.png", ".json"))
