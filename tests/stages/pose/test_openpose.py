"""OpenPose loads weights in the published layout, and nothing else."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from stages.contracts import KEYPOINTS
from stages.errors import WeightsError
from stages.options import PoseOptions
from stages.pose import openpose
from stages.pose.openpose import OpenPose, skeleton


def point(x: float, y: float, score: float = 0.8) -> SimpleNamespace:
    return SimpleNamespace(x=x, y=y, score=score)


class Body:
    """Sees one person whose nose is the brightest pixel."""

    def __call__(self, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.shape = picture.shape
        return np.argwhere(picture.sum(axis=2) == picture.sum(axis=2).max()), np.zeros(0)

    def format_body_result(self, candidates: np.ndarray, people: np.ndarray) -> list[SimpleNamespace]:
        y, x = candidates.mean(axis=0)
        return [SimpleNamespace(keypoints=[point(x, y), *[None] * (len(KEYPOINTS) - 1)])]


@pytest.mark.parametrize("height", [300, 2400])
def test_joints_come_back_in_pixels_of_the_photo(height: int) -> None:
    picture = np.zeros((height, height // 2, 3), np.uint8)
    size = height // 60
    picture[height // 4 - size : height // 4 + size, height // 3 - size : height // 3 + size] = 255
    body = Body()
    (joints,) = OpenPose(body)(picture)
    assert max(body.shape) <= 736
    assert joints[0, :2] == pytest.approx((height / 3, height / 4), abs=2 + height / 400)
    assert not joints[1:].any()


def test_scores_stay_confidences() -> None:
    joints = skeleton([point(1, 2, score) for score in np.linspace(-0.5, 3, len(KEYPOINTS))], 1.0)
    assert (joints[:, 2] > 0).all()
    assert (joints[:, 2] <= 1).all()


def test_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="lllyasviel/Annotators"):
        openpose.load(PoseOptions(pose_weights=tmp_path / "none.pth"))


def test_an_unknown_file_is_not_even_opened_as_a_pickle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was opened"))
    path = tmp_path / openpose.FILE
    path.write_bytes(b"anything")
    with pytest.raises(WeightsError, match="not the published"):
        openpose.load(PoseOptions(pose_weights=path))


@pytest.mark.slow
def test_random_weights_in_the_published_layout_load_and_run(tmp_path: Path) -> None:
    import torch
    from controlnet_aux.open_pose.body import bodypose_model

    path = tmp_path / openpose.FILE
    # The published file names layers without the wrapper's own prefix.
    torch.save({name.partition(".")[2]: value for name, value in bodypose_model().state_dict().items()}, path)
    poser = openpose.load(PoseOptions(pose_weights=path), allow_unknown=True)
    assert all(joints.shape == (18, 3) for joints in poser(np.full((96, 64, 3), 200, np.uint8)))
    torch.save({"conv1_1.weight": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match="fetch it again"):
        openpose.load(PoseOptions(pose_weights=path), allow_unknown=True)
