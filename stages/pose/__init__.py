"""Poses: the skeleton of a body in the garment, fitted to it or read from a file."""

import numpy as np

from stages.casting import Pose
from stages.contracts import Placed, Skeleton, View
from stages.outfit.compose import clothing
from stages.outline import Silhouette, silhouette
from stages.pose.body import measure, stood
from stages.pose.fit import limbs, mirror_names, seen_from
from stages.pose.from_photo import agreement, on_canvas, person, stance
from stages.pose.read import read_skeleton

__all__ = ["agreement", "fit", "from_photo", "on_canvas", "person", "read_skeleton", "stance"]

#: Joints farther outside the frame than this share of stature, about a head, are left out. Nearer ones stay: the limb
#: that leads to them is in the picture.
OUTSIDE = 0.12

#: Standard deviations between seeds, in degrees and as a share of stature: enough to differ, too little to cross the
#: garment or leave the frame.
SWAY, NOD = 3.0, 0.004


def from_photo(wanted: str) -> bool:
    """Whether what `--pose` asks for is found in a photo: its own, or another one."""
    return wanted == "detect" or wanted.startswith("photo:")


def fit(placed: Placed, pose: Pose, view: View, seed: int) -> Skeleton:
    """Returns body-18 in canvas pixels, 18 x 3, for a body that stands in the placed garment.

    Arms follow sleeves and legs follow trouser legs; what is free takes the pose's angles, turned away from the
    garment where it would cross it. `seed` sways free limbs and head a little. Joints outside the frame, and nose
    and eyes seen from the back, have confidence 0.
    """
    random = np.random.default_rng(seed)
    swayed = pose.model_copy(update={name: angle + random.normal(0, SWAY) for name, angle in pose})
    shape = placed.shape if view == "front" else mirror_names(placed.shape)
    worn = clothing(placed)
    grid = silhouette(worn.matte)
    x0, y0 = worn.box[:2]
    body = stood(placed.body) if placed.layers else measure(shape)
    joints = limbs(shape, Silhouette(grid.mask, grid.factor, grid.x0 + x0, grid.y0 + y0), swayed, body)
    stature = body.stature
    joints[[0, 14, 15, 16, 17], :2] += random.normal(0, NOD * stature, 2)
    joints = seen_from(joints, view)
    slack = OUTSIDE * stature
    x, y = joints[:, 0], joints[:, 1]
    inside = (x >= -slack) & (x < placed.width + slack) & (y >= -slack) & (y < placed.height + slack)
    joints[~inside, 2] = 0
    return joints
