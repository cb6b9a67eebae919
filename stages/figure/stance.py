"""How a body stands: directions of arms and legs, hands at rest, feet on the floor, as turns of its bones."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from stages.figure.anatomy import Anatomy
from stages.figure.body import Rest
from stages.figure.limbs import AHEAD, Rotation, Vector, about, angle, swing, two_bones, unit

SIDES = {"right": "R", "left": "L"}
#: Which way is outwards, in the body's x.
WAYS = {"right": -1.0, "left": 1.0}

#: How far the joints of a relaxed hand's fingers are bent, index to little finger, in degrees: they close from the
#: index finger on. Looked at on rendered hands.
CURL = {2: (8, 14, 10), 3: (11, 18, 12), 4: (14, 21, 14), 5: (16, 21, 14)}
#: Share of the rest pose's spread of the fingers that is taken back.
CLOSE = 0.5
#: The thumb lies along the index finger: shares of the middle finger's direction, of the way from little to index
#: finger, and of the palm's; and its joints are bent that much, in degrees.
THUMB, THUMB_BENT = (0.80, 0.46, 0.38), (0.0, 6.0, 10.0)
#: Where the palms of hanging arms look: at the thighs and backwards, so that the back of the hand is seen.
PALM = (-0.72, 0.69)
#: The most that a forearm turns about its length either way, in degrees (Norkin, White 2016: pronation, supination 80).
TURN = 80.0


@dataclass(frozen=True, slots=True, eq=False)
class Stance:
    """Unit vectors in the body's axes, by side: x to the person's left, y backwards, z up."""

    upper_arm: dict[str, Vector]
    forearm: dict[str, Vector]
    thigh: dict[str, Vector]
    shank: dict[str, Vector]
    feet_out: float = 9.0
    """Degrees that the toes point outwards."""
    shrug: dict[str, float] = field(default_factory=lambda: {"right": 0.0, "left": 0.0})
    """Degrees that the collar bones are raised."""
    nod: float = 0.0
    """Degrees that the head looks down."""


def hanging(degrees: float, way: float, ahead: float = 0.0) -> Vector:
    """Returns a limb's direction: `degrees` off the vertical outwards, and a share of its length forwards."""
    side = np.array([way * np.sin(np.radians(degrees)), 0.0, -np.cos(np.radians(degrees))])
    return unit(side * np.sqrt(1 - ahead**2) + ahead * AHEAD)


def rotations(anatomy: Anatomy, body: Rest, stance: Stance) -> dict[str, Rotation]:
    """Returns the absolute rotations by bone for `stages.figure.body.bend`."""
    found: dict[str, Rotation] = {}

    def head(bone: str) -> Vector:
        return np.asarray(body.heads[anatomy.bone(bone)], np.float64)

    for side, end in SIDES.items():
        way = WAYS[side]
        if stance.shrug[side]:
            found[f"clavicle.{end}"] = about(AHEAD, way * -stance.shrug[side])
        joints = [head(f"{bone}.{end}") for bone in ("upperarm01", "lowerarm01", "wrist")]
        at_rest = joints[1] - joints[0], joints[2] - joints[1]
        upper, lower = stance.upper_arm[side], stance.forearm[side]
        first, second = two_bones(at_rest, upper, lower, AHEAD)
        palm = palm_of(head, end)
        wanted = np.array([PALM[0] * way, PALM[1], 0.0])
        turn = float(np.clip(angle(second @ palm, wanted, unit(lower)), -TURN, TURN))
        found |= {
            f"upperarm01.{end}": first,
            f"lowerarm01.{end}": about(lower, 0.2 * turn) @ second,
            f"lowerarm02.{end}": about(lower, 0.65 * turn) @ second,
            f"wrist.{end}": about(lower, turn) @ second,
        }
        found |= hand(head, end, palm, found[f"wrist.{end}"])
        legs = [head(f"{bone}.{end}") for bone in ("upperleg01", "lowerleg01", "foot")]
        # A knee bends backwards, so that it points forwards.
        first, second = two_bones(
            (legs[1] - legs[0], legs[2] - legs[1]), stance.thigh[side], stance.shank[side], -AHEAD
        )
        yaw = about([0, 0, 1], way * stance.feet_out)
        found |= {f"upperleg01.{end}": yaw @ first, f"lowerleg01.{end}": yaw @ second, f"foot.{end}": yaw}
        found[f"upperleg01.{end}"] = _turned(first, stance.thigh[side], way * 0.5 * stance.feet_out)
        found[f"lowerleg01.{end}"] = _turned(second, stance.shank[side], way * 0.7 * stance.feet_out)
    if stance.nod:
        found["neck02"] = about([1, 0, 0], 0.5 * stance.nod)
        found["head"] = about([1, 0, 0], stance.nod)
    return found


def _turned(rotation: Rotation, along: Vector, degrees: float) -> Rotation:
    """Turns a leg about its own length; it points downwards, so that outwards is the other way round."""
    return np.asarray(about(along, -degrees) @ rotation)


def palm_of(head: Callable[[str], Vector], end: str) -> Vector:
    """Returns where the palm looks at rest."""
    wrist, index, little = (head(f"{bone}.{end}") for bone in ("wrist", "finger2-1", "finger5-1"))
    across = np.cross(index - wrist, little - wrist)
    return unit(-across if end == "L" else across)


def hand(head: Callable[[str], Vector], end: str, palm: Vector, wrist: Rotation) -> dict[str, Rotation]:
    """Returns the turns of a relaxed hand's fingers."""
    found: dict[str, Rotation] = {}
    middle = unit(head(f"finger3-2.{end}") - head(f"finger3-1.{end}"))
    for finger, bends in CURL.items():
        along = unit(head(f"finger{finger}-2.{end}") - head(f"finger{finger}-1.{end}"))
        closed = about(palm, CLOSE * angle(along, middle, palm))
        axis, total = np.cross(along, palm), 0.0
        for at, bent in enumerate(bends):
            total += bent
            found[f"finger{finger}-{at + 1}.{end}"] = wrist @ closed @ about(axis, total)
    along = unit(head(f"finger1-2.{end}") - head(f"finger1-1.{end}"))
    radial = unit(head(f"finger2-1.{end}") - head(f"finger5-1.{end}"))
    beside = THUMB[0] * middle + THUMB[1] * radial + THUMB[2] * palm
    inwards = swing(along, beside)
    axis, total = np.cross(beside, 0.4 * palm - radial), 0.0
    for at, degrees in enumerate(THUMB_BENT):
        total += degrees
        found[f"finger1-{at + 1}.{end}"] = wrist @ about(axis, total) @ inwards
    return found


def upright(arms: float = 9.0, legs: float = 2.0) -> Stance:
    """Returns a person who stands at ease."""

    def both(degrees: float, ahead: float) -> dict[str, Vector]:
        return {side: hanging(degrees, way, ahead) for side, way in WAYS.items()}

    return Stance(both(arms, 0.02), both(0.6 * arms, 0.16), both(legs, 0.0), both(legs - 1, -0.03))
