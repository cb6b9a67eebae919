"""What a ray meets: visibility by Embree."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.contracts import Sealed
from stages.figure.records import Floats, Indices
from stages.figure.vectors import floats


@dataclass(frozen=True, slots=True, eq=False)
class Hits(Sealed):
    """Where rays met a mesh first."""

    ray: npt.NDArray[np.int64]
    """H: which ray it was; rays that met nothing are left out."""
    face: Indices
    """H."""
    weights: Floats
    """H x 3: of the face's three corners, with the sum 1."""


class Tracer:
    """A mesh that rays can be sent at."""

    def __init__(self, vertices: Floats, faces: Indices) -> None:
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene

        self._scene: Any = EmbreeScene()
        # Embree keeps pointers into both.
        self._arrays = np.ascontiguousarray(vertices, np.float32), np.ascontiguousarray(faces, np.int32)
        self._mesh = TriangleMesh(self._scene, *self._arrays)

    def hits(self, origins: Floats, direction: tuple[float, float, float]) -> Hits:
        """Returns where parallel rays from `origins` (N x 3) go in."""
        found = self._scene.run(origins, np.broadcast_to(floats(direction), origins.shape).copy(), output=True)
        ray = np.flatnonzero(found["primID"] >= 0)
        u, v = found["u"][ray], found["v"][ray]
        return Hits(ray, found["primID"][ray].astype(np.int32), np.stack([1 - u - v, u, v], axis=1).astype(np.float32))

    def distances(self, origins: Floats, directions: Floats) -> Floats:
        """Returns how far along each of N rays (origins and unit directions N x 3) the mesh is; inf where it is not."""
        found = self._scene.run(
            np.ascontiguousarray(origins, np.float32), np.ascontiguousarray(directions, np.float32), output=True
        )
        return floats(np.where(found["primID"] >= 0, found["tfar"], np.inf))

    def blocked(self, origins: Floats, directions: Floats) -> npt.NDArray[np.bool_]:
        """Says which of N rays (each N x 3, or one direction for all) meet anything."""
        if directions.ndim == 1:
            directions = np.broadcast_to(directions, origins.shape)
        answer = self._scene.run(
            np.ascontiguousarray(origins, np.float32), np.ascontiguousarray(directions, np.float32), query="OCCLUDED"
        )
        return np.asarray(answer if answer.dtype == np.bool_ else answer >= 0)


def at(values: Floats, faces: Indices, hits: Hits) -> Floats:
    """Returns values at vertices (M x C) where rays met the faces (H x C)."""
    corners = faces[hits.face]
    weights = hits.weights
    total = values[corners[:, 0]] * weights[:, :1]
    total += values[corners[:, 1]] * weights[:, 1:2]
    total += values[corners[:, 2]] * weights[:, 2:]
    return floats(total)
