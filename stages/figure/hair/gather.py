"""Hair that is tied: over the head to where it is gathered, and what becomes of it there."""

import numpy as np

from stages.figure.hair.head import CENTRE, Floats, Head, unit
from stages.figure.hair.locks import stop
from stages.figure.hair.styles import Style
from stages.figure.records import Indices
from stages.figure.vectors import floats

#: Where hair is gathered, in the head's frame, metres.
_PLACES = {
    "ponytail": [[0, 0.195, 0.050]],
    "bun": [[0, 0.185, 0.092]],
    "braids": [[0.078, 0.128, -0.062], [-0.078, 0.128, -0.062]],
}
_POINTS = 16
#: The farthest that hairs of a tail lie from its middle, in its own breadths.
_TIED = 1.1


def gather(
    head: Head, roots: Floats, style: Style, covering: bool, random: np.random.Generator
) -> tuple[tuple[Floats, Indices], ...]:
    """Returns hairs S x K x 3 in the head's frame and to which lock each belongs: those on the head, those tied."""
    places = floats(_PLACES[style.gather])
    places = head.clear(places, 0.004)
    side = (roots[:, 0] < 0).astype(np.int32) if len(places) == 2 else np.zeros(len(roots), np.int32)
    over, lock = _over(head, roots, places[side], style, random)
    if style.gather == "bun":
        return (over, lock), _bun(places[0], random)
    if style.gather == "ponytail":
        return (over, lock), _tail(head, places[0], style, covering, random)
    return (over, lock), _braids(head, places, style, covering, random)


def _over(head: Head, roots: Floats, ends: Floats, style: Style, random: np.random.Generator) -> tuple[Floats, Indices]:
    """Leads hairs along the skull from their roots to where they are gathered."""
    start, end = unit(roots - CENTRE), unit(ends - CENTRE)
    angle = np.arccos(np.clip((start * end).sum(1), -0.999, 0.999))[:, None, None]
    along = np.linspace(0, 1, _POINTS, dtype=np.float32)[None, :, None]
    way = (np.sin((1 - along) * angle) * start[:, None] + np.sin(along * angle) * end[:, None]) / np.sin(angle)
    way = unit(way)
    # Combed in locks: neighbours wander together.
    lock = (np.floor(roots @ random.normal(0, 90, (3,))) % 400).astype(np.int32)
    lift = style.lift * (0.55 + 0.45 * random.random(len(roots)) + 0.25 * random.random(400)[lock])
    rise = lift[:, None, None] * np.clip(6 * along, 0, 1) * (1 + 0.8 * along)
    tied = np.linalg.norm(ends - CENTRE, axis=1)[:, None, None]
    off = head.radius(way)[..., None] + rise
    # The tie stands off the skin: the last of the way leads out to it.
    off = off + np.maximum(tied - off, 0) * np.clip((along - 0.55) / 0.45, 0, 1) ** 2
    hairs = CENTRE + way * off
    stray = np.cumsum(random.normal(0, 1, hairs.shape), 1) * (style.frizz / _POINTS**0.5)
    return (hairs + stray * np.sin(np.pi * along)).astype(np.float32), lock


def _bun(place: Floats, random: np.random.Generator) -> tuple[Floats, Indices]:
    """Winds hairs round a knot."""
    count, locks, size = 3200, 60, 0.036
    axis = unit(place - CENTRE)
    first = unit(np.cross(axis, floats([1, 0.1, 0])))
    second = np.cross(axis, first)
    middle = place + axis * 0.55 * size
    lock = random.integers(0, locks, count)
    tilt = random.normal(0, 0.30, (locks, 2))[lock] + random.normal(0, 0.05, (count, 2))
    height = (random.uniform(-0.85, 1.0, locks)[lock] + random.normal(0, 0.05, count))[:, None]
    start = random.uniform(0, 2 * np.pi, locks)[lock] + random.normal(0, 0.25, count)
    turn = start[:, None] + np.linspace(0, 2.9, _POINTS)[None]
    shell = (size * (1 + random.normal(0, 0.035, locks)[lock] + random.normal(0, 0.012, count)))[:, None]
    height = height + tilt[:, :1] * np.sin(turn + 4 * tilt[:, 1:])
    height = np.clip(height, -1, 1)
    ring = np.sqrt(np.clip(1 - 0.99 * height**2, 0.006, 1)) * shell
    knot = middle + axis * (height * shell * 0.80)[..., None]
    knot = knot + first * (ring * np.cos(turn))[..., None] + second * (ring * np.sin(turn))[..., None]
    knot += np.cumsum(random.normal(0, 0.00035, knot.shape), 1)
    return knot.astype(np.float32), lock.astype(np.int32)


