"""Beards."""

from dataclasses import dataclass

import numpy as np

from stages.figure.hair import colours, locks
from stages.figure.hair.head import CENTRE, Floats, Head, unit
from stages.figure.hair.scalp import strands, width
from stages.figure.records import Strands
from stages.figure.vectors import floats


@dataclass(frozen=True, slots=True)
class Cut:
    """How a beard is cut; lengths in metres."""

    length: float
    hairs: int
    thickness: float
    cheeks: bool = True
    chin: bool = True
    lip: bool = True


CUTS: dict[str, Cut] = {
    "stubble": Cut(0.0022, 5200, 0.42),
    "moustache": Cut(0.0085, 2600, 0.7, cheeks=False, chin=False),
    "goatee": Cut(0.010, 3600, 0.7, cheeks=False),
    "short": Cut(0.008, 7600, 0.72),
    "full": Cut(0.026, 8600, 0.85),
}


def beard(head: Head, kind: str, shade: colours.Shade, seed: int) -> Strands | None:
    """Returns a beard: "none" and kinds that are not known have no hairs."""
    cut = CUTS.get(kind)
    if cut is None:
        return None
    random = np.random.default_rng((seed, 5))
    roots = _roots(head, cut, random)
    normal = unit(roots - CENTRE)
    length = cut.length * random.uniform(0.65, 1.1, len(roots)) * np.clip(0.35 - roots[:, 2] / 0.085, 0.35, 1)
    length = np.where(roots[:, 2] > _mouth(head)[1], np.minimum(length, 0.0085), length)
    # It grows down and forward on the cheeks and the chin, to the sides under the nose.
    way = floats([0, -0.25, -1.0]) + 0 * roots
    way[:, 0] = (
        5 * np.sign(roots[:, 0]) * np.clip(np.abs(roots[:, 0]) - 0.002, 0, 0.08) * (roots[:, 2] > _mouth(head)[1])
    )
    way += random.normal(0, 0.22, roots.shape)
    way = unit(unit(way) + 0.45 * normal)
    steps = np.linspace(0, 1, 5, dtype=np.float32)[None, :, None]
    hairs = roots[:, None] + way[:, None] * length[:, None, None] * steps
    hairs += normal[:, None] * (0.10 * length[:, None, None] * np.sin(np.pi * steps))
    hairs[..., 2] -= 0.25 * length[:, None] * steps[..., 0] ** 2
    lock = random.integers(0, 300, len(roots)).astype(np.int32)
    if cut.length > 0.02:
        hairs = locks.wave(hairs.astype(np.float32), lock, 0.0012, 0.016, False, random)
    tint = colours.Shade(shade.root, shade.root, 0.14, min(1.0, 1.3 * shade.white))
    return strands("beard", head, hairs.astype(np.float32), lock, tint, cut.thickness * width(head.posed.scale), random)


def _roots(head: Head, cut: Cut, random: np.random.Generator) -> Floats:
    """Spreads roots over what of the face a beard covers."""
    corner, mouth, nose, chin = _mouth(head)
    # Directions from a point within the jaw, over the lower half of the face and the front of the neck.
    many, lips = 4 * cut.hairs * (cut.cheeks or cut.chin), 1100 if cut.length > 0.004 else 350
    middle = floats([0, 0.045, mouth - 0.005])
    azimuth = np.concatenate([random.uniform(-0.5, 0.5, 4 * lips), random.uniform(-1.75, 1.75, many)])
    height = np.concatenate([random.uniform(-0.1, 0.55, 4 * lips), random.uniform(-0.95, 0.75, many)])
    across = np.sqrt(1 - height**2)
    ways = np.stack([across * np.sin(azimuth), -across * np.cos(azimuth), height], 1).astype(np.float32)
    found, met = head.skin(middle + 0.13 * ways, -ways)
    found = found[met]
    x, y, z = np.abs(found[:, 0]), found[:, 1], found[:, 2]
    edge = random.normal(0, 0.0016, len(found))
    # The cheek's line runs from the sideburn to the corner of the moustache.
    cheek = np.interp(y, (-0.03, 0.0, 0.03, 0.06, 0.075), (mouth + 0.008, mouth + 0.012, mouth + 0.030, -0.012, 0.0))
    neck = chin - 0.004 + 0.3 * np.clip(y - 0.01, 0, 1)
    below = (z < cheek + edge) & (y < 0.072) & (z > neck + 2 * edge)
    lip = (z < nose - 0.004 + edge) & (z > mouth + 0.0085) & (x < corner + 0.010 + edge) & (y < 0.01)
    beside = (x > corner + 0.003 + edge) & (x < corner + 0.013 + edge)
    red = (x < corner + 0.002) & (z < mouth + 0.0085) & (z > mouth - 0.0115) & (y < 0.01)
    under = (z < mouth - 0.0115) & (x < corner + 0.012 + edge)
    kept = np.zeros(len(found), np.bool_)
    if cut.cheeks:
        kept |= below & ((x > corner + 0.003) | (z < mouth))
    if cut.chin:
        kept |= below & (under | (beside & (z < mouth + 0.012)))
        # Thinner right under the lower lip, but for the tuft in the middle.
        kept &= ~((z > mouth - 0.020) & (z < mouth) & (x > 0.006) & (x < corner - 0.002)) | (
            random.random(len(x)) < 0.25
        )
    if cut.lip:
        kept |= lip
    kept &= ~red
    first = np.arange(len(found)) < met[: 4 * lips].sum()
    kept &= ~first | lip
    return found[kept][: cut.hairs]


def _mouth(head: Head) -> tuple[float, float, float, float]:
    """Returns half the mouth's width, and the heights of its line, of the nose's base and of the chin, metres."""
    inverse = np.linalg.inv(head.posed.head.astype(np.float64))

    def place(bone: str) -> Floats:
        return np.asarray(inverse[:3, :3] @ head.posed.joints[bone][1] + inverse[:3, 3], np.float32)

    left, right = place("oris03.L"), place("oris03.R")
    lower = 0.5 * (place("oris05")[2] + place("oris01")[2])
    corner = 0.5 * abs(float(left[0] - right[0])) + 0.006
    return corner, float(lower), float(place("special01")[2]), float(place("jaw")[2])
