"""What diffusion models are told of a figure agrees with its geometry."""

import dataclasses

import cv2
import numpy as np
import pytest

from stages.canvas import mask
from stages.figure import guide
from tests.fakes import placed
from tests.stages.figure.figures import disc


@pytest.mark.parametrize(("width", "height"), [(120, 180), (64, 96), (240, 360)])
def test_depth_is_bright_where_near(width: int, height: int) -> None:
    figure = disc()
    depth = guide.depth(figure, width, height)
    assert depth.shape == (height, width, 3)
    assert depth.min() == 0
    assert depth.max() == 255
    assert (depth[..., 0] == depth[..., 1]).all()
    middle, rim = depth[height // 2, width // 2, 0], depth[height // 2, round(width * (0.5 + 36 / 120)), 0]
    assert middle > rim > depth[height // 2, 2, 0]
    assert depth[2, width // 2, 0] == 0


def test_the_floor_comes_nearer_towards_the_bottom() -> None:
    figure = disc(120, 400, radius=20)
    column = guide.depth(figure, 120, 400)[:, 3, 0].astype(int)
    assert (np.diff(column) >= 0).all()
    assert column[-1] > column[200]


def test_nearer_is_never_darker() -> None:
    near, far = disc(), disc()
    far = dataclasses.replace(far, depth=far.depth + 30)
    both = [guide.depth(each, 120, 180)[90, 60, 0].astype(int) for each in (near, far)]
    assert both[0] >= both[1]


def test_the_start_is_the_figure_over_what_is_known() -> None:
    figure = disc()
    image = np.full((90, 60, 3), 128, np.uint8)
    start = guide.start(figure, image)
    assert (start[45, 30] == figure.picture[90, 60]).all()
    assert (start[2, 2] == 128).all()


@pytest.mark.parametrize("width", [180, 90, 45])
def test_the_start_shows_what_is_worn_in_front_of_the_figure(width: int) -> None:
    """Behind opaque cloth a figure is not shaded, and its black must not be seen: not at the cloth's edge either."""
    garment = placed()
    cloth = np.zeros((garment.height, garment.width), np.float32)
    cloth[garment.window] = garment.matte
    bare = disc(garment.width, garment.height, radius=88)
    dark = np.where((cloth == 1)[..., None], 0, bare.picture).astype(np.uint8)
    figure = dataclasses.replace(bare, picture=dark, placed=garment)
    height = width * garment.height // garment.width
    worn = mask.image_for_model(garment, width, height)
    start = guide.start(figure, worn)
    inside = cv2.resize(bare.alpha, (width, height), interpolation=cv2.INTER_AREA) == 1
    least = np.minimum(garment.foreground.reshape(-1, 3).min(axis=0), (128, 128, 110))  # cloth, grey and skin
    assert (start[inside] >= least - 2).all()
    covered = cv2.resize((cloth == 1).astype(np.float32), (width, height), interpolation=cv2.INTER_AREA) == 1
    assert covered.any()
    np.testing.assert_array_equal(start[covered], worn[covered])


def test_face_and_hands_are_boxed_where_they_are_seen() -> None:
    found = guide.boxes(disc())
    (face,) = found["face"]
    assert abs(face[0] - 50) <= 1
    assert abs(face[2] - 70) <= 1
    assert len(found["hand"]) == 1
    hidden = dataclasses.replace(disc(), parts=np.zeros((180, 120), np.uint8))
    assert guide.boxes(hidden) == {"face": [], "hand": []}
