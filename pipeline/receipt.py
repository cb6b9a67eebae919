"""The receipt: what was done to a photo, with what, and what was proven (schema 1)."""

import hashlib
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from pipeline.config import Config
from stages import colour
from stages.contracts import Category, Cutout, Matte, ModelCard, Photo, Placed, Prompt, Skeleton, Verdict
from stages.figure.records import Figure
from stages.options import Task

PACKAGES = (
    "onmodel", "anny", "embreex", "diffusers", "torch", "transformers", "opencv-python-headless", "pillow", "numpy",
)  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)


class Selection(_Part):
    """How what is kept was found, in tasks that look for no garment."""

    found_by: str
    region: tuple[int, int, int, int] | None
    """The box of what was generated within the photo's own frame, in its pixels; None for outpainting."""
    notes: tuple[str, ...] = ()


class Garment(_Part):
    category: Category
    confidence: float
    framing: str
    segmenter: str
    notes: tuple[str, ...] = ()


class Person(_Part):
    """The figure: the adult body that was fitted into the garment."""

    used: Literal["drawn", "guide", "none"]
    """Drawn into the picture, shown to the model that painted the person, or not made."""
    note: str = ""
    """Why there is none."""
    parameters: dict[str, float | str] = {}
    residuals: dict[str, float] = {}
    """Distance of joints from where garment or skeleton ask for them, in shares of the torso's length."""
    sticking_out: int = 0
    """Canvas pixels of covered parts of the body outside the garment; they are not drawn."""


class Source(_Part):
    name: str
    sha256: str
    width: int
    height: int
    bit_depth: Literal[8, 16]
    icc: str
    notes: tuple[str, ...] = ()


class Place(_Part):
    x: int
    y: int
    scale: float
    resample: str | None


class File(_Part):
    name: str
    sha256: str
    width: int | None = None
    height: int | None = None


class Kept(_Part):
    core_pixels: int
    changed: int
    edge_pixels: int
    core_sha256: str


class Checks(_Part):
    seam: float | None
    halo: float | None
    expansion: float | None
    pose: float | None


class Model(_Part):
    role: str
    id: str
    revision: str | None
    licence: str


class Receipt(_Part):
    """One receipt. `output` is None in a failed run, which writes no picture."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    task: Task
    status: Literal["ok", "failed"]
    source: Source
    placement: Place
    mask: File | None
    output: File | None
    kept: Kept
    checks: Checks
    skeleton: tuple[tuple[float, float, float], ...]
    garment: Garment | None = None
    """Of `generate` alone."""
    selection: Selection | None = None
    """Of the other tasks."""
    figure: Person | None = None
    """Of `generate` alone."""
    models: tuple[Model, ...]
    prompt: str
    negative_prompt: str
    seed: int
    candidates: int
    reseeded: int = 0
    """Further seeds that were tried because a limit was exceeded; `seed` is the one that was kept."""
    config: dict[str, Any]
    seconds: dict[str, float]
    versions: dict[str, str]
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def text(self) -> str:
        """Gives the receipt as JSON text, ending in a newline."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


def build(
    *,
    name: str,
    photo: Photo,
    cutout: Cutout,
    placed: Placed,
    skeleton: Skeleton,
    prompt: Prompt,
    seed: int,
    reseeded: int = 0,
    verdict: Verdict,
    cards: tuple[ModelCard, ...],
    config: Config,
    seconds: dict[str, float],
    mask_png: bytes,
    png: bytes | None,
    figure: Figure | None = None,
    unfit: str = "",
) -> Receipt:
    """Writes up one run. `png` is None when a promise was broken."""
    shape = placed.shape
    warnings = list(verdict.warnings)
    if unfit:
        warnings.append(f"no figure: {unfit}")
    garment = config.task == "generate"
    if garment and config.segment.garment == "auto" and shape.confidence < config.segment.category_confidence:
        warnings.append(f"taken for a {shape.category} with confidence {shape.confidence:.2f}: --garment tells it")
    where = placed.placement
    return Receipt(
        task=config.task,
        status="failed" if png is None else "ok",
        source=Source(
            name=photo.name,
            sha256=photo.sha256,
            width=photo.width,
            height=photo.height,
            bit_depth=photo.bit_depth,
            icc=colour.profile_name(photo.icc),
            notes=photo.notes,
        ),
        placement=Place(x=where.x, y=where.y, scale=where.scale, resample=where.resample),
        mask=File(name=f"{name}.mask.png", sha256=_sha256(mask_png)),
        output=None
        if png is None
        else File(name=f"{name}.png", sha256=_sha256(png), width=placed.width, height=placed.height),
        kept=Kept(
            core_pixels=verdict.core_pixels,
            changed=verdict.changed,
            edge_pixels=verdict.edge_pixels,
            core_sha256=verdict.core_sha256,
        ),
        checks=Checks(seam=verdict.seam, halo=verdict.halo, expansion=verdict.expansion, pose=verdict.pose),
        skeleton=tuple((round(float(x), 2), round(float(y), 2), round(float(c), 3)) for x, y, c in skeleton),
        garment=Garment(
            category=shape.category,
            confidence=round(shape.confidence, 3),
            framing=placed.framing,
            segmenter=cutout.segmenter,
            notes=cutout.notes,
        )
        if garment
        else None,
        selection=None
        if garment
        else Selection(found_by=cutout.segmenter, region=region(cutout.matte), notes=cutout.notes),
        figure=_person(figure, config, unfit) if garment else None,
        models=tuple(Model(role=card.role, id=card.id, revision=card.revision, licence=card.licence) for card in cards),
        prompt=prompt.positive,
        negative_prompt=prompt.negative,
        seed=seed,
        candidates=config.generate.candidates,
        reseeded=reseeded,
        config=config.model_dump(mode="json"),
        seconds={**seconds, "total": round(sum(each for name, each in seconds.items() if "." not in name), 3)},
        versions=versions(),
        failures=verdict.failures,
        warnings=tuple(warnings),
    )


def _person(figure: Figure | None, config: Config, unfit: str) -> Person:
    if figure is None:
        return Person(used="none", note=unfit)
    return Person(
        used="drawn" if config.draws else "guide",
        parameters=figure.posed.parameters,
        residuals={name: round(each, 4) for name, each in figure.posed.residuals.items()},
        sticking_out=figure.posed.sticking_out,
    )


def region(matte: Matte) -> tuple[int, int, int, int] | None:
    """Gives the box of what is not kept of a photo, matte H x W, or None if all is."""
    rows, columns = np.flatnonzero((matte < 1).any(axis=1)), np.flatnonzero((matte < 1).any(axis=0))
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if len(rows) else None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def versions() -> dict[str, str]:
    """Gives the versions of onmodel and of the packages that decide a picture's bytes."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
