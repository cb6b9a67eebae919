"""The head that hair grows on: its own frame, how far its surface lies in each direction, and where the body is."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from stages.figure.records import Posed
from stages.figure.vectors import floats
from stages.figure.visibility import Tracer

#: Numbers of single or double precision: what is handed on is single.
Floats = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]


#: The middle of the skull in the head's frame, in metres: behind the eyes and a little above them.
CENTRE = np.array([0.0, 0.085, 0.025], np.float32)

_AZIMUTHS, _ELEVATIONS = 144, 73
_AWAY = 0.5
"""Metres from the centre that rays start at: outside of any head."""
_NECK = -0.17
"""Metres below the eyes where the head's surface ends for hair: the foot of the neck."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Where the skin of the head is, in its own frame: metres, x to the person's left, y backwards, z up."""

    posed: Posed
    vertices: Floats
    """Of the skin."""
    radii: Floats
    """Elevations x azimuths: metres from `CENTRE` to the skin."""
    shell: Floats
    """The same of what hair slides over: ears and neck have no steps in it."""
    crown: float
    """Metres from the eyes up to the top of the skull."""
    gravity: Floats
    """Unit vector."""
    far: Floats
    """Unit vector away from the viewer."""
    torso: Floats
    """2 x rows x columns: z of the body's front and back as the viewer sees it, in canvas pixels, below the chin."""
    corner: tuple[float, float, float]
    """Of `torso`: canvas x and y of its first cell, and a cell's side in canvas pixels."""

    def to_canvas(self, points: Floats) -> Floats:
        """Takes points ... x 3 of the head's frame to canvas pixels."""
        matrix = self.posed.head
        return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3], np.float32)

    def radius(self, directions: Floats, smooth: bool = False) -> Floats:
        """Returns the distance of the skin, or of its smooth `shell`, from the centre along unit directions ... x 3."""
        radii = self.shell if smooth else self.radii
        azimuth = np.arctan2(directions[..., 0], -directions[..., 1])
        elevation = np.arcsin(np.clip(directions[..., 2], -1, 1))
        column = (azimuth / (2 * np.pi) + 0.5) * _AZIMUTHS - 0.5
        row = (elevation / np.pi + 0.5) * (_ELEVATIONS - 1)
        c0, r0 = np.floor(column).astype(np.int32), np.clip(row.astype(np.int32), 0, _ELEVATIONS - 2)
        u, v = (column - c0).astype(np.float32), (row - r0).astype(np.float32)
        left, right = c0 % _AZIMUTHS, (c0 + 1) % _AZIMUTHS
        low = radii[r0, left] * (1 - u) + radii[r0, right] * u
        high = radii[r0 + 1, left] * (1 - u) + radii[r0 + 1, right] * u
        return np.asarray(low * (1 - v) + high * v, np.float32)

    def skin(self, starts: Floats, ways: Floats) -> tuple[Floats, Bools]:
        """Follows rays (N x 3 each, the ways unit) to the skin: gives where they meet it, and which do."""
        along = Tracer(self.vertices, self.posed.surfaces["skin"].faces).distances(starts, ways)
        met = np.isfinite(along)
        return np.asarray(starts + ways * np.where(met, along, 0)[:, None], np.float32), met

    def clear(self, points: Floats, lift: Floats | float, cling: Floats | float = 0.0) -> Floats:
        """Moves points that lie less than `lift` metres above the skin out to there, away from the centre.

        Those above it sink by a share `cling` of how far they are.
        """
        from_centre = points - CENTRE
        distance = np.linalg.norm(from_centre, axis=-1, keepdims=True)
        directions = from_centre / np.maximum(distance, 1e-6)
        least = self.radius(directions, smooth=True)[..., None] + np.asarray(lift, np.float32)
        above = distance - least
        return np.asarray(CENTRE + directions * (least + np.where(above > 0, (1 - cling) * above, 0)), np.float32)

    def past(self, points: Floats, lift: Floats | float, before: Bools | bool = False) -> Floats:
        """Moves points beside or below the neck behind the body as the viewer sees it, `lift` metres off it.

        Those that are to fall `before` the body (N x 1) move in front of it.
        """
        canvas = self.to_canvas(points)
        x0, y0, side = self.corner
        _, rows, columns = self.torso.shape
        column = np.clip((canvas[..., 0] - x0) / side, 0, columns - 1).astype(np.int32)
        row = ((canvas[..., 1] - y0) / side).astype(np.int32)
        near, far = self.torso[:, np.clip(row, 0, rows - 1), column][..., None]
        off = np.asarray(lift) * self.posed.scale
        back = np.maximum(far + off - canvas[..., 2:], 0)
        forth = np.minimum(near - off - canvas[..., 2:], 0)
        short = np.where(row[..., None] >= 0, np.where(before, forth, back), 0) / self.posed.scale
        return np.asarray(points + short * self.far, np.float32)


