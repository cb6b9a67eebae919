"""DWPose (Yang et al., arXiv 2307.15880) as ONNX: one person's joints in a photo, through onnxruntime.

The network is top-down: it wants a box around a person. Photos of clothes show one person, who nearly fills the
frame, so the whole frame is the first box and the joints found in it give the second; no person detector is needed.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from stages import extras
from stages.contracts import KEYPOINTS, ModelCard, Plate, Skeleton
from stages.errors import WeightsError
from stages.options import PoseOptions
from stages.pose import checked

REPOSITORY, FILE = "yzd-v/DWPose", "dw-ll_ucoco_384.onnx"
SHA256 = "724f4ff2439ed61afb86fb8a1951ec39c6220682803b4a8bd4f598cd913b1843"
LICENCE = "Apache-2.0"

#: What the network takes: width, height, and the mean and deviation of ImageNet's colours, 8-bit.
WIDTH, HEIGHT = 288, 384
_MEAN, _STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
#: Positions are classified in bins of half a pixel (SimCC, arXiv 2107.03332).
_BINS = 2
#: Room around a person's box, as in training; joints are taken for seen from this score on, as DWPose's own code does.
_ROOM, _SEEN = 1.25, 0.3

#: Each body-18 joint's place among COCO's; the neck, which COCO lacks, is the middle of the shoulders.
_COCO = {
    "nose": 0, "right_shoulder": 6, "right_elbow": 8, "right_wrist": 10, "left_shoulder": 5, "left_elbow": 7,
    "left_wrist": 9, "right_hip": 12, "right_knee": 14, "right_ankle": 16, "left_hip": 11, "left_knee": 13,
    "left_ankle": 15, "right_eye": 2, "left_eye": 1, "right_ear": 4, "left_ear": 3,
}  # fmt: skip

Box = tuple[float, float, float, float]


def available(options: PoseOptions) -> bool:
    """Whether `load` would find weights."""
    named = options.pose_weights
    return (named is None or named.suffix == ".onnx") and checked.find(named, REPOSITORY, FILE) is not None


def load(options: PoseOptions, *, allow_unknown: bool = False) -> "DWPose":
    """Returns the detector, on the CPU.

    Raises WeightsError if the weights are missing, are not the published ones and unknown ones are not allowed, or if
    onnxruntime is not installed or cannot read them.
    """
    found = checked.find(options.pose_weights, REPOSITORY, FILE)
    path = checked.require(found, REPOSITORY, FILE, SHA256, allow_unknown=allow_unknown)
    try:
        import onnxruntime
    except ImportError as error:
        raise WeightsError(f"DWPose needs onnxruntime: {extras.install('dwpose')}") from error
    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        return DWPose(session)
    except Exception as error:  # onnxruntime's own errors have no other common base
        raise WeightsError(f"{path} is not a DWPose model that onnxruntime can read: fetch it again") from error


class DWPose:
    """Finds the one person of a photo; see `contracts.Poser`."""

    name = "dwpose"
    card = ModelCard("poser", f"{REPOSITORY}/{FILE}", None, LICENCE)

    def __init__(self, session: Any) -> None:
        """Takes an onnxruntime session of the network."""
        self._session = session
        self._input = session.get_inputs()[0].name

    def __call__(self, picture: Plate) -> list[Skeleton]:
        """The person's body-18 joints in pixels of the picture, H x W x 3 sRGB uint8; nothing if none is seen."""
        height, width = picture.shape[:2]
        joints = self._within(picture, (0.0, 0.0, float(width), float(height)))
        seen = joints[joints[:, 2] > 0]
        if len(seen) < 4:
            return []
        low, high = seen[:, :2].min(axis=0), seen[:, :2].max(axis=0)
        finer = self._within(picture, (float(low[0]), float(low[1]), float(high[0]), float(high[1])))
        return [finer if np.count_nonzero(finer[:, 2]) >= len(seen) else joints]

    def _within(self, picture: Plate, box: Box) -> Skeleton:
        crop = around(box)
        there = cv2.invertAffineTransform(crop)
        seen = cv2.warpAffine(picture, there, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR).astype(np.float32)
        tensor = ((seen - np.array(_MEAN, np.float32)) / np.array(_STD, np.float32)).transpose(2, 0, 1)[None]
        across, down = self._session.run(None, {self._input: np.ascontiguousarray(tensor)})
        return body_18(*decode(across[0], down[0], crop))


def around(box: Box) -> npt.NDArray[np.float64]:
    """Returns the 2 x 3 matrix from the network's pixels to the photo's, for a person's box with room around it."""
    x0, y0, x1, y1 = box
    scale = _ROOM * max((x1 - x0) / WIDTH, (y1 - y0) / HEIGHT, 1e-3)
    left, top = 0.5 * (x0 + x1) - 0.5 * scale * WIDTH, 0.5 * (y0 + y1) - 0.5 * scale * HEIGHT
    return np.array([[scale, 0, left], [0, scale, top]], np.float64)


def decode(
    across: npt.NDArray[np.float32], down: npt.NDArray[np.float32], crop: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
    """Returns N x 2 points in photo pixels and N scores from SimCC's N x bins of columns and of rows."""
    bins = np.stack([across.argmax(axis=1), down.argmax(axis=1)], axis=1) / _BINS
    points = bins @ crop[:, :2].T + crop[:, 2]
    return points, np.minimum(across.max(axis=1), down.max(axis=1))


def body_18(points: npt.NDArray[np.float64], scores: npt.NDArray[np.float32]) -> Skeleton:
    """Returns 18 x 3 from COCO's joints, which come first among the 133 of the whole body."""
    joints = np.zeros((len(KEYPOINTS), 3), np.float32)
    for name, n in _COCO.items():
        joints[KEYPOINTS.index(name)] = *points[n], min(max(float(scores[n]), 0.0), 1.0)
    right, left = (joints[KEYPOINTS.index(f"{side}_shoulder")] for side in ("right", "left"))
    joints[KEYPOINTS.index("neck")] = *(0.5 * (right + left))[:2], min(right[2], left[2])
    joints[joints[:, 2] < _SEEN] = 0
    return joints
