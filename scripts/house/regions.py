"""What a picture keeps: the garment, the whole subject, a part of the frame, or all but some regions.

The pipeline asks a model for the first; background swaps keep the subject, outpainting keeps a frame, and repairs
keep all but a region. Masks here are 255 = generate, 0 = keep.
"""

from typing import Literal

import cv2
import numpy as np

from stages.contracts import Mask

Keeps = Literal["garment", "subject", "frame", "rest"]

#: Shares of all training figures.
SHARES: dict[Keeps, float] = {"garment": 0.70, "subject": 0.12, "frame": 0.08, "rest": 0.10}


def sample_keeps(random: np.random.Generator) -> Keeps:
    kinds = list(SHARES)
    return kinds[int(random.choice(len(kinds), p=list(SHARES.values())))]


def mask_of(random: np.random.Generator, keeps: Keeps, garment: Mask, person: Mask) -> Mask:
    """Returns the H x W mask of a figure whose `garment` and `person` are 255 where they cover the picture."""
    if keeps == "garment":
        return _inside(garment)
    if keeps == "subject":
        return _inside(person)
    if keeps == "frame":
        return _frame(random, *person.shape)
    return _holes(random, *person.shape)


def _inside(cover: Mask) -> Mask:
    """Keeps a shape but for its outermost pixel, which backdrop has coloured."""
    kept = cv2.erode((cover > 242).astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1)
    return np.asarray(255 * (1 - kept), np.uint8)


def _frame(random: np.random.Generator, height: int, width: int) -> Mask:
    """Keeps a rectangle of 40 to 90 % of each side anywhere in the picture."""
    mask = np.full((height, width), 255, np.uint8)
    h, w = (round(side * random.uniform(0.4, 0.9)) for side in (height, width))
    y, x = int(random.integers(0, height - h + 1)), int(random.integers(0, width - w + 1))
    mask[y : y + h, x : x + w] = 0
    return mask


def _holes(random: np.random.Generator, height: int, width: int) -> Mask:
    """Opens one to four boxes and blobs."""
    mask = np.zeros((height, width), np.uint8)
    for _ in range(random.integers(1, 5)):
        centre = random.uniform(0.1, 0.9, 2) * (width, height)
        size = random.uniform(0.1, 0.35, 2) * (width, width)
        if random.random() < 0.5:
            (x0, y0), (x1, y1) = (centre - size).astype(int), (centre + size).astype(int)
            cv2.rectangle(mask, (int(x0), int(y0)), (int(x1), int(y1)), 255, -1)
        else:
            turns = np.linspace(0, 2 * np.pi, 12, endpoint=False)
            reach = size * random.uniform(0.5, 1.0, (12, 1))
            blob = centre + reach * np.stack([np.cos(turns), np.sin(turns)], 1)
            cv2.fillPoly(mask, [blob.astype(np.int32)], 255)
    return mask
