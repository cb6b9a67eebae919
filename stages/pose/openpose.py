"""OpenPose (Cao et al., arXiv 1812.08008) as controlnet_aux carries it: body-18 straight from a photo.

Code and weights are licensed by CMU for non-commercial use only; DWPose has no such limit.
"""

import pickle
from typing import Any

import cv2
import numpy as np

from stages.contracts import KEYPOINTS, ModelCard, Plate, Skeleton
from stages.errors import WeightsError
from stages.options import PoseOptions
from stages.pose import checked

REPOSITORY, FILE = "lllyasviel/Annotators", "body_pose_model.pth"
SHA256 = "25a948c16078b0f08e236bda51a385d855ef4c153598947c28c0d47ed94bb746"
LICENCE = "CMU OpenPose, non-commercial"

#: Height that photos are brought to: the network itself sees 184 rows.
_ROWS = 736


def available(options: PoseOptions) -> bool:
    """Whether `load` would find weights."""
    named = options.pose_weights
    return (named is None or named.suffix == ".pth") and checked.find(named, REPOSITORY, FILE) is not None


def load(options: PoseOptions, *, allow_unknown: bool = False) -> "OpenPose":
    """Returns the detector, on the CPU.

    Raises WeightsError if the weights are missing, are not the published ones and unknown ones are not allowed, or
    are not OpenPose's. The file is unpickled only after that check, and as plain tensors.
    """
    found = checked.find(options.pose_weights, REPOSITORY, FILE)
    path = checked.require(found, REPOSITORY, FILE, SHA256, allow_unknown=allow_unknown)
    import torch
    from controlnet_aux.open_pose import util
    from controlnet_aux.open_pose.body import Body, bodypose_model

    model = bodypose_model()
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        model.load_state_dict(util.transfer(model, state))
    except (KeyError, RuntimeError, pickle.UnpicklingError, EOFError) as error:
        raise WeightsError(f"{path} does not hold OpenPose's body model: fetch it again") from error
    # The class's own constructor would unpickle anything.
    body = Body.__new__(Body)
    body.model = model.eval()
    return OpenPose(body)


class OpenPose:
    """Finds people; see `contracts.Poser`."""

    name = "openpose"
    card = ModelCard("poser", f"{REPOSITORY}/{FILE}", None, LICENCE)

    def __init__(self, body: Any) -> None:
        """Takes a loaded `controlnet_aux.open_pose.body.Body`."""
        self._body = body

    def __call__(self, picture: Plate) -> list[Skeleton]:
        """Returns each person's body-18 joints in pixels of the picture, H x W x 3 sRGB uint8."""
        shrink = min(1.0, _ROWS / picture.shape[0])
        size = (max(8, round(picture.shape[1] * shrink)), max(8, round(picture.shape[0] * shrink)))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if shrink < 1 else picture
        candidates, people = self._body(np.ascontiguousarray(small[..., ::-1]))
        return [skeleton(each.keypoints, shrink) for each in self._body.format_body_result(candidates, people)]


def skeleton(keypoints: list[Any], shrink: float) -> Skeleton:
    """Returns 18 x 3 from controlnet_aux's keypoints, None where absent, found on a picture shrunk by `shrink`."""
    joints = np.zeros((len(KEYPOINTS), 3), np.float32)
    for n, point in enumerate(keypoints):
        if point is not None:
            joints[n] = (point.x + 0.5) / shrink - 0.5, (point.y + 0.5) / shrink - 0.5, min(max(point.score, 1e-3), 1)
    return joints
