"""The whole job, read from top to bottom. No disk, no command line, no globals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy.typing as npt

from pipeline import captions, channels, outfits, tasks, traces, writeup
from pipeline.candidates import best
from pipeline.clock import Clock, Report, quiet
from pipeline.config import Config
from pipeline.dressed import dressed
from pipeline.models import Models
from pipeline.provenance import seal
from pipeline.receipt import Receipt
from pipeline.tasks.task import Painted
from stages import bleed, colour, faultmap, layers, likeness, restore, verify, write
from stages.canvas import join, mask
from stages.contracts import Cutout, Photo, Plate
from stages.figure import make, portrait, stand
from stages.generate.detail import finer
from stages.generate.request import request
from stages.outfit.compose import numbered

Cut = Callable[[Photo, Config, Models], Cutout]
"""Finds what is kept of a photo."""


@dataclass(frozen=True, slots=True)
class Product:
    """What one run made, in memory. `png` is None when a promise was broken: such a picture is never written."""

    png: bytes | None
    mask: bytes
    receipt: Receipt
    name: str = ""
    """Stem of the files that the receipt names."""
    joined: bytes | None = None
    """The mask of what a second photo shows, where it shows anything."""
    export: bytes | None = None
    """The extra JPEG or WebP, when asked for."""
    channels: dict[str, bytes] = field(default_factory=dict)
    """Files for shops and platforms, by their ending beside the picture."""
    layers: bytes | None = None
    """The picture as layers, an OpenRaster file, when asked for."""
    preview: Plate | None = None
    """The picture made small, sRGB, when asked for."""
    garments: bytes | None = None
    """Of an outfit, whose core each pixel is: a PNG, 8 bits, n for the n-th layer of the receipt, 0 for none."""
    faults: Plate | None = None
    """Where faults are worst, when asked for; None where what is painted goes on from the photo."""
    stages: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    """One sRGB picture per stage by name, when asked for."""


def produce(
    photo: Photo,
    config: Config,
    models: Models,
    *,
    name: str | None = None,
    report: Report = quiet,
    keep_stages: bool = False,
    preview: int = 0,
    faults: bool = False,
    cut: Cut | None = None,
    others: Sequence[Photo] = (),
) -> Product:
    """Turns one photo into a picture, its mask and its receipt, by the task that `config.task` names.

    Parameters
    ----------
    photo
        From `stages.photo.read`; its core pixels come back bit for bit.
    config
        From `pipeline.config.resolve`.
    models
        Kept between calls, so that later photos pay no loading.
    name
        Stem of the files that the receipt names; the photo's own when None.
    report
        Called at the start and the end of each stage and at each denoising step.
    keep_stages
        Also give one picture per stage.
    preview
        Longer side in pixels of the small picture to give; 0 gives none.
    faults
        Also give the map of faults.
    cut
        Called instead of the task's own `cut`, such as one that remembers what it found.
    others
        The further photos of an outfit, as many as `config.outfit` tells of and in its order.

    Raises
    ------
    OnmodelError
        As `stages.errors` lists: no garment found, weights missing, the canvas too large. A broken promise raises
        nothing: the product then has no picture, and its receipt says what failed.
    """
    name = name or Path(photo.name).stem
    task = tasks.of(config.task)
    clock = Clock(report)
    with clock("load"):
        signer = seal.ready(config)
        task.finders(config, models)
        painter = task.painter(photo, config, models)
        upscaler = models.upscaler(config.upscale, config.generate.device)
    with clock("segment"):
        cutout = (cut or task.cut)(photo, config, models)
        lost = task.lost(photo, cutout, config, models)
        pieces, missing = outfits.cut(photo, cutout, others, config, models, cut or task.cut, task.lost)
        lost = (*lost, *missing)
    with clock("place"):
        placed = outfits.place(pieces, config) if pieces else task.place(photo, cutout, config)
        joined, misfit = task.join(photo, placed, config, models)
    with clock("pose"):
        skeleton = task.stand(photo, placed, config, models)
        words = task.words(placed, config)
    with clock("figure"):
        lit, drawing = keep_stages or config.shows_figure, partial(report, "figure")
        figure, unfit, placed = dressed(task, placed, skeleton, pieces, config, models, drawing, lit=lit)
        if figure is not None:
            skeleton = figure.posed.skeleton
        drawn = figure if config.draws else None
        guide = None if config.draws else figure
        seen = task.seen(placed if drawn is None else stand.with_garment(placed, drawn), painter)
    with clock("mask"):
        start = config.figure.figure_start
        asked = request(seen, skeleton, words, config.generate, painter, figure=guide, start=start)
        if guide is not None and not asked.references and config.figure.likeness == "portrait":
            asked = replace(asked, references=(portrait.reference(config.casting),))
        identity = models.identity(config.generate) if asked.references else ()
        mask_png = write.encode_mask(mask.for_canvas(placed))
        garments_png = write.encode_mask(numbered(placed)) if placed.layers else None
        joined_png = (
            b"" if joined is None else write.encode_mask(mask.for_canvas(join.uncovered(joined.placed, placed)))
        )
    with clock("generate"), clock.inside("generate", painter):
        plate, seed, again = best(asked, seen, task, config, painter, report)
    with clock("upscale"):
        around = task.clear(plate, seen) if drawn is None else bleed.clear(plate, seen, stand.REACH, stand.FADE)
        large = upscaler(around, seen.width, seen.height)
    if config.generate.detail and task.people and drawn is None:
        with clock("detail"), clock.inside("detail", painter):
            progress = partial(report, "detail")
            large = finer(large, asked, seen, config.generate, painter, seed, task.clear, progress, guide)
    with clock("blend"):
        canvas = colour.from_srgb(large, photo.icc, photo.bit_depth)
        del large  # here and below: the canvas of a 24-megapixel photo can have 100
        if drawn is not None:
            canvas = stand.into(stand.out_of_focus(canvas, drawn, config.scene.blur), drawn, photo.icc)
        blended = task.blend(canvas, Painted(photo, placed, seen, asked, plate, seed, drawn, joined), config)
        del canvas
        blended, marked = seal.mark(blended, placed, painter.cards, config)
    with clock("restore"):
        picture = restore.restore(blended, placed)
    with clock("encode"):
        alpha = task.alpha(photo, placed)
        size = "" if figure is None else str(figure.posed.parameters.get("size", config.casting.size))
        caption = captions.of(placed, config, size)
        about = write.About(seal.source_type(painter.cards, config), caption.caption, caption.alt)
        png = write.encode(picture, photo.icc, photo.dpi, about, alpha)
        foot = seal.foot(picture, painter.cards, config)
        export = None
        if config.write.format != "png":
            export = write.export(picture, photo.icc, config.write, about, alpha, foot)
        shops = channels.export(picture, alpha, placed, config, about)
        wrong = faultmap.draw(picture, placed, blended) if (keep_stages or faults) and not task.goes_on else None
        face = None if figure is None else likeness.of(picture, photo.icc, skeleton)
        posed = task.posed(picture, photo.icc, skeleton, config, models)
        small = traces.small(picture, photo.icc, preview) if preview else None
        del picture
    with clock("verify"):
        verdict = verify.verify(png, placed, blended, config.verify, goes_on=task.goes_on, alpha=alpha)
        second = None if joined is None else verify.layer(png, join.uncovered(joined.placed, placed))
        lost = (*lost, *(() if second is None else second.failures))
        verdict = replace(verdict, pose=posed, failures=(*lost, *verdict.failures))
    kept = None if verdict.failures else png
    layered = None
    if kept and config.write.layers:
        with clock("layers"):
            layered = layers.openraster(png, blended, task.shade(placed, config), placed)
    record = writeup.build(
        name=name,
        photo=photo,
        cutout=cutout,
        placed=placed,
        skeleton=skeleton,
        prompt=words,
        seed=seed,
        reseeded=again,
        verdict=verdict,
        cards=(
            *task.finders(config, models),
            *([] if figure is None else [make.card()]),
            *painter.cards,
            *identity,
        ),
        figure=figure,
        unfit=unfit,
        face=face,
        config=config,
        seconds=clock.seconds,
        mask_png=mask_png,
        png=kept,
        pieces=pieces,
        others=others,
        garments_png=garments_png,
        misfit=(*misfit, *channels.warnings(shops)),
        caption=caption,
        shops=channels.records(name, shops) if kept else (),
        second=None if joined is None or second is None else (joined, second, joined_png),
    )
    with clock("sign"):
        generated = seal.generates(painter.cards, config)
        there = mask.for_canvas(placed)
        sealed = seal.seal(kept, export, there, record, config, signer, marked, generated=generated)
    return Product(
        png=sealed.png,
        mask=mask_png,
        joined=joined_png or None,
        receipt=sealed.receipt,
        name=name,
        export=sealed.export if kept else None,
        channels={channels.suffix(each): made.encoded for each, made in shops.items()} if kept else {},
        layers=layered,
        preview=small if kept else None,
        garments=garments_png,
        faults=wrong,
        stages=traces.pictures(cutout, placed, skeleton, asked, plate, blended, wrong, figure) if keep_stages else {},
    )
