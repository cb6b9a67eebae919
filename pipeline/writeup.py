"""Writes up runs: what a receipt says, from what the stages gave."""

import math
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from pipeline import outfits
from pipeline.captions import Caption
from pipeline.config import Config
from pipeline.receipt import (
    Channel,
    Checks,
    CutRecord,
    File,
    Garment,
    Joined,
    Kept,
    Likeness,
    Model,
    Person,
    Place,
    Receipt,
    Selection,
    Source,
    sha256,
)  # fmt: skip
from stages import colour
from stages.canvas import join
from stages.contracts import Cutout, Matte, ModelCard, Photo, Placed, Prompt, Skeleton, Verdict
from stages.figure.records import Figure
from stages.likeness import Face
from stages.outfit.pieces import Piece
from stages.plain import plain

PACKAGES = (
    "onmodel", "anny", "embreex", "diffusers", "torch", "transformers", "opencv-python-headless", "pillow", "numpy",
)  # fmt: skip


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
    face: Face | None = None,
    misfit: tuple[str, ...] = (),
    shops: tuple[Channel, ...] = (),
    caption: Caption = Caption(),  # noqa: B008 - frozen
    second: tuple[join.Joined, Verdict, bytes] | None = None,
    pieces: Sequence[Piece] = (),
    others: Sequence[Photo] = (),
    garments_png: bytes | None = None,
) -> Receipt:
    """Builds the receipt of one run. `png` is None when a promise was broken; `pieces` and `others` are an outfit's."""
    shape = cutout.shape
    warnings = [*cutout.doubts, *misfit, *verdict.warnings, *placed.notes, *outfits.doubts(pieces, config)]
    if unfit:
        warnings.append(f"no figure: {unfit}")
    warnings += _held(figure, config)
    garment = config.task in ("generate", "ghost")
    worn = config.task == "generate"
    if worn and config.segment.garment == "auto" and shape.confidence < config.segment.category_confidence:
        warnings.append(f"taken for a {shape.category} with confidence {shape.confidence:.2f}: set it with --garment")
    where = placed.placement
    return Receipt(
        task=config.task,
        status="failed" if png is None else "ok",
        source=_source(photo),
        sources=outfits.sources(photo, others, _source) if pieces else (),
        layers=outfits.layers(placed, pieces),
        garments=None if garments_png is None else File(name=f"{name}.garments.png", sha256=sha256(garments_png)),
        placement=Place(x=where.x, y=where.y, scale=where.scale, resample=where.resample),
        mask=File(name=f"{name}.mask.png", sha256=sha256(mask_png)),
        output=None
        if png is None
        else File(name=f"{name}.png", sha256=sha256(png), width=placed.width, height=placed.height),
        kept=_kept(verdict),
        joined=None if second is None or png is None else _joined(name, *second),
        checks=Checks(
            seam=_finite(verdict.seam),
            halo=_finite(verdict.halo),
            expansion=_finite(verdict.expansion),
            pose=_finite(verdict.pose),
        ),
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
        figure=_person(figure, config, unfit) if worn else None,
        face=None if face is None else Likeness(colour=face.colour, pattern=face.pattern.hex()),
        models=tuple(Model(role=card.role, id=card.id, revision=card.revision, licence=card.licence) for card in cards),
        channels=shops,
        caption=caption.caption,
        alt=caption.alt,
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


def _kept(verdict: Verdict) -> Kept:
    return Kept(
        core_pixels=verdict.core_pixels,
        changed=verdict.changed,
        edge_pixels=verdict.edge_pixels,
        core_sha256=verdict.core_sha256,
    )


def _joined(name: str, joined: join.Joined, verdict: Verdict, mask_png: bytes) -> Joined:
    where = joined.placed.placement
    return Joined(
        source=_source(joined.photo),
        placement=Place(x=where.x, y=where.y, scale=where.scale, resample=where.resample),
        mask=File(name=f"{name}.back.mask.png", sha256=sha256(mask_png)),
        kept=_kept(verdict),
        note=joined.said,
    )


def cut_out(photo: Photo, cutout: Cutout, config: Config, files: dict[str, str]) -> CutRecord:
    """Builds the record of one cut-out; `files` are its hashes by name."""
    return CutRecord(
        source=_source(photo),
        garment=Garment(
            category=cutout.shape.category,
            confidence=round(cutout.shape.confidence, 3),
            framing="",
            segmenter=cutout.segmenter,
            notes=cutout.notes,
        ),
        config=config.model_dump(mode="json"),
        files=files,
        versions=versions(),
    )


def _source(photo: Photo) -> Source:
    return Source(
        name=plain(photo.name),
        sha256=photo.sha256,
        width=photo.width,
        height=photo.height,
        bit_depth=photo.bit_depth,
        icc=colour.profile_name(photo.icc),
        notes=photo.notes,
    )


def _held(figure: Figure | None, config: Config) -> list[str]:
    """Explains that the garment holds no body as large as was asked for; empty if it does."""
    asked = config.casting.size
    worn = asked if figure is None else figure.posed.parameters.get("size", asked)
    if worn == asked:
        return []
    return [
        f"this garment, as it was photographed, holds a body of size {worn} at most: the model is {worn}, not {asked}; "
        "a photo of the garment in a larger size shows it on that body"
    ]


def _person(figure: Figure | None, config: Config, unfit: str) -> Person:
    if figure is None:
        return Person(used="none", note=unfit)
    return Person(
        used="drawn" if config.draws else "guide",
        size_asked=config.casting.size,
        parameters=figure.posed.parameters,
        residuals={name: round(each, 4) for name, each in figure.posed.residuals.items()},
        sticking_out=figure.posed.sticking_out,
    )


def region(matte: Matte) -> tuple[int, int, int, int] | None:
    """Returns the box of what is not kept of a photo, matte H x W, or None if all is."""
    rows, columns = np.flatnonzero((matte < 1).any(axis=1)), np.flatnonzero((matte < 1).any(axis=0))
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if len(rows) else None


def _finite(measured: float | None) -> float | None:
    return measured if measured is not None and math.isfinite(measured) else None


def versions() -> dict[str, str]:
    """Returns the versions of onmodel and of the packages that decide a picture's bytes."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
