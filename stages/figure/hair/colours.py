"""Natural colours of hair."""

from dataclasses import dataclass

import numpy as np

from stages.figure.records import Bytes
from stages.figure.vectors import floats

RGBTuple = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour of hair, sRGB."""

    root: RGBTuple
    tip: RGBTuple
    spread: float = 0.10
    """Standard deviation of lightness between hairs, as a share of it."""
    white: float = 0.0
    """Share of hairs that have lost their colour."""


#: By the words of a casting. Middles after the Fischer-Saller scale's samples, A (light blond) to Y (black).
SHADES: dict[str, Shade] = {
    "black": Shade((26, 22, 21), (34, 28, 26)),
    "dark brown": Shade((46, 32, 24), (64, 45, 34)),
    "brown": Shade((72, 49, 34), (98, 68, 47)),
    "light brown": Shade((104, 76, 52), (134, 101, 70)),
    "chestnut": Shade((84, 47, 30), (118, 70, 45)),
    "auburn": Shade((92, 40, 25), (122, 58, 36)),
    "red": Shade((138, 66, 33), (170, 92, 50)),
    "strawberry blonde": Shade((172, 116, 70), (206, 152, 102)),
    "dark blonde": Shade((122, 96, 64), (164, 132, 91)),
    "blonde": Shade((150, 120, 82), (202, 172, 128)),
    "light blonde": Shade((198, 172, 134), (230, 210, 176)),
    "salt and pepper": Shade((56, 52, 50), (70, 66, 64), white=0.42),
    "grey": Shade((112, 110, 108), (136, 134, 132), 0.14, white=0.30),
    "silver": Shade((158, 158, 160), (186, 187, 190), 0.08, white=0.35),
    "white": Shade((204, 202, 198), (226, 224, 220), 0.05),
}
_WHITE = np.array([206, 205, 202], np.float32)


def shade(words: str) -> Shade:
    """Reads the words of a casting, such as "dark brown"; of words that are not known together, the last ones."""
    plain = " ".join(
        words.lower().replace("gray", "grey").replace("blonde", "blond").replace("blond", "blonde").split()
    )
    for candidate in (plain, *(" ".join(plain.split()[first:]) for first in range(1, len(plain.split())))):
        if candidate in SHADES:
            return SHADES[candidate]
    return SHADES["dark brown"]


def darker(chosen: Shade, root: float, tip: float, spread: float, white: float) -> Shade:
    """Returns a shade with both ends the root's colour times a factor."""
    red, green, blue = chosen.root
    ends = [(int(f * red), int(f * green), int(f * blue)) for f in (root, tip)]
    return Shade(ends[0], ends[1], spread, white)


def paint(chosen: Shade, clumps: np.ndarray, along: np.ndarray, random: np.random.Generator) -> Bytes:
    """Colours S hairs: `clumps` says which S belong together, `along` in [0, 1] how near the tips they are."""
    of_clump = random.normal(0, 0.7 * chosen.spread, int(clumps.max(initial=0)) + 1)[clumps]
    of_hair = random.normal(0, chosen.spread, len(clumps))
    bleached = random.random(len(clumps)) < chosen.white
    root, tip = floats(chosen.root), floats(chosen.tip)
    colours = root + (tip - root) * along[:, None]
    colours = np.where(bleached[:, None], _WHITE, colours)
    return np.asarray(np.clip(colours * np.exp(of_clump + of_hair)[:, None], 0, 245), np.uint8)
