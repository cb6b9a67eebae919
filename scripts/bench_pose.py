"""How well category, landmarks and pose are read from garments whose body is known.

    python -m scripts.bench_pose --seeds 20          # what `make bench-pose` runs

PCK is the share of joints (Yang and Ramanan 2013) and of landmarks within a tenth of the torso, right shoulder to left
hip, of where they were drawn. Counted are the joints that a garment decides: shoulders and hips, elbows and wrists in
long sleeves, knees and ankles in long trousers. Where a free arm hangs is a matter of taste, not of truth.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from scripts.synthetic.garment import Sample, draw
from scripts.synthetic.pattern import CATEGORIES
from stages.casting import Pose
from stages.contracts import KEYPOINTS
from stages.outline import silhouette
from stages.pose.fit import limbs
from stages.shape import describe

NEAR = 0.1

Errors = dict[str, list[float]]


def torso(sample: Sample) -> float:
    """Returns the length that errors are measured in: right shoulder to left hip, pixels."""
    ends = [sample.skeleton[KEYPOINTS.index(name), :2] for name in ("right_shoulder", "left_hip")]
    return float(np.hypot(*(ends[0] - ends[1])))


def measure(sample: Sample) -> tuple[str, float, Errors, Errors]:
    """Returns the category found, its confidence, and the errors of joints and of landmarks, in torsos, by name.

    A landmark that was drawn and not found is infinitely far.
    """
    shape = describe(sample.matte, picture=sample.photo)
    found = limbs(shape, silhouette(sample.matte), Pose())
    length = torso(sample)
    joints: Errors = defaultdict(list)
    for n, (x, y, confidence) in enumerate(sample.skeleton):
        if confidence == 1:
            joints[KEYPOINTS[n]].append(float(np.hypot(found[n, 0] - x, found[n, 1] - y)) / length)
    marks: Errors = defaultdict(list)
    for name, (x, y) in sample.landmarks.items():
        at = shape.landmarks.get(name)
        marks[name].append(float("inf") if at is None else float(np.hypot(at[0] - x, at[1] - y)) / length)
    return shape.category, shape.confidence, joints, marks


def table(title: str, errors: Errors) -> list[str]:
    """Returns lines of share within reach, median error and count, both sides together."""
    merged: Errors = defaultdict(list)
    for name, values in errors.items():
        merged[name.removeprefix("right_").removeprefix("left_")] += values
    rows = [f"{title:10}  PCK@{NEAR:g}  median  count"]
    for name, values in sorted(merged.items()):
        rows.append(f"{name:10}  {np.mean(np.array(values) <= NEAR):7.1%}  {np.median(values):6.3f}  {len(values):5d}")
    every = np.array([value for values in errors.values() for value in values])
    return [*rows, f"{'all':10}  {np.mean(every <= NEAR):7.1%}  {np.median(every):6.3f}  {len(every):5d}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="garments of each category")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--width", type=int, default=480)
    parser.add_argument("--height", type=int, default=640)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    asked = parser.parse_args()
    joints: Errors = defaultdict(list)
    marks: Errors = defaultdict(list)
    taken: dict[str, dict[str, int]] = {name: defaultdict(int) for name in CATEGORIES}
    sure = unsure = 0
    for category in CATEGORIES:
        for seed in range(asked.first, asked.first + asked.seeds):
            sample = draw(seed, "plain", category, asked.width, asked.height)
            found, confidence, near, points = measure(sample)
            taken[category][found] += 1
            if found != category:
                sure, unsure = sure + (confidence >= 0.6), unsure + (confidence < 0.6)
            for name, values in near.items():
                joints[name] += values
            for name, values in points.items():
                marks[name] += values
    right = sum(taken[name][name] for name in CATEGORIES)
    total = asked.seeds * len(CATEGORIES)
    print("\n".join([*table("joint", joints), "", *table("landmark", marks), ""]))
    print(f"category right on {right} of {total} ({right / total:.1%}); wrong: {unsure} said to be unsure, {sure} not")
    for name, found_as in taken.items():
        print(f"  {name:10}", ", ".join(f"{count} {other}" for other, count in sorted(found_as.items())))
    if asked.json:
        every = [value for values in joints.values() for value in values]
        asked.json.write_text(
            json.dumps({"pck": float(np.mean(np.array(every) <= NEAR)), "category": right / total, "count": total})
        )


if __name__ == "__main__":
    main()
