"""A body in a pose before the camera: forward kinematics and linear blend skinning, in NumPy.

The camera is orthographic. Skinning after Magnenat-Thalmann et al., "Joint-dependent local deformations" (1988).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stages.contracts import KEYPOINTS, Sealed, Skeleton, View
from stages.figure.anatomy import Anatomy, Patch, load
from stages.figure.limbs import unit
from stages.figure.physique import Physique, shaped
from stages.figure.records import PARTS, Floats, Material, Posed, Surface

__all__ = ["Camera", "Rest", "bend", "load", "rest", "show"]

#: The bone whose head is each joint of a skeleton; nose and ears are vertices, the neck is between the shoulders.
JOINTS = {
    "shoulder": "upperarm01", "elbow": "lowerarm01", "wrist": "wrist",
    "hip": "upperleg01", "knee": "lowerleg01", "ankle": "foot", "eye": "eye",
}  # fmt: skip

MATERIALS: dict[str, Material] = {"skin": "skin", "eye": "eye", "lashes": "lash", "teeth": "teeth", "hair cap": "hair"}

Rotations = Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Rest(Sealed):
    """A shaped body in the rest pose: arms half lowered, palms down. Metres, the body's axes."""

    vertices: Floats
    """V x 3."""
    heads: Floats
    """B x 3: of the bones."""
    tails: Floats

    @property
    def stature(self) -> float:
        """Height of the body in metres."""
        return float(np.ptp(self.vertices[:BODY, 2]))


#: The first vertices of the base mesh are the body itself; helper geometry follows.
BODY = 13380


@dataclass(frozen=True, slots=True)
class Camera:
    """Where a body stands on the canvas."""

    scale: float
    """Pixels for a metre."""
    x: float
    y: float
    """Canvas pixels of the body's origin: the middle of the hips' joints."""
    view: View = "front"

    @property
    def matrix(self) -> npt.NDArray[np.float64]:
        """4 x 4: from the body's axes, in metres from its origin, to (x, y, z) in canvas pixels."""
        turn = 1.0 if self.view == "front" else -1.0
        s = self.scale
        return np.array([[turn * s, 0, 0, self.x], [0, 0, -s, self.y], [0, turn * s, 0, 0], [0, 0, 0, 1]], np.float64)


def rest(anatomy: Anatomy, physique: Physique) -> Rest:
    """Returns a body of that shape, standing in the rest pose with the middle of its hips' joints at the origin."""
    vertices = shaped(anatomy, physique)
    heads, tails = (np.stack([vertices[each[end]].mean(axis=0) for each in anatomy.ends]) for end in (0, 1))
    origin = 0.5 * (heads[anatomy.bone("upperleg01.L")] + heads[anatomy.bone("upperleg01.R")])
    return Rest(vertices - origin, heads - origin, tails - origin)


def bend(
    anatomy: Anatomy, body: Rest, rotations: Rotations, stretches: Mapping[str, float] | None = None
) -> npt.NDArray[np.float64]:
    """Returns each bone's transform from rest to pose, B x 4 x 4.

    `rotations` are 3 x 3 by bone, absolute in the body's axes: which way the bone stands, whatever its parents do. A
    bone that is not named follows its parent. `stretches` are factors by which bones grow along their length.
    """
    transforms = np.zeros((len(anatomy.bones), 4, 4))
    turned: list[npt.NDArray[np.float64]] = []
    for at, (name, parent) in enumerate(zip(anatomy.bones, anatomy.parents.tolist(), strict=True)):
        base = transforms[parent] if parent >= 0 else np.eye(4)
        turn = rotations.get(name, turned[parent] if parent >= 0 else np.eye(3))
        turned.append(turn)
        head = base[:3, :3] @ body.heads[at] + base[:3, 3]
        linear = turn
        if stretches and name in stretches:
            along = unit(body.tails[at] - body.heads[at])
            linear = turn @ (np.eye(3) + (stretches[name] - 1) * np.outer(along, along))
        transforms[at, :3, :3], transforms[at, 3, 3] = linear, 1
        transforms[at, :3, 3] = head - linear @ body.heads[at]
    return transforms


