"""What stages do with arrays alike."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Field = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

#: The most that a matte is which is not wholly opaque.
BELOW_ONE = np.nextafter(np.float32(1), np.float32(0))


def nearest(flags: Flags, at: tuple[Indices, Indices] | Flags | None = None) -> tuple[Field, Indices]:
    """Returns for each pixel how far it is to the nearest flagged one, and the flat index of that one in the picture.

    `flags` is H x W, with one flagged pixel at least; both answers are H x W, or those of the pixels `at`. Distances
    are Euclidean within 2 % (cv2.distanceTransform, 5 x 5).
    """
    away, labels = cv2.distanceTransformWithLabels(
        (~flags).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    places = np.zeros(int(labels.max()) + 1, np.intp)
    places[labels[flags]] = np.flatnonzero(flags)
    return (away, places[labels]) if at is None else (away[at], places[labels[at]])


def lengths(vectors: npt.NDArray[np.float32]) -> Field:
    """Returns the Euclidean lengths of vectors along the last axis: those of colours in an eighth of the time that
    `np.linalg.norm` takes, whose sums along so short an axis are slow.
    """
    squares = np.square(vectors[..., 0])
    for part in range(1, vectors.shape[-1]):
        squares += np.square(vectors[..., part])
    return np.asarray(np.sqrt(squares), np.float32)


def around(flags: Flags, margin: int) -> tuple[slice, slice]:
    """Returns the rows and columns of the flagged pixels and of `margin` more on all sides, within the picture."""
    x, y, w, h = cv2.boundingRect(flags.astype(np.uint8))
    return slice(max(0, y - margin), y + h + margin), slice(max(0, x - margin), x + w + margin)


def resized(picture: npt.NDArray[Any], size: tuple[int, int], how: int) -> npt.NDArray[Any]:
    """Returns a picture at a size (width, height); itself where it has that."""
    return picture if picture.shape[1::-1] == size else np.asarray(cv2.resize(picture, size, interpolation=how))
