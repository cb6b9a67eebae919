"""Cloth round the body: rings of a tube, each at the distance from its centre that the body asks for."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Sealed
from stages.figure.records import PARTS, Bytes, Material, Posed, Surface
from stages.figure.vectors import floats, unit
from stages.figure.visibility import Tracer

#: Numbers of single or double precision: what is handed on is single.
Floats = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A posed body, and how far its skin is."""

    posed: Posed
    tracer: Tracer

    @property
    def scale(self) -> float:
        """Canvas pixels for a metre."""
        return self.posed.scale

    def joint(self, name: str, tail: bool = False) -> Floats:
        """Returns the place of a bone's head, or of its tail."""
        return self.posed.joints[name][int(tail)].astype(np.float64)

    @property
    def left(self) -> Floats:
        """The unit vector from the right hip to the left one."""
        return unit(self.joint("upperleg01.L") - self.joint("upperleg01.R")).astype(np.float64)

    @property
    def front(self) -> Floats:
        """The unit vector that the chest faces: level, at right angles to `left`."""
        return unit(np.cross([0.0, 1.0, 0.0], self.left)).astype(np.float64)


def body(posed: Posed) -> Body:
    """Makes a posed body ready to be dressed."""
    skin = posed.surfaces["skin"]
    return Body(posed, Tracer(skin.vertices, skin.faces))


@dataclass(frozen=True, slots=True, eq=False)
class Tube(Sealed):
    """N rings of M points each, at angles that begin at `across` and turn to `ahead`; the last is the first again."""

    centres: Floats
    """N x 3."""
    across: Floats
    """N x 3, unit."""
    ahead: Floats
    """N x 3, unit, at right angles to `across`."""
    angles: Floats
    """N x M, radians; each row rises by 2 pi."""
    rise: Floats | None = None
    """N x M, radians by which the ways leave the ring's plane, upwards; None for 0."""

    @property
    def ways(self) -> Floats:
        """From a ring's centre to its points: N x M x 3, unit."""
        cosine, sine = np.cos(self.angles)[..., None], np.sin(self.angles)[..., None]
        flat = cosine * self.across[:, None] + sine * self.ahead[:, None]
        if self.rise is None:
            return floats(flat)
        up = np.array([0.0, -1.0, 0.0])
        return floats(np.cos(self.rise)[..., None] * flat + np.sin(self.rise)[..., None] * up)

    def reach(self, body: Body, most: float) -> Floats:
        """Returns how far the skin is from the centres, N x M; at most `most` canvas pixels."""
        ways = self.ways
        starts = np.broadcast_to(floats(self.centres)[:, None], ways.shape)
        away = body.tracer.distances(starts.reshape(-1, 3), ways.reshape(-1, 3)).reshape(ways.shape[:2])
        away = floats(np.minimum(np.where(np.isfinite(away), away, most), most))
        # A ray along an edge can slip between two triangles: such a one stands out from those around it.
        near = cv2.medianBlur(np.pad(away, ((0, 0), (2, 2)), mode="wrap"), 5)[:, 2:-2]
        return np.where(away > 1.5 * near, near, away)

    def points(self, radii: Floats) -> Floats:
        """Returns the points at distances N x M from the centres."""
        return floats(self.centres[:, None] + self.ways * radii[..., None])


def tube(line: Floats, across: Floats, ahead: Floats, rows: int, columns: int, dense: Floats | None = None) -> Tube:
    """Lays a tube along a line through K points (K x 3); its angles begin at `across` (3) and turn to `ahead` (3).

    `dense` (K) is how close together rings are at each of the points; by default the same.
    """
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1) * (1 if dense is None else 0.5 * (dense[1:] + dense[:-1]))
    gone = np.concatenate([[0], np.cumsum(steps)])
    at = np.linspace(0, gone[-1], rows)
    centres = np.stack([np.interp(at, gone, line[:, axis]) for axis in range(3)], 1)
    blur = max(1.0, rows / 28)
    padded = np.pad(centres, ((12, 12), (0, 0)), mode="reflect", reflect_type="odd")
    centres = _soft(padded, blur)
    axis = unit(np.gradient(centres, axis=0))
    first = unit(across - axis * (axis @ across)[:, None])
    second = np.cross(axis, first)
    second *= np.sign((second * ahead).sum())
    angles = np.tile(np.linspace(0, 2 * np.pi, columns), (rows, 1))
    return Tube(floats(centres), floats(first), floats(second), floats(angles))


def _soft(padded: Floats, sigma: float) -> Floats:
    taps = np.exp(-0.5 * (np.arange(-12, 13) / sigma) ** 2)
    taps /= taps.sum()
    return np.stack([np.convolve(padded[:, axis], taps, "valid") for axis in range(3)], 1)


def filled(radii: Floats, most: float) -> Floats:
    """Returns distances N x M with those that met no skin within `most` taken from the ring's next ones that did."""
    columns = np.arange(radii.shape[1])
    whole = radii.copy()
    for row, ring in enumerate(radii):
        met = np.flatnonzero(ring < 0.999 * most)
        if 0 < len(met) < len(columns):
            whole[row] = np.interp(columns, met, ring[met], period=len(columns) - 1)
    return floats(whole)


