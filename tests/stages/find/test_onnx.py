"""Salient-object networks are fed as their files' names say, and answer for the photo's own pixels."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from stages.contracts import Photo
from stages.errors import WeightsError
from stages.find import onnx as networks
from stages.find import subject
from stages.options import SegmentOptions
from tests.stages.find.drawn import draw

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

#: A colour that nothing but the garment has: the network below answers with a sum of its channels.
RED = (230, 20, 20)


def network(path: Path, *, side: int | str = 64, channels: int = 3, maps: int = 1, kind: int | None = None) -> Path:
    """Writes a network that answers red - green of what it is fed, scaled so that 255 of difference is far over 1."""
    kind = onnx.TensorProto.FLOAT if kind is None else kind
    weight = np.zeros((maps, channels, 1, 1), np.float32)
    weight[:, 0], weight[:, min(1, channels - 1)] = 2, -2
    dtype = np.float16 if kind == onnx.TensorProto.FLOAT16 else np.float32
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Conv", ["input", "weight"], ["output"])],
        "salient",
        [onnx.helper.make_tensor_value_info("input", kind, [1, channels, side, side])],
        [onnx.helper.make_tensor_value_info("output", kind, [1, maps, side, side])],
        [onnx.numpy_helper.from_array(weight.astype(dtype), "weight")],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path


def ask(path: Path, picture: np.ndarray) -> np.ndarray:
    sees = networks.load(SegmentOptions(segmenter="onnx", onnx_weights=path)).sees
    assert sees is not None
    return np.asarray(sees(picture).garment)


@pytest.mark.parametrize("name", ["isnet-general-use", "u2net", "u2netp", "silueta", "BEN2-base"])
@pytest.mark.parametrize("side", [64, "height"])
def test_finds_what_the_network_answers_for_at_the_picture_s_size(tmp_path: Path, name: str, side: int | str) -> None:
    picture = np.full((120, 90, 3), 200, np.uint8)
    picture[30:90, 15:60] = RED
    found = ask(network(tmp_path / f"{name}.onnx", side=side), picture)
    assert found.shape == (120, 90)
    assert found.dtype == np.float32
    assert found[33:87, 18:57].min() > 0.95
    assert found[:26].max() < 0.05


def test_logits_become_probabilities(tmp_path: Path) -> None:
    picture = np.full((64, 64, 3), 128, np.uint8)
    found = ask(network(tmp_path / "birefnet-general.onnx"), picture)
    # The channels' means and deviations differ: what they leave of grey goes through the sigmoid.
    red, green = ((128 / 255 - mean) / deviation for mean, deviation in ((0.485, 0.229), (0.456, 0.224)))
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-2 * (red - green))), atol=1e-4)


def test_a_dark_picture_is_fed_to_u2net_as_it_was_trained(tmp_path: Path) -> None:
    dark, light = (np.full((64, 64, 3), value, np.uint8) for value in (40, 200))
    path = network(tmp_path / "u2net.onnx")
    np.testing.assert_allclose(ask(path, dark), ask(path, light), atol=1e-5)


def test_half_precision_networks_are_fed_halves(tmp_path: Path) -> None:
    path = network(tmp_path / "isnet.onnx", kind=onnx.TensorProto.FLOAT16)
    assert ask(path, np.full((70, 70, 3), RED, np.uint8)).min() > 0.95


def test_an_empty_picture_stays_empty(tmp_path: Path) -> None:
    """Rembg stretches every answer to [0, 1]: then noise becomes a garment."""
    assert ask(network(tmp_path / "isnet.onnx"), np.full((64, 64, 3), (131, 128, 128), np.uint8)).max() < 0.1


@pytest.mark.parametrize(
    ("name", "channels", "maps", "words"),
    [("mine", 3, 1, "name the file"), ("u2net_cloth_seg", 3, 1, "name the file"), ("isnet", 4, 1, "RGB picture")],
)
def test_other_networks_are_refused(tmp_path: Path, name: str, channels: int, maps: int, words: str) -> None:
    path = network(tmp_path / f"{name}.onnx", channels=channels, maps=maps)
    with pytest.raises(WeightsError, match=words):
        networks.load(SegmentOptions(onnx_weights=path))


def test_a_network_with_several_maps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="not with one map"):
        ask(network(tmp_path / "isnet.onnx", maps=2), np.zeros((64, 64, 3), np.uint8))


def test_missing_and_broken_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="--onnx-weights FILE"):
        networks.load(SegmentOptions(segmenter="onnx"))
    with pytest.raises(WeightsError, match="no network at"):
        networks.load(SegmentOptions(onnx_weights=tmp_path / "isnet.onnx"))
    (tmp_path / "isnet.onnx").write_bytes(b"no network")
    with pytest.raises(WeightsError, match="onnxruntime can read"):
        networks.load(SegmentOptions(onnx_weights=tmp_path / "isnet.onnx"))


def test_cuts_by_a_network(tmp_path: Path) -> None:
    drawn = draw("tee", height=320, colour=RED)
    options = SegmentOptions(
        segmenter="onnx", onnx_weights=network(tmp_path / "isnet.onnx", side=256), keep_collar=True
    )
    found = subject(Photo("tee.png", drawn.pixels, ""), options, networks.load(options))
    assert found.segmenter == "onnx isnet.onnx"
    assert np.abs(found.matte - drawn.matte).mean() < 0.004


@pytest.mark.skipif(not os.environ.get("ONMODEL_ONNX"), reason="ONMODEL_ONNX names no real network")
def test_a_real_network_finds_a_drawn_garment() -> None:
    drawn = draw("tee", height=512, colour=(40, 60, 120), shadow=0.2)
    found = ask(Path(os.environ["ONMODEL_ONNX"]), drawn.pixels) > 0.5
    true = drawn.matte > 0.5
    assert (found & true).sum() / (found | true).sum() > 0.95
    assert cv2.connectedComponents(found.astype(np.uint8))[0] == 2
