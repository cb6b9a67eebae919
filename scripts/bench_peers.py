"""Runs the house weights through other tools on the same drawn photos, and prints a table.

    make bench-peers
    python -m scripts.bench_peers OUT --count 10 --python diffusers=PYTHON iopaint=PYTHON

Rows: the bare diffusers call; IOPaint, which has no ControlNet for poses and so paints with the same denoiser alone;
cut and paste over the bare call's picture, as background removers do; onmodel without and with its figure. All are
given the same canvas, mask, prompt, seed and steps. Seconds are the processor's, loading left out; peak memory is each
process's own. Kept pixels, seam, halo and expansion are measured by `stages.verify` for all alike.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from pipeline import config, engine, tasks
from pipeline.config import Config
from pipeline.models import Models
from scripts.synthetic import garment
from scripts.synthetic.pattern import CATEGORIES
from stages import photo, verify, write
from stages.canvas import mask
from stages.contracts import Photo, Placed
from stages.generate.request import model_size
from stages.pose import draw

HERE = Path(__file__).parent / "peers"
HOUSE = Path(__file__).parent.parent / "stages" / "generate" / "house"
#: Photos that nothing was trained or tuned on.
SEED = 8800


class Row(NamedTuple):
    """One tool's medians over the photos; `changed` is a share of the kept pixels."""

    tool: str
    seconds: float
    peak: float
    changed: float
    seam: float
    halo: float
    expansion: float

    def __str__(self) -> str:
        return (
            f"| {self.tool} | {self.seconds:.1f} | {self.peak:.2f} | {self.changed:.1%} | {self.seam:.2f} "
            f"| {self.halo:.1%} | {self.expansion:.4f} |"
        )


HEAD = """| tool | CPU seconds | peak GB | kept pixels changed | seam | halo | expansion |
| --- | --- | --- | --- | --- | --- | --- |"""


def settings(steps: int | None, figure: str) -> Config:
    """Returns the settings of every run: one casting and scene."""
    more = {"generate": {"steps": steps}} if steps else {}
    return config.resolve("house", flags={"figure": {"figure": figure}, **more})


def prepare(jobs: Path, count: int, asked: Config) -> list[Placed]:
    """Writes photos, and what the tools are given of each: photo on its canvas, mask, soft matte, pose, prompt."""
    models, listed, placed = Models(), [], []
    for number in range(count):
        name = f"{number:02d}"
        drawn = garment.draw(SEED + number, "plain", CATEGORIES[number % len(CATEGORIES)]).photo
        (jobs / f"{name}.source.png").write_bytes(write.encode(drawn, None))
        source = photo.read(jobs / f"{name}.source.png", asked.photo)
        laid = _laid(source, asked, models)
        size = model_size(laid.width, laid.height, asked.generate.pixels or laid.width * laid.height, 8)
        words = tasks.of("generate").words(laid, asked)
        skeleton = tasks.of("generate").stand(source, laid, asked, models)
        shrink = np.array([size[0] / laid.width, size[1] / laid.height, 1], np.float32)
        pose = draw.draw(skeleton * shrink, *size, asked.generate.stick_width)
        canvas = np.full((laid.height, laid.width, 3), np.median(source.pixels[:8], axis=(0, 1)), np.uint8)
        canvas[laid.window] = laid.pixels
        matte = 255 - mask.for_canvas(laid)
        for kind, pixels in (
            ("photo", canvas),
            ("mask", np.where(matte < 128, 255, 0)),
            ("matte", matte),
            ("pose", pose),
        ):
            Image.fromarray(pixels.astype(np.uint8)).save(jobs / f"{name}.{kind}.png")
        listed.append(
            {"name": name, "prompt": words.positive, "negative": words.negative, "seed": asked.generate.seed,
             "steps": asked.generate.steps, "guidance": asked.generate.guidance, "size": size}
        )  # fmt: skip
        placed.append(laid)
    (jobs / "jobs.json").write_text(json.dumps({"model": str(HOUSE), "jobs": listed}))
    return placed


def _laid(source: Photo, asked: Config, models: Models) -> Placed:
    return tasks.of("generate").place(source, tasks.of("generate").cut(source, asked, models), asked)


