"""Array operations that stages share, against the plain way of doing them."""

import numpy as np
import pytest

from stages.arrays import lengths, nearest


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_flagged_pixel_is_as_near_as_any(seed: int) -> None:
    random = np.random.default_rng(seed)
    flags = random.random((23, 31)) < 0.03
    flags[tuple(random.integers(0, (23, 31)))] = True
    away, index = nearest(flags)
    y, x = np.mgrid[: flags.shape[0], : flags.shape[1]]
    ys, xs = np.nonzero(flags)
    least = np.hypot(y[..., None] - ys, x[..., None] - xs).min(axis=2)
    there = np.hypot(y - index // 31, x - index % 31)
    assert flags.ravel()[index].all()
    np.testing.assert_allclose(there, least, rtol=0.03, atol=0.1)
    np.testing.assert_allclose(away, least, rtol=0.03, atol=0.1)


def test_asking_for_some_pixels_gives_theirs() -> None:
    flags = np.zeros((9, 9), bool)
    flags[2, 3] = flags[7, 7] = True
    away, index = nearest(flags)
    some = np.random.default_rng(0).random((9, 9)) < 0.4
    np.testing.assert_array_equal(nearest(flags, some)[1], index[some])
    rows, columns = np.nonzero(some)
    np.testing.assert_array_equal(nearest(flags, (rows, columns))[0], away[some])


@pytest.mark.parametrize("shape", [(5, 2), (7, 9, 3), (2, 3, 4, 5)])
def test_lengths_are_those_of_numpy(shape: tuple[int, ...]) -> None:
    vectors = np.random.default_rng(len(shape)).normal(0, 30, shape).astype(np.float32)
    before = vectors.copy()
    np.testing.assert_allclose(lengths(vectors), np.linalg.norm(vectors, axis=-1), rtol=1e-5)
    np.testing.assert_array_equal(vectors, before)
