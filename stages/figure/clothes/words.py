"""What the words of a casting ask for: kinds of clothes and their colours."""

from dataclasses import dataclass
from typing import Literal

RGBTuple = tuple[int, int, int]

#: Dyed cloth, sRGB, as it looks lit: black cloth gives back about 3 % of light and white cloth about 85 %.
COLOURS: dict[str, RGBTuple] = {
    "black": (40, 40, 43), "charcoal": (62, 64, 68), "dark grey": (84, 86, 90), "grey": (142, 144, 147),
    "light grey": (188, 189, 191), "white": (234, 233, 230), "off-white": (232, 226, 213), "cream": (232, 222, 200),
    "beige": (204, 187, 160), "camel": (182, 142, 96), "tan": (178, 138, 98), "brown": (104, 74, 54),
    "dark brown": (68, 50, 40), "navy": (42, 49, 78), "dark blue": (44, 58, 92), "blue": (66, 98, 156),
    "light blue": (152, 184, 212), "sky blue": (146, 186, 220), "teal": (44, 108, 112), "green": (70, 110, 78),
    "dark green": (46, 70, 56), "olive": (106, 104, 68), "khaki": (158, 146, 112), "yellow": (222, 186, 84),
    "mustard": (192, 148, 58), "orange": (208, 118, 58), "rust": (158, 84, 52), "red": (164, 46, 48),
    "burgundy": (96, 36, 48), "pink": (222, 166, 176), "purple": (104, 74, 126), "lilac": (186, 170, 206),
}  # fmt: skip

#: Of denim the same words mean other colours: indigo, washed or not.
DENIM: dict[str, RGBTuple] = {
    "blue": (74, 96, 132), "light blue": (138, 162, 190), "dark blue": (48, 60, 88), "navy": (44, 52, 76),
    "black": (46, 46, 50), "grey": (120, 122, 126), "white": (226, 225, 220),
}  # fmt: skip

Bottom = Literal["trousers", "jeans", "shorts", "skirt", "leggings"]
Top = Literal["t-shirt", "vest top", "shirt", "jumper"]
Shoe = Literal["trainers", "shoes", "boots", "sandals", "bare feet"]

_KINDS: dict[str, str] = {
    "trousers": "trousers", "pants": "trousers", "chinos": "trousers", "slacks": "trousers", "jeans": "jeans",
    "denims": "jeans", "shorts": "shorts", "skirt": "skirt", "leggings": "leggings",
    "t-shirt": "t-shirt", "tshirt": "t-shirt", "tee": "t-shirt", "vest": "vest top", "vest top": "vest top",
    "tank": "vest top", "tank top": "vest top", "camisole": "vest top", "shirt": "shirt", "blouse": "shirt",
    "jumper": "jumper", "sweater": "jumper", "pullover": "jumper", "sweatshirt": "jumper", "turtleneck": "jumper",
    "trainers": "trainers", "sneakers": "trainers", "shoes": "shoes", "loafers": "shoes", "flats": "shoes",
    "heels": "shoes", "boots": "boots", "sandals": "sandals", "bare feet": "bare feet", "barefoot": "bare feet",
    "no shoes": "bare feet",
}  # fmt: skip

_TOPS = ("t-shirt", "vest top", "shirt", "jumper")
_BOTTOMS = ("trousers", "jeans", "shorts", "skirt", "leggings")
_SHOES = ("trainers", "shoes", "boots", "sandals", "bare feet")


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of clothing."""

    kind: str
    colour: RGBTuple
    known: bool = True
    """Whether both kind and colour were among the words; what is not known is plain."""


def top(words: str) -> Item:
    """Reads words such as "a white t-shirt"."""
    return _read(words, _TOPS, "t-shirt", "white")


def bottom(words: str) -> Item:
    """Reads words such as "blue jeans" or "a navy skirt"."""
    return _read(words, _BOTTOMS, "trousers", "black")


def shoes(words: str) -> Item:
    """Reads words such as "white trainers", "bare feet"."""
    return _read(words, _SHOES, "trainers", "white")


def _read(words: str, kinds: tuple[str, ...], else_kind: str, else_colour: str) -> Item:
    plain = " " + " ".join(words.lower().replace("gray", "grey").replace(",", " ").split()) + " "
    named = [name for name, kind in _KINDS.items() if f" {name} " in plain and kind in kinds]
    kind = _KINDS[max(named, key=len)] if named else else_kind
    table = {**COLOURS, **DENIM} if kind == "jeans" else COLOURS
    coloured = [name for name in table if f" {name} " in plain]
    fallback = "blue" if kind == "jeans" else "brown" if kind in ("boots", "sandals") else else_colour
    colour = table[max(coloured, key=len) if coloured else fallback]
    return Item(kind, colour, bool(named) and (bool(coloured) or kind == "bare feet"))
