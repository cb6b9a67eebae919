"""The body stands in the garment: shoulders in the shoulders, arms in the sleeves, legs in the trouser legs."""

from contextlib import suppress
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import config
from stages.canvas.place import place
from stages.casting import Pose
from stages.contracts import KEYPOINTS, Placed, Point, Skeleton
from stages.errors import OnmodelError
from stages.options import PlaceOptions
from stages.outline import silhouette
from stages.pose import fit
from stages.pose.body import FOREARM, LIMB, UPPER_ARM, Body, measure
from stages.pose.fit import Ground, free_arm, limbs
from stages.shape import corrected, describe
from tests.examples import examples
from tests.stages.drawn import GARMENTS, STATURE, matte_of, photo_of

PER_CM = 4.0
HUNG = sorted(name for name, garment in GARMENTS.items() if name not in ("trousers", "shorts", "skirt", "briefs"))
LEGGED = ["trousers", "shorts"]
SLEEVED = ["long sleeve", "spread sweater", "long-sleeved dress"]
SIDES = ("right", "left")


@cache
def placed_of(name: str, framing: str = "full") -> Placed:
    return place(*photo_of(GARMENTS[name], PER_CM), PlaceOptions(framing=framing))


def skeleton_of(name: str, pose: Pose | None = None, seed: int = 0) -> Skeleton:
    return fit(placed_of(name), pose or Pose(), "front", seed)


def at(skeleton: Skeleton, joint: str) -> Point:
    x, y = skeleton[KEYPOINTS.index(joint), :2]
    return float(x), float(y)


def covered(placed: Placed, point: Point) -> bool:
    x, y = round(point[0]) - placed.box[0], round(point[1]) - placed.box[1]
    inside = 0 <= y < placed.matte.shape[0] and 0 <= x < placed.matte.shape[1]
    return inside and bool(placed.matte[y, x] > 0.5)


def along(start: Point, end: Point, first: float = 0.0, last: float = 1.0) -> list[Point]:
    return [
        (start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])) for t in np.linspace(first, last, 12)
    ]


@pytest.mark.parametrize("name", sorted(GARMENTS))
def test_the_body_is_about_as_tall_as_the_garment_was_cut_for(name: str) -> None:
    stature = measure(describe(matte_of(GARMENTS[name], PER_CM))).stature / PER_CM
    assert 0.85 * STATURE < stature < 1.15 * STATURE


@pytest.mark.parametrize("name", sorted(GARMENTS))
@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_the_body_scales_with_its_garment(name: str, factor: float) -> None:
    one, other = (measure(describe(matte_of(GARMENTS[name], per_cm))) for per_cm in (4.0, 4.0 * factor))
    assert other.stature / one.stature == pytest.approx(factor, rel=0.06)


@pytest.mark.parametrize("name", sorted(GARMENTS))
def test_proportions_are_those_of_a_person(name: str) -> None:
    joints, body = skeleton_of(name), measure(placed_of(name).shape)
    neck, nose, ankle = at(joints, "neck"), at(joints, "nose"), at(joints, "left_ankle")
    assert nose[1] < neck[1] < at(joints, "left_hip")[1] < at(joints, "left_knee")[1] < ankle[1]
    assert abs(neck[0] - nose[0]) < 0.03 * body.stature
    # Crown to chin is about 1/7.5 of stature, and ears are as far apart as a head is wide.
    assert at(joints, "left_ear")[0] - at(joints, "right_ear")[0] == pytest.approx(body.stature / 12, rel=0.2)
    assert ankle[1] - nose[1] == pytest.approx(0.875 * body.stature, rel=0.05)


@pytest.mark.parametrize("name", HUNG)
def test_neck_and_shoulders_stand_in_the_neckline_and_the_shoulders(name: str) -> None:
    placed, joints = placed_of(name), skeleton_of(name)
    x, y = at(joints, "neck")
    collar = placed.shape.landmarks["collar"]
    assert abs(x - collar[0]) < 3 * PER_CM
    assert all(
        shoulder[1] == pytest.approx(y, abs=2) for shoulder in (at(joints, f"{side}_shoulder") for side in SIDES)
    )
    if "right_shoulder" in placed.shape.landmarks and "right_cuff" in placed.shape.landmarks:
        assert all(covered(placed, at(joints, f"{side}_shoulder")) for side in SIDES)
        tips = [placed.shape.landmarks[f"{side}_shoulder"] for side in SIDES]
        assert tips[0][0] < at(joints, "right_shoulder")[0] < at(joints, "left_shoulder")[0] < tips[1][0]
        assert tips[0][1] < y < tips[0][1] + 8 * PER_CM


