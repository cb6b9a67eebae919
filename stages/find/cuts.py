"""Smallest cuts by convex relaxation: a two-label segmentation whose outline follows edges."""

import cv2
import numpy as np

from stages.arrays import Field, Flags
from stages.find.evidence import widened

#: What lies at the frame goes on for so many pixels beyond it: a strip of backdrop there is not as cheap as it is thin.
BEYOND = 16
#: A level takes up again what a coarser one left this far from 0 and 1, and what lies in a square of so many
#: pixels around it.
SETTLED, AROUND = 0.02, 5


def minimal_cut(evidence: Field, stiffness: Field, steps: int = 120) -> Field:
    """Returns u in [0, 1], H x W, that minimises sum(stiffness * |grad u|) - sum(evidence * u).

    `evidence` > 0 speaks for label 1; `stiffness` is the price of an outline through a pixel, low on edges. The
    minimum thresholded at 0.5 is a global minimum of the binary problem (Chan, Esedoglu, Nikolova 2006); solved from
    coarse to fine, on each finer level where evidence or the coarser one leaves it open.
    """
    wider = [np.pad(each, BEYOND, mode="edge") for each in (evidence, stiffness)]
    return _relaxed(wider[0], wider[1], steps)[BEYOND:-BEYOND, BEYOND:-BEYOND]


def _relaxed(evidence: Field, stiffness: Field, steps: int) -> Field:
    size = evidence.shape[::-1]
    if min(size) < 64:
        return _solved((evidence > 0).astype(np.float32), evidence, stiffness, np.ones(evidence.shape, bool), steps)
    half = (size[0] // 2, size[1] // 2)
    # Sums over 2 x 2 pixels of evidence against outlines half as long: the balance at half the size.
    coarse = _relaxed(
        2 * cv2.resize(evidence, half, interpolation=cv2.INTER_AREA),
        cv2.resize(stiffness, half, interpolation=cv2.INTER_AREA),
        steps,
    )
    u = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR), np.float32)
    open_ = (np.abs(u - 0.5) < 0.5 - SETTLED) | ((u > 0.5) != (evidence > 0))
    return _solved(u, evidence, stiffness, widened(open_, AROUND), max(30, steps // 3))


def _solved(start: Field, evidence: Field, stiffness: Field, free: Flags, steps: int) -> Field:
    """Returns what costs least, H x W, where its `free` pixels begin at `start` and all others stay there.

    By the primal-dual method of Chambolle and Pock (2011) with steps 1/sqrt(8), on a list of N pixels.
    """
    listed = widened(free, 3)
    n = int(np.count_nonzero(listed))
    # Where each listed pixel stands in the list; N where none is.
    index = np.full((free.shape[0] + 2, free.shape[1] + 2), n, np.int32)
    index[1:-1, 1:-1][listed] = np.arange(n, dtype=np.int32)
    right, below, left, above = (
        np.roll(index, shift, axis)[1:-1, 1:-1][listed] for shift, axis in ((-1, 1), (-1, 0), (1, 1), (1, 0))
    )
    own = np.arange(n, dtype=np.int32)
    right, below = (np.where(each == n, own, each) for each in (right, below))
    step = np.float32(1 / np.sqrt(8))
    u, give = start[listed], 1 / stiffness[listed]
    pull, moves = step * evidence[listed], np.where(free[listed], step, np.float32(0))
    pull[moves == 0] = 0
    across, down = np.zeros(n + 1, np.float32), np.zeros(n + 1, np.float32)
    ahead, shrink, change = step * u, np.empty_like(u), np.empty_like(u)
    for _ in range(steps):
        for dual, beside in ((across, right), (down, below)):
            np.take(ahead, beside, out=change)
            change -= ahead
            dual[:n] += change
        np.multiply(across[:n], across[:n], out=shrink)
        np.multiply(down[:n], down[:n], out=change)
        shrink += change
        np.sqrt(shrink, out=shrink)
        shrink *= give
        np.maximum(shrink, 1, out=shrink)
        across[:n] /= shrink
        down[:n] /= shrink
        divergence = across[:n] + down[:n]
        divergence -= np.take(across, left, out=change)
        divergence -= np.take(down, above, out=change)
        divergence *= moves
        divergence += pull
        divergence += u
        np.clip(divergence, 0, 1, out=divergence)
        # Where it goes on to: 2 u - the u before, in steps.
        np.multiply(divergence, 2, out=ahead)
        ahead -= u
        ahead *= step
        u = divergence
    found = start.copy()
    found[listed] = u
    return found
