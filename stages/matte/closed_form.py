"""Closed-form matting of the unknown pixels alone, with what is known of each pixel by itself.

Levin, Lischinski, Weiss, A Closed-Form Solution to Natural Image Matting (2008): in every window of 3 x 3 pixels alpha
is a linear function of colour. Each pixel may also bring an alpha of its own and a weight, as in sampling-based matting
(Wang and Cohen, Robust Matting, 2007). The equations are put together and solved over the unknown pixels, so that cost
grows with the outline.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Mask, Matte

Field = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

#: Least variance in colour of a window: pymatting's.
EPSILON = 1e-7
#: The solution is taken when the residual is this share of the first, or after so many steps.
TOLERANCE, STEPS = 3e-4, 2000


def solve(colours: Field, trimap: Mask, guess: Matte, weight: Field | None = None) -> Field:
    """Returns alpha of the unknown pixels (neither 0 nor 255 in `trimap`, H x W), N in scan order.

    `colours` is H x W x 3 in [0, 1]. `guess` is where the solution is begun, H x W; with a `weight`, H x W, it is
    also what each pixel would be by itself: a weight of 1 counts as much as one window's squared error.
    """
    unknown = (trimap != 0) & (trimap != 255)
    count = int(np.count_nonzero(unknown))
    if not count:
        return np.zeros(0, np.float32)
    windows, lines = _windows(colours, unknown)
    place = np.full(unknown.shape, count, dtype=np.int32)  # the last entry stands for all decided pixels
    place[unknown] = np.arange(count, dtype=np.int32)
    neighbours, stencil, right = _equations(unknown, trimap == 255, place, windows, lines)
    start = np.clip(guess[unknown], 0, 1).astype(np.float32)
    if weight is not None:
        own = weight[unknown].astype(np.float32)
        stencil[:, 12] += own
        right += own * start
    return np.clip(_conjugate_gradients(neighbours, stencil, right, start), 0, 1)


def _windows(colours: Field, unknown: Flags) -> tuple[Indices, Field]:
    """Returns the flat places of the M windows that hold an unknown pixel, M x 9, and their forms.

    A form, 9 x 9, takes a window's alphas to their squared error about the best line: M x 9 x 9.
    """
    middles = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8))
    middles[[0, -1]] = 0
    middles[:, [0, -1]] = 0
    windows = np.flatnonzero(middles)[:, None] + _steps(1, unknown.shape[1])
    here = colours.reshape(-1, 3).take(windows, axis=0)
    here -= here.mean(axis=1, keepdims=True)
    # In single precision a window of two colours has no inverse.
    precise = here.astype(np.float64)
    spread = precise.transpose(0, 2, 1) @ precise / 9 + EPSILON / 9 * np.eye(3)
    forms = (precise @ np.linalg.inv(spread)).astype(np.float32) @ here.transpose(0, 2, 1)
    forms += 1
    forms /= np.float32(-9)
    forms += np.eye(9, dtype=np.float32)
    return windows, forms


def _steps(reach: int, width: int) -> Indices:
    """Returns the flat distances to the pixels of a square, in scan order."""
    across = np.arange(-reach, reach + 1)
    return np.add.outer(width * across, across).ravel()


def _equations(
    unknown: Flags, garment: Flags, place: npt.NDArray[np.int32], windows: Indices, lines: Field
) -> tuple[npt.NDArray[np.int32], Field, Field]:
    """Gives, for each unknown pixel, its 5 x 5 neighbours' places and coefficients, N x 25, and the right side, N."""
    count = int(np.count_nonzero(unknown))
    stencil = np.zeros((count + 1, 5, 5), np.float32)
    right = np.zeros(count + 1, np.float32)
    of_garment = np.einsum("mij,mj->mi", lines, garment.ravel().take(windows).astype(np.float32))
    places = place.ravel().take(windows)
    for i in range(9):
        dy, dx = divmod(i, 3)
        at = places[:, i]  # each pixel once: it is the i-th of one window
        stencil[at, 2 - dy : 5 - dy, 2 - dx : 5 - dx] += lines[:, i].reshape(-1, 3, 3)
        right[at] -= of_garment[:, i]
    padded = np.pad(place, 2, constant_values=count)
    inner = np.flatnonzero(np.pad(unknown, 2))
    neighbours = padded.ravel().take(inner[:, None] + _steps(2, padded.shape[1]))
    return neighbours, stencil[:count].reshape(-1, 25), right[:count]


def _conjugate_gradients(neighbours: npt.NDArray[np.int32], stencil: Field, right: Field, start: Field) -> Field:
    """Solves the equations, preconditioned by their diagonal (Saad, Iterative Methods for Sparse Systems, 2003)."""
    found = start.copy()
    step = np.zeros(len(right) + 1, np.float32)

    around = np.empty_like(stencil)

    def applied(values: Field) -> Field:
        step[:-1] = values
        # All places are in range: `clip` spares the check.
        return np.asarray(np.einsum("nk,nk->n", stencil, step.take(neighbours, out=around, mode="clip")))

    scale = 1 / np.maximum(stencil[:, 12], np.float32(1e-6))
    rest = right - applied(found)
    way = scale * rest
    energy = float(rest @ way)
    goal = TOLERANCE**2 * float(right @ (scale * right))
    for _ in range(STEPS):
        if energy <= goal:
            break
        turned = applied(way)
        length = np.float32(energy / max(float(way @ turned), 1e-20))
        found += length * way
        rest -= length * turned
        better = scale * rest
        before, energy = energy, float(rest @ better)
        way = better + np.float32(energy / before) * way
    return found
