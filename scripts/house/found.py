"""The exchange with an independent pose detector, and how near its keypoints are to the asked ones.

A folder is exchanged, so that any detector can be used, in whatever environment it needs:

- `NNN.png`: the pictures;
- `asked.json`: {"keypoints": the 18 names in order, "pictures": {"NNN": 18 x [x, y, confidence]}}, in pixels;
- `found.json`, to be written by the detector: {"NNN": 18 x [x, y, confidence], or null where no person was found}.
"""

import json
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from stages.contracts import KEYPOINTS, Plate, Skeleton

#: What is scored: faces are small, wrists and ankles are often hidden or cut.
SCORED = tuple(
    KEYPOINTS.index(f"{side}_{name}") for side in ("right", "left") for name in ("shoulder", "elbow", "hip", "knee")
)
#: A joint is right within this share of the length from neck to hips.
NEAR = 0.2


@dataclass(frozen=True, slots=True)
class Score:
    """How many people were found in how many pictures, and how many joints in frame lie where they were asked."""

    pictures: int
    people: int
    joints: int
    near: int

    def __str__(self) -> str:
        share = self.near / self.joints if self.joints else float("nan")
        return f"{self.people} of {self.pictures} people, {share:.1%} of {self.joints} joints"


def detect(command: str, folder: Path, pictures: list[Plate], asked: list[Skeleton]) -> list[Skeleton | None]:
    """Writes the folder, runs the detector's command with the folder as its last argument, and reads what it found.

    Raises CalledProcessError when the command fails and OSError or KeyError when it wrote nothing that can be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{number:03d}" for number in range(len(pictures))]
    for name, picture in zip(names, pictures, strict=True):
        cv2.imwrite(str(folder / f"{name}.png"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    listed = {name: np.round(each.astype(float), 2).tolist() for name, each in zip(names, asked, strict=True)}
    (folder / "asked.json").write_text(json.dumps({"keypoints": KEYPOINTS, "pictures": listed}))
    # The command is the caller's own.
    subprocess.run([*shlex.split(command), str(folder)], check=True, capture_output=True)  # noqa: S603
    found = json.loads((folder / "found.json").read_text())
    return [None if found[name] is None else np.array(found[name], np.float32) for name in names]


def score(found: list[Skeleton | None], asked: list[Skeleton], size: tuple[int, int]) -> Score:
    """Compares found with asked keypoints in pictures of `size` (width, height).

    Joints are counted in pictures in which a person was found, as far as they are asked for inside the frame.
    """
    joints = near = 0
    for seen, wanted in zip(found, asked, strict=True):
        if seen is None:
            continue
        torso = float(np.linalg.norm(wanted[[8, 11], :2].mean(0) - wanted[1, :2]))
        for index in SCORED:
            x, y, there = wanted[index]
            if there and 0 <= x < size[0] and 0 <= y < size[1]:
                joints += 1
                near += bool(seen[index, 2] > 0 and np.hypot(*(seen[index, :2] - (x, y))) <= NEAR * torso)
    return Score(len(asked), sum(seen is not None for seen in found), joints, near)
