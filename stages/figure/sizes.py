"""What a size stands for, and the body that has its girths.

Girths of the body in centimetres, the middle of each letter's range of bust (women) or chest (men) after EN 13402-3,
"Size designation of clothes, measurements and intervals", continued by its own steps to 4XL. Waist and hips follow from
the same standard's tables of secondary dimensions: for women the waist is 16 cm less than the bust, and the hips 8 cm
more, 7 to 3 more from 110 cm on; for men of regular build the waist is 12 cm less than the chest.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from stages.casting import Size
from stages.figure.anatomy import Anatomy
from stages.figure.girths import measured, tape
from stages.figure.physique import Physique, shaped, signed

Array = npt.NDArray[np.float64]

SIZES: tuple[Size, ...] = ("XS", "S", "M", "L", "XL", "2XL", "3XL", "4XL")
BUST, CHEST = (78, 86, 94, 102, 113, 125, 137, 149), (82, 90, 98, 106, 114, 123.5, 135, 147)
#: Hips of women by bust.
HIPS_OF = (76, 104, 110, 116, 122, 128, 134, 140, 146, 152), (84, 112, 117, 122, 127, 132, 137, 142, 147, 152)

#: Joint to joint, as shares of stature: upper arm 0.172 and forearm 0.146 after Drillis, Contini (1966) for the wrist,
#: and ANSUR II (2012) less the joint's depth below the acromion. MakeHuman's own women have 0.157 and 0.130.
ARMS = (0.172, 0.145)

#: Local shapes that are solved for, with the weight of each one's distance from none. The last few are for girths that
#: weight alone does not reach.
KNOBS = {
    "measure-bust-circ": 1.5, "measure-waist-circ": 1.5, "measure-hips-circ": 1.5,
    "measure-upperarm-length": 0.05, "measure-lowerarm-length": 0.05,
    "torso-scale-depth": 4.0, "torso-scale-horiz": 4.0, "hip-scale-horiz": 4.0, "hip-scale-depth": 4.0,
    "stomach-tone": 4.0, "measure-underbust-circ": 4.0,
}  # fmt: skip
HEIGHT, WEIGHT = 0.05, 0.3
#: Shapes are modelled for amounts up to 1; a little more of them still looks right, and reaches 4XL.
MOST = 1.35
STEPS, NUDGE = 7, 0.02


def girths(person: str, size: Size) -> tuple[float, float, float | None]:
    """Returns bust or chest, waist and hips in centimetres; a man's hips are not tabulated."""
    at = SIZES.index(size)
    if person == "man":
        return CHEST[at], CHEST[at] - 12, None
    return BUST[at], BUST[at] - 16, float(np.interp(BUST[at], *HIPS_OF))


def sized(anatomy: Anatomy, start: Physique, person: str, size: Size, height: float) -> Physique:
    """Returns the physique nearest to `start` with the size's girths and that height, in centimetres.

    Damped Gauss-Newton over a few shapes (Levenberg 1944), bounded to what the shapes were modelled for.
    """
    bust, waist, hips = girths(person, size)
    goal = np.array([height, bust, waist, 0.0 if hips is None else hips, *(100 * share for share in ARMS)])
    # Centimetres that weigh as much as one whole shape; what has no goal weighs nothing.
    unit = 1 / np.array([0.4, 1.0, 1.0, np.inf if hips is None else 1.0, 0.3, 0.3])
    model = _Model(anatomy, start)
    found = np.array([start.height, start.weight, *np.zeros(len(KNOBS))])
    origin, cost = found.copy(), np.array([HEIGHT, WEIGHT, *KNOBS.values()])
    low, high = np.array([0.0, 0.0, *[-MOST] * len(KNOBS)]), np.array([1.0, 1.0, *[MOST] * len(KNOBS)])
    for _ in range(STEPS):
        now = (model(found) - goal) * unit
        # Shapes change their slope at 0 and in the middle of the weights, so each is felt for where it can go.
        nudges = np.where(found + NUDGE > high, -NUDGE, NUDGE)
        slopes = [((model(found + each) - goal) * unit - now) / each.sum() for each in np.diag(nudges)]
        system = np.concatenate([np.stack(slopes, axis=1), np.diag(cost)])
        found = _bounded(system, np.concatenate([now, cost * (found - origin)]), found, low, high)
    height_, weight, *local = found.tolist()
    return replace(start, height=height_, weight=weight, local=start.local | dict(zip(KNOBS, local, strict=True)))


def _bounded(system: Array, lacking: Array, found: Array, low: Array, high: Array) -> Array:
    """Returns the next step of least squares within the bounds: what would leave them stops there."""
    free, best = np.ones(len(found), bool), found.copy()
    for _ in range(len(found)):
        rest = lacking + system[:, ~free] @ (best - found)[~free]
        best[free] = found[free] - np.linalg.lstsq(system[:, free], rest, rcond=None)[0]
        outside = free & ((best < low) | (best > high))
        if not outside.any():
            break
        best = np.clip(best, low, high)
        free &= ~outside
    return best


class _Model:
    """Girths by height, weight and local shapes, for one person.

    Macro shapes are linear in height and between the three anchors of weight, so six bodies tell them all.
    """

    def __init__(self, anatomy: Anatomy, start: Physique) -> None:
        self.tape = tape(anatomy)
        used = self.tape.vertices
        self.bodies = np.array(
            [[shaped(anatomy, replace(start, height=h, weight=w))[used] for w in (0.0, 0.5, 1.0)] for h in (0.0, 1.0)]
        )
        names = set(anatomy.names)
        pairs = [[signed(name, way, names) for way in (1.0, -1.0)] for name in KNOBS]
        self.local = [[(anatomy.shaped({name: 1.0}) - anatomy.template)[used] for name in pair] for pair in pairs]

    def __call__(self, knobs: Array) -> Array:
        """Returns height, bust, waist and hips in centimetres, and the arm's two bones as hundredths of stature."""
        height, weight, *local = knobs.tolist()
        by_weight = np.array([max(0.0, 1 - 2 * abs(weight - anchor)) for anchor in (0.0, 0.5, 1.0)])
        vertices = np.einsum("h,w,hwvi->vi", [1 - height, height], by_weight, self.bodies)
        for amount, (more, less) in zip(local, self.local, strict=True):
            if amount:
                vertices += abs(amount) * (more if amount > 0 else less)
        found = measured(vertices, self.tape)
        found[4:] *= 100 / found[0]
        return found
