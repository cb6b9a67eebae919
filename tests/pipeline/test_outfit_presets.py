"""An outfit painted by each family of models: every garment exact, put back at every step, on one guided person."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline import config, engine
from pipeline.models import Models
from pipeline.proof import prove
from stages import write
from stages.contracts import Progress, Request
from stages.generate import diffusion, known
from stages.generate.families import FAMILIES
from tests.fakes import StickFigures, sneakers, tee, trousers

pytestmark = pytest.mark.sampled

#: One of each family.
PRESETS = ["sd15", "sdxl", "sdxl-union", "zimage", "klein", "qwen"]
PHOTOS = {"top": tee, "trousers": trousers, "shoes": sneakers}
WIDTH, HEIGHT, STEPS = 256, 384, 3


class GuidedModels(Models):
    """The real models but for the figure."""

    def figures(self, progress: Progress) -> StickFigures:
        return StickFigures()


@dataclass
class Run:
    """One run's picture, its receipt, what was asked for, and the latents after each step, with what is known."""

    output: Path
    requests: list[Request] = field(default_factory=list)
    steps: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def receipt(self) -> Any:
        return json.loads(self.output.with_suffix(".json").read_text())

    @property
    def whose(self) -> np.ndarray[Any, Any]:
        return np.asarray(Image.open(self.output.with_suffix(".garments.png")))


@pytest.fixture(scope="module", params=PRESETS)
def run(request: pytest.FixtureRequest, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp(request.param)
    for name, draw in PHOTOS.items():
        (folder / f"{name}.png").write_bytes(write.encode(draw(), None))
    small = {
        "pixels": WIDTH * HEIGHT,
        "device": "cpu",
        "dtype": "float32",
        "steps": STEPS,
        "detail": False,
        "reseed": 0,
    }
    flags = {
        "segment": {"segmenter": "finder", "garment": "top"},
        "generate": small,
        "place": {"size": f"{WIDTH}x{HEIGHT}"},
        "outfit": {"with": [f"{folder}/trousers.png kind=bottom", f"{folder}/shoes.png kind=shoes"]},
    }
    made = Run(folder / "outfit.png")
    paint, put_back = diffusion.Diffusion._paint, known.Known.__call__

    def painted(self: diffusion.Diffusion, requests: list[Request], *given: Any) -> Any:
        made.requests += requests
        return paint(self, requests, *given)

    def noted(self: known.Known, pipe: Any, step: int, latents: Any) -> Any:
        found = put_back(self, pipe, step, latents)
        made.steps.append((found.clone(), self.at(pipe, step + 1).clone()))
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
        patched.setattr(diffusion.Diffusion, "_paint", painted)
        patched.setattr(known.Known, "__call__", noted)
        engine.run(folder / "top.png", made.output, config.resolve(request.param, flags=flags), GuidedModels())
    return made


@pytest.mark.sampled
def test_every_garment_is_proven(run: Run) -> None:
    assert run.receipt["status"] == "ok"
    assert [each["kind"] for each in run.receipt["layers"]] == ["shoes", "shoes", "bottom", "top"]
    proof = prove(run.output, [run.output.parent / f"{name}.png" for name in PHOTOS])
    assert (proof.failures, proof.changed) == ((), 0)


@pytest.mark.sampled(2)
def test_the_model_is_shown_every_garment_as_kept(run: Run) -> None:
    (asked,) = run.requests
    height, width = asked.mask.shape
    if asked.drawn is not None:
        kept = asked.mask == 0
        np.testing.assert_array_equal(asked.drawn[kept], asked.image[kept])
    picture = np.asarray(Image.open(run.output).convert("RGB"))
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA).astype(int)
    for number in range(1, len(run.receipt["layers"]) + 1):
        # A pixel further in, so that no pixel of the model's lies partly outside.
        inside = cv2.erode((run.whose == number).astype(np.uint8), np.ones((5, 5), np.uint8))
        own = cv2.resize(255 * inside, (width, height), interpolation=cv2.INTER_AREA) == 255
        assert own.any()
        assert (asked.mask[own] == 0).all()
        assert np.abs(asked.image.astype(int) - small)[own].max() <= 2
    assert (asked.mask == 255).any()


@pytest.mark.sampled(2)
def test_one_person_is_shown_in_all_garments(run: Run) -> None:
    (asked,) = run.requests
    receipt = run.receipt
    preset = receipt["config"]["preset"]
    height, width = asked.mask.shape
    joints = np.array(receipt["skeleton"])[:14] * (width / WIDTH, height / HEIGHT, 1)
    assert (joints[[0, 9, 10, 12, 13], 2] > 0).all()  # nose, knees and ankles
    feet = run.whose == 1
    feet |= run.whose == 2
    assert joints[[10, 13], 1].max() * HEIGHT / height > np.nonzero(feet)[0].min() - 0.1 * HEIGHT
    at = np.clip(np.rint(joints[:, :2]).astype(int), 0, (width - 1, height - 1))
    if preset in ("sd15", "sdxl", "sdxl-union"):
        assert (asked.control[at[:, 1], at[:, 0]].max(axis=1) > 0).all()
        shown = asked.depth
    elif preset == "zimage":
        shown = asked.control
    elif preset == "klein":
        shown = asked.drawn
    else:
        shown = asked.image
    assert shown is not None
    shins = np.rint((joints[[9, 12], :2] + joints[[10, 13], :2]) / 2).astype(int)
    # A picture to start from shows trousers there; depth and references show the person below them.
    places = [at[0]] if preset == "qwen" else [at[0], *shins]
    beside = shown[height // 2, 2].astype(int)
    for x, y in places:
        assert np.abs(shown[y, x].astype(int) - beside).max() > 20


@pytest.mark.sampled(2)
def test_every_garment_is_put_back_after_every_step(run: Run) -> None:
    (asked,) = run.requests
    family = FAMILIES[run.receipt["config"]["generate"]["family"]]
    if family.denoiser == "unet" and run.receipt["config"]["preset"] != "sdxl-union":
        assert run.steps == []  # they were trained on what is kept, as further channels
        return
    cell = family.latents.cell if family.multiple == 8 else 16
    height, width = asked.mask.shape
    kept = (asked.mask == 0).reshape(height // cell, cell, width // cell, cell).all(axis=(1, 3))
    layers = cv2.resize(run.whose, (width, height), interpolation=cv2.INTER_NEAREST)[
        cell // 2 :: cell, cell // 2 :: cell
    ]
    assert {3, 4} <= set(layers[kept])  # trousers and top
    assert len(run.steps) >= STEPS - 1
    for found, expected in run.steps:
        gap = np.abs((found - expected).float().numpy())
        if found.ndim == 3:
            gap = gap[0].max(axis=1).reshape(kept.shape)
        else:
            gap = gap[0].max(axis=0)
            gap = gap.reshape(kept.shape[0], gap.shape[0] // kept.shape[0], kept.shape[1], -1).max(axis=(1, 3))
        assert gap[kept].max() < 1e-6
    assert gap[~kept].max() > 0.01
