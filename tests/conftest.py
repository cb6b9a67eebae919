"""Settings of the whole test-suite."""

import functools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Before any model library is imported: no test reaches for the network.
os.environ["HF_HUB_OFFLINE"] = "1"
# Signatures differ each time; the tests of provenance switch them on.
os.environ["ONMODEL_C2PA"] = "off"
# Nor does what is in the Hub's cache of whoever runs them decide which preset `auto` takes.
os.environ["HF_HUB_CACHE"] = "/nonexistent/hub"

# Workers beside each other share the cores: each would take them all, and wait for the others' threads.
WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if WORKERS > 1:
    for threads in ("OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
        os.environ.setdefault(threads, str(max(1, (os.cpu_count() or 1) // WORKERS)))

# Timings are no test's business.
settings.register_profile("onmodel", deadline=None)
settings.load_profile("onmodel")


@pytest.fixture(scope="session", autouse=True)
def one_network() -> Iterator[None]:
    """Loads the finder's own network once: a run does so too, but each test is many runs."""
    from stages.find import network

    load, own = network.load, functools.cache(network.load)

    def loaded(device: str = "auto", weights: Path = network.WEIGHTS) -> network.Network:
        return own(device) if weights == network.WEIGHTS else load(device, weights)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "load", loaded)
        yield


@pytest.fixture(scope="session")
def photos() -> Path:
    """The folder of real photos (garments/, trimaps/, labels.csv) that ONMODEL_PHOTOS names; skips without it."""
    folder = os.environ.get("ONMODEL_PHOTOS")
    if not folder:
        pytest.skip("ONMODEL_PHOTOS names no folder of real photos")
    return Path(folder)
