"""How many photos a command has in hand: the GPU is not to wait for reading, nor readers for each other's cores."""

from typing import Any

import pytest
import torch

from pipeline import config
from pipeline.cli import loop
from pipeline.models import Models
from stages.errors import WeightsError
from tests.fakes import Ramp


class Batched(Ramp):
    def __init__(self, size: int) -> None:
        self.size = size

    def at_once(self) -> int:
        return self.size

    def many(self, *given: Any) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("painter", "where", "expected"),
    [
        (Batched(1), "cpu", 1),
        (Batched(1), "cuda", 2),
        (Batched(3), "cpu", 6),
        (Batched(4), "cuda", 8),
        (Ramp(), "cuda", 1),
    ],
)
def test_photos_are_read_ahead_where_that_takes_nothing_from_painting(
    painter: Ramp, where: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Models, "generator", lambda self, options: painter)
    monkeypatch.setattr("stages.generate.device.choose", lambda options: (torch.device(where), torch.float32))
    assert loop._threads(Models(), config.resolve()) == expected


def test_missing_weights_are_left_for_each_photo_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: Models, options: Any) -> None:
        raise WeightsError("missing")

    monkeypatch.setattr(Models, "generator", missing)
    assert loop._threads(Models(), config.resolve()) == 1
