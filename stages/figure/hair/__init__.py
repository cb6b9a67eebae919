"""Hair, brows, lashes and beards of the figure."""

from stages.casting import Casting
from stages.figure.hair import beard, colours, face, head, scalp, styles
from stages.figure.records import Posed, Strands


def hair(posed: Posed, casting: Casting, seed: int) -> tuple[Strands, ...]:
    """Grows all hair of a posed body as its casting says: on the head, brows, lashes, beard.

    Long hair falls behind the body as the viewer sees it, so that it does not cover what is worn, unless
    `casting.hair_front`. The same arguments give the same bytes.
    """
    skull = head.measure(posed)
    shade = colours.shade(casting.hair_colour)
    man = casting.person == "man"
    grown = [
        *scalp.scalp(skull, styles.style(casting.hair_style), shade, man, casting.hair_front, seed),
        face.brows(skull, casting.brows, man, casting.face, shade, seed),
        face.lashes(skull, man, seed),
        beard.beard(skull, casting.beard if man else "none", shade, seed),
    ]
    return tuple(each for each in grown if each is not None and len(each.points))
