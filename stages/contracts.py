"""The records that travel between stages, and the protocols that models fulfil.

Conventions, stated once for the whole project:

- pictures are RGB, HWC, uint8 or uint16, in the colour space of their photo;
- mattes are HW float32 in [0, 1], 1 = garment;
- masks are HW uint8, 255 = generate, 0 = keep;
- boxes are (x0, y0, x1, y1) in pixels, end exclusive; points are (x, y) in pixels;
- a skeleton is 18 x 3 float32: OpenPose body-18 keypoints as (x, y, confidence), 0 = absent;
- every array held by a record is read-only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from stages.errors import NoPlateError

RGB = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Plate = npt.NDArray[np.uint8]
Matte = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]
Skeleton = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]
Point = tuple[float, float]

Category = Literal["top", "bottom", "skirt", "dress", "outerwear", "swim"]
"""bottom is trousers and shorts; outerwear is jackets and coats; swim is swimsuits, briefs and bikinis."""
Accessory = Literal[
    "shoes", "hat", "bag", "necklace", "scarf", "belt", "earrings", "glasses", "watch", "ring"
]  # fmt: skip
"""What is worn over an outfit's garments, placed by its kind rather than by landmarks of its own."""
Framing = Literal["full", "three-quarter", "half", "lower"]
View = Literal["front", "back"]

#: OpenPose body-18 order; "right" is the person's right, at the left of a picture seen from the front.
KEYPOINTS = (
    "nose", "neck",
    "right_shoulder", "right_elbow", "right_wrist",
    "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle",
    "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear",
)  # fmt: skip


class Sealed:
    """Sets every array field read-only, so that a stage cannot change what it was given."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]
            value = getattr(self, each.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)


@dataclass(frozen=True, slots=True, eq=False)
class Photo(Sealed):
    """The input picture: pixels upright (EXIF applied) in the photo's own colour space and bit depth."""

    name: str
    pixels: RGB
    """H x W x 3."""
    sha256: str
    """Of the file's bytes."""
    alpha: Matte | None = None
    """The file's own alpha channel, offered as the matte; None if absent or fully opaque."""
    icc: bytes | None = None
    """The RGB ICC profile that the pixels are in; None means sRGB."""
    dpi: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    """What was converted on reading, in words (CMYK, grey, palette)."""

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def bit_depth(self) -> Literal[8, 16]:
        return 16 if self.pixels.dtype == np.uint16 else 8


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a garment's outline says of it: category, and landmarks by name, in photo pixels."""

    category: Category
    confidence: float
    """In [0, 1]; below `SegmentOptions.category_confidence` a run warns."""
    landmarks: dict[str, Point] = field(default_factory=dict)
    """By name: collar, right_shoulder, left_shoulder, right_strap, left_strap, right_armpit, left_armpit, right_cuff,
    left_cuff, right_waist, left_waist, right_hem, left_hem, crotch. A landmark that the garment lacks is absent; tops
    of straps take the place of shoulders. "right" is the wearer's right."""

    @property
    def from_waist(self) -> bool:
        """Whether the garment hangs from the waist rather than from the shoulders."""
        return self.category in ("bottom", "skirt") or (self.category == "swim" and "collar" not in self.landmarks)


@dataclass(frozen=True, slots=True, eq=False)
class Cutout(Sealed):
    """A garment cut from its photo, at photo size."""

    matte: Matte
    """1 exactly on the core."""
    foreground: RGB
    """The garment's colour: the photo's own where matte is 1, estimated where it is soft."""
    shape: Shape
    segmenter: str
    """Which back-end made it, for people: "finder", "sam vit_b", "alpha of the photo"."""
    notes: tuple[str, ...] = ()
    inside: Matte | None = None
    """Coverage of what lies behind the body when worn, such as the inner back collar, and is left out of `matte`; the
    figure decides how much of it is seen beside the neck."""
    view: Matte | None = None
    """Where the garment was found on a small picture of the whole photo, less what is left out on purpose: what is kept
    has to agree with it. None where the user or the file says what the garment is."""
    doubts: tuple[str, ...] = ()
    """Why the find may be wrong, in words; none of a find that is sure."""
    product: str = ""
    """What this is where it is nothing that a body wears: shoes, hat, bag, jewellery."""
    worn: bool = False
    """Whether somebody wears it whom nobody but the embedded finder told from the cloth: parts of both may be mixed."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """What the user says of where the garment is, in pixels of the picture that it goes with; false if he says nothing.

    Points may fall between pixels.
    """

    box: tuple[float, float, float, float] | None = None
    """Nothing outside it is garment."""
    inside: tuple[Point, ...] = ()
    outside: tuple[Point, ...] = ()

    def __bool__(self) -> bool:
        return self.box is not None or bool(self.inside or self.outside)

    def scaled(self, factor: float) -> "Prompts":
        """Returns the same in a picture `factor` times as large."""
        box = self.box and tuple(factor * each for each in self.box)
        inside, outside = (tuple((factor * x, factor * y) for x, y in each) for each in (self.inside, self.outside))
        return Prompts(box, inside, outside)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where the photo's top left corner lies on the canvas; negative when backdrop hangs over the frame."""

    x: int
    y: int
    scale: float = 1.0
    resample: str | None = None
    """The resampling filter; None at scale 1, where pixels are copied."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed(Sealed):
    """A garment on its canvas. The arrays cover `box`, the garment's bounding box, not the whole canvas."""

    width: int
    height: int
    placement: Placement
    box: Box
    """Of matte or inside > 0 in canvas pixels; always inside the canvas."""
    pixels: RGB
    """The placed photo within `box`."""
    foreground: RGB
    icc: bytes | None
    """The photo's embedded profile, which `pixels` and `foreground` are in; None is sRGB."""
    matte: Matte
    shape: Shape
    """With its landmarks in canvas pixels."""
    framing: Framing
    body: Skeleton
    """The body that the canvas was made for, in canvas pixels; joints may lie outside the frame."""
    inside: Matte | None = None
    """As `Cutout.inside`."""
    layers: "tuple[Layer, ...]" = ()
    """What an outfit is composed of, back to front; empty where one garment alone is placed. `matte`, `pixels` and
    `foreground` are then those of the layers over one another, and `matte` is 1 only where one photo's core is seen."""
    notes: tuple[str, ...] = ()
    """What a run says of how an outfit was put together."""

    @property
    def window(self) -> tuple[slice, slice]:
        """Slices of `box`, to index a canvas-size array."""
        x0, y0, x1, y1 = self.box
        return slice(y0, y1), slice(x0, x1)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One garment of an outfit, or one shoe of a pair, on the outfit's canvas."""

    placed: Placed
    """On its own, as if nothing lay over it."""
    kind: Category | Accessory
    source: int
    """Which photo it is from: 0 is the first, whose pixels are copied."""
    how: str = ""
    """How its scale was found, in words."""
    turn: int = 0
    """By how many degrees its photo was turned clockwise: 0, 90, 180 or 270."""
    mirrored: bool = False
    """Whether the turned photo was then mirrored from left to right, as the other shoe of a pair."""


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    positive: str
    negative: str
    references: tuple[Path, ...] = ()
    """Pictures of the person."""


