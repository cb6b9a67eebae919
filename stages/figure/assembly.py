"""All that is drawn as triangles, in one mesh, with the light that reaches it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stages.contracts import Placed, Sealed
from stages.figure.bake import reach
from stages.figure.hair_volume import Volume
from stages.figure.light import Rig
from stages.figure.mesh import Mesh, smoothed, subdivided, welded
from stages.figure.occluder import opaque, sheet
from stages.figure.records import Floats, Indices, Posed, Surface
from stages.figure.texture import fitted
from stages.figure.vectors import floats
from stages.figure.visibility import Tracer

#: Surfaces of the body that are drawn as they are; others are what clothes and hair are made from, and lashes are
#: strands.
DRAWN = ("skin", "eye.L", "eye.R", "teeth")
#: How far off the skin rays start, in metres, and off clothes, whose pieces overlap.
_LIFT, _LIFT_CLOTH = 0.0015, 0.008
#: How often what arrives in red, green and blue is averaged with its neighbours: light wanders under the skin, red
#: light farthest.
_WANDERS = (5, 3, 2)
#: Directions from which the sky's light comes to skin under hair.
_ROUND = floats([[0.0, -1.0, 0.0], [0.0, -0.5, -0.87], [0.87, -0.3, -0.4], [-0.87, -0.3, -0.4], [0.0, 0.3, -0.95]])


@dataclass(frozen=True, slots=True, eq=False)
class Assembly(Sealed):
    """One mesh of several surfaces."""

    surfaces: tuple[Surface, ...]
    mesh: Mesh
    owner: Indices
    """T: which surface each face belongs to."""
    key: Floats
    """M x 3: share of the key light that reaches each vertex, by colour; 0 where nothing is seen."""
    sky: Floats
    """M x 3."""
    tracer: Tracer
    """Of what is drawn."""
    shade: Tracer
    """Of that and the garment."""


def assembled(
    posed: Posed,
    surfaces: Sequence[Surface],
    garment: Placed | None,
    hair: Volume | None,
    light: Rig | None,
    size: tuple[int, int],
) -> Assembly:
    """Puts body and clothes together and bakes their light; without `light` nothing is lit.

    `size` is (width, height) of the canvas.
    """
    body = [posed.surfaces[name].drawn for name in DRAWN if name in posed.surfaces]
    every = (*body, *map(fitted, surfaces))
    meshes = [subdivided(welded(each)) if each.name == "skin" else welded(each) for each in every]
    mesh, owner = _joined(meshes)
    tracer = Tracer(mesh.vertices, mesh.faces)
    shade = tracer
    if light is None:
        dark = np.zeros((len(mesh.vertices), 3), np.float32)
        return Assembly(every, mesh, owner, dark, dark, tracer, shade)
    if garment is not None:
        points, faces = sheet(garment, tracer, mesh.vertices, mesh.faces, posed.scale)
        shade = Tracer(
            np.concatenate([mesh.vertices, points]), np.concatenate([mesh.faces, faces + len(mesh.vertices)])
        )
    lift = _LIFT * posed.scale
    wanted = _seen(mesh, tracer, opaque(garment, size), lift)
    off = np.full((len(mesh.vertices), 1), lift, np.float32)
    worn = np.array([each.material not in ("skin", "eye") for each in every])[owner]
    off[mesh.faces[worn]] = _LIFT_CLOTH * posed.scale
    found = reach(mesh.vertices[wanted], mesh.normals[wanted], shade.blocked, light, off[wanted])
    key, sky = np.zeros((len(mesh.vertices), 1), np.float32), np.zeros((len(mesh.vertices), 3), np.float32)
    key[wanted, 0], sky[wanted] = found.key, found.sky
    if hair is not None:
        points = mesh.vertices[wanted]
        key[wanted, 0] *= hair.passed(points, light.key)
        sky[wanted] *= np.mean([hair.passed(points, each) for each in _ROUND], axis=0)[:, None]
    lit = np.zeros(len(mesh.vertices), np.float32)
    lit[wanted] = mesh.normals[wanted] @ light.key > 0.04
    known = np.zeros(len(mesh.vertices), np.float32)
    known[wanted] = 1
    # Where a surface turns from the light, its own cosine darkens it: the light's share is carried on.
    packed = np.concatenate([np.stack([key[:, 0] * lit, lit, known], axis=1), sky * known[:, None]], axis=1)
    skin = np.zeros((len(mesh.vertices), 1), np.bool_)
    skin[mesh.faces[owner == [each.name for each in every].index("skin")]] = True
    keys, skies = np.zeros_like(sky), np.zeros_like(sky)
    done, least = 0, packed
    for channel in np.argsort(_WANDERS):
        packed = smoothed(packed, mesh, _WANDERS[channel] - done)
        # Only under the skin does light of one colour go farther than that of another.
        least = packed if not done else least
        done = _WANDERS[channel]
        spread = np.where(skin, packed, least)
        keys[:, channel] = spread[:, 0] / np.maximum(spread[:, 1], 1e-4)
        skies[:, channel] = spread[:, 3 + channel] / np.maximum(spread[:, 2], 1e-4)
    return Assembly(every, mesh, owner, keys, skies, tracer, shade)


def _joined(meshes: Sequence[Mesh]) -> tuple[Mesh, Indices]:
    """Returns several meshes as one, and which one each face comes from."""
    offsets = np.cumsum([0, *(len(each.vertices) for each in meshes)])
    uv_offsets = np.cumsum([0, *(len(each.uv) for each in meshes)])
    together = Mesh(
        np.concatenate([each.vertices for each in meshes]),
        np.concatenate([each.normals for each in meshes]),
        np.concatenate([each.faces + k for each, k in zip(meshes, offsets, strict=False)]).astype(np.int32),
        np.concatenate([each.parts for each in meshes]),
        np.concatenate([each.uv for each in meshes]),
        np.concatenate([each.uv_faces + k for each, k in zip(meshes, uv_offsets, strict=False)]).astype(np.int32),
    )
    return together, np.repeat(np.arange(len(meshes)), [len(each.faces) for each in meshes]).astype(np.int32)


def _seen(mesh: Mesh, tracer: Tracer, covered: npt.NDArray[np.bool_], lift: float) -> npt.NDArray[np.int64]:
    """Returns the vertices that are in the picture, or beside one that is."""
    height, width = covered.shape
    x, y = mesh.vertices[:, 0], mesh.vertices[:, 1]
    margin = 8 * lift
    near = (x > -margin) & (y > -margin) & (x < width + margin) & (y < height + margin) & (mesh.normals[:, 2] < 0.3)
    column, row = (np.clip(np.rint(each).astype(np.int64), 0, side - 1) for each, side in ((x, width), (y, height)))
    near &= ~covered[row, column]
    at = np.flatnonzero(near)
    blocked = tracer.blocked(mesh.vertices[at] + lift * mesh.normals[at], floats([0, 0, -1]))
    seen = np.zeros(len(x), np.bool_)
    seen[at] = ~blocked
    for _ in range(3):
        grown = seen[mesh.faces].any(axis=1)
        seen[mesh.faces[grown]] = True
    return np.flatnonzero(seen)
