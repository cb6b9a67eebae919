"""An outfit's pieces: each photo, cut, in the first one's colours; and where one lies before the canvas is known."""

from dataclasses import dataclass, replace

import numpy as np

from stages import colour
from stages.canvas.place import bounds
from stages.contracts import RGB, Cutout, Matte, Photo, Placed
from stages.outfit import kinds, scale, spots
from stages.outfit.kinds import Kind
from stages.outfit.options import Worn

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One photo of an outfit, cut; one shoe of a pair is a piece of its own."""

    photo: Photo
    """In the first photo's colour space and bit depth."""
    cutout: Cutout
    kind: Kind
    source: int
    told: Worn | None = None
    """None of the first."""
    many: int = 1
    """How many pieces its photo shows."""
    which: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """Where a piece lies, before the canvas is known."""

    factor: float
    """The first photo's pixels to a pixel of the piece's."""
    x: float
    """Its photo's left upper corner, in pixels of the first photo."""
    y: float
    how: str = "its own pixels"


def piece(photo: Photo, cutout: Cutout, source: int, first: Photo, told: Worn | None = None) -> list[Piece]:
    """Returns a photo's pieces, in the colours of the outfit's first photo."""
    kind = kinds.kind_of(cutout, told.kind if told else "auto")
    alike = Photo(photo.name, matched(photo.pixels, photo, first), photo.sha256, icc=first.icc)
    same = replace(cutout, foreground=matched(cutout.foreground, photo, first))
    hidden = spots.behind(cutout.matte, kind)
    if hidden is not None:
        same = replace(same, matte=cutout.matte - hidden, inside=hidden)
    if kind != "shoes":
        return [Piece(alike, same, kind, source, told)]
    halves = scale.parts(cutout.matte)
    return [
        Piece(
            alike, replace(same, matte=np.where(half, cutout.matte, np.float32(0))), kind, source, told, len(halves), at
        )
        for at, half in enumerate(halves)
    ]


def matched(pixels: RGB, photo: Photo, first: Photo) -> RGB:
    """Returns pixels of a photo in the colour space and bit depth of another, as they are where those are the same."""
    return colour.matched(pixels, photo.icc, first.icc, first.bit_depth)


def whole(of: Cutout | Placed) -> Matte:
    """Returns a matte with what the body hides of it."""
    return of.matte if of.inside is None else np.maximum(of.matte, of.inside)


def extent(cutout: Cutout) -> Box:
    """Returns the box of a cut-out, with what the body hides of it."""
    return bounds(whole(cutout))
