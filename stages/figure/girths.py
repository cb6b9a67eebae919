"""Measures a body as a tailor does: girths with the tape drawn tight over hollows, and height.

Dimensions after ISO 8559-1: bust or chest girth over the nipples, waist girth midway between ribs and hip bones, hip
girth where the seat is widest.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Sealed
from stages.figure.anatomy import Anatomy
from stages.figure.records import Indices

Points = npt.NDArray[np.floating]

#: Vertices of the base mesh: the left nipple, and the sides and middle of the waist.
NIPPLE, WAIST = 8451, (4121, 10763, 4196, 10814)
#: Heights at which the seat may be widest, about the hips' joints, as shares of stature.
SEAT = np.linspace(-0.045, 0.03, 6)
#: How many vertices at the crown and at the soles may be the highest and the lowest.
ENDS = 200
#: The body's own vertices come first in the base mesh.
BODY = 13380


@dataclass(frozen=True, slots=True, eq=False)
class Tape(Sealed):
    """Where a tape can lie: the edges of trunk and legs."""

    vertices: Indices
    """N: the vertices of the body that are measured; the others need not be known."""
    edges: Indices
    """E x 2, into `vertices`."""
    spots: dict[str, Indices]
    """By name, into `vertices`: nipple and waist, whose heights are those of girths; top and floor of the body; joints
    of hip, shoulder, elbow and wrist, each the middle of its vertices."""


def tape(anatomy: Anatomy) -> Tape:
    """Returns the edges of the body without its arms and head."""
    skin = anatomy.patches["skin"]
    arms = [bone for side in "LR" for bone in anatomy.below(f"upperarm01.{side}")] + anatomy.below("neck01")
    held = (np.isin(anatomy.influences, arms) * anatomy.weights).sum(axis=1)
    faces = skin.vertices[skin.faces]
    faces = faces[held[faces].max(axis=1) < 0.5]
    edges = np.unique(np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1), axis=0)
    ends = {"shoulder": "upperarm01.L", "elbow": "lowerarm01.L", "wrist": "wrist.L"}
    spots = {name: anatomy.ends[anatomy.bone(bone)][0] for name, bone in ends.items()}
    spots["hip"] = np.concatenate([anatomy.ends[anatomy.bone(f"upperleg01.{side}")][0] for side in "LR"])
    spots |= {"nipple": np.array([NIPPLE]), "waist": np.array(WAIST)}
    tall = anatomy.template[:BODY, 2]
    spots["ends"] = np.concatenate([np.argsort(tall)[:ENDS], np.argsort(tall)[-ENDS:]])
    used = np.unique(np.concatenate([edges.ravel(), *spots.values()]))
    return Tape(
        used.astype(np.int32),
        np.searchsorted(used, edges).astype(np.int32),
        {name: np.searchsorted(used, each).astype(np.int32) for name, each in spots.items()},
    )


def girth(vertices: Points, edges: Indices, height: float) -> float:
    """The length of a tight tape round the body at that height, in the vertices' unit; 0 where there is none."""
    low, high = vertices[edges[:, 0]], vertices[edges[:, 1]]
    below, above = low[:, 2] - height, high[:, 2] - height
    crossing = (below < 0) != (above < 0)
    share = (below[crossing] / (below[crossing] - above[crossing]))[:, None]
    points = low[crossing, :2] + share * (high[crossing, :2] - low[crossing, :2])
    return float(cv2.arcLength(cv2.convexHull(points.astype(np.float32)), closed=True)) if len(points) else 0.0


def measured(points: Points, on: Tape) -> npt.NDArray[np.float64]:
    """Measures a body in the rest pose: `points` are its `on.vertices`, N x 3 in metres.

    Gives height and the girths of bust, waist and hips in centimetres, then upper arm and forearm, joint to joint.
    """
    tall = float(np.ptp(points[on.spots["ends"], 2]))
    at = {name: points[each].mean(axis=0) for name, each in on.spots.items()}
    bust, waist = (girth(points, on.edges, float(at[name][2])) for name in ("nipple", "waist"))
    hips = max(girth(points, on.edges, float(at["hip"][2]) + share * tall) for share in SEAT)
    arms = [float(np.linalg.norm(at[b] - at[a])) for a, b in (("shoulder", "elbow"), ("elbow", "wrist"))]
    return 100 * np.array([tall, bust, waist, hips, *arms])
