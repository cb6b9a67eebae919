"""Measures what finds the garment: ours beside GrabCut, a network in ONNX and an earlier release, on the same photos.

    python -m scripts.bench_find                                             # drawn photos, fresh seeds
    python -m scripts.bench_find PHOTOS MASKS --onnx isnet-general-use.onnx  # real ones, with masks of the same names

Masks are 255 on the garment and 0 elsewhere; what lies between 100 and 155 does not count. The earlier release is taken
from this repository's history and runs in a process of its own. Seconds are the processor's, and mean something as
ratios within one run.
"""

import argparse
import io
import json
import random
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

import cv2
import numpy as np
import numpy.typing as npt

from scripts.synthetic.garment import KINDS, draw
from scripts.synthetic.pattern import CATEGORIES
from stages.contracts import Mask, Plate
from stages.find import finder, onnx
from stages.options import SegmentOptions

Flags = npt.NDArray[np.bool_]
Method = Callable[[Plate], Flags]

#: The last commit before the finder: a model of the backdrop and forty rules.
BEFORE = "ec15007"
#: What the process of the earlier release runs: paths in, flags out.
ASKED = """
import sys, time, json, cv2, numpy as np
from stages.options import SegmentOptions
from stages.segment import classical
ask = classical.load(SegmentOptions())
for line in sys.stdin:
    source, target = json.loads(line)
    picture = cv2.cvtColor(cv2.imread(source), cv2.COLOR_BGR2RGB)
    begun = time.process_time()
    found = ask(picture) > 0.5
    cv2.imwrite(target, found.astype(np.uint8) * 255)
    print(time.process_time() - begun, flush=True)
"""


def grabcut(picture: Plate) -> Flags:
    """GrabCut (Rother, Kolmogorov, Blake 2004) with a box a twentieth inside the frame."""
    height, width = picture.shape[:2]
    labels = np.zeros((height, width), np.uint8)
    box = (width // 20, height // 20, width - width // 10, height - height // 10)
    cv2.setRNGSeed(0)
    cv2.grabCut(picture, labels, box, np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_RECT)
    return np.asarray((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), dtype=bool)


class Earlier:
    """An earlier release's classical segmenter."""

    def __init__(self, revision: str, folder: Path) -> None:
        """Unpacks a revision's stages into a folder and starts the process."""
        packed = subprocess.run(["git", "archive", revision, "stages"], capture_output=True, check=True).stdout  # noqa: S603, S607
        with tarfile.open(fileobj=io.BytesIO(packed)) as files:
            files.extractall(folder, filter="data")
        self.folder = folder
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", ASKED], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.given, self.said = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
        self.seconds = 0.0

    def __call__(self, picture: Plate) -> Flags:
        source, target = self.folder / "photo.png", self.folder / "found.png"
        cv2.imwrite(str(source), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        print(json.dumps([str(source), str(target)]), file=self.given, flush=True)
        self.seconds = float(self.said.readline())
        return np.asarray(np.asarray(cv2.imread(str(target), cv2.IMREAD_GRAYSCALE)) > 127, dtype=bool)


def pairs(photos: Path, masks: Path, count: int, seed: int) -> Iterator[tuple[str, Plate, Mask]]:
    """Yields name, picture and mask of up to `count` photos that have a mask."""
    found = sorted(masks.rglob("*.png"))
    random.Random(seed).shuffle(found)
    for mask in found[:count]:
        name = mask.relative_to(masks)
        source = next((photos / name.parent).glob(f"{name.stem}.*"))
        picture = np.asarray(cv2.imread(str(source), cv2.IMREAD_COLOR_RGB), np.uint8)
        yield str(name.with_suffix("")), picture, np.asarray(cv2.imread(str(mask), cv2.IMREAD_GRAYSCALE), np.uint8)


def drawn(count: int, seed: int) -> Iterator[tuple[str, Plate, Mask]]:
    kinds = [(kind, category) for kind in KINDS for category in CATEGORIES]
    chosen = random.Random(seed)
    for index in range(count):
        kind, category = chosen.choice(kinds)
        sample = draw(seed * 1000 + index, kind, category, 480, 640)
        yield f"{kind} {category}", sample.photo, np.rint(sample.matte * 255).astype(np.uint8)


def overlap(found: Flags, mask: Mask) -> float:
    counts = (mask < 100) | (mask > 155)
    true = mask > 127
    either = ((found | true) & counts).sum()
    return float((found & true & counts).sum() / either) if either else 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="?")
    parser.add_argument("masks", type=Path, nargs="?")
    parser.add_argument("--onnx", type=Path, help="a network in one of rembg's formats")
    parser.add_argument("--before", default=BEFORE, help="revision of the earlier release; none leaves it out")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--each", action="store_true", help="print a line for each photo too")
    asked = parser.parse_args()
    ours = finder.load(SegmentOptions())
    methods: dict[str, Method] = {"ours": lambda picture: ours.look(picture).garment, "grabcut": grabcut}
    if asked.onnx:
        sees = onnx.load(SegmentOptions(onnx_weights=asked.onnx)).sees
        methods[asked.onnx.stem] = lambda picture: np.asarray(sees(picture).garment > 0.5, dtype=bool)
    with tempfile.TemporaryDirectory() as folder:
        if asked.before != "none":
            methods[f"classical of {asked.before}"] = Earlier(asked.before, Path(folder))
        _measure(methods, asked)


def _measure(methods: dict[str, Method], asked: argparse.Namespace) -> None:
    scores: dict[str, list[float]] = {name: [] for name in methods}
    seconds = dict.fromkeys(methods, 0.0)
    given = (
        pairs(asked.photos, asked.masks, asked.count, asked.seed)
        if asked.photos and asked.masks
        else drawn(asked.count, asked.seed)
    )
    for title, picture, mask in given:
        for name, method in methods.items():
            begun = time.process_time()
            scores[name].append(overlap(method(picture), mask))
            seconds[name] += method.seconds if isinstance(method, Earlier) else time.process_time() - begun
        if asked.each:
            print(title[:40].ljust(40), *(f"{each[-1]:.3f}" for each in scores.values()), flush=True)
    print("".ljust(24), *(each.rjust(9) for each in ("median", ">= 0.95", "< 0.8", "mean", "seconds")))
    for name, each in scores.items():
        row = np.array(each)
        measured = np.median(row), (row >= 0.95).mean(), (row < 0.8).mean(), row.mean(), seconds[name] / len(row)
        print(name.ljust(24), *(f"{value:9.3f}" for value in measured))


if __name__ == "__main__":
    main()
