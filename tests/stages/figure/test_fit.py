from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import pose
from stages.canvas.place import place
from stages.casting import Casting, Pose, Size
from stages.contracts import KEYPOINTS, Placed, Skeleton, View
from stages.errors import NotFoundError
from stages.figure.anatomy import Anatomy
from stages.figure.fit import fit
from stages.figure.records import Posed
from stages.figure.sizes import SIZES
from stages.options import PlaceOptions
from tests.examples import examples
from tests.stages.drawn import GARMENTS, photo_of

WORN = sorted(GARMENTS)


@cache
def placed_of(name: str, view: View = "front") -> tuple[Placed, Skeleton]:
    photo, cutout = photo_of(GARMENTS[name])
    placed = place(photo, cutout, PlaceOptions(), view)
    return placed, pose.fit(placed, Pose(), view, 0)


def skin_of(posed: Posed, placed: Placed) -> np.ndarray:
    skin = posed.surfaces["skin"].drawn
    drawn = np.zeros((placed.height, placed.width), np.uint8)
    for triangle in np.rint(skin.vertices[:, :2][skin.faces] * 16).astype(np.int32):
        cv2.fillConvexPoly(drawn, triangle, 1, cv2.LINE_8, 4)
    return drawn > 0


@cache
def fitted(anatomy: Anatomy, name: str) -> Posed:
    """Returns the body of a casting that says nothing, in a garment."""
    return fit(anatomy, *placed_of(name), Casting())


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", WORN)
def test_little_of_what_is_covered_sticks_out(anatomy: Anatomy, name: str) -> None:
    placed, _ = placed_of(name)
    posed = fitted(anatomy, name)
    assert posed.sticking_out < 4e-4 * placed.width * placed.height


def test_no_skin_is_seen_beside_a_long_sleeve(anatomy: Anatomy) -> None:
    placed, skeleton = placed_of("long sleeve")
    for size in ("XS", "3XL"):
        seen = skin_of(fit(anatomy, placed, skeleton, Casting(size=size)), placed)
        cloth = np.zeros_like(seen)
        cloth[placed.window] = placed.matte > 0
        pit, cuff = (round(placed.shape.landmarks[f"left_{mark}"][1]) for mark in ("armpit", "cuff"))
        assert np.count_nonzero((seen & ~cloth)[pit : cuff - 40]) < 150


@pytest.mark.parametrize("view", ["front", "back"])
def test_hands_come_out_of_the_cuffs(anatomy: Anatomy, view: View) -> None:
    placed, skeleton = placed_of("long sleeve", view)
    posed = fit(anatomy, placed, skeleton, Casting(), view)
    torso = np.linalg.norm(skeleton[KEYPOINTS.index("neck"), :2] - skeleton[[8, 11], :2].mean(axis=0))
    for side in ("right", "left"):
        wrist = posed.skeleton[KEYPOINTS.index(f"{side}_wrist"), :2]
        assert np.linalg.norm(wrist - placed.shape.landmarks[f"{side}_cuff"]) < 0.12 * torso


def test_a_garment_twice_as_wide_is_worn_by_the_same_body(anatomy: Anatomy) -> None:
    narrow = fitted(anatomy, "tee")
    head = [np.ptp(narrow.surfaces["skin"].vertices[narrow.surfaces["skin"].faces[narrow.surfaces["skin"].parts == 2]]
                   .reshape(-1, 3)[:, axis]) for axis in (0, 1)]  # fmt: skip
    torso = np.linalg.norm(narrow.skeleton[1, :2] - narrow.skeleton[[8, 11], :2].mean(axis=0))
    assert head[1] / torso == pytest.approx(0.5, abs=0.12)
    assert head[0] / head[1] == pytest.approx(0.72, abs=0.15)


