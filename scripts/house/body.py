"""A person's build and pose: joints and radii in picture pixels.

Lengths are in heads (crown to chin) before they are scaled; an adult stands 7.2 to 7.8 heads tall (figure drawing's
canon, as in Bridgman); joints lie where the pipeline's own body has them (stages/pose/body.py). Sides are those of the
picture: index 0 is at the left of the picture.
"""

from dataclasses import dataclass, replace

import numpy as np

from scripts.house.paint import Points
from scripts.house.poses import arm_angles, leg_angles
from stages.casting import Casting
from stages.contracts import Framing, Skeleton, View

#: Heights below the crown, in heads.
NECK, HIP, KNEE, ANKLE, SOLE = 1.42, 3.68, 5.50, 7.26, 7.68

#: Factors by build on limbs, waist, hips.
BUILDS = {
    "slim": (0.84, 0.90, 0.90),
    "average": (0.95, 1.0, 1.0),
    "curvy": (1.12, 1.18, 1.16),
    "athletic": (1.04, 0.98, 0.98),
}


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """Joints n x 2 in pixels, from the shoulder or hip downwards, and the radii at them."""

    head: float
    """Length of one head in pixels."""
    crown: Points
    chin: Points
    arms: tuple[Points, Points]
    """Shoulder, elbow, wrist, fingertips."""
    legs: tuple[Points, Points]
    """Hip, knee, ankle, toes."""
    limb: float
    waist: float
    hips: float
    shoulders: float
    """Half widths in heads."""
    man: bool
    view: View
    turn: float
    """How far the face looks aside, in heads: shift of the nose."""

    def at(self, x: float, v: float) -> Points:
        """Returns the point of the trunk at x heads from its axis (positive = right of the picture) and height v.

        v is 0 on the line of the shoulders and 1 on that of the hips.
        """
        top, low = (self.arms[0][0] + self.arms[1][0]) / 2, (self.legs[0][0] + self.legs[1][0]) / 2
        share = min(1.0, max(0.0, v))
        across = (1 - share) * _unit(self.arms[1][0] - self.arms[0][0]) + share * _unit(
            self.legs[1][0] - self.legs[0][0]
        )
        if v > 1:
            # Below the hips cloth hangs level, however the hips are tilted.
            across = across + 3 * (v - 1) * np.array([1.0, 0.0])
        down = low - top
        sag = np.array([down[0] * share, down[1] * v])
        return np.asarray(top + sag + _unit(across) * x * self.head)

    def ring(self, pairs: list[tuple[float, float]]) -> Points:
        """Returns a symmetrical outline from the (x, v) of its right half, top to bottom."""
        right = [self.at(x, v) for x, v in pairs]
        left = [self.at(-x, v) for x, v in reversed(pairs)]
        return np.array(right + left)

    def moved(self, scale: float, offset: Points) -> "Body":
        """Returns the body enlarged about (0, 0) and then shifted by `offset` pixels."""
        return replace(
            self,
            head=self.head * scale,
            crown=self.crown * scale + offset,
            chin=self.chin * scale + offset,
            arms=(self.arms[0] * scale + offset, self.arms[1] * scale + offset),
            legs=(self.legs[0] * scale + offset, self.legs[1] * scale + offset),
        )

    def width(self, v: float) -> float:
        """Returns the trunk's half width in heads at height v."""
        chest = self.shoulders - 0.12
        profile = (
            chest - 0.02,
            chest,
            0.5 * (chest + self.waist),
            self.waist,
            0.5 * (self.waist + self.hips),
            self.hips,
        )
        return float(np.interp(v, (0.2, 0.36, 0.5, 0.62, 0.8, 1.02), profile))


def _unit(vector: Points) -> Points:
    return np.asarray(vector / (np.linalg.norm(vector) + 1e-9))


def _turned(angle: float, length: float, side: int) -> Points:
    """Returns a vector hanging down, turned outwards from the vertical by `angle` radians on the given side."""
    return np.array([np.sin(angle) * length * (1 if side else -1), np.cos(angle) * length])


