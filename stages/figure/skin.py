"""Skin: its tone, what varies over it, and how light leaves it."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from stages.casting import Casting
from stages.figure import targets
from stages.figure.colours import MONK, linear
from stages.figure.light import Rig, sky_light
from stages.figure.noise import noise, sampled
from stages.figure.records import Bytes, Floats
from stages.figure.vectors import floats, unit

#: Reflectance of skin straight on (index of refraction 1.4).
_F0 = 0.028
#: How far light bleeds past the terminator in red, green and blue, as a softening of the cosine (d'Eon 2007: red
#: wanders farthest).
_BLEED = floats([0.24, 0.11, 0.07])
#: Metres of skin for one unit of the body's texture, on the face; elsewhere it is about twice as much.
METRES = 1.07


@dataclass(frozen=True, slots=True)
class Points:
    """What is known of the points to shade, N of them."""

    normals: Floats
    uv: Floats
    in_head: Floats
    """N x 3: metres in the head's own frame (x to the person's left, y back, z up)."""
    face: Floats
    """N: 1 on the face and neck, 0 elsewhere."""
    key: Floats
    """N x 3: share of the key light that arrives, by colour."""
    sky: Floats
    """N x 3."""
    pixel: float
    """Metres from one sample to the next."""


def target(tone: int) -> Floats:
    """Returns the linear colour that a tone of the Monk scale has in a photograph, in the light of a face.

    The swatches are flat colours; photographed skin of their lightness is redder, since blood shows, and the fairest is
    never as light. The four faces in `worn/` have CIELAB chroma 16 to 22 at hues of 50 to 63 degrees, whatever their
    lightness; so the swatches are drawn half way there.
    """
    lightness, red, yellow = cv2.cvtColor(floats([[linear(MONK[tone - 1])]]), cv2.COLOR_LRGB2Lab)[0, 0]
    lightness += 0.25 * max(26 - lightness, 0) - 0.15 * max(lightness - 78, 0)
    seen = [lightness, red + 0.7 * max(9 - red, 0), yellow + 0.7 * (15.5 - yellow)]
    return floats(np.maximum(cv2.cvtColor(floats([[seen]]), cv2.COLOR_Lab2LRGB)[0, 0], 0.005))


def base(casting: Casting) -> Floats:
    """Returns the linear albedo of a casting's skin, as yet even."""
    return target(casting.skin)


def shaded(points: Points, casting: Casting, light: Rig, seed: int) -> Floats:
    """Returns the light that leaves skin towards the camera, linear, N x 3."""
    tone = base(casting)
    albedo, gloss = _albedo(points, tone, seed)
    bumped = _bumped(points, seed)
    # Light that has wandered under the skin forgets the pores: red most.
    total = np.empty_like(albedo)
    toward = points.normals @ light.key
    rough = bumped @ light.key
    sky = sky_light(light.harmonics, bumped)
    for k, bleed in enumerate(_BLEED):
        cosine = toward + (rough - toward) * (1 - 2.5 * bleed)
        total[:, k] = 0.5 * (cosine + np.sqrt(cosine * cosine + bleed * bleed)) * points.key[:, k] * light.colour[k]
    total += sky * _bounced(points.sky, albedo)
    total *= albedo
    total += _shine(points, bumped, gloss, light)
    return total


def _albedo(points: Points, tone: Floats, seed: int) -> tuple[Floats, Floats]:
    """Returns albedo (N x 3) and how glossy the skin is there (N; 1 is usual)."""
    places = points.uv * METRES
    octaves = [(0.03, 0.5), (0.008, 0.3), (0.003, 0.3), (0.0012, 0.35), (0.0006, 0.3)]
    heard = [(size, amount) for size, amount in octaves if size > 1.5 * points.pixel]
    blood, melanin = (
        np.sum(
            [amount * noise(places, size, 11 * seed + 2 * k + which) for k, (size, amount) in enumerate(heard)], axis=0
        )
        for which in (0, 1)
    )
    red, pale = floats([0.3, 1.0, 0.9]), floats([0.7, 1.0, 1.2])
    dark = np.clip(1.2 - float(tone[1]) * 1.6, 0.25, 1)
    # Blood takes green and blue away, melanin all: skins differ in how much of either shows.
    change = -0.055 * blood[:, None] * red - 0.035 * dark * melanin[:, None] * pale
    albedo = tone * np.exp(change)
    head = points.in_head
    flush = _flush(head) * points.face
    albedo *= 1 - flush[:, None] * floats([0.02, 0.14, 0.12])
    gloss = (1 + 0.12 * noise(places, 0.009, seed + 5)) * (0.75 + (0.25 + 0.6 * _oily(head)) * points.face)
    lips, lids, ears, nails = sampled(_masks(), points.uv).astype(np.float32).T / 255
    for mask, factor, amount in (
        (lips, _lip(tone), 0.9),
        (lids, floats([0.86, 0.72, 0.70]), 0.5),
        (ears, floats([1.0, 0.82, 0.80]), 0.5),
        (nails, floats([1.10, 0.94, 0.93]), 0.7),
    ):
        share = (amount * mask)[:, None]
        albedo = albedo * (1 - share) + tone * factor * share
    albedo *= 1 - 0.10 * (lips * np.maximum(noise(places * floats([6, 1]), 0.004, seed + 3), 0))[:, None]
    gloss = gloss * (1 - lips) + 1.9 * lips
    gloss = np.where(nails > 0.5, 2.4, gloss)
    return np.minimum(albedo, 0.96).astype(np.float32), gloss.astype(np.float32)


