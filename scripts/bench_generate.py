"""Times whole runs of `onmodel generate` against the bare diffusers call: same model, steps and size, in turn.

    python -m scripts.bench_generate                       # full-size random SD 1.5, this machine's device
    python -m scripts.bench_generate --kind sdxl --steps 1 --runs 1
    python -m scripts.bench_generate --device cuda --compile --steps 30

A pair is a bare call and then a whole run: reading the photo, cutting, placing, painting, blending, proving, writing.
Nothing that a first picture pays is spared the whole run: prompts and pictures are encoded anew each time. Ratios of a
pair mean something on a busy machine too, and so does the processor's time; seconds do not.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from pipeline import config, demo, engine
from pipeline.models import Models
from scripts import full_size
from stages import write
from stages.contracts import Request
from stages.generate.diffusion import Diffusion

GIGABYTE = 2**30


class Spy:
    """Keeps the request that a run made, so that the bare call can be given the same."""

    def __init__(self, painter: Diffusion) -> None:
        self.painter = painter
        self.request: Request | None = None
        self.cards, self.multiple, self.pixels = painter.cards, painter.multiple, painter.pixels

    @property
    def seconds(self) -> dict[str, float]:
        return self.painter.seconds

    def __call__(self, request: Request, seed: int, progress: Callable[[int, int], None]) -> Any:
        self.request = request
        return self.painter(request, seed, progress)


class SpyModels(Models):
    """The real models, with a spy before the generator."""

    spy: Spy | None = None

    def generator(self, options: Any) -> Spy:
        if self.spy is None:
            self.spy = Spy(super().generator(options))  # type: ignore[arg-type]
        return self.spy


def peak() -> float:
    """Returns the highest memory so far, in GB: the device's since `reset`, or the process's since it began."""
    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated() / GIGABYTE)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def timed(call: Callable[[], object]) -> tuple[float, float, float]:
    """Returns seconds, peak memory and the processor's seconds of a call."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
        torch.cuda.synchronize()
    began, worked = time.perf_counter(), time.process_time()
    call()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began, peak(), time.process_time() - worked


def bare(painter: Diffusion, request: Request, seed: int) -> None:
    """Calls the pipeline as a script of three lines would, with nothing remembered."""
    pipe = painter._pipe
    remembered = pipe.vae.encode
    pipe.vae.encode = type(pipe.vae).encode.__get__(pipe.vae)
    arguments = painter._family.arguments([request], painter._options)
    pipe(
        prompt=request.prompt.positive,
        negative_prompt=request.prompt.negative,
        generator=torch.Generator("cpu").manual_seed(seed),
        **arguments,
    )
    pipe.vae.encode = remembered


def forget(painter: Diffusion) -> None:
    """Empties what a painter remembers of prompts and pictures."""
    painter._encode.cache_clear()
    painter._pipe.vae.encode.forget()


def main() -> None:
    parser = argparse.ArgumentParser(description="Times onmodel generate against the bare diffusers call.")
    parser.add_argument("--kind", choices=["sd15", "sdxl"], default="sd15")
    parser.add_argument("--folder", type=Path, help="full-size models; written there if they are missing")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--size", default="1024x1536", help="of the picture")
    parser.add_argument("--pixels", type=int, help="width x height that is painted; the preset's when not given")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--no-guard", action="store_true", help="sdxl without its second ControlNet")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.gettempdir()) / f"onmodel-{given.kind}"
    if not (folder / "pose").exists():
        print(f"writing random weights into {folder}")
        full_size.write(given.kind, folder)
    guarded = given.kind == "sdxl" and not given.no_guard
    settings = config.resolve(
        given.kind,
        flags={
            "generate": {
                **full_size.named(given.kind, folder), **({} if guarded else {"guard": None}),
                "detail": False, "compile": given.compile,
                "steps": given.steps, "device": given.device, "dtype": given.dtype,
                "reseed": 0,  # noise may exceed a limit, and would be painted again
                **({"pixels": given.pixels} if given.pixels else {}),
            },
            "place": {"size": given.size}, "segment": {"segmenter": "finder"},
        },
    )  # fmt: skip
    models = SpyModels()
    with tempfile.TemporaryDirectory() as name:
        photo, out = Path(name) / "photo.png", Path(name) / "out.png"
        photo.write_bytes(write.encode(demo.draw(), None))
        began = time.perf_counter()
        spy = models.generator(settings.generate)
        spy.painter.wait()
        print(
            f"loading {time.perf_counter() - began:.1f} s, {spy.painter.rung} on {spy.painter._where}, {peak():.2f} GB"
        )

        def run() -> None:
            receipt = engine.run(photo, out, settings, models, overwrite=True)
            parts = ", ".join(f"{stage} {each:.1f}" for stage, each in receipt.seconds.items() if stage != "load")
            print(f"    {receipt.status}: {parts}")

        # One run with a painter that stops at once gives the request, and pays what only the first run pays.
        request = request_of(run, spy)
        height, width = request.mask.shape
        print(f"plate {width} x {height}, {given.steps} steps, picture {given.size}")
        ratios, extra = [], []
        for pair in range(given.runs):
            alone, alone_peak, alone_work = timed(lambda: bare(spy.painter, request, 0))
            forget(spy.painter)
            whole, whole_peak, whole_work = timed(run)
            ratios.append(whole / alone)
            extra.append(whole - alone)
            print(
                f"pair {pair + 1}: bare {alone:.1f} s, {alone_peak:.2f} GB; whole {whole:.1f} s, {whole_peak:.2f} GB; "
                f"ratio {whole / alone:.3f}, {whole - alone:+.1f} s, {whole_work - alone_work:+.1f} s of CPU, "
                f"{1024 * (whole_peak - alone_peak):+.0f} MB"
            )
        print(f"median ratio {statistics.median(ratios):.3f}, median {statistics.median(extra):+.1f} s")


def request_of(run: Callable[[], None], spy: Spy) -> Request:
    """Returns the request of a run, without painting."""
    painter, spy.painter = spy.painter, _Stopped()  # type: ignore[assignment]
    try:
        run()
    except _StoppedError:
        pass
    finally:
        spy.painter = painter
    assert spy.request is not None  # noqa: S101
    return spy.request


class _StoppedError(Exception):
    """Ends a run when its request is made."""


class _Stopped:
    seconds: dict[str, float] = {}  # noqa: RUF012

    def __call__(self, *_given: object) -> None:
        raise _StoppedError


if __name__ == "__main__":
    main()
