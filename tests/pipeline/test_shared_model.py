"""What pictures of one process share: a tiny Stable Diffusion, loaded once, while the first photo is read."""

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline import config, engine, flow
from pipeline.cli import main
from pipeline.collection.run import run as run_collection
from pipeline.config import Config
from pipeline.models import Models
from stages import photo, write
from stages.generate import diffusion
from tests import tiny
from tests.fakes import tee
from tests.pipeline.collection.rows import options as run_options

pytestmark = pytest.mark.usefixtures("stick_figures")

COLOURS = ((150, 40, 60), (20, 90, 60))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Options that name a tiny model."""
    root = tmp_path_factory.mktemp("model")
    named = {"model": str(tiny.sd(root)), "controlnet": str(tiny.controlnet(root / "pose"))}
    alone = {"reseed": 0, "detail": False}  # one painting a picture
    return {**named, **alone, "pixels": 64 * 96, "steps": 2, "device": "cpu", "dtype": "float32"}


@pytest.fixture
def shirts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Photos of unlike shirts in the working directory, and small.yaml beside them."""
    monkeypatch.chdir(tmp_path)
    for at, colour in enumerate(COLOURS):
        Path(f"{at}.png").write_bytes(write.encode(tee(colour=colour), None))
    return [f"{at}.png" for at in range(len(COLOURS))]


def settings(model: dict[str, Any], **changed: Any) -> Config:
    flags = {"generate": {**model, **changed}, "place": {"size": "256x384"}, "segment": {"segmenter": "finder"}}
    return config.resolve(flags=flags)


@pytest.fixture
def widths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures each call of the model painted."""
    seen: list[int] = []
    paint = diffusion.Diffusion._paint

    def noted(self: diffusion.Diffusion, requests: Any, *given: Any) -> Any:
        seen.append(len(requests))
        return paint(self, requests, *given)

    monkeypatch.setattr(diffusion.Diffusion, "_paint", noted)
    return seen


def pixels(path: str) -> Any:
    return np.asarray(Image.open(path)).astype(int)


def test_the_model_loads_while_the_photo_is_read_and_cut(
    model: dict[str, Any], shirts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Building waits until the photo is cut: were it waited for first, neither would ever end."""
    done: list[str] = []
    cut = threading.Event()
    build, read = diffusion.Diffusion._build, photo.read
    found = flow.produce

    def built(self: diffusion.Diffusion) -> Any:
        done.append("loading begins")
        assert cut.wait(60)
        return build(self)

    def was_read(*given: Any) -> Any:
        done.append("read")
        return read(*given)

    def produced(*given: Any, report: Any, **named: Any) -> Any:
        def reported(stage: str, at: int, total: int) -> None:
            if (stage, at) == ("segment", 1):
                done.append("cut")
                cut.set()

        return found(*given, report=reported, **named)

    monkeypatch.setattr(diffusion.Diffusion, "_build", built)
    monkeypatch.setattr(photo, "read", was_read)
    monkeypatch.setattr(engine, "produce", produced)
    receipt = engine.run(Path(shirts[0]), Path("out.png"), settings(model), Models())
    assert receipt.status == "ok"
    assert sorted(done) == ["cut", "loading begins", "read"]


def test_later_pictures_load_nothing_encode_no_prompt_and_move_no_weight(
    model: dict[str, Any], shirts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    models, asked = Models(), settings(model)
    happened: list[str] = []

    def counted(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def called(*given: Any, **named: Any) -> Any:
            happened.append(name)
            return real(*given, **named)

        monkeypatch.setattr(owner, name, called)

    counted(diffusion.Diffusion, "_build")
    counted(diffusion.Diffusion, "_encode_prompt")
    engine.run(Path(shirts[0]), Path("0-out.png"), asked, models)
    assert happened == ["_build", "_encode_prompt"]
    painter: Any = models.generator(asked.generate)
    weights = [weight for part in painter._pipe.components.values() if isinstance(part, torch.nn.Module)
               for weight in part.parameters()]  # fmt: skip
    at = [weight.data_ptr() for weight in weights]
    counted(torch.nn.Module, "to")
    counted(diffusion.Diffusion, "_let_go")
    for name in shirts[1:]:
        receipt = engine.run(Path(name), Path(f"{name[0]}-out.png"), asked, models)
        assert receipt.seconds["generate.load"] + receipt.seconds["generate.prompt"] < receipt.seconds["generate.steps"]
    assert happened == ["_build", "_encode_prompt"]
    assert [weight.data_ptr() for weight in weights] == at


def test_each_weight_is_brought_to_its_device_once(model: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[int] = []
    real = torch.nn.Module.to

    def noted(self: torch.nn.Module, *given: Any, **named: Any) -> Any:
        device, *_ = torch._C._nn._parse_to(*given, **named)
        if device is not None:
            moved.extend(id(weight) for weight in self.parameters())
        return real(self, *given, **named)

    monkeypatch.setattr(torch.nn.Module, "to", noted)
    painter: Any = Models().generator(settings(model).generate)
    painter.wait()
    assert len(moved) == len(set(moved)) > 100


@pytest.mark.thorough
def test_the_command_paints_as_many_together_as_it_is_told(
    model: dict[str, Any], shirts: list[str], widths: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.batch_queue.MAX_WAIT", 60.0)
    Path("small.yaml").write_text(json.dumps({"generate": model}))

    def typed(out: str, *more: str) -> None:
        words = ["generate", *shirts, "-o", out, "--config", "small.yaml", "--size", "256x384", *more]
        monkeypatch.setattr("sys.argv", ["onmodel", *words])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code

    typed("alone/")
    assert widths == [1, 1]
    typed("two/", "--batch", "2")
    assert widths[2:] == [2]
    for name in shirts:
        assert np.abs(pixels(f"two/{name}") - pixels(f"alone/{name}")).max() <= 4
        assert json.loads(Path(f"two/{name[0]}.json").read_text())["kept"]["changed"] == 0


def test_rows_of_a_collection_are_painted_together(
    model: dict[str, Any], shirts: list[str], widths: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.batch_queue.MAX_WAIT", 60.0)
    rows = [{"id": f"r{name[0]}", "photo": name, "seed": 7} for name in shirts]
    shared = {"generate": model, "size": "256x384", "segmenter": "finder"}

    def ran(out: str, batch: int) -> None:
        Path("m.yaml").write_text(json.dumps({"defaults": {**shared, "batch": batch}, "rows": rows}))
        tally = run_collection("m.yaml", out, run_options(ahead=2), None, Models, lambda *given: None)
        assert (tally.done, tally.failed) == (2, 0)

    ran("alone", 1)
    assert widths == [1, 1]
    ran("two", 2)
    assert widths[2:] == [2]
    for row in rows:
        difference = np.abs(pixels(f"two/{row['id']}.png") - pixels(f"alone/{row['id']}.png"))
        assert difference.max() <= 4
        kept = np.asarray(Image.open(f"two/{row['id']}.mask.png")) == 0
        assert kept.any()
        assert not difference[kept].any()
