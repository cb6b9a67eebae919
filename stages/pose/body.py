"""An upright body: its proportions, its size under a garment, and its joints.

Segment heights and lengths are shares of stature after Drillis and Contini, "Body Segment Parameters" (1966), as
tabulated in Winter, "Biomechanics and Motor Control of Human Movement" (4th ed., fig. 4.1); breadths after ANSUR II
(Gordon et al. 2014, women). Shoulder and hip keypoints are joint centres, which lie inside the measured breadths.
"""

from dataclasses import dataclass
from math import exp, hypot, log, sqrt

import numpy as np

from stages.contracts import KEYPOINTS, Point, Shape, Skeleton

#: Height above the floor.
CROWN, EYES, EARS, NOSE, SHOULDERS, WAIST, HIPS, KNEES, ANKLES = (
    1.0,
    0.936,
    0.928,
    0.915,
    0.812,
    0.61,
    0.522,
    0.285,
    0.04,
)
CHIN, CHEST, HIP_CUT, CROTCH, MID_THIGH = 0.87, 0.76, 0.46, 0.462, 0.39

#: Where cloth hangs: straps run over the slope between shoulder and neck, halters close half-way up the neck, strapless
#: garments begin at the armpits; over the shoulder's joint lie a few centimetres of flesh and cloth.
STRAPS, HALTER, ARMPITS, CLOTH = 0.84, 0.862, 0.745, 0.014

#: Half the distance between a pair.
HALF_SHOULDERS, HALF_HIPS, HALF_EYES, HALF_EARS, HALF_ANKLES = 0.1, 0.055, 0.019, 0.042, 0.05

UPPER_ARM, FOREARM, HAND = 0.18, 0.146, 0.1
THIGH, SHANK = HIPS - KNEES, KNEES - ANKLES
#: Half the breadth of an arm, a hand and a leg, with a little air.
LIMB = 0.028

#: What each landmark distance is on a body, as a share of stature, and how far garments stray from it (standard
#: deviation of the logarithm). Garments that are worn are narrower than flat ones of the same size: the middle is
#: taken. Straps stand between neck and shoulder, a sleeveless shoulder ends inside the joint, a halter's armholes cut
#: into the chest; a cuff that ends a long sleeve lies at the wrist.
CUES = {
    "shoulders": (0.245, 0.12),
    "bare shoulders": (0.225, 0.15),
    "straps": (0.165, 0.25),
    "chest": (0.21, 0.15),
    "halter chest": (0.175, 0.18),
    "hem width": (0.25, 0.25),
    "long sleeve": (0.345, 0.08),
    "waist drop": (0.19, 0.25),
    "top length": (0.36, 0.25),
    "waistband": (0.185, 0.15),
    "outseam": (0.57, 0.06),
    "rise": (0.17, 0.25),
    "suit": (0.364, 0.06),
}


@dataclass(frozen=True, slots=True)
class Body:
    """Where an upright body stands and how tall it is, in pixels."""

    x: float
    floor: float
    stature: float
    doubt: float = 0.0
    """Standard deviation of the stature's logarithm."""

    def y(self, share: float) -> float:
        """Returns the row of a height above the floor, given as a share of stature."""
        return self.floor - share * self.stature


def measure(shape: Shape) -> Body:
    """Returns the body that fits a garment's landmarks, in the landmarks' own pixels.

    Each distance between landmarks votes for a stature; the votes are averaged as logarithms, weighted by how far such
    distances vary between garments. Garments hang from the shoulders or from the waist, so that is where the body
    is anchored.
    """
    return _below_waist(shape.landmarks) if shape.from_waist else _below_shoulders(shape)


def stood(joints: Skeleton) -> Body:
    """The body that joints, 18 x 3, were made for by `upright`, wherever arms and legs have been moved since."""
    at = {
        name: 0.5 * (joints[KEYPOINTS.index(f"right_{name}"), :2] + joints[KEYPOINTS.index(f"left_{name}"), :2])
        for name in ("shoulder", "hip")
    }
    stature = float(at["hip"][1] - at["shoulder"][1]) / (SHOULDERS - HIPS)
    return Body(float(at["hip"][0]), float(at["hip"][1]) + HIPS * stature, stature)


def upright(body: Body) -> Skeleton:
    """Returns an upright body's joints seen from the front, arms hanging, 18 x 3 with confidence 1."""
    joints = np.ones((len(KEYPOINTS), 3), np.float32)
    pairs = {
        "eye": (HALF_EYES, EYES), "ear": (HALF_EARS, EARS),
        "shoulder": (HALF_SHOULDERS, SHOULDERS),
        "elbow": (HALF_SHOULDERS + 0.02, SHOULDERS - UPPER_ARM),
        "wrist": (HALF_SHOULDERS + 0.03, SHOULDERS - UPPER_ARM - FOREARM),
        "hip": (HALF_HIPS, HIPS), "knee": (0.5 * (HALF_HIPS + HALF_ANKLES), KNEES), "ankle": (HALF_ANKLES, ANKLES),
    }  # fmt: skip
    for name, (half, share) in pairs.items():
        for side, way in (("right", -1), ("left", 1)):
            joints[KEYPOINTS.index(f"{side}_{name}"), :2] = body.x + way * half * body.stature, body.y(share)
    joints[KEYPOINTS.index("nose"), :2] = body.x, body.y(NOSE)
    joints[KEYPOINTS.index("neck"), :2] = body.x, body.y(SHOULDERS)
    return joints


