"""Folds of cloth: creases laid over a sheet, where cloth is pushed together or hangs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.figure.vectors import floats

Floats = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Creases:
    """Creases of one kind about one place. Places and lengths are metres on the sheet, across and along it."""

    at: tuple[float, float]
    spread: tuple[float, float]
    count: int
    slant: float
    """Degrees that a crease rises off the way across the sheet; 90 runs along it."""
    fan: float
    """Spread of the slant in degrees."""
    length: float
    width: float
    height: float


def creased(across: Floats, along: Floats, girth: float, kinds: list[Creases], random: np.random.Generator) -> Floats:
    """Returns the height in metres of creases over points (... each) of a sheet that closes after `girth` across it."""
    height = np.zeros(across.shape, np.float32)
    for kind in kinds:
        for _ in range(kind.count):
            x0, y0 = (at + random.normal(0, 1) * spread for at, spread in zip(kind.at, kind.spread, strict=True))
            angle = np.radians(kind.slant + random.normal(0, kind.fan))
            length, width = kind.length * random.uniform(0.6, 1.4), kind.width * random.uniform(0.7, 1.35)
            dx = (across - x0 + 0.5 * girth) % girth - 0.5 * girth
            dy = along - y0
            bend = random.normal(0, 1.2)
            s = (dx * np.cos(angle) + dy * np.sin(angle)) / length
            t = (dy * np.cos(angle) - dx * np.sin(angle)) / width + bend * s * s
            ridge = np.exp(-t * t) - 0.55 * np.exp(-((t - 1.5) ** 2)) - 0.25 * np.exp(-((t + 1.6) ** 2))
            height += (kind.height * random.uniform(0.4, 1.2)) * ridge * np.exp(-s * s)
    return floats(height)
