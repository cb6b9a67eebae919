"""The options of an outfit: which further photos there are, how large each is shown, and what lies over what.

Like `stages.options`, this module imports pydantic and the standard library alone.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, create_model, field_validator, model_validator

from stages.options import Options
from stages.typed import LANDMARK, listed, pixels, worded

#: What an outfit is made of, from the skin outwards.
KINDS = (
    "swim", "ring", "watch", "shoes", "bottom", "skirt", "top", "dress", "belt", "necklace", "outerwear", "scarf",
    "earrings", "glasses", "hat", "bag",
)  # fmt: skip

#: Lengths that a seller measures on a garment laid flat, in centimetres.
LENGTHS = ("shoulder_cm", "chest_cm", "waist_cm", "length_cm", "width_cm")
Centimetres = Annotated[float, Field(gt=0, le=500)]


class Measured(Options):
    """What is known of how large a photo shows its garment; at most one of these."""

    px_per_cm: Annotated[float, Field(gt=0, le=5000)] | None = None
    """Pixels of the photo to a centimetre."""
    shoulder_cm: Centimetres | None = None
    """From shoulder to shoulder."""
    chest_cm: Centimetres | None = None
    """From armpit to armpit."""
    waist_cm: Centimetres | None = None
    """The waistband, lying flat."""
    length_cm: Centimetres | None = None
    """From top to bottom."""
    width_cm: Centimetres | None = None
    """From side to side, at the widest."""

    @model_validator(mode="before")
    @classmethod
    def _words(cls, given: Any) -> Any:
        return worded(given, "photo" in cls.model_fields) if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one(self) -> Self:
        told = [name for name in ("scale", "px_per_cm", *LENGTHS) if getattr(self, name, None) is not None]
        if len(told) > 1:
            raise ValueError(f"{' and '.join(told)} both tell the scale: give one of them")
        return self

    @property
    def measures(self) -> bool:
        """Whether a length or the photo's own scale is told."""
        return any(getattr(self, name) is not None for name in ("px_per_cm", *LENGTHS))


class Worn(Measured):
    """A further photo of an outfit. In words: its file, then what is told of it, as `trousers.jpg scale=1.12`."""

    photo: str
    """File or, in a manifest, address of the photo."""
    kind: Literal["auto", "top", "bottom", "skirt", "dress", "outerwear", "swim", "shoes", "hat", "bag", "necklace",
                  "scarf", "belt", "earrings", "glasses", "watch", "ring"] = "auto"  # fmt: skip
    """What it shows; auto asks the finder."""
    scale: Annotated[float, Field(gt=0, le=16)] | None = None
    """Pixels of the first photo to a pixel of this one."""
    side: Literal["left", "right"] = "left"
    """In which hand of the wearer a bag is, or on which a watch or a ring."""
    turn: Annotated[int, Field(ge=0, le=270, multiple_of=90)] | None = None
    """Of an accessory: by how many degrees its photo is turned clockwise, without loss. By default a watch whose strap
    runs up and down is turned across the wrist, and nothing else is turned."""
    single: bool = False
    """The photo shows one shoe of a pair: the other foot wears it mirrored."""
    matte: Path | None = None
    """Your own matte of the photo, as --matte is of the first one."""
    box: Annotated[str | None, *pixels("x0,y0,x1,y1")] = None
    """Nothing outside it is garment, as --garment-box."""
    point: Annotated[tuple[Annotated[str, *pixels("x,y")], ...], BeforeValidator(listed)] = ()
    """On a part of the garment that was missed, as --garment-point; repeatable."""
    not_point: Annotated[tuple[Annotated[str, *pixels("x,y")], ...], BeforeValidator(listed)] = ()
    """On something that is not garment, as --not-point; repeatable."""
    landmark: Annotated[tuple[Annotated[str, LANDMARK], ...], BeforeValidator(listed)] = ()
    """Where one of its landmarks is, name=x,y, as --landmark; repeatable."""


_With = create_model(  # the field's name is a word of Python
    "_With",
    __base__=Options,
    **{
        "with": (
            Annotated[tuple[Worn, ...], BeforeValidator(listed), Field(max_length=12)],
            Field(
                (),
                description="Another garment or accessory for the same body, optionally with its kind and scale: "
                '"trousers.jpg scale=1.12", "shoes.jpg kind=shoes length_cm=29". Repeatable.',
            ),
        )
    },  # type: ignore[call-overload]
)


class OutfitOptions(_With):
    order: str = ""
    """Layer order of an outfit: kinds separated by commas, innermost first; those left out keep their usual place.
    `tucked` stands for top,bottom and top,skirt."""
    measured: Measured = Measured()
    """A known length in the first photo, such as shoulder_cm=42 or px_per_cm=9, for other photos that are scaled in
    centimetres; defaults to the casting's height."""

    @property
    def worn(self) -> tuple[Worn, ...]:
        """The further photos."""
        found: tuple[Worn, ...] = getattr(self, "with")
        return found

    @field_validator("order")
    @classmethod
    def _kinds(cls, order: str) -> str:
        named = [each.strip() for each in order.split(",") if each.strip()]
        unknown = [each for each in named if each not in KINDS] if named != ["tucked"] else []
        if unknown or len(set(named)) < len(named):
            raise ValueError(f"write kinds once each, of {', '.join(KINDS)}; or tucked")
        return ",".join(named)
