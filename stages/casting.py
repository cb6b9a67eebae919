"""Who is in the picture, where it is taken and how the person stands: what the small YAML files in configs/ say.

Like `stages.options`, this module imports pydantic and the standard library alone.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from stages.adults import of_adults
from stages.options import Options, Size

__all__ = ["Casting", "Pose", "Scene", "Size", "shod"]


class Casting(Options):
    """Who the model is: one small YAML file in configs/castings/. Adults only."""

    person: Literal["woman", "man"] = "woman"
    age: Annotated[int, Field(ge=18, le=90)] = 30
    """In years; below 18 is refused."""
    height: Annotated[float, Field(ge=145, le=210)] | None = None
    """In centimetres; None is 168 for a woman and 181 for a man."""
    size: Size = "M"
    """Which clothes fit, by EN 13402-3; `stages.figure.sizes` has its girths in centimetres."""
    build: Literal["slim", "average", "curvy", "athletic"] = "average"
    """What the girths are made of: an athletic body has more muscle than a slim one of the same size."""
    skin: Annotated[int, Field(ge=1, le=10)] = 5
    """Tone on the Monk Skin Tone scale, 1 lightest to 10 darkest."""
    face: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Seed of the face: the same number is the same face in every picture."""
    features: tuple[
        Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]
    ] = (1 / 3, 1 / 3, 1 / 3)
    """Shares of African, Asian and Caucasian features in face and body."""
    eyes: Literal["dark brown", "brown", "hazel", "green", "blue", "grey"] = "brown"
    """Colour of the irises."""
    brows: Literal["thin", "medium", "thick"] = "medium"
    beard: Literal["none", "stubble", "moustache", "goatee", "short", "full"] = "none"
    hair_style: str = "long straight"
    hair_colour: str = "dark brown"
    hair_front: bool = False
    """Let long hair fall in front of the shoulders, where it may cover the product; else it falls behind them."""
    top: str = "a white t-shirt"
    """What is worn above trousers or a skirt that is kept."""
    bottom: str = "black trousers"
    """What is worn below a top that is kept."""
    shoes: str = "white shoes"
    wording: str = ""
    """Added to the prompt."""
    avoid: str = ""
    """Added to the negative prompt."""
    references: tuple[Path, ...] = ()
    """Pictures of the person, for a preset with an identity adapter: the same face in every picture."""
    consent: bool = False
    """That the references show an adult who agreed to this use; without it they are refused."""

    @model_validator(mode="after")
    def _consented(self) -> Self:
        if self.references and not self.consent:
            raise ValueError("references need `consent: true`: they show an adult who agreed to this use")
        return self

    _adult = field_validator("wording", "hair_style", "hair_colour", "top", "bottom", "shoes")(of_adults)


class Scene(Options):
    """Where the picture is taken: one small YAML file in configs/scenes/."""

    place: str = "in a light grey photo studio"
    light: str = "soft light from the left"
    light_from: Literal["left", "right", "front"] = "left"
    """Where shadows fall away from."""
    softness: Annotated[float, Field(ge=0, le=1)] = 0.6
    """Of the light: 0 is the sun in a clear sky, 1 a large softbox near by."""
    light_colour: tuple[float, float, float] = (1.0, 0.98, 0.95)
    """Of the main light, linear red, green and blue."""
    ambient: tuple[float, float, float] = (0.34, 0.33, 0.32)
    """Of the light from everywhere else, beside a main light of about 1: the more, the fainter are shadows."""
    wall: Annotated[float, Field(ge=0.2, le=10)] | None = None
    """Metres behind a drawn figure at which a wall takes its shadow; None where none is near."""
    shoes: str = ""
    """What is worn on the feet there in place of the casting's own shoes, such as bare feet on sand."""
    blur: Annotated[float, Field(ge=0, le=0.05)] = 0
    """How far the place is out of focus behind a drawn figure, as a share of the picture's longer side."""
    wording: str = ""
    avoid: str = ""

    _adults = field_validator("place", "light", "wording", "shoes")(of_adults)


def shod(casting: Casting, scene: Scene) -> Casting:
    """Returns the casting in the shoes that the scene asks for, or in its own."""
    return casting.model_copy(update={"shoes": scene.shoes}) if scene.shoes else casting


class Pose(Options):
    """How free arms and legs are held: one small YAML file in configs/poses/.

    Angles are degrees off the vertical, positive outwards: 0 hangs straight down, 90 points to the side. Sleeves and
    trouser legs come first: what they hold follows them.
    """

    right_upper_arm: Annotated[float, Field(ge=-30, le=180)] = 12
    """Shoulder to elbow of the person's right arm."""
    right_forearm: Annotated[float, Field(ge=-180, le=180)] = 8
    """Elbow to wrist of the right arm."""
    left_upper_arm: Annotated[float, Field(ge=-30, le=180)] = 12
    """Shoulder to elbow of the left arm."""
    left_forearm: Annotated[float, Field(ge=-180, le=180)] = 8
    """Elbow to wrist of the left arm."""
    right_thigh: Annotated[float, Field(ge=-20, le=60)] = 0
    """Hip to knee of the right leg."""
    right_shank: Annotated[float, Field(ge=-40, le=60)] = 0
    """Knee to ankle of the right leg."""
    left_thigh: Annotated[float, Field(ge=-20, le=60)] = 0
    """Hip to knee of the left leg."""
    left_shank: Annotated[float, Field(ge=-40, le=60)] = 0
    """Knee to ankle of the left leg."""