def eased(radii: Floats, ease: float, over: float, along: float) -> Floats:
    """Returns the distances N x M at which cloth lies on a body: `ease` off it, and stretched over its hollows.

    `over` and `along` are how many columns and rows of hollows it bridges.
    """
    columns = radii.shape[1]
    turn = int(columns / 3)
    whole = np.concatenate([radii[:, -1 - turn : -1], radii, radii[:, 1 : 1 + turn]], 1).astype(np.float32)
    size = 2 * int(over) + 1, 2 * int(along) + 1
    wide = cv2.dilate(whole, np.ones(size[::-1], np.uint8), borderType=cv2.BORDER_REPLICATE)
    wide = cv2.erode(wide, np.ones(size[::-1], np.uint8), borderType=cv2.BORDER_REPLICATE)
    wide = cv2.GaussianBlur(
        wide, (0, 0), sigmaX=max(0.4 * over, 0.6), sigmaY=max(0.4 * along, 0.6), borderType=cv2.BORDER_REPLICATE
    )
    return floats(np.maximum(wide, whole)[:, turn : turn + columns] + ease)


def hung(radii: Floats, lengths: Floats, slope: Floats | float) -> Floats:
    """Lets cloth hang: each ring is at least as wide as the one above, less `slope` times the way between (N).

    `slope` is one number or N x M of them.
    """
    slopes = np.broadcast_to(slope, (len(lengths), 1) if np.ndim(slope) < 2 else np.shape(slope))
    out = radii.copy()
    for row in range(1, len(out)):
        out[row] = np.maximum(out[row], out[row - 1] - slopes[row] * lengths[row])
    return out


def sheet(
    name: str,
    points: Floats,
    centres: Floats,
    material: Material,
    colour: tuple[int, int, int],
    part: str = "clothes",
    uv: tuple[Floats, Floats] | None = None,
    texture: Bytes | None = None,
    bump: Floats | None = None,
    hem: float = 0.0,
    flat: tuple[int, ...] = (),
) -> Surface:
    """Makes a surface of N x M points, ring after ring, the last of each being the first again.

    `hem` turns the edge of the last ring inwards by so much, so that cloth has thickness. `uv` is (M, N) in [0, 1].
    Columns `flat` lie in one line with their neighbour away from column 0: there another surface goes on.
    """
    if hem:
        inward = centres[-1:, None] - points[-1:]
        inward /= np.maximum(np.linalg.norm(inward, axis=-1, keepdims=True), 1e-6)
        turned = [points[-1:] + 0.5 * hem * inward, points[-1:] + hem * inward - (points[-1:] - points[-2:-1]) * 0.5]
        points = np.concatenate([points, *turned])
        if uv is not None:
            uv = uv[0], np.concatenate([uv[1], [uv[1][-1]] * 2])
        centres = np.concatenate([centres, centres[-1:], centres[-1:]])
    rows, columns, _ = points.shape
    normals = _normals(points, centres)
    for column in flat:
        normals[:, column] = normals[:, column + (1 if column < columns / 2 else -1)]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1].ravel(), index[:-1, 1:].ravel(), index[1:, 1:].ravel(), index[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    corners = points.reshape(-1, 3)[faces]
    turned = np.einsum(
        "ij,ij->i",
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]),
        normals.reshape(-1, 3)[faces].sum(1),
    )
    faces[turned < 0] = faces[turned < 0][:, ::-1]
    across, along = uv if uv is not None else (np.linspace(0, 1, columns), np.linspace(1, 0, rows))
    grid = np.stack(np.meshgrid(across, along), -1).reshape(-1, 2)
    return Surface(
        name=name,
        material=material,
        vertices=floats(points.reshape(-1, 3)),
        normals=floats(normals.reshape(-1, 3)),
        faces=faces,
        parts=np.full(len(faces), PARTS.index(part), np.uint8),
        uv=floats(grid),
        colour=colour,
        texture=texture,
        bump=bump,
    )


def _normals(points: Floats, centres: Floats) -> Floats:
    """Returns outward unit normals of a closed grid of points N x M x 3."""
    ring = np.concatenate([points[:, -2:-1], points, points[:, 1:2]], 1)
    round_ = ring[:, 2:] - ring[:, :-2]
    along = np.gradient(points, axis=0)
    normals = unit(np.cross(round_, along))
    outward = points - centres[:, None]
    # One sign for the whole grid: single rings may fold.
    normals = normals * np.sign((normals * outward).sum())
    lost = np.linalg.norm(normals, axis=-1, keepdims=True) < 0.5
    return floats(np.where(lost, unit(outward), normals))


def joined(pieces: list[Surface], name: str) -> Surface:
    """Makes one surface of several of one material and texture."""
    offsets = np.cumsum([0, *(len(each.vertices) for each in pieces[:-1])])
    first = pieces[0]
    return Surface(
        name=name,
        material=first.material,
        vertices=np.concatenate([each.vertices for each in pieces]),
        normals=np.concatenate([each.normals for each in pieces]),
        faces=np.concatenate([each.faces + k for each, k in zip(pieces, offsets, strict=True)]).astype(np.int32),
        parts=np.concatenate([each.parts for each in pieces]),
        uv=np.concatenate([each.uv for each in pieces if each.uv is not None]),
        colour=first.colour,
        texture=first.texture,
        bump=first.bump,
    )
