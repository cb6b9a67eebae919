"""Bars and frames around a picture, as screenshots, shop templates and album apps put them: they are no garment."""

import cv2
import numpy as np

from stages.contracts import Plate

#: A bar's outermost row is even to so many levels of 255, and what is within differs from it by more than this: of a
#: frame nearly like the picture, and of one unlike it, beside which compression rings.
STEPS = (10, 16), (30, 60)
#: What is within a frame fills this share of each of its sides, where a garment on a plain backdrop fills some of one.
#: None of 22 studio photos and 341 sellers' photos has anything that is taken for a frame.
FILLED = 0.9
#: Rows and columns with less than this share of other pixels belong to the frame.
STRAY = 0.02
#: A bar has at least so many rows, and what is within is at least this share of the picture.
LEAST, LEAVES = 3, 0.3


def inner(picture: Plate) -> tuple[int, int, int, int]:
    """Returns rows and columns (top, bottom, left, right; ends exclusive) of the picture within bars and frames.

    What is within is a rectangle that a frame of one colour, or bars at some sides, end at in straight steps.
    `picture` is H x W x 3 uint8.
    """
    top, bottom, left, right = 0, picture.shape[0], 0, picture.shape[1]
    # Frames have frames.
    for _ in range(3):
        part = picture[top:bottom, left:right]
        found = _within(part)
        if found is None:
            break
        top, bottom, left, right = top + found[0], top + found[1], left + found[2], left + found[3]
    return top, bottom, left, right


def _within(picture: Plate) -> tuple[int, int, int, int] | None:
    height, width = picture.shape[:2]
    tried: set[bytes] = set()
    for line in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        colour = np.median(line, axis=0).astype(np.uint8)
        uneven = int(cv2.absdiff(line[None], np.full_like(line[None], colour)).max())
        if uneven > STEPS[-1][0] or colour.tobytes() in tried:
            continue
        tried.add(colour.tobytes())
        for even, step in STEPS:
            if uneven > even:
                continue
            low, high = (tuple((colour.astype(int) + way * step).tolist()) for way in (-1, 1))
            other = cv2.inRange(picture, low, high) == 0
            rows = np.flatnonzero(other.mean(axis=1) > STRAY)
            columns = np.flatnonzero(other.mean(axis=0) > STRAY)
            if not (len(rows) and len(columns)):
                continue
            box = _settled(other, int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
            bars = box[0], height - box[1], box[2], width - box[3]
            large = (box[1] - box[0]) * (box[3] - box[2]) >= LEAVES * height * width
            if large and max(bars) >= LEAST and _is_filled(other, box):
                return box
    return None


def _settled(other: np.ndarray, top: int, bottom: int, left: int, right: int) -> tuple[int, int, int, int]:
    """Moves each side that is no side of the picture in by the two pixels over which a step is blurred."""
    height, width = other.shape
    return top + 2 * (top > 0), bottom - 2 * (bottom < height), left + 2 * (left > 0), right - 2 * (right < width)


def _is_filled(other: np.ndarray, box: tuple[int, int, int, int]) -> bool:
    """Whether what is within begins along the whole of each side at which there is a bar."""
    top, bottom, left, right = box
    height, width = other.shape
    sides = [
        (top > 0, other[top, left:right]),
        (bottom < height, other[bottom - 1, left:right]),
        (left > 0, other[top:bottom, left]),
        (right < width, other[top:bottom, right - 1]),
    ]
    return all(side.mean() > FILLED for there, side in sides if there)
