"""Colour spaces that files declare without a profile: by code points, by chromaticities and gamma, by a flag.

Each becomes an ICC profile, so that the photo's own numbers stay what they are and the picture says what they mean.
What has no such profile, high dynamic range above all, is refused.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from stages.errors import PhotoError

Curve = npt.NDArray[np.float64]
#: CIE 1931 (x, y) of white, red, green and blue.
Chromaticities = tuple[float, float, float, float, float, float, float, float]

_D65 = (0.3127, 0.3290)
SRGB: Chromaticities = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
ADOBE_RGB: Chromaticities = (*_D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
#: Adobe RGB (1998) Color Image Encoding, 4.3.1.2: 2 + 51/256.
ADOBE_GAMMA = 563 / 256

#: Colour primaries by code point (ITU-T H.273, table 2).
_PRIMARIES: dict[int, Chromaticities] = {
    1: SRGB,
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
#: Transfer characteristics (table 3) that are pure powers, those of the television standards, and those that need
#: a display of high dynamic range.
_POWERS = {4: 2.2, 5: 2.8, 8: 1.0}
_TELEVISION = (1, 6, 14, 15)
_SRGB_CURVE = 13
_HIGH_RANGE = {16: "PQ", 18: "HLG"}
#: Code point of what a file leaves open.
_UNSPECIFIED = 2

#: Values closer than this are the same: files round chromaticities to 4 digits, and gamma to 3.
_CLOSE = 0.0015
#: Gamma that PNG writers give for sRGB (PNG specification, third edition, 11.3.2.5).
SRGB_GAMMA = 1 / 0.45455
_GAMMA_CLOSE = 0.01
#: Gammas beyond these are no photo's.
_GAMMAS = (0.4, 4.0)
#: Entries of a tone curve; lcms interpolates between them.
_STEPS = 4096


def of_codes(primaries: int, transfer: int, name: str) -> bytes | None:
    """Returns the profile of a pair of code points (ITU-T H.273), None for sRGB.

    Raises PhotoError for high dynamic range and for code points that have no profile.
    """
    if transfer in _HIGH_RANGE:
        raise PhotoError(
            f"{name} is coded for high dynamic range ({_HIGH_RANGE[transfer]}): export it as a standard photo, "
            "such as sRGB, Display P3 or Adobe RGB."
        )
    primaries = 1 if primaries == _UNSPECIFIED else primaries
    transfer = _SRGB_CURVE if transfer == _UNSPECIFIED else transfer
    if primaries not in _PRIMARIES or transfer not in (*_POWERS, *_TELEVISION, _SRGB_CURVE):
        raise PhotoError(
            f"{name} declares colours of code points {primaries}/{transfer} (ITU-T H.273), which are not read: "
            "export it with an ICC profile."
        )
    if transfer in _POWERS:
        return of_gamma(_POWERS[transfer], _PRIMARIES[primaries])
    if transfer == _SRGB_CURVE:
        return None if primaries == 1 else _profile(_PRIMARIES[primaries], "srgb")
    return _profile(_PRIMARIES[primaries], "television")


def of_gamma(gamma: float | None, chromaticities: Chromaticities | None, name: str = "the photo") -> bytes | None:
    """Returns the profile of a gamma (the exponent from sample to light) and chromaticities; None for sRGB.

    What is left out is taken as sRGB's. Raises PhotoError for values that no photo has.
    """
    gamma = SRGB_GAMMA if gamma is None else gamma
    points = chromaticities or SRGB
    if not _GAMMAS[0] <= gamma <= _GAMMAS[1] or not _sound(points):
        raise PhotoError(f"{name} declares a gamma or primaries that no photo has: export it with an ICC profile.")
    plain = abs(gamma - SRGB_GAMMA) < _GAMMA_CLOSE
    if plain and _alike(points, SRGB):
        return None
    if _alike(points, ADOBE_RGB) and abs(gamma - ADOBE_GAMMA) < _GAMMA_CLOSE:
        points, gamma = ADOBE_RGB, ADOBE_GAMMA
    return _profile(points, round(gamma, 5))


def adobe_rgb() -> bytes:
    """Returns a profile of Adobe RGB (1998)."""
    return _profile(ADOBE_RGB, ADOBE_GAMMA)


@cache
def _profile(points: Chromaticities, curve: str | float) -> bytes:
    import imagecodecs

    def xyy(x: float, y: float) -> list[float]:
        return [x, y, 1.0]

    white, *rest = (xyy(points[at], points[at + 1]) for at in range(0, 8, 2))
    tone = {"gamma": curve} if isinstance(curve, float) else {"transferfunction": _table(curve)}
    made = bytearray(
        imagecodecs.cms_profile("rgb", whitepoint=white, primaries=[each for one in rest for each in one], **tone)
    )
    made[24:36] = b"\x07\xd0\x00\x01\x00\x01\0\0\0\0\0\0"  # a fixed date: the same photo gives the same file
    return bytes(made)


def _table(curve: str) -> npt.NDArray[np.uint16]:
    """Returns light by sample: sRGB's (IEC 61966-2-1) or that of BT.601, 709 and 2020 (BT.709, 1.2, inverted)."""
    level: Curve = np.linspace(0, 1, _STEPS)
    if curve == "srgb":
        light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    else:
        light = np.where(level < 0.081, level / 4.5, ((level + 0.099) / 1.099) ** (1 / 0.45))
    return np.asarray(np.rint(light * 65535).astype(np.uint16))


def _alike(one: Chromaticities, other: Chromaticities) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < _CLOSE


def _sound(points: Chromaticities) -> bool:
    """Whether primaries span a triangle that holds white."""
    white, *corners = ((points[at], points[at + 1]) for at in range(0, 8, 2))
    if not all(-0.2 < x < 1.2 and -0.2 < y < 1.2 for x, y in (white, *corners)) or white[1] <= 0:
        return False

    def side(a: tuple[float, float], b: tuple[float, float]) -> float:
        return (b[0] - a[0]) * (white[1] - a[1]) - (b[1] - a[1]) * (white[0] - a[0])

    turns = [side(a, b) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)]
    return all(turn > 1e-4 for turn in turns) or all(turn < -1e-4 for turn in turns)
