"""Colours of the drawn figure: sRGB and linear light, the tones of skin, and the film that highlights fall on."""

import numpy as np

from stages.figure.records import Bytes, Floats
from stages.figure.vectors import floats

#: The Monk Skin Tone scale, lightest first (Monk 2019; values as published at skintone.google).
MONK = ("f6ede4", "f3e7db", "f7ead0", "eadaba", "d7bd96", "a07e56", "825c43", "604134", "3a312a", "292420")

#: Above this linear value the film begins to saturate, so that a highlight on fair skin keeps its drawing.
_SHOULDER = 0.7


def linear(colour: tuple[int, int, int] | str | Bytes) -> Floats:
    """Returns linear light in [0, 1] for an sRGB colour: three bytes, their hexadecimal, or an array of bytes."""
    if isinstance(colour, str):
        colour = bytes.fromhex(colour)[0], bytes.fromhex(colour)[1], bytes.fromhex(colour)[2]
    return _LINEAR[np.asarray(colour, np.uint8)]


def _decode() -> Floats:
    encoded = np.arange(256) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR = _decode()


def encoded(light: Floats) -> Floats:
    """Returns sRGB values in [0, 1] for linear light, highlights rolled off below white."""
    over = np.maximum(light - _SHOULDER, 0) / (1 - _SHOULDER)
    film = np.minimum(light, _SHOULDER) + (1 - _SHOULDER) * (1 - np.exp(-over))
    film = np.maximum(film, 0)
    curve = 1.055 * np.power(film, np.float32(1 / 2.4)) - 0.055
    return floats(np.where(film <= 0.0031308, 12.92 * film, curve))


def luminance(light: Floats) -> Floats:
    """Returns Rec. 709 luminance of linear light (... x 3)."""
    return floats(light @ floats([0.2126, 0.7152, 0.0722]))