def test_the_same_garment_gives_the_same_body(anatomy: Anatomy) -> None:
    placed, skeleton = placed_of("dress" if "dress" in GARMENTS else "tee")
    first, second = (fit(anatomy, placed, skeleton, Casting()) for _ in range(2))
    np.testing.assert_array_equal(first.surfaces["skin"].vertices, second.surfaces["skin"].vertices)


def test_the_neck_stands_in_the_neckline(anatomy: Anatomy) -> None:
    placed, _ = placed_of("tee")
    posed = fitted(anatomy, "tee")
    seen = skin_of(posed, placed)
    cloth = np.zeros_like(seen)
    cloth[placed.window] = placed.matte > 0.5
    x, y = (round(v) for v in placed.shape.landmarks["collar"])
    assert seen[y - 60 : y - 2, x].all()  # no gap between neck and collar
    assert posed.skeleton[0, 1] < y  # the face above it


def _squeezed(placed: Placed, share: float) -> Placed:
    """The same garment, so much narrower about the body's middle."""
    x0, y0, x1, y1 = placed.box
    middle = placed.shape.landmarks["collar"][0] - x0
    way = np.array([[share, 0, middle * (1 - share)], [0, 1, 0]], np.float32)
    matte = cv2.warpAffine(placed.matte, way, (x1 - x0, y1 - y0))
    marks = {name: (x0 + middle + share * (x - x0 - middle), y) for name, (x, y) in placed.shape.landmarks.items()}
    return replace(placed, matte=matte, shape=replace(placed.shape, landmarks=marks))


def test_a_garment_too_narrow_for_a_size_is_worn_by_a_smaller_one(anatomy: Anatomy) -> None:
    placed, skeleton = placed_of("tee")
    large = Casting(size="4XL")
    worn = [
        str(fit(anatomy, _squeezed(placed, share), skeleton, large).parameters["size"]) for share in (2.0, 1.0, 0.7)
    ]
    steps = [SIZES.index(size) for size in worn]
    assert worn[0] == "4XL"
    assert steps == sorted(steps, reverse=True)
    assert steps[2] < steps[0]


@pytest.mark.parametrize("size", ["XS", "M"])
def test_a_garment_that_is_wide_enough_is_worn_by_the_castings_own_size(anatomy: Anatomy, size: Size) -> None:
    placed, skeleton = placed_of("tee")
    assert fit(anatomy, placed, skeleton, Casting(size=size)).parameters["size"] == size


def test_a_skeleton_without_a_torso_is_refused(anatomy: Anatomy) -> None:
    placed, skeleton = placed_of("tee")
    flat = skeleton.copy()
    flat[:, 1] = 300
    with pytest.raises(NotFoundError):
        fit(anatomy, placed, flat, Casting())


def test_joints_that_a_detector_missed_are_taken_from_the_placement(anatomy: Anatomy) -> None:
    placed, skeleton = placed_of("tee")
    seen = skeleton.copy()
    seen[[8, 9, 10, 11, 12, 13]] = 0
    posed = fit(anatomy, placed, seen, Casting())
    assert posed.skeleton[KEYPOINTS.index("right_hip"), 1] > posed.skeleton[1, 1]


@pytest.mark.parametrize("who", [Casting(), Casting(person="man", size="3XL"), Casting(person="man", height=192)])
def test_trouser_legs_lead_to_the_ankles(anatomy: Anatomy, who: Casting) -> None:
    placed, skeleton = placed_of("trousers")
    residuals = fit(anatomy, placed, skeleton, who).residuals
    assert max(residuals[f"{side}_{name}"] for side in ("right", "left") for name in ("knee", "ankle")) < 0.03


@pytest.mark.parametrize("who", [Casting(), Casting(person="man", size="3XL")])
def test_a_long_sleeve_leads_to_the_wrist(anatomy: Anatomy, who: Casting) -> None:
    placed, skeleton = placed_of("long sleeve")
    residuals = fit(anatomy, placed, skeleton, who).residuals
    assert max(residuals[f"{side}_wrist"] for side in ("right", "left")) < 0.04


