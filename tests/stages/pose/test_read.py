"""Skeletons are read from OpenPose's files and from receipts, and scaled to the canvas."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts import KEYPOINTS, Placed, Placement, Shape
from stages.errors import ConfigError
from stages.pose import read_skeleton

JOINTS = [[float(10 + 3 * n), float(20 + 5 * n), 0.9] for n in range(18)]


def canvas(width: int = 200, height: int = 300) -> Placed:
    return Placed(
        width=width,
        height=height,
        placement=Placement(0, 0),
        box=(0, 0, 1, 1),
        pixels=np.zeros((1, 1, 3), np.uint8),
        foreground=np.zeros((1, 1, 3), np.uint8),
        icc=None,
        matte=np.ones((1, 1), np.float32),
        shape=Shape("top", 1.0),
        framing="full",
        body=np.zeros((18, 3), np.float32),
    )


def written(folder: Path, content: Any) -> Path:
    path = folder / "pose.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def openpose(joints: list[list[float]], **more: Any) -> dict[str, Any]:
    return {"people": [{"pose_keypoints_2d": [value for joint in joints for value in joint]}], **more}


def test_openpose_pixels_are_taken_as_they_are(tmp_path: Path) -> None:
    assert np.allclose(read_skeleton(written(tmp_path, openpose(JOINTS)), canvas()), JOINTS)


@given(width=st.integers(10, 4000), height=st.integers(10, 4000))
def test_a_told_canvas_is_scaled_to_ours(tmp_path_factory: pytest.TempPathFactory, width: int, height: int) -> None:
    folder = tmp_path_factory.mktemp("pose")
    content = openpose(JOINTS, canvas_width=width, canvas_height=height)
    read = read_skeleton(written(folder, content), canvas())
    assert np.allclose(read[:, :2], np.array(JOINTS)[:, :2] * (200 / width, 300 / height), rtol=1e-4)
    assert np.allclose(read[:, 2], 0.9)


def test_shares_of_the_canvas_are_scaled(tmp_path: Path) -> None:
    shares = [[x / 200, y / 300, c] for x, y, c in JOINTS]
    assert np.allclose(read_skeleton(written(tmp_path, openpose(shares)), canvas()), JOINTS, rtol=1e-5)


def test_the_hips_of_body_25_stand_where_body_18_has_them(tmp_path: Path) -> None:
    joints = [[float(n), 100.0 + n, 1.0] for n in range(25)]
    read = read_skeleton(written(tmp_path, openpose(joints)), canvas())
    # BODY_25: 8 is the middle of the hips, 9 to 14 the legs, 15 to 18 eyes and ears.
    assert read[KEYPOINTS.index("right_hip"), 0] == 9
    assert read[KEYPOINTS.index("left_ankle"), 0] == 14
    assert read[KEYPOINTS.index("right_eye"), 0] == 15
    assert read[KEYPOINTS.index("left_ear"), 0] == 18


def test_a_receipt_is_read_back(tmp_path: Path) -> None:
    receipt = {"schema": 1, "skeleton": JOINTS, "output": {"name": "a.png", "width": 100, "height": 150}}
    read = read_skeleton(written(tmp_path, receipt), canvas())
    assert np.allclose(read[:, :2], 2 * np.array(JOINTS)[:, :2])


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        "pose",
        {"people": []},
        {"people": [{"pose_keypoints_2d": [1, 2, 3]}]},
        {"people": [{"pose_keypoints_2d": ["a"] * 54}]},
        {"skeleton": [[1, 2]] * 18},
        {"skeleton": [[0, 0, 0]] * 18},
        {"skeleton": [[None, 0, 1]] * 18},
        openpose(JOINTS, canvas_width=0, canvas_height=100),
        openpose(JOINTS, canvas_width="wide", canvas_height=100),
    ],
)
def test_files_without_a_skeleton_are_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(ConfigError, match="pose file"):
        read_skeleton(written(tmp_path, content), canvas())


def test_broken_and_missing_files_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(b"\xff\xfe{")
    for path in (broken, tmp_path / "absent.json", tmp_path):
        with pytest.raises(ConfigError, match="pose file"):
            read_skeleton(path, canvas())


@pytest.mark.parametrize("far", [1e5, 1e9, 1e30, 1e300, -1e9])
def test_joints_of_another_world_are_refused(tmp_path: Path, far: float) -> None:
    for at in (0, 1):
        joints = [list(joint) for joint in JOINTS]
        joints[4][at] = far
        with pytest.raises(ConfigError, match="far outside"):
            read_skeleton(written(tmp_path, openpose(joints)), canvas())
        joints[4][2] = 0.0  # absent, wherever it is said to be
        assert np.isfinite(read_skeleton(written(tmp_path, openpose(joints)), canvas())).all()


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"people": [{"pose_keypoints_2d": ' + "[" * 5000 + "]" * 5000 + "}]}", '{"skeleton": NaN}',
             '{"skeleton": [[1e999, 1, 1]]}', "\\ud800", "\x00", '{"skeleton": [[1,2,3]], "canvas_width": true}'],
)  # fmt: skip
def test_a_pose_file_that_is_none_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pose.json"
    path.write_text(text)
    with pytest.raises(ConfigError):
        read_skeleton(path, canvas())
