"""A pose taken from a photo has the angles and the place that the person had there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.casting import Pose
from stages.contracts import KEYPOINTS, ModelCard, Placement, Plate, Skeleton
from stages.errors import NotFoundError
from stages.pose.body import Body, upright
from stages.pose.fit import WAYS, hang, put, seen_from
from stages.pose.from_photo import LIMBS, agreement, on_canvas, person, stance
from tests import fakes
from tests.examples import examples

ANGLES = {
    f"{side}_{limb}": st.floats(0, 50) if limb in {"thigh", "shank"} else st.floats(-25, 120)
    for side in WAYS
    for limb in LIMBS
}


def standing(pose: Pose, x: float = 500.0, tall: float = 800.0) -> Skeleton:
    """Returns a body whose limbs are at the angles of a pose."""
    joints = upright(Body(x, 900.0, tall))
    for side, way in WAYS.items():
        for upper, lower in (("upper_arm", "forearm"), ("thigh", "shank")):
            start, middle = LIMBS[upper]
            at = tuple(joints[KEYPOINTS.index(f"{side}_{start}"), :2])
            bend = hang(at, way, getattr(pose, f"{side}_{upper}"), 0.2 * tall)
            end = hang(bend, way, getattr(pose, f"{side}_{lower}"), 0.18 * tall)
            put(joints, side, (middle, LIMBS[lower][1]), [bend, end])
    return joints


class Sees:
    """A poser that sees what it is told."""

    name = "told"
    card = ModelCard("poser", "told", None, "Apache-2.0")

    def __init__(self, *people: Skeleton) -> None:
        self.people = list(people)

    def __call__(self, picture: Plate) -> list[Skeleton]:
        return self.people


@settings(max_examples=examples(40), deadline=None)
@given(angles=st.fixed_dictionaries(ANGLES), view=st.sampled_from(["front", "back"]))
def test_the_angles_of_a_person_are_read_back(angles: dict[str, float], view: str) -> None:
    pose = Pose(**angles)
    joints = standing(pose) if view == "front" else seen_from(standing(pose), "back")
    found = stance(joints)
    for name, wanted in pose:
        # From the back, the picture's left arm is the person's own left one.
        own = name if view == "front" else name.replace("right", "*")
        own = own.replace("left", "right").replace("*", "left") if view == "back" else own
        assert getattr(found, own) == pytest.approx(wanted, abs=0.01)


def test_limbs_that_are_not_seen_hang() -> None:
    joints = standing(Pose(right_upper_arm=90, right_forearm=90, left_upper_arm=90, left_forearm=90))
    joints[KEYPOINTS.index("right_elbow"), 2] = 0
    found = stance(joints)
    assert (found.right_upper_arm, found.right_forearm) == (Pose().right_upper_arm, Pose().right_forearm)
    assert found.left_upper_arm == pytest.approx(90, abs=0.01)


def test_angles_are_cut_to_what_a_pose_allows() -> None:
    assert stance(standing(Pose.model_construct(left_thigh=85.0))).left_thigh == 60


def test_a_picture_agrees_as_far_as_its_joints_are_near() -> None:
    wanted = standing(Pose())
    moved = wanted.copy()
    moved[[4, 7], :2] += 300
    moved[10, 2] = 0
    assert agreement(wanted, wanted) == 1
    assert agreement(wanted, moved) == pytest.approx(15 / 18)
    wanted[1, 2] = 0
    assert agreement(wanted, moved) is None


def test_the_larger_person_counts_and_nobody_is_an_error() -> None:
    near, far = standing(Pose(), tall=800), standing(Pose(), tall=200)
    picture = np.zeros((8, 8, 3), np.uint8)
    assert person(picture, Sees(far, near), "a.jpg") is near
    with pytest.raises(NotFoundError, match=r"a\.jpg"):
        person(picture, Sees(), "a.jpg")
    with pytest.raises(NotFoundError):
        person(picture, Sees(np.zeros((18, 3), np.float32)), "a.jpg")


@pytest.mark.parametrize("scale", [1.0, 0.5, 2.0])
def test_joints_follow_the_photo_onto_the_canvas(scale: float) -> None:
    placed = fakes.replaced(fakes.placed(), placement=Placement(30, 40, scale, None))
    joints = standing(Pose())
    joints[3] = 0
    moved = on_canvas(joints, placed)
    # Pixel centres lie at whole numbers.
    assert moved[0, 0] + 0.5 == pytest.approx((joints[0, 0] + 0.5) * scale + 30)
    assert moved[0, 1] + 0.5 == pytest.approx((joints[0, 1] + 0.5) * scale + 40)
    assert not moved[3].any()
