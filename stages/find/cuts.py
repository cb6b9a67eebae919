"""Smallest cuts by convex relaxation: a two-label segmentation whose outline follows edges."""

import cv2
import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]

#: What lies at the frame goes on for so many pixels beyond it: a strip of backdrop there is not as cheap as it is thin.
BEYOND = 16


def minimal_cut(evidence: Field, stiffness: Field, steps: int = 120, *, rough: bool = False) -> Field:
    """Returns u in [0, 1], H x W, that minimises sum(stiffness * |grad u|) - sum(evidence * u).

    `evidence` > 0 speaks for label 1; `stiffness` is the price of an outline through a pixel, low on edges. The
    minimum thresholded at 0.5 is a global minimum of the binary problem (Chan, Esedoglu, Nikolova 2006); solved by
    the primal-dual method of Chambolle and Pock (2011) with steps 1/sqrt(8). `rough` leaves it at half the size.
    """
    wider = [np.pad(each, BEYOND, mode="edge") for each in (evidence, stiffness)]
    return _relaxed(wider[0], wider[1], steps, rough)[BEYOND:-BEYOND, BEYOND:-BEYOND]


def _relaxed(evidence: Field, stiffness: Field, steps: int, rough: bool = False) -> Field:
    size = evidence.shape[::-1]
    if min(size) >= 64:
        half = (size[0] // 2, size[1] // 2)
        # Sums over 2 x 2 pixels of evidence against outlines half as long: the balance at half the size.
        coarse = _relaxed(
            2 * cv2.resize(evidence, half, interpolation=cv2.INTER_AREA),
            cv2.resize(stiffness, half, interpolation=cv2.INTER_AREA),
            steps,
        )
        u = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR), np.float32)
        if rough:
            return u
        steps = max(30, steps // 3)
    else:
        u = (evidence > 0).astype(np.float32)
    step = np.float32(1 / np.sqrt(8))
    pull, give = step * evidence, 1 / stiffness
    across, down, part = np.zeros_like(u), np.zeros_like(u), np.empty_like(u)
    ahead = step * u
    for _ in range(steps):
        across[:, :-1] += np.subtract(ahead[:, 1:], ahead[:, :-1], out=part[:, :-1])
        down[:-1] += np.subtract(ahead[1:], ahead[:-1], out=part[:-1])
        shrink = cv2.multiply(cv2.magnitude(across, down, part), give, dst=part)
        np.maximum(shrink, 1, out=shrink)
        np.divide(across, shrink, out=across)
        np.divide(down, shrink, out=down)
        divergence = np.add(across, down, out=part)
        divergence[:, 1:] -= across[:, :-1]
        divergence[1:] -= down[:-1]
        divergence *= step
        divergence += pull
        divergence += u
        np.clip(divergence, 0, 1, out=divergence)
        # Where it goes on to: 2 u - the u before, in steps.
        np.multiply(divergence, 2, out=ahead)
        ahead -= u
        ahead *= step
        u, part = divergence, u
    return u
