"""What an outfit's photos show, what lies over what, and what nobody wears together."""

from collections import Counter
from collections.abc import Sequence
from typing import get_args

from stages.contracts import Accessory, Category, Cutout
from stages.errors import ConfigError
from stages.outfit.options import KINDS

Kind = Category | Accessory

ACCESSORIES: tuple[Accessory, ...] = get_args(Accessory)
#: Garments for the trunk, for the legs, and for both.
UPPER: tuple[Kind, ...] = ("top", "dress", "swim")
LOWER: tuple[Kind, ...] = ("bottom", "skirt")
#: Words of `--order` that stand for several kinds.
TUCKED = (("top", "bottom"), ("top", "skirt"))
#: Of these one outfit has one.
ONCE: tuple[Kind, ...] = ("bottom", "skirt", "dress", "outerwear", "swim", "shoes", "hat", "belt", "earrings",
                            "glasses", "watch", "ring")  # fmt: skip
#: What comes in pairs, one for each foot or ear.
PAIRS: tuple[Kind, ...] = ("shoes", "earrings")
#: What the finder calls jewellery is worn like this.
JEWELLERY: Accessory = "necklace"
_NAMES = {"bottom": "trousers", "swim": "swimwear", "outerwear": "coats"}


def kind_of(cutout: Cutout, told: str = "auto") -> Kind:
    """Returns what a photo of an outfit shows: what the user says of it, else what the finder does."""
    if told != "auto":
        return told  # type: ignore[return-value]
    if cutout.product:
        return JEWELLERY if cutout.product == "jewellery" else cutout.product  # type: ignore[return-value]
    return cutout.shape.category


def ordered(kinds: Sequence[Kind], order: str) -> list[int]:
    """Returns the places of an outfit's pieces from the skin outwards.

    Kinds that `order` names take one another's places in the usual order (`KINDS`); pieces of one kind lie over one
    another as they were named.
    """
    ranks = list(KINDS)
    for asked in TUCKED if order == "tucked" else (tuple(order.split(",")),):
        named = [each for each in asked if each in ranks]
        places = sorted(ranks.index(each) for each in named)
        for place, each in zip(places, named, strict=True):
            ranks[place] = each
    return sorted(range(len(kinds)), key=lambda at: (ranks.index(kinds[at]), at))


def tucked(order: Sequence[Kind]) -> bool:
    """Whether a top's hem is hidden by what is worn below it; `order` is from the skin outwards."""
    lower = [at for at, kind in enumerate(order) if kind in LOWER]
    return "top" in order and bool(lower) and order.index("top") < min(lower)


def check(kinds: Sequence[Kind]) -> tuple[str, ...]:
    """Returns what is unusual in an outfit, in words. Raises ConfigError for what cannot be worn together."""
    count = Counter(kinds)
    if kinds[0] in ACCESSORIES:
        raise ConfigError(f"The first photo shows {_a(kinds[0])}: name a garment first, and this one with --with.")
    twice = [kind for kind in ONCE if count[kind] > 1]
    if twice:
        raise ConfigError(f"The outfit has {count[twice[0]]} of {_NAMES.get(twice[0], twice[0])}: leave out one.")
    if count["bottom"] and count["skirt"]:
        raise ConfigError("The outfit has trousers and a skirt, which hide each other: leave out one.")
    said = []
    for lower in LOWER:
        if count["dress"] and count[lower]:
            said.append(f"a dress is worn over {_a(lower)}, which it hides in part")
    if count["dress"] and count["top"]:
        said.append("a dress is worn over a top, which it hides in part: --order dress,top wears the top over it")
    if count["top"] > 1:
        said.append(f"{count['top']} tops are worn over one another, the one named last outermost")
    if count["belt"] and count["dress"]:
        said.append("the belt lies over the dress at the waist, and does not gather it")
    return tuple(said)


def _a(kind: Kind) -> str:
    return {"bottom": "trousers"}.get(kind, kind if kind in ("shoes", "earrings", "glasses") else f"a {kind}")