def _below_shoulders(shape: Shape) -> Body:
    marks = shape.landmarks
    x, row, share = _hanger(marks)
    suit = shape.category == "swim" and "crotch" in marks
    end = marks["crotch"][1] if suit else _middle(marks, "hem")[1]
    votes: list[tuple[str, float]] = []
    if "right_strap" in marks:
        votes.append(("straps", _span(marks["right_strap"], marks["left_strap"])))
    if "right_shoulder" in marks and "left_shoulder" in marks:
        span = _span(marks["right_shoulder"], marks["left_shoulder"])
        sleeves = [
            _span(marks[f"{side}_shoulder"], marks[f"{side}_cuff"])
            for side in ("right", "left")
            if f"{side}_cuff" in marks
        ]
        votes.append(("shoulders" if sleeves else "bare shoulders", span))
        # Sleeves to the wrist measured 1.26 to 1.54 shoulder widths; a shorter one does not tell the arm's length.
        votes += [("long sleeve", sleeve) for sleeve in sleeves if sleeve > 1.2 * span]
    if "right_armpit" in marks and "left_armpit" in marks:
        votes.append(
            ("halter chest" if share == HALTER else "chest", _span(marks["right_armpit"], marks["left_armpit"]))
        )
    elif shape.category == "top":
        votes.append(("hem width", _span(marks["right_hem"], marks["left_hem"])))
    if "right_waist" in marks and "left_waist" in marks:
        votes.append(("waist drop", _middle(marks, "waist")[1] - row))
    if suit:
        # A swimsuit tells the trunk's length, wherever it hangs from.
        votes.append(("suit", (end - row) * CUES["suit"][0] / (share - CROTCH)))
    elif shape.category == "top" or not votes:
        votes.append(("top length", end - row))
    stature, doubt = _stature(votes)
    # However long a dress is, it does not lie on the floor.
    stature = max(stature, (end - row) / (share - 0.02))
    return Body(x, row + share * stature, stature, doubt)


def _hanger(marks: dict[str, Point]) -> tuple[float, float, float]:
    """Returns the body's axis, a row of the garment, and the height above the floor at which it hangs on a body."""
    for name, share in (("strap", STRAPS), ("shoulder", SHOULDERS + CLOTH)):
        if f"right_{name}" in marks and f"left_{name}" in marks:
            return *_middle(marks, name), share
    if "right_armpit" in marks and "left_armpit" in marks:
        x, row = _middle(marks, "armpit")
        collar = marks.get("collar", (x, row))
        # A halter closes around the neck, high above the armpits; a strapless garment begins at them.
        high = row - collar[1] > 0.3 * _span(marks["right_armpit"], marks["left_armpit"])
        return (x, collar[1], HALTER) if high else (x, row, ARMPITS)
    if "collar" in marks:
        return *marks["collar"], SHOULDERS
    return *_middle(marks, "hem" if "right_hem" in marks else "waist"), WAIST


def _middle(marks: dict[str, Point], name: str) -> Point:
    right, left = marks[f"right_{name}"], marks[f"left_{name}"]
    return 0.5 * (right[0] + left[0]), 0.5 * (right[1] + left[1])


def _below_waist(marks: dict[str, Point]) -> Body:
    (x, row), band = _middle(marks, "waist"), _span(marks["right_waist"], marks["left_waist"])
    if "right_hem" not in marks:
        # Swim briefs: they tell little but the hips' width.
        stature, doubt = _stature([("waistband", band)])
        return Body(x, marks["crotch"][1] + CROTCH * stature, stature, doubt)
    length = _middle(marks, "hem")[1] - row
    votes = [("waistband", band)]
    if "crotch" in marks:
        # From 2.5 waistbands on, legs reach the ankle; shorts and cropped legs do not tell the leg's length.
        votes.append(("outseam", length) if length > 2.5 * band else ("rise", marks["crotch"][1] - row))
    stature, doubt = _stature(votes)
    stature = max(stature, length / (WAIST - 0.01))
    return Body(x, row + WAIST * stature, stature, doubt)


def _stature(votes: list[tuple[str, float]]) -> tuple[float, float]:
    weights = [1 / CUES[name][1] ** 2 for name, _ in votes]
    logs = [log(max(length, 1.0) / CUES[name][0]) for name, length in votes]
    mean = sum(w * v for w, v in zip(weights, logs, strict=True)) / sum(weights)
    return exp(mean), sqrt(1 / sum(weights))


def _span(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])
