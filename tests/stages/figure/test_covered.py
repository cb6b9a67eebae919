"""Where skin is seen beside a garment."""

import numpy as np

from stages.contracts import Shape
from stages.figure.covered import shown
from tests import fakes


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
