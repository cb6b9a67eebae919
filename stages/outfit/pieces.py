"""An outfit's pieces: each photo, cut, in the first one's colours; and where one lies before the canvas is known."""

from dataclasses import dataclass, replace

import numpy as np

from stages import colour
from stages.canvas.place import bounds
from stages.contracts import RGB, Cutout, Matte, Photo, Placed
from stages.errors import ConfigError
from stages.outfit import kinds, spots, turning
from stages.outfit.kinds import ACCESSORIES, PAIRS, Kind
from stages.outfit.options import Worn

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One photo of an outfit, cut; one shoe of a pair is a piece of its own."""

    photo: Photo
    """In the first photo's colour space and bit depth, turned and mirrored as it is worn."""
    cutout: Cutout
    kind: Kind
    source: int
    told: Worn | None = None
    """None of the first."""
    many: int = 1
    """How many pieces its photo shows, or stands for."""
    which: int = 0
    """Which of them this is: 0 is worn at the left of the picture."""
    turn: int = 0
    """As `contracts.Layer.turn`."""
    mirrored: bool = False


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
    """Returns a photo's pieces, in the colours of the outfit's first photo.

    Raises ConfigError where a garment's photo is told to be turned: it has to be cut upright.
    """
    kind = kinds.kind_of(cutout, told.kind if told else "auto")
    if told and told.turn and kind not in ACCESSORIES:
        raise ConfigError(f"turn= is for accessories: turn {photo.name} upright before it is cut, as a file of its own")
    side = told.side if told else "left"
    turn = told.turn if told and told.turn is not None else turning.usual(kind, cutout.matte, side)
    own = Piece(
        Photo(photo.name, matched(photo.pixels, photo, first), photo.sha256, icc=first.icc),
        replace(cutout, foreground=matched(cutout.foreground, photo, first)),
        kind, source, told,
    )  # fmt: skip
    own = _as_worn(_turned(own, turn))
    if kind not in PAIRS:
        return [own]
    halves = turning.parts(own.cutout.matte)
    if len(halves) == 1 and _alone(own):
        # From the side, it belongs to the foot that points that way.
        which = int(turning.points(own.cutout.matte > 0.5) == "right") if kind == "shoes" else 0
        pair = [replace(own, many=2, which=which), replace(_turned(own, 0, mirrored=True), many=2, which=1 - which)]
        return sorted(pair, key=lambda each: each.which)
    mattes = (np.where(half, own.cutout.matte, np.float32(0)) for half in halves)
    return [
        replace(own, cutout=replace(own.cutout, matte=matte), many=len(halves), which=at)
        for at, matte in enumerate(mattes)
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


def _turned(own: Piece, turn: int, *, mirrored: bool = False) -> Piece:
    """Returns a piece with its photo turned, then mirrored."""
    if not turn and not mirrored:
        return own
    cut = own.cutout
    inside = None if cut.inside is None else turning.turned(cut.inside, turn, mirrored)
    return replace(
        own,
        photo=replace(own.photo, pixels=turning.turned(own.photo.pixels, turn, mirrored)),
        cutout=replace(
            cut,
            matte=turning.turned(cut.matte, turn, mirrored),
            foreground=turning.turned(cut.foreground, turn, mirrored),
            inside=inside,
        ),
        turn=(own.turn + turn) % 360,
        mirrored=own.mirrored != mirrored,
    )


def _as_worn(own: Piece) -> Piece:
    """Returns a piece without what a body always hides of it, and with what it may hide told apart."""
    matte = turning.around(own.cutout.matte) if own.kind == "watch" else own.cutout.matte
    hidden = spots.behind(matte, own.kind)
    if hidden is not None:
        return replace(own, cutout=replace(own.cutout, matte=matte - hidden, inside=hidden))
    return own if matte is own.cutout.matte else replace(own, cutout=replace(own.cutout, matte=matte))


def _alone(own: Piece) -> bool:
    """Whether a photo in which no two shoes or earrings were found shows one of the pair."""
    if own.kind == "earrings" or (own.told is not None and own.told.single):
        return True
    solid = turning.trimmed(own.cutout.matte > 0.5)
    return bool(solid.shape[1] < turning.SIDEWAYS * solid.shape[0])
