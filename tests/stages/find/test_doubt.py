"""What no body wears is refused where the network is sure, and doubted where it is not."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stages.find import doubt


def found(**categories: float) -> Any:
    return SimpleNamespace(seen=SimpleNamespace(categories=categories))


@pytest.mark.parametrize(
    ("named", "refused", "doubted"),
    [
        ({"top": 0.9, "shoes": 0.1}, "", False),
        ({"top": 0.37, "shoes": 0.54}, "", True),
        ({"top": 0.1, "hat": 0.85}, "hat", False),
        ({"bag": 0.3, "top": 0.2}, "", False),
        ({"dress": 0.99}, "", False),
    ],
)
def test_a_garment_is_not_refused_for_a_guess(named: dict[str, float], refused: str, doubted: bool) -> None:
    assert doubt.product(found(**named)) == refused
    assert bool(doubt.possible(found(**named))) == doubted
    assert doubt.NAMED > doubt.POSSIBLE


def test_a_worn_garment_is_doubted() -> None:
    shape = np.zeros((64, 48), bool)
    shape[16:48, 12:36] = True
    picture = np.where(shape[..., None], np.uint8(40), np.uint8(220)).repeat(3, axis=2)
    for kind, doubted in (("worn", True), ("flat", False)):
        seen = SimpleNamespace(kind={"worn": 0.0, kind: 0.97}, cover=shape.astype(np.float32))
        said = doubt.of(SimpleNamespace(seen=seen, garment=shape, plain=1.0), picture)  # type: ignore[arg-type]
        assert any("wearing it" in each for each in said) == doubted


def test_nothing_is_named_without_a_network() -> None:
    assert doubt.product(None) == ""
    assert doubt.possible(None) == ()


@pytest.mark.parametrize(("sure", "plain", "doubted"), [(0.99, 0.1, False), (0.8, 0.1, True), (0.8, 0.9, False)])
def test_a_find_that_the_network_is_unsure_of_is_doubted_off_plain_backdrops(
    sure: float, plain: float, doubted: bool
) -> None:
    shape = np.zeros((64, 48), bool)
    shape[16:48, 12:36] = True
    picture = np.where(shape[..., None], np.uint8(40), np.uint8(220)).repeat(3, axis=2)
    seen = SimpleNamespace(kind={}, cover=np.where(shape, sure, 0).astype(np.float32))
    said = doubt.of(SimpleNamespace(seen=seen, garment=shape, plain=plain), picture)  # type: ignore[arg-type]
    assert any("may be cut wrongly" in each for each in said) == doubted
