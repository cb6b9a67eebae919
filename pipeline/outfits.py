"""An outfit in the flow: each further photo is cut as the first one is, and all are placed on one body."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pipeline.config import Config
from pipeline.models import Models
from pipeline.receipt import Layer, Place, Source
from stages.contracts import Cutout, Photo, Placed
from stages.errors import ConfigError, DoubtError
from stages.figure.person import HEIGHTS
from stages.figure.records import Posed
from stages.outfit import lay
from stages.outfit import worn as on_body
from stages.outfit.compose import numbered
from stages.outfit.kinds import ACCESSORIES
from stages.outfit.options import Worn
from stages.outfit.pieces import Piece, piece
from stages.outfit.unworn import unworn
from stages.verify import core_sha256

Cut = Callable[[Photo, Config, Models], Cutout]
Lost = Callable[[Photo, Cutout, Config, Models], tuple[str, ...]]

#: What tells of the first photo alone where its garment is.
OWN: dict[str, Any] = {
    "garment": "auto", "matte": None, "garment_box": None, "garment_point": (), "not_point": (), "landmark": (),
    "garment_text": "",
}  # fmt: skip


def config_of(told: Worn, config: Config) -> Config:
    """Returns the config by which a further photo is cut: the run's own, but for where its garment is."""
    own = {
        **OWN, "garment": told.kind, "matte": told.matte, "garment_box": told.box, "garment_point": told.point,
        "not_point": told.not_point, "landmark": told.landmark,
    }  # fmt: skip
    return config.model_copy(update={"segment": config.segment.model_copy(update=own)})


def cut(
    photo: Photo, cutout: Cutout, others: Sequence[Photo], config: Config, models: Models, how: Cut, lost: Lost
) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """Cuts an outfit's further photos; gives its pieces, the first photo's first, and what was lost of them.

    One garment alone has no pieces. Raises ConfigError for other tasks than generate, and where there are not as many
    photos as `config.outfit` tells of; DoubtError where a photo cannot be worn as it is and `--strict` is given; and
    as `how` does.
    """
    told = config.outfit.worn
    if len(others) != len(told):
        raise ConfigError(f"the outfit tells of {len(told)} further photos, and {len(others)} were given")
    if not told:
        return (), ()
    if config.task != "generate":
        raise ConfigError(f"--with dresses a person, and {config.task} has none: leave it out, or generate")
    pieces = piece(photo, cutout, 0, photo)
    missing: list[str] = []
    for source, (other, asked) in enumerate(zip(others, told, strict=True), 1):
        own = config_of(asked, config)
        found = how(other, own, models)
        missing += [f"{other.name}: {each}" for each in lost(other, found, own, models)]
        pieces += piece(other, found, source, photo, asked)
    doubtful = unworn(pieces)
    if config.segment.strict and doubtful:
        raise DoubtError(f"{'; '.join(doubtful)}. Or leave out --strict.")
    return tuple(pieces), tuple(missing)


def place(pieces: Sequence[Piece], config: Config) -> Placed:
    """Returns an outfit on its canvas, as `config` asks for it."""
    height = config.casting.height or HEIGHTS[config.casting.person]
    return lay.place(pieces, config.outfit, config.place, config.pose.view, config.stance, height)


def worn(placed: Placed, pieces: Sequence[Piece], posed: Posed) -> Placed:
    """Returns an outfit with its accessories where the fitted body holds them."""
    return on_body.worn(placed, pieces, posed)


def doubts(pieces: Sequence[Piece], config: Config) -> list[str]:
    """Lists reasons to doubt an outfit's further photos, each with the photo's name."""
    found = unworn(pieces)
    for each in pieces:
        if each.told is None or each.which:
            continue
        found += [f"{each.photo.name}: {words}" for words in each.cutout.doubts]
        shape, garment = each.cutout.shape, each.kind not in ACCESSORIES
        if garment and each.told.kind == "auto" and shape.confidence < config.segment.category_confidence:
            found.append(
                f"{each.photo.name} is taken for a {each.kind} with confidence {shape.confidence:.2f}: kind= tells it"
            )
        if each.told.kind == "auto" and each.cutout.product == "jewellery":
            found.append(f"{each.photo.name} shows jewellery and is worn as a necklace: kind= tells it")
    return found


def sources(photo: Photo, others: Sequence[Photo], about: Callable[[Photo], Source]) -> tuple[Source, ...]:
    """Describes all photos of an outfit for the receipt."""
    found = [about(photo)]
    for other in others:
        told = about(other)
        if (other.icc, other.bit_depth) != (photo.icc, photo.bit_depth):
            words = f"converted to the colours of {photo.name}, to which its pixels are exact"
            told = told.model_copy(update={"notes": (*told.notes, words)})
        found.append(told)
    return tuple(found)


def layers(placed: Placed, pieces: Sequence[Piece]) -> tuple[Layer, ...]:
    """Describes an outfit's layers for the receipt; empty for a single garment."""
    cutters = {each.source: each.cutout.segmenter for each in pieces}
    seen = numbered(placed) if placed.layers else None
    found = []
    for number, each in enumerate(placed.layers, 1):
        own, where = each.placed, each.placed.placement
        core = seen[own.window] == number if seen is not None else own.matte == 1
        found.append(
            Layer(
                source=each.source,
                kind=each.kind,
                placement=Place(x=where.x, y=where.y, scale=where.scale, resample=where.resample),
                box=own.box,
                core_pixels=int(np.count_nonzero(core)),
                core_sha256=core_sha256(own.pixels, core),
                how=each.how,
                segmenter=cutters[each.source],
                turn=each.turn,
                mirrored=each.mirrored,
            )
        )
    return tuple(found)
