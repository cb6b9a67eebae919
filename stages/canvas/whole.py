"""The photo itself on a canvas at scale 1, with a matte of any shape; and a crop of such a canvas."""

import dataclasses

import numpy as np

from stages.canvas import limits
from stages.canvas.place import bounds
from stages.contracts import RGB, Box, Cutout, Matte, Photo, Placed, Placement, Shape

#: Stands where a garment's shape would in tasks that look for none; nothing after placing reads it.
NO_GARMENT = Shape("dress", 0.0)


def cutout(photo: Photo, matte: Matte, how: str, notes: tuple[str, ...] = (), foreground: RGB | None = None) -> Cutout:
    """Returns the kept part of a photo; its foreground is the photo itself unless one was estimated."""
    return Cutout(matte, photo.pixels if foreground is None else foreground, NO_GARMENT, how, notes)


def place(
    photo: Photo,
    kept: Cutout,
    *,
    canvas: tuple[int, int] | None = None,
    corner: tuple[int, int] = (0, 0),
    max_megapixels: float = 400,
) -> Placed:
    """Returns the whole photo placed pixel by pixel on a canvas of (width, height), its top left corner at `corner`.

    Without a canvas that is the photo's own frame. Raises PhotoError when the canvas is larger than allowed.
    """
    width, height = canvas or (photo.width, photo.height)
    own = (width, height) == (photo.width, photo.height)
    limits.check(width, height, max_megapixels, "grow the photo by less.", any_shape=own)
    x, y = corner
    return Placed(
        width=width,
        height=height,
        placement=Placement(x, y),
        box=(x, y, x + photo.width, y + photo.height),
        pixels=photo.pixels,
        foreground=kept.foreground,
        icc=photo.icc,
        matte=kept.matte,
        shape=kept.shape,
        framing="full",
        body=np.zeros((18, 3), np.float32),
    )


def tight(placed: Placed) -> Placed:
    """Returns the same canvas with only what is kept in the box. Raises NotFoundError when nothing is."""
    x0, y0, x1, y1 = bounds(placed.matte)
    left, top = placed.box[:2]
    window = (slice(y0, y1), slice(x0, x1))
    return dataclasses.replace(
        placed,
        box=(x0 + left, y0 + top, x1 + left, y1 + top),
        pixels=placed.pixels[window],
        foreground=placed.foreground[window],
        matte=placed.matte[window],
    )


def crop(placed: Placed, box: Box) -> Placed:
    """Returns a canvas that is the part `box` of another, which it shares its pixels with.

    Where that keeps nothing, the part's own box is empty.
    """
    x0, y0, x1, y1 = box
    left, top = placed.box[:2]
    inner = [min(max(each, low), high) for each, low, high in zip(placed.box, (x0, y0) * 2, (x1, y1) * 2, strict=True)]
    window = (slice(inner[1] - top, inner[3] - top), slice(inner[0] - left, inner[2] - left))
    return dataclasses.replace(
        placed,
        width=x1 - x0,
        height=y1 - y0,
        placement=Placement(placed.placement.x - x0, placed.placement.y - y0),
        box=(inner[0] - x0, inner[1] - y0, inner[2] - x0, inner[3] - y0),
        pixels=placed.pixels[window],
        foreground=placed.foreground[window],
        matte=placed.matte[window],
    )
