"""Small arithmetic on arrays of single precision, which is what pictures need."""

import numpy as np
import numpy.typing as npt

from stages.figure.records import Floats


def floats(values: npt.ArrayLike) -> Floats:
    """Returns values as an array of single precision."""
    return np.asarray(values, np.float32)


def unit(vectors: npt.ArrayLike) -> Floats:
    """Returns vectors (... x C) scaled to length 1."""
    values = floats(vectors)
    return floats(values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-9))


def smoothstep(start: float, end: float, values: npt.ArrayLike) -> Floats:
    """Returns 0 at `start`, 1 at `end`, and a cubic between them; `end` may be the smaller."""
    share = np.clip((floats(values) - start) / (end - start), 0, 1)
    return floats(share * share * (3 - 2 * share))
