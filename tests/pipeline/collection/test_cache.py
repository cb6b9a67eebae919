"""The cache gives back what was cut, bit for bit, once a photo, and never what another photo or option gave."""

import io
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import diskcache
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import config as configs
from pipeline.collection import cache
from pipeline.collection.cache import CutoutCache
from stages import photo as photos
from stages import write
from stages.contracts import Cutout, Photo, Shape
from stages.options import PhotoOptions
from tests.examples import examples
from tests.fakes import Depth, RampModels

SETTINGS = configs.resolve()


def cutout(of: Photo, seed: int = 0) -> Cutout:
    random = np.random.default_rng(seed)
    matte = np.clip(random.normal(0.5, 1, of.pixels.shape[:2]), 0, 1).astype(np.float32)
    foreground: np.ndarray = np.where((matte > 0.5)[..., None], of.pixels, 7).astype(of.pixels.dtype)
    shape = Shape("top", 0.75, {"collar": (0.1, 2.5)})
    view = None if seed % 2 else (matte[::2, ::2] > 0.5).astype(np.float32)
    return Cutout(
        matte, foreground, shape, "finder", ("a note", "ä"), view=view, doubts=("a doubt",), product="bag", worn=True
    )


def picture(seed: int, dtype: Depth = np.uint8, size: tuple[int, int] = (9, 7)) -> Photo:
    pixels: np.ndarray = np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (*size, 3)).astype(dtype)
    return photos.read(write.encode(pixels, None), PhotoOptions(), "a.png")


@settings(max_examples=examples(30))
@given(seed=st.integers(0, 99), dtype=st.sampled_from([np.uint8, np.uint16]), size=st.tuples(*[st.integers(1, 20)] * 2))
def test_what_is_packed_comes_back_bit_for_bit(seed: int, dtype: Depth, size: tuple[int, int]) -> None:
    of = picture(seed, dtype, size)
    before = cutout(of, seed)
    after = cache.unpack(cache.pack(before, of), of)
    np.testing.assert_array_equal(after.matte, before.matte)
    np.testing.assert_array_equal(after.foreground, before.foreground)
    assert after.foreground.dtype == dtype
    assert (after.segmenter, after.notes) == (before.segmenter, before.notes)
    assert (after.doubts, after.product, after.worn) == (before.doubts, before.product, before.worn)
    assert (after.view is None) == (before.view is None)
    if before.view is not None:
        np.testing.assert_array_equal(after.view, before.view)
    assert (after.shape.category, after.shape.confidence, after.shape.landmarks) == (
        "top",
        0.75,
        {"collar": (0.1, 2.5)},
    )


