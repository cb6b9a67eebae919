"""Draws head and shoulders of a casting: what the docs and `onmodel list castings` show, and what a model that keeps a
person the same is shown where there are no pictures of one.
"""

from functools import lru_cache

import numpy as np

from stages.casting import Casting, Scene
from stages.contracts import Plate
from stages.figure import anatomy, body, light
from stages.figure.clothes import clothes
from stages.figure.draw import draw
from stages.figure.hair import hair
from stages.figure.person import person
from stages.figure.records import Posed
from stages.figure.stance import rotations, upright

#: Metres that a portrait shows from top to bottom, and where in it the eyes are.
SPAN, EYES = 0.50, 0.42
#: Backdrop, sRGB, above and below.
BACKDROP = (212, 211, 209), (186, 185, 184)


def posed(casting: Casting, width: int, height: int) -> Posed:
    """Returns a casting before the camera, head and shoulders in the frame."""
    whole = anatomy.load()
    own = person(whole, casting)
    bones = body.bend(whole, own, rotations(whole, own, upright()))
    eyes = 0.5 * (own.heads[whole.bone("eye.L")] + own.heads[whole.bone("eye.R")])
    head = bones[whole.bone("head")]
    up = float(head[2, :3] @ eyes + head[2, 3])
    scale = height / SPAN
    camera = body.Camera(scale, 0.5 * (width - 1), EYES * height + scale * up)
    return body.show(whole, own, bones, camera)


def portrait(casting: Casting, width: int = 480, height: int = 600, scene: Scene | None = None, seed: int = 7) -> Plate:
    """Draws head and shoulders of a casting before a plain backdrop, sRGB, H x W x 3."""
    before = posed(casting, width, height)
    figure = draw(
        before,
        clothes(before, None, casting, seed),
        hair(before, casting, seed),
        light.of_scene(scene or Scene(softness=0.8)),
        (width, height),
        None,
        casting,
        seed,
    )
    top, bottom = (np.array(each, np.float32) for each in BACKDROP)
    wall = top + (bottom - top) * np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    alpha = figure.alpha[..., None]
    return np.asarray(np.rint(wall + alpha * (figure.picture - wall)), np.uint8)


@lru_cache(maxsize=16)
def reference(casting: Casting) -> Plate:
    """Returns a casting's portrait for a model, the same for every picture of the casting."""
    drawn = portrait(casting, 320, 400)  # image encoders look at 224 x 224
    drawn.setflags(write=False)
    return drawn
