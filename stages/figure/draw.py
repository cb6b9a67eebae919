"""Draws the figure: body, clothes and hair in the light of the scene."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.casting import Casting
from stages.contracts import Placed
from stages.figure import hair_light, shading
from stages.figure import strands as hairs
from stages.figure.assembly import Assembly, assembled
from stages.figure.colours import encoded, luminance
from stages.figure.ground import fallen, on_wall
from stages.figure.hair_volume import Volume
from stages.figure.light import Rig, brightened, rig, sky_light
from stages.figure.occluder import opaque
from stages.figure.records import PARTS, Figure, Floats, Light, Posed, Strands, Surface
from stages.figure.vectors import floats
from stages.figure.visibility import Hits, at

#: Samples to a pixel's side.
_SAMPLES = 2
#: From so many pixels a metre on, skin and cloth are shaded once a pixel; faces and hands, with lips and nails, later.
_COARSE, _FINE = 300, 1500
#: Samples that are worked on at once.
_BAND = 1 << 21
#: What the median of a face receives at least, and the most that is given to reach it.
_FACE, _GAIN = 0.72, 1.35
#: Weights of the samples in and next to a pixel: a tent, a little narrower than Bartlett's.
_FILTER = floats([0.09, 0.41, 0.41, 0.09])
#: Rows of pixels at a band's border that its neighbour's filter reaches.
_MARGIN = 2


def draw(
    posed: Posed,
    surfaces: Sequence[Surface],
    strands: Sequence[Strands],
    light: Light,
    size: tuple[int, int],
    garment: Placed | None,
    casting: Casting,
    seed: int,
    *,
    lit: bool = True,
) -> Figure:
    """Draws a posed body with its clothes and hair over a canvas of `size` (width, height).

    `garment` throws its shadow on the body and hides what is behind its opaque part: nothing is shaded there, but
    depth, normals and parts are those of the body. The same arguments give the same bytes. A figure that is not `lit`
    has the same alpha, depth, normals and parts; its picture is black and it throws no shadow.
    """
    width, height = size
    lamps = rig(light) if lit else None
    masses = [each for each in strands if each.name in hair_light.MASSES and len(each.points)]
    hair = Volume(masses) if masses and lit else None
    whole = assembled(posed, surfaces, garment, hair, lamps, size)
    if lamps is not None:
        lamps = brightened(lamps, _exposure(whole, posed, lamps))
    covered = cv2.erode(opaque(garment, size).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    lines = hair_light.lit_strands(strands, hair, whole, posed, covered, lamps, seed)
    scene = None if lamps is None else shading.Setting(whole, posed, casting, lamps, seed)

    picture = np.zeros((height, width, 3), np.uint8)
    alpha = np.zeros((height, width), np.float32)
    depth = np.full((height, width), np.inf, np.float32)
    normals = np.zeros((height, width, 3), np.float32)
    parts = np.zeros((height, width), np.uint8)
    for band in _bands(whole, strands, size):
        drawn = _band(whole, posed, scene, lines, covered, band)
        window = slice(band.top, band.bottom), slice(band.left, band.right)
        picture[window], alpha[window], depth[window] = drawn.picture, drawn.alpha, drawn.depth
        normals[window], parts[window] = drawn.normals, drawn.parts
    if lamps is None:
        return Figure(picture, alpha, depth, normals, parts, np.ones_like(alpha), posed)
    shadow = fallen(whole, posed, lamps, size)
    if light.wall is not None:
        cover = alpha.copy()
        if garment is not None:
            cover[garment.window] = np.maximum(cover[garment.window], garment.matte)
        shadow = on_wall(cover, shadow, posed, lamps, light.wall)
    return Figure(picture, alpha, depth, normals, parts, shadow, posed)


def _exposure(whole: Assembly, posed: Posed, light: Rig) -> float:
    """Returns the gain that a photographer exposes a face with which hair or a collar shades, 1 for any other."""
    face = np.unique(whole.mesh.faces[whole.mesh.parts == PARTS.index("face")])
    inverse = np.linalg.inv(posed.head)
    place = whole.mesh.vertices[face] @ inverse[:3, :3].T + inverse[:3, 3]
    # From brow to chin and from cheek to cheek.
    face = face[(np.abs(place[:, 0]) < 0.045) & (place[:, 2] > -0.09) & (place[:, 2] < 0.05)]
    towards = whole.mesh.normals[face]
    key = np.maximum(towards @ light.key, 0)[:, None] * light.colour * whole.key[face]
    arrives = luminance(key + sky_light(light.harmonics, towards) * whole.sky[face])
    seen = (towards[:, 2] < -0.5) & (whole.sky[face, 1] > 0)
    if not seen.any():
        return 1.0
    return float(np.clip(_FACE / np.median(arrives[seen]), 1, _GAIN))


@dataclass(frozen=True, slots=True)
class _Band:
    """Rows of the canvas, between the columns that the figure reaches."""

    left: int
    right: int
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class _Drawn:
    picture: npt.NDArray[np.uint8]
    alpha: Floats
    depth: Floats
    normals: Floats
    parts: npt.NDArray[np.uint8]


def _bands(whole: Assembly, strands: Sequence[Strands], size: tuple[int, int]) -> Iterator[_Band]:
    """Cuts what the figure covers of the canvas into bands."""
    points = np.concatenate([whole.mesh.vertices, *(each.points for each in strands)])[:, :2]
    low = np.maximum(np.floor(points.min(axis=0)).astype(int) - _MARGIN, 0)
    high = np.minimum(np.ceil(points.max(axis=0)).astype(int) + _MARGIN + 1, size)
    if (high <= low).any():
        return
    rows = max(8, _BAND // _SAMPLES**2 // (high[0] - low[0]))
    for top in range(low[1], high[1], rows):
        yield _Band(int(low[0]), int(high[0]), top, int(min(top + rows, high[1])))


def _band(
    whole: Assembly,
    posed: Posed,
    scene: shading.Setting | None,
    lines: hairs.Segments,
    covered: npt.NDArray[np.bool_],
    band: _Band,
) -> _Drawn:
    """Draws one band; without a `scene` all is black."""
    corner = band.left - _MARGIN, band.top - _MARGIN
    columns, rows = band.right - band.left + 2 * _MARGIN, band.bottom - band.top + 2 * _MARGIN
    shape = rows * _SAMPLES, columns * _SAMPLES
    hidden = _padded(covered, band)
    # Under the opaque garment one sample to a pixel is enough: nothing is shaded there.
    wanted = np.repeat(np.repeat(~hidden, _SAMPLES, axis=0), _SAMPLES, axis=1)
    wanted[::_SAMPLES, ::_SAMPLES] = True
    index = np.flatnonzero(wanted)
    y, x = np.divmod(index, shape[1])
    mesh = whole.mesh
    origins = np.empty((len(index), 3), np.float32)
    origins[:, 0] = corner[0] + (x + 0.5) / _SAMPLES - 0.5
    origins[:, 1] = corner[1] + (y + 0.5) / _SAMPLES - 0.5
    origins[:, 2] = mesh.vertices[:, 2].min() - 10
    hits = whole.tracer.hits(origins, (0, 0, 1))
    met = index[hits.ray]

    depth = np.full(shape, np.inf, np.float32)
    depth.ravel()[met] = at(mesh.vertices[:, 2:], mesh.faces, hits)[:, 0]
    normals = np.zeros((*shape, 3), np.float32)
    normals.reshape(-1, 3)[met] = at(mesh.normals, mesh.faces, hits)
    parts = np.zeros(shape, np.uint8)
    parts.ravel()[met] = mesh.parts[hits.face]
    light = np.zeros((*shape, 4), np.float32)
    flat = light.reshape(-1, 4)
    flat[met, 3] = 1
    if scene is not None:
        shown = ~hidden.repeat(_SAMPLES, axis=0).repeat(_SAMPLES, axis=1).ravel()[met]
        own, like = _alike(scene, hits, met, shape)
        flat[met[shown & own], :3] = shading.shaded(scene, hits, origins, shown & own)
        copies = shown & ~own
        flat[met[copies], :3] = flat[like[copies], :3]

    hair = hairs.drawn(lines, depth, corner, _SAMPLES, slack=0.002 * posed.scale)
    light *= (1 - hair.alpha)[..., None]
    light[..., :3] += hair.colour
    light[..., 3] += hair.alpha
    return _resolved(light, depth, normals, parts, hair, hidden)


def _alike(
    scene: shading.Setting, hits: Hits, met: npt.NDArray[np.int64], shape: tuple[int, int]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Says which hits, at samples `met` of a grid, need a light of their own, and which sample the others are like.

    Within a pixel, samples of one surface look alike but for eyes, and but for faces so small that each sample counts.
    """
    first = met - met // shape[1] % _SAMPLES * shape[1] - met % shape[1] % _SAMPLES
    owners = np.full(shape[0] * shape[1], -1, np.int16)
    owners[met] = scene.whole.owner[hits.face]
    own = (met == first) | (owners[met] != owners[first])
    parts = scene.whole.mesh.parts[hits.face]
    own |= parts == PARTS.index("eye")
    if scene.posed.scale < _COARSE:
        own[:] = True
    elif scene.posed.scale < _FINE:
        own |= (parts == PARTS.index("face")) | (parts == PARTS.index("hand"))
    return own, first


