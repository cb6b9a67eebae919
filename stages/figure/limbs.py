"""Turns of bones: which rotation brings a limb from its rest direction into a wanted one.

Rotations are 3 x 3 in the body's axes (x to the person's left, y backwards, z up) and turn a bone, with all that hangs
from it, about its head.
"""

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Rotation = npt.NDArray[np.float64]

#: Elbows bend forwards, knees backwards; a bend to the side turns the limb towards it the more, the deeper it is.
AHEAD: Vector = np.array([0.0, -1.0, 0.0])
BEND = 0.35


def unit(vector: npt.ArrayLike) -> Vector:
    """Returns the vector at length 1."""
    found = np.asarray(vector, np.float64)
    return np.asarray(found / max(float(np.linalg.norm(found)), 1e-300))


def about(axis: npt.ArrayLike, degrees: float) -> Rotation:
    """Returns the right-handed rotation about an axis (Rodrigues)."""
    x, y, z = unit(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def swing(start: npt.ArrayLike, goal: npt.ArrayLike) -> Rotation:
    """Returns the smallest rotation that brings one direction into the other."""
    a, b = unit(start), unit(goal)
    axis, dot = np.cross(a, b), float(a @ b)
    if np.linalg.norm(axis) < 1e-9:
        side = np.cross(a, [1.0, 0.0, 0.0] if abs(a[0]) < 0.9 else [0.0, 1.0, 0.0])
        return np.eye(3) if dot > 0 else about(side, 180)
    return about(axis, float(np.degrees(np.arctan2(np.linalg.norm(axis), dot))))


def frame(along: npt.ArrayLike, towards: npt.ArrayLike) -> Rotation:
    """Returns an orthonormal frame, in columns: along a limb, across it towards a direction, and their normal."""
    first = unit(along)
    second = np.asarray(towards, np.float64) - first * float(first @ np.asarray(towards, np.float64))
    if np.linalg.norm(second) < 1e-6:
        # Along the limb itself: any direction across it will do.
        second = np.cross(first, [1.0, 0.0, 0.0] if abs(first[0]) < 0.9 else [0.0, 1.0, 0.0])
    second = unit(second)
    return np.stack([first, second, np.cross(first, second)], axis=1)


def angle(start: Vector, goal: Vector, axis: Vector) -> float:
    """Returns the degrees by which `start` is to be turned about `axis` to come nearest to `goal`."""
    across = [each - axis * float(axis @ each) for each in (start, goal)]
    return float(np.degrees(np.arctan2(axis @ np.cross(across[0], across[1]), across[0] @ across[1])))


def two_bones(
    rest: tuple[Vector, Vector], upper: Vector, lower: Vector, ahead: Vector, bend: float = BEND
) -> tuple[Rotation, Rotation]:
    """Returns the rotations in the body's frame of a limb's two bones that bring them from rest into `upper`, `lower`.

    The joint between them is a hinge: at rest it bends towards `ahead`, and the upper bone rolls until it bends towards
    where the lower one goes. Both rotations are absolute, not relative to the upper bone.
    """
    along, below = unit(upper), unit(lower)
    towards = below - along * float(along @ below) + bend * (ahead - along * float(along @ ahead))
    first = frame(along, towards) @ frame(rest[0], ahead).T
    return first, swing(first @ unit(rest[1]), below) @ first
