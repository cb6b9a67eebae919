"""A worker: the real flow with shared cut-outs, models that take turns, small pictures that show what was placed."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.collection import worker
from pipeline.collection.cache import CutoutCache
from pipeline.collection.run import run as run_collection
from pipeline.proof import prove
from pipeline.receipt import Place
from pipeline.shared_models import SharedModels
from stages import photo as photos
from stages import write
from stages.contracts import PromptedSegmenter
from stages.options import PhotoOptions
from tests import pictures
from tests.fakes import Depth, RampModels, tee
from tests.pipeline.collection.rows import options


def test_the_real_flow_makes_pictures_that_verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tee.png").write_bytes(write.encode(tee(120, 150), None))
    (tmp_path / "m.csv").write_text("id,photo,seed,steps,generate.pixels\na,tee.png,1,1,6144\nb.v2,tee.png,2,1,6144\n")
    cut: list[str] = []
    keep = CutoutCache._keep
    monkeypatch.setattr(worker, "THUMB", 100)

    def kept(self: CutoutCache, key: str, packed: Any) -> None:
        cut.append(key)
        keep(self, key, packed)

    monkeypatch.setattr(CutoutCache, "_keep", kept)
    out = tmp_path / "out"
    given = options(cache=tmp_path / "cache", cache_gb=1)
    assert run_collection(str(tmp_path / "m.csv"), str(out), given, None, RampModels).exit_code == 0
    assert len(cut) == 1
    for name in ("a", "b.v2"):
        assert not prove(out / f"{name}.png", tmp_path / "tee.png").failures
        assert json.loads((out / f"{name}.json").read_text())["collection"]["id"] == name
    assert (out / "a.png").read_bytes() != (out / "b.v2.png").read_bytes()
    shown = [pictures.read(out / ".onmodel" / f"a.{kind}.jpg") for kind in ("before", "after")]
    whole = pictures.read(out / "a.png")
    assert max(shown[0].shape) == max(shown[1].shape) == 100
    shrunk = cv2.resize(whole, shown[1].shape[1::-1], interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(shrunk - shown[1]).mean() < 4


class Counted:
    """A segmenter that may be prompted, and counts who calls it at the same time."""

    name = "counted"
    card = None

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.threads: set[int] = set()

    def __call__(self, picture: Any) -> Any:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.threads.add(threading.get_ident())
        threading.Event().wait(0.002)
        self.inside -= 1
        return picture

    def prompted(self, picture: Any, prompts: Any) -> Any:
        return self(picture), prompts


def test_models_take_turns_and_are_loaded_once() -> None:
    loaded: list[Counted] = []

    class Lazy:
        def segmenter(self, options: Any) -> Counted:
            if not loaded:
                threading.Event().wait(0.01)
                loaded.append(Counted())
            return loaded[0]

    models: Any = SharedModels(Lazy())  # type: ignore[arg-type]

    def ask(number: int) -> Any:
        return models.segmenter(None)(number)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(30))) == list(range(30))
    (only,) = loaded
    assert only.most == 1
    assert len(only.threads) == 1
    turn = models.segmenter(None)
    assert isinstance(turn, PromptedSegmenter)
    prompted: Any = turn.prompted
    assert prompted(3, "here") == (3, "here")
    assert len(only.threads) == 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_small_photo_lies_where_it_was_placed(dtype: Depth) -> None:
    whole = np.iinfo(dtype).max
    white: np.ndarray = np.full((100, 80, 3), whole, dtype)
    source = photos.read(write.encode(white, None), PhotoOptions(), "a.png")
    small = np.asarray(worker.before(source, Place(x=-40, y=600, scale=2.0, resample="area"), 512, (256, 384)))
    assert small.shape == (384, 256, 3)
    assert (small[301:383, 0:59] == 255).all()
    assert (small[:299] == 128).all()
    assert (small[:, 61:] == 128).all()