def _resolved(
    light: Floats,
    depth: Floats,
    normals: Floats,
    parts: npt.NDArray[np.uint8],
    hair: hairs.Layer,
    hidden: npt.NDArray[np.bool_],
) -> _Drawn:
    """Gathers samples into pixels, and cuts the margin off."""
    inner = slice(_MARGIN, -_MARGIN), slice(_MARGIN, -_MARGIN)
    even = slice(None, None, _SAMPLES), slice(None, None, _SAMPLES)
    # Each pixel's filter covers its own two samples a side and one on either side of them. Film sees each sample by
    # itself, so that a highlight at an edge does not outshine its pixel.
    samples = light.reshape(-1, 4)
    some = np.flatnonzero(samples[:, 3])
    alone = samples[some]
    alone[:, :3] = encoded(floats(alone[:, :3] / alone[:, 3:])) * alone[:, 3:]
    samples[some] = alone
    taps = np.append(_FILTER, 0).astype(np.float32)
    filtered = cv2.sepFilter2D(light, -1, taps, taps, anchor=(1, 1), borderType=cv2.BORDER_REPLICATE)[even]
    alpha = np.where(hidden, light[even][..., 3], np.clip(filtered[..., 3], 0, 1))
    alpha[alpha < 1 / 512] = 0
    colour = filtered[..., :3] / np.maximum(filtered[..., 3:], 1e-6)
    picture = np.clip(colour * 255 + 0.5, 0, 255).astype(np.uint8)
    picture[alpha == 0] = 0

    hairy = hair.alpha > 0.5
    nearest = np.where(hairy, np.minimum(hair.depth, depth), depth)
    kinds = np.where(hairy, PARTS.index("hair"), parts)
    blocks = [(slice(a, None, _SAMPLES), slice(b, None, _SAMPLES)) for a in range(_SAMPLES) for b in range(_SAMPLES)]
    stacked = np.stack([nearest[each] for each in blocks])
    first = stacked.argmin(axis=0)[None]
    part = np.take_along_axis(np.stack([kinds[each] for each in blocks]), first, axis=0)[0]
    summed = np.sum([normals[each] for each in blocks], axis=0)
    length = np.linalg.norm(summed, axis=2, keepdims=True)
    unit = np.where(length > 0, summed / np.maximum(length, 1e-6), 0)
    return _Drawn(
        picture[inner],
        alpha[inner].astype(np.float32),
        np.take_along_axis(stacked, first, axis=0)[0][inner],
        unit[inner].astype(np.float32),
        part[inner].astype(np.uint8),
    )


def _padded(covered: npt.NDArray[np.bool_], band: _Band) -> npt.NDArray[np.bool_]:
    """Returns the band of a canvas-size mask with its margin; false beyond the canvas."""
    height, width = covered.shape
    padded = np.zeros((band.bottom - band.top + 2 * _MARGIN, band.right - band.left + 2 * _MARGIN), np.bool_)
    top, left = band.top - _MARGIN, band.left - _MARGIN
    y0, y1 = max(top, 0), min(band.bottom + _MARGIN, height)
    x0, x1 = max(left, 0), min(band.right + _MARGIN, width)
    padded[y0 - top : y1 - top, x0 - left : x1 - left] = covered[y0:y1, x0:x1]
    return padded
