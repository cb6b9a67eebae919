"""Runs the main job over a folder of photos, checks what was written with other code, and lays out a contact sheet.

    python scripts/run_photos.py PHOTOS OUT --vary

One line a photo: status, core pixels and how many of them differ, category, checks, seconds. `OUT/sheet.jpg` shows
every photo beside its picture: a figure that improves while the picture gets worse is a wrong figure.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from pipeline import config, engine
from pipeline.models import Models
from pipeline.receipt import Receipt

#: Castings and scenes that `--vary` walks through, chosen to lie far apart.
CASTINGS = ("ada", "imani", "hari", "lena")
SCENES = ("studio-grey", "beach", "street", "garden", "living-room")
TALL = 360


def changed(source: Path, output: Path, receipt: Receipt) -> int:
    """Returns how many kept pixels differ from the photo, read by Pillow alone; 8-bit RGB photos at scale 1."""
    with Image.open(source) as before, Image.open(output) as after, Image.open(output.with_suffix(".mask.png")) as mask:
        photo = np.asarray(ImageOps.exif_transpose(before).convert("RGB"))
        rows, columns = np.nonzero(np.asarray(mask) == 0)
        kept = photo[rows - receipt.placement.y, columns - receipt.placement.x]
        return int((np.asarray(after)[rows, columns] != kept).any(axis=1).sum())


def tile(*paths: Path) -> npt.NDArray[np.uint8]:
    """Returns pictures side by side, TALL pixels high."""
    parts = []
    for path in paths:
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            parts.append(np.asarray(upright.resize((max(1, upright.width * TALL // upright.height), TALL))))
    return np.concatenate(parts, axis=1)


def sheet(tiles: list[npt.NDArray[np.uint8]], columns: int = 6) -> Image.Image:
    """Returns tiles of unlike widths in rows."""
    width = max(each.shape[1] for each in tiles)
    padded = [np.pad(each, ((0, 4), (0, width + 4 - each.shape[1]), (0, 0)), constant_values=255) for each in tiles]
    blank = np.full_like(padded[0], 255)
    padded += [blank] * (-len(padded) % columns)
    rows = [np.concatenate(padded[start : start + columns], axis=1) for start in range(0, len(padded), columns)]
    return Image.fromarray(np.concatenate(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs a folder of photos and checks what was written.")
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--vary", action="store_true", help="another casting and scene for each photo")
    parser.add_argument("--preset", default="house")
    parser.add_argument("--steps", type=int)
    given = parser.parse_args()
    models, tiles = Models(), []
    generate = {"generate": {"steps": given.steps}} if given.steps else {}
    print("photo            status  core px   changed  category   seam  halo  expansion  seconds  warnings")
    for number, source in enumerate(sorted(path for path in given.photos.iterdir() if path.is_file())):
        named = {"casting": CASTINGS[number % len(CASTINGS)], "scene": SCENES[number % len(SCENES)]}
        settings = config.resolve(given.preset, flags={**generate, **(named if given.vary else {})})
        output = given.out / f"{source.stem}.png"
        began = time.perf_counter()
        receipt = engine.run(source, output, settings, models, overwrite=True)
        seconds = time.perf_counter() - began
        wrong = changed(source, output, receipt) if receipt.status == "ok" else -1
        checks = "  ".join("   - " if each is None else f"{each:5.2f}" for each in
                           (receipt.checks.seam, receipt.checks.halo, receipt.checks.expansion))  # fmt: skip
        category = receipt.garment.category if receipt.garment else ""
        print(
            f"{source.stem:16} {receipt.status:6} {receipt.kept.core_pixels:9,} {wrong:8}  {category:9}"
            f" {checks}  {seconds:7.1f}  {'; '.join(receipt.warnings)}",
            flush=True,
        )
        tiles.append(tile(source, output) if wrong >= 0 else tile(source))
        sheet(tiles).save(given.out / "sheet.jpg", quality=88)


if __name__ == "__main__":
    main()