def run_onmodel(jobs: Path, out: Path, asked: Config) -> None:
    """Runs onmodel over the jobs' photos, and writes what the other runners write."""
    models, seconds = Models(), []
    models.generator(asked.generate)
    for source in sorted(jobs.glob("*.source.png")):
        began = time.process_time()
        engine.run(source, out / source.name.replace(".source", ""), asked, models, overwrite=True)
        seconds.append(time.process_time() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    (out / "result.json").write_text(json.dumps({"seconds": seconds, "peak": peak}))


def measure(tool: str, out: Path, placed: list[Placed]) -> Row:
    """Measures what a tool wrote. The scene that halos are told against is its plate, else its picture."""
    result: dict[str, Any] = json.loads((out / "result.json").read_text())
    found: dict[str, list[float]] = {"changed": [], "seam": [], "halo": [], "expansion": []}
    for number, laid in enumerate(placed):
        encoded = (out / f"{number:02d}.png").read_bytes()
        picture = write.decode(encoded)
        plate = out / f"{number:02d}.plate.png"
        scene = write.decode(plate.read_bytes()) if plate.exists() else picture
        if picture is None or scene is None:
            raise SystemExit(f"{out} holds no picture {number:02d}")
        verdict = verify.verify(
            encoded, _where(laid, out / f"{number:02d}.json"), scene, config.resolve("house").verify
        )
        found["changed"].append(verdict.changed / verdict.core_pixels)
        for name in ("seam", "halo", "expansion"):
            found[name].append(float(getattr(verdict, name)))
    medians = {name: statistics.median(each) for name, each in found.items()}
    return Row(tool, statistics.median(result["seconds"]), result["peak"], **medians)


def _where(laid: Placed, receipt: Path) -> Placed:
    """Returns a garment where its receipt, if there is one, has it: a figure is framed by its eyes, by some pixels."""
    if not receipt.exists():
        return laid
    told = json.loads(receipt.read_text())["placement"]
    right, down = told["x"] - laid.placement.x, told["y"] - laid.placement.y
    x0, y0, x1, y1 = laid.box
    placement = replace(laid.placement, x=told["x"], y=told["y"])
    return replace(laid, placement=placement, box=(x0 + right, y0 + down, x1 + right, y1 + down))


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs the house weights through other tools.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--steps", type=int, help="12, as the preset has it, when not given")
    parser.add_argument(
        "--python", nargs="*", default=[], help="NAME=PYTHON of the environments, diffusers and iopaint"
    )
    parser.add_argument("--own", choices=["off", "auto"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    jobs = given.out / "jobs"
    if given.own:
        run_onmodel(jobs, given.out / f"onmodel-{given.own}", settings(given.steps, given.own))
        return
    pythons = dict(each.split("=", 1) for each in given.python)
    if given.out.exists() and any(given.out.iterdir()):
        raise SystemExit(f"{given.out} is not empty: give a new folder")
    jobs.mkdir(parents=True)
    placed = prepare(jobs, given.count, settings(given.steps, "off"))
    again = [sys.executable, "-m", "scripts.bench_peers", str(given.out)]
    again += ["--steps", str(given.steps)] if given.steps else []
    bare = pythons.get("diffusers", sys.executable)
    tools: list[tuple[str, str, list[str]]] = [
        ("diffusers, bare call", "diffusers", [bare, str(HERE / "bare.py"), str(jobs)]),
        ("the same, cut and pasted", "paste", [bare, str(HERE / "bare.py"), str(jobs)]),
        ("onmodel --figure off", "onmodel-off", [*again, "--own", "off"]),
        ("onmodel", "onmodel-auto", [*again, "--own", "auto"]),
    ]
    if "iopaint" in pythons:
        tools.insert(1, ("IOPaint 1.6", "iopaint", [pythons["iopaint"], str(HERE / "iopaint_run.py"), str(jobs)]))
    print(HEAD)
    for tool, folder, command in tools:
        out = given.out / folder
        out.mkdir()
        more = [] if folder.startswith("onmodel") else [str(out), *(["--paste"] if folder == "paste" else [])]
        # The commands are this script's own.
        subprocess.run([*command, *more], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        print(measure(tool, out, placed), flush=True)


if __name__ == "__main__":
    main()
