"""What tests of whole runs share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hub cache with tiny models in place of the published ones."""
    from tests import hub_cache  # which imports torch: most tests here need none

    return hub_cache.write(tmp_path_factory.mktemp("presets"))
