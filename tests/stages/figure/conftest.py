"""The body, read once for all tests of the figure."""

import pytest

from stages.figure import body
from stages.figure.anatomy import Anatomy


@pytest.fixture(scope="session")
def anatomy() -> Anatomy:
    return body.load()
