"""Styles of hair, as data."""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Style:
    """How hair is cut and worn. Lengths are metres."""

    top: float = 0.0
    """Length at the top of the head; the regions below blend into it."""
    front: float = 0.0
    """Length above the forehead."""
    sides: float = 0.0
    back: float = 0.0
    flow: Literal["parted", "back", "forward", "whorl", "out"] = "whorl"
    """Which way hair lies: away from a parting, to the back, over the forehead, round the crown, on end."""
    parting: float = 0.0
    """Where it is parted: metres to the person's left."""
    rise: float = 0.35
    """How steeply hair leaves the skin: 0 lies flat, 1 stands on end."""
    lift: float = 0.008
    """Metres that hair on hair raises it above the skin."""
    weight: float = 0.3
    """How much of its way gravity decides: 0 is stiff."""
    cling: float = 0.0
    """How far hair sinks back to the head with each step, in [0, 1]: combed hair does, stiff short hair does not."""
    wave: float = 0.0
    """Amplitude of waves or curls, metres."""
    period: float = 0.05
    """Length of one wave or curl, metres."""
    coil: bool = False
    """Whether waves turn about themselves, as curls do."""
    clump: float = 0.5
    """How far hairs of a lock draw together at their tips, in [0, 1]."""
    ragged: float = 0.12
    """Spread of the lengths of locks, as a share."""
    frizz: float = 0.0012
    """Metres by which single hairs stray."""
    gather: Literal["", "ponytail", "bun", "braids"] = ""
    tail: float = 0.0
    """Length of what hangs from where hair is gathered."""
    thinning: float = 0.0
    """Share of hairs lost at the top."""
    recession: float = 0.0
    """How far the hairline has drawn back, in [0, 1]."""
    hairs: int = 14_000
    """Of a head at 1,000 pixels a metre."""
    thickness: float = 1.0
    """Of the drawn hairs, as a factor."""


_SHORT = Style(top=0.045, front=0.050, sides=0.020, back=0.022, rise=0.26, weight=0.10, lift=0.006, clump=0.55)
_LONG = Style(
    top=0.46, front=0.44, sides=0.40, back=0.40, flow="parted", parting=0.004, rise=0.22, lift=0.014,
    weight=0.34, cling=0.15,
    clump=0.45, ragged=0.06, hairs=13_000,
)  # fmt: skip
_UP = Style(
    top=0.2,
    front=0.2,
    sides=0.2,
    back=0.2,
    flow="back",
    lift=0.007,
    clump=0.3,
    gather="bun",
    frizz=0.0012,
    hairs=19_000,
)
_AFRO = Style(
    top=0.052, front=0.042, sides=0.044, back=0.046, flow="out", rise=1.0, weight=0.02, wave=0.0035,
    period=0.010, coil=True,
    clump=0.15, ragged=0.10, frizz=0.003, hairs=17_000,
)  # fmt: skip

#: By the words of a casting.
STYLES: dict[str, Style] = {
    "bald": Style(),
    "shaved": replace(
        _SHORT, top=0.003, front=0.003, sides=0.003, back=0.003, rise=0.5, clump=0, hairs=20_000,
        thickness=0.55
    ),
    "cropped": replace(
        _SHORT, top=0.011, front=0.011, sides=0.006, back=0.007, rise=0.45, clump=0.15, lift=0.003,
        hairs=22_000
    ),
    "crew cut": replace(_SHORT, top=0.024, front=0.027, sides=0.008, back=0.009, rise=0.62, clump=0.3, hairs=20_000),
    "short": _SHORT,
    "side part": replace(
        _SHORT, top=0.075, front=0.085, sides=0.028, back=0.026, flow="parted", parting=0.032, rise=0.35,
        lift=0.010, clump=0.6, cling=0.35
    ),
    "slicked back": replace(
        _SHORT, top=0.10, front=0.10, sides=0.035, back=0.04, flow="back", rise=0.5, lift=0.010,
        clump=0.6, cling=0.35
    ),
    "thinning": replace(
        _SHORT, top=0.022, front=0.020, sides=0.016, back=0.016, thinning=0.72, recession=0.8,
        clump=0.3
    ),
    "curly": replace(
        _AFRO, top=0.085, front=0.080, sides=0.075, back=0.080, wave=0.0085, period=0.034, clump=0.75,
        weight=0.22, ragged=0.2,
        rise=0.55, hairs=14_000, frizz=0.0022,
    ),
    "short curly": replace(
        _AFRO, top=0.050, front=0.050, sides=0.022, back=0.024, wave=0.0065, period=0.028, clump=0.7,
        weight=0.10, ragged=0.2,
        rise=0.7, hairs=15_000, frizz=0.0018,
    ),
    "afro": _AFRO,
    "short afro": replace(_AFRO, top=0.030, front=0.026, sides=0.016, back=0.018, hairs=18_000),
    "pixie": replace(
        _SHORT, top=0.075, front=0.080, sides=0.042, back=0.035, flow="forward", rise=0.28,
        clump=0.65, lift=0.008, cling=0.3
    ),
    "bob": replace(_LONG, top=0.225, front=0.215, sides=0.155, back=0.125, lift=0.017, ragged=0.03, parting=0.018),
    "bob with fringe": replace(
        _LONG, top=0.225, front=0.058, sides=0.175, back=0.155, flow="forward", lift=0.012, rise=0.15,
        ragged=0.03
    ),
    "shoulder-length": replace(_LONG, top=0.31, front=0.30, sides=0.25, back=0.24, wave=0.004, period=0.11),
    "long straight": _LONG,
    "long wavy": replace(_LONG, wave=0.012, period=0.105, clump=0.65, lift=0.018, ragged=0.10, frizz=0.0016),
    "long curly": replace(
        _LONG, top=0.42, front=0.38, sides=0.36, back=0.36, wave=0.012, period=0.05, coil=True, clump=0.75,
        lift=0.026, ragged=0.14,
        frizz=0.002,
    ),
    "ponytail": replace(_UP, gather="ponytail", tail=0.30),
    "bun": _UP,
    "braids": replace(_UP, flow="parted", gather="braids", tail=0.36),
}  # fmt: skip

#: Words that mean one of the styles.
_ALSO = {
    "buzz cut": "shaved", "buzzed": "shaved", "shaven": "shaved", "crop": "cropped", "close-cropped": "cropped",
    "quiff": "slicked back", "swept back": "slicked back", "side parting": "side part", "side-parted": "side part",
    "balding": "thinning", "grey thinning": "thinning", "receding": "thinning", "straight": "long straight",
    "long": "long straight",
    "wavy": "long wavy", "medium": "shoulder-length", "shoulder length": "shoulder-length", "plaits": "braids",
    "braided": "braids", "pigtails": "braids", "updo": "bun", "top knot": "bun", "chignon": "bun", "coily": "afro",
    "curls": "curly", "fringe": "bob with fringe",
}  # fmt: skip


def style(words: str) -> Style:
    """Reads the words of a casting; those that name no style are the one that has most of their words, else "short"."""
    plain = " ".join(words.lower().replace("bangs", "fringe").split())
    plain = _ALSO.get(plain, plain)
    if plain in STYLES:
        return STYLES[plain]
    asked = set(plain.replace("-", " ").split())
    names = {**{name: name for name in STYLES}, **_ALSO}
    shared = {name: len(asked & set(name.replace("-", " ").split())) for name in names}
    best = max(names, key=lambda name: (shared[name], -len(name)))
    return STYLES[names[best]] if shared[best] else STYLES["short"]
