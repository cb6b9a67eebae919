"""Files: what is written comes back, with its marks; all files of a run are written, or none."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stages import colour, write
from stages.errors import OutputError
from stages.options import WriteOptions
from tests import fakes

SOURCE = "compositeWithTrainedAlgorithmicMedia"


@settings(deadline=None, max_examples=40)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    seed=st.integers(0, 2**32 - 1),
    with_profile=st.booleans(),
)
def test_png_comes_back_with_all_its_marks(height: int, width: int, dtype: type, seed: int, with_profile: bool) -> None:
    full = np.iinfo(dtype).max
    picture = np.random.default_rng(seed).integers(0, full, (height, width, 3), dtype, endpoint=True)
    icc = fakes.profile("adobe") if with_profile else None
    encoded = write.encode(picture, icc, (300, 150), SOURCE)
    assert encoded == write.encode(picture, icc, (300, 150), SOURCE)
    back = write.decode(encoded)
    assert back is not None
    assert back.dtype == dtype
    assert np.array_equal(back, picture)
    assert write.profile(encoded) == icc
    with Image.open(io.BytesIO(encoded)) as seen:
        seen.load()
        assert seen.info.get("icc_profile") == icc
        assert seen.info["dpi"] == pytest.approx((300, 150), abs=0.02)
        assert f"digitalsourcetype/{SOURCE}" in seen.info["xmp"].decode()
        if dtype == np.uint8:
            assert np.array_equal(np.asarray(seen), picture)


def test_four_channels_keep_straight_alpha() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (5, 6, 4), np.uint8, endpoint=True)
    with Image.open(io.BytesIO(write.encode(pixels, None))) as seen:
        assert np.array_equal(np.asarray(seen), pixels)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 30), width=st.integers(1, 30))
def test_masks_come_back(seed: int, height: int, width: int) -> None:
    mask = np.random.default_rng(seed).integers(0, 255, (height, width), np.uint8, endpoint=True)
    with Image.open(io.BytesIO(write.encode_mask(mask))) as seen:
        assert seen.mode == "L"
        assert np.array_equal(np.asarray(seen), mask)


@pytest.mark.parametrize("kind", ["jpg", "webp"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_export_looks_like_the_master(kind: str, dtype: type) -> None:
    icc = fakes.profile("p3")
    picture = fakes.cloth(32, 32, (180, 90, 60), dtype)
    options = WriteOptions(format=kind, quality=95, digital_source_type="trainedAlgorithmicMedia")
    with Image.open(io.BytesIO(write.export(picture, icc, options))) as seen:
        assert seen.format == {"jpg": "JPEG", "webp": "WEBP"}[kind]
        assert colour.space(seen.info["icc_profile"]) == "RGB "
        assert "trainedAlgorithmicMedia" in str(seen.info["xmp"])
        shown = np.asarray(seen.convert("RGB")).astype(float)
    assert np.abs(shown.mean((0, 1)) - colour.to_srgb(picture, icc).mean((0, 1))).max() < 2


def test_export_too_large_for_its_format_says_so() -> None:
    with pytest.raises(OutputError, match="webp cannot hold 20000 x 1 pixels"):
        write.export(np.zeros((1, 20000, 3), np.uint8), None, WriteOptions(format="webp"))


def test_files_are_written_with_their_folder(tmp_path: Path) -> None:
    files = {tmp_path / "a" / "b" / "x.png": b"picture", tmp_path / "a" / "b" / "x.json": b"receipt"}
    write.write_files(files)
    assert {path: path.read_bytes() for path in files} == files
    assert sorted(each.name for each in (tmp_path / "a" / "b").iterdir()) == ["x.json", "x.png"]


def test_an_existing_file_stops_all_of_them(tmp_path: Path) -> None:
    old = tmp_path / "x.json"
    old.write_bytes(b"mine")
    files = {tmp_path / "x.png": b"picture", old: b"receipt"}
    with pytest.raises(OutputError, match=r"x\.json exists already.*--overwrite"):
        write.write_files(files)
    assert [each.name for each in tmp_path.iterdir()] == ["x.json"]
    assert old.read_bytes() == b"mine"
    write.write_files(files, overwrite=True)
    assert {path: path.read_bytes() for path in files} == files
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("call", range(8))
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_at_any_step_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int, error: BaseException
) -> None:
    """The n-th step that touches the disk fails; three files, of which two replace older ones."""
    there = {tmp_path / "x.png": b"old picture", tmp_path / "x.json": b"old receipt"}
    for path, data in there.items():
        path.write_bytes(data)
    steps = 0
    sync, move = os.fsync, Path.replace

    def failing(real: object) -> object:
        def step(*arguments: object) -> object:
            nonlocal steps
            steps += 1
            if steps == call + 1:
                raise error
            return real(*arguments)  # type: ignore[operator]

        return step

    monkeypatch.setattr(os, "fsync", failing(sync))
    monkeypatch.setattr(Path, "replace", failing(move))
    files = {tmp_path / "x.png": b"1", tmp_path / "new" / "x.mask.png": b"2", tmp_path / "x.json": b"3"}
    with pytest.raises(OutputError if isinstance(error, OSError) else KeyboardInterrupt):
        write.write_files(files, overwrite=True)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == there


def test_damage_on_the_way_to_the_disk_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda _: b"other")
    with pytest.raises(OutputError, match="differs"):
        write.write_files({tmp_path / "x.png": b"picture"})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_or_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        write.write_files({tmp_path: b""}, overwrite=True)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be written"):
        write.write_files({tmp_path / "file" / "x.png": b""})
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
