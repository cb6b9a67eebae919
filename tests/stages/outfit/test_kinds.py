"""What lies over what, and what is not worn together."""

import pytest

from stages.errors import ConfigError
from stages.outfit import kinds


@pytest.mark.parametrize(
    ("worn", "order", "wanted"),
    [
        (["top", "bottom"], "", ["bottom", "top"]),
        (["top", "bottom"], "tucked", ["top", "bottom"]),
        (["top", "skirt", "shoes"], "tucked", ["shoes", "top", "skirt"]),
        (["top", "bottom", "shoes"], "bottom,shoes", ["bottom", "shoes", "top"]),
        (["outerwear", "dress", "hat"], "", ["dress", "outerwear", "hat"]),
        (["top", "outerwear", "necklace"], "", ["top", "necklace", "outerwear"]),
        (["top", "outerwear", "necklace"], "outerwear,necklace", ["top", "outerwear", "necklace"]),
    ],
)
def test_clothes_lie_over_one_another_as_usual_or_as_asked(worn: list[str], order: str, wanted: list[str]) -> None:
    assert [worn[at] for at in kinds.ordered(worn, order)] == wanted  # type: ignore[arg-type]


def test_of_two_tops_the_later_lies_over_and_it_is_said() -> None:
    assert kinds.ordered(["top", "top"], "") == [0, 1]
    assert any("tops" in each for each in kinds.check(["top", "top"]))


@pytest.mark.parametrize(
    "worn",
    [
        ["top", "bottom", "skirt"],
        ["dress", "dress"],
        ["shoes", "top"],
        ["top", "hat", "hat"],
        ["top", "shoes", "shoes"],
    ],
)
def test_what_nobody_wears_together_is_refused(worn: list[str]) -> None:
    with pytest.raises(ConfigError):
        kinds.check(worn)  # type: ignore[arg-type]


def test_a_dress_over_trousers_is_worn_and_told_of() -> None:
    assert any("dress" in each for each in kinds.check(["dress", "bottom"]))
    assert kinds.check(["top", "bottom", "shoes", "bag", "bag"]) == ()