def _tail(
    head: Head, place: Floats, style: Style, covering: bool, random: np.random.Generator
) -> tuple[Floats, Indices]:
    """Lets a tail hang from where hair is tied, behind the body as the viewer sees it."""
    count, locks = 3600, 90
    spine = _hang(head, place, style.tail, covering, 0.020)
    lock = random.integers(0, locks, count)
    along = np.linspace(0, 1, _POINTS)[None, :, None]
    spread = 0.012 + 0.020 * np.clip(along / 0.25, 0, 1) - 0.010 * along
    spot = random.normal(0, 0.55, (locks, 3))[lock][:, None] + random.normal(0, 0.22, (count, 1, 3))
    # It is tied: no lock hangs apart, beside the neck.
    spot /= np.maximum(1, np.linalg.norm(spot, axis=-1, keepdims=True) / _TIED)
    hairs = spine + spread * spot + 0.004 * along * np.sin(9 * along + random.uniform(0, 6, (locks, 1, 3))[lock])
    hairs += np.cumsum(random.normal(0, 0.0004, hairs.shape), 1)
    hairs = stop(hairs.astype(np.float32), random.uniform(0.72, 1, (count, 1)).astype(np.float32))
    return hairs, lock.astype(np.int32)


def _braids(
    head: Head, places: Floats, style: Style, covering: bool, random: np.random.Generator
) -> tuple[Floats, Indices]:
    """Plaits three strands at each place."""
    found, of = [], []
    points = 64
    for index, place in enumerate(places):
        spine = _hang(head, place, style.tail, covering, 0.016, points)
        along = np.linspace(0, 1, points)
        turns = along * style.tail / 0.042 * 2 * np.pi
        size = 0.0105 * (1 - 0.45 * along) * np.clip(along / 0.04, 0.4, 1)
        for strand in range(3):
            # The path of a plait's strand, seen along it, is a figure of eight.
            phase = turns + strand * 2 * np.pi / 3
            path = spine + (size * np.sin(phase))[:, None] * floats([1, 0, 0])
            path = path + (0.55 * size * np.sin(2 * phase))[:, None] * floats([0, 1, 0])
            place_in = random.normal(0, 0.5, (230, 1, 3))
            hairs = path + place_in * (0.78 * size)[None, :, None]
            hairs += np.cumsum(random.normal(0, 0.00012, hairs.shape), 1)
            found.append(hairs)
            of.append(np.full(230, 3 * index + strand))
    hairs = np.concatenate(found).astype(np.float32)
    return hairs, np.concatenate(of).astype(np.int32)


def _hang(head: Head, place: Floats, length: float, covering: bool, clear: float, points: int = _POINTS) -> Floats:
    """Returns the line (points x 3) of what hangs from a place of the head."""
    spot, heading, line = place[None], unit(unit(place - CENTRE)[None] + 0.4 * head.gravity), [place]
    step = length / (points - 1)
    for _ in range(points - 1):
        bent = min(1.0, step / 0.05)
        heading = unit(heading * (1 - bent) + head.gravity * bent)
        ahead = head.clear(spot + heading * step, clear)
        ahead = head.past(ahead, clear, covering)
        heading = unit(ahead - spot)
        spot = spot + heading * step
        line.append(spot[0])
    return np.stack(line).astype(np.float32)
