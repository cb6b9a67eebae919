"""Where hair grows: roots on the scalp, inside a hairline that is not drawn with a ruler."""

import numpy as np

from stages.figure.hair.head import CENTRE, Floats, Head
from stages.figure.vectors import floats

#: Lowest height of hair above the eyes, as a share of the crown's, by angle from the middle of the face in degrees:
#: forehead, recess of the temple, sideburn, round the ear, nape.
_ANGLES = (0, 12, 24, 34, 42, 50, 58, 66, 73, 79, 86, 96, 106, 114, 122, 132, 145, 160, 180)
_HEIGHTS = (
    0.50, 0.505, 0.515, 0.50, 0.44, 0.30, 0.10, -0.08, -0.16, -0.05, 0.20, 0.24, 0.16, -0.02, -0.22, -0.42, -0.56,
    -0.62, -0.64,
)  # fmt: skip
_MEN = (0.02, 0.03, 0.06, 0.10, 0.08, 0.04, 0.02, 0, -0.04, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
"""How much higher it is on men, whose temples recede."""


def angles(points: Floats) -> Floats:
    """Returns degrees from the middle of the face round the head's axis, 0 to 180, of points N x 3 of its frame."""
    return floats(np.degrees(np.abs(np.arctan2(points[:, 0], -(points[:, 1] - CENTRE[1])))))


def inside(points: Floats, head: Head, man: bool, recession: float, random: np.random.Generator) -> Floats:
    """Returns metres by which points N x 3 on the skin lie above the hairline; below it they are negative.

    `recession` in [0, 1] raises the forehead's line and deepens the temples.
    """
    angle = angles(points)
    line = np.interp(angle, _ANGLES, np.add(_HEIGHTS, np.multiply(_MEN, float(man))))
    line = line + recession * np.interp(angle, (0, 20, 40, 60, 75), (0.16, 0.24, 0.30, 0.12, 0))
    # Slow waves with no symmetry, then a hair's own whim.
    side = np.radians(angle) * np.sign(points[:, 0])
    phases = random.uniform(0, 2 * np.pi, 4)
    waves = sum(np.sin(side * k + phase) / k for k, phase in zip((5, 9, 17, 31), phases, strict=True))
    whim = random.normal(0, 0.0022, len(points)) + 0.0035 * np.asarray(waves)
    return np.asarray(points[:, 2] - head.crown * line + whim, np.float32)


def roots(
    head: Head, count: int, man: bool, recession: float, thinning: float, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Spreads about `count` roots evenly over the scalp; gives them and how far inside the hairline each is (N x 3, N).

    `thinning` in [0, 1] is the share of hairs lost at the crown and towards the forehead.
    """
    # A sunflower's spiral over the sphere, of which the scalp is about 0.45.
    index = np.arange(int(count / 0.45)) + 0.5
    height = 1 - 2 * index / len(index)
    turn = np.pi * (1 + 5**0.5) * index
    across = np.sqrt(1 - height**2)
    directions = np.stack([across * np.cos(turn), across * np.sin(turn), height], -1).astype(np.float32)
    directions += random.normal(0, 0.6 / np.sqrt(len(index)), directions.shape).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    points = CENTRE + directions * head.radius(directions)[:, None]
    within = inside(points, head, man, recession, random)
    # Hair sets in gradually over the first millimetres.
    kept = random.random(len(points)) < np.clip(0.2 + within / 0.007, 0, 1)
    kept &= within > 0
    bare = thinning * np.clip((points[:, 2] / head.crown - 0.5) / 0.35, 0, 1)
    kept &= random.random(len(points)) >= bare
    return points[kept], within[kept]
