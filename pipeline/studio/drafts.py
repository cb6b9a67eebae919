"""Drafts: a photo with what was chosen for it, kept on disk at every change: a crash or a reload loses nothing."""

import os
import re
import secrets
import shlex
import shutil
from pathlib import Path
from typing import Annotated, Any, Literal

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.outfits import OWN
from pipeline.service import request_options
from pipeline.service.body import MOST_FURTHER
from stages.contracts import Matte
from stages.errors import ConfigError
from stages.options import Task
from stages.outfit.options import KINDS

NAME = re.compile(r"^[0-9a-f]{32}$")
Coordinate = Annotated[float, Field(ge=-100_000, le=100_000)]
#: Joints of a skeleton.
JOINTS = 18


class Part(BaseModel):
    """A part of what the studio keeps."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Mark(Part):
    """A click on the photo, in its pixels: what lies there is garment, or is not."""

    x: Annotated[float, Field(ge=0, le=100_000)]
    y: Annotated[float, Field(ge=0, le=100_000)]
    keep: bool


class Stroke(Part):
    """A stroke of the brush, in pixels of the photo."""

    keep: bool
    radius: Annotated[float, Field(gt=0, le=5000)]
    path: Annotated[list[tuple[Coordinate, Coordinate]], Field(min_length=1, max_length=20_000)]


class Skeleton(Part):
    """Joints that were moved by hand, in pixels of a canvas."""

    width: Annotated[float, Field(gt=0, le=100_000)]
    height: Annotated[float, Field(gt=0, le=100_000)]
    joints: Annotated[
        list[tuple[Coordinate, Coordinate, Annotated[float, Field(ge=0, le=1)]]],
        Field(min_length=JOINTS, max_length=JOINTS),
    ]


class Sent(Part):
    """A file that was sent along with a draft's photo, and lies in the draft's folder."""

    file: Annotated[str, Field(pattern=NAME.pattern)]
    name: Annotated[str, Field(max_length=200)]
    """As its owner names it."""


class Edited(Part):
    """What is done to a cut by hand."""

    marks: Annotated[tuple[Mark, ...], Field(max_length=200)] = ()
    strokes: Annotated[tuple[Stroke, ...], Field(max_length=2000)] = ()
    inverted: bool = False
    mask: Sent | None = None
    """A picture that takes the place of what the finder finds, or marks what is to be painted anew."""

    @property
    def painted(self) -> bool:
        """Whether the matte is more than what the finder and clicks give."""
        return bool(self.strokes) or self.inverted or self.mask is not None

    def points(self, keep: bool) -> list[str]:
        """Returns the clicks that add a part, or those that remove one, as x,y."""
        return [f"{mark.x:.0f},{mark.y:.0f}" for mark in self.marks if mark.keep == keep]


class Further(Sent, Edited):
    """The photo of a further garment on the same body."""

    kind: Literal["auto", *KINDS] = "auto"  # type: ignore[valid-type]
    scale: Annotated[float, Field(gt=0, le=16)] | None = None
    box: Annotated[str, Field(max_length=100)] | None = None
    landmark: Annotated[tuple[Annotated[str, Field(max_length=100)], ...], Field(max_length=20)] = ()

    @property
    def words(self) -> str:
        """What `--with` is told of it, but for a matte."""
        told = [("kind", self.kind)] if self.kind != "auto" else []
        told += [("scale", f"{self.scale:g}")] if self.scale is not None else []
        if not self.painted:  # else the matte holds what they say
            told += [("box", self.box)] if self.box is not None else []
            told += [("point", each) for each in self.points(keep=True)]
            told += [("not_point", each) for each in self.points(keep=False)]
        told += [("landmark", each) for each in self.landmark]
        return " ".join([self.name, *(f"{name}={value}" for name, value in told)])

    @property
    def matte(self) -> str:
        """What its matte is called, in words without spaces."""
        return re.sub(r"\s", "-", f"{Path(self.name).stem}.matte.png")


class Choices(Edited):
    """All that is chosen for a photo."""

    task: Task = "generate"
    further: Annotated[tuple[Further, ...], Field(max_length=MOST_FURTHER)] = ()
    back: Sent | None = None
    """Of a ghost, the photo of the garment's back."""
    skeleton: Skeleton | None = None
    options: dict[str, Any] = {}
    """By bare names, as over HTTP."""
    count: Annotated[int, Field(ge=1, le=8)] = 1
    """Pictures to make, with following seeds."""

    @property
    def sent(self) -> tuple[Sent, ...]:
        """All files beside the photo."""
        drawn = (self.mask, self.back, *(each.mask for each in self.further))
        return (*self.further, *(each for each in drawn if each is not None))

    @property
    def cuts(self) -> bool:
        """Whether the task keeps what is cut out of the photo."""
        return self.task in ("generate", "background", "ghost")


class Draft(Part):
    """One photo in the studio."""

    id: str
    name: str
    """The photo as its owner names it."""
    file: str
    width: int
    height: int
    choices: Choices = Choices()
    jobs: tuple[str, ...] = ()


