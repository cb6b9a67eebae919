"""DWPose's network sees the right part of the photo, and its bins become the right pixels."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.contracts import KEYPOINTS
from stages.errors import WeightsError
from stages.options import PoseOptions
from stages.pose import dwpose
from stages.pose.dwpose import HEIGHT, WIDTH, around, body_18, decode
from tests.examples import examples

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

JOINTS = 133


def network(path: Path, seed: int = 0) -> Path:
    """Writes a random network with DWPose's inputs and outputs."""
    random = np.random.default_rng(seed)
    made = []
    nodes = [onnx.helper.make_node("GlobalAveragePool", ["input"], ["pool"])]
    for name, bins in (("simcc_x", 2 * WIDTH), ("simcc_y", 2 * HEIGHT)):
        weight = random.normal(0, 1, (JOINTS * bins, 3, 1, 1)).astype(np.float32)
        shape = np.array([1, JOINTS, bins], np.int64)
        made += [onnx.numpy_helper.from_array(weight, f"{name}_w"), onnx.numpy_helper.from_array(shape, f"{name}_s")]
        nodes.append(onnx.helper.make_node("Conv", ["pool", f"{name}_w"], [f"{name}_c"]))
        nodes.append(onnx.helper.make_node("Reshape", [f"{name}_c", f"{name}_s"], [name]))
    kind = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        nodes,
        "dwpose",
        [onnx.helper.make_tensor_value_info("input", kind, [1, 3, HEIGHT, WIDTH])],
        [
            onnx.helper.make_tensor_value_info("simcc_x", kind, [1, JOINTS, 2 * WIDTH]),
            onnx.helper.make_tensor_value_info("simcc_y", kind, [1, JOINTS, 2 * HEIGHT]),
        ],
        made,
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path


class Spots:
    """A session that answers with the place of each joint's own red in what it is shown."""

    def get_inputs(self) -> list[object]:
        return [type("Input", (), {"name": "input"})()]

    def run(self, _: None, feeds: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        (tensor,) = feeds.values()
        red, green = (tensor[0, n] * dwpose._STD[n] + dwpose._MEAN[n] for n in (0, 1))
        across, down = np.zeros((1, JOINTS, 2 * WIDTH), np.float32), np.zeros((1, JOINTS, 2 * HEIGHT), np.float32)
        for n in range(17):
            rows, columns = np.nonzero((np.abs(red - 8 * (n + 2)) < 3) & (green > 250))
            if len(rows):
                across[0, n, int(2 * columns.mean())] = down[0, n, int(2 * rows.mean())] = 0.9
        return across, down


def test_random_weights_in_the_real_layout_load_and_answer(tmp_path: Path) -> None:
    options = PoseOptions(pose_weights=network(tmp_path / dwpose.FILE))
    with pytest.raises(WeightsError, match="not the published"):
        dwpose.load(options)
    found = dwpose.load(options, allow_unknown=True)(np.full((90, 60, 3), 200, np.uint8))
    assert all(joints.shape == (18, 3) and np.isfinite(joints).all() for joints in found)


def test_missing_and_broken_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="--pose-weights"):
        dwpose.load(PoseOptions(pose_weights=tmp_path / "none.onnx"))
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    with pytest.raises(WeightsError, match="fetch it again"):
        dwpose.load(PoseOptions(pose_weights=broken), allow_unknown=True)


@pytest.mark.parametrize("size", [(600, 400), (400, 600), (1200, 500)])
def test_joints_are_found_where_they_stand_in_the_photo(size: tuple[int, int]) -> None:
    height, width = size
    picture = np.zeros((height, width, 3), np.uint8)
    spots = {n: ((0.3 + 0.02 * n) * width, (0.15 + 0.04 * n) * height) for n in range(17)}
    for n, (x, y) in spots.items():
        cv2.circle(picture, (round(x), round(y)), 7, (8 * (n + 2), 255, 0), -1)
    (joints,) = dwpose.DWPose(Spots())(picture)
    for name, n in dwpose._COCO.items():
        found = joints[KEYPOINTS.index(name)]
        assert found[2] > 0
        assert np.hypot(found[0] - spots[n][0], found[1] - spots[n][1]) < 5, name


@settings(max_examples=examples(50), deadline=None)
@given(
    x=st.floats(10, 500), y=st.floats(10, 500), wide=st.floats(20, 400), high=st.floats(20, 400), at=st.tuples(
        st.floats(0, 0.99), st.floats(0, 0.99)
    )
)  # fmt: skip
def test_bins_lead_back_into_the_box(x: float, y: float, wide: float, high: float, at: tuple[float, float]) -> None:
    crop = around((x, y, x + wide, y + high))
    corners = np.array([[0, 0, 1], [WIDTH, HEIGHT, 1]]) @ crop.T
    assert (corners[0] <= (x, y)).all()
    assert (corners[1] >= (x + wide, y + high)).all()
    across, down = np.zeros((1, 2 * WIDTH), np.float32), np.zeros((1, 2 * HEIGHT), np.float32)
    across[0, int(at[0] * 2 * WIDTH)] = down[0, int(at[1] * 2 * HEIGHT)] = 1
    points, scores = decode(across, down, crop)
    share = (points[0] - corners[0]) / (corners[1] - corners[0])
    assert share == pytest.approx(at, abs=0.01)
    assert scores[0] == 1


def test_the_neck_lies_between_the_shoulders_and_needs_both() -> None:
    points, scores = np.random.default_rng(0).uniform(0, 100, (JOINTS, 2)), np.ones(JOINTS, np.float32)
    joints = body_18(points, scores)
    assert joints[1, :2] == pytest.approx((points[5] + points[6]) / 2, abs=1e-3)
    scores[5] = 0.1
    assert body_18(points, scores)[1, 2] == 0
