import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.casting import Casting
from stages.contracts import KEYPOINTS
from stages.figure import body
from stages.figure.anatomy import Anatomy
from stages.figure.limbs import about, frame, swing, two_bones, unit
from stages.figure.person import person, posed_standing
from stages.figure.physique import Physique
from stages.figure.stance import hanging, rotations, upright
from tests.examples import examples

DIRECTION = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)


@given(start=DIRECTION, goal=DIRECTION)
def test_a_swing_brings_one_direction_into_the_other(start: tuple[float, ...], goal: tuple[float, ...]) -> None:
    turn = swing(start, goal)
    np.testing.assert_allclose(turn @ unit(start), unit(goal), atol=1e-6)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)


@given(upper=DIRECTION, lower=DIRECTION)
def test_two_bones_point_where_they_are_asked_to(upper: tuple[float, ...], lower: tuple[float, ...]) -> None:
    rest = np.array([0.7, 0.1, -0.7]), np.array([0.7, -0.1, -0.7])
    first, second = two_bones(rest, np.array(upper), np.array(lower), np.array([0.0, -1.0, 0.0]))
    np.testing.assert_allclose(first @ unit(rest[0]), unit(upper), atol=1e-6)
    np.testing.assert_allclose(second @ unit(rest[1]), unit(lower), atol=1e-6)


def test_a_body_that_is_not_bent_rests(anatomy: Anatomy) -> None:
    still = body.rest(anatomy, Physique())
    moved = body.moved(anatomy, still, body.bend(anatomy, still, {}))
    np.testing.assert_allclose(moved, still.vertices, atol=1e-5)


@given(arms=st.floats(0, 60), legs=st.floats(0, 25))
@settings(max_examples=examples(15))
def test_bones_keep_their_length_in_any_stance(anatomy: Anatomy, arms: float, legs: float) -> None:
    still = body.rest(anatomy, Physique(male=1))
    transforms = body.bend(anatomy, still, rotations(anatomy, still, upright(arms, legs)))
    shown = body.show(anatomy, still, transforms, body.Camera(500.0, 300, 400))
    for at, name in enumerate(anatomy.bones):
        head, tail = shown.joints[name]
        length = 500.0 * np.linalg.norm(still.tails[at] - still.heads[at])
        assert np.linalg.norm(tail - head) == pytest.approx(length, rel=1e-3, abs=0.05)


def test_limbs_lie_where_the_stance_says(anatomy: Anatomy) -> None:
    still = body.rest(anatomy, Physique())
    shown = body.show(
        anatomy,
        still,
        body.bend(anatomy, still, rotations(anatomy, still, upright(30.0))),
        body.Camera(500.0, 300, 400),
    )
    shoulder, elbow = (shown.skeleton[KEYPOINTS.index(f"left_{name}"), :2] for name in ("shoulder", "elbow"))
    np.testing.assert_allclose(unit(elbow - shoulder), hanging(30, 1, 0.02)[[0, 2]] * (1, -1), atol=0.01)


def test_from_the_back_the_right_hand_is_on_the_right(anatomy: Anatomy) -> None:
    front, back = (posed_standing(anatomy, Casting(), 400, 600, view=view) for view in ("front", "back"))
    wrist = KEYPOINTS.index("right_wrist")
    assert front.skeleton[wrist, 0] < 200 < back.skeleton[wrist, 0]
    assert back.skeleton[KEYPOINTS.index("nose"), 2] == 0
    np.testing.assert_allclose(front.skeleton[wrist, 0] + back.skeleton[wrist, 0], 399, atol=2)


def test_a_standing_person_fits_the_frame_with_outward_normals(anatomy: Anatomy) -> None:
    shown = posed_standing(anatomy, Casting(), 400, 600)
    skin = shown.surfaces["skin"]
    assert skin.vertices[:, 1].min() == pytest.approx(36, abs=4)
    assert skin.vertices[:, 1].max() < 600
    np.testing.assert_allclose(np.linalg.norm(skin.normals, axis=1), 1, atol=1e-3)
    nose = skin.vertices[np.argmin(np.hypot(*(skin.vertices[:, :2] - shown.skeleton[0, :2]).T))]
    nearest = np.argmin(np.linalg.norm(skin.vertices - nose, axis=1))
    assert skin.normals[nearest, 2] < -0.5


def test_the_heads_frame_puts_its_origin_between_the_eyes(anatomy: Anatomy) -> None:
    shown = posed_standing(anatomy, Casting(), 400, 600)
    eyes = 0.5 * (shown.joints["eye.L"][0] + shown.joints["eye.R"][0])
    np.testing.assert_allclose(shown.head[:3, 3], eyes, atol=0.01)


def test_soles_lie_on_one_floor(anatomy: Anatomy) -> None:
    shown = posed_standing(anatomy, Casting(person="man"), 400, 600)
    skin = shown.surfaces["skin"]
    lows = [skin.vertices[(skin.vertices[:, 0] < 199.5) == right, 1].max() for right in (True, False)]
    assert abs(lows[0] - lows[1]) < 2


def test_frames_and_turns_are_rotations() -> None:
    for each in (frame([1, 2, 3], [0, 1, 0]), about([1, 1, 0], 50)):
        np.testing.assert_allclose(each @ each.T, np.eye(3), atol=1e-9)
        assert np.linalg.det(each) == pytest.approx(1)


def test_a_casting_is_a_person(anatomy: Anatomy) -> None:
    woman, man = (person(anatomy, Casting(person=who)) for who in ("woman", "man"))
    assert man.stature > woman.stature
