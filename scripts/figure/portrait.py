"""Draws portraits of castings: what the docs and `onmodel list castings` show.

python -m scripts.figure.portrait --casting ada ada.png       # one, PNG or JPEG
python -m scripts.figure.portrait configs/castings/portraits  # all, as JPEG, into a folder
"""

import argparse
from pathlib import Path

from PIL import Image

from pipeline import config as configs
from stages.casting import Casting, Scene
from stages.figure.portrait import portrait


def main() -> None:
    parser = argparse.ArgumentParser(description="Draws portraits of castings.")
    parser.add_argument("out", type=Path, help="a picture, or with all castings a folder")
    parser.add_argument("--casting", help="one of the package's castings, or a YAML file; all by default")
    parser.add_argument("--height", type=int, default=600)
    parser.add_argument("--light", choices=("left", "right", "front"), default="left")
    given = parser.parse_args()
    scene = Scene(light_from=given.light, softness=0.8)
    for name in [given.casting] if given.casting else configs.names("castings"):
        casting = Casting.model_validate(configs.read(configs.find("castings", name)))
        path = given.out if given.casting else given.out / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = portrait(casting, round(0.8 * given.height), given.height, scene)
        Image.fromarray(picture).save(path, quality=90)
        print(path, flush=True)


if __name__ == "__main__":
    main()
