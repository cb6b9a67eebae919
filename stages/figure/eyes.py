"""Eyes: a white that is not white, an iris with its fibres and dark rim, a pupil, and the light in it."""

from dataclasses import dataclass

import numpy as np

from stages.figure.colours import linear
from stages.figure.light import Rig, sky_light
from stages.figure.noise import noise
from stages.figure.records import Floats, Surface
from stages.figure.vectors import floats, smoothstep, unit

#: Colours of irises: near the pupil, and farther out.
IRISES = {
    "brown": ("6b4423", "3d2414"),
    "dark brown": ("3e2616", "22140c"),
    "hazel": ("8a6432", "5c6238"),
    "green": ("857a4c", "5f6d52"),
    "blue": ("8094a3", "587289"),
    "grey": ("8d969c", "65737d"),
}
#: Radii as shares of the eyeball's (12 mm): iris 5.9 mm, cornea's curve 7.8 mm (Gullstrand's eye).
_IRIS, _CORNEA = 0.49, 0.65
#: Of the pupil, as a share of the iris's radius, in the light of a studio.
_PUPIL = 0.36


@dataclass(frozen=True, slots=True)
class Ball:
    """An eyeball."""

    centre: Floats
    radius: float
    gaze: Floats
    """Unit vector out of the pupil."""
    inner: float
    """-1 or 1: on which side, along x, the nose is."""


def ball(eye: Surface, head: Floats) -> Ball:
    """Finds the eyeball in its mesh, and turns it to the camera as far as eyes turn at ease."""
    points = eye.vertices.astype(np.float64)
    system = np.concatenate([2 * points, np.ones((len(points), 1))], axis=1)
    solution = np.linalg.lstsq(system, (points**2).sum(axis=1), rcond=None)[0]
    centre = solution[:3]
    radius = float(np.sqrt(solution[3] + centre @ centre))
    ahead = -head[:3, 1] / np.linalg.norm(head[:3, 1])
    # A camera stands at chest height: eyes that meet it look 4 degrees down.
    gaze = np.array([0.0, 0.07, -0.9975])
    # 25 degrees: farther than that people turn their head (Stahl 1999).
    angle = np.arccos(np.clip(gaze @ ahead, -1, 1))
    if angle > np.radians(25):
        gaze = ahead + (gaze - ahead) * np.radians(25) / angle
        gaze /= np.linalg.norm(gaze)
    inner = float(np.sign((head[:3, 3] - centre) @ head[:3, 0]) * np.sign(head[0, 0]))
    return Ball(floats(centre), radius, floats(gaze), inner)


def shaded(points: Floats, eye: Ball, colour: str, key: Floats, sky: Floats, light: Rig, seed: int) -> Floats:
    """Returns the light that leaves an eye towards the camera, linear.

    `points` are N x 3 on the eye; `key` (N) and `sky` (N x 3) say what of the light arrives.
    """
    normals = unit(points - eye.centre)
    ahead = normals @ eye.gaze
    off = normals - ahead[:, None] * eye.gaze
    far = floats(np.where(ahead > 0, np.linalg.norm(off, axis=1), 2))
    iris = smoothstep(_IRIS + 0.025, _IRIS - 0.03, far)[:, None]
    albedo = _white(normals, eye, seed) * (1 - iris) + _iris(off, far / _IRIS, colour, light, seed) * iris
    lit = np.maximum(0.25 + 0.75 * (normals @ light.key), 0)
    total = albedo * (light.colour * (lit * key)[:, None] + sky_light(light.harmonics, normals) * sky**1.3)
    # The cornea stands out of the ball, and mirrors what is before it.
    inside = smoothstep(_IRIS * 1.12, _IRIS * 0.95, far)[:, None]
    bulged = unit(normals + inside * off * (1 / _CORNEA - 1))
    return floats(total + _mirror(bulged, key, sky, light))


def _white(normals: Floats, eye: Ball, seed: int) -> Floats:
    """Returns the sclera's albedo: warm, redder towards the nose, with a few veins."""
    corner = np.clip(normals[:, 0] * eye.inner * 1.3 - 0.25, 0, 1) ** 1.5
    veins = np.maximum(noise(normals[:, :2] * floats([1, 3]), 0.16, seed + 23) - 1.2, 0)
    white = np.tile(floats([0.64, 0.59, 0.56]), (len(normals), 1))
    white *= 1 - corner[:, None] * floats([0.12, 0.42, 0.42]) - 0.10 * veins[:, None] * floats([0.2, 1, 1])
    return floats(np.maximum(white, 0))


def _iris(off: Floats, far: Floats, colour: str, light: Rig, seed: int) -> Floats:
    """Returns the iris's albedo; `far` is 0 at its middle and 1 at its rim."""
    inner, outer = (linear(each) for each in IRISES[colour])
    angle = np.arctan2(off[:, 1], off[:, 0])
    coarse, fine = (floats(np.stack([angle * turns, far], axis=1)) for turns in (2, 5))
    fibres = noise(coarse, 0.11, seed + 29) + 0.6 * noise(fine, 0.18, seed + 31)
    ring = smoothstep(0.5, 0.75, far + 0.05 * fibres)[:, None]
    albedo = (inner * (1 - ring) + outer * ring) * np.exp(0.28 * fibres)[:, None] * 1.25
    # Light that enters on one side gathers on the other.
    across = off @ light.key / _IRIS
    albedo *= np.clip(1 - 0.7 * across, 0.4, 1.9)[:, None]
    albedo *= (1 - 0.75 * smoothstep(0.78, 1.0, far))[:, None]
    pupil = smoothstep(_PUPIL + 0.05, _PUPIL - 0.05, far)[:, None]
    return floats(albedo * (1 - pupil) + 0.004 * pupil)


def _mirror(normals: Floats, key: Floats, sky: Floats, light: Rig) -> Floats:
    """Returns the mirror image of the key light (the catchlight), and of the sky."""
    view = np.maximum(-normals[:, 2], 0)
    mirrored = normals * (2 * view)[:, None] + floats([0, 0, 1])
    fresnel = 0.025 + 0.975 * (1 - view) ** 5
    radius = max(0.8 * light.radius, 0.22)
    # Photographers set the light so that lids and brows do not take it from the eye.
    low = unit(light.key * floats([1, 0.6, 1]))
    towards = np.arccos(np.clip(mirrored @ low, -1, 1))
    window = smoothstep(radius * 1.15, radius * 0.85, towards)
    glint = (1.5 * window * (0.55 + 0.45 * key))[:, None] * light.colour
    return floats(glint + (1.5 * fresnel)[:, None] * sky_light(light.harmonics, floats(mirrored)) * sky**2)
