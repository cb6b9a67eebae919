"""Several pictures at once: each as it is alone, in one call of the model, and none lost for another."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stages.contracts import BatchGenerator, ModelCard, Plate, Prompt, Request
from stages.errors import NoPlateError
from stages.generate import batch, diffusion, memory
from stages.generate.weights import on_disk
from tests.stages.generate import models
from tests.stages.generate.models import KINDS, asked, load, paint, silent

SEEDS = [4, 9, 30]
#: In 8-bit levels: sums of other shapes are rounded otherwise.
ROUNDING = 1


def garments(**changed: object) -> list[Request]:
    """Returns three requests of one size for unlike garments, people and poses."""
    found = []
    for at, colour in enumerate(((200, 40, 40), (30, 160, 60), (20, 20, 20))):
        mask = np.full((96, 64), 255, np.uint8)
        mask[20 + 8 * at : 64, 16 : 40 + 8 * at] = 0
        control = np.zeros((96, 64, 3), np.uint8)
        control[:, 8 * at : 8 * at + 4] = 255
        image = np.where(mask[..., None] == 0, np.array(colour, np.uint8), np.uint8(128)).astype(np.uint8)
        prompt = Prompt("abcdefghi"[3 * at : 3 * at + 3] * 20, "blurry")
        found.append(asked(image=image, mask=mask, control=control, prompt=prompt, **changed))
    return found


def alone(generator: BatchGenerator, requests: list[Request]) -> list[Plate]:
    return [generator(request, seed, silent) for request, seed in zip(requests, SEEDS, strict=True)]


def assert_alike(found: list[Any], expected: list[Plate]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert np.abs(one.astype(int) - other.astype(int)).max() <= ROUNDING


class Widths:
    """Notes how many pictures the denoiser is given at each step; guidance doubles them."""

    def __init__(self, generator: diffusion.Diffusion) -> None:
        self.seen: list[int] = []
        denoiser = getattr(generator._pipe, generator._family.denoiser)
        denoiser.register_forward_pre_hook(lambda _module, given: self.seen.append(len(given[0])))


@pytest.mark.sampled
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("klein", "qwen")])
def test_each_of_several_garments_is_painted_as_it_is_alone(folder: Path, kind: str) -> None:
    generator = KINDS[kind](folder)
    requests = garments()
    expected = alone(generator, requests)
    generator._most = 3
    widths = Widths(generator)
    steps: list[tuple[int, int]] = []
    found = generator.many(requests, SEEDS, lambda done, total: steps.append((done, total)))
    assert_alike(found, expected)
    assert widths.seen == [6, 6]
    assert steps == [(3, 6), (6, 6)]


def test_only_as_many_as_asked_for_are_painted_at_once(folder: Path) -> None:
    generator = load(folder, batch=2)
    assert generator.at_once() == 2
    widths = Widths(generator)
    steps: list[tuple[int, int]] = []
    generator.many(garments(), SEEDS, lambda done, total: steps.append((done, total)))
    assert widths.seen == [4, 4, 2, 2]
    assert steps == [(2, 6), (4, 6), (5, 6), (6, 6)]
    for chosen in (models.options(folder, batch=0), models.options(folder)):  # on a CPU; nothing is loaded to tell
        assert diffusion.Diffusion(chosen, on_disk).at_once() == 1


@pytest.mark.sampled
@pytest.mark.parametrize("kind", ["klein", "qwen"])
def test_pipelines_that_take_one_prompt_alone_are_called_once_a_picture(folder: Path, kind: str) -> None:
    paint = {"klein": models.klein, "qwen": models.qwen}[kind]
    for asked_for in (0, 3):
        generator = paint(folder, batch=asked_for)
        assert generator.at_once() == 1
    found = generator.many(garments(), SEEDS, silent)
    assert_alike(found, alone(generator, garments()))


def test_requests_of_other_sizes_and_settings_go_apart_and_keep_their_order(folder: Path) -> None:
    generator = load(folder, batch=8)
    requests = garments()
    requests[1] = asked(mask=np.full((64, 64), 255, np.uint8), image=np.zeros((64, 64, 3), np.uint8),
                        control=np.zeros((64, 64, 3), np.uint8))  # fmt: skip
    widths = Widths(generator)
    found = generator.many(requests, SEEDS, silent)
    assert widths.seen == [4, 4, 2, 2]
    assert_alike(found, alone(generator, requests))
    assert batch.alike([asked(), asked(steps=3), asked(), asked(guidance=5.0)]) == [[0, 2], [1], [3]]


@pytest.mark.thorough
def test_pictures_of_one_person_go_together_and_of_others_apart(folder: Path) -> None:
    generator = load(
        folder, batch=4, identity="identity/adapter.safetensors", identity_encoder="identity/image_encoder"
    )
    ana, ben = np.random.default_rng(0).integers(0, 255, (2, 40, 30, 3), np.uint8)
    shown = ((ana,), (ben,), (ana.copy(),), (ana, ben))
    requests = [asked(references=references) for references in shown]
    seeds = [1, 1, 2, 1]
    expected = [generator(request, seed, silent) for request, seed in zip(requests, seeds, strict=True)]
    widths = Widths(generator)
    found = generator.many(requests, seeds, silent)
    assert widths.seen == [4, 4, 2, 2, 2, 2]
    assert_alike(found, expected)
    one, other = found[:2]
    assert isinstance(one, np.ndarray)
    assert isinstance(other, np.ndarray)
    assert np.abs(one.astype(int) - other.astype(int)).max() > 10


def test_when_memory_runs_out_half_as_many_are_painted_and_no_finished_one_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = load(folder, batch=4)
    requests, seeds = [*garments(), asked()], [*SEEDS, 2]
    expected = [generator(request, seed, silent) for request, seed in zip(requests, seeds, strict=True)]
    sizes: list[int] = []
    real = diffusion.Diffusion._paint

    def crowded(self: diffusion.Diffusion, asked_for: list[Request], *given: Any) -> Any:
        sizes.append(len(asked_for))
        if len(asked_for) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, asked_for, *given)

    monkeypatch.setattr(diffusion.Diffusion, "_paint", crowded)
    found = generator.many(requests, seeds, silent)
    assert sizes == [4, 2, 1, 1, 1, 1]
    assert generator.rung == "whole"
    assert generator.at_once() == 1
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.thorough
def test_one_without_a_plate_costs_none_of_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = load(folder, batch=3)
    expected = alone(generator, garments())
    monkeypatch.setattr(generator._pipe, "run_safety_checker", lambda pictures, *_: (pictures, [False, True, False]))
    first, second, third = generator.many(garments(), SEEDS, silent)
    assert isinstance(second, NoPlateError)
    assert "safety checker" in str(second)
    assert_alike([first, third], [expected[0], expected[2]])
    monkeypatch.undo()
    real = diffusion.Diffusion._paint

    def heavy(self: diffusion.Diffusion, asked_for: list[Request], *given: Any) -> Any:
        if len(asked_for) > 1 or asked_for[0].prompt.positive.endswith("f"):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, asked_for, *given)

    monkeypatch.setattr(diffusion.Diffusion, "_paint", heavy)
    first, second, third = generator.many(garments(), SEEDS, silent)
    assert isinstance(second, NoPlateError)
    assert "not enough memory" in str(second)
    assert_alike([first, third], [expected[0], expected[2]])


def test_candidates_at_once_share_what_is_encoded(folder: Path) -> None:
    generator = load(folder, batch=3)
    calls: list[str] = []
    generator._pipe.text_encoder.register_forward_hook(lambda *given: calls.append("text"))
    generator._pipe.vae.encoder.register_forward_hook(lambda *given: calls.append("vae"))
    found = generator.many([asked()] * 3, SEEDS, silent)
    assert sorted(calls) == ["text", "text", "vae"]
    assert_alike(found, [paint(generator, seed) for seed in SEEDS])
    assert sorted(calls) == ["text", "text", "vae"]


def test_as_many_as_free_memory_holds_are_painted_at_once() -> None:
    pixels, itemsize = 512 * 768, 2
    found = [memory.together(pixels, itemsize, gigabytes * 10**9) for gigabytes in (0, 2, 4, 80)]
    assert found == sorted(found)
    assert found[0] == 1
    assert found[-1] == memory.MOST
    assert memory.together(1024 * 1024, itemsize, 6 * 10**9) < memory.together(pixels, itemsize, 6 * 10**9)


def test_on_a_gpu_the_rest_of_its_memory_decides(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator, frugal = load(folder, batch=0), load(folder, batch=0)
    frugal.rung = "model"
    monkeypatch.setattr("stages.generate.device.choose", lambda options: (torch.device("cuda"), torch.float16))
    monkeypatch.setattr(memory, "free", lambda where: 80 * 10**9)
    assert generator.at_once() == memory.MOST
    assert frugal.at_once() == 1


def test_a_generator_of_one_paints_one_after_another() -> None:
    class Counts:
        cards: tuple[ModelCard, ...] = ()
        multiple, pixels = 8, 64

        def __call__(self, request: Request, seed: int, progress: Any) -> Plate:
            if seed == 9:
                raise NoPlateError("held back")
            progress(1, 2)
            progress(2, 2)
            return np.full((2, 2, 3), seed, np.uint8)

    steps: list[tuple[int, int]] = []
    found = batch.many(Counts(), [asked()] * 3, SEEDS, lambda done, total: steps.append((done, total)))
    assert [getattr(each, "max", lambda: None)() for each in found] == [4, None, 30]
    assert steps == [(1, 6), (2, 6), (5, 6), (6, 6)]
