"""Distances of cloth from the body."""

import numpy as np

from stages.figure.clothes.tube import filled


def test_a_ray_that_meets_no_skin_takes_its_neighbours_distance() -> None:
    radii = np.full((4, 33), 10, np.float32)
    radii[1, 5:9] = 50
    radii[2, :] = 50
    radii[3, 30:] = radii[3, :2] = 50
    found = filled(radii, 50)
    assert (found[[0, 1, 3]] == 10).all()
    assert (found[2] == 50).all()
