"""What no body wears is refused where the network is sure, and doubted where it is not."""

from types import SimpleNamespace
from typing import Any

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


def test_nothing_is_named_without_a_network() -> None:
    assert doubt.product(None) == ""
    assert doubt.possible(None) == ()
