"""Subdivision: it smooths, keeps seams shut and covers the same surface."""

import dataclasses

import numpy as np
import pytest

from stages.figure.mesh import smoothed, subdivided, vertex_normals, welded
from stages.figure.records import Surface

CORNERS = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], np.float32)
FACES = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]], np.int32)


def octahedron(*, torn: bool = False) -> Surface:
    """Returns an octahedron; `torn`, each face has corners of its own, as at the seams of a texture."""
    vertices, faces = CORNERS, FACES
    if torn:
        vertices, faces = CORNERS[FACES].reshape(-1, 3), np.arange(24, dtype=np.int32).reshape(8, 3)
    uv = np.random.default_rng(0).random((len(vertices), 2)).astype(np.float32)
    return Surface("ball", "skin", vertices, vertices, faces, np.arange(8, dtype=np.uint8), uv)


@pytest.mark.parametrize("torn", [False, True])
def test_a_closed_mesh_stays_closed(torn: bool) -> None:
    mesh = subdivided(subdivided(welded(octahedron(torn=torn))))
    edges = np.sort(np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]]), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()


def test_seams_of_a_texture_change_nothing_of_the_shape() -> None:
    whole, torn = (subdivided(welded(octahedron(torn=each))) for each in (False, True))
    one, other = (mesh.vertices[np.lexsort(mesh.vertices.round(5).T)] for mesh in (whole, torn))
    assert np.allclose(one, other, atol=1e-6)


def test_subdivision_rounds() -> None:
    mesh = welded(octahedron())
    for _ in range(3):
        mesh = subdivided(mesh)
    radii = np.linalg.norm(mesh.vertices, axis=1)
    assert radii.std() < 0.07 * radii.mean()
    assert ((mesh.normals * mesh.vertices).sum(axis=1) > 0.94 * radii).all()


@pytest.mark.parametrize("left_out", [[], [0], [0, 2], [0, 6], [1, 3, 4]])
def test_where_a_mesh_lies_changes_nothing_of_its_shape(left_out: list[int]) -> None:
    """Holes that touch in a corner threw that corner far away: its weights did not add up to one."""
    surface = octahedron()
    kept = np.setdiff1d(np.arange(8), left_out)
    cut = dataclasses.replace(surface, faces=surface.faces[kept], parts=surface.parts[kept])
    here = subdivided(welded(cut)).vertices
    there = subdivided(
        welded(dataclasses.replace(cut, vertices=cut.vertices + np.array([100, -40, 7], np.float32)))
    ).vertices
    np.testing.assert_allclose(there - here, np.broadcast_to([100, -40, 7], here.shape), atol=1e-4)


def test_faces_keep_their_parts_and_textures() -> None:
    surface = octahedron(torn=True)
    mesh = subdivided(welded(surface))
    assert (mesh.parts == np.repeat(surface.parts, 4)).all()
    assert surface.uv is not None
    corners = mesh.uv[mesh.uv_faces].reshape(8, 4, 3, 2)
    # The middle triangle's corners are the middles of the edges.
    assert np.allclose(corners[:, 3].mean(axis=1), surface.uv[surface.faces].mean(axis=1), atol=1e-6)


def test_smoothing_keeps_what_is_even_and_evens_what_is_not() -> None:
    mesh = subdivided(subdivided(welded(octahedron())))
    rough = np.random.default_rng(1).random((len(mesh.vertices), 2)).astype(np.float32)
    rough[:, 1] = 0.3
    even = smoothed(rough, mesh, 4)
    assert even[:, 0].std() < 0.5 * rough[:, 0].std()
    assert np.allclose(even[:, 1], 0.3, atol=1e-6)


def test_normals_point_outward() -> None:
    assert ((vertex_normals(CORNERS, FACES) * CORNERS).sum(axis=1) > 0.99).all()
