"""No two threads build models at once: diffusers patches torch for the whole process while it builds one."""

import threading

import pytest

from pipeline.models import Models
from stages.find import finder
from stages.generate.device import BUILDING
from stages.options import SegmentOptions


def test_a_segmenter_waits_for_a_model_that_is_being_built(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []

    def load(options: SegmentOptions) -> object:
        other = threading.Thread(target=lambda: held.append(not BUILDING.acquire(blocking=False)))
        other.start()
        other.join()
        return object()

    monkeypatch.setattr(finder, "load", load)
    Models().segmenter(SegmentOptions(segmenter="finder"))
    assert held == [True]
