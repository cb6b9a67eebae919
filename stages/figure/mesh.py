"""Triangle meshes: welding of seams, one step of subdivision, normals and smoothing over neighbours."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stages.contracts import Sealed
from stages.figure.records import Bytes, Floats, Indices, Surface
from stages.figure.vectors import floats


@dataclass(frozen=True, slots=True, eq=False)
class Mesh(Sealed):
    """Triangles whose corners share positions across the seams of their texture."""

    vertices: Floats
    """M x 3."""
    normals: Floats
    """M x 3, unit length."""
    faces: Indices
    """T x 3, into `vertices`."""
    parts: Bytes
    """T."""
    uv: Floats
    """K x 2."""
    uv_faces: Indices
    """T x 3, into `uv`."""


def welded(surface: Surface) -> Mesh:
    """Returns a surface with vertices at the same place made one; its texture keeps its seams."""
    rows = np.ascontiguousarray(surface.vertices).view([("", np.float32)] * 3).ravel()
    _, first, number = np.unique(rows, return_index=True, return_inverse=True)
    faces = number.ravel()[surface.faces].astype(np.int32)
    uv = surface.uv if surface.uv is not None else np.zeros((len(surface.vertices), 2), np.float32)
    return Mesh(surface.vertices[first], surface.normals[first], faces, surface.parts, uv, surface.faces)


def subdivided(mesh: Mesh) -> Mesh:
    """Returns the mesh with each triangle cut in four and its corners rounded.

    Loop (1987), with the weights of Warren; borders follow a cubic spline.
    """
    count, faces = len(mesh.vertices), mesh.faces
    edges, of_face, used = _edges(faces, count)
    start, end = mesh.vertices[edges[:, 0]], mesh.vertices[edges[:, 1]]
    opposite = np.zeros_like(start)
    np.add.at(opposite, of_face.ravel(), mesh.vertices[np.roll(faces, 1, axis=1).ravel()])
    border = used == 1
    middles = np.where(border[:, None], (start + end) / 2, 3 / 8 * (start + end) + opposite / 8)

    inner = edges[~border]
    valence = _per_vertex(inner, count)
    neighbours = _sums(inner, mesh.vertices, count)
    beta = np.where(valence == 3, 3 / 16, 3 / (8 * np.maximum(valence, 1))).astype(np.float32)
    smooth = mesh.vertices * (1 - valence * beta)[:, None] + beta[:, None] * neighbours
    # Two, or four where faces that were left out touch in a corner.
    beside = _per_vertex(edges[border], count)[:, None]
    along = 0.75 * mesh.vertices + _sums(edges[border], mesh.vertices, count) / (4 * np.maximum(beside, 1))
    vertices = np.concatenate([np.where(beside > 0, along, smooth), middles]).astype(np.float32)

    uv_edges, of_uv_face, _ = _edges(mesh.uv_faces, len(mesh.uv))
    uv = np.concatenate([mesh.uv, mesh.uv[uv_edges].mean(axis=1)]).astype(np.float32)
    quartered = _quartered(faces, of_face + count)
    return Mesh(
        vertices,
        vertex_normals(vertices, quartered),
        quartered,
        np.repeat(mesh.parts, 4),
        uv,
        _quartered(mesh.uv_faces, of_uv_face + len(mesh.uv)),
    )


def vertex_normals(vertices: Floats, faces: Indices) -> Floats:
    """Returns the normals at the vertices, M x 3: those of the triangles round each, weighted by their areas."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    sums = np.stack(
        [sum(np.bincount(faces[:, k], across[:, axis], len(vertices)) for k in range(3)) for axis in range(3)], axis=1
    )
    return floats(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12))


def smoothed(values: Floats, mesh: Mesh, rounds: int) -> Floats:
    """Returns values at the vertices, M x C, each averaged with its neighbours' mean as many times as asked."""
    edges, _, _ = _edges(mesh.faces, len(mesh.vertices))
    valence = np.maximum(_per_vertex(edges, len(mesh.vertices)), 1)[:, None]
    for _ in range(rounds):
        values = (0.5 * values + 0.5 * _sums(edges, values, len(mesh.vertices)) / valence).astype(np.float32)
    return values


def _edges(faces: Indices, count: int) -> tuple[Indices, Indices, npt.NDArray[np.int64]]:
    """The edges (E x 2), those of each face in order (T x 3, the k-th from corner k to k + 1), and their use."""
    start, end = faces.astype(np.int64), np.roll(faces, -1, axis=1).astype(np.int64)
    keys, inverse, used = np.unique(
        np.minimum(start, end) * count + np.maximum(start, end), return_inverse=True, return_counts=True
    )
    edges = np.stack([keys // count, keys % count], axis=1).astype(np.int32)
    return edges, inverse.reshape(faces.shape).astype(np.int32), used


def _per_vertex(edges: Indices, count: int) -> Floats:
    return np.bincount(edges.ravel(), minlength=count).astype(np.float32)


def _sums(edges: Indices, values: Floats, count: int) -> Floats:
    """Returns for each vertex the sum of its neighbours' values."""
    at, other = np.concatenate([edges[:, 0], edges[:, 1]]), np.concatenate([edges[:, 1], edges[:, 0]])
    columns = [np.bincount(at, values[other, column], count) for column in range(values.shape[1])]
    return np.stack(columns, axis=1).astype(np.float32)


def _quartered(faces: Indices, middles: Indices) -> Indices:
    """Returns 4 T x 3 faces; `middles` holds the new vertex on each face's k-th edge."""
    (a, b, c), (ab, bc, ca) = faces.T, middles.T
    corners = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return np.stack([np.stack(each, axis=1) for each in corners], axis=1).reshape(-1, 3).astype(np.int32)
