"""The light of a scene: a key light of some size, and all that comes from elsewhere."""

from dataclasses import dataclass, replace

import numpy as np

from stages.casting import Scene
from stages.contracts import Sealed
from stages.figure.colours import luminance
from stages.figure.records import Floats, Light
from stages.figure.vectors import floats

#: Where the key light stands, as seen from the figure: x to the right of the picture, y down, z into it. Half to the
#: side and a little above the eyes, as portrait photographers set it ("loop lighting"); a frontal one is higher.
_KEYS = {"left": (-0.58, -0.6, -0.76), "right": (0.58, -0.6, -0.76), "front": (0.06, -0.6, -0.85)}
#: Radius of the key light in radians at softness 0 (the sun in haze) and 1 (a softbox of 1.5 m at 1.6 m).
_RADII = 0.02, 0.5
#: Directions in which the key light and everything else is sampled: enough that no step of a shadow shows.
_KEY_SAMPLES, _SKY_SAMPLES = 26, 72
#: A face turned a little to the light receives this much, so that albedo is about what a picture shows.
_REFERENCE, _EXPOSURE = (0.25, -0.2, -0.95), 0.98


@dataclass(frozen=True, slots=True, eq=False)
class Rig(Sealed):
    """Light that can be asked for: linear, scaled so that a white face towards the camera shows white."""

    key: Floats
    """3: unit vector towards the key light."""
    colour: Floats
    """3: irradiance over pi of a plane that faces the key light."""
    disc: Floats
    """K x 3: unit vectors over the key light's disc."""
    radius: float
    """Of the disc, in radians."""
    sky: Floats
    """S x 3: unit vectors over the whole sphere."""
    radiance: Floats
    """S x 3: what comes from there."""
    harmonics: Floats
    """9 x 3: irradiance over pi of the sky, as spherical harmonics of the normal (Ramamoorthi and Hanrahan 2001)."""


def of_scene(scene: Scene) -> Light:
    """Returns the light of a scene."""
    x, y, z = _KEYS[scene.light_from]
    length = (x * x + y * y + z * z) ** 0.5
    return Light((x / length, y / length, z / length), scene.light_colour, scene.ambient, scene.softness, scene.wall)


def rig(light: Light) -> Rig:
    """Sets up key light, fill, rim and sky for a light."""
    key = floats(light.direction)
    radius = _RADII[0] + (_RADII[1] - _RADII[0]) * light.softness
    sky = _sphere(_SKY_SAMPLES)
    radiance = _sky(sky, light)
    colour = floats(light.colour) * 0.85
    harmonics = _irradiance(light)
    reference = floats(_REFERENCE) * [np.sign(key[0]) if abs(key[0]) > 0.2 else 0, 1, 1]
    reference /= np.linalg.norm(reference)
    whole = colour * max(float(reference @ key), 0.1) + sky_light(harmonics, reference[None].astype(np.float32))[0]
    gain = _EXPOSURE / float(luminance(whole))
    return Rig(key, colour * gain, _disc(key, radius), radius, sky, radiance * gain, harmonics * gain)


def brightened(light: Rig, gain: float) -> Rig:
    """Returns the same light, that much stronger."""
    return replace(light, colour=light.colour * gain, radiance=light.radiance * gain, harmonics=light.harmonics * gain)


def sky_light(harmonics: Floats, normals: Floats) -> Floats:
    """Returns the sky's irradiance over pi at normals (N x 3), unshaded."""
    return floats(np.maximum(_basis(normals) @ harmonics, 0))


def _sky(directions: Floats, light: Light) -> Floats:
    """Returns radiance from directions (N x 3): a sky brighter above, a floor that gives light back, fill and rim."""
    up = -directions[:, 1:2]
    ambient = floats(light.ambient)
    floor = ambient * floats([0.62, 0.58, 0.54])
    share = np.clip(0.5 + 1.5 * up, 0, 1)
    radiance = floor + (ambient * (1 + 0.25 * up) - floor) * share
    side = -1.0 if light.direction[0] > 0 else 1.0
    for towards, width, strength in (((0.75 * side, -0.1, -0.65), 0.5, 0.2), ((0.8 * side, -0.35, 0.5), 0.25, 1.8)):
        unit = floats(towards) / np.linalg.norm(towards)
        lobe = np.exp((directions @ unit - 1) / width**2)
        radiance = radiance + strength * ambient * lobe[:, None]
    return floats(radiance)


def _irradiance(light: Light) -> Floats:
    directions = _sphere(2048)
    weights = floats([1, 2 / 3, 2 / 3, 2 / 3, 0.25, 0.25, 0.25, 0.25, 0.25])
    projected = _basis(directions).T @ _sky(directions, light) * (4 * np.pi / len(directions))
    return floats(projected * weights[:, None])


def _basis(units: Floats) -> Floats:
    x, y, z = units[:, 0], units[:, 1], units[:, 2]
    ones = np.full_like(x, 0.282095)
    first = [ones, 0.488603 * y, 0.488603 * z, 0.488603 * x]
    second = [1.092548 * x * y, 1.092548 * y * z, 0.315392 * (3 * z * z - 1), 1.092548 * x * z]
    return np.stack([*first, *second, 0.546274 * (x * x - y * y)], axis=1)


def _sphere(count: int) -> Floats:
    """Returns unit vectors spread evenly over the sphere, the same to the left as to the right (Fibonacci lattice)."""
    half = count // 2
    turn = np.pi * (3 - 5**0.5)
    height = 1 - (2 * np.arange(half) + 1) / half
    angle = turn * np.arange(half)
    # Folded onto the right half; the left half is its mirror image.
    x, z = np.abs(np.cos(angle)), np.sin(angle)
    right = np.stack([x * np.sqrt(1 - height**2), height, z * np.sqrt(1 - height**2)], axis=1)
    return np.concatenate([right, right * [-1, 1, 1]]).astype(np.float32)


def _disc(axis: Floats, radius: float) -> Floats:
    """Returns unit vectors over a disc of `radius` radians about `axis`, mirrored where the axis is (sunflower)."""
    side = np.cross([0, 1, 0], axis)
    side /= np.linalg.norm(side)
    across = np.cross(axis, side)
    order = np.arange(_KEY_SAMPLES // 2) + 0.5
    far = np.sqrt(order / (_KEY_SAMPLES // 2)) * np.tan(radius)
    angle = np.pi * (3 - 5**0.5) * order
    right, upward = np.abs(np.cos(angle)) * far, np.sin(angle) * far
    points = np.concatenate([np.stack([right, upward], 1), np.stack([-right, upward], 1)])
    units = axis + points[:, :1] * side + points[:, 1:] * across
    return floats(units / np.linalg.norm(units, axis=1, keepdims=True))
