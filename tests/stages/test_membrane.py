"""Blending by gradients: what lies outside is never touched, and inside there is no step left at the border."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import membrane
from tests.examples import examples


def pictures(seed: int, kind: type, shift: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns a smooth photo, the same photo repainted with an error, and a region."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:48, :64]
    full = np.iinfo(kind).max
    photo = (
        0.45 + 0.2 * np.sin(x / 30 + random.uniform(0, 3))[..., None] * np.ones(3) + 0.1 * y[..., None] / 48
    ) * full
    painted = np.clip(photo + shift / 255 * full, 0, full)
    x0, y0 = random.integers(4, 30), random.integers(4, 20)
    region = np.zeros((48, 64), bool)
    region[y0 : y0 + random.integers(3, 22), x0 : x0 + random.integers(3, 28)] = True
    return photo.astype(kind), painted.astype(kind), region


@settings(max_examples=examples(40))
@given(seed=st.integers(0, 10**6), kind=st.sampled_from([np.uint8, np.uint16]), shift=st.integers(-50, 50))
def test_an_even_error_goes_and_nothing_outside_changes(seed: int, kind: type, shift: int) -> None:
    photo, painted, region = pictures(seed, kind, shift)
    blended = membrane.blend(painted, photo, region)
    assert blended.dtype == photo.dtype
    np.testing.assert_array_equal(blended[~region], photo[~region])
    off = np.abs(blended[region].astype(float) - photo[region]) / np.iinfo(kind).max
    assert off.max() < 0.01


def test_large_pictures_are_blended_at_reduced_size_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, _, region = pictures(3, np.uint8, 0)
    ramp = np.linspace(-30, 30, 64)[None, :, None]
    painted = np.clip(photo + ramp, 0, 255).astype(np.uint8)
    exact = membrane.blend(painted, photo, region).astype(int)
    monkeypatch.setattr(membrane, "_MOST", photo[..., 0].size / 9)
    reduced = membrane.blend(painted, photo, region)
    np.testing.assert_array_equal(reduced[~region], photo[~region])
    assert np.abs(reduced - exact).max() <= 4


def test_prints_that_do_not_meet_leave_no_glow() -> None:
    photo = np.full((120, 120, 3), 60, np.uint8)
    photo[60:] = 220
    painted = np.full_like(photo, 60)
    region = np.zeros((120, 120), bool)
    region[30:90, 30:90] = True
    blended = membrane.blend(painted, photo, region, 0.2)
    np.testing.assert_array_equal(blended[~region], photo[~region])
    assert blended[42:78, 42:78].max() < 60 + 0.23 * 255


def test_a_field_keeps_what_is_known_and_stays_within_it() -> None:
    values = np.zeros((40, 40, 1), np.float32)
    known = np.zeros((40, 40), bool)
    known[:, 0] = known[:, -1] = True
    values[:, -1] = 10
    field = membrane.harmonic(values, known)[..., 0]
    np.testing.assert_array_equal(field[known], values[..., 0][known])
    np.testing.assert_allclose(field[20], np.linspace(0, 10, 40), atol=0.6)


def test_with_nothing_known_there_is_nothing() -> None:
    assert not membrane.harmonic(np.ones((5, 5, 3), np.float32), np.zeros((5, 5), bool)).any()
