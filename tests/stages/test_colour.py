"""Colour: through a profile and back is the identity within rounding, and None means sRGB."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import colour
from tests import fakes
from tests.examples import examples


@settings(deadline=None, max_examples=examples(30))
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 20),
    name=st.sampled_from(["adobe", "p3"]),
    depth=st.sampled_from([8, 16]),
)
def test_there_and_back(seed: int, height: int, name: str, depth: int) -> None:
    """Both profiles are wider than sRGB, so nothing clips; dark ones lose up to 7 levels to 8 bits (measured)."""
    plate = np.random.default_rng(seed).integers(24, 255, (height, 9, 3), np.uint8, endpoint=True)
    icc = fakes.profile(name)
    there = colour.from_srgb(plate, icc, depth)  # type: ignore[arg-type]
    assert there.dtype == (np.uint8 if depth == 8 else np.uint16)
    assert np.abs(colour.to_srgb(there, icc).astype(int) - plate).max() <= 7


def test_profiles_mean_what_they_say() -> None:
    green = np.array([[[0, 255, 0]]], np.uint8)
    # Adobe RGB's green lies outside sRGB; sRGB's green needs 219, not 255, of it only with 144 of red (Lindbloom).
    assert colour.from_srgb(green, fakes.profile("adobe"), 8)[0, 0] == pytest.approx([144, 255, 60], abs=3)
    grey = np.full((1, 1, 3), 128, np.uint8)
    assert np.ptp(colour.from_srgb(grey, fakes.profile("p3"), 8)[0, 0].astype(int)) <= 1


def test_none_is_srgb() -> None:
    plate = fakes.cloth(5, 5, (10, 120, 250), np.uint8)
    assert np.array_equal(colour.from_srgb(plate, None, 8), plate)
    deep = colour.from_srgb(plate, None, 16)
    assert np.array_equal(deep, plate.astype(np.uint16) * 257)
    assert np.array_equal(colour.to_srgb(deep, None), plate)
    assert np.abs(colour.to_srgb(plate, colour.srgb()).astype(int) - plate).max() <= 1


def test_strips_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    plate = fakes.cloth(23, 5, (10, 120, 250), np.uint8)
    whole = colour.from_srgb(plate, fakes.profile("p3"), 8)
    monkeypatch.setattr(colour, "_STRIP", 7)
    assert np.array_equal(colour.from_srgb(plate, fakes.profile("p3"), 8), whole)


def test_names() -> None:
    assert colour.profile_name(None) == "sRGB IEC61966-2.1"
    assert colour.profile_name(fakes.profile("p3")) == "p3"
    assert colour.profile_name(b"nonsense") == "unnamed"
    assert colour.space(b"nonsense") == ""
    assert colour.space(fakes.profile("p3")) == "RGB "


@pytest.mark.parametrize("depths", [(8, 8), (8, 16), (16, 16), (16, 8)])
def test_one_wide_profile_in_another_keeps_the_colours_that_both_have(depths: tuple[int, int]) -> None:
    """By matrices and tone curves alone: sRGB holds none of these greens."""
    p3, adobe = fakes.profile("p3"), fakes.profile("adobe")
    greens = np.array([[[60, g, b] for g in range(200, 250, 5)] for b in (40, 90)], np.uint8)
    given = greens if depths[0] == 8 else greens.astype(np.uint16) * np.uint16(257)
    found = colour.matched(given, p3, adobe, depths[1])  # type: ignore[arg-type]
    assert found.dtype == (np.uint8 if depths[1] == 8 else np.uint16)
    (to_xyz, curve), (from_xyz, other) = (fakes.PROFILES[name] for name in ("p3", "adobe"))
    xyz = (greens / 255.0) ** curve @ np.array(to_xyz)
    wanted = np.clip(xyz @ np.linalg.inv(np.array(from_xyz)), 0, 1) ** (1 / other)
    assert np.abs(found / (255 if depths[1] == 8 else 65535) - wanted).max() < 2.5 / 255
    by_srgb = colour.from_srgb(colour.to_srgb(greens, p3), adobe, 8)
    assert np.abs(by_srgb / 255 - wanted).max() > 10 / 255
