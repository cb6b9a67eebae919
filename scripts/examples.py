"""Makes the pages of examples, castings and scenes: garments that this project draws, on its castings, in its scenes.

python -m scripts.examples docs/examples                  # pictures, portraits, and the pages that show them
python -m scripts.examples docs/examples --only-castings  # leaves the pictures as they are
"""

import argparse
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from pipeline import config as configs
from pipeline import demo, engine
from pipeline.models import Models
from scripts.synthetic import garment
from stages import disk, write
from stages.contracts import Category, Plate

#: Height of a picture on the page.
TALL = 720


class Example(NamedTuple):
    """One picture of the page; the garment is drawn by its seed."""

    casting: str
    scene: str
    category: Category
    seed: int
    pose: str = "auto"


EXAMPLES = (
    Example("clara", "studio-grey", "top", 0),
    Example("bruno", "street", "top", 4),
    Example("imani", "beach", "dress", 2, "hand-on-hip"),
    Example("hari", "terrace", "bottom", 3),
    Example("elena", "garden", "skirt", 5, "walking"),
    Example("jomo", "studio-terracotta", "outerwear", 6),
)


def photo(example: Example) -> Plate:
    """Returns the garment photo of an example; the first is the demo's own."""
    if example == EXAMPLES[0]:
        return demo.draw()
    return garment.draw(example.seed, "plain", example.category).photo


def shown(path: Path) -> Image.Image:
    """Returns a picture in the page's height."""
    with Image.open(path) as picture:
        return picture.convert("RGB").resize(
            (round(picture.width * TALL / picture.height), TALL), Image.Resampling.LANCZOS
        )


def people(page: Path) -> None:
    """Writes the page that shows each casting's portrait and what its file says."""
    rows = ["# Castings\n", "`python -m scripts.figure.portrait configs/castings/portraits` draws the portraits,",
            "`python -m scripts.examples docs/examples` writes this page.\n",
            "| | name | who |", "| --- | --- | --- |"]  # fmt: skip
    for name in configs.names("castings"):
        said = configs.read(configs.find("castings", name))
        words = f"{said['person']}, {said.get('age', 30)}, size {said.get('size', 'M')}, Monk tone {said['skin']}, "
        words += f"{said['hair_style']} {said['hair_colour']} hair"
        rows.append(f"| ![{name}](../configs/castings/portraits/{name}.jpg) | `{name}` | {words} |")
    page.write_text("\n".join(rows) + "\n", encoding="utf-8")


def places(page: Path) -> None:
    """Writes the page that shows each scene and what its file says."""
    rows = ["# Scenes\n", "The demo's own top in each scene, by the embedded model. `python -m scripts.scenes "
            "configs/scenes/pictures` draws the pictures,",
            "`python -m scripts.examples docs/examples` writes this page.\n",
            "| | name | where |", "| --- | --- | --- |"]  # fmt: skip
    for name in configs.names("scenes"):
        said = configs.read(configs.find("scenes", name))
        rows.append(
            f"| ![{name}](../configs/scenes/pictures/{name}.jpg) | `{name}` | {said['place']}; {said['light']} |"
        )
    page.write_text("\n".join(rows) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the pages of examples, castings and scenes.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--only-castings", action="store_true", help="leave the examples as they are")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    people(given.out.parent / "castings.md")
    places(given.out.parent / "scenes.md")
    if given.only_castings:
        return
    given.out.mkdir(parents=True, exist_ok=True)
    models, rows = Models(), []
    for number, example in enumerate(EXAMPLES, 1):
        flags = {"casting": example.casting, "scene": example.scene, "pose": {"pose": example.pose}}
        settings = configs.resolve("house", flags=flags)
        name = f"{number}-{example.casting}-{example.scene}.jpg"
        with tempfile.TemporaryDirectory() as place:
            source, output = Path(place) / "photo.png", Path(place) / "picture.png"
            disk.write_files({source: write.encode(photo(example), None, None)})
            engine.run(source, output, settings, models)
            beside = [np.asarray(shown(each)) for each in (source, output)]
        Image.fromarray(np.concatenate(beside, axis=1)).save(given.out / name, quality=88)
        rows.append(f"![{example.category} on {example.casting}]({given.out.name}/{name})\n\n"
                    f"`--casting {example.casting} --scene {example.scene} --pose {example.pose}`\n")  # fmt: skip
        print(name, flush=True)
    page = (
        "# Examples\n\nEach picture shows a garment photo that this project draws, and what `onmodel generate` makes "
        "of it with the embedded default, on a CPU and without a download. `python -m scripts.examples docs/examples` "
        "makes this page.\n\n"
    )
    given.out.with_suffix(".md").write_text(page + "\n".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
