"""How arms and legs are held: the poses that configs/poses can ask for, and what lies between them.

Angles are radians off the vertical, positive outwards; pairs are (left of the picture, right of the picture).
"""

from math import radians

import numpy as np

#: Ways to hold a free arm: share of all, upper arm and forearm in degrees (least, most).
ARMS: dict[str, tuple[float, tuple[float, float], tuple[float, float]]] = {
    "hanging": (0.36, (4, 20), (-4, 14)),
    "open": (0.16, (20, 42), (10, 34)),
    "bent": (0.10, (12, 28), (-32, -6)),
    "on the hip": (0.16, (36, 52), (-62, -40)),
    "in the hair": (0.07, (108, 140), (-140, -105)),
    "raised": (0.06, (110, 160), (130, 176)),
    "waving": (0.05, (55, 85), (140, 176)),
    "stretched": (0.04, (55, 92), (50, 95)),
}

#: Ways to stand: share, then thigh and shank in degrees and how much shorter the shank looks (heads), for both legs.
STANCES = {
    "straight": (0.3, ((-1, 2), (-1, 2), (0, 0)), ((-1, 2), (-1, 2), (0, 0))),
    "weight on one leg": (0.25, ((-3, 0), (-3, 0), (0, 0.03)), ((5, 11), (2, 8), (0.03, 0.1))),
    "walking": (0.2, ((0, 4), (-2, 3), (0, 0)), ((-1, 3), (-8, -2), (0.14, 0.4))),
    "wide": (0.15, ((3, 9), (2, 7), (0, 0)), ((3, 9), (2, 7), (0, 0))),
    "close": (0.1, ((-3, -1), (-3, -1), (0, 0)), ((-4, -1), (-4, -1), (0, 0.1))),
}


def arm_angles(random: np.random.Generator, sleeves: float, spread: float | None) -> list[tuple[float, float]]:
    """Returns (upper arm, forearm) of both arms.

    Long sleeves that are spread hold the whole arm, short ones the upper arm alone. An arm is not raised in a sleeve:
    garments are not photographed so.
    """
    both = random.random() < 0.55
    first = _way(random, sleeves)
    ways = (first, first if both else _way(random, sleeves))
    arms = []
    for way in ways:
        _, upper, fore = ARMS[way]
        angles = (radians(random.uniform(*upper)), radians(random.uniform(*fore)))
        arms.append(angles if spread is None else _in_sleeve(random, spread, sleeves, angles))
    return arms if random.random() < 0.5 else arms[::-1]


def _way(random: np.random.Generator, sleeves: float) -> str:
    names = [name for name, (_, upper, _) in ARMS.items() if sleeves < 0.5 or upper[1] < 60]
    shares = np.array([ARMS[name][0] for name in names])
    return str(random.choice(names, p=shares / shares.sum()))


def _in_sleeve(
    random: np.random.Generator, spread: float, sleeves: float, free: tuple[float, float]
) -> tuple[float, float]:
    upper = spread + random.normal(0, 0.03)
    along = upper * random.uniform(0.75, 1.05) + random.normal(0, 0.04)
    if sleeves > 2.0 or random.random() < 0.4:
        return upper, along
    # A hand reaches the hip only from an arm that is held off far enough.
    return upper, free[1] if upper > 0.5 else max(free[1], -0.35)


def leg_angles(random: np.random.Generator) -> list[tuple[float, float, float]]:
    """Returns (thigh, shank, lift) of both legs; `lift` is by how many heads the shank looks shorter."""
    names = list(STANCES)
    stance = STANCES[str(random.choice(names, p=[STANCES[name][0] for name in names]))]
    legs = []
    for thigh, shank, lift in stance[1:]:
        legs.append((radians(random.uniform(*thigh)), radians(random.uniform(*shank)), random.uniform(*lift)))
    return legs if random.random() < 0.5 else legs[::-1]
