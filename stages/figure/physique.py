"""From what a person is to the amounts of the body's shapes: macro targets are products of a few weights."""

from dataclasses import dataclass, field

from stages.figure import targets
from stages.figure.anatomy import Anatomy
from stages.figure.records import Floats

#: Years at which the body's shapes stand: MakeHuman's young adult and its old one.
YOUNG, OLD = 25.0, 90.0
#: The youngest person this project shows.
ADULT = 18.0


@dataclass(frozen=True, slots=True)
class Physique:
    """The shape of a body; all but `years` in [0, 1]."""

    male: float = 0.0
    years: float = 30.0
    """Ages below `ADULT` count as it; up to 25 the body is the same, a grown adult's."""
    muscle: float = 0.5
    weight: float = 0.5
    height: float = 0.5
    ideal: float = 0.6
    """How ideal the proportions are."""
    cup: float = 0.5
    firmness: float = 0.5
    races: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)
    """African, Asian and Caucasian features, shares of any sum."""
    local: dict[str, float] = field(default_factory=dict)
    """Local shapes in [-1, 1] by their name between `-decr` and `-incr`, such as chin-width; else by full name."""
    face: dict[str, float] = field(default_factory=dict)
    """Facial actions in [0, 1] by ARKit's names."""


def amounts(physique: Physique, names: tuple[str, ...]) -> dict[str, float]:
    """Returns how much of each shape in `names` makes the body; shapes that play no part are left out."""
    years = physique.years if physique.years >= ADULT else ADULT  # also where it is no number
    old = min(max((years - YOUNG) / (OLD - YOUNG), 0.0), 1.0)
    share = {"male": physique.male, "female": 1 - physique.male, "old": old, "young": 1 - old}
    levels = {
        "muscle": physique.muscle, "weight": physique.weight, "height": physique.height,
        "proportions": 1 - physique.ideal, "cup": physique.cup, "firmness": physique.firmness,
    }  # fmt: skip
    for key, value in levels.items():
        share |= _between(min(max(value, 0.0), 1.0), targets.LEVELS[key])
    total = sum(physique.races) or 1.0
    share |= {race: each / total for race, each in zip(targets.RACES, physique.races, strict=True)}
    found: dict[str, float] = {}
    for name in names:
        kind, _, rest = name.partition(":")
        if kind == "macro":
            amount = 1.0
            for component in rest.split("-"):
                amount *= share[component]
            found[name] = amount
    known = set(names)
    for name, value in physique.local.items():
        found |= {each: abs(value) for each in known & {signed(name, value, known)}}
    found |= {f"face:{name}": min(max(value, 0.0), 1.0) for name, value in physique.face.items()}
    return {name: amount for name, amount in found.items() if amount}


def shaped(anatomy: Anatomy, physique: Physique) -> Floats:
    """Returns the vertices of a body that stands in the rest pose, V x 3 in metres."""
    return anatomy.shaped(amounts(physique, anatomy.names))


#: Ends of the names of local shapes: more of it, less of it.
ENDS = (("incr", "decr"), ("up", "down"), ("out", "in"), ("forward", "backward"), ("convex", "concave"),
        ("round", "square"), ("uncompress", "compress"))  # fmt: skip


def signed(name: str, value: float, known: set[str]) -> str:
    """Returns the full name of a local shape; raises KeyError where there is none."""
    for pair in ENDS:
        full = f"local:{name}-{pair[int(value < 0)]}"
        if full in known:
            return full
    if f"local:{name}" in known:
        return f"local:{name}"
    raise KeyError(name)


def _between(value: float, anchors: tuple[str, ...]) -> dict[str, float]:
    """Returns the weights of evenly spaced anchors that interpolate `value` in [0, 1]."""
    at = value * (len(anchors) - 1)
    return {name: max(0.0, 1 - abs(at - index)) for index, name in enumerate(anchors)}
