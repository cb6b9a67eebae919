"""How alike the faces of each casting's pictures are: in one pass over any number of rows, in little memory."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.receipt import Likeness
from stages.likeness import SIDE

Sum = npt.NDArray[np.float64]


@dataclass(slots=True)
class _Casting:
    pictures: int = 0
    colour: Sum = field(default_factory=lambda: np.zeros(3))
    squares: float = 0.0
    pattern: Sum = field(default_factory=lambda: np.zeros(SIDE * SIDE))


class Sameness:
    """Takes faces one after another, by casting."""

    def __init__(self) -> None:
        """Begins with none."""
        self._castings: dict[str, _Casting] = defaultdict(_Casting)

    def add(self, casting: str | None, face: Likeness | None) -> None:
        """Takes one picture's face; None where it shows none."""
        if face is None:
            return
        pattern = np.frombuffer(bytes.fromhex(face.pattern), np.uint8).astype(np.float64)
        pattern -= pattern.mean()
        length = float(np.linalg.norm(pattern))
        if length == 0:
            return
        known = self._castings[casting or "default"]
        known.pictures += 1
        known.colour += face.colour
        known.squares += float(np.square(face.colour).sum())
        known.pattern += pattern / length

    def rows(self) -> list[dict[str, Any]]:
        """Returns for each casting of two pictures or more how far skin colours spread, and how alike patterns are.

        `colour` is the root mean square distance from their mean, in CIELAB; `alike` the mean correlation of all pairs,
        which is 1 for equal faces.
        """
        found = []
        for name, each in sorted(self._castings.items()):
            many = each.pictures
            if many < 2:
                continue
            spread = max(0.0, each.squares / many - float(np.square(each.colour / many).sum()))
            alike = (float(each.pattern @ each.pattern) - many) / (many * (many - 1))
            found.append({"casting": name, "pictures": many, "colour": spread**0.5, "alike": alike})
        return found
