"""Takes a pose from a photo: the person in a worn photo as it stands, or another photo's pose for this garment."""

from math import atan2, degrees

import numpy as np

from stages.casting import Pose
from stages.contracts import KEYPOINTS, Placed, Plate, Point, Poser, Skeleton
from stages.errors import NotFoundError

#: Pairs of joints by the angle of a pose that they give.
LIMBS = {
    "upper_arm": ("shoulder", "elbow"),
    "forearm": ("elbow", "wrist"),
    "thigh": ("hip", "knee"),
    "shank": ("knee", "ankle"),
}

#: A limb that looks shorter than this share of the torso points at the camera: its angle says nothing.
_SHORT = 0.12


def person(picture: Plate, poser: Poser, name: str) -> Skeleton:
    """Returns the joints of the largest person in a picture, H x W x 3 sRGB; `NotFoundError` if there is none."""
    found = [joints for joints in poser(picture) if np.count_nonzero(joints[:, 2]) >= 4]
    if not found:
        raise NotFoundError(
            f"{name}: {poser.name} sees no person there; take a photo with one, or --pose with a name or a JSON file."
        )
    return max(found, key=_extent)


def on_canvas(joints: Skeleton, placed: Placed) -> Skeleton:
    """Returns joints in photo pixels as canvas pixels; absent ones stay absent."""
    where = placed.placement
    shift = 0.5 * where.scale - 0.5
    moved = joints * (where.scale, where.scale, 1) + (shift + where.x, shift + where.y, 0)
    return np.where(joints[:, 2:] > 0, moved, 0).astype(np.float32)


def agreement(wanted: Skeleton, found: Skeleton) -> float | None:
    """Returns the share of joints that a picture shows where they were wanted, in [0, 1].

    PCK at 0.2 (Yang and Ramanan 2013): a joint counts when it lies within a fifth of the wanted torso, neck to the
    middle of the hips. A wanted joint that was not found does not count; None when no torso was wanted.
    """
    neck, hips = wanted[KEYPOINTS.index("neck")], wanted[[KEYPOINTS.index("right_hip"), KEYPOINTS.index("left_hip")]]
    asked = wanted[:, 2] > 0
    if neck[2] <= 0 or (hips[:, 2] <= 0).any():
        return None
    torso = float(np.hypot(*(hips[:, :2].mean(axis=0) - neck[:2])))
    near = np.hypot(*(found[:, :2] - wanted[:, :2]).T) <= 0.2 * torso
    return float(np.mean((near & (found[:, 2] > 0))[asked]))


def stance(joints: Skeleton) -> Pose:
    """Returns the angles of a person's limbs, to be fitted to another garment.

    Limbs that are not seen, or that point at the camera, keep the angles of a relaxed stance; angles beyond what a
    `Pose` allows are cut to that. Seen from the back, sides are the person's own all the same.
    """
    angles: dict[str, float] = {}
    torso = float(np.hypot(*np.ptp(joints[joints[:, 2] > 0, :2], axis=0))) / 3
    for side in ("right", "left"):
        way = _way(joints, side)
        for limb, (start, end) in LIMBS.items():
            ends = _joint(joints, f"{side}_{start}"), _joint(joints, f"{side}_{end}")
            if ends[0] is None or ends[1] is None:
                continue
            across, down = ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]
            if np.hypot(across, down) >= _SHORT * torso:
                name = f"{side}_{limb}"
                angles[name] = _within(name, degrees(atan2(way * across, down)))
    return Pose(**angles)


def _extent(joints: Skeleton) -> float:
    seen = joints[joints[:, 2] > 0, :2]
    return float(np.ptp(seen, axis=0).max())


def _joint(joints: Skeleton, name: str) -> Point | None:
    x, y, confidence = joints[KEYPOINTS.index(name)].tolist()
    return (x, y) if confidence > 0 else None


def _way(joints: Skeleton, side: str) -> int:
    """Returns which way is outwards for a side, by where its shoulder or hip stands beside the other one."""
    for name in ("shoulder", "hip"):
        own, other = (
            _joint(joints, f"{side}_{name}"),
            _joint(joints, f"{'left' if side == 'right' else 'right'}_{name}"),
        )
        if own and other and own[0] != other[0]:
            return 1 if own[0] > other[0] else -1
    return -1 if side == "right" else 1


def _within(name: str, angle: float) -> float:
    """Cuts an angle to what the field of a pose allows."""
    limits = {type(each).__name__: each for each in Pose.model_fields[name].metadata}
    return float(min(max(angle, limits["Ge"].ge), limits["Le"].le))