def moved(anatomy: Anatomy, body: Rest, transforms: npt.NDArray[np.float64]) -> Floats:
    """Returns the vertices in the pose, V x 3 in the body's axes."""
    flat = transforms[:, :3].reshape(len(transforms), 12).astype(np.float32)
    blend = np.einsum("vk,vkn->vn", anatomy.weights, flat[anatomy.influences]).reshape(-1, 3, 4)
    return np.asarray(np.einsum("vij,vj->vi", blend[..., :3], body.vertices) + blend[..., 3], np.float32)


def show(
    anatomy: Anatomy, body: Rest, transforms: npt.NDArray[np.float64], camera: Camera, vertices: Floats | None = None
) -> Posed:
    """Returns the body in its pose before the camera. `vertices` are the moved ones, where they are known already."""
    matrix = camera.matrix
    if vertices is None:
        vertices = moved(anatomy, body, transforms)
    seen = (vertices @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)
    surfaces = {name: surface(name, patch, seen) for name, patch in anatomy.patches.items()}
    joints = {}
    for at, name in enumerate(anatomy.bones):
        ends = np.stack([body.heads[at], body.tails[at]]) @ transforms[at, :3, :3].T + transforms[at, :3, 3]
        head, tail = (ends @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)
        joints[name] = (head, tail)
    eyes = 0.5 * (body.heads[anatomy.bone("eye.L")] + body.heads[anatomy.bone("eye.R")])
    origin = np.eye(4)
    origin[:3, 3] = eyes
    return Posed(
        surfaces=surfaces,
        joints=joints,
        head=(matrix @ transforms[anatomy.bone("head")] @ origin).astype(np.float32),
        scale=camera.scale,
        skeleton=skeleton(anatomy, body, joints, seen, camera.view),
        view=camera.view,
    )


def surface(name: str, patch: Patch, vertices: Floats) -> Surface:
    """Returns one surface of the body, with smooth normals."""
    corners = patch.vertices[patch.faces]
    first, second, third = (vertices[corners[:, at]] for at in range(3))
    across = np.cross(second - first, third - first)
    normals = np.zeros((len(vertices), 3))
    for corner in range(3):
        for axis in range(3):
            normals[:, axis] += np.bincount(corners[:, corner], across[:, axis], len(vertices))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    return Surface(
        name=name,
        material=MATERIALS.get(name.split(".", maxsplit=1)[0], "cloth"),
        vertices=vertices[patch.vertices],
        normals=normals[patch.vertices].astype(np.float32),
        faces=patch.faces,
        parts=patch.parts,
        uv=patch.uv,
    )


def skeleton(
    anatomy: Anatomy, body: Rest, joints: dict[str, tuple[Floats, Floats]], seen: Floats, view: View
) -> Skeleton:
    """Returns the joints as OpenPose finds them: 18 x 3, from the back without nose and eyes."""
    found = np.ones((len(KEYPOINTS), 3), np.float32)
    for name, bone in JOINTS.items():
        for side, letter in (("right", "R"), ("left", "L")):
            found[KEYPOINTS.index(f"{side}_{name}"), :2] = joints[f"{bone}.{letter}"][0][:2]
    shoulders = [found[KEYPOINTS.index(f"{side}_shoulder"), :2] for side in ("right", "left")]
    found[KEYPOINTS.index("neck"), :2] = np.mean(shoulders, axis=0)
    for name, vertex in landmarks(anatomy, body).items():
        if name in KEYPOINTS:
            found[KEYPOINTS.index(name), :2] = seen[vertex, :2]
    if view == "back":
        found[[KEYPOINTS.index(name) for name in ("nose", "right_eye", "left_eye")], 2] = 0
    return found


def landmarks(anatomy: Anatomy, body: Rest) -> dict[str, int]:
    """Returns the vertices of nose, ears and chin: farthest forward, farthest to the sides and lowest of the face."""
    skin = anatomy.patches["skin"]
    head = np.unique(skin.vertices[skin.faces[skin.parts == PARTS.index("face")]])
    at = body.vertices[head]
    middle = np.abs(at[:, 0]) < 0.01  # metres
    nose = int(head[middle][at[middle, 1].argmin()])
    face = middle & (at[:, 1] < body.vertices[nose, 1] + 0.05)
    return {
        "nose": nose,
        "chin": int(head[face][at[face, 2].argmin()]),
        "right_ear": int(head[at[:, 0].argmin()]),
        "left_ear": int(head[at[:, 0].argmax()]),
    }
