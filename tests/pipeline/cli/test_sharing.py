"""One call over many formats or scenes: weights are read once, the subject is found once, a picture is encoded once."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import pytest

from pipeline.cli import main
from pipeline.tasks import outpaint
from stages import find, write
from stages.find import people as subject
from stages.generate import diffusion
from tests import tiny
from tests.fakes import tee

Run = Callable[..., Counter[str]]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("weights")
    settings = {
        "model": str(tiny.sd(root / "sd")), "controlnet": str(tiny.controlnet(root / "pose")),
        "pixels": 64 * 96, "steps": 1, "device": "cpu", "dtype": "float32", "reseed": 0,
    }  # fmt: skip
    (root / "tiny.yaml").write_text(json.dumps({"generate": settings}))
    return root / "tiny.yaml"


@pytest.fixture
def run(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs one command line, with the real loader and segmenter; gives how often each was called."""
    monkeypatch.chdir(tmp_path)
    Path("shirt.png").write_bytes(write.encode(tee(width=120, height=150), None))
    calls: Counter[str] = Counter()

    def counted(owner: Any, name: str, what: str) -> None:
        own = getattr(owner, name)

        def call(*given: Any, **named: Any) -> Any:
            calls[what] += 1
            return own(*given, **named)

        monkeypatch.setattr(owner, name, call)

    counted(diffusion, "load", "load")
    counted(diffusers.AutoencoderKL, "from_pretrained", "weights")
    counted(diffusers.AutoencoderKL, "encode", "encode")
    counted(subject.Subject, "__call__", "subject")
    counted(find, "subject", "cut")
    counted(outpaint, "plain", "plain")

    def typed(*words: str) -> Counter[str]:
        calls.clear()
        monkeypatch.setattr("sys.argv", ["onmodel", *words, "--config", str(weights), "-q"])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        return Counter(calls)

    return typed


def test_five_formats_load_the_model_once_and_look_for_no_subject(run: Run) -> None:
    one = run("outpaint", "shirt.png", "-o", "one.png", "--left", "30", "--fill", "model")
    five = run("outpaint", "shirt.png", "-o", "out/", "--aspect", "1:1,4:5,9:16,16:9,3:1", "--fill", "model")
    assert len(list(Path("out").glob("*.json"))) == 5
    for calls in (one, five):
        assert calls["load"] == calls["weights"] == 1
        # All of the photo is kept: nothing has to be found in it.
        assert calls["cut"] == calls["subject"] == 0


@pytest.mark.thorough
def test_a_campaign_finds_and_encodes_its_subject_once(run: Run) -> None:
    one = run("background", "shirt.png", "-o", "one.png", "--scene", "beach")
    three = run("background", "shirt.png", "-o", "out/", "--scene", "beach,street,garden")
    assert len(list(Path("out").glob("*.json"))) == 3
    assert one["encode"] > 0
    assert three == one
    assert three["load"] == three["weights"] == three["cut"] == three["subject"] == 1
