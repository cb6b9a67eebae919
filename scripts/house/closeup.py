"""Renders faces and hands closely, as the pipeline shows them to a model that paints them a second time.

`python -m scripts.house.corpus FOLDER --closeups` writes shards of them.
"""

from dataclasses import replace

import cv2
import numpy as np

from scripts.house.body import skeleton_of
from scripts.house.paint import Easel
from scripts.house.regions import Keeps
from scripts.house.render import OVERSAMPLING, Figure, draw, imagine, set_up
from stages.contracts import Box
from stages.generate.detail import Part, box_of, parts

#: Sides in pixels of a closeup, and of the frame that it is cut from.
SIDE, FRAME = 256, (384, 576)
#: By how much the pipeline's boxes may be moved and scaled, as shares of their side: skeletons there are fitted, not
#: known, and canvases differ.
MOVED, SCALED = 0.08, (0.6, 1.1)
#: How many closeups show a face; the others show one of two hands.
FACES = 0.65


def render_closeup(random: np.random.Generator, side: int = SIDE, keeps: Keeps | None = None) -> Figure:
    """Returns a face or a hand with what is around it, side x side pixels; the caption begins with what it is."""
    box = None
    while box is None:
        shot = imagine(random, *FRAME)
        word = "detailed face" if random.random() < FACES else "detailed hand"
        seen = [each for each in parts(skeleton_of(shot.body)) if each.word == word]
        box = _box(seen[random.integers(0, len(seen))], random) if seen else None
    x0, y0, x1, _ = box
    size = round(side * OVERSAMPLING)
    scale = size / (x1 - x0)
    body = shot.body.moved(scale, -scale * np.array([x0, y0], float))
    behind = set_up(random, shot.body, shot.scene, *FRAME)
    near = cv2.resize(behind.pixels[y0 : box[3], x0:x1], (size, size), interpolation=cv2.INTER_CUBIC)
    figure = draw(random, shot, body, Easel(near, behind.light), side, side, keeps)
    return replace(figure, caption=f"{word}, {figure.caption}")


def _box(part: Part, random: np.random.Generator) -> Box | None:
    moved = part.side * random.uniform(-MOVED, MOVED, 2)
    side = part.side * random.uniform(*SCALED)
    return box_of(part._replace(x=part.x + moved[0], y=part.y + moved[1], side=side), FRAME[::-1])
