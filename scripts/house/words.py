"""The vocabulary of the training figures: what a caption may say, and what the renderer draws for it."""

from dataclasses import dataclass
from itertools import product

RGBTuple = tuple[int, int, int]

#: Centres of the ten Monk Skin Tones, sRGB (skintone.google, CC BY 4.0).
SKIN: tuple[RGBTuple, ...] = (
    (246, 237, 228), (243, 231, 219), (247, 234, 208), (234, 218, 186), (215, 189, 150),
    (160, 126, 86), (130, 92, 67), (96, 65, 52), (58, 49, 42), (41, 36, 32),
)  # fmt: skip

HAIR_COLOURS: dict[str, RGBTuple] = {
    "black": (34, 30, 30), "dark brown": (62, 44, 34), "brown": (96, 66, 44), "chestnut": (116, 68, 42),
    "red": (148, 74, 38), "blonde": (206, 170, 112), "light blonde": (228, 204, 158), "grey": (158, 156, 154),
}  # fmt: skip

HAIR_STYLES = (
    "long straight", "long wavy", "shoulder-length", "bob", "short", "cropped", "ponytail", "bun", "curly", "afro",
)  # fmt: skip

CLOTH_COLOURS: dict[str, RGBTuple] = {
    "black": (38, 38, 42), "white": (238, 238, 236), "grey": (142, 144, 148), "beige": (206, 188, 160),
    "brown": (110, 78, 56), "navy": (42, 50, 84), "blue": (62, 96, 158), "light blue": (150, 184, 214),
    "green": (72, 112, 78), "olive": (110, 108, 66), "red": (168, 46, 46), "pink": (226, 168, 178),
}  # fmt: skip

BOTTOMS = ("trousers", "jeans", "shorts", "skirt")
TOPS = ("t-shirt", "shirt", "jumper", "vest top")
SHOES = ("shoes", "trainers", "boots", "sandals")
SHOE_COLOURS = ("white", "black", "brown", "beige", "red")


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of clothing in words and in colour."""

    words: str
    kind: str
    colour: RGBTuple


def item(words: str) -> Item:
    """Reads the words of a casting, such as "a light blue t-shirt" or "white shoes".

    Raises KeyError if kind or colour is not in the vocabulary.
    """
    bare = words.removeprefix("a pair of ").removeprefix("a ")
    for kind in (*BOTTOMS, *TOPS, *SHOES):
        if bare.endswith(" " + kind):
            return Item(words, kind, CLOTH_COLOURS[bare.removesuffix(" " + kind)])
    raise KeyError(words)


def all_items() -> list[str]:
    """Returns every bottom, top and pair of shoes in words."""
    bottoms = [f"{'a ' if kind == 'skirt' else ''}{colour} {kind}" for colour, kind in product(CLOTH_COLOURS, BOTTOMS)]
    tops = [f"a {colour} {kind}" for colour, kind in product(CLOTH_COLOURS, TOPS)]
    return bottoms + tops + [f"{colour} {kind}" for colour, kind in product(SHOE_COLOURS, SHOES)]
