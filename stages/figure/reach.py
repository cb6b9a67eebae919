"""From a skeleton's joints, which are flat, to the directions of a body's limbs, which are not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stages.figure.limbs import Vector, unit

Flat = npt.NDArray[np.float64]

#: The most that a limb is stretched: between people, arms of one stature differ by that much (ANSUR II: 5 % standard
#: deviation of the ratio of arm to stature, twice that at most is taken).
STRETCH = 1.08
#: Shares of a limb's length that it may keep in the picture when it is seen foreshortened.
UPPER, LOWER = 0.93, 0.72
#: How far free forearms point forwards, a share of their length.
AHEAD = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Directions of a limb's two bones in the body's axes, and by how much each is stretched."""

    upper: Vector
    lower: Vector
    stretch: tuple[float, float] = (1.0, 1.0)


def free(points: tuple[Flat, Flat, Flat], turn: float, ahead: float = AHEAD) -> Reach:
    """Returns a limb that points where the skeleton's does. `turn` is 1 from the front, -1 from the back."""
    start, middle, end = points
    return Reach(
        _upright(middle - start, 0.0, turn),
        _upright(end - middle, -ahead * float(np.linalg.norm(end - middle)), turn),
    )


def arm_to(points: tuple[Flat, Flat, Flat], lengths: tuple[float, float], turn: float) -> Reach:
    """Returns an arm from a given shoulder whose wrist lies where the skeleton's does, and its elbow as near as can be.

    `lengths` are the bones' own, in canvas pixels. An arm that is too short is stretched, at most by `STRETCH`; one
    that is too long leans back to its elbow and comes forward from there.
    """
    start, middle, end = points
    long, short = lengths
    far = float(np.linalg.norm(end - start))
    k = float(np.clip(far / (0.998 * (long + short)), 1.0, STRETCH))
    first = float(np.clip(np.linalg.norm(middle - start), UPPER * long, k * long))
    elbow = start + first * _unit2(middle - start)
    second = float(np.linalg.norm(end - elbow))
    if second > k * short or second < LOWER * short:
        second = k * short if second > k * short else LOWER * short
        elbow = _triangle(start, end, first, second, middle)
    forearm = _unit2(end - elbow)
    back = np.sqrt(max((long * max(1.0, first / long)) ** 2 - first**2, 0.0))
    front = np.sqrt(max((short * max(1.0, second / short)) ** 2 - second**2, 0.0))
    return Reach(
        _upright(elbow - start, float(back), turn),
        _upright(forearm * second, -float(front), turn),
        (max(1.0, first / long), max(1.0, second / short)),
    )


def _triangle(start: Flat, end: Flat, first: float, second: float, near: Flat) -> Flat:
    """Returns the corner of a triangle of given sides, on the side of `near`; on the line where it cannot close."""
    line = end - start
    far = max(float(np.linalg.norm(line)), 1e-9)
    along = float(np.clip((first**2 - second**2 + far**2) / (2 * far), -first, first))
    across = np.array([-line[1], line[0]]) / far
    side = 1.0 if float(across @ (near - start)) >= 0 else -1.0
    return np.asarray(start + along * line / far + side * np.sqrt(max(first**2 - along**2, 0.0)) * across)


def _unit2(vector: Flat) -> Flat:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))


def _upright(flat: Flat, depth: float, turn: float) -> Vector:
    """Returns the direction in the body's axes of a vector on the canvas, with its depth away from the body's front."""
    return unit([turn * flat[0], depth, -flat[1]])
