"""What is placed carries its photo's profile in every task, so that whoever is handed it can convert its colours."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import config, flow
from stages import photo, verify, write
from stages.contracts import Photo, Placed
from stages.options import PhotoOptions
from tests.fakes import RampModels, profile, tee, trousers
from tests.pipeline.tasks.test_ghost import LINING, shirt

#: How each task is asked for.
TASKS: dict[str, dict[str, object]] = {
    "generate": {"task": "generate"},
    "generate, resampled": {"task": "generate", "place": {"size": "100x150"}},
    "generate, guided": {"task": "generate", "figure": {"figure": "guide"}},
    "background": {"task": "background"},
    "inpaint": {"task": "inpaint", "inpaint": {"box": "40,60,60,80"}, "fill": {"fill": "model"}},
    "outpaint": {"task": "outpaint", "outpaint": {"left": "30"}},
    "ghost": {"task": "ghost"},
}


@pytest.fixture
def placed(monkeypatch: pytest.MonkeyPatch) -> list[Placed]:
    """What runs place: as the painter is asked for what lies around it, and as it is proven."""
    found: list[Placed] = []

    def note(home: Any, name: str) -> None:
        own = getattr(home, name)

        def noting(*given: Any, **named: Any) -> Any:
            found.extend(each for each in given if isinstance(each, Placed))
            return own(*given, **named)

        monkeypatch.setattr(home, name, noting)

    note(flow, "request")
    note(verify, "verify")
    note(verify, "layer")
    return found


def read(pixels: np.ndarray, icc: str | None, name: str = "shirt.png") -> Photo:
    return photo.read(write.encode(pixels, profile(icc) if icc else None), PhotoOptions(), name)


def made(of: Photo, *others: Photo, **sections: object) -> flow.Product:
    flags = {"segment": {"segmenter": "finder", "garment": "top"}, "generate": {"steps": 1}, **sections}
    product = flow.produce(of, config.resolve("house", flags=flags), RampModels(), others=others)
    assert product.png is not None, product.receipt.failures
    assert write.profile(product.png) == of.icc
    return product


@pytest.mark.parametrize("task", TASKS)
def test_every_task_places_in_the_photos_profile(task: str, placed: list[Placed]) -> None:
    of = read(tee(width=120, height=150), "p3")
    made(of, **TASKS[task])
    assert [each.icc for each in placed] == [of.icc] * 2


def test_all_of_an_outfit_is_in_the_first_photos_profile(placed: list[Placed]) -> None:
    of, lower = read(tee(), "p3"), read(trousers(), "adobe", "lower.png")
    made(of, lower, outfit={"with": ["lower.png kind=bottom"]})
    assert [each.icc for each in placed] == [of.icc] * 2
    assert [layer.placed.icc for layer in placed[-1].layers] == [of.icc] * 2


@pytest.mark.parametrize("icc", [None, "p3"])
def test_a_ghosts_back_is_in_the_fronts_profile(icc: str | None, placed: list[Placed], tmp_path: Path) -> None:
    back = tmp_path / "back.png"
    back.write_bytes(write.encode(shirt(neck=0.17, colour=LINING), profile("adobe")))
    of = read(shirt(neck=0.3), icc)
    assert made(of, task="ghost", ghost={"back": str(back)}).joined is not None
    assert [each.icc for each in placed] == [of.icc] * 3
