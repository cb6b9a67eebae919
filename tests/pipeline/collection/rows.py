"""A collection of small photos and a flow that is arithmetic, so that hundreds of rows take seconds."""

import hashlib
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from pipeline.clock import quiet
from pipeline.collection.options import RunOptions
from pipeline.config import Config
from pipeline.flow import Product
from pipeline.models import Models
from pipeline.receipt import Checks, File, Kept, Place, Receipt, Source
from stages import write
from stages.contracts import Photo
from tests.fakes import Ramp, RampModels

SMALL = {"cache_gb": 0, "devices": "own"}


def options(**more: Any) -> RunOptions:
    """Returns options for one worker in this process, without a cache."""
    return RunOptions(**{**SMALL, **more})


def photos(folder: Path, count: int) -> list[str]:
    """Writes photos of different colours; gives their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        picture = np.full((24, 16, 3), (40 + index % 200, 90, 120), np.uint8)
        (folder / f"{index}.png").write_bytes(write.encode(picture, None))
    return [f"{index}.png" for index in range(count)]


class SlowModels(RampModels):
    """A generator that takes its time, as a GPU would, and keeps a diary of when it worked."""

    seconds = 0.05
    worked: list[tuple[float, float]] = []  # noqa: RUF012 - shared on purpose, and cleared by those who read it

    def generator(self, options: Any) -> Ramp:
        slow = self

        class Slow(Ramp):
            def __call__(self, *given: Any) -> Any:
                began = time.monotonic()
                time.sleep(slow.seconds)
                slow.worked.append((began, time.monotonic()))

        return Slow()


def produce(
    photo: Photo,
    config: Config,
    models: Models,
    *,
    name: str,
    report: Any = quiet,
    preview: int = 0,
    faults: bool = False,
    cut: Any = None,
    others: Sequence[Photo] = (),
) -> Product:
    """Returns the photo brightened by the seed and by its outfit's others, with a receipt as the flow gives it."""
    report("generate", 0, 1)
    asked: Any = SimpleNamespace(mask=np.zeros((8, 8), np.uint8), steps=1)
    models.generator(config.generate)(asked, config.generate.seed, lambda done, steps: None)
    assert len(others) == len(config.outfit.worn)
    level = config.generate.seed % 100 + sum(at * int(each.pixels[0, 0].sum()) for at, each in enumerate(others, 2))
    picture = ((photo.pixels.astype(int) + level) % 256).astype(np.uint8)
    png = write.encode(picture, None)
    mask = write.encode_mask(np.zeros(photo.pixels.shape[:2], np.uint8))
    return Product(png, mask, receipt(photo, config, name, png, mask), preview=picture)


def receipt(photo: Photo, config: Config, name: str, png: bytes, mask: bytes) -> Receipt:
    """Returns a receipt with a seam that grows with the seed."""

    def file(ending: str, content: bytes) -> File:
        return File(
            name=name + ending, sha256=hashlib.sha256(content).hexdigest(), width=photo.width, height=photo.height
        )

    return Receipt(
        task="generate",
        status="ok",
        source=Source(
            name=photo.name, sha256=photo.sha256, width=photo.width, height=photo.height, bit_depth=8, icc="sRGB"
        ),
        placement=Place(x=0, y=0, scale=1.0, resample=None),
        mask=file(".mask.png", mask),
        output=file(".png", png),
        kept=Kept(core_pixels=384, changed=0, edge_pixels=0, core_sha256="0" * 64),
        checks=Checks(seam=config.generate.seed / 10, halo=0.01, expansion=0.0, pose=None),
        skeleton=(),
        models=(),
        prompt="",
        negative_prompt="",
        seed=config.generate.seed,
        candidates=1,
        config=config.model_dump(mode="json"),
        seconds={"total": 1.0},
        versions={},
    )


def interrupted(photo: Photo, config: Config, *rest: Any, **named: Any) -> Product:
    """Returns the same as `produce`; the row of seed 1 has Ctrl-C pressed."""
    if config.generate.seed == 1:
        os.kill(os.getpid(), signal.SIGINT)
    return produce(photo, config, *rest, **named)
