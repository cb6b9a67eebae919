"""Where accessories are held: by what of them, and what of them the body hides."""

import cv2
import numpy as np
import pytest

from stages.outfit import scale, spots
from stages.pose.body import Body

BODY = Body(200.0, 1000.0, 1000.0)


def loop() -> np.ndarray:
    """Returns a necklace: an elliptic chain with a pendant below it."""
    found = np.zeros((120, 100), np.float32)
    cv2.ellipse(found, (50, 50), (40, 48), 0, 0, 360, 1, 3)
    cv2.circle(found, (50, 108), 8, 1, -1)
    return found


def bag() -> np.ndarray:
    found = np.zeros((200, 120), np.float32)
    cv2.ellipse(found, (60, 90), (30, 80), 0, 180, 360, 1, 5)
    found[90:190, 10:110] = 1
    return found


def test_a_necklace_lies_behind_the_neck_at_its_top_and_before_it_below() -> None:
    whole = loop()
    hidden = spots.behind(whole, "necklace")
    assert hidden is not None
    shown = whole - hidden
    rows = np.flatnonzero(shown.any(axis=1))
    first = np.flatnonzero(shown[rows[0]])
    # Where it comes forth, its two sides stand apart as a neck's do.
    assert 0.6 * 80 < np.ptp(first) < 0.85 * 80
    assert shown[108, 50] == 1
    assert spots.held_at(whole[: rows[-1] + 1], "necklace", 1)[1] == pytest.approx(rows[0], abs=1)


def test_the_hand_closes_around_a_handle_and_hides_no_more_of_a_bag() -> None:
    whole = bag()
    hidden = spots.behind(whole, "bag")
    assert hidden is not None
    assert 0 < (hidden > 0).sum() < 0.03 * (whole > 0).sum()
    x, y = spots.held_at(whole[10:190, 10:110], "bag", 1)
    assert x == pytest.approx(50, abs=2)
    assert y == pytest.approx(0.035 * 180, abs=2)


@pytest.mark.parametrize("kind", ["shoes", "hat", "belt", "watch"])
def test_nothing_of_other_accessories_is_hidden(kind: str) -> None:
    assert spots.behind(bag(), kind) is None  # type: ignore[arg-type]


def test_a_shoe_is_held_under_its_opening_rather_than_its_middle() -> None:
    shoe = np.zeros((40, 100), bool)
    shoe[:, 5:35] = True
    shoe[20:, 5:95] = True
    for mirrored in (False, True):
        seen = shoe[:, ::-1] if mirrored else shoe
        x, y = spots.held_at(seen.astype(np.float32), "shoes", 2)
        assert x == pytest.approx(79.5 if mirrored else 19.5)
        assert y == 40


def test_feet_stand_apart_and_a_bag_is_in_the_hand_that_is_asked_for() -> None:
    feet = [spots.on_body("shoes", foot, "left", BODY) for foot in (0, None, 1)]
    assert feet[0][0] < feet[1][0] == BODY.x < feet[2][0]
    # The wearer's left is at the right of a picture from the front.
    assert spots.on_body("bag", None, "left", BODY)[0] > BODY.x > spots.on_body("bag", None, "right", BODY)[0]


def test_the_crown_of_a_hat_is_measured_without_its_brim() -> None:
    hat = np.zeros((100, 200), np.float32)
    hat[:70, 60:140] = 1
    hat[70:90, 5:195] = 1
    assert scale.crown(hat) == 80


def scarf(*, hanging: bool) -> np.ndarray:
    found = np.zeros((200, 100), np.uint8)
    cv2.ellipse(found, (50, 45), (32, 35), 0, 0 if not hanging else 180, 360, 1, 14)
    found[45:195, 12:34] = 1
    found[45:180, 66:88] = 1
    if not hanging:
        found[10:80, 12:88] = 1
    return found.astype(np.float32)


def test_a_scarf_that_hangs_open_goes_behind_the_neck_and_a_closed_one_lies_before_it() -> None:
    whole = scarf(hanging=True)
    hidden = spots.behind(whole, "scarf")
    assert hidden is not None
    x, y = spots.held_at(whole, "scarf", 1)
    assert x == pytest.approx(50, abs=2)
    # All of the arch over the opening, and nothing beside it.
    assert hidden[8:16].any()
    assert not hidden[round(y) :].any()
    assert whole[round(y), 50] == 0
    assert spots.behind(scarf(hanging=False), "scarf") is None
    assert spots.held_at(scarf(hanging=False), "scarf", 1)[1] < 12


def test_ears_wrists_and_eyes_lie_where_a_body_has_them() -> None:
    ears = [spots.on_body("earrings", which, "left", BODY) for which in (0, 1)]
    eyes = spots.on_body("glasses", None, "left", BODY)
    assert ears[0][0] < eyes[0] == BODY.x < ears[1][0]
    assert all(y > eyes[1] for _, y in ears)
    for side, way in (("left", 1), ("right", -1)):
        watch, ring = (spots.on_body(kind, None, side, BODY) for kind in ("watch", "ring"))  # type: ignore[arg-type]
        assert way * (watch[0] - BODY.x) > 0
        assert ring[1] > watch[1]
