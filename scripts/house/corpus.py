"""Renders many figures into shards on disk, so that training reads instead of painting.

    python -m scripts.house.corpus FOLDER --count 3000 --seed 1 --width 384 --workers 2
    python -m scripts.house.corpus CLOSE --count 3000 --seed 1 --closeups --workers 2

A shard is one .npz of up to 100 figures; shards that exist already are left alone, so the command resumes.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from scripts.house.closeup import SIDE, render_closeup
from scripts.house.render import Figure, render

SHARD = 100


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """n figures: pictures n x H x W x 3, masks and persons n x H x W uint8, skeletons n x 18 x 3, captions."""

    pictures: npt.NDArray[np.uint8]
    masks: npt.NDArray[np.uint8]
    persons: npt.NDArray[np.uint8]
    skeletons: npt.NDArray[np.float32]
    captions: list[str]


def write_shard(
    folder: Path, seed: int, width: int, number: int, count: int = SHARD, *, closeups: bool = False
) -> Path:
    """Renders one shard of `count` figures; figure k of shard n comes from the seed (seed, n, k).

    Closeups are square, `width` pixels; figures half as high again as wide.
    """
    path = folder / f"shard-{seed}-{number:04d}.npz"
    if path.exists():
        return path
    cv2.setNumThreads(1)

    def made(each: int) -> Figure:
        random = np.random.default_rng((seed, number, each))
        return render_closeup(random, width) if closeups else render(random, width, width * 3 // 2)

    figures = [made(each) for each in range(count)]
    part = path.with_suffix(".part.npz")
    np.savez(
        part,
        pictures=np.stack([each.picture for each in figures]),
        masks=np.stack([each.mask for each in figures]),
        persons=np.stack([each.person for each in figures]),
        skeletons=np.stack([each.skeleton for each in figures]),
        captions=np.array([each.caption for each in figures]),
    )
    part.rename(path)
    return path


def shards(folder: Path) -> Iterator[Path]:
    """Returns the finished shards in order."""
    return iter(sorted(path for path in folder.glob("shard-*.npz") if ".part" not in path.name))


def read_shard(path: Path) -> Corpus:
    with np.load(path) as data:
        return Corpus(
            data["pictures"],
            data["masks"],
            data["persons"],
            data["skeletons"],
            [str(each) for each in data["captions"]],
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Renders training figures into shards.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, help="in pixels: 384, and the height half as much again; closeups 256")
    parser.add_argument("--closeups", action="store_true", help="of faces and hands alone")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    numbers = range(-(-options.count // SHARD))
    counts = [min(SHARD, options.count - number * SHARD) for number in numbers]
    with ProcessPoolExecutor(options.workers) as pool:
        width = options.width or (SIDE if options.closeups else 384)
        write = partial(write_shard, options.folder, options.seed, width, closeups=options.closeups)
        for path in pool.map(write, numbers, counts):
            print(path, flush=True)


if __name__ == "__main__":
    main()