def pose_body(
    random: np.random.Generator, casting: Casting, view: View, sleeves: float = 0.0, spread: float | None = None
) -> Body:
    """Returns a standing body in heads, crown near (0, 0).

    Arms follow the kept garment's sleeves: `sleeves` is their reach (see clothes.sleeve), `spread` their angle in
    radians off the vertical, None if they lie as the arms do.
    """
    man = casting.person == "man"
    limb, waist, hips = BUILDS[casting.build]
    jitter = random.normal(1, 0.03, 6)
    shoulders = (0.82 if man else 0.72) * jitter[0] * (1.06 if casting.build == "athletic" else 1)
    hip_x = (0.39 if man else 0.40) * hips * jitter[1]
    stretch = np.array([1.0, random.normal(1, 0.02)])
    tilt = random.normal(0, 0.035)
    lean = random.normal(0, 0.06)
    arms = []
    for side, (upper, fore) in enumerate(arm_angles(random, sleeves, spread)):
        out = 1 if side else -1
        shoulder = np.array([out * shoulders, NECK + 0.05 + out * tilt * 0.4])
        elbow = shoulder + _turned(upper, 1.36 * jitter[2], side)
        wrist = elbow + _turned(fore, 1.10 * jitter[3], side)
        # Hands continue the forearm or hang from it.
        tip = wrist + _turned(fore - np.sign(fore) * random.uniform(0, 0.25), 0.66, side)
        arms.append(np.array([shoulder, elbow, wrist, tip]) * stretch)
    legs = []
    for side, (thigh, shank, lift) in enumerate(leg_angles(random)):
        out = 1 if side else -1
        hip = np.array([out * hip_x + lean, HIP - out * tilt])
        knee = hip + _turned(thigh, KNEE - HIP, side) - (lean * 0.6, 0)
        # A leg that swings forwards or backwards looks shorter.
        ankle = knee + _turned(shank, ANKLE - KNEE - lift, side) - (lean * 0.4, 0)
        toes = ankle + np.array([out * random.uniform(0.04, 0.2), 0.34])
        legs.append(np.array([hip, knee, ankle, toes]) * stretch)
    nod = random.normal(0, 0.05)
    return Body(
        head=1.0,
        crown=np.array([nod, 0.0]),
        chin=np.array([nod * 0.6, 1.0]),
        arms=(arms[0], arms[1]),
        legs=(legs[0], legs[1]),
        limb=limb * (1.12 if man else 1.0) * jitter[4],
        waist=(0.60 if man else 0.49) * waist * jitter[5],
        hips=(0.68 if man else 0.74) * hips,
        shoulders=shoulders,
        man=man,
        view=view,
        turn=float(np.clip(random.normal(0, 0.03), -0.06, 0.06)),
    )


def place_body(random: np.random.Generator, body: Body, framing: Framing, width: int, height: int) -> Body:
    """Scales and shifts a body so that the framing's part of it fills the picture, as stages/canvas/place.py does."""
    floor = max(SOLE, *(float(leg[3, 1]) + 0.17 for leg in body.legs))
    hands = min(0.0, *(float(arm[:, 1].min()) for arm in body.arms))
    top, bottom = {
        "full": (hands, floor),
        "three-quarter": (hands, random.uniform(4.3, 5.3)),
        "half": (hands, random.uniform(3.6, 4.2)),
        "lower": (random.uniform(1.1, 2.1), floor),
    }[framing]
    margin = random.uniform(0.04, 0.09) * height
    above = margin if framing != "lower" else 0.0
    below = margin if bottom == floor else 0.0
    head = (height - above - below) / (bottom - top)
    xs = np.concatenate([*body.arms, *body.legs])[:, 0]
    # A canvas grows on both sides until the arms fit in: wide arms make the person smaller.
    head = min(head, width * random.uniform(0.84, 1.0) / (2 * float(np.abs(xs).max()) + 0.2))
    spare = height - above - below - head * (bottom - top)
    offset = np.array(
        [
            width * (0.5 + random.normal(0, 0.02)),
            above
            + spare * random.uniform(*{"full": (0.35, 0.65), "lower": (0.3, 0.7)}.get(framing, (0.2, 0.4)))
            - head * top,
        ]
    )
    return body.moved(head, offset)


def skeleton_of(body: Body) -> Skeleton:
    """Returns body-18 in picture pixels; seen from the back, nose and eyes are absent."""
    up = body.crown - body.chin
    side = np.array([-up[1], up[0]])
    turn = body.turn * side
    right, left = (0, 1) if body.view == "front" else (1, 0)
    out = {right: -1, left: 1} if body.view == "front" else {right: 1, left: -1}
    skeleton = np.ones((18, 3), np.float32)
    skeleton[0, :2] = body.chin + up * 0.36 + turn
    skeleton[1, :2] = (body.arms[0][0] + body.arms[1][0]) / 2
    for first, arm in ((2, right), (5, left)):
        skeleton[first : first + 3, :2] = body.arms[arm][:3]
    for first, leg in ((8, right), (11, left)):
        skeleton[first : first + 3, :2] = body.legs[leg][:3]
    for eye, ear, which in ((14, 16, right), (15, 17, left)):
        skeleton[eye, :2] = body.chin + up * 0.50 + out[which] * side * 0.15 + turn * 0.8
        skeleton[ear, :2] = body.chin + up * 0.46 + out[which] * side * 0.36
    if body.view == "back":
        skeleton[[0, 14, 15], 2] = 0
    return skeleton
