"""The outline of a painted person, found by colour, to be compared with the rendered truth."""

import cv2
import numpy as np
import numpy.typing as npt

from scripts.house.measure import BONES, head_length
from scripts.house.render import Figure
from stages.contracts import Plate

#: GrabCut (Rother, Kolmogorov and Blake 2004) is run at this width.
WIDE = 192


def silhouette(picture: Plate, figure: Figure) -> npt.NDArray[np.bool_]:
    """Returns H x W, True where the person is; only the asked skeleton and the kept garment tell where to begin."""
    height, width = picture.shape[:2]
    guess = np.full((height, width), cv2.GC_BGD, np.uint8)
    head = head_length(figure)
    for wide, label in ((1.5, cv2.GC_PR_BGD), (0.45, cv2.GC_PR_FGD), (0.08, cv2.GC_FGD)):
        _bones(guess, figure, max(1, round(wide * head)), int(label))
    guess[figure.mask == 0] = cv2.GC_FGD
    size = (WIDE, round(height * WIDE / width))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    labels = cv2.resize(guess, size, interpolation=cv2.INTER_NEAREST)
    cv2.setRNGSeed(0)
    cv2.grabCut(small, labels, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    person = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    return np.asarray(cv2.resize(person, (width, height), interpolation=cv2.INTER_NEAREST) > 0)


def overlap(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> float:
    """Returns the intersection of two regions over their union."""
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 1.0


def _bones(guess: npt.NDArray[np.uint8], figure: Figure, wide: int, label: int) -> None:
    joints = figure.skeleton
    for start, end in BONES:
        if joints[start, 2] and joints[end, 2]:
            points = np.round(joints[[start, end], :2]).astype(int).tolist()
            cv2.line(guess, points[0], points[1], label, wide)
    ears, neck = joints[16:18, :2].mean(0), joints[1, :2]
    for spot in (ears, 0.5 * (ears + neck)):
        x, y = (int(v) for v in spot)
        cv2.circle(guess, (x, y), max(1, wide // 2), label, -1)
