"""Reads a skeleton from a file: OpenPose's own JSON, or the receipt of an earlier picture."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from stages.contracts import KEYPOINTS, Placed, Skeleton
from stages.errors import ConfigError
from stages.reading import contents

#: Where each body-18 joint stands in OpenPose's BODY_25, which has a joint more in the middle of the hips.
FROM_BODY_25 = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)

#: Joints may lie outside the picture, but not by more than so many times its longer side: that is another unit.
FAR = 100


def read_skeleton(path: Path, placed: Placed) -> Skeleton:
    """Returns the body-18 skeleton of a JSON file in canvas pixels, 18 x 3.

    Read are OpenPose's output (`people[0].pose_keypoints_2d`, 18 or 25 keypoints) and this project's receipts
    (`skeleton`, with `output.width` and `output.height`). Files that tell their size (`canvas_width`,
    `canvas_height`) are scaled to the canvas; OpenPose coordinates that all lie in [0, 1] are shares of it; others are
    canvas pixels. Raises `ConfigError` if the file is missing, broken, or has no skeleton.
    """
    try:
        content = json.loads(contents(path))
    except OSError as error:
        raise ConfigError(f"The pose file {path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"The pose file {path} is not JSON; give an OpenPose file or a receipt.") from error
    content = content[0] if isinstance(content, list) and content else content
    if not isinstance(content, dict):
        raise ConfigError(f"The pose file {path} holds no skeleton; give an OpenPose file or a receipt.")
    joints = _joints(content, path)
    size = _size(content, path)
    if size is None and joints[:, :2].max() <= 1:
        size = (1.0, 1.0)
    if size:
        joints[:, :2] *= np.array([placed.width / size[0], placed.height / size[1]], np.float32)
    seen = np.abs(joints[joints[:, 2] > 0, :2])
    if (seen > FAR * max(placed.width, placed.height)).any():
        raise ConfigError(
            f"The pose file {path} has joints far outside the picture, {placed.width} x {placed.height}; "
            "give canvas_width and canvas_height, or coordinates of this picture."
        )
    return joints


def _joints(content: dict[str, Any], path: Path) -> Skeleton:
    """Returns the file's joints, 18 x 3, in the file's own coordinates."""
    people = content.get("people")
    raw = content.get("skeleton")
    if isinstance(people, list) and people and isinstance(people[0], dict):
        raw = people[0].get("pose_keypoints_2d")
    try:
        joints = np.asarray(raw, dtype=np.float64).reshape(-1, 3)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(f"The pose file {path} holds no skeleton of (x, y, confidence) joints.") from error
    if len(joints) == 25:
        joints = joints[list(FROM_BODY_25)]
    if len(joints) != len(KEYPOINTS):
        raise ConfigError(f"The pose file {path} holds {len(joints)} joints; 18 (or OpenPose's 25) are needed.")
    if not np.isfinite(joints).all() or not (joints[:, 2] > 0).any():
        raise ConfigError(f"The pose file {path} holds no joint with a position and a confidence above 0.")
    joints[joints[:, 2] <= 0] = 0  # absent: where a file says that they are means nothing
    return np.clip(joints, -1e9, 1e9).astype(np.float32)


def _size(content: dict[str, Any], path: Path) -> tuple[float, float] | None:
    """Returns the width and height that the file's coordinates refer to, if it tells them."""
    output = content.get("output")
    if isinstance(output, dict):
        width, height = output.get("width"), output.get("height")
    else:
        width, height = content.get("canvas_width"), content.get("canvas_height")
    if width is None and height is None:
        return None
    both = [each for each in (width, height) if isinstance(each, int | float) and 1 <= each <= 1e6]
    if len(both) == 2:
        return float(both[0]), float(both[1])
    raise ConfigError(f"The pose file {path} has a canvas without a usable width and height.")