@pytest.fixture
def cuts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The photos that were really cut."""
    seen: list[str] = []

    class Task:
        def cut(self, of: Photo, config: object, models: object) -> Cutout:
            seen.append(of.sha256)
            return cutout(of, len(seen))

        def finders(self, config: object, models: object) -> tuple[object, ...]:
            return ()

    monkeypatch.setattr("pipeline.tasks.of", lambda name: Task())
    return seen


def test_rows_of_one_photo_share_their_cut_even_at_once(tmp_path: Path, cuts: list[str]) -> None:
    store = CutoutCache(tmp_path, 1)
    one, other = picture(1), picture(2)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda of: store.cut(of, SETTINGS, RampModels()), [one, one, other, one, other]))
    assert sorted(cuts) == sorted([one.sha256, other.sha256])
    np.testing.assert_array_equal(found[0].matte, found[3].matte)
    assert not np.array_equal(found[0].matte, found[2].matte)
    again = CutoutCache(tmp_path, 1).cut(one, SETTINGS, RampModels())
    np.testing.assert_array_equal(again.matte, found[0].matte)
    assert len(cuts) == 2


def test_other_options_and_other_code_are_cut_anew(
    tmp_path: Path, cuts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, of = CutoutCache(tmp_path, 1), picture(1)
    store.cut(of, SETTINGS, RampModels())
    store.cut(of, configs.resolve(flags={"generate": {"seed": 4}, "scene": "beach"}), RampModels())
    assert len(cuts) == 1
    store.cut(of, configs.resolve(flags={"segment": {"garment": "dress"}}), RampModels())
    assert len(cuts) == 2
    monkeypatch.setattr(cache, "_code", lambda: "another version")
    store.cut(of, SETTINGS, RampModels())
    assert len(cuts) == 3


def test_the_cache_stays_within_its_size(tmp_path: Path, cuts: list[str]) -> None:
    store = CutoutCache(tmp_path, 0.002)
    for seed in range(40):
        store.cut(picture(seed, size=(128, 128)), SETTINGS, RampModels())
    store.close()
    assert len(cuts) == 40
    assert sum(path.stat().st_size for path in tmp_path.rglob("*")) < 4e6  # 40 cut-outs are 5 MB


def test_a_broken_cache_only_costs_time(tmp_path: Path, cuts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    store, of = CutoutCache(tmp_path, 1), picture(1)
    store.cut(of, SETTINGS, RampModels())
    monkeypatch.setattr(store._store, "get", lambda key: b"not what was put there")
    store.cut(of, SETTINGS, RampModels())
    assert len(cuts) == 2


def test_a_folder_that_cannot_be_made_only_costs_time(tmp_path: Path, cuts: list[str]) -> None:
    (tmp_path / "file").touch()
    store = CutoutCache(tmp_path / "file" / "cache", 1)
    store.cut(picture(1), SETTINGS, RampModels())
    assert len(cuts) == 1
    store.close()


def test_no_gigabytes_are_no_cache(tmp_path: Path, cuts: list[str]) -> None:
    store = CutoutCache(tmp_path / "none", 0)
    for _ in range(2):
        store.cut(picture(1), SETTINGS, RampModels())
    assert len(cuts) == 2
    assert not (tmp_path / "none").exists()


class Planted:
    """Runs something when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("planted",)


def test_a_planted_pickle_is_not_run_and_a_planted_name_reaches_nothing(
    tmp_path: Path, cuts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    monkeypatch.setattr(cache, "_key", lambda *given: "0" * 64)
    (tmp_path / "cache" / cache.OWN).mkdir(parents=True)
    with diskcache.Cache(str(tmp_path / "cache" / cache.OWN)) as planted:
        planted.set("0" * 64, Planted())
        planted.set("away", b"x" * 10**6)
        planted._sql("UPDATE Cache SET filename = '../../victim' WHERE key = 'away'")
        planted.set(("pickled", Planted()), b"key")
    store = CutoutCache(tmp_path / "cache", 1)
    store.cut(picture(1), SETTINGS, RampModels())
    assert store._store.get("0" * 64) is not None  # made anew
    with suppress(ValueError):
        store._store.get("away")
    store._store.delete("away")
    list(store._store)
    store._store.clear()
    store.close()
    assert len(cuts) == 1
    assert not (tmp_path / "planted").exists()
    assert victim.read_bytes() == b"mine"


def test_the_folder_is_the_users_own(tmp_path: Path, cuts: list[str]) -> None:
    CutoutCache(tmp_path / "cache", 1).close()
    own = tmp_path / "cache" / cache.OWN
    assert own.stat().st_mode & 0o777 == 0o700
    own.chmod(0o777)
    store = CutoutCache(tmp_path / "cache", 1)  # anybody could put cut-outs there: it is not used
    assert store._store is None


def test_what_unfolds_beyond_the_photo_is_no_cut_out() -> None:
    of = picture(1)
    packed = np.load(io.BytesIO(cache.pack(cutout(of, 1), of)))
    parts = {name: packed[name] for name in packed.files}
    parts["matte"] = np.frombuffer(zlib.compress(bytes(10**8)), np.uint8)
    file = io.BytesIO()
    np.savez(file, **parts)
    with pytest.raises(ValueError, match="size"):
        cache.unpack(file.getvalue(), of)
