"""A seam is seen as a step that the photo beside it does not have."""

import numpy as np

from stages import continuity


def test_a_picture_that_goes_on_has_no_seam_and_a_step_has_one() -> None:
    random = np.random.default_rng(0)
    picture = random.normal(120, 6, (80, 80, 3)).clip(0, 255).astype(np.uint8)
    kept = np.ones((80, 80), bool)
    kept[30:50, 30:50] = False
    assert abs(continuity.seam(picture, kept) - 1) < 0.25
    stepped = picture.copy()
    stepped[~kept] += 40
    assert continuity.seam(stepped, kept) > 3
    assert continuity.seam(picture, np.ones((80, 80), bool)) == 1.0
