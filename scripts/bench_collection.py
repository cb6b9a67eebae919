"""Measures what running a collection costs beside the stages, how busy it keeps a generator, and very large runs.

    python -m scripts.bench_collection overhead PHOTOS OUT --steps 2
    python -m scripts.bench_collection busy PHOTOS OUT
    python -m scripts.bench_collection many OUT

`overhead` is the share of a whole run that is not spent inside `pipeline.flow.produce`, cut-out cache counted as
overhead: process start, manifest, reading, small pictures, records, writing, tables, report. Rows run one at a time,
so that nothing hides behind anything. `busy` lets a generator sleep as a GPU would work, and says how much of the time
it did from its second picture on; all other stages are real. `many` plans and runs rows of tiny photos whose pictures
are arithmetic, and watches the memory: with the tests' own fakes, so that both speak of the same rows. Timings say
something only on a machine that does nothing else.
"""

import argparse
import itertools
import resource
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.collection import cache, plan, worker
from pipeline.collection.options import RunOptions
from pipeline.collection.run import run
from pipeline.models import Models
from scripts.prove_collection import manifest
from stages.contracts import Plate, Progress, Request
from stages.options import GenerateOptions
from tests.fakes import Ramp, RampModels
from tests.pipeline.collection import rows


class Meter:
    """Sums wall and CPU seconds of calls, by function."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    def on(self, owner: Any, name: str) -> None:
        """Meters a function from now on."""
        whole: Callable[..., Any] = getattr(owner, name)

        def metered(*given: Any, **named: Any) -> Any:
            wall, cpu = time.perf_counter(), time.process_time()
            try:
                return whole(*given, **named)
            finally:
                self.wall[name] = self.wall.get(name, 0) + time.perf_counter() - wall
                self.cpu[name] = self.cpu.get(name, 0) + time.process_time() - cpu

        setattr(owner, name, metered)


def overhead(given: argparse.Namespace) -> None:
    table = manifest(given.photos, given.out, given.rows)
    meter = Meter()
    meter.on(worker, "produce")
    for name in ("_key", "_found", "_keep"):
        meter.on(cache if name == "_key" else cache.CutoutCache, name)
    # With devices "own" the model imports torch, which is loading; "auto" would, to count GPUs.
    options = RunOptions(ahead=1, allow_outside=True, devices="own", cache=given.out / "cache")
    over = {"generate": {"steps": given.steps}} if given.steps else {}
    began = time.perf_counter()
    tally = run(str(table), str(given.out / "pictures"), options, over)
    wall = time.perf_counter() - began + given.started
    print(f"{tally.done} of {tally.rows} pictures, {wall / tally.rows:.2f} s each")
    for kind, total, parts in (("wall", wall, meter.wall), ("CPU", time.process_time(), meter.cpu)):
        cached = sum(parts.get(name, 0) for name in ("_key", "_found", "_keep"))
        beside = total - parts["produce"] + cached
        print(f"{kind:4}: {total:7.1f} s, beside the stages {beside:5.2f} s = {100 * beside / total:.2f} %")


class Sleeping(Models):
    """The real models, but a generator that sleeps as a GPU would work, and keeps a diary."""

    seconds = 2.0
    diary: list[tuple[float, float]] = []  # noqa: RUF012 - shared on purpose

    def generator(self, options: GenerateOptions) -> Any:  # noqa: ARG002 - as Models has it
        diary, seconds = self.diary, self.seconds

        class Sleeps(Ramp):
            def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
                began = time.monotonic()
                time.sleep(seconds)
                diary.append((began, time.monotonic()))
                return super().__call__(request, seed, progress)

        return Sleeps()


def busy(given: argparse.Namespace) -> None:
    table = manifest(given.photos, given.out, given.rows)
    Sleeping.seconds = given.seconds
    options = RunOptions(allow_outside=True, devices="own", cache=given.out / "cache")
    tally = run(str(table), str(given.out / "pictures"), options, {"generate": {"reseed": 0}}, Sleeping)
    worked = sorted(Sleeping.diary)
    idle = [after[0] - before[1] for before, after in itertools.pairwise(worked[1:])]
    share = sum(end - begin for begin, end in worked[1:]) / (worked[-1][1] - worked[1][0])
    print(f"{tally.done} of {tally.rows} pictures; from the second on the generator is busy {100 * share:.1f} %,")
    print(f"    idle {max(idle):.2f} s between two of them at most")


def many(given: argparse.Namespace) -> None:
    names = rows.photos(given.out, 200)
    table = given.out / "manifest.csv"
    lines = (f"r{at},{names[at % len(names)]},{at},beach\n" for at in range(given.rows))
    table.write_text("id,photo,seed,scene\n" + "".join(lines))
    began = time.perf_counter()
    found = plan.plan(str(table), None, RunOptions())
    print(f"plan of {found.rows:,} rows: {time.perf_counter() - began:.1f} s", flush=True)
    worker.produce = rows.produce  # type: ignore[assignment, attr-defined]
    seen: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(1):
            seen.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20)

    watching = threading.Thread(target=watch)
    watching.start()
    began, cpu = time.perf_counter(), time.process_time()
    tally = run(str(table), str(given.out / "pictures"), RunOptions(devices="own", cache_gb=0), None, RampModels)
    ended.set()
    watching.join()
    print(f"{tally.done:,} pictures: {time.perf_counter() - began:.0f} s, {time.process_time() - cpu:.0f} s of CPU")
    tenths = [seen[min(len(seen) - 1, part * len(seen) // 10)] for part in range(1, 11)]
    print(f"resident MB at each tenth: {', '.join(map(str, tenths))}; {max(seen)} at most")


def main() -> None:
    start = time.clock_gettime(time.CLOCK_BOOTTIME) - int(Path("/proc/self/stat").read_text().split()[21]) / 100
    parser = argparse.ArgumentParser(description="Measures the running of collections.")
    tasks = parser.add_subparsers(required=True)
    for task, count in ((overhead, 60), (busy, 24), (many, 100_000)):
        each = tasks.add_parser(task.__name__)
        each.set_defaults(task=task)
        if task is not many:
            each.add_argument("photos", type=Path, help="folder of garment photos")
        each.add_argument("out", type=Path, help="folder for the run, emptied first")
        each.add_argument("--rows", type=int, default=count)
    tasks.choices["overhead"].add_argument("--steps", type=int, help="denoising steps, otherwise the preset's")
    tasks.choices["busy"].add_argument("--seconds", type=float, default=2, help="that the generator sleeps")
    given = parser.parse_args()
    given.started = start  # seconds that the process took to begin
    shutil.rmtree(given.out, ignore_errors=True)
    given.task(given)


if __name__ == "__main__":
    main()
