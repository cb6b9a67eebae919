"""Light of each sample by its material, and of strands."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stages.casting import Casting
from stages.figure import cloth, eyes, skin
from stages.figure.assembly import Assembly
from stages.figure.bake import reach
from stages.figure.light import Rig
from stages.figure.mesh import Mesh
from stages.figure.records import Floats, Posed, Surface
from stages.figure.texture import tangents
from stages.figure.vectors import unit
from stages.figure.visibility import Hits, at

#: Points that are shaded at once: what fits a processor's cache.
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Setting:
    """What is drawn, and in which light."""

    whole: Assembly
    posed: Posed
    casting: Casting
    light: Rig
    seed: int


def shaded(scene: Setting, hits: Hits, origins: Floats, shown: npt.NDArray[np.bool_]) -> Floats:
    """Returns the linear light of those hits that are `shown`, in their order, N x 3."""
    chosen = np.flatnonzero(shown)
    light = np.zeros((len(chosen), 3), np.float32)
    owners = scene.whole.owner[hits.face[chosen]]
    for number, surface in enumerate(scene.whole.surfaces):
        of_it = np.flatnonzero(owners == number)
        for start in range(0, len(of_it), _CHUNK):
            piece = of_it[start : start + _CHUNK]
            picked = chosen[piece]
            some = Hits(hits.ray[picked], hits.face[picked], hits.weights[picked])
            if surface.material == "skin":
                light[piece] = _skin(scene, some, origins)
            elif surface.material == "eye":
                light[piece] = _eye(scene, surface, some, origins)
            else:
                light[piece] = _cloth(scene, surface, some, origins)
    return light


def _skin(scene: Setting, hits: Hits, origins: Floats) -> Floats:
    mesh, whole = scene.whole.mesh, scene.whole
    places = _places(mesh.vertices, mesh.faces, hits, origins)
    inverse = np.linalg.inv(scene.posed.head).astype(np.float32)
    in_head = places @ inverse[:3, :3].T + inverse[:3, 3]
    face = np.clip(1 - (np.linalg.norm(in_head, axis=1) - 0.16) / 0.06, 0, 1)
    points = skin.Points(
        unit(at(mesh.normals, mesh.faces, hits)),
        at(mesh.uv, mesh.uv_faces, hits),
        in_head,
        face,
        at(whole.key, mesh.faces, hits),
        at(whole.sky, mesh.faces, hits),
        0.5 / scene.posed.scale,
    )
    return skin.shaded(points, scene.casting, scene.light, scene.seed)


def _eye(scene: Setting, surface: Surface, hits: Hits, origins: Floats) -> Floats:
    mesh = scene.whole.mesh
    places = _places(mesh.vertices, mesh.faces, hits, origins)
    ball = eyes.ball(surface, scene.posed.head)
    normals = unit(places - ball.centre)
    # Lids lie so close that what they hide differs from sample to sample.
    found = reach(places, normals, scene.whole.shade.blocked, scene.light, 0.0004 * scene.posed.scale)
    return eyes.shaded(places, ball, scene.casting.eyes, found.key, found.sky, scene.light, scene.seed)


def _cloth(scene: Setting, surface: Surface, hits: Hits, origins: Floats) -> Floats:
    mesh, whole = scene.whole.mesh, scene.whole
    places = _places(mesh.vertices, mesh.faces, hits, origins)
    points = cloth.Points(
        places[:, :2] / scene.posed.scale,
        unit(at(mesh.normals, mesh.faces, hits)),
        at(mesh.uv, mesh.uv_faces, hits),
        _tangents(mesh, hits) if surface.bump is not None else None,
        at(whole.key, mesh.faces, hits),
        at(whole.sky, mesh.faces, hits),
        0.5 / scene.posed.scale,
    )
    return cloth.shaded(points, surface, scene.light, scene.seed)


def _tangents(mesh: Mesh, hits: Hits) -> tuple[Floats, Floats]:
    """Returns how places move with u and v on the faces that were hit."""
    return tangents(mesh.vertices[mesh.faces[hits.face]], mesh.uv[mesh.uv_faces[hits.face]])


def _places(vertices: Floats, faces: npt.NDArray[np.int32], hits: Hits, origins: Floats) -> Floats:
    places = origins[hits.ray].copy()
    places[:, 2] = at(vertices[:, 2:], faces, hits)[:, 0]
    return places
