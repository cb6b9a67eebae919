"""Castings as people: the physique of each, and the person standing at ease, garment or not."""

from stages.casting import Casting
from stages.contracts import Framing, View
from stages.figure.anatomy import Anatomy
from stages.figure.body import Camera, Rest, bend, rest, show
from stages.figure.physique import Physique
from stages.figure.records import Posed
from stages.figure.stance import Stance, turns, upright

#: Muscle and weight of each build, in the body model's own shares.
BUILDS = {"slim": (0.5, 0.38), "average": (0.5, 0.5), "curvy": (0.45, 0.66), "athletic": (0.72, 0.5)}

#: Rows of a canvas, as shares of its height, for the crown and for the height of the body that its lower edge cuts.
FRAMES: dict[Framing, tuple[float, float]] = {
    "full": (0.06, -0.03), "three-quarter": (0.07, 0.39), "half": (0.08, 0.46), "lower": (-0.28, -0.03)
}  # fmt: skip


def physique(casting: Casting) -> Physique:
    """Gives the shape of a casting's body."""
    muscle, weight = BUILDS[casting.build]
    return Physique(male=float(casting.person == "man"), muscle=muscle, weight=weight)


def person(anatomy: Anatomy, casting: Casting) -> Rest:
    """Gives a casting's body in the rest pose."""
    return rest(anatomy, physique(casting))


def posed_standing(
    anatomy: Anatomy,
    casting: Casting,
    width: int,
    height: int,
    framing: Framing = "full",
    view: View = "front",
    stance: Stance | None = None,
) -> Posed:
    """Gives a casting standing at ease in the middle of a canvas, as a portrait shows it or a test wants it."""
    body = person(anatomy, casting)
    top, cut = FRAMES[framing]
    scale = height * (1 - top) / (body.stature * (1 - cut))
    crown = float(body.vertices[:, 2].max())
    camera = Camera(scale, 0.5 * (width - 1), top * height + crown * scale, view)
    return show(anatomy, body, bend(anatomy, body, turns(anatomy, body, stance or upright())), camera)
