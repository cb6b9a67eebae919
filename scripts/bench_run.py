"""Times whole runs of `onmodel generate` with the house model: seconds by stage, cold and warm, and peak memory.

    python scripts/bench_run.py                      # the demo's photo twice: cold, then warm
    python scripts/bench_run.py --scale 5            # the same photo enlarged, as a camera of 24 megapixels gives it
    python scripts/bench_run.py a.jpg b.jpg          # own photos, one after another in one process

Timings say something only on a machine that does nothing else.
"""

import argparse
import resource
import time
from pathlib import Path

import cv2

from pipeline import config, demo
from pipeline.flow import produce
from pipeline.models import Models
from stages import photo, write
from stages.contracts import Photo
from stages.options import PhotoOptions


def drawn(scale: float) -> Photo:
    """Returns the demo's photo, enlarged."""
    picture = demo.draw()
    size = (round(demo.WIDTH * scale), round(demo.HEIGHT * scale))
    return photo.read(write.encode(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), None), PhotoOptions())


def main() -> None:
    parser = argparse.ArgumentParser(description="Times whole runs with the house model.")
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="of the drawn photo, when no photos are given")
    parser.add_argument("--runs", type=int, default=2, help="of the drawn photo")
    given = parser.parse_args()
    settings, models = config.resolve(), Models()
    if given.photos:
        photos = [photo.read(path, settings.photo) for path in given.photos]
    else:
        photos = [drawn(given.scale)] * given.runs
    for each in photos:
        began = time.perf_counter()
        receipt = produce(each, settings, models).receipt
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        size = receipt.output and f"{receipt.output.width} x {receipt.output.height}"
        stages = ", ".join(f"{stage} {taken:.1f}" for stage, taken in receipt.seconds.items() if stage != "total")
        rest = seconds - receipt.seconds["generate"] - receipt.seconds["load"]
        print(f"{each.width} x {each.height} on {size}: {seconds:.1f} s ({stages})")
        print(f"    all but loading and diffusion {rest:.1f} s, peak memory {peak:.2f} GB")


if __name__ == "__main__":
    main()