@pytest.mark.parametrize("name", SLEEVED)
def test_arms_follow_long_sleeves_to_the_cuff(name: str) -> None:
    placed, joints = placed_of(name), skeleton_of(name)
    for side in SIDES:
        shoulder, elbow, wrist = (at(joints, f"{side}_{part}") for part in ("shoulder", "elbow", "wrist"))
        inside = [covered(placed, point) for point in along(shoulder, elbow) + along(elbow, wrist, 0, 0.9)]
        assert np.mean(inside) > 0.9
        cuff = placed.shape.landmarks[f"{side}_cuff"]
        assert np.hypot(wrist[0] - cuff[0], wrist[1] - cuff[1]) < 6 * PER_CM


@pytest.mark.parametrize("name", ["tee"])
def test_arms_leave_short_sleeves_through_the_cuff_and_clear_the_body(name: str) -> None:
    placed, joints = placed_of(name), skeleton_of(name)
    for side in SIDES:
        shoulder, elbow, wrist = (at(joints, f"{side}_{part}") for part in ("shoulder", "elbow", "wrist"))
        assert np.mean([covered(placed, point) for point in along(shoulder, elbow, 0, 0.5)]) > 0.9
        assert not any(covered(placed, point) for point in along(elbow, wrist))


@pytest.mark.parametrize("name", ["tank", "strap top", "dress", "trousers", "shorts", "skirt"])
def test_free_arms_do_not_cross_the_garment(name: str) -> None:
    placed, joints = placed_of(name), skeleton_of(name)
    for side in SIDES:
        elbow, wrist = at(joints, f"{side}_elbow"), at(joints, f"{side}_wrist")
        assert np.mean([covered(placed, point) for point in along(elbow, wrist)]) < 0.1


@pytest.mark.parametrize("name", LEGGED)
def test_legs_stand_in_the_trouser_legs(name: str) -> None:
    placed, joints = placed_of(name), skeleton_of(name)
    hem = placed.box[3] - 4 * PER_CM
    for side, way in (("right", -1), ("left", 1)):
        hip, knee, ankle = (at(joints, f"{side}_{part}") for part in ("hip", "knee", "ankle"))
        assert way * (hip[0] - placed.shape.landmarks["crotch"][0]) > 0
        points = [point for point in along(hip, knee) + along(knee, ankle) if point[1] < hem]
        assert all(covered(placed, point) for point in points)


def test_feet_stand_at_the_hem_of_full_length_trousers() -> None:
    placed, joints = placed_of("trousers"), skeleton_of("trousers")
    assert at(joints, "left_ankle")[1] == pytest.approx(placed.box[3], abs=8 * PER_CM)


@pytest.mark.parametrize("name", ["skirt", "dress"])
def test_knees_stay_inside_a_skirt(name: str) -> None:
    placed = placed_of(name)
    joints = skeleton_of(name, Pose(right_thigh=40, left_thigh=40))
    for side in SIDES:
        knee = at(joints, f"{side}_knee")
        assert covered(placed, knee) or knee[1] > placed.box[3]


@pytest.mark.parametrize("name", sorted(GARMENTS))
def test_a_symmetrical_garment_gets_a_symmetrical_body(name: str) -> None:
    matte = matte_of(GARMENTS[name], PER_CM)
    joints = limbs(describe(matte), silhouette(matte), Pose())
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "ear"):
        right, left = at(joints, f"right_{joint}"), at(joints, f"left_{joint}")
        assert right[1] == pytest.approx(left[1], abs=2 * PER_CM)
        assert right[0] + left[0] == pytest.approx(matte.shape[1] - 1, abs=4 * PER_CM)


def test_from_the_back_there_is_no_face_and_right_is_right() -> None:
    photo, cutout = photo_of(GARMENTS["tank"], PER_CM)
    joints = fit(place(photo, cutout, PlaceOptions(), "back"), Pose(), "back", 0)
    confidence = dict(zip(KEYPOINTS, joints[:, 2], strict=True))
    assert confidence["nose"] == confidence["left_eye"] == confidence["right_eye"] == 0
    assert confidence["left_ear"] > 0
    for part in ("ear", "shoulder", "elbow", "hip"):
        assert at(joints, f"right_{part}")[0] > at(joints, f"left_{part}")[0]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_seed_gives_the_same_body_and_another_seed_another_one(seed: int) -> None:
    one, again, other = (skeleton_of("tank", seed=n) for n in (seed, seed, (seed + 1) % 2**32))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert np.abs(one - other)[:, :2].max() < 0.15 * STATURE * PER_CM


