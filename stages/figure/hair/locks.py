"""Hairs that follow guides: locks that draw together, waves, curls and strays."""

import numpy as np

from stages.figure.hair.head import CENTRE, Floats, unit
from stages.figure.hair.styles import Style
from stages.figure.records import Indices
from stages.figure.vectors import floats


def nearest(roots: Floats, guides: Floats, parting: Floats | None = None) -> Indices:
    """Returns for each root the guide nearest to it.

    `parting` keeps them on one side: 1 for the left and -1 for the right, of the roots and then of the guides.
    """
    ways, led = unit(roots - CENTRE), unit(guides - CENTRE)
    if parting is not None:
        ways = np.concatenate([ways, 0.5 * parting[: len(roots), None]], 1)
        led = np.concatenate([led, 0.5 * parting[len(roots) :, None]], 1)
    closeness = ways @ led.T - 0.5 * (led**2).sum(1)
    return np.asarray(closeness.argmax(1), np.int32)


def follow(roots: Floats, guides: Floats, leader: Indices, style: Style, random: np.random.Generator) -> Floats:
    """Returns S hairs (S x K x 3) that start at roots S x 3 and follow their leaders among guides G x K x 3."""
    count, points = len(roots), guides.shape[1]
    along = np.linspace(0, 1, points, dtype=np.float32)[None, :, None]
    paths = guides[leader]
    offset = (roots - paths[:, 0])[:, None]
    drawn = 1 - style.clump * random.uniform(0.6, 1.2, (count, 1, 1)).astype(np.float32) * along**0.8
    hairs = paths + offset * np.clip(drawn, 0.05, None)
    # A hair strays more the further it is from its root.
    stray = np.cumsum(random.normal(0, 1, (count, points, 3)).astype(np.float32), 1)
    stray -= stray[:, :1]
    hairs += stray * (style.frizz / np.sqrt(points)) * along**0.5
    # Hairs of a lock end at different places: each stops short of its leader's tip.
    short = 1 - style.ragged * np.abs(random.normal(0, 1, (count, 1, 1))).astype(np.float32)
    hairs = stop(hairs, np.clip(short, 0.35, 1)[:, 0])
    if style.wave:
        hairs = wave(hairs, leader, style.wave, style.period, style.coil, random)
    return hairs


def wave(hairs: Floats, leader: Indices, size: float, period: float, coil: bool, random: np.random.Generator) -> Floats:
    """Waves hairs S x K x 3 sideways, `size` metres to either side; those of one lock wave together."""
    steps = np.diff(hairs, axis=1)
    gone = np.concatenate([0 * steps[:, :1, 0], np.cumsum(np.linalg.norm(steps, axis=-1), 1)], 1)
    tangent = unit(np.gradient(hairs, axis=1))
    outward = unit(hairs - CENTRE)
    across = unit(np.cross(tangent, outward + floats([0.01, 0.02, 0])))
    over = np.cross(across, tangent)
    locks = int(leader.max(initial=0)) + 1
    phase = random.uniform(0, 2 * np.pi, locks)[leader] + random.normal(0, 0.35, len(hairs))
    lasts = period * random.uniform(0.75, 1.3, locks)[leader]
    turn = (2 * np.pi * gone / lasts[:, None] + phase[:, None]).astype(np.float32)
    grown = size * np.clip(gone / (2 * period if not coil else 0.4 * period), 0, 1)
    shift = across * (grown * np.sin(turn))[..., None]
    shift += over * ((1.0 if coil else 0.35) * grown * np.cos(turn))[..., None]
    return np.asarray(hairs + shift, np.float32)


def short_of_face(hairs: Floats) -> Floats:
    """Cuts hairs S x K x 3 that hang before the eyes at the height of the brows."""
    before = (
        (hairs[..., 1] < 0.02) & (hairs[..., 2] < 0.024) & (hairs[..., 2] > -0.13) & (np.abs(hairs[..., 0]) < 0.058)
    )
    last = hairs.shape[1] - 1
    share = np.where(before.any(1), np.maximum(before.argmax(1) - 1, 0.2) / last, 1.0)
    return stop(hairs, floats(share)[:, None])


def stop(hairs: Floats, share: Floats) -> Floats:
    """Cuts hairs S x K x 3 to a share (S x 1) of their length, with as many points."""
    points = hairs.shape[1]
    where = np.linspace(0, points - 1, points, dtype=np.float32)[None] * share
    low = np.minimum(where.astype(np.int32), points - 2)
    part = (where - low)[..., None].astype(np.float32)
    rows = np.arange(len(hairs))[:, None]
    return floats(hairs[rows, low] * (1 - part) + hairs[rows, low + 1] * part)
