"""Measures mattes and foregrounds on drawn photos whose truth is known, each method given the same trimap.

    make bench-matte                                            # all kinds at 768 x 1024, speed at 12 megapixels
    python -m scripts.bench_matte --seeds 4                     # more photos of each kind
    python -m scripts.bench_matte --size 3000x4000 --kinds shaded textured --methods band pymatting

Errors are taken over the trimap's unknown pixels, as alphamatting.com defines them (Rhemann et al., A Perceptually
Motivated Online Benchmark for Image Matting, 2009): SAD, gradient and connectivity in thousands, MSE. The foreground's
is the root mean square of alpha * (F - truth), of 1, where the method's alpha is not 0: there it has no foreground.
Seconds are the processor's, of all threads, and mean something as ratios within one run. Memory is what the process
grows by while a method runs.
"""

import argparse
import threading
import time
from collections.abc import Callable
from statistics import fmean
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import psutil

from scripts.synthetic.garment import KINDS, Sample, draw
from scripts.synthetic.pattern import CATEGORIES
from stages.contracts import Matte, Plate
from stages.matte import band, foreground

Field = npt.NDArray[np.float32]
Result = tuple[Matte, Plate]
MEASURES = ("SAD", "MSE", "gradient", "connectivity", "foreground")


def ours(sample: Sample) -> Result:
    alpha = band.solve(sample.photo, sample.trimap)
    return alpha, np.asarray(foreground.estimate(sample.photo, alpha), dtype=np.uint8)


def pymatting(sample: Sample) -> Result:
    from pymatting import estimate_alpha_cf, estimate_foreground_ml

    trimap = np.where((sample.trimap == 0) | (sample.trimap == 255), sample.trimap / 255, 0.5)
    picture = sample.photo / 255.0
    alpha = estimate_alpha_cf(picture, trimap)
    front = np.clip(estimate_foreground_ml(picture, alpha), 0, 1)
    return alpha.astype(np.float32), np.rint(front * 255).astype(np.uint8)


def grabcut(sample: Sample) -> Result:
    """GrabCut with the trimap, then a feather of 1.5 pixels at 1024."""
    feather = 1.5 * max(1.0, max(sample.trimap.shape) / 1024)
    return cv2.GaussianBlur(_grabcut(sample).astype(np.float32), (0, 0), feather), sample.photo


def rembg(sample: Sample) -> Result:
    """What rembg does to a mask (its `post_process_mask`): opening by 3 x 3, a blur of 2 pixels, a threshold."""
    mask = _grabcut(sample).astype(np.uint8) * 255
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    mask = cv2.GaussianBlur(mask, (5, 5), sigmaX=2, sigmaY=2)
    return (mask >= 127).astype(np.float32), sample.photo


METHODS: dict[str, Callable[[Sample], Result]] = {
    "band": ours, "pymatting": pymatting, "grabcut": grabcut, "rembg": rembg,
}  # fmt: skip


