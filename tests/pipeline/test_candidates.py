"""Candidates that were painted are never lost, and the receipt says where the painter's time went."""

import pytest

from pipeline import config
from pipeline.flow import produce
from pipeline.models import Models
from stages import photo, write
from stages.contracts import Plate, Progress, Request
from stages.errors import NoPlateError
from stages.options import GenerateOptions, PhotoOptions
from tests.fakes import Ramp, tee

pytestmark = pytest.mark.usefixtures("stick_figures")


class Failing(Ramp):
    """A ramp that fails for some seeds and times itself."""

    def __init__(self, seeds: set[int]) -> None:
        self.seeds = seeds
        self.seconds = {"steps": 5.0}

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        if seed in self.seeds:
            raise NoPlateError("held back")
        self.seconds["steps"] += 0.25
        return super().__call__(request, seed, progress)


class FailingModels(Models):
    def __init__(self, seeds: set[int]) -> None:
        super().__init__()
        self.painter = Failing(seeds)

    def generator(self, options: GenerateOptions) -> Failing:
        return self.painter


def run(seeds: set[int], candidates: int = 3) -> dict[str, object]:
    garment = photo.read(write.encode(tee(), None), PhotoOptions())
    settings = config.resolve(flags={"generate": {"steps": 1, "candidates": candidates, "seed": 4}})
    return produce(garment, settings, FailingModels(seeds)).receipt.model_dump()


@pytest.mark.sampled
@pytest.mark.parametrize("seeds", [{4}, {5, 6}, {4, 6}])
def test_one_that_fails_costs_none_of_the_others(seeds: set[int]) -> None:
    assert run(seeds)["seed"] in {4, 5, 6} - seeds


def test_if_all_fail_the_run_does() -> None:
    with pytest.raises(NoPlateError, match="held back"):
        run({4, 5, 6})


def test_the_receipt_says_where_painting_spent_its_time() -> None:
    seconds = run(set(), candidates=2)["seconds"]
    assert isinstance(seconds, dict)
    assert seconds["generate.steps"] == 0.5
    whole = sum(each for name, each in seconds.items() if name != "total" and "." not in name)
    assert seconds["total"] == pytest.approx(whole, abs=0.01)
