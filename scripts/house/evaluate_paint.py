"""Figures never trained on, painted by the model through the pipeline's own code, and sheets and tables of them."""

from pathlib import Path

import cv2
import numpy as np

from scripts.house.render import Figure, render
from stages import bleed
from stages.casting import Casting, Scene
from stages.contracts import Generator, Placed, Placement, Plate, Shape
from stages.generate.detail import finer
from stages.generate.prompt import build
from stages.generate.request import request
from stages.options import GenerateOptions
from stages.upscale import lanczos

#: Width of a picture on a sheet.
SHEET = 384


def unseen(count: int, width: int, seed: int) -> list[Figure]:
    """Returns figures with a kept garment in full-body and three-quarter framing; training uses other seeds."""
    figures: list[Figure] = []
    number = 0
    while len(figures) < count:
        figure = render(np.random.default_rng((seed, number)), width, width * 3 // 2, "garment")
        number += 1
        if figure.framing in ("full", "three-quarter"):
            figures.append(figure)
    return figures


def paint(
    generator: Generator,
    figure: Figure,
    options: GenerateOptions,
    casting: Casting | None = None,
    scene: Scene | None = None,
) -> Plate:
    """Returns what the model paints for a figure's garment and skeleton, in its own or another casting and scene.

    As in use: painted at the model's size, enlarged to the figure's, face and hands painted again where the options
    say so, and the garment's own pixels put back last.
    """
    placed = _placed(figure)
    words = build(casting or figure.casting, scene or figure.scene, figure.category, figure.framing, figure.view)
    asked = request(placed, figure.skeleton, words, options, generator)
    plate = bleed.clear(generator(asked, options.seed, _silent), placed)
    large = lanczos(plate, placed.width, placed.height)
    if options.detail:
        large = finer(large, asked, placed, options, generator, options.seed, bleed.clear, _silent)
    return np.where(figure.mask[..., None] > 127, large, figure.picture)


def _placed(figure: Figure) -> Placed:
    height, width = figure.mask.shape
    kept = (figure.mask <= 127).astype(np.float32)
    whole = (0, 0, width, height)
    shape = Shape(figure.category, 1.0)
    return Placed(
        width,
        height,
        Placement(0, 0),
        whole,
        figure.picture,
        figure.picture,
        None,
        kept,
        shape,
        figure.framing,
        figure.skeleton,
    )


def _silent(done: int, total: int) -> None:
    """Reports nothing."""


def table(head: list[str], rows: list[list[str]]) -> str:
    """Returns a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write_sheet(path: Path, rows: list[list[Plate]]) -> None:
    """Writes rows of pictures, at most ten a row, one below the other, each made `SHEET` pixels wide."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sheets = []
    size = (SHEET, round(rows[0][0].shape[0] * SHEET / rows[0][0].shape[1]))
    rows = [[cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in row] for row in rows]
    for start in range(0, len(rows[0]), 10):
        for row in rows:
            part = row[start : start + 10]
            part = part + [np.full_like(part[0], 255)] * (min(10, len(rows[0])) - len(part))
            sheets.append(np.hstack(part))
    cv2.imwrite(str(path), cv2.cvtColor(np.vstack(sheets), cv2.COLOR_RGB2BGR))
