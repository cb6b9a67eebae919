"""The benchmark of the pose counts what it says, and the pose passes it on a few garments."""

import numpy as np
import pytest

from scripts import bench_pose
from scripts.synthetic.garment import draw
from stages.contracts import KEYPOINTS, Category


@pytest.mark.parametrize("category", ["top", "bottom", "dress", "swim"])
def test_joints_that_the_garment_decides_are_found(category: Category) -> None:
    _, _, joints, _ = bench_pose.measure(draw(40, "plain", category, 384, 512))
    errors = [value for values in joints.values() for value in values]
    assert np.mean(np.array(errors) <= bench_pose.NEAR) >= 0.95


def test_only_what_the_garment_decides_is_counted() -> None:
    sample = draw(3, "plain", "skirt", 384, 512)
    _, _, joints, _ = bench_pose.measure(sample)
    assert set(joints) == {name for name, joint in zip(KEYPOINTS, sample.skeleton, strict=True) if joint[2] == 1}


def test_a_missing_landmark_is_infinitely_far(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = draw(3, "plain", "top", 384, 512)
    sample.landmarks["crotch"] = (10.0, 10.0)
    assert bench_pose.measure(sample)[3]["crotch"] == [float("inf")]


def test_the_table_tells_shares_of_both_sides_together() -> None:
    rows = bench_pose.table("joint", {"right_hip": [0.05, 0.3], "left_hip": [0.01, 0.02]})
    assert "75.0%" in rows[1]
    assert rows[1].split()[0] == "hip"
