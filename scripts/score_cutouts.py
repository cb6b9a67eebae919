"""Scores cut-outs of real photos against hand-checked trimaps.

    python scripts/score_cutouts.py PHOTOS

PHOTOS (or $ONMODEL_PHOTOS) holds garments/*.jpg and trimaps/*.png (255 garment, 0 backdrop, 128 don't care).
"""

import argparse
import os
import time
from pathlib import Path

import cv2
import numpy as np

from stages.contracts import Mask, Matte, Photo
from stages.options import SegmentOptions
from stages.segment import classical, cut


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="?", default=os.environ.get("ONMODEL_PHOTOS"))
    parser.add_argument("--write", type=Path, help="folder for straight-alpha cut-outs")
    asked = parser.parse_args()
    segmenter = classical.load(SegmentOptions())
    print("photo            core   generated  band px  outline px  seconds")
    for path in sorted((asked.photos / "garments").iterdir()):
        pixels = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        trimap: Mask = np.asarray(cv2.imread(str(asked.photos / "trimaps" / f"{path.stem}.png"), 0), dtype=np.uint8)
        start = time.perf_counter()
        cutout = cut(Photo(path.name, pixels, ""), SegmentOptions(), segmenter)
        seconds = time.perf_counter() - start
        core, generated, band, off = score(cutout.matte, trimap)
        print(f"{path.stem:15} {core:7.4f} {generated:9.4f} {band:8.2f} {off:9.2f} {seconds:10.2f}")
        if asked.write:
            asked.write.mkdir(parents=True, exist_ok=True)
            alpha = np.rint(cutout.matte * 255).astype(np.uint8)
            bgra = np.dstack([cutout.foreground[..., ::-1], alpha])
            cv2.imwrite(str(asked.write / f"{path.stem}.png"), bgra)


def score(matte: Matte, trimap: Mask) -> tuple[float, float, float, float]:
    """Gives the share of garment that is core, the share of backdrop that is generated, the band's mean width and
    the 95th percentile of the distance between the core's outline and the true one, in pixels.

    The true outline runs in the middle of the unknown band between garment and backdrop; where the band is wider
    than 8 pixels (collar, sheer cloth, shadow) the trimap does not know it and it is not measured.
    """
    core = matte == 1
    band = (matte > 0) & ~core
    contours, _ = cv2.findContours((matte > 0.5).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    length = sum(cv2.arcLength(each, True) for each in contours)
    to_garment = cv2.distanceTransform((trimap != 255).astype(np.uint8), cv2.DIST_L2, 5)
    to_backdrop = cv2.distanceTransform((trimap != 0).astype(np.uint8), cv2.DIST_L2, 5)
    middle = (np.abs(to_garment - to_backdrop) < 1) & (to_garment + to_backdrop < 9) & (trimap == 128)
    outline = core & (cv2.erode(core.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    away = cv2.distanceTransform((~outline).astype(np.uint8), cv2.DIST_L2, 5)
    off = float(np.percentile(away[middle], 95)) if middle.any() else 0.0
    return float(core[trimap == 255].mean()), float((matte == 0)[trimap == 0].mean()), band.sum() / length, off


if __name__ == "__main__":
    main()
