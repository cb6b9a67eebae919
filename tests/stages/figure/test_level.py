"""The eyes of every figure lie where the frame has them, and what is worn moves with the body."""

from dataclasses import replace

import numpy as np
import pytest

from stages.casting import Casting, Scene
from stages.contracts import Framing, Layer
from stages.figure.anatomy import Anatomy
from stages.figure.level import level
from stages.figure.make import Maker
from stages.outfit.compose import compose
from tests.stages.figure.test_fit import fitted, placed_of


@pytest.mark.parametrize("by", [-40, 25])
def test_garment_and_body_are_moved_as_one_until_the_eyes_are_level(anatomy: Anatomy, by: int) -> None:
    placed, _ = placed_of("tee")
    posed = fitted(anatomy, "tee")
    wrong = replace(placed, body=placed.body + np.array([0, by, 0], np.float32))
    found, moved = level(wrong, posed)
    eyes = float(placed.body[[14, 15], 1].mean()) + by
    assert moved.head[1, 3] == pytest.approx(eyes, abs=0.51)
    down = found.box[1] - placed.box[1]
    assert found.placement.y - placed.placement.y == down
    assert np.array_equal(found.matte, placed.matte)
    assert np.allclose(moved.skeleton[:, 1] - posed.skeleton[:, 1], down, atol=1e-3)
    for name, surface in moved.surfaces.items():
        assert np.allclose(surface.vertices - posed.surfaces[name].vertices, (0, down, 0), atol=1e-2)
    for mark, (x, y) in found.shape.landmarks.items():
        assert (x, y - down) == placed.shape.landmarks[mark]


def test_the_garment_stays_on_its_canvas(anatomy: Anatomy) -> None:
    placed, _ = placed_of("tee")
    posed = fitted(anatomy, "tee")
    for by in (-4000, 4000):
        found, _ = level(replace(placed, body=placed.body + np.array([0, by, 0], np.float32)), posed)
        assert found.box[1] >= 0
        assert found.box[3] <= placed.height
        assert 0 in (found.box[1], placed.height - found.box[3])


def test_an_outfits_layers_move_with_it(anatomy: Anatomy) -> None:
    placed, _ = placed_of("tee")
    outfit = compose([Layer(placed, "top", 0), Layer(placed, "top", 1)])
    posed = fitted(anatomy, "tee")
    found, _ = level(replace(outfit, body=outfit.body + np.array([0, 30, 0], np.float32)), posed)
    assert found.box != outfit.box
    assert {each.placed.box for each in found.layers} == {found.box}
    assert np.array_equal(compose(found.layers).pixels, found.pixels)


@pytest.mark.sampled
@pytest.mark.parametrize("framing", ["three-quarter", "lower"])
def test_a_cropped_head_and_a_given_pose_are_left_where_they_are(anatomy: Anatomy, framing: Framing) -> None:
    placed, skeleton = placed_of("tee")
    asked = replace(placed, framing=framing, body=placed.body + np.array([0, 30, 0], np.float32))
    figure = Maker(anatomy)(asked, skeleton, Casting(), Scene(), "front", 0, exact=framing != "lower", lit=False)
    assert figure.placed is not None
    assert figure.placed.box == placed.box
