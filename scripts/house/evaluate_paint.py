"""Figures never trained on, painted by the model through the pipeline's own code, and sheets and tables of them."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from scripts.house.render import Figure, render
from stages import mask
from stages.casting import Casting, Scene
from stages.contracts import Generator, Plate, Request
from stages.generate.prompt import build
from stages.pose.draw import draw


@dataclass(frozen=True, slots=True)
class Settings:
    steps: int
    guidance: float
    stick_width: float = 4.0
    seed: int = 0


def unseen(count: int, width: int, seed: int) -> list[Figure]:
    """Gives figures with a kept garment in full-body and three-quarter framing; training uses other seeds."""
    figures: list[Figure] = []
    number = 0
    while len(figures) < count:
        figure = render(np.random.default_rng((seed, number)), width, width * 3 // 2, "garment")
        number += 1
        if figure.framing in ("full", "three-quarter"):
            figures.append(figure)
    return figures


def paint(
    generator: Generator, figure: Figure, settings: Settings, casting: Casting | None = None, scene: Scene | None = None
) -> Plate:
    """Gives what the model paints for a figure's garment and skeleton, in its own or another casting and scene."""
    height, width = figure.mask.shape
    asked = Request(
        image=np.where(figure.mask[..., None] > 127, np.uint8(mask.NEUTRAL), figure.picture),
        mask=figure.mask,
        control=draw(figure.skeleton, width, height, settings.stick_width),
        prompt=build(casting or figure.casting, scene or figure.scene, figure.category, figure.framing, figure.view),
        steps=settings.steps,
        guidance=settings.guidance,
        strength=1.0,
        control_scale=1.0,
    )
    plate = generator(asked, settings.seed, lambda _done, _total: None)
    # As in use, where the garment's own pixels come back last.
    return np.where(figure.mask[..., None] > 127, plate, figure.picture)


def table(head: list[str], rows: list[list[str]]) -> str:
    """Gives a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write_sheet(path: Path, rows: list[list[Plate]]) -> None:
    """Writes rows of pictures, at most ten a row, one below the other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sheets = []
    for start in range(0, len(rows[0]), 10):
        for row in rows:
            part = row[start : start + 10]
            part = part + [np.full_like(part[0], 255)] * (min(10, len(rows[0])) - len(part))
            sheets.append(np.hstack(part))
    cv2.imwrite(str(path), cv2.cvtColor(np.vstack(sheets), cv2.COLOR_RGB2BGR))