@dataclass(frozen=True, slots=True, eq=False)
class Request(Sealed):
    """What a generator is asked for, at model size (both sides multiples of `Generator.multiple`)."""

    image: Plate
    """The garment over neutral grey, sRGB, H x W x 3."""
    mask: Mask
    control: Plate
    """The skeleton, drawn as the ControlNet expects it."""
    prompt: Prompt
    steps: int
    guidance: float
    strength: float
    control_scale: float
    skeleton: Skeleton | None = None
    """What `control` shows, in pixels of the request."""
    depth: Plate | None = None
    """The figure's depth, near is bright, for a depth ControlNet."""
    drawn: Plate | None = None
    """The figure over `image`, for a model that is shown neither skeleton nor depth."""
    references: tuple[Plate, ...] = ()
    """Pictures of the person, sRGB, of any size."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What `verify` proved and measured of one written picture."""

    core_pixels: int
    changed: int
    """Core pixels that differ from the placed photo; the promise is 0."""
    edge_pixels: int
    core_sha256: str
    seam: float | None = None
    halo: float | None = None
    expansion: float | None = None
    pose: float | None = None
    failures: tuple[str, ...] = ()
    """Broken promises, in words: the run writes no picture."""
    warnings: tuple[str, ...] = ()


Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all)."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a receipt says of one model."""

    role: str
    """segmenter, poser, figure, generator, controlnet, vae, lora, identity or upscaler."""
    id: str
    revision: str | None
    licence: str


class Segmenter(Protocol):
    """Finds the garment: H x W x 3 uint8 sRGB in, H x W float32 probability in [0, 1] out."""

    name: str
    card: ModelCard

    def __call__(self, picture: Plate) -> Matte: ...


@runtime_checkable
class PromptedSegmenter(Segmenter, Protocol):
    """A segmenter that can be told where the garment is."""

    def prompted(self, picture: Plate, prompts: Prompts) -> Matte: ...


class Poser(Protocol):
    """Finds people: H x W x 3 uint8 sRGB in, one 18 x 3 skeleton in its pixels for each person out."""

    name: str
    card: ModelCard

    def __call__(self, picture: Plate) -> list[Skeleton]: ...


class Generator(Protocol):
    """Paints everything but the garment."""

    cards: tuple[ModelCard, ...]
    multiple: int
    """Sides of a request are multiples of this."""
    pixels: int
    """Width x height that the model paints best; 0 if it paints at the canvas's own size."""

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        """Returns one plate of the request's size, the same bytes for the same seed."""
        ...


@runtime_checkable
class BatchGenerator(Generator, Protocol):
    """A generator that can paint several pictures at once."""

    def at_once(self) -> int:
        """Returns how many; they may be of different garments."""
        ...

    def many(
        self, requests: Sequence[Request], seeds: Sequence[int], progress: Progress
    ) -> "list[Plate | NoPlateError]":
        """Returns for each request and its seed a plate, or why there is none: one that fails costs none of the others.

        Any number may be asked for. `progress` counts the steps of all. With another number at once, the same seed
        gives the same picture but for rounding.
        """
        ...


class Upscaler(Protocol):
    """Enlarges an H x W x 3 uint8 plate to exactly (width, height)."""

    def __call__(self, plate: Plate, width: int, height: int) -> Plate: ...
