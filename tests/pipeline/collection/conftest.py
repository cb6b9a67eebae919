"""What the tests of collections share."""

import pytest

from tests.pipeline.collection import rows


@pytest.fixture
def arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the flow that is arithmetic in the real one's place."""
    monkeypatch.setattr("pipeline.collection.worker.produce", rows.produce)