def _lip(tone: Floats) -> Floats:
    """Returns the colour of lips as a factor of the skin's: rosy on fair skin, brown on dark."""
    fair = np.clip((float(tone[1]) - 0.04) / 0.5, 0, 1)
    return floats((1 - fair) * floats([0.92, 0.66, 0.70]) + fair * floats([0.80, 0.44, 0.46]))


def _flush(head: Floats) -> Floats:
    """Returns how much blood shows: cheeks, tip of the nose, chin, below the eyes."""
    spots = ((0.036, -0.03, -0.045, 0.017, 1.0), (0, -0.05, -0.045, 0.010, 0.8), (0, -0.03, -0.105, 0.012, 0.4))
    side = np.abs(head[:, 0])
    total = np.zeros(len(head), np.float32)
    for x, _, z, size, amount in spots:
        total += amount * np.exp(-((side - x) ** 2 + (head[:, 2] - z) ** 2) / (2 * size * size))
    return floats(total)


def _oily(head: Floats) -> Floats:
    """Returns where skin shines: forehead and nose."""
    side = np.abs(head[:, 0])
    forehead = np.exp(-((side / 0.035) ** 2) - ((head[:, 2] - 0.045) / 0.022) ** 2)
    nose = np.exp(-((side / 0.010) ** 2) - ((head[:, 2] + 0.03) / 0.022) ** 2)
    return floats(np.minimum(forehead + nose, 1))


def _bumped(points: Points, seed: int) -> Floats:
    """Returns the normals with pores and fine creases, N x 3."""
    normals = points.normals.copy()
    for size, height in ((0.0024, 0.012), (0.0010, 0.04), (0.0005, 0.06)):
        if size < 1.2 * points.pixel:
            continue
        places = points.uv * METRES
        deep = height * (0.3 + 0.7 * points.face)
        for axis in (0, 1):
            normals[:, axis] += deep * noise(places, size, seed + 17 + axis)
    return unit(normals)


def _bounced(share: Floats, albedo: Floats) -> Floats:
    """Returns what of the sky arrives once light that skin gives back to itself is counted (Jimenez 2016)."""
    # Shadows on skin are warm, for red light finds its way round into them.
    share = np.maximum(share, 0) ** floats([0.82, 1.0, 1.06])
    a, b, c = 2.0404 * albedo - 0.3324, -4.7951 * albedo + 0.6417, 2.7552 * albedo + 0.6903
    return floats(np.maximum(share, ((share * a + b) * share + c) * share))


def _shine(points: Points, normals: Floats, gloss: Floats, light: Rig) -> Floats:
    """Returns what the surface itself reflects: two lobes of the key light, and the sky at grazing angles."""
    half = light.key + floats([0, 0, -1])
    half /= np.linalg.norm(half)
    facing, lit, view = normals @ half, np.maximum(normals @ light.key, 0), np.maximum(-normals[:, 2], 0.05)
    fresnel = _F0 + 0.25 * (1 - view) ** 5
    square = np.maximum(facing, 0) ** 2
    lobes = np.zeros_like(lit)
    for roughness, share in ((0.36, 0.40), (0.55, 0.60)):
        # The lobe is as wide as the light at least.
        alpha = min(roughness**2 + 0.25 * light.radius, 1.0) ** 2
        lobes += share * alpha / (4 * (square * (alpha - 1) + 1) ** 2)
    key = (fresnel * lobes * lit * gloss * points.key[:, 2])[:, None] * light.colour
    mirrored = normals * (2 * view)[:, None] + floats([0, 0, 1])
    sky = sky_light(light.harmonics, mirrored) * (0.55 * fresnel * gloss)[:, None] * points.sky**3
    return floats(key + sky)


@cache
def _masks() -> Bytes:
    """Returns the body's masks over its texture, 2048 x 2048 x 4: lips, eyelids, ears, nails."""
    folder = targets.folder() / "mpfb2" / "textures"

    def read(name: str) -> Bytes:
        path = folder / f"mpfb_{name}.jpg"
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if mask is None:
            raise FileNotFoundError(path)
        return cv2.GaussianBlur(mask, (0, 0), 1.2)

    return np.stack(
        [read("lips"), read("eyelids"), read("ears"), np.maximum(read("fingernails"), read("toenails"))], axis=2
    )
