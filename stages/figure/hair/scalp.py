"""Hair of the head: grown, gathered, coloured."""

from dataclasses import replace

import numpy as np

from stages.figure.hair import colours, gather, hairline, locks
from stages.figure.hair.grow import grow, lengths, parting
from stages.figure.hair.head import Floats, Head
from stages.figure.hair.styles import Style
from stages.figure.records import Indices, Strands
from stages.figure.vectors import floats

_GUIDES = 750
"""Locks of a head: about one for each square centimetre."""


def scalp(head: Head, style: Style, shade: colours.Shade, man: bool, covering: bool, seed: int) -> tuple[Strands, ...]:
    """Returns the hair of a head in a style; nothing where it is bald."""
    if not style.hairs or not style.top + style.sides + style.back:
        return ()
    random = np.random.default_rng((seed, 1))
    scale = head.posed.scale
    count = int(style.hairs * np.clip(scale / 1000, 0.6, 1.6))
    roots, within = hairline.roots(head, count, man, style.recession, style.thinning, random)
    leaders, _ = hairline.roots(head, _GUIDES, man, style.recession, 0.0, random)
    if style.gather:
        masses = gather.gather(head, roots, style, covering, random)
    else:
        length = lengths(leaders, head, style) * random.uniform(1 - style.ragged, 1 + 0.5 * style.ragged, len(leaders))
        points = int(np.clip(length.max() / (0.010 if not style.coil else 0.3 * style.period), 6, 36))
        guides = grow(head, leaders, length.astype(np.float32), style, covering, random, points)
        sides = None
        if style.flow == "parted":
            both = np.concatenate([roots, leaders])
            sides = np.where(both[:, 0] >= parting(both, style)[:, 0], 1.0, -1.0).astype(np.float32)
            sides *= np.clip((0.17 - both[:, 1]) / 0.04, 0, 1)  # none at the back of the head
        leader = locks.nearest(roots, leaders, sides)
        hairs = locks.follow(roots, guides, leader, style, random)
        # Baby hairs: those at the very edge are shorter.
        hairs = locks.stop(hairs, np.clip(0.35 + within / 0.008, 0, 1)[:, None]) if length.max() > 0.03 else hairs
        masses = ((locks.short_of_face(hairs), leader),)
    wide = width(scale) * style.thickness
    grown = (strands("hair", head, hairs, leader, shade, wide, random) for hairs, leader in masses)
    return _undercoat(head, style, shade, man, seed, wide), _edge(head, style, shade, man, seed, wide), *grown


def _undercoat(head: Head, style: Style, shade: colours.Shade, man: bool, seed: int, wide: float) -> Strands:
    """Returns short hair that lies flat, so that the skin glints through only where hair is thin or parted."""
    random = np.random.default_rng((seed, 2))
    roots, within = hairline.roots(head, 6000, man, style.recession, style.thinning, random)
    kept = random.random(len(roots)) < np.clip(within / 0.012, 0.1, 1)
    if style.flow == "parted":
        kept &= np.abs(roots[:, 0] - parting(roots, style)[:, 0]) > 0.0015
    roots = roots[kept]
    length = np.minimum(lengths(roots, head, style), 0.010).astype(np.float32)
    flat = replace(style, rise=0.03, lift=0.0008, weight=0.0)
    hairs = grow(head, roots, length, flat, True, random, 4)
    lock = random.integers(0, 200, len(roots)).astype(np.int32)
    dark = colours.darker(shade, 0.8, 1.0, shade.spread, shade.white)
    return strands("hair", head, hairs, lock, dark, 2.2 * wide, random)


def _edge(head: Head, style: Style, shade: colours.Shade, man: bool, seed: int, wide: float) -> Strands:
    """Returns the fine short hairs along the hairline."""
    random = np.random.default_rng((seed, 6))
    roots, within = hairline.roots(head, 16_000, man, style.recession, style.thinning, random)
    roots = roots[(within < 0.007) & (roots[:, 2] > -0.02)]
    length = np.minimum(lengths(roots, head, style), random.uniform(0.004, 0.014, len(roots))).astype(np.float32)
    hairs = grow(head, roots, length, replace(style, rise=0.1, lift=0.0012, weight=0.0), True, random, 5)
    lock = random.integers(0, 200, len(roots)).astype(np.int32)
    return strands("hair", head, hairs, lock, shade, 0.4 * wide, random)


def width(scale: float) -> float:
    """Returns how wide one drawn hair is, in canvas pixels: it stands for several, more the smaller the picture is."""
    return float(np.clip(0.0009 * scale, 0.5, 1.4))


def strands(
    name: str, head: Head, hairs: Floats, lock: Indices, shade: colours.Shade, width: float, random: np.random.Generator
) -> Strands:
    """Colours hairs S x K x 3 and takes them to the canvas; long ones are two, since tips are lighter than roots."""
    count, points, _ = hairs.shape
    canvas = head.to_canvas(hairs)
    pieces: list[Floats] = [canvas]
    along: list[Floats] = [floats(random.uniform(0.2, 0.6, count))]
    of_lock = [lock]
    if points > 12:
        pieces, along, of_lock = [], [], []
        group = random.integers(0, 4, count)
        for each in range(4):  # so that the change of colour is no line
            middle, of = points * (each + 1) // 7, group == each
            pieces += [canvas[of, : middle + 1], canvas[of, middle:]]
            along += [np.full(int(of.sum()), 0.15), np.full(int(of.sum()), 0.75)]
            of_lock += [lock[of], lock[of]]
    tint = colours.paint(shade, np.concatenate(of_lock), np.concatenate(along), random)
    sizes = np.concatenate([np.full(len(piece), piece.shape[1]) for piece in pieces])
    return Strands(
        name=name,
        points=np.concatenate([piece.reshape(-1, 3) for piece in pieces]),
        starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        colours=tint,
        width=width,
    )
