"""Measures everything that a GPU changes, in one run of at most ten minutes; each part is left out once time is short.

    python -m scripts.bench_gpu                          # on a GPU: full-size random sd15, sdxl and zimage, house
    python -m scripts.bench_gpu --tiny --device cpu      # that the script works, in five minutes, without a GPU

For each kind: seconds a picture of the bare diffusers call and of the whole run, in turn; with compiled blocks; 1, 2, 4
and 8 pictures at once; peak memory. For the finder and the figure: seconds a photo. One JSON object a line.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from pipeline import config, demo, engine
from pipeline.config import Config
from pipeline.models import Models
from scripts import bench_generate, full_size
from stages import find, photo, write
from stages.contracts import Request
from stages.generate import diffusion
from stages.options import PhotoOptions

#: Steps that a preset takes, and pictures at once that are tried.
STEPS = {"sd15": 30, "sdxl": 30, "zimage": 8}
AT_ONCE = (1, 2, 4, 8)


class Budget:
    """The time that is left, so that what comes late is left out rather than cut off."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def left(self, wanted: float) -> bool:
        return self.end - time.monotonic() > wanted


def say(**found: object) -> None:
    print(json.dumps({name: round(each, 3) if isinstance(each, float) else each for name, each in found.items()}))


def settings(kind: str, folder: Path, given: argparse.Namespace, **generate: Any) -> Config:
    """Returns a preset's settings on the random weights in a folder."""
    named: dict[str, Any] = {"detail": False, "reseed": 0, "device": given.device, **full_size.named(kind, folder)}
    named |= {"steps": 1, "pixels": 96 * 64, "dtype": "float32"} if given.tiny else {"steps": STEPS[kind]}
    size = "256x384" if given.tiny else "1024x1536"
    return config.resolve(kind, flags={"generate": {**named, **generate}, "place": {"size": size}})


def written(kind: str, root: Path, tiny: bool) -> Path:
    folder = root / kind
    if tiny:
        from tests import tiny as small

        {"sd15": small_sd, "sdxl": small_sdxl, "zimage": small_zimage}[kind](small, folder)
    else:
        full_size.write(kind, folder)
    return folder


def small_sd(small: Any, folder: Path) -> None:
    small.sd(folder)
    for at, name in enumerate(("pose", "depth")):
        small.controlnet(folder / name, seed=at)


def small_sdxl(small: Any, folder: Path) -> None:
    small.sdxl(folder)
    for at, name in enumerate(("pose", "depth", "guard")):
        small.controlnet(folder / name, xl=True, seed=at)


def small_zimage(small: Any, folder: Path) -> None:
    small.zimage(folder)


def paired(kind: str, folder: Path, given: argparse.Namespace, budget: Budget, compiled: bool) -> None:
    """Says what a bare call and a whole run take, in turn, and several pictures at once."""
    own = settings(kind, folder, given, compile=compiled)
    models = bench_generate.SpyModels()
    with tempfile.TemporaryDirectory() as name:
        garment, out = Path(name) / "photo.png", Path(name) / "out.png"
        garment.write_bytes(write.encode(demo.draw(), None))
        began = time.perf_counter()
        spy = models.generator(own.generate)
        spy.painter.wait()
        loading = time.perf_counter() - began

        def run() -> None:
            engine.run(garment, out, own, models, overwrite=True)

        request = bench_generate.request_of(run, spy)
        run()  # compiles, and pays what the first picture pays
        for _ in range(given.runs):
            if not budget.left(20):
                break
            bare, bare_peak, _ = bench_generate.timed(lambda: bench_generate.bare(spy.painter, request, 0))
            bench_generate.forget(spy.painter)
            whole, whole_peak, _ = bench_generate.timed(run)
            say(
                kind=kind, compiled=compiled, loading=loading, rung=spy.painter.rung, bare=bare, whole=whole,
                ratio=whole / bare, bare_gb=bare_peak, whole_gb=whole_peak,
            )  # fmt: skip
        if not compiled:
            at_once(kind, spy.painter, request, budget)


def at_once(kind: str, painter: diffusion.Diffusion, request: Request, budget: Budget) -> None:
    """Says the seconds a picture of several in one call."""
    for number in AT_ONCE:
        if not budget.left(20):
            return
        painter._most = number
        requests, seeds = [request] * number, list(range(number))

        def paint(requests: list[Request] = requests, seeds: list[int] = seeds) -> None:
            painter.many(requests, seeds, lambda *_: None)

        seconds, peak, _ = bench_generate.timed(paint)
        say(kind=kind, at_once=painter._most, seconds_a_picture=seconds / number, gb=peak)


def others(given: argparse.Namespace) -> None:
    """Says what cutting a photo, fitting and drawing a figure, and a whole house picture take; the second time."""
    own = config.resolve("house", flags={"generate": {"device": given.device}})
    garment = photo.read(write.encode(demo.draw(), None), PhotoOptions())
    models = Models()
    segmenter = models.segmenter(own.segment)
    with tempfile.TemporaryDirectory() as name:
        file, out = Path(name) / "photo.png", Path(name) / "out.png"
        file.write_bytes(write.encode(demo.draw(), None))
        for _ in range(2):
            cut, *_ = bench_generate.timed(lambda: find.subject(garment, own.segment, segmenter))
            receipt = engine.run(file, out, own, models, overwrite=True)
        say(kind="house", cut=cut, **{f"seconds.{stage}": each for stage, each in receipt.seconds.items()})


def guarded(call: Callable[[], None], what: str) -> None:
    """One part that fails costs none of the others."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - said, and gone on
        say(failed=what, why=f"{type(error).__name__}: {error}"[:300])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures everything that a GPU changes.")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--kinds", nargs="+", choices=list(STEPS), default=list(STEPS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=540)
    parser.add_argument("--tiny", action="store_true", help="tiny models of one step: that the script works")
    given = parser.parse_args()
    budget = Budget(given.seconds)
    device = torch.cuda.get_device_name() if given.device.startswith("cuda") else given.device
    say(device=device, torch=torch.__version__, tiny=given.tiny)
    guarded(lambda: others(given), "house")
    with tempfile.TemporaryDirectory() as name:
        for kind in given.kinds:
            if not budget.left(60):
                say(left_out=kind)
                continue
            folder = written(kind, Path(name), given.tiny)
            for compiled in (False, True):
                guarded(partial(paired, kind, folder, given, budget, compiled), kind)


if __name__ == "__main__":
    main()
