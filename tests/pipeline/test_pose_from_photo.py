"""`--pose detect` and `--pose photo:FILE`, with a detector that is told what to see."""

from pathlib import Path

import numpy as np
import pytest

from pipeline import config, flow
from stages import photo, write
from stages.contracts import KEYPOINTS, ModelCard, Photo, Plate, Skeleton
from stages.errors import WeightsError
from stages.options import PhotoOptions, PoseOptions
from stages.pose.body import Body, upright
from tests.fakes import RampModels, tee

ELBOW = KEYPOINTS.index("left_elbow")


class Told:
    name = "told"
    card = ModelCard("poser", "told", None, "Apache-2.0")

    def __call__(self, picture: Plate) -> list[Skeleton]:
        height, width = picture.shape[:2]
        joints = upright(Body(width / 2, 0.98 * height, 0.9 * height))
        joints[ELBOW, 0] += 0.2 * height
        return [joints]


class ToldModels(RampModels):
    """Real models but for generator and pose detector."""

    def poser(self, options: PoseOptions, *, allow_unknown: bool = False) -> Told:
        return Told()

    def can_pose(self, options: PoseOptions) -> bool:
        return True


@pytest.fixture(scope="module")
def shirt() -> Photo:
    return photo.read(write.encode(tee(), None), PhotoOptions(), "shirt.png")


def options(pose: str) -> config.Config:
    return config.resolve(flags={"generate": {"steps": 1, "pixels": 6144}, "pose": {"pose": pose}})


def test_a_detected_pose_stands_where_the_photo_has_it(shirt: Photo) -> None:
    receipt = flow.produce(shirt, options("detect"), ToldModels()).receipt
    seen, where = Told()(np.asarray(shirt.pixels, np.uint8))[0], receipt.placement
    assert receipt.skeleton[ELBOW][:2] == pytest.approx(
        (float(seen[ELBOW, 0]) + where.x, float(seen[ELBOW, 1]) + where.y), abs=0.1
    )
    assert "told" in [model.id for model in receipt.models]
    assert receipt.checks.pose is not None


def test_another_photos_pose_is_fitted_to_the_garment(shirt: Photo, tmp_path: Path) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(write.encode(np.full((300, 200, 3), 90, np.uint8), None))
    taken, relaxed = (
        flow.produce(shirt, options(pose), ToldModels()).receipt.skeleton for pose in (f"photo:{other}", "auto")
    )
    neck, wrist = KEYPOINTS.index("neck"), KEYPOINTS.index("left_wrist")
    # The body stays the garment's own; only the free arm is held like the other person's, whose hand lies inwards of
    # the elbow. The upper arm is in its sleeve.
    assert taken[neck] == relaxed[neck]
    assert taken[wrist][0] < taken[ELBOW][0] - 10
    assert relaxed[wrist][0] > relaxed[ELBOW][0]


def test_without_weights_the_run_ends_before_any_work(shirt: Photo, tmp_path: Path) -> None:
    settings = config.resolve(flags={"pose": {"pose": "detect", "pose_weights": str(tmp_path / "none.onnx")}})
    stages: list[str] = []
    with pytest.raises(WeightsError, match="--pose-weights"):
        flow.produce(shirt, settings, RampModels(), report=lambda stage, done, total: stages.append(stage))
    assert set(stages) == {"load"}
