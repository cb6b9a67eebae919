"""Bars and frames around a picture, as screenshots, shop templates and album apps put them: they are no garment."""

import cv2
import numpy as np

from stages.contracts import Plate

#: Levels of 255 by which a bar's pixels may differ from its colour: compression beside it rings by so much.
EVEN = 10
#: A bar ends in a step of more than this, in levels, along more than this share of its length. The edge of a garment
#: on its own backdrop is not as long: the widest of 22 studio photos spans 0.86 of the frame, at no single row more
#: than 0.6.
STEP, ALONG = 16, 0.8
#: A bar has at least so many rows, and leaves at least this share of the picture.
LEAST, LEAVES = 3, 0.3


def inner(picture: Plate) -> tuple[int, int, int, int]:
    """Gives rows and columns (top, bottom, left, right; ends exclusive) of the picture within bars and frames.

    A bar is of one colour from end to end and ends in a straight step. `picture` is H x W x 3 uint8.
    """
    height, width = picture.shape[:2]
    top, bottom, left, right = 0, height, 0, width
    # Frames have frames, and bars at the sides begin below those at the top: until nothing more is found.
    for _ in range(3):
        before = top, bottom, left, right
        part = picture[top:bottom, left:right]
        top += _bar(part)
        bottom -= _bar(part[::-1])
        part = picture[top:bottom, left:right].transpose(1, 0, 2)
        left += _bar(part)
        right -= _bar(part[::-1])
        if (top, bottom, left, right) == before:
            break
    if (bottom - top) * (right - left) < LEAVES * height * width:
        return 0, height, 0, width
    return top, bottom, left, right


def _bar(rows: Plate) -> int:
    """Gives how many rows the bar has that the picture begins with; 0 without one."""
    if min(rows.shape[:2]) < 16:
        return 0
    colour = np.median(rows[0], axis=0)
    # Rows are looked at until the first that is not even: most pictures have none that is.
    reach = rows[: rows.shape[0] // 2]
    off = np.abs(reach.astype(np.int16) - colour.astype(np.int16)).max(axis=2)
    uneven = np.flatnonzero((off > EVEN).any(axis=1))
    count = int(uneven[0]) if len(uneven) else 0
    if count < LEAST:
        return 0
    # The step is blurred and rings: it is looked for over some rows.
    beyond = cv2.blur(off[count : count + 6].max(axis=0).astype(np.float32)[None], (5, 1))[0]
    return count + 2 if (beyond > STEP).mean() > ALONG else 0
