"""Draws a small picture of each scene for studio and documentation: `python -m scripts.scenes configs/scenes/pictures`.

The demo's own top on one casting, by the embedded model: what a scene's light and place look like, not a garment.
"""

import argparse
import io
from pathlib import Path

from PIL import Image

import onmodel
from pipeline import config, demo
from stages import photo, write
from stages.options import PhotoOptions

#: Width and height of a picture, and of what it is made smaller from.
SIZE, MADE = (160, 240), "320x480"


def main() -> None:
    """Draws every scene, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    garment = photo.read(write.encode(demo.draw(), None), PhotoOptions(), "top.png")
    models = onmodel.Models()
    for name in args.names or config.names("scenes"):
        product = onmodel.generate(
            garment, preset="house", casting="gia", scene=name, size=MADE, framing="full", reseed=0, models=models
        )
        if product.png is None:
            raise SystemExit(f"{name}: {product.receipt.failures}")
        picture = Image.open(io.BytesIO(product.png)).resize(SIZE, Image.Resampling.LANCZOS)
        picture.save(args.folder / f"{name}.jpg", quality=82)


if __name__ == "__main__":
    main()