def _middle(sample: Sample) -> npt.NDArray[np.bool_]:
    to_garment = cv2.distanceTransform((sample.trimap != 255).astype(np.uint8), cv2.DIST_L2, 3)
    to_backdrop = cv2.distanceTransform((sample.trimap != 0).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(to_garment < to_backdrop, dtype=bool)


def _grabcut(sample: Sample) -> npt.NDArray[np.bool_]:
    labels = np.where(_middle(sample), cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[sample.trimap == 255] = cv2.GC_FGD
    labels[sample.trimap == 0] = cv2.GC_BGD
    cv2.grabCut(sample.photo, labels, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_MASK)
    return np.asarray((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), dtype=bool)


def errors(sample: Sample, alpha: Matte, front: Plate) -> dict[str, float]:
    """Returns each of `MEASURES` of one result."""
    unknown = (sample.trimap != 0) & (sample.trimap != 255)
    off = alpha - sample.matte
    slopes = _slope(alpha) - _slope(sample.matte)
    weight = sample.matte[..., None]
    colour = weight * (front.astype(np.float32) - sample.foreground) / np.float32(255)
    seen = unknown & (sample.matte > 0) & (alpha > 0)
    return {
        "SAD": float(np.abs(off)[unknown].sum() / 1000),
        "MSE": float(np.square(off)[unknown].mean()),
        "gradient": float(np.square(slopes)[unknown].sum() / 1000),
        "connectivity": _connectivity(alpha, sample.matte, unknown),
        "foreground": float(np.sqrt(np.square(colour).mean(axis=-1)[seen].mean())),
    }


def _slope(alpha: Matte) -> Field:
    """Returns the length of alpha's gradient, by derivatives of a Gaussian with a standard deviation of 1.4."""
    x = np.arange(-4, 5, dtype=np.float32)
    bell = np.exp(-np.square(x) / (2 * 1.4**2))
    bell /= np.float32(np.sqrt(np.square(bell).sum()))
    tilt = -x * np.exp(-np.square(x) / (2 * 1.4**2))
    tilt /= np.float32(np.sqrt(np.square(tilt).sum()))
    across, down = cv2.sepFilter2D(alpha, cv2.CV_32F, tilt, bell), cv2.sepFilter2D(alpha, cv2.CV_32F, bell, tilt)
    return cv2.magnitude(across, down)


def _connectivity(alpha: Matte, truth: Matte, unknown: npt.NDArray[np.bool_]) -> float:
    """Returns the connectivity error: how far pixels are cut off from the largest part that both mattes share."""
    level = np.full(alpha.shape, -1.0, dtype=np.float32)
    for step in range(1, 11):
        both = ((alpha >= step / 10) & (truth >= step / 10)).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        largest = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else np.zeros_like(unknown)
        level[(level == -1) & ~largest] = (step - 1) / 10
    level[level == -1] = 1
    apart = [each - level for each in (alpha, truth)]
    phi = [1 - each * (each >= 0.15) for each in apart]
    return float(np.abs(phi[0] - phi[1])[unknown].sum() / 1000)


class _Memory(threading.Thread):
    """Watches how much memory the process holds, fifty times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.process = psutil.Process()
        self.before = self.most = self.process.memory_info().rss
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.02):
            self.most = max(self.most, self.process.memory_info().rss)

    def gigabytes(self) -> float:
        self.ended.set()
        self.join()
        return float(self.most - self.before) / 1e9


def _run(name: str, sample: Sample) -> tuple[Result, float, float]:
    """Returns the result, the seconds and the gigabytes that were added."""
    memory = _Memory()
    memory.start()
    began = time.process_time()
    result = METHODS[name](sample)
    return result, time.process_time() - began, memory.gigabytes()


def measure(kind: str, seeds: int, size: tuple[int, int], methods: list[str]) -> dict[str, list[dict[str, float]]]:
    """Measures all methods on the photos of one kind, one after another."""
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in methods}
    for seed in range(seeds):
        category = CATEGORIES[(seed + KINDS.index(kind)) % len(CATEGORIES)]
        sample = draw(seed, kind, category, *size)  # type: ignore[arg-type]
        for name in methods:
            (alpha, front), seconds, memory = _run(name, sample)
            rows[name].append({**errors(sample, alpha, front), "seconds": seconds, "GB": memory})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=2, help="photos of each kind")
    parser.add_argument("--size", default="768x1024", help="WIDTHxHEIGHT of the photos")
    asked = parser.parse_args()
    width, height = (int(each) for each in asked.size.split("x"))
    # pymatting compiles at its first call, which is not what is timed.
    warm = draw(0, "plain", "top", 96, 128)
    for name in asked.methods:
        METHODS[name](warm)
    columns: tuple[str, ...] = (*MEASURES, "seconds", "GB")
    print(f"{asked.size}, {asked.seeds} of each kind".ljust(22), *(each.rjust(12) for each in columns))
    every: dict[str, list[dict[str, float]]] = {name: [] for name in asked.methods}
    for kind in asked.kinds:
        for name, rows in measure(kind, asked.seeds, (width, height), asked.methods).items():
            every[name] += rows
            _print(f"{kind}: {name}", rows, columns)
    for name, rows in every.items():
        _print(f"all: {name}", rows, columns)


def _print(title: str, rows: list[dict[str, float]], columns: tuple[str, ...]) -> None:
    values: list[Any] = [fmean(row[each] for row in rows) for each in columns]
    print(title.ljust(22), *(f"{value:12.5f}" if value < 1 else f"{value:12.2f}" for value in values), flush=True)


if __name__ == "__main__":
    main()
