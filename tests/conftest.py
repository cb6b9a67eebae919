"""Settings of the whole test-suite."""

import functools
import os
from collections import Counter, OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from stages.contracts import Cutout, Photo, Segmenter
    from stages.options import SegmentOptions

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

# Timings are no test's business. `make test` draws fewer examples, as `--hypothesis-profile quick`.
settings.register_profile("onmodel", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=30)
settings.load_profile("onmodel")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the later cases of a test that is `sampled` as `thorough`, which leaves them to `make test-all`."""
    cases: Counter[str] = Counter()
    for item in items:
        sampled = item.get_closest_marker("sampled")
        if sampled is None:
            continue
        test = item.nodeid.partition("[")[0]
        cases[test] += 1
        if cases[test] > (sampled.args[0] if sampled.args else 1):
            item.add_marker(pytest.mark.thorough)


@pytest.fixture(scope="session", autouse=True)
def one_network() -> Iterator[None]:
    """Loads the finder's own network once, and cuts a photo once: tests run the same few photos many times.

    Tests of the cut itself import `subject` by its name, and so call the real one.
    """
    from stages import find
    from stages.find import network
    from stages.find.finder import Finder

    load, subject = network.load, find.subject
    cuts: OrderedDict[tuple[object, ...], Cutout] = OrderedDict()

    @functools.cache
    def own(device: str) -> network.Network:
        return load(device)

    def loaded(device: str = "auto", weights: Path = network.WEIGHTS) -> network.Network:
        return own(device) if weights == network.WEIGHTS else load(device, weights)

    def cut(photo: "Photo", options: "SegmentOptions", segmenter: "Segmenter") -> "Cutout":
        finder = getattr(segmenter, "_model", segmenter)  # of models that threads share
        ours = isinstance(finder, Finder) and finder.sees is own("auto")
        if not ours or options.matte is not None or photo.pixels.nbytes > 2_000_000:
            return subject(photo, options, segmenter)
        planes = (photo.pixels, photo.alpha)
        pixels = [each if each is None else (each.tobytes(), each.shape, each.dtype) for each in planes]
        # Neither the photo's name nor who asked for the finder changes the cut; ViTMatte is never installed here.
        matting = "closed-form" if options.matting == "auto" and options.vitmatte_folder is None else options.matting
        said = options.model_dump_json(exclude={"segmenter", "matting"})
        key = (finder.name, photo.icc, *pixels, matting, said)
        found = cuts.get(key)
        if found is None:
            found = cuts[key] = subject(photo, options, segmenter)
            if len(cuts) > 128:
                cuts.popitem(last=False)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "load", loaded)
        patch.setattr(find, "subject", cut)
        yield


@pytest.fixture(scope="session", autouse=True)
def few_rays(pytestconfig: pytest.Config) -> Iterator[None]:
    """In `make test`, asks for a drawn body's light in fewer directions: that is most of its time."""
    from stages.figure import light

    with pytest.MonkeyPatch.context() as patch:
        if "not thorough" in pytestconfig.getoption("markexpr"):
            patch.setattr(light, "_KEY_SAMPLES", 8)
            patch.setattr(light, "_SKY_SAMPLES", 24)
        yield


@pytest.fixture
def stick_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws every figure as sticks, for tests of what has nothing to do with figures: a body takes two seconds."""
    from tests.fakes import StickFigures

    monkeypatch.setattr("pipeline.models.Models.figures", lambda self, progress: StickFigures())


@pytest.fixture(scope="session")
def photos() -> Path:
    """The folder of real photos (garments/, trimaps/, labels.csv) that ONMODEL_PHOTOS names; skips without it."""
    folder = os.environ.get("ONMODEL_PHOTOS")
    if not folder:
        pytest.skip("ONMODEL_PHOTOS names no folder of real photos")
    return Path(folder)
