"""Backdrop shows in slits between limbs; eyes, buttons, folds and straps of its colour are no slits."""

import cv2
import numpy as np
import pytest

from scripts.bench_swap import cut
from scripts.synthetic.subject import draw
from stages.find.slits import slits
from stages.matte import backdrop

pytestmark = pytest.mark.sampled

PAPER, SKIN, CLOTH = (206, 203, 199), (150, 104, 80), (236, 235, 234)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [0, 1])
def test_slits_between_limbs_are_given_to_the_new_scene(seed: int) -> None:
    drawn = draw(seed, "slits")
    matte, _ = cut(drawn)
    bare = drawn.matte < 0.02
    frame = np.zeros_like(bare)
    frame[0] = True
    enclosed = bare & ~backdrop.connected(bare, frame)
    assert enclosed.sum() > 1000
    # Without looking for slits 0.51 and 0.88 of it were kept.
    assert (matte > 0.5)[enclosed].mean() < 0.02
    assert (matte < 0.5)[drawn.matte > 0.98].mean() < 0.001


def found(patch: np.ndarray, below: int = 40, cloth_from: int = 300) -> float:
    """Gives the share of a patch (1 in it, else less) of the paper's colour that is a slit in a body of skin.

    The body wears white cloth from a column on.
    """
    body = np.zeros((400, 300), np.float32)
    body[20 : 400 - below, 60:240] = 1
    share = (body * (1 - patch))[..., None]
    cloth = np.arange(300)[None, :, None] >= cloth_from
    picture = share * np.where(cloth, CLOTH, SKIN) + (1 - share) * np.array(PAPER)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7)
    colours = backdrop.lab(np.rint(picture).astype(np.uint8))
    bare = cv2.erode((body == 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    pale = cloth[..., 0] & (body > 0) & (patch == 0)
    return float(slits(colours, bare, pale, 1.0)[patch == 1].mean())


def patch(rows: slice, columns: slice) -> np.ndarray:
    flags = np.zeros((400, 300), np.float32)
    flags[rows, columns] = 1
    return flags


def test_a_slit_by_the_side_is_found() -> None:
    assert found(patch(slice(200, 240), slice(80, 87))) > 0.7


def test_small_things_deep_inside_are_none() -> None:
    assert found(patch(slice(200, 205), slice(140, 146))) == 0


def test_beside_white_cloth_a_hard_outline_makes_a_slit_and_a_soft_fold_none() -> None:
    hard = patch(slice(180, 260), slice(76, 84))
    assert found(hard, cloth_from=84) > 0.7
    assert found(hard, cloth_from=60) == 0
    assert found(cv2.GaussianBlur(2 * hard, (0, 0), 3).clip(0, 1), cloth_from=60) == 0


def test_straps_of_shoes_are_none() -> None:
    assert found(patch(slice(340, 350), slice(80, 110))) == 0
    # Cut by the frame, the body shows no feet.
    assert found(patch(slice(340, 347), slice(80, 110)), below=0) > 0.7