def measure(posed: Posed) -> Head:
    """Measures the head of a posed body."""
    inverse = np.linalg.inv(posed.head.astype(np.float64)).astype(np.float32)
    skin = posed.surfaces["skin"]
    vertices = skin.vertices @ inverse[:3, :3].T + inverse[:3, 3]
    near = (vertices[:, 2] > _NECK) & (np.abs(vertices[:, 0]) < 0.13) & (np.abs(vertices[:, 1] - 0.08) < 0.2)
    near &= (vertices[:, 2] > -0.09) | (np.abs(vertices[:, 0]) < 0.075)  # no shoulders
    directions = _directions()
    radii = Tracer(vertices, skin.faces[near[skin.faces].all(1)]).distances(
        floats(CENTRE + _AWAY * directions), -directions
    )
    radii, shell = _whole(np.where(np.isfinite(radii), _AWAY - radii, 0.05).reshape(_ELEVATIONS, _AZIMUTHS))
    turn = inverse[:3, :3] * posed.scale
    torso, corner = _torso(posed)
    return Head(
        posed=posed,
        vertices=vertices.astype(np.float32),
        radii=radii,
        shell=shell,
        crown=float(vertices[near, 2].max()),
        gravity=unit(turn @ np.array([0, 1, 0], np.float32)),
        far=unit(turn @ np.array([0, 0, 1], np.float32)),
        torso=torso,
        corner=corner,
    )


def unit(vectors: Floats) -> Floats:
    """Returns vectors ... x 3 at length 1."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)


def _whole(radii: Floats) -> tuple[Floats, Floats]:
    """Closes what rays missed, and smooths a second map over ears and neck."""
    radii = np.pad(radii.astype(np.float32), ((0, 0), (8, 8)), mode="wrap")
    # Below, where the neck is open, rays end beyond the centre: the neck goes on there as it is above.
    lost = (radii < 0.06) | ((np.arange(_ELEVATIONS) / (_ELEVATIONS - 1) - 0.5) * 180 < -58)[:, None]
    for row in range(_ELEVATIONS - 2, -1, -1):
        radii[row] = np.where(lost[row], radii[row + 1], radii[row])
    radii[-1] = radii[-2].mean()  # along the pole a ray can slip between triangles
    radii = cv2.medianBlur(np.ascontiguousarray(radii), 3)
    shell = np.maximum(radii, cv2.GaussianBlur(cv2.dilate(radii, np.ones((3, 3))), (0, 0), 2.2))
    # Under the hairline outward is down: there nothing is pushed away from a neck that is not in the way.
    elevation = (np.arange(_ELEVATIONS) / (_ELEVATIONS - 1) - 0.5) * 180
    shell = radii + (shell - radii) * np.clip((elevation + 45) / 25, 0, 1).astype(np.float32)[:, None]
    return radii[:, 8:-8], shell[:, 8:-8]


def _directions() -> Floats:
    azimuth = ((np.arange(_AZIMUTHS) + 0.5) / _AZIMUTHS - 0.5) * 2 * np.pi
    elevation = (np.arange(_ELEVATIONS) / (_ELEVATIONS - 1) - 0.5) * np.pi
    elevation, azimuth = np.meshgrid(elevation, azimuth, indexing="ij")
    across = np.cos(elevation)
    parts = across * np.sin(azimuth), -across * np.cos(azimuth), np.sin(elevation)
    return np.stack(parts, -1).reshape(-1, 3).astype(np.float32)


def _torso(posed: Posed) -> tuple[Floats, tuple[float, float, float]]:
    """Looks at the body below the chin from in front and from behind, and says where it begins and ends."""
    scale, chin = posed.scale, posed.head @ np.array([0, 0.0, -0.12, 1], np.float32)
    side = 0.012 * scale
    columns, rows = 84, 72
    x0, y0 = float(chin[0]) - columns / 2 * side, float(chin[1])
    x, y = np.meshgrid(x0 + (np.arange(columns) + 0.5) * side, y0 + (np.arange(rows) + 0.5) * side)
    skin = posed.surfaces["skin"]
    ends = float(skin.vertices[:, 2].min()) - 10, float(skin.vertices[:, 2].max()) + 10
    tracer, reach = Tracer(skin.vertices, skin.faces), []
    for start, way, none in ((ends[0], 1, 1e6), (ends[1], -1, -1e6)):
        starts = np.stack([x, y, np.full_like(x, start)], -1).reshape(-1, 3).astype(np.float32)
        ways = np.tile(np.array([0, 0, way], np.float32), (len(starts), 1))
        along = tracer.distances(starts, ways).reshape(rows, columns)
        reach.append(np.where(np.isfinite(along), start + way * along, none))
    return np.stack(reach).astype(np.float32), (x0, y0, side)
