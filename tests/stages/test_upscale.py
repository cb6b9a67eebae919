"""The upscaler gives exactly the asked size and keeps what is smooth."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import upscale
from stages.contracts import Plate
from stages.errors import ConfigError, WeightsError
from stages.options import UpscaleOptions
from tests.examples import examples

sides = st.integers(1, 80)


@settings(deadline=None, max_examples=examples(40))
@given(height=sides, width=sides, to_height=sides, to_width=sides, level=st.integers(0, 255))
def test_size_is_exact_and_flat_stays_flat(height: int, width: int, to_height: int, to_width: int, level: int) -> None:
    plate = np.full((height, width, 3), level, np.uint8)
    enlarged = upscale.load(UpscaleOptions())(plate, to_width, to_height)
    assert enlarged.shape == (to_height, to_width, 3)
    assert (enlarged == level).all()


def test_slopes_stay_slopes_in_place() -> None:
    slope = np.linspace(40, 200, 32)
    plate = np.repeat(np.repeat(slope[None, :, None], 16, axis=0), 3, axis=2).round().astype(np.uint8)
    enlarged = upscale.lanczos(plate, 320, 160)[80, :, 1].astype(float)
    centres = (np.arange(320) + 0.5) / 10 - 0.5
    expected = np.interp(centres, np.arange(32), slope)
    assert np.abs(enlarged - expected)[40:-40].max() < 2


def learned(path: Path) -> Path:
    """Writes a tiny random super-resolution model (2 times) as it is published."""
    import torch
    from safetensors.torch import save_file
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(0)
    save_file(Compact(num_feat=8, num_conv=2, upscale=2).state_dict(), path)
    return path


def test_a_learned_upscaler_gives_the_exact_size_without_seams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("spandrel")
    options = UpscaleOptions(upscale_weights=learned(tmp_path / "x2.safetensors"))
    plate = np.random.default_rng(0).integers(0, 255, (150, 90, 3), dtype=np.uint8)
    whole = upscale.load(options)(plate, 300, 500)
    assert whole.shape == (500, 300, 3)
    monkeypatch.setattr("stages.upscale._TILE", 64)
    monkeypatch.setattr("stages.upscale._OVERLAP", 12)
    tiled = upscale.load(options)(plate, 300, 500)
    assert np.abs(whole.astype(int) - tiled).max() <= 1
    assert np.abs(whole.astype(int) - upscale.lanczos(plate, 300, 500)).mean() > 1


def test_a_plate_is_not_lost_when_the_gpu_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("spandrel")
    import torch

    options = UpscaleOptions(upscale_weights=learned(tmp_path / "x2.safetensors"))
    plate = np.random.default_rng(0).integers(0, 255, (40, 30, 3), dtype=np.uint8)
    expected = upscale.load(options)(plate, 60, 80)
    crowded = upscale.load(options)
    assert isinstance(crowded, upscale.Learned)
    monkeypatch.setattr(crowded, "_device", torch.device("cuda"))
    tile = upscale.Learned._tile

    def full(self: upscale.Learned, part: Plate) -> Plate:
        if self._device.type == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return tile(self, part)

    monkeypatch.setattr(upscale.Learned, "_tile", full)
    np.testing.assert_array_equal(crowded(plate, 60, 80), expected)
    monkeypatch.setattr(upscale.Learned, "_tile", lambda *given: (_ for _ in ()).throw(RuntimeError("sizes")))
    with pytest.raises(RuntimeError, match="sizes"):
        crowded(plate, 60, 80)


def test_a_learned_upscaler_goes_to_the_device_that_is_named(tmp_path: Path) -> None:
    pytest.importorskip("spandrel")
    options = UpscaleOptions(upscale_weights=learned(tmp_path / "x2.safetensors"))
    for device in ("cuda:7", "nonsense"):
        with pytest.raises(ConfigError, match=device):
            upscale.load(options, device)


def test_a_learned_upscaler_without_a_model_is_said_so(tmp_path: Path) -> None:
    pytest.importorskip("spandrel")
    with pytest.raises(ConfigError, match="--upscale-weights"):
        upscale.load(UpscaleOptions(upscaler="learned"))
    for name, content in (("none.pth", None), ("broken.pth", b"no model"), ("broken.safetensors", b"no model")):
        if content:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(WeightsError, match=name):
            upscale.load(UpscaleOptions(upscale_weights=tmp_path / name))
