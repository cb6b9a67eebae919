"""Measures whole cut-outs, with no trimap given, on drawn photos whose truth is known.

    python -m scripts.bench_cut                                  # every kind and category
    python -m scripts.bench_cut --gaps --seeds 3                 # with gaps closed to holes
    python -m scripts.bench_cut --kinds sheer lace

MSE is over the whole photo, in thousandths. "kept" is the share of the opaque cloth that is core, "opaque" the share of
sheer cloth and openwork, soft pixels more than 3 pixels from the opaque and the free, that is core, "dropped" the share
of it that is gone, "free" the share of the backdrop that is generated. "holes" is the intersection over union of the
gaps that the garment encloses, as areas of a matte below one half; photos without gaps do not count.
"""

import argparse
from statistics import fmean

import cv2
import numpy as np
import numpy.typing as npt

from scripts.synthetic.garment import KINDS, Kind, Sample, draw
from scripts.synthetic.pattern import CATEGORIES, Category
from stages.contracts import Cutout, Matte, Photo
from stages.errors import NotFoundError
from stages.find import finder, subject
from stages.options import SegmentOptions

Flags = npt.NDArray[np.bool_]

#: Gaps smaller than this share of the photo are openings of fringe and lace: 60 pixels at 768 x 1024.
GAP = 8e-5
MEASURES = ("MSE", "kept", "opaque", "dropped", "free", "holes")


def holes(matte: Matte) -> Flags:
    """Tells the gaps that a garment encloses, H x W: what is less than half covered, mostly not at all, and cut off
    from the frame.
    """
    free = np.pad(matte <= 0.5, 1, constant_values=True).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA]
    empty = np.bincount(labels.ravel(), weights=np.pad(matte < 0.05, 1).ravel(), minlength=len(area))
    large = (area >= GAP * matte.size) & (empty > 0.5 * area)
    large[[0, labels[0, 0]]] = False
    return np.asarray(large[labels[1:-1, 1:-1]], dtype=bool)


def measure(sample: Sample, ours: Matte) -> dict[str, float | None]:
    """Returns each of `MEASURES`; None where the photo has nothing to measure."""
    truth = sample.matte
    near = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    ends = (truth > 0.99) & (cv2.morphologyEx((truth > 0.99).astype(np.uint8), cv2.MORPH_OPEN, near) > 0)
    free = (truth < 0.01) & (cv2.morphologyEx((truth < 0.01).astype(np.uint8), cv2.MORPH_OPEN, near) > 0)
    through = (truth > 0.05) & (truth < 0.95) & (cv2.dilate((ends | free).astype(np.uint8), near) == 0)
    gaps, found = holes(truth), holes(ours)
    return {
        "MSE": float(np.square(ours - truth).mean() * 1000),
        "kept": float(np.mean(ours[truth > 0.99] == 1)),
        "opaque": float(np.mean(ours[through] == 1)) if through.sum() > 500 else None,
        "dropped": float(np.mean(ours[through] == 0)) if through.sum() > 500 else None,
        "free": float(np.mean(ours[truth < 0.01] == 0)),
        "holes": float((gaps & found).sum() / (gaps | found).sum()) if gaps.any() else None,
    }


def cutout(sample: Sample) -> Cutout:
    """Returns the cut-out by the finder; the inside of a back collar stays."""
    options = SegmentOptions(keep_collar=True)
    return subject(Photo("drawn", sample.photo, ""), options, finder.load(options))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--categories", nargs="+", choices=CATEGORIES, default=list(CATEGORIES))
    parser.add_argument("--seeds", type=int, default=2, help="photos of each kind and category")
    parser.add_argument("--gaps", action="store_true", help="close gaps to holes")
    parser.add_argument("--size", default="768x1024", help="WIDTHxHEIGHT of the photos")
    parser.add_argument("--each", action="store_true", help="print a line for each photo too")
    asked = parser.parse_args()
    size = tuple(int(each) for each in asked.size.split("x"))
    print(f"{asked.size}, {asked.seeds} of each".ljust(22), *(each.rjust(9) for each in MEASURES))
    every: list[dict[str, float | None]] = []
    for kind in asked.kinds:
        rows = [
            _photo(kind, category, seed, size, asked) for category in asked.categories for seed in range(asked.seeds)
        ]
        _print(kind, [row for row in rows if row])
        every += [row for row in rows if row]
    _print("all", every)


def _photo(
    kind: Kind, category: Category, seed: int, size: tuple[int, ...], asked: argparse.Namespace
) -> dict[str, float | None] | None:
    sample = draw(seed, kind, category, size[0], size[1], gaps=asked.gaps)
    title = f"  {kind} {category} {seed}"
    try:
        row = measure(sample, cutout(sample).matte)
    except NotFoundError as error:
        print(f"{title}: {error}")
        return None
    if asked.each:
        _print(title, [row])
    return row


def _print(title: str, rows: list[dict[str, float | None]]) -> None:
    values = [[value for row in rows if (value := row[name]) is not None] for name in MEASURES]
    print(title.ljust(22), *(f"{fmean(each):9.4f}" if each else "        -" for each in values), flush=True)


if __name__ == "__main__":
    main()
