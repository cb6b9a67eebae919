"""The receipt: what was done to a photo, with what, and what was proven (schema 1)."""

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from pipeline.config import Config
from stages.contracts import Accessory, Category
from stages.options import Options, Task

#: Bounds of what a receipt may say: it is read back from files that anybody may have written.
Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^/\\\x00-\x1f]+$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Side = Annotated[int, Field(ge=1, le=10**6)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Offset = Annotated[int, Field(ge=-(10**6), le=10**6)]
Words = Annotated[str, Field(max_length=100_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Selection(_Part):
    """How what is kept was found, in tasks that look for no garment."""

    found_by: Words
    region: tuple[Offset, Offset, Offset, Offset] | None
    """The box of what was generated within the photo's own frame, in its pixels; None for outpainting."""
    notes: tuple[Words, ...] = ()


class Garment(_Part):
    category: Category
    confidence: float
    framing: Words
    segmenter: Words
    notes: tuple[Words, ...] = ()


class Person(_Part):
    """The figure: the adult body that was fitted into the garment."""

    used: Literal["drawn", "guide", "none"]
    """Drawn into the picture, shown to the model that painted the person, or not made."""
    note: str = ""
    """Why there is none."""
    size_asked: str = ""
    """The body's size that was asked for; `parameters.size` is that of the body in the picture."""
    parameters: dict[str, float | str] = {}
    residuals: dict[str, float] = {}
    """Distance of joints from where garment or skeleton ask for them, in shares of the torso's length."""
    sticking_out: int = 0
    """Canvas pixels of covered parts of the body outside the garment; they are not drawn."""


class Source(_Part):
    name: Words
    sha256: Sha256
    width: Side
    height: Side
    bit_depth: Literal[8, 16]
    icc: Words
    notes: tuple[Words, ...] = ()


class Place(_Part):
    x: Offset
    y: Offset
    scale: Annotated[float, Field(gt=0, le=64)]
    resample: Words | None


class Layer(_Part):
    """One photo of an outfit in the place of a single source, or one shoe of a pair."""

    source: Count
    """Which of the receipt's `sources`."""
    kind: Category | Accessory
    placement: Place
    box: tuple[Offset, Offset, Offset, Offset]
    """On the canvas."""
    core_pixels: Count
    """Those that are seen."""
    core_sha256: Sha256
    how: Words = ""
    """How its scale was found."""
    segmenter: Words = ""
    """What cut its photo."""
    turn: Literal[0, 90, 180, 270] = 0
    """By how many degrees its photo was turned clockwise before it was resampled."""
    mirrored: bool = False
    """Whether it was then mirrored from left to right, as the other shoe of a pair."""


class File(_Part):
    name: Name
    sha256: Sha256
    width: Side | None = None
    height: Side | None = None


class Kept(_Part):
    core_pixels: Count
    changed: Count
    edge_pixels: Count
    core_sha256: Sha256


class Joined(_Part):
    """What a second photo shows behind what is kept; its mask says where, 0 = as photographed."""

    source: Source
    placement: Place
    mask: File
    kept: Kept
    note: Words = ""


class Channel(_Part):
    """A file that was made for a shop or a platform, and whether it is what that asks for."""

    channel: Name
    name: Name
    sha256: Sha256
    width: Side
    height: Side
    bytes: Count
    window: tuple[Offset, Offset, Offset, Offset]
    """What of the picture it shows, in the picture's pixels: it was resampled once to width x height."""
    unmet: tuple[Words, ...] = ()
    """What the shop asks for and the file is not; empty where it fits."""
    said: tuple[Words, ...] = ()


class Checks(_Part):
    seam: float | None
    halo: float | None
    expansion: float | None
    pose: float | None


class Likeness(_Part):
    """The face, as `stages.likeness` describes it, so that pictures of one casting can be compared."""

    colour: tuple[float, float, float]
    pattern: Annotated[str, Field(pattern=r"^[0-9a-f]{512}$")]


class Model(_Part):
    role: Words
    id: Words
    revision: Words | None
    licence: Words


class Provenance(_Part):
    """How the picture says what it is; what is off says why."""

    c2pa: Words
    """signed, or why not."""
    signer: Words | None = None
    """Who signed, by the certificate."""
    watermark: Words
    """in generated pixels, or why not."""
    label: bool = False
    """Whether the export shows the disclosure."""
    disclosure: Words


class Record(_Part):
    """Common part of every record, whether of a picture, a cut-out, or a row that failed."""

    schema_: Literal[1] = Field(alias="schema")
    task: Task | Literal["segment"] | None
    status: Literal["ok", "failed", "error"]
    output: File | None = None
    mask: File | None = None
    garments: File | None = None
    files: dict[str, Sha256] = {}
    """Every file that was written with it, by its name below the record's folder."""
    before: tuple[Sha256, ...] = ()
    """Files that lay there before, while a store without moves is being written."""

    def hashes(self) -> set[str]:
        """Returns the SHA-256 of every file that it names as this program's own; the photo is not."""
        own = {each.sha256 for each in (self.output, self.mask, self.garments) if each is not None}
        return own | set(self.files.values()) | set(self.before)

    def text(self) -> str:
        """Returns the record as JSON text, ending in a newline."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


class CutRecord(Record):
    """Record of `onmodel segment`: what was written, and from which photo."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    task: Literal["segment"] = "segment"
    status: Literal["ok"] = "ok"
    source: Source
    garment: Garment
    config: dict[str, Any]
    versions: dict[str, str]


class Receipt(Record):
    """One receipt. `output` is None in a failed run, which writes no picture."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    task: Task
    status: Literal["ok", "failed"]
    source: Source
    sources: tuple[Source, ...] = ()
    """Of an outfit, all its photos, the first one first."""
    layers: tuple[Layer, ...] = ()
    """Of an outfit, what is worn, from the skin outwards."""
    garments: File | None = None
    """Of an outfit, the picture of whose core each pixel is: n for the n-th of `layers`, 0 for none."""
    placement: Place
    mask: File | None
    output: File | None
    kept: Kept
    checks: Checks
    skeleton: tuple[tuple[float, float, float], ...]
    garment: Garment | None = None
    """Of `generate` and `ghost`."""
    selection: Selection | None = None
    """Of the other tasks."""
    joined: Joined | None = None
    """Of `ghost` alone, with a second photo."""
    figure: Person | None = None
    """Of `generate` alone."""
    face: Likeness | None = None
    """Of `generate` alone, where both eyes are seen."""
    channels: tuple[Channel, ...] = ()
    models: tuple[Model, ...]
    caption: Words = ""
    """What the picture shows, as its metadata say (dc:description)."""
    alt: Words = ""
    """The same for whoever cannot see it (Iptc4xmpCore:AltTextAccessibility)."""
    prompt: Words
    negative_prompt: Words
    seed: Count
    candidates: Count
    reseeded: Count = 0
    """Further seeds that were tried because a limit was exceeded; `seed` is the one that was kept."""
    config: dict[str, Any]
    seconds: dict[str, float]
    versions: dict[str, str]
    failures: tuple[Words, ...] = ()
    warnings: tuple[Words, ...] = ()
    provenance: Provenance | None = None

    def digest(self) -> str:
        """The SHA-256 of what it says of the run: all but the picture's own hash, which a signature changes, and
        what is added once the files are written.
        """
        said = self.model_dump(mode="json", by_alias=True, include=set(type(self).model_fields) - {"files", "before"})
        if said["output"] is not None:
            said["output"]["sha256"] = ""
        return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode())

    @field_validator("config")
    @classmethod
    def _by_section(cls, config: dict[str, Any]) -> dict[str, Any]:
        """Raises ValueError where a stage's options are no mapping; what is in them is checked by who uses it."""
        for name, field in Config.model_fields.items():
            options = isinstance(field.annotation, type) and issubclass(field.annotation, Options)
            if options and not isinstance(config.get(name, {}), dict):
                raise ValueError(f"{name} holds no options")
        return config


def sha256(content: bytes) -> str:
    """Returns the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
