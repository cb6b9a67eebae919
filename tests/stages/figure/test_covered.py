"""Where skin is seen beside a garment."""

import numpy as np

from stages.casting import Casting
from stages.contracts import KEYPOINTS, Shape
from stages.figure.anatomy import Anatomy
from stages.figure.covered import shown
from stages.figure.fit import fit
from tests import fakes
from tests.stages.figure.test_fit import placed_of


def test_skin_is_seen_below_a_ruffle_that_hangs_over_the_neckline() -> None:
    cloth = np.zeros((120, 100), bool)
    cloth[20:110, 20:80] = True
    cloth[10:50, 38:62] = False  # the neckline
    cloth[20:28, 38:46] = True  # the ruffle, over its left
    marks = {
        "collar": (50.0, 50.0), "right_shoulder": (22.0, 22.0), "left_shoulder": (78.0, 22.0),
        "right_armpit": (22.0, 60.0), "left_armpit": (78.0, 60.0),
        "right_cuff": (21.0, 70.0), "left_cuff": (79.0, 70.0),
    }  # fmt: skip
    placed = fakes.replaced(fakes.placed(), shape=Shape("top", 1.0, marks))
    seen = shown(placed, cloth, 200.0)
    assert seen[40, 50]
    assert seen[40, 41]
    assert not seen[~cloth & (np.arange(100) < 20)[None]].any()
    assert not seen[111:].any()


def test_a_slit_in_the_neckline_draws_no_half_of_the_trunk_in(anatomy: Anatomy) -> None:
    placed, skeleton = placed_of("strap top")
    marks, (x0, y0) = placed.shape.landmarks, placed.box[:2]
    middle, low = round(marks["collar"][0]) - x0, round(marks["collar"][1]) - y0
    matte = placed.matte.copy()
    # The lowest point of a neckline lies seldom over the body's very middle.
    matte[: low + round(0.1 * len(matte)), middle + 4 : middle + 12] = 0
    posed = fit(anatomy, fakes.replaced(placed, matte=matte), skeleton, Casting())
    axis = posed.skeleton[KEYPOINTS.index("neck"), 0]
    trunk = ~anatomy.mostly("upperarm01.L", "upperarm01.R", "neck01")[anatomy.patches["skin"].vertices]
    seen = posed.surfaces["skin"].vertices[trunk]
    rows = np.abs(seen[:, 1] - y0 - low) < 0.1 * len(matte)
    left, right = axis - seen[rows, 0].min(), seen[rows, 0].max() - axis
    assert 0.93 < left / right < 1.07
