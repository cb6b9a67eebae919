"""Light and its sources."""

import cv2
import numpy as np
import pytest

from stages.casting import Scene
from stages.figure import light
from stages.figure.bake import reach
from stages.figure.colours import encoded, linear, luminance

SIDES = "left", "right", "front"


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("softness", [0.0, 0.5, 1.0])
def test_a_face_towards_the_camera_is_lit_as_bright_as_its_albedo(side: str, softness: float) -> None:
    rig = light.rig(light.of_scene(Scene.model_validate({"light_from": side, "softness": softness})))
    across = {"left": -0.25, "right": 0.25, "front": 0.0}[side]
    normal = np.array([[across, -0.2, -0.95]], np.float32)
    normal /= np.linalg.norm(normal)
    key = rig.colour * max(float(normal[0] @ rig.key), 0)
    assert luminance(key + light.sky_light(rig.harmonics, normal)[0]) == pytest.approx(1, abs=0.1)


def test_left_and_right_mirror_each_other() -> None:
    left, right = (light.rig(light.of_scene(Scene(light_from=side))) for side in ("left", "right"))
    flip = np.array([-1, 1, 1], np.float32)
    assert np.allclose(left.key, right.key * flip)
    normals = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    assert np.allclose(
        light.sky_light(left.harmonics, normals), light.sky_light(right.harmonics, normals * flip), atol=0.01
    )


@pytest.mark.parametrize("side", SIDES)
def test_nothing_in_the_way_lets_all_light_arrive(side: str) -> None:
    rig = light.rig(light.of_scene(Scene.model_validate({"light_from": side})))
    normals = np.array([[0, 0, -1], [0.6, 0, -0.8], [-0.6, 0, -0.8], [0, -1, 0]], np.float32)
    found = reach(np.zeros((4, 3), np.float32), normals, lambda at, _: np.zeros(len(at), np.bool_), rig, 0.0)
    assert (found.key == 1).all()
    assert np.abs(found.sky - 1).max() < 0.15


def test_a_roof_takes_the_sky_away_and_leaves_the_floor() -> None:
    rig = light.rig(light.of_scene(Scene()))
    normals = np.array([[0, 0, -1], [0, -1, 0], [0, 1, 0]], np.float32)

    def roof(at: np.ndarray, direction: np.ndarray) -> np.ndarray:
        return np.full(len(at), direction[1] < 0)

    found = reach(np.zeros((3, 3), np.float32), normals, roof, rig, 0.0)
    ahead, up, down = found.sky.mean(axis=1)
    assert up == 0
    assert 0 < ahead < 0.6
    assert down > 0.85


def test_film_is_true_below_its_shoulder_and_never_beyond_white() -> None:
    every = np.arange(256, dtype=np.uint8)
    shown = encoded(linear(every)) * 255
    dark = every < 215
    assert np.abs(shown[dark] - every[dark]).max() < 0.6
    bright = encoded(np.linspace(0, 50, 500).astype(np.float32))
    assert (np.diff(bright) >= 0).all()
    assert bright.max() <= 1


def test_linear_is_srgb() -> None:
    grey = np.full((1, 1, 3), 119, np.uint8)
    lightness = cv2.cvtColor(linear(grey), cv2.COLOR_LRGB2Lab)[0, 0, 0]
    assert lightness == pytest.approx(50, abs=0.5)
