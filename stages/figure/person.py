"""Castings as people: the physique of each, and the person standing at ease, garment or not."""

from functools import lru_cache
from typing import Literal

from stages.casting import Casting, Size
from stages.contracts import Framing, View
from stages.figure.anatomy import Anatomy
from stages.figure.body import Camera, Rest, bend, rest, show
from stages.figure.faces import face
from stages.figure.physique import Physique
from stages.figure.records import Posed
from stages.figure.sizes import sized
from stages.figure.stance import Stance, rotations, upright

#: Muscle, and the weight that a build starts from before it is brought to its size.
BUILDS = {"slim": (0.5, 0.4), "average": (0.5, 0.55), "curvy": (0.42, 0.65), "athletic": (0.75, 0.5)}
#: Height in centimetres where a casting gives none: means of women and men in Europe born about 1996 (NCD-RisC 2016).
HEIGHTS = {"woman": 168.0, "man": 181.0}

#: Rows of a canvas, as shares of its height, for the crown and for the height of the body that its lower edge cuts.
FRAMES: dict[Framing, tuple[float, float]] = {
    "full": (0.06, -0.03), "three-quarter": (0.07, 0.39), "half": (0.08, 0.46), "lower": (-0.28, -0.03)
}  # fmt: skip


def physique(anatomy: Anatomy, casting: Casting) -> Physique:
    """Returns the shape of a casting's body: of its size, height and age, with a face of its own."""
    tall = casting.height or HEIGHTS[casting.person]
    return _physique(
        anatomy, casting.person, casting.age, casting.build, casting.size, tall, casting.features, casting.face
    )


@lru_cache(maxsize=64)
def _physique(
    anatomy: Anatomy,
    who: Literal["woman", "man"],
    years: int,
    build: str,
    size: Size,
    tall: float,
    races: tuple[float, float, float],
    seed: int,
) -> Physique:
    muscle, weight = BUILDS[build]
    local, actions = face(seed, who == "woman")
    start = Physique(
        male=float(who == "man"),
        years=years,
        muscle=muscle,
        weight=weight,
        races=races,
        firmness=0.6,
        local=local,
        face=actions,
    )
    return sized(anatomy, start, who, size, tall)


def person(anatomy: Anatomy, casting: Casting) -> Rest:
    """Returns a casting's body in the rest pose."""
    return rest(anatomy, physique(anatomy, casting))


def posed_standing(
    anatomy: Anatomy,
    casting: Casting,
    width: int,
    height: int,
    framing: Framing = "full",
    view: View = "front",
    stance: Stance | None = None,
) -> Posed:
    """Returns a casting standing at ease in the middle of a canvas, as a portrait shows it or a test wants it."""
    body = person(anatomy, casting)
    top, cut = FRAMES[framing]
    scale = height * (1 - top) / (body.stature * (1 - cut))
    crown = float(body.vertices[:, 2].max())
    camera = Camera(scale, 0.5 * (width - 1), top * height + crown * scale, view)
    return show(anatomy, body, bend(anatomy, body, rotations(anatomy, body, stance or upright())), camera)