def test_joints_far_outside_the_frame_are_left_out() -> None:
    joints = fit(placed_of("tee", "half"), Pose(), "front", 0)
    confidence = dict(zip(KEYPOINTS, joints[:, 2], strict=True))
    assert confidence["left_ankle"] == confidence["right_ankle"] == 0
    assert confidence["left_hip"] == confidence["neck"] == confidence["nose"] == 1


def test_a_pose_moves_free_arms_and_leaves_sleeved_ones() -> None:
    wide = Pose(left_upper_arm=60, left_forearm=60)
    free = np.subtract(at(skeleton_of("tank", wide), "left_wrist"), at(skeleton_of("tank"), "left_wrist"))
    held = np.subtract(at(skeleton_of("long sleeve", wide), "left_wrist"), at(skeleton_of("long sleeve"), "left_wrist"))
    assert np.hypot(*free) > 15 * PER_CM
    assert np.hypot(*held) < 1


@pytest.mark.parametrize("name", config.names("poses"))
def test_every_pose_of_the_library_keeps_its_limbs_in_proportion(name: str) -> None:
    joints, body = skeleton_of("tank", Pose.model_validate(config.stance(name))), measure(placed_of("tank").shape)
    for side in SIDES:
        shoulder, elbow, wrist = (at(joints, f"{side}_{part}") for part in ("shoulder", "elbow", "wrist"))
        assert np.hypot(*np.subtract(elbow, shoulder)) == pytest.approx(UPPER_ARM * body.stature, rel=0.01)
        assert np.hypot(*np.subtract(wrist, elbow)) == pytest.approx(FOREARM * body.stature, rel=0.01)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("wanted", [0.0, 30.0, 60.0])
def test_an_arm_leaves_a_puffed_sleeve_through_its_cuff(side: str, wanted: float) -> None:
    matte = np.zeros((400, 600), np.float32)
    matte[100:300, 100:500] = 1  # so wide that it would hold an arm at any angle
    stature, shoulder, cuff = 800.0, (300.0, 120.0), np.array([300.0, 216.0])
    ground = Ground(silhouette(matte), matte > 0)
    pose = Pose.model_validate({f"{side}_upper_arm": wanted, f"{side}_forearm": wanted})
    elbow = np.array(free_arm(shoulder, side, Body(300, 700, stature), ground, pose, (300.0, 216.0))[0])
    way = (elbow - shoulder) / np.linalg.norm(elbow - shoulder)
    assert np.linalg.norm(shoulder + 96 * way - cuff) < LIMB * stature


@settings(max_examples=examples(60), deadline=None)
@given(name=st.sampled_from(sorted(GARMENTS)), data=st.data())
def test_wherever_landmarks_are_moved_a_body_is_found_or_refused_in_words(name: str, data: st.DataObject) -> None:
    photo, cutout = photo_of(GARMENTS[name], 2.0)
    marks = st.tuples(
        st.sampled_from(sorted(cutout.shape.landmarks)),
        st.integers(0, photo.width - 1), st.integers(0, photo.height - 1),
    )  # fmt: skip
    said = [f"{mark}={x},{y}" for mark, x, y in data.draw(st.lists(marks, min_size=1, max_size=4))]
    with suppress(OnmodelError):
        shape = corrected(cutout.shape, said, photo.width, photo.height)
        placed = place(photo, replace(cutout, shape=shape), PlaceOptions(max_megapixels=40))
        assert np.isfinite(fit(placed, Pose(), "front", 0)).all()


@pytest.mark.parametrize("side", SIDES)
def test_a_wrist_follows_the_cuff_that_is_moved(side: str) -> None:
    photo, cutout = photo_of(GARMENTS["long sleeve"], PER_CM)
    x, y = cutout.shape.landmarks[f"{side}_cuff"]
    shape = corrected(cutout.shape, [f"{side}_cuff={x},{y - 12 * PER_CM}"], photo.width, photo.height)
    before, after = (
        at(fit(place(photo, each, PlaceOptions()), Pose(), "front", 0), f"{side}_wrist")
        for each in (cutout, replace(cutout, shape=shape))
    )
    assert before[1] - after[1] > 4 * PER_CM