class Drafts:
    """The drafts of a folder."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def place(self, name: str) -> Path:
        """Returns a draft's own folder. Raises KeyError for a name that is none."""
        if not NAME.match(name):
            raise KeyError(name)
        return self.folder / name

    def begin(self) -> str:
        """Makes a folder for a new draft; gives its name."""
        name = secrets.token_hex(16)
        (self.folder / name).mkdir()
        return name

    def save(self, draft: Draft) -> None:
        """Keeps a draft, whole or not at all."""
        save(self.place(draft.id) / "draft.json", draft)

    def get(self, name: str) -> Draft:
        """Returns a draft. Raises KeyError when there is none."""
        try:
            return Draft.model_validate_json((self.place(name) / "draft.json").read_bytes())
        except (OSError, ValidationError):
            raise KeyError(name) from None

    def remove(self, name: str) -> None:
        """Takes a draft away, with its photo and what was sent along. Raises KeyError when there is none."""
        shutil.rmtree(self.place(self.get(name).id))

    def all(self) -> list[Draft]:
        """Returns every draft, the one that was changed last first."""
        found = sorted(self.folder.glob("*/draft.json"), key=lambda each: each.stat().st_mtime_ns, reverse=True)
        return [self.get(each.parent.name) for each in found if NAME.match(each.parent.name)]


def save(path: Path, what: Part) -> None:
    """Writes a part to a file, whole or not at all."""
    replace_file(path, what.model_dump_json().encode())


def replace_file(path: Path, content: bytes) -> None:
    """Writes bytes to a file, whole or not at all."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def painted(matte: Matte, choices: Choices) -> Matte:
    """Returns a matte, H x W, with inversion and strokes laid over it in their order, soft by a pixel at their rims."""
    found = (1 - matte if choices.inverted else matte).astype(np.float32)
    for stroke in choices.strokes:
        line = np.zeros(found.shape, np.uint8)
        points = np.rint(np.array(stroke.path) * 16).astype(np.int32)
        if len(points) == 1:
            points = np.repeat(points, 2, axis=0)
        cv2.polylines(line, [points], False, 255, max(1, round(2 * stroke.radius)), cv2.LINE_AA, 4)
        cover = line.astype(np.float32) / 255
        found = np.maximum(found, cover) if stroke.keep else np.minimum(found, 1 - cover)
    return np.asarray(found, np.float32)


def checked(kind: type[Any], choices: Choices) -> dict[str, Any]:
    """Returns what is asked for by bare names, without files. Raises ConfigError for an option that cannot be."""
    if {"photo", "webhook", "task", "with"} & set(choices.options):
        raise ConfigError("a draft's options are those of a picture alone")
    said: dict[str, Any] = {**choices.options, "task": choices.task}
    if choices.painted:
        for name in ("garment_box", "box", "point"):  # the matte, or the mask, holds what they say
            said.pop(name, None)
    elif choices.cuts:
        for name, keep in (("garment_point", True), ("not_point", False)):
            points = choices.points(keep)
            said |= {name: points} if points else {}
    if choices.further and choices.task == "generate":
        said["with"] = [each.words for each in choices.further]
    return request_options.checked(kind, said)


def alone(draft: Draft, own: Further, width: int, height: int) -> Draft:
    """Returns a further garment as a draft of its own, so that its cut is looked at and edited as the first one's is.

    `width` and `height` are those of its photo.
    """
    options = {name: value for name, value in draft.choices.options.items() if name not in OWN}
    told = {"garment": own.kind, "garment_box": own.box, "landmark": list(own.landmark)}
    choices = Choices(
        marks=own.marks, strokes=own.strokes, inverted=own.inverted, mask=own.mask,
        options=options | {name: value for name, value in told.items() if value},
    )  # fmt: skip
    return Draft(id=draft.id, name=own.name, file=own.file, width=width, height=height, choices=choices)


def command(draft: Draft, said: dict[str, Any]) -> str:
    """Returns the command line that makes the same picture from the draft's files."""
    stem = Path(draft.name).stem
    words = ["onmodel", draft.choices.task, draft.name, "-o", f"out/{stem}.png"]
    if "with" in said:
        further = [f"{each.words} matte={each.matte}" if each.painted else each.words for each in draft.choices.further]
        said = {**said, "with": further}
    for name, value in said.items():
        if name == "task" or isinstance(value, dict) or value is None:
            continue
        flag = "--" + name.replace("_", "-")
        for each in value if isinstance(value, list) else [value]:
            words += ([flag] if each else [f"--no-{flag[2:]}"]) if isinstance(each, bool) else [flag, str(each)]
    choices = draft.choices
    if choices.painted and choices.cuts:
        words += ["--matte", f"{stem}.matte.png"]
    if choices.task == "inpaint" and choices.painted:
        words += ["--mask", f"{stem}.region.png"]
    if choices.skeleton is not None and choices.task == "generate":
        words += ["--pose", f"{stem}.pose.json"]
    if choices.back is not None and choices.task == "ghost":
        words += ["--back", choices.back.name]
    return shlex.join(words)
