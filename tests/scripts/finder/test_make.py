"""What one command makes is a function of its seed, however often it was stopped; no mask found wrong by eye counts."""

import csv
import hashlib
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from scripts.finder import draw, learn, make, teacher
from scripts.finder.evaluate import evaluate
from scripts.finder.judge import FAULTS, by_eye
from scripts.finder.sellers import CLASSES, listed, mask_of, read_mask
from stages.find.network import load
from tests.stages.find.drawn import draw as garment
from tests.stages.find.test_onnx import network


class Killed(BaseException):
    """Stands for the signal that ends a process wherever it is."""


@pytest.fixture
def sellers(tmp_path: Path) -> Path:
    """Six photos to train with and one to measure, each with its mask but for the last of either."""
    for split, count in (("train", 6), ("validation", 1)):
        for number in range(count):
            drawn = garment(height=96, seed=number, colour=(200, 30, 30 + 20 * number))
            photo = tmp_path / "sellers" / split / "t-shirt" / f"{number}.jpg"
            mask = mask_of(photo, tmp_path / "sellers" / "masks")
            for path, picture in ((photo, drawn.pixels[..., ::-1]), (mask, np.rint(255 * drawn.matte))):
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), picture.astype(np.uint8))
    mask_of(tmp_path / "sellers" / "train" / "t-shirt" / "5.jpg", tmp_path / "sellers" / "masks").unlink()
    return tmp_path / "sellers"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three drawn photos in a file, a state after every step, and nothing measured but the sellers' photos."""
    monkeypatch.setattr(draw, "CHUNK", 3)
    monkeypatch.setattr(learn, "SAVE_MINUTES", 0)
    monkeypatch.setattr(make, "evaluate", partial(evaluate, count=0))


def made(sellers: Path, work: Path, seed: int = 1) -> Path:
    return make.make(sellers, work, None, None, "64:2:2,96:2:2", 6, seed)


def digests(work: Path) -> dict[str, str]:
    """Returns what lies in a folder, but for the log and for the time in the table."""
    found = {
        str(path.relative_to(work)): path.read_bytes()
        for path in sorted(work.rglob("*"))
        if path.suffix in (".npz", ".safetensors")
    }
    lines = (work / "table.md").read_text().splitlines()
    found["table"] = "\n".join(each for each in lines if "| time |" not in each).encode()
    return {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}


@pytest.mark.thorough
def test_killed_at_every_file_it_makes_the_same(
    sellers: Path, tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = made(sellers, tmp_path / "whole")
    load("cpu", packed)
    replace, calls = Path.replace, 0

    def flaky(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls % 2 == 0:
            raise Killed
        return replace(self, target)

    kills = 0
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", flaky)
        while True:
            try:
                made(sellers, tmp_path / "killed")
            except Killed:
                kills += 1
            else:
                break
    assert kills > 8
    whole = digests(tmp_path / "whole")
    assert len(whole) == 5
    assert digests(tmp_path / "killed") == whole
    # Nothing is done again, and nothing is lost.
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: pytest.fail("a finished step was done again"))
        assert made(sellers, tmp_path / "whole") == packed


def test_a_folder_of_other_settings_is_refused(sellers: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "settings.json").write_text('{"seed": 2}')
    with pytest.raises(ValueError, match="was begun with"):
        made(sellers, tmp_path / "work")
    with pytest.raises(ValueError, match="holds no train"):
        made(tmp_path / "elsewhere", tmp_path / "other")
    assert not (tmp_path / "other").exists()


class Tiny(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Conv2d(4, 1, 3))

    def forward(self, seen: Tensor) -> Tensor:
        answer: Tensor = self.layers(seen)
        return answer


def trained(state: Path, seed: int, stop: int | None = None) -> dict[str, Tensor]:
    def batch(step: int) -> Tensor:
        if step == stop:
            raise Killed
        return torch.from_numpy(np.random.default_rng((seed, step)).random((2, 1, 8, 8), np.float32))

    def losses(model: nn.Module, given: Tensor) -> dict[str, Tensor]:
        return {"all": model(given).float().square().mean()}

    torch.manual_seed(seed)
    model = Tiny()
    groups: list[dict[str, Any]] = [{"params": list(model.parameters()), "weight_decay": 0.1, "peak": 0.01}]
    made = learn.learn(model, groups, batch, losses, steps=9, seed=seed, state=state, log=lambda _: None)
    return dict(made.state_dict())


def test_training_goes_on_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "SAVE_MINUTES", 0)
    whole = trained(tmp_path / "whole.pt", 4)
    for stop in (2, 3, 7):
        with pytest.raises(Killed):
            trained(tmp_path / "killed.pt", 4, stop)
    killed, other = trained(tmp_path / "killed.pt", 4), trained(tmp_path / "other.pt", 5)
    assert all(torch.equal(killed[name], value) for name, value in whole.items())
    assert not torch.equal(other["layers.0.weight"], whole["layers.0.weight"])


def test_only_what_has_no_mask_is_given_one_by_the_teacher(sellers: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    masks = tmp_path / "masks"
    teacher.masks(sellers, masks, network(tmp_path / "isnet.onnx"), lambda _: None)
    (path,) = masks.rglob("*.png")
    assert path == masks / "train" / "t-shirt" / "5.png"
    drawn = garment(height=96, seed=5, colour=(200, 30, 130))
    found = read_mask(path) > 127
    assert (found & (drawn.matte > 0.5)).sum() / (found | (drawn.matte > 0.5)).sum() > 0.9
    assert all(each.mask for each in listed(sellers, "train", masks))


def test_verdicts_by_eye_are_well_formed_and_leave_masks_out(sellers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FAULTS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["name"] for row in rows}) == len(rows)
    assert all(row["name"].split("/")[0] in CLASSES for row in rows)
    assert {row["wrong"] for row in rows} == {"mask", "cut", "both", "neither"}
    assert all(row["why"] for row in rows if row["wrong"] != "neither")
    wrong = [name for name, verdict in by_eye().items() if verdict != "right"]
    assert len(wrong) == sum(row["wrong"] in ("mask", "both") for row in rows)
    judged = {"t-shirt/0": by_eye()[wrong[0]]}
    rows_of = dict(evaluate(Path("stages/find/weights/finder.safetensors"), sellers, None, judged, count=0))
    assert "sellers' photos, 0 with right masks" in rows_of
