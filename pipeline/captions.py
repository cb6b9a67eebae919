"""What a picture shows, in plain English: a caption for people, and an alt text for whoever cannot see it."""

from dataclasses import dataclass

from pipeline.config import Config
from stages.casting import Casting
from stages.contracts import Category, Placed
from stages.generate.prompt import OUTFIT
from stages.plain import plain

#: The garment in words, by category.
_GARMENT: dict[Category, str] = {
    "top": "a top", "bottom": "trousers", "skirt": "a skirt", "dress": "a dress", "outerwear": "a jacket or coat",
    "swim": "swimwear",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caption:
    """Words for people and for search engines; empty if nothing is known of the photo."""

    caption: str = ""
    alt: str = ""


def of(placed: Placed, config: Config, size: str = "") -> Caption:
    """Returns caption and alt text of a picture; `size` is that of the body in it, where it has one.

    The user's own `caption` is both. Inpainting and outpainting keep a photo of which nothing is known.
    """
    own = plain(config.write.caption).strip()
    if own:
        return Caption(own, own)
    if config.task in ("inpaint", "outpaint"):
        return Caption()
    if config.task == "background":
        where = _paper(config) or _place(config)
        return Caption(f"The photographed subject {where}.", f"What was photographed stands {where}.")
    garment = _article(plain(config.segment.garment_text)) or _GARMENT[placed.shape.category]
    if placed.layers:
        garment = _outfit(placed)
    if config.task == "ghost":
        where = _paper(config) or "on white"
        return Caption(
            f"{_capital(garment)} {where}.", f"{_capital(garment)} alone {where}, as on an unseen mannequin."
        )
    back = ", seen from the back" if config.pose.view == "back" else ""
    who = config.casting.person
    sized = f", size {size}" if size else ""
    return Caption(
        f"{_capital(garment)} on a {who}{sized}, {_place(config)}.",
        f"{_capital(_person(config.casting, placed.framing == 'lower'))} wears {garment}{back}, {_place(config)}.",
    )


def _outfit(placed: Placed) -> str:
    """Lists the garments of an outfit in the order in which one would name them."""
    kinds = {each.kind for each in placed.layers}
    *before, last = (words for kind, words in OUTFIT.items() if kind in kinds)
    return f"{', '.join(before)} and {last}" if before else last


def _person(casting: Casting, headless: bool) -> str:
    age = "young " if casting.age < 30 else "elderly " if casting.age >= 65 else ""
    who = _article(f"{age}{casting.person}")
    if headless:
        return f"{who}, shown without the head,"
    return f"{who} with {_hair(casting.hair_style, casting.hair_colour)}"


def _hair(style: str, colour: str) -> str:
    if style in ("bald", "shaved"):
        return "a shaved head"
    *before, kind = style.split()
    if kind in ("bun", "ponytail"):
        return f"{colour} hair in {_article(style)}"
    if kind in ("bob", "afro"):
        return _article(" ".join((*before, colour, kind)))
    return f"{style} {colour} hair"


def _place(config: Config) -> str:
    return plain(config.scene.place) or "in a photo studio"


def _paper(config: Config) -> str:
    """Describes the chosen background; empty if there is none."""
    given = config.background.background
    if not given:
        return ""
    return f"on {given}" if given.isalpha() else "on plain paper" if given.startswith("#") else "before another picture"


def _article(words: str) -> str:
    words = words.strip()
    if not words or words.split()[0].lower() in ("a", "an", "the"):
        return words
    return f"{'an' if words[0].lower() in 'aeiou' else 'a'} {words}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
