"""Automatic prompts for promptable segmenters, and their answers made one with what the finder found.

A promptable model knows what belongs together, the finder where the outline runs: the model is asked with the box of
what the finder found, points deep inside it and points in the backdrop, and with what the user says. Of its masks the
one is taken that it rates best and that agrees best, with the finder's outline wherever the two nearly agree.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Mask, Matte, ModelCard, Plate, Prompts
from stages.find import finder, steer
from stages.options import SegmentOptions

#: Points inside the garment, and in the backdrop.
POINTS, NEGATIVES = 5, 4
#: Masks are about 256 px wide: nearer than this share of the longer side to its outline the finder's is finer.
OUTLINE = 0.012

Flags = npt.NDArray[np.bool_]
Field = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]
Predict = Callable[[Plate, Field, list[tuple[Field, Labels]]], tuple[list[Field], list[float]]]
"""Takes a picture, a box (x0, y0, x1, y1) and sets of points (N x 2) with labels (1 garment, 0 not); gives masks as
logits, each H x W, with the quality that the model predicts for each."""


class Prompted:
    """A segmenter that asks a promptable model."""

    def __init__(self, name: str, card: ModelCard, predict: Predict) -> None:
        """Takes what asks the model."""
        self.name = name
        self.card = card
        self._predict = predict
        self._finder = finder.load(SegmentOptions())

    def __call__(self, picture: Plate) -> Matte:
        """Returns the probability of garment, H x W float32, of an H x W x 3 uint8 sRGB picture."""
        return self.prompted(picture, Prompts())

    def prompted(self, picture: Plate, prompts: Prompts) -> Matte:
        """Returns the same for a picture of which the user said where the garment is."""
        guess = self._finder(picture)
        if prompts:
            guess = steer.correct(picture, guess, prompts)
        found = guess > 0.5
        box = np.array(prompts.box, dtype=np.float32) if prompts.box is not None else prompt_box(found)
        points, labels = with_users(*prompt_points(found), prompts)
        sets = [(points, labels), (points[labels > 0], labels[labels > 0])]
        masks, qualities = self._predict(picture, box, sets)
        logits = masks[choose(masks, qualities, found)]
        return merge((1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32), found)


def with_users(points: Field, labels: Labels, prompts: Prompts) -> tuple[Field, Labels]:
    """Adds the user's points to the automatic ones."""
    own = [*prompts.inside, *prompts.outside]
    if not own:
        return points, labels
    told = np.array([1] * len(prompts.inside) + [0] * len(prompts.outside), dtype=np.int32)
    return np.concatenate([points, np.array(own, dtype=np.float32)]), np.concatenate([labels, told])


def prompt_box(guess: Flags) -> npt.NDArray[np.float32]:
    """Returns the box (x0, y0, x1, y1) around a guess, 1 % of the longer side wider; the whole picture without one."""
    height, width = guess.shape
    if not guess.any():
        return np.array([0, 0, width, height], dtype=np.float32)
    x, y, w, h = cv2.boundingRect(guess.astype(np.uint8))
    pad = 0.01 * max(height, width)
    box = [max(0, x - pad), max(0, y - pad), min(width, x + w + pad), min(height, y + h + pad)]
    return np.array(box, dtype=np.float32)


def prompt_points(guess: Flags) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """Returns N x 2 points (x, y) and their labels: 1 deep inside the guess, 0 in the backdrop inside its box.

    Holes and gaps, being backdrop inside the box, get their points too. Without a guess: the middle.
    """
    height, width = guess.shape
    if not guess.any():
        return np.array([[width / 2, height / 2]], dtype=np.float32), np.array([1], dtype=np.int32)
    x0, y0, x1, y1 = (int(v) for v in prompt_box(guess))
    boxed = np.zeros_like(guess)
    boxed[y0:y1, x0:x1] = True
    inside, outside = _deepest(guess, POINTS), _deepest(boxed & ~guess, NEGATIVES)
    labels = [1] * len(inside) + [0] * len(outside)
    return np.array(inside + outside, dtype=np.float32), np.array(labels, dtype=np.int32)


def _deepest(region: Flags, count: int) -> list[tuple[float, float]]:
    """Returns up to `count` points far from the region's edge and from each other."""
    framed = cv2.copyMakeBorder(region.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1].copy()
    points: list[tuple[float, float]] = []
    for _ in range(count):
        _, deep, _, (x, y) = cv2.minMaxLoc(depth)
        if deep < 3:
            break
        points.append((float(x), float(y)))
        cv2.circle(depth, (x, y), round(1.5 * deep), 0.0, -1)
    return points


def choose(masks: list[npt.NDArray[np.float32]], qualities: list[float], guess: Flags) -> int:
    """Returns the index of the mask (logits, H x W) with the best sum of predicted IoU and IoU with the guess."""
    scores = []
    for logits, quality in zip(masks, qualities, strict=True):
        mask = logits > 0
        union = max(1, int(np.count_nonzero(mask | guess)))
        scores.append(float(quality) + int(np.count_nonzero(mask & guess)) / union)
    return int(np.argmax(scores))


def merge(probability: Matte, guess: Flags) -> Matte:
    """Returns SAM's probability with the guess's outline where the two outlines nearly agree, and the guess's holes."""
    mask = (probability > 0.5).astype(np.uint8)
    reach = OUTLINE * max(guess.shape)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5)
    near = np.maximum(inside, outside) <= reach
    merged = np.where(near, guess.astype(np.float32), probability)
    return np.asarray(np.where(_holes(guess), 0, merged), dtype=np.float32)


def _holes(guess: Flags) -> Flags:
    """Tells the backdrop that a guess encloses."""
    free: Mask = np.pad((~guess).astype(np.uint8), 1, constant_values=1)
    cv2.floodFill(free, None, (0, 0), 0)
    return np.asarray(free[1:-1, 1:-1] > 0, dtype=bool)
