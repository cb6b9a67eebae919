"""Each part of the body has its own part of the garment to be brought into."""

import numpy as np

from stages.contracts import Shape
from stages.figure.anatomy import Anatomy
from stages.figure.tuck import homes
from tests import fakes


def test_no_thigh_is_brought_into_the_other_trouser_leg_though_the_bodys_middle_lies_over_it(anatomy: Anatomy) -> None:
    cloth = np.zeros((100, 80), bool)
    cloth[10:50, 20:60] = True
    cloth[50:90, 20:36] = cloth[50:90, 44:60] = True
    shape = Shape("dress", 1.0, {"crotch": (40.0, 50.0)})
    placed = fakes.replaced(fakes.placed(), shape=shape)
    rest, own = homes(anatomy, placed, cloth, 46.0, "front")[-1]
    thighs = anatomy.mostly("upperleg01.L", "upperleg01.R") & ~anatomy.mostly("upperleg02.L", "upperleg02.R")
    assert (thighs & rest).any()
    assert own[70, 25]
    assert own[70, 50]
    assert not own[70, 40]
