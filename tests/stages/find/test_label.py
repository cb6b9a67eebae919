"""Brand labels in a neck, which tell that the inside of a back is seen."""

import cv2
import numpy as np
import pytest

from stages.find import label
from stages.find.neck import ABOVE, BELOW, BESIDE, CENTRE, NEAR, RAYS, WIDE, Neck, unroll

pytestmark = pytest.mark.sampled

SIZE = (ABOVE + BELOW, WIDE + 2 * BESIDE)


def neck(colour: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Draws the cloth below a shallow neckline, and tells where it is."""
    rows, columns = np.indices(SIZE)
    cloth = rows > ABOVE + 20 * (1 - ((columns - SIZE[1] / 2) / (WIDE / 2)) ** 2)
    noise = np.random.default_rng(0).normal(0, 2, (*SIZE, 3))
    return np.clip(np.where(cloth[..., None], colour, 245) + noise, 0, 255).astype(np.uint8), cloth


@pytest.mark.parametrize("colour", [(60, 30, 110), (20, 20, 24), (225, 222, 215)])
@pytest.mark.parametrize("tag", [(240, 240, 240), (40, 40, 60)])
@pytest.mark.parametrize("turn", [0, 4])
def test_a_label_is_found_at_its_place(colour: tuple[int, int, int], tag: tuple[int, int, int], turn: int) -> None:
    if np.abs(np.subtract(colour, tag)).max() < 60:
        pytest.skip("a label in the cloth's colour")
    picture, cloth = neck(colour)
    corners = cv2.boxPoints(((145.0, 95.0), (56.0, 22.0), turn))
    cv2.fillPoly(picture, [np.rint(corners).astype(np.int32)], tag)
    cv2.putText(picture, "NAME", (122, 99), cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1)
    found = label.find(picture, cloth)
    assert found is not None
    low, high = corners.min(axis=0), corners.max(axis=0)
    np.testing.assert_allclose((found.left, found.top, found.right, found.bottom), (*low, *high), atol=4)


def gingham(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws woven checks: light squares, dark squares, and halves between."""
    picture, cloth = neck((110, 80, 80))
    rows, columns = np.indices(SIZE)
    light = (rows // side % 2).astype(int) + columns // side % 2
    shades = np.array([(60, 50, 50), (150, 120, 110), (215, 200, 190)], np.uint8)[light]
    picture[cloth] = shades[cloth]
    return picture, cloth


@pytest.mark.parametrize("side", [4, 6])
def test_a_label_on_fine_checks_is_found(side: int) -> None:
    picture, cloth = gingham(side)
    assert label.find(picture, cloth) is None
    cv2.rectangle(picture, (112, 76), (172, 102), (245, 245, 240), -1)
    cv2.putText(picture, "NAME", (118, 95), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 2)
    found = label.find(picture, cloth)
    assert found is not None
    np.testing.assert_allclose((found.left, found.top, found.right, found.bottom), (112, 76, 173, 103), atol=7)


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_quantiles_are_those_of_the_square_around(share: float) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (*SIZE, 3), np.uint8)
    half = label.PATTERN // 2
    square = picture[100 - half : 101 + half, 80 - half : 81 + half]
    wanted = np.sort(square.reshape(-1, 3), axis=0)[int(share * label.PATTERN**2)]
    np.testing.assert_array_equal(label.quantile(picture, share)[100, 80], wanted)


@pytest.mark.parametrize("side", [24, 36])
def test_checks_and_plain_cloth_have_no_label(side: int) -> None:
    picture, cloth = neck((90, 140, 100))
    assert label.find(picture, cloth) is None
    rows, columns = np.indices(SIZE)
    checks = cloth & ((rows // side + columns // side) % 2 == 0)
    picture[checks] = (200, 230, 200)
    assert label.find(picture, cloth) is None


@pytest.mark.parametrize("step", [20, 30])
def test_dots_are_no_labels(step: int) -> None:
    picture, cloth = neck((90, 40, 60))
    for row in range(5, SIZE[0], step):
        for column in range((row // step % 2) * step // 2, SIZE[1], step):
            if cloth[max(0, row - 6) : row + 6, max(0, column - 6) : column + 6].all():
                cv2.rectangle(picture, (column - 10, row - 4), (column + 9, row + 4), (235, 235, 230), -1)
    assert label.find(picture, cloth) is None


def _unseen_rim() -> tuple[Neck, label.Box]:
    """A label on plain cloth, and nothing to be seen of where the front ends."""
    picture, cloth = neck((30, 30, 60))
    cv2.rectangle(picture, (118, 70), (166, 90), (230, 230, 225), -1)
    found = label.find(picture, cloth)
    assert found is not None
    return unroll(picture, cloth), found


@pytest.mark.parametrize("pit", [140.0, 160.0, 180.0])
def test_where_no_rim_is_seen_the_front_ends_near_the_pit_of_the_neck(pit: float) -> None:
    unrolled, found = _unseen_rim()
    path, sure = label.edge(unrolled, found, pit)
    assert sure == label.TOLD
    lowest = CENTRE[1] + NEAR + path[RAYS // 2]
    assert abs(lowest - (pit - label.OVER_PIT * WIDE)) <= 2 * label.SPREAD * WIDE
    assert lowest > found.bottom


def test_a_label_alone_tells_no_rim() -> None:
    assert label.edge(*_unseen_rim())[1] < label.TOLD
    # Far above the label no front can end.
    assert label.edge(*_unseen_rim(), 70.0)[1] < label.TOLD


def test_a_label_may_be_sewn_to_the_outline() -> None:
    picture, cloth = neck((225, 222, 215))
    cv2.rectangle(picture, (118, ABOVE + 8), (166, ABOVE + 36), (40, 40, 60), -1)
    found = label.find(picture, cloth)
    assert found is not None
    assert abs(found.bottom - ABOVE - 37) <= 4


def test_a_print_below_does_not_make_a_label_a_pattern() -> None:
    picture, cloth = neck((225, 222, 215))
    cv2.rectangle(picture, (118, 70), (166, 90), (40, 40, 60), -1)
    for column in range(50, 240, 24):
        cv2.circle(picture, (column, 118), 9, (40, 40, 60), -1)
    assert label.find(picture, cloth) is not None
