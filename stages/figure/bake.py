"""How much of the light reaches each vertex of a mesh."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stages.contracts import Sealed
from stages.figure.light import Rig, sky_light
from stages.figure.records import Floats

Blocked = Callable[[Floats, Floats], npt.NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Reach(Sealed):
    """What of key light and sky arrives; 1 where nothing stands in the way."""

    key: Floats
    """N: share of the key light's disc that is seen."""
    sky: Floats
    """N x 3: share of the sky's light, by colour."""


def reach(points: Floats, normals: Floats, blocked: Blocked, light: Rig, lift: float | Floats) -> Reach:
    """Sends rays from points (N x 3) with normals to the key light and the sky.

    `lift` is how far off the surface they start, in canvas pixels: one for all, or N x 1.
    """
    origins = points + lift * normals
    key = np.zeros(len(points), np.float32)
    facing = np.flatnonzero(normals @ light.key > -np.sin(light.radius) - 0.15)
    for direction in light.disc:
        key[facing] += ~blocked(origins[facing], direction)
    key /= len(light.disc)

    sky = np.zeros((len(points), 3), np.float32)
    for direction, radiance in zip(light.sky, light.radiance, strict=True):
        cosine = normals @ direction
        above = np.flatnonzero(cosine > 0.02)
        free = ~blocked(origins[above], direction)
        sky[above] += (free * cosine[above])[:, None] * radiance
    sky *= 4 / len(light.sky)
    return Reach(key, np.minimum(sky / np.maximum(sky_light(light.harmonics, normals), 1e-4), 1.1))
