"""A face of its own for each casting: local shapes of the head, drawn from a seed."""

import numpy as np

#: How far each shape strays either way (standard deviation; 1 is the most that it is modelled for). Looked at over
#: many seeds: about twice as much makes caricatures. Names that begin with l- stand for both sides alike.
SPREAD = {
    "head-fat": 0.22, "head-scale-horiz": 0.10, "head-scale-vert": 0.05, "head-angle": 0.12,
    "forehead-temple": 0.25, "forehead-scale-vert": 0.1, "forehead-nubian": 0.1, "forehead-trans": 0.15,
    "chin-width": 0.22, "chin-height": 0.22, "chin-prominent": 0.2, "chin-bones": 0.22, "chin-jaw-drop": 0.18,
    "chin-cleft": 0.15,
    "l-cheek-bones": 0.3, "l-cheek-volume": 0.22, "l-cheek-inner": 0.2, "l-cheek-trans": 0.15,
    "nose-scale-vert": 0.25, "nose-scale-horiz": 0.22, "nose-scale-depth": 0.25, "nose-hump": 0.2, "nose-volume": 0.18,
    "nose-width1": 0.2, "nose-width2": 0.2, "nose-width3": 0.2, "nose-point": 0.25, "nose-base": 0.2,
    "nose-greek": 0.15, "nose-curve": 0.2, "nose-flaring": 0.15, "nose-trans-up": 0.12,
    "mouth-scale-horiz": 0.22, "mouth-upperlip-height": 0.25, "mouth-lowerlip-height": 0.22,
    "mouth-upperlip-volume": 0.25, "mouth-lowerlip-volume": 0.25, "mouth-cupidsbow": 0.3, "mouth-trans-up": 0.15,
    "l-eye-scale": 0.18, "l-eye-height2": 0.2, "l-eye-corner1": 0.22, "l-eye-corner2": 0.18, "l-eye-trans-out": 0.15,
    "l-eye-eyefold": 0.2, "l-eye-bag": 0.15, "eyebrows-trans-up": 0.2, "eyebrows-angle": 0.25,
    "l-ear-scale": 0.2, "l-ear-wing": 0.15, "neck-scale-horiz": 0.1,
}  # fmt: skip
MOST = 0.5
#: Where women's faces stray from: the body model's own young woman has a heavy jaw.
WOMAN = {
    "chin-width": -0.18, "chin-bones": -0.15, "chin-prominent": -0.08, "head-scale-horiz": -0.05, "nose-volume": -0.1,
    "mouth-lowerlip-volume": 0.15, "mouth-upperlip-volume": 0.15, "l-eye-scale": 0.1, "neck-scale-horiz": -0.1,
}  # fmt: skip

#: Faces at rest look stern: a trace of a smile, by ARKit's names.
SMILE = {"mouthSmile": 0.16, "mouthDimple": 0.1, "cheekSquint": 0.12}


def face(seed: int, woman: bool) -> tuple[dict[str, float], dict[str, float]]:
    """Returns the local shapes and the facial actions of the face with that seed; the same seed is the same face."""
    random = np.random.default_rng([seed, 7919])
    local: dict[str, float] = {}
    for name, spread in SPREAD.items():
        amount = float(np.clip(random.normal(woman * WOMAN.get(name, 0.0), spread), -MOST, MOST))
        local[name] = amount
        if name.startswith("l-"):
            # No face is quite even.
            local["r" + name[1:]] = amount + float(random.normal(0, 0.03))
    much = float(random.uniform(0.6, 1.5))
    smile = {f"{name}{side}": much * amount for name, amount in SMILE.items() for side in ("Left", "Right")}
    return local, smile
