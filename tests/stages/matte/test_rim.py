"""A dark line along an outline: what is half line and half backdrop keeps none of the backdrop."""

import cv2
import numpy as np
import numpy.typing as npt

from stages.matte import rim

BEHIND, SKIN, LINE = (0.80, 0.79, 0.78), (0.82, 0.70, 0.62), (0.55, 0.42, 0.36)
Field = npt.NDArray[np.float32]


def arm(kind: type) -> tuple[np.ndarray, Field]:
    """Gives a slanting arm of skin with a dark line two pixels wide at its sides, and its true matte."""
    fine = 8
    cover, inner = (
        cv2.resize(
            cv2.line(np.zeros((90 * fine, 80 * fine), np.uint8), (20 * fine, -80), (52 * fine, 98 * fine), 255, wide),
            (80, 90), interpolation=cv2.INTER_AREA,
        ).astype(np.float32)[..., None] / 255
        for wide in (24 * fine, 20 * fine)
    )  # fmt: skip
    front = inner * np.array(SKIN) + (1 - inner) * np.array(LINE)
    picture = cover * front + (1 - cover) * np.array(BEHIND)
    return np.rint(picture * np.iinfo(kind).max).astype(kind), cover[..., 0].astype(np.float32)


def mended(kind: type, hair: bool = False) -> tuple[Field, Field, Field, np.ndarray, np.ndarray]:
    pixels, true = arm(kind)
    # As a matte that takes the mixed pixels for skin: everything that is not backdrop is kept whole.
    before = (true > 0.3).astype(np.float32)
    behind = np.full((45, 40, 3), BEHIND, np.float32)
    after, front = rim.mend(pixels, before, pixels * (before > 0)[..., None], behind, np.full((45, 40), hair))
    return true, before, after, pixels, front


def test_the_mixed_pixels_get_their_own_alpha_and_the_lines_colour() -> None:
    for kind in (np.uint8, np.uint16):
        true, before, after, pixels, front = mended(kind)
        mixed = (true > 0.35) & (true < 0.75)
        assert mixed.sum() > 40
        assert np.abs(after - true)[mixed].mean() < 0.5 * np.abs(before - true)[mixed].mean()
        off = np.linalg.norm(front[mixed] / np.iinfo(kind).max - np.array(LINE), axis=1)
        was = np.linalg.norm(pixels[mixed] / np.iinfo(kind).max - np.array(LINE), axis=1)
        assert off.mean() < 0.5 * was.mean()


def test_alpha_only_falls_and_only_at_the_backdrop() -> None:
    true, before, after, pixels, front = mended(np.uint8)
    assert (after <= before).all()
    np.testing.assert_array_equal(after[true == 1], before[true == 1])
    np.testing.assert_array_equal(front[after == 1], pixels[after == 1])


def test_hair_is_left_alone() -> None:
    _, before, after, *_ = mended(np.uint8, hair=True)
    np.testing.assert_array_equal(after, before)


def test_outlines_of_large_photos_are_longer_than_a_row_of_opencvs() -> None:
    pixels = np.full((200, 9000, 3), 60, np.uint8)
    matte = np.zeros((200, 9000), np.float32)
    for top in (20, 80, 140):
        matte[top : top + 40] = 1
    behind = np.full((10, 450, 3), BEHIND, np.float32)
    after, _ = rim.mend(pixels, matte, pixels, behind, np.zeros((10, 450), bool))
    np.testing.assert_array_equal(after, matte)
