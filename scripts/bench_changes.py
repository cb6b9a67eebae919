"""Tells whether the same photo gives the same cut when it is mirrored, moved, saved again, resized or lit otherwise.

    python -m scripts.bench_changes PHOTOS

PHOTOS (or $ONMODEL_PHOTOS) holds garments/*.jpg. Prints the intersection over union of each photo's cut with that of
the changed photo, changed back.
"""

import argparse
import io
import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from stages import photo
from stages.contracts import Photo
from stages.find import finder, subject
from stages.options import PhotoOptions, SegmentOptions

#: Below this a cut counts as another.
SAME = 0.98

Change = Callable[[np.ndarray], np.ndarray]


def saved(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Returns H x W x 3 uint8 RGB as JPEG leaves it."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file), np.uint8)


def scaled(values: np.ndarray, factor: float) -> np.ndarray:
    """Returns a picture, or a matte in [0, 1], at so many times its size."""
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(values, None, fx=factor, fy=factor, interpolation=way)
    return np.asarray(np.clip(resized, 0, 255 if values.ndim == 3 else 1))


def lit(pixels: np.ndarray, factor: float) -> np.ndarray:
    return np.clip(np.rint(pixels * factor), 0, 255).astype(np.uint8)


#: Of each change: what it does to a picture, and to its matte.
CHANGES: dict[str, tuple[Change, Change]] = {
    "mirrored": (lambda pixels: pixels[:, ::-1], lambda matte: matte[:, ::-1]),
    "a pixel aside": (lambda pixels: np.roll(pixels, 1, axis=1), lambda matte: np.roll(matte, 1, axis=1)),
    "saved at 80": (lambda pixels: saved(pixels, 80), lambda matte: matte),
    "saved at 95": (lambda pixels: saved(pixels, 95), lambda matte: matte),
    "smaller": (lambda pixels: scaled(pixels, 0.75), lambda matte: scaled(matte, 0.75)),
    "larger": (lambda pixels: scaled(pixels, 1.5), lambda matte: scaled(matte, 1.5)),
    "brighter": (lambda pixels: lit(pixels, 1.05), lambda matte: matte),
    "darker": (lambda pixels: lit(pixels, 0.95), lambda matte: matte),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="?", default=os.environ.get("ONMODEL_PHOTOS"))
    asked = parser.parse_args()
    if asked.photos is None:
        parser.error("name a folder of photos, or set ONMODEL_PHOTOS")
    options = SegmentOptions()
    segmenter = finder.load(options)
    print("| photo |", *(f"{name} |" for name in CHANGES), "\n|", "--- |" * (len(CHANGES) + 1))
    same = []
    for path in sorted((Path(asked.photos) / "garments").glob("*.jpg")):
        read = photo.read(path, PhotoOptions())
        matte, row = subject(read, options, segmenter).matte, []
        for change, moved in CHANGES.values():
            changed = Photo(read.name, np.ascontiguousarray(change(read.pixels)), "", icc=read.icc)
            found, wanted = subject(changed, options, segmenter).matte > 0.5, moved(matte) > 0.5
            row.append(float((found & wanted).sum() / max(1, (found | wanted).sum())))
        same += [each >= SAME for each in row]
        print(f"| {path.stem} |", *(f"{each:.4f} |" for each in row), flush=True)
    print(f"\n{sum(same)} of {len(same)} cuts have an intersection over union of {SAME} or more")


if __name__ == "__main__":
    main()
