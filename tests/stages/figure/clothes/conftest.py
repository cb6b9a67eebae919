"""Standing bodies for all tests of clothes."""

import pytest

from stages.contracts import Framing, View
from stages.figure.anatomy import Anatomy
from stages.figure.person import posed_standing
from stages.figure.records import Posed
from tests.stages.figure.clothes.dressed import HEIGHT, PEOPLE, WIDTH, People


@pytest.fixture(scope="session")
def people(anatomy: Anatomy) -> People:
    """Returns standing bodies by the names of PEOPLE, each made once."""
    made: dict[tuple[str, Framing, View], Posed] = {}

    def get(name: str, framing: Framing = "full", view: View = "front") -> Posed:
        key = name, framing, view
        if key not in made:
            made[key] = posed_standing(anatomy, PEOPLE[name], WIDTH, HEIGHT, framing, view)
        return made[key]

    return get
