"""Standing bodies for all tests of clothes."""

from collections.abc import Callable

import pytest

from stages.figure.person import posed_standing
from stages.figure.records import Posed
from tests.stages.figure.clothes.dressed import HEIGHT, PEOPLE, WIDTH


@pytest.fixture(scope="session")
def people(anatomy) -> Callable[[str, str, str], Posed]:
    """Returns standing bodies by the names of PEOPLE, each made once."""
    made: dict[tuple[str, str, str], Posed] = {}

    def get(name: str, framing: str = "full", view: str = "front") -> Posed:
        key = name, framing, view
        if key not in made:
            made[key] = posed_standing(anatomy, PEOPLE[name], WIDTH, HEIGHT, framing, view)
        return made[key]

    return get
