"""What one example of the finder's training is, and the labels it carries."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from stages.contracts import Plate

Bytes = npt.NDArray[np.uint8]
Shape = tuple[int, int]

Cloth = Literal[
    "t-shirt", "longsleeve", "shirt", "jacket", "trousers", "shorts", "skirt", "dress", "swim", "shoes", "hat", "bag",
    "jewellery",
]  # fmt: skip
CLOTHS: tuple[Cloth, ...] = get_args(Cloth)
#: Stands for a label that is not known, as torch's cross entropy does.
UNKNOWN = -100
#: The planes of labels, in order; what they leave of 255 is backdrop.
PLANES = ("garment", "inside", "sheer", "holder")


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    photo: Plate
    """H x W x 3 uint8 sRGB."""
    labels: Bytes
    """H x W x 4 uint8, shares of 255 in the order of `PLANES`."""
    parts: bool
    """Whether the planes are told apart; if not, the first holds all of the garment, and whether a holder is seen in
    the rest is not known."""
    masked: bool = True
    """Whether the labels say anything; if not, only what garment it is is known."""
    cloth: int = UNKNOWN
    """Which of `CLOTHS` it is."""
    view: int = UNKNOWN
    kind: int = UNKNOWN
