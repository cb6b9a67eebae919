"""One thing is asked for differently, with the same seed: that changes, and the pose stays."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from scripts.house import measure
from scripts.house.backdrops import LIGHTS, PLACES
from scripts.house.evaluate_paint import paint, table, write_sheet
from scripts.house.found import detect, score
from scripts.house.render import Figure
from scripts.house.silhouette import overlap, silhouette
from scripts.house.words import HAIR_STYLES
from stages.casting import Casting, Scene
from stages.contracts import Generator, Plate
from stages.options import GenerateOptions

#: What is changed alone, by name: gives another casting and scene, and tells whether a picture has what was asked.
Change = Callable[[Figure, np.random.Generator], tuple[Casting, Scene]]


def _other_scene(figure: Figure, random: np.random.Generator) -> tuple[Casting, Scene]:
    place = random.choice([each for each in PLACES if each != figure.scene.place])
    return figure.casting, Scene(place=str(place), light=LIGHTS["front"][0], light_from="front")


def _other_hair(figure: Figure, random: np.random.Generator) -> tuple[Casting, Scene]:
    # Dark to fair and back: neighbouring colours prove nothing.
    colour = "light blonde" if figure.casting.hair_colour in ("black", "dark brown", "brown", "chestnut") else "black"
    style = str(random.choice(HAIR_STYLES))
    return figure.casting.model_copy(update={"hair_colour": colour, "hair_style": style}), figure.scene


def _other_skin(figure: Figure, _random: np.random.Generator) -> tuple[Casting, Scene]:
    return figure.casting.model_copy(update={"skin": 8 if figure.casting.skin <= 5 else 3}), figure.scene


CHANGES: dict[str, Change] = {"scene": _other_scene, "hair": _other_hair, "skin": _other_skin}


def compare(
    generator: Generator, figures: list[Figure], options: GenerateOptions, detector: str | None, out: Path
) -> str:
    """Returns a table of what changes when one thing is changed with the same seed, and whether the pose stays."""
    before = [paint(generator, f, options) for f in figures]
    rows = []
    height, width = figures[0].mask.shape
    size = (width, height)
    for name, change in CHANGES.items():
        random = np.random.default_rng(1)
        asked = [change(each, random) for each in figures]
        after = [paint(generator, f, options, *words) for f, words in zip(figures, asked, strict=True)]
        write_sheet(out / f"changed-{name}.png", [[each.picture for each in figures], before, after])
        same = measure.mean(
            overlap(silhouette(a, f), silhouette(b, f)) for a, b, f in zip(before, after, figures, strict=True)
        )
        row = [name, _obeyed(name, after, figures, asked), f"{same:.3f}"]
        if detector:
            skeletons = [each.skeleton for each in figures]
            row.append(str(score(detect(detector, out / f"changed-{name}", after, skeletons), skeletons, size)))
        rows.append(row)
    head = ["changed alone", "obeyed", "silhouette, overlap with before"]
    return table([*head, "pose as asked"] if detector else head, rows)


def _obeyed(name: str, after: list[Plate], figures: list[Figure], asked: list[tuple[Casting, Scene]]) -> str:
    both = list(zip(after, figures, asked, strict=True))
    if name == "scene":
        return measure.share([measure.right(measure.scene_of(p, f), scene.place) for p, f, (_, scene) in both])
    if name == "hair":
        return measure.share(
            [measure.right(measure.hair_colour(p, f), casting.hair_colour) for p, f, (casting, _) in both]
        )
    known = [d for p, f, (who, _) in both if (d := measure.skin_difference(p, f, who)) is not None]
    return f"ΔE00 {np.median(known):.1f}" if known else "-"
