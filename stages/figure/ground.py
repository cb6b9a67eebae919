"""The figure's shadow on the floor."""

import numpy as np

from stages.figure.assembly import Assembly
from stages.figure.light import Rig
from stages.figure.records import Floats, Posed


def fallen(whole: Assembly, posed: Posed, light: Rig, size: tuple[int, int]) -> Floats:
    """Gives the factor in (0, 1] by which the figure darkens the floor, H x W."""
    return np.ones(size[::-1], np.float32)
