"""The whole job, read from top to bottom. No disk, no command line, no globals."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy.typing as npt

from pipeline import receipt, tasks, traces
from pipeline.config import Config
from pipeline.models import Models
from pipeline.receipt import Receipt
from pipeline.tasks.task import Painted, Task
from stages import colour, mask, restore, verify, write
from stages.contracts import Cutout, Generator, Photo, Placed, Plate, Request
from stages.generate.request import request

Report = Callable[[str, int, int], None]
"""Called with (stage, steps done, steps in all)."""

Cut = Callable[[Photo, Config, Models], Cutout]
"""Finds what is kept of a photo."""


@dataclass(frozen=True, slots=True)
class Product:
    """What one run made, in memory. `png` is None when a promise was broken: such a picture is never written."""

    png: bytes | None
    mask: bytes
    receipt: Receipt
    export: bytes | None = None
    """The extra JPEG or WebP, when asked for."""
    stages: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    """One sRGB picture per stage by name, when asked for."""


def quiet(stage: str, done: int, total: int) -> None:
    """Reports nothing."""


def produce(
    photo: Photo,
    config: Config,
    models: Models,
    *,
    name: str | None = None,
    report: Report = quiet,
    keep_stages: bool = False,
    cut: Cut | None = None,
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
    cut
        Called instead of the task's own `cut`, such as one that remembers what it found.

    Raises
    ------
    OnmodelError
        As `stages.errors` lists: no garment found, weights missing, the canvas too large. A broken promise raises
        nothing: the product then has no picture, and its receipt says what failed.
    """
    task = tasks.of(config.task)
    clock = _Clock(report)
    with clock("load"):
        painter = task.painter(photo, config, models)
        upscaler = models.upscaler(config.upscale)
    with clock("segment"):
        cutout = (cut or task.cut)(photo, config, models)
    with clock("place"):
        placed = task.place(photo, cutout, config)
        seen = task.seen(placed, painter)
    with clock("pose"):
        skeleton = task.stand(photo, placed, config, models)
        words = task.words(placed, config)
    with clock("mask"):
        asked = request(seen, skeleton, words, photo.icc, config.generate, painter)
        mask_png = write.encode_mask(mask.for_canvas(placed))
    with clock("generate"):
        plate, seed = best(asked, seen, task, config, painter, report)
    with clock("upscale"):
        large = upscaler(task.clear(plate, seen), seen.width, seen.height)
        canvas = colour.from_srgb(large, photo.icc, photo.bit_depth)
        del large  # here and below: the canvas of a 24-megapixel photo can have 100
    with clock("blend"):
        blended = task.blend(canvas, Painted(photo, placed, seen, asked, plate, seed), config)
        del canvas
    with clock("restore"):
        picture = restore.restore(blended, placed)
    with clock("encode"):
        png = write.encode(picture, photo.icc, photo.dpi, config.write.digital_source_type)
        export = write.export(picture, photo.icc, config.write) if config.write.format != "png" else None
        del picture
    with clock("verify"):
        verdict = verify.verify(png, placed, blended, config.verify, photo.icc, goes_on=task.goes_on)
    kept = None if verdict.failures else png
    return Product(
        png=kept,
        mask=mask_png,
        receipt=receipt.build(
            name=name or Path(photo.name).stem,
            photo=photo,
            cutout=cutout,
            placed=placed,
            skeleton=skeleton,
            prompt=words,
            seed=seed,
            verdict=verdict,
            cards=(*task.finders(config, models), *painter.cards),
            config=config,
            seconds=clock.seconds,
            mask_png=mask_png,
            png=kept,
        ),
        export=export if kept else None,
        stages=traces.pictures(photo, cutout, placed, skeleton, asked, plate, blended) if keep_stages else {},
    )


def best(
    asked: Request, seen: Placed, task: Task, config: Config, painter: Generator, report: Report
) -> tuple[Plate, int]:
    """Generates the candidates with following seeds; gives the one with the least measured faults, and its seed."""
    options = config.generate
    total = options.candidates

    def paint(index: int) -> tuple[float, int, Plate]:
        def step(done: int, steps: int) -> None:
            report("generate", index * steps + done, total * steps)

        seed = (options.seed + index) % 2**32
        plate = painter(asked, seed, step)
        return (task.faults(plate, asked, seen) if total > 1 else 0.0, index, plate)

    _, index, plate = min((paint(index) for index in range(total)), key=lambda candidate: candidate[:2])
    return plate, (options.seed + index) % 2**32


class _Clock:
    """Times each stage and reports its beginning and end."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        self.report(stage, 0, 1)
        began = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - began, 3)
        self.report(stage, 1, 1)
