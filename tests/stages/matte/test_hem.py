"""Along pale cloth the outline is smooth and where it belongs, whatever noise said of alpha."""

import cv2
import numpy as np
import pytest

from stages.find.paper import Paper
from stages.matte import backdrop, hem

PAPER = np.array([208, 205, 201.0])


def dress(cloth: tuple[int, int, int], kind: type = np.uint8) -> tuple[np.ndarray, Paper, np.ndarray]:
    """Gives a slanting piece of cloth, what was found of it with jags of up to two pixels, and its true matte."""
    fine = np.zeros((1200, 1200), np.uint8)
    cv2.fillPoly(fine, [np.array([(430, 120), (860, 90), (1000, 1080), (260, 1040)])], 255)
    true = cv2.resize(fine, (300, 300), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    random = np.random.default_rng(3)
    weight = true[..., None]
    picture = weight * np.array(cloth) + (1 - weight) * PAPER + random.normal(0, 0.7, (300, 300, 3))
    shifts = cv2.resize(random.uniform(-2, 2, (75, 75, 2)).astype(np.float32), (300, 300))
    x, y = (np.mgrid[:300, :300][::-1]).astype(np.float32)
    found = cv2.remap(true, x + shifts[..., 0], y + shifts[..., 1], cv2.INTER_LINEAR) > 0.5
    inner, outer = (
        cv2.erode(flags.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0 for flags in (true > 0.5, true < 0.5)
    )
    full = np.iinfo(kind).max
    return np.rint(picture / 255 * full).astype(kind), Paper(found, outer, inner, inner), true


def put(pixels: np.ndarray, seen: Paper) -> tuple[np.ndarray, np.ndarray]:
    small = (pixels / np.iinfo(pixels.dtype).max * 255).astype(np.uint8)
    outline = hem.trace(backdrop.lab(small), seen, 0.3, np.zeros_like(seen.bare))
    matte = seen.subject.astype(np.float32)
    if outline is None:
        return matte, pixels
    return hem.put(pixels, matte, pixels * seen.subject[..., None], outline)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_the_outline_of_white_cloth_loses_its_jags(kind: type) -> None:
    pixels, seen, true = dress((232, 231, 229), kind)
    matte, front = put(pixels, seen)
    before, after = ((np.abs(each - true) > 0.5).sum() for each in (seen.subject, matte))
    assert after < 0.1 * before
    soft = (true > 0) & (true < 1)
    assert abs((matte - true)[soft].mean()) < 0.06
    np.testing.assert_array_equal(front[matte == 1], pixels[matte == 1])
    assert (front[matte > 0] > 0.85 * np.iinfo(kind).max).all()


def test_other_cloth_is_left_to_its_colours() -> None:
    pixels, seen, _ = dress((150, 60, 70))
    matte, _ = put(pixels, seen)
    np.testing.assert_array_equal(matte, seen.subject.astype(np.float32))