def test_a_persons_own_joints_are_reached(anatomy: Anatomy) -> None:
    placed, skeleton = placed_of("tee")
    own = skeleton.copy()
    # One hand on the hip, as a detector finds it on a worn photo.
    shoulder, torso = own[KEYPOINTS.index("left_shoulder"), :2], own[8, 1] - own[2, 1]
    own[KEYPOINTS.index("left_elbow"), :2] = shoulder + torso * np.array([0.42, 0.38])
    own[KEYPOINTS.index("left_wrist"), :2] = shoulder + torso * np.array([0.05, 0.72])
    residuals = fit(anatomy, placed, own, Casting(), exact=True).residuals
    assert residuals["left_wrist"] < 0.06
    assert residuals["left_elbow"] < 0.12


@given(
    shifts=st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)), min_size=18, max_size=18),
    joined=st.sampled_from([(), (3, 2), (4, 3), (9, 8), (10, 9)]),
    exact=st.booleans(),
)
@settings(max_examples=examples(12))
def test_any_skeleton_with_a_torso_gives_a_body_that_is_whole(
    anatomy: Anatomy, shifts: list[tuple[float, float]], joined: tuple[int, ...], exact: bool
) -> None:
    placed, skeleton = placed_of("long sleeve")
    moved = skeleton.copy()
    moved[:, :2] += np.array(shifts) * (skeleton[8, 1] - skeleton[2, 1])
    moved[[2, 5, 8, 11]] = skeleton[[2, 5, 8, 11]]
    if joined:
        moved[joined[0], :2] = moved[joined[1], :2]
    posed = fit(anatomy, placed, moved, Casting(), exact=exact)
    for surface in posed.surfaces.values():
        assert np.isfinite(surface.vertices).all()
    lengths = [np.linalg.norm(tail - head) for head, tail in posed.joints.values()]
    assert max(lengths) < 0.5 * posed.scale  # no bone is longer than half a metre


def test_the_chin_stands_above_a_stand_up_collar(anatomy: Anatomy) -> None:
    placed, skeleton = placed_of("tee")
    low = fitted(anatomy, "tee")
    collar = placed.matte.copy()
    middle, top = round(placed.shape.landmarks["collar"][0]) - placed.box[0], placed.box[1]
    chin = round(low.skeleton[0, 1] + 0.3 * (low.skeleton[1, 1] - low.skeleton[0, 1]))
    # A collar as high as the lips, on a box that reaches up to it.
    raised = np.pad(collar, ((top - chin, 0), (0, 0)))
    raised[: placed.matte.shape[0] // 3, middle - 30 : middle + 30] = 1
    x0, _, x1, y1 = placed.box
    pixels = np.zeros((*raised.shape, 3), np.uint8)
    stand = replace(placed, box=(x0, chin, x1, y1), matte=raised, pixels=pixels, foreground=pixels)
    high = fit(anatomy, stand, skeleton, Casting())
    assert high.skeleton[0, 1] < low.skeleton[0, 1] - 5
    np.testing.assert_allclose(high.skeleton[1], low.skeleton[1], atol=12)


def test_a_casting_has_the_same_face_in_every_garment(anatomy: Anatomy) -> None:
    def features(name: str) -> np.ndarray:
        placed, skeleton = placed_of(name)
        posed = fit(anatomy, placed, skeleton, Casting(face=4))
        back = np.linalg.inv(posed.head.astype(np.float64))
        skin = posed.surfaces["skin"]
        rest = skin.vertices @ back[:3, :3].T + back[:3, 3]
        # Between brows and mouth, metres from the middle of the eyes.
        return rest[(np.abs(rest[:, 0]) < 0.05) & (rest[:, 1] < 0.02) & (np.abs(rest[:, 2] + 0.02) < 0.05)]

    first, second = (features(name) for name in ("tee", "long-sleeved dress"))
    assert first.shape == second.shape
    assert np.abs(first - second).max() < 5e-4
