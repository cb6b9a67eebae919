from dataclasses import replace

import cv2
import numpy as np
import pytest

from stages.casting import Casting
from stages.contracts import Accessory, Category, Layer, Matte, Placed
from stages.figure.anatomy import Anatomy
from stages.figure.fit import fit
from stages.figure.order import settled, skin
from stages.figure.records import Posed
from stages.outfit.compose import compose
from tests.stages.figure.test_fit import placed_of


@pytest.fixture(scope="module")
def worn(anatomy: Anatomy) -> tuple[Placed, Posed]:
    placed, skeleton = placed_of("tee")
    return placed, fit(anatomy, placed, skeleton, Casting())


def band(placed: Placed) -> Matte:
    """An inner back collar: from one end of the neckline to the other, where there is no cloth in front."""
    filled = placed.matte.copy()
    x, y = (round(v) for v in placed.shape.landmarks["collar"])
    x, y = x - placed.box[0], y - placed.box[1]
    cv2.rectangle(filled, (x - 48, 2), (x + 48, y), 1.0, -1)
    return np.asarray(filled - placed.matte, np.float32).clip(0, 1)


def test_without_an_inside_nothing_changes(worn: tuple[Placed, Posed]) -> None:
    placed, posed = worn
    assert settled(placed, posed).matte is placed.matte


def test_the_inside_is_kept_beside_the_neck_and_hidden_behind_it(worn: tuple[Placed, Posed]) -> None:
    placed, posed = worn
    collar = replace(placed, inside=band(placed))
    found, body = settled(collar, posed), skin(posed, placed)
    whole = collar.inside == 1
    assert (found.matte[whole & (cv2.erode(body, np.ones((3, 3))) == 1)] == 0).all()
    beside = whole & (cv2.dilate(body, np.ones((3, 3))) == 0)
    assert beside.any()
    assert (found.matte[beside] == 1).mean() > 0.95
    assert found.inside is None


def test_what_is_kept_again_is_the_photos_own(worn: tuple[Placed, Posed]) -> None:
    placed, posed = worn
    found = settled(replace(placed, inside=band(placed)), posed)
    core = found.matte == 1
    np.testing.assert_array_equal(found.foreground[core], placed.pixels[core])


def test_the_garment_itself_loses_nothing(worn: tuple[Placed, Posed]) -> None:
    placed, posed = worn
    found = settled(replace(placed, inside=band(placed)), posed)
    assert (found.matte >= placed.matte).all()


def test_skin_is_whole_in_the_middle_of_the_neck(worn: tuple[Placed, Posed]) -> None:
    placed, posed = worn
    x, y = (round(v) for v in placed.shape.landmarks["collar"])
    assert skin(posed, placed)[y - placed.box[1] - 8, x - placed.box[0]] == 1


@pytest.mark.parametrize(("kind", "hidden"), [("outerwear", True), ("bag", False)])
def test_what_is_worn_beneath_hides_an_inside_but_not_a_bags_handle(
    worn: tuple[Placed, Posed], kind: Accessory | Category, hidden: bool
) -> None:
    placed, posed = worn

    def layer(kind: Accessory | Category, source: int, behind: bool) -> Layer:
        matte = np.zeros((20, 20), np.float32)
        matte[12:, :] = 1
        if not behind:
            matte[:, :10] = 1
        pixels = np.full((20, 20, 3), 60 * source + 30, np.uint8)
        inside = 1 - matte if behind else None
        # In a corner of the canvas, where there is no body.
        own = replace(placed, box=(0, 0, 20, 20), pixels=pixels, foreground=pixels, matte=matte, inside=inside)
        return Layer(own, kind, source)

    found = settled(compose([layer("top", 0, False), layer(kind, 1, True)]), posed)
    upper = found.layers[1].placed.matte
    assert upper[5, 15] == 1
    assert (upper[5, 5] == 0) == hidden
    assert found.matte[5, 5] == found.matte[5, 15] == 1
