"""Stands a drawn figure in its scene: what a painter is shown of it, and laying it over what was painted."""

from dataclasses import replace

import cv2
import numpy as np

from stages import colour
from stages.contracts import RGB, Box, Placed
from stages.figure import guide
from stages.figure.records import Figure

#: Rows composited at a time, so that float copies stay small at any canvas size.
_STRIP = 256
#: The house model paints a pale ring around a figure that it is shown, up to 20 pixels wide in its plate around round
#: dark hair: the scene is carried on over it, and fades in from there. Scenes are smooth.
REACH, FADE = 22, 28
#: A scene is blurred on a copy whose longer side is this: the house model paints no finer.
_BLURRED = 768


def with_garment(placed: Placed, figure: Figure) -> Placed:
    """Returns garment and figure as one thing that is kept, for a painter of the scene around both.

    The garment lies over the figure, whose colours are converted to the photo's profile.
    """
    box = _union(placed.box, _bounds(figure))
    window = slice(box[1], box[3]), slice(box[0], box[2])
    depth = placed.pixels.dtype
    pixels = colour.from_srgb(figure.picture[window], placed.icc, 16 if depth == np.uint16 else 8).copy()
    matte = figure.alpha[window].copy()
    x0, y0 = placed.box[0] - box[0], placed.box[1] - box[1]
    inside = slice(y0, y0 + placed.matte.shape[0]), slice(x0, x0 + placed.matte.shape[1])
    over = placed.matte[..., None]
    under = (1 - over) * matte[inside][..., None]
    both = over + under
    mixed = (over * placed.foreground + under * pixels[inside]) / np.maximum(both, 1e-6)
    pixels[inside] = np.where(both > 0, np.rint(mixed), pixels[inside]).astype(depth)
    matte[inside] = both[..., 0]
    return replace(placed, box=box, pixels=pixels, foreground=pixels, matte=matte)


def out_of_focus(canvas: RGB, figure: Figure, blur: float) -> RGB:
    """Returns the scene as a lens that is focused on the figure shows it; `canvas` is H x W x 3, any depth.

    `blur` is the standard deviation far behind the figure, as a share of the canvas's longer side. Defocus follows the
    difference of inverse distances (Potmesil and Chakravarty 1981): the floor under the feet is sharp.
    """
    if blur == 0:
        return canvas
    height, width = canvas.shape[:2]
    shrink = min(1.0, _BLURRED / max(height, width))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    small = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    away = np.clip(1 - guide.ground(figure, height), 0, 1)[:, None, None]
    large = cv2.resize(cv2.GaussianBlur(small, (0, 0), blur * max(size)), (width, height))
    focused = np.empty_like(canvas)
    for top in range(0, height, _STRIP):
        rows = slice(top, top + _STRIP)
        focused[rows] = np.rint(canvas[rows] + away[rows] * (large[rows] - canvas[rows])).astype(canvas.dtype)
    return focused


def into(canvas: RGB, figure: Figure, icc: bytes | None) -> RGB:
    """Returns the scene with the figure and its shadow in it; `canvas` is H x W x 3 in the photo's profile `icc`.

    Raises ValueError if the figure was drawn for another size.
    """
    if canvas.shape[:2] != figure.alpha.shape:
        raise ValueError(f"the scene is {canvas.shape[:2]}, the figure {figure.alpha.shape}")
    standing = np.empty_like(canvas)
    for top in range(0, len(canvas), _STRIP):
        rows = slice(top, top + _STRIP)
        person = colour.from_srgb(figure.picture[rows], icc, 16 if canvas.dtype == np.uint16 else 8)
        alpha = figure.alpha[rows, :, None]
        scene = canvas[rows] * figure.shadow[rows, :, None]
        standing[rows] = np.rint(scene + alpha * (person - scene)).astype(canvas.dtype)
    return standing


def _bounds(figure: Figure) -> Box | None:
    some = figure.alpha > 0
    rows, columns = np.flatnonzero(some.any(axis=1)), np.flatnonzero(some.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _union(one: Box, other: Box | None) -> Box:
    if other is None:
        return one
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
