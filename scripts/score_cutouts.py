"""Scores cut-outs of real photos against hand-checked trimaps.

    python scripts/score_cutouts.py PHOTOS

PHOTOS (or $ONMODEL_PHOTOS) holds garments/*.jpg and trimaps/*.png (255 garment, 0 backdrop, 128 don't care).
"""

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Mask, Matte, Photo
from stages.find import finder, subject
from stages.options import SegmentOptions

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Score:
    core: float
    """Share of the sure garment that is core."""
    generated: float
    """Share of the sure backdrop that is generated."""
    band: float
    """Mean width of the edge band, in pixels."""
    off: float
    """95th percentile of `outline_errors`."""
    beyond: float
    """Share of the core's outline that is more than 2 pixels off."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="?", default=os.environ.get("ONMODEL_PHOTOS"))
    parser.add_argument("--write", type=Path, help="folder for straight-alpha cut-outs")
    asked = parser.parse_args()
    segmenter = finder.load(SegmentOptions())
    print("photo            core   generated  band px  outline px  beyond 2 px  seconds")
    for path in sorted((asked.photos / "garments").iterdir()):
        pixels = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), np.uint8)
        trimap: Mask = np.asarray(cv2.imread(str(asked.photos / "trimaps" / f"{path.stem}.png"), 0), dtype=np.uint8)
        start = time.perf_counter()
        cutout = subject(Photo(path.name, pixels, ""), SegmentOptions(), segmenter)
        seconds = time.perf_counter() - start
        found = score(cutout.matte, trimap)
        measured = f"{found.core:7.4f} {found.generated:9.4f} {found.band:8.2f} {found.off:9.2f} {found.beyond:12.4f}"
        print(f"{path.stem:15} {measured} {seconds:10.2f}")
        if asked.write:
            asked.write.mkdir(parents=True, exist_ok=True)
            alpha = np.rint(cutout.matte * 255).astype(np.uint8)
            bgra = np.dstack([np.asarray(cutout.foreground, np.uint8)[..., ::-1], alpha])
            cv2.imwrite(str(asked.write / f"{path.stem}.png"), bgra)


def score(matte: Matte, trimap: Mask) -> Score:
    """Measures a matte against a trimap of the same size (255 garment, 0 backdrop, else don't care)."""
    core = matte == 1
    band = (matte > 0) & ~core
    contours, _ = cv2.findContours((matte > 0.5).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    length = sum(cv2.arcLength(each, True) for each in contours)
    off = outline_errors(core, trimap)
    return Score(
        core=float(core[trimap == 255].mean()),
        generated=float((matte == 0)[trimap == 0].mean()),
        band=float(band.sum() / length),
        off=float(np.percentile(off, 95)),
        beyond=float(np.mean(off > 2)),
    )


def outline_errors(core: Flags, trimap: Mask) -> npt.NDArray[np.float32]:
    """Returns how far each pixel of the core's outline lies within sure garment or sure backdrop, in pixels.

    It is 0 in the unknown band, which is 6 pixels wide by itself and cannot tell more.
    """
    outline = core & (cv2.erode(core.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) == 0)
    into_backdrop = cv2.distanceTransform((trimap == 0).astype(np.uint8), cv2.DIST_L2, 5)
    into_garment = cv2.distanceTransform((trimap == 255).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray((into_backdrop + into_garment)[outline], dtype=np.float32)


if __name__ == "__main__":
    main()
