"""Coverage as editors and models write it: white that ends at 250, black that starts at 4, video range."""

import numpy as np

from stages.contracts import Matte

#: White and black plateaus may lie this far from the ends: soft brushes end at 250, models' mattes spread over 251 to
#: 254, and video range reaches from 16 to 235. What stands between is a grey that somebody meant.
_WHITE, _BLACK = 0.85, 0.1
#: Levels this close to a plateau belong to it (JPEG rings by 8 of 255, models' mattes spread by 5).
_NEAR = 5.5 / 255


def stretched(coverage: Matte) -> Matte | None:
    """Returns coverage, H x W, with its white at 1 and its black at 0; None if it has no white.

    A plateau is the level that most pixels share near its end. Where white ends lower than 0.85, as in a wash of grey,
    nobody can tell what it means.
    """
    counts, edges = np.histogram(coverage, bins=256, range=(0, 1))
    level = (edges[:-1] + edges[1:]) / 2
    high, low = (level >= _WHITE), (level <= _BLACK)
    if not counts[high].any():
        return None
    white = float(level[high][np.argmax(counts[high])])
    black = float(level[low][np.argmax(counts[low])]) if counts[low].any() else 0.0
    if white > 1 - _NEAR and black < _NEAR:
        # Both plateaus are at their ends: what lies between stays as it is.
        return np.asarray(np.where(coverage >= 1 - _NEAR, 1, np.where(coverage <= _NEAR, 0, coverage)), np.float32)
    top, bottom = min(white, 1 - _NEAR) - _NEAR, black + _NEAR
    return np.asarray(np.clip((coverage - bottom) / (top - bottom), 0, 1), np.float32)
