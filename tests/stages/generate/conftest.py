"""Tiny models of every kind, written once."""

from pathlib import Path

import pytest

from tests.stages.generate import models


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.folder(tmp_path_factory.mktemp("models"))
