"""Cloth, denim, knit, leather and rubber: what clothes and shoes are drawn of."""

from dataclasses import dataclass

import numpy as np

from stages.figure.colours import linear
from stages.figure.light import Rig, sky_light
from stages.figure.noise import noise, sampled
from stages.figure.records import Floats, Material, Surface
from stages.figure.vectors import floats


@dataclass(frozen=True, slots=True)
class Finish:
    """How a material takes light."""

    grain: tuple[tuple[float, float, float, float], ...]
    """Octaves of its weave: metres along and across, depth of the colour's change, slant of the normal."""
    sheen: float = 0.0
    """Light caught by loose fibres at the edge of what is seen."""
    gloss: float = 0.0
    """Strength of the highlight; 1 is that of polished leather."""
    roughness: float = 0.5


FINISHES: dict[Material, Finish] = {
    "cloth": Finish(((0.0016, 0.0016, 0.03, 0.05), (0.006, 0.014, 0.02, 0.02), (0.05, 0.09, 0.012, 0.03)), sheen=0.10),
    "denim": Finish(((0.0013, 0.005, 0.09, 0.08), (0.004, 0.02, 0.06, 0.03), (0.05, 0.10, 0.05, 0.03)), sheen=0.06),
    "knit": Finish(((0.0035, 0.003, 0.04, 0.10), (0.012, 0.006, 0.03, 0.05), (0.06, 0.06, 0.015, 0.03)), sheen=0.22),
    "leather": Finish(((0.002, 0.002, 0.04, 0.07), (0.012, 0.012, 0.05, 0.05)), gloss=0.55, roughness=0.38),
    "rubber": Finish(((0.003, 0.003, 0.02, 0.02), (0.03, 0.03, 0.03, 0.0)), gloss=0.12, roughness=0.55),
    "teeth": Finish(((0.004, 0.004, 0.03, 0.0),), gloss=0.4, roughness=0.25),
}


@dataclass(frozen=True, slots=True)
class Points:
    """What is known of the points to shade, N of them."""

    places: Floats
    """N x 2: metres on the cloth, as far as it is seen flat."""
    normals: Floats
    uv: Floats
    tangents: tuple[Floats, Floats] | None
    """How a place moves with u and v: N x 3 each, canvas pixels; None where there is no relief."""
    key: Floats
    """N x 3: share of the key light that arrives."""
    sky: Floats
    pixel: float
    """Metres from one sample to the next."""


def shaded(points: Points, surface: Surface, light: Rig, seed: int) -> Floats:
    """Returns the light that leaves a surface towards the camera, linear, N x 3."""
    finish = FINISHES.get(surface.material, FINISHES["cloth"])
    if surface.texture is None:
        albedo = np.tile(linear(surface.colour), (len(points.uv), 1))
    else:
        albedo = linear(sampled(surface.texture, points.uv))
    normals = _relief(points, surface)
    for k, (along, across, depth, slant) in enumerate(finish.grain):
        if min(along, across) < 1.3 * points.pixel:
            continue
        stretched = points.places * floats([1 / along, 1 / across])
        grain = noise(stretched, 1.0, seed + 41 + k)
        albedo *= np.exp(depth * grain)[:, None]
        if slant:
            normals[:, 0] += slant * grain
            normals[:, 1] += slant * noise(stretched, 1.0, seed + 57 + k)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    lit = np.maximum(normals @ light.key, 0)
    arrives = light.colour * lit[:, None] * points.key + sky_light(light.harmonics, normals) * points.sky
    view = np.clip(-normals[:, 2], 0, 1)
    total = albedo * arrives + (finish.sheen * (1 - view) ** 3)[:, None] * (0.3 + 0.7 * albedo) * arrives
    if finish.gloss:
        total += finish.gloss * _shine(points, normals, finish.roughness, light)
    return floats(total)


def _relief(points: Points, surface: Surface) -> Floats:
    """Returns the normals tilted by the surface's relief, N x 3."""
    if surface.bump is None or points.tangents is None:
        return points.normals.copy()
    height, width = surface.bump.shape
    here = sampled(surface.bump, points.uv)
    rises = [sampled(surface.bump, points.uv + floats(step)) - here for step in ((1 / width, 0), (0, 1 / height))]
    normals = points.normals.copy()
    for rise, tangent, count in zip(rises, points.tangents, (width, height), strict=True):
        step = tangent / count
        normals -= (rise / np.maximum((step * step).sum(axis=1), 1e-4))[:, None] * step
    return normals


def _shine(points: Points, normals: Floats, roughness: float, light: Rig) -> Floats:
    half = light.key + floats([0, 0, -1])
    half /= np.linalg.norm(half)
    view = np.clip(-normals[:, 2], 0.05, 1)
    fresnel = 0.045 + 0.955 * (1 - view) ** 5
    alpha = min(roughness**2 + 0.25 * light.radius, 1.0) ** 2
    lobe = alpha / (4 * (np.maximum(normals @ half, 0) ** 2 * (alpha - 1) + 1) ** 2)
    key = (fresnel * lobe * np.maximum(normals @ light.key, 0) * points.key[:, 0])[:, None] * light.colour
    mirrored = normals * (2 * view)[:, None] + floats([0, 0, 1])
    return floats(key + fresnel[:, None] * sky_light(light.harmonics, mirrored) * points.sky**2)
