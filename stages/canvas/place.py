"""Lays a garment on a canvas with room for the person: integer offset, and scale 1 unless a size is asked for."""

from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from stages.arrays import BELOW_ONE
from stages.canvas import limits
from stages.canvas.framing import frame, usual
from stages.casting import Pose
from stages.contracts import (
    RGB,
    Box,
    Cutout,
    Framing,
    Matte,
    Photo,
    Placed,
    Placement,
    Shape,
    Skeleton,
    View,
)
from stages.errors import NotFoundError
from stages.options import PlaceOptions
from stages.outline import silhouette
from stages.pose.body import measure
from stages.pose.fit import limbs, mirror_names, seen_from

#: A garment of fewer pixels is a slip: a square of 10 shows no hem and no sleeve.
LEAST = 100

#: The filter that further photos of an outfit are resampled by, by its name in receipts.
LANCZOS = "lanczos"
#: What a pixel that counts as garment may have of what lies outside it, and may have given to it, as shares of its
#: weight. At one pixel from an edge Lanczos' filter overshoots by 0.06, as it does at every edge within the garment;
#: with less granted, three pixels along every outline would not count, which are a quarter of a belt.
TAKES, GIVES = 0.02, 0.07

Pixels = TypeVar("Pixels", bound=npt.NDArray[np.generic])


def place(
    photo: Photo, cutout: Cutout, options: PlaceOptions, view: View = "front", pose: Pose | None = None
) -> Placed:
    """Returns the garment on a canvas that holds the person in the asked framing.

    The canvas has the asked aspect within a pixel and holds the whole garment, with margins; a garment that the photo
    itself cuts is kept as it is. At scale 1 pixels are copied. With `options.size` the same composition is scaled to
    that size by one factor. `pose` tells how free arms are held, so that there is room for them. Raises `PhotoError`
    when the canvas would exceed `options.max_megapixels`, `NotFoundError` when the matte is empty.
    """
    garment = bounds(cutout.matte)
    solid = int(np.count_nonzero(cutout.matte > 0.5))
    if solid < LEAST:
        raise NotFoundError(
            f"the garment that was found has {solid} pixels: give --matte, --garment-box or another photo"
        )
    body = measure(cutout.shape)
    joints = limbs(cutout.shape, silhouette(cutout.matte), pose or Pose())
    framing = usual(cutout.shape, body) if options.framing == "auto" else options.framing
    if options.size == "auto":
        across, down = (int(side) for side in options.aspect.split(":"))
        left, top, height = frame(garment, joints, body, framing, across / down, options.margin)
        scale, width, height = 1.0, ceil(ceil(height) * across / down), ceil(height)
    else:
        width, height = (int(side) for side in options.size.split("x"))
        scale = height / frame(garment, joints, body, framing, width / height, options.margin)[2]
        # Resampling spreads the outline by up to two pixels.
        x0, y0, x1, y1 = garment
        grown = (x0 - 2 / scale, y0 - 2 / scale, x1 + 2 / scale, y1 + 2 / scale)
        left, top, asked = frame(grown, joints, body, framing, width / height, options.margin)
        scale = height / asked
    limits.check(width, height, options.max_megapixels, "ask for a smaller --size or --margin.")
    return lay(photo, cutout, seen_from(joints, view), framing, view, (width, height), (left, top), scale)


def bounds(matte: Matte) -> Box:
    """Returns the box of matte > 0; `NotFoundError` if there is none."""
    some = matte > 0
    rows, columns = np.flatnonzero(some.any(axis=1)), np.flatnonzero(some.any(axis=0))
    if not len(rows):
        raise NotFoundError("No garment was found in the photo; try another segmenter or a plainer backdrop.")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def resample(pixels: Pixels, scale: float, how: str | None = None) -> tuple[Pixels, str | None]:
    """Returns an array (H x W or H x W x 3; uint8, uint16 or float32) resampled once, and the filter's name.

    Sides are round(side x scale), at least 1. Area averaging shrinks, bicubic interpolation enlarges; `how` is
    "lanczos" for Lanczos' filter over three lobes, widened where it shrinks (Turkowski 1990), as photos of an outfit
    are fitted to one another. At scale 1 the array itself comes back with None.
    """
    if scale == 1:
        return pixels, None
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    if how == LANCZOS:
        return _lanczos(pixels, size), LANCZOS
    name, filter_ = ("area", cv2.INTER_AREA) if scale < 1 else ("bicubic", cv2.INTER_CUBIC)
    resized: Any = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=filter_)
    return resized, name


def _lanczos(pixels: npt.NDArray[Any], size: tuple[int, int]) -> Any:
    if pixels.dtype == np.uint8 and pixels.ndim == 3:
        # Pillow filters 8 bits in whole numbers: the same on every machine.
        return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    planes = pixels[..., None] if pixels.ndim == 2 else pixels
    found = [
        np.asarray(Image.fromarray(planes[..., at].astype(np.float32)).resize(size, Image.Resampling.LANCZOS))
        for at in range(planes.shape[2])
    ]
    whole = found[0] if pixels.ndim == 2 else np.stack(found, axis=2)
    if pixels.dtype.kind == "f":
        return whole.astype(pixels.dtype)
    return np.clip(np.rint(whole), 0, np.iinfo(pixels.dtype).max).astype(pixels.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A cut-out at the scale that it is placed at."""

    pixels: RGB
    foreground: RGB
    icc: bytes | None
    """As `Placed.icc`."""
    matte: Matte
    inside: Matte | None
    scale: float
    resample: str | None

    @property
    def box(self) -> Box:
        """Of matte or inside > 0."""
        return bounds(self.matte if self.inside is None else np.maximum(self.matte, self.inside))


def fitted(photo: Photo, cutout: Cutout, scale: float, how: str | None = None) -> Fitted:
    """Returns a photo and its cut-out resampled once, by area or bicubic filter or by "lanczos"."""
    pixels, name = resample(photo.pixels, scale, how)
    foreground, _ = resample(cutout.foreground, scale)
    matte, _ = resample(cutout.matte, scale)
    if scale != 1:
        # Averages of ones are one but for rounding, and bicubic interpolation overshoots.
        matte = np.clip(matte, 0, 1)
        core = matte > 1 - 1e-4
        if name == LANCZOS:
            core &= reached(cutout.matte, scale)
        matte = np.where(core, np.float32(1), np.where(matte < 1e-4, np.float32(0), np.minimum(matte, BELOW_ONE)))
        foreground = np.where(core[..., None], pixels, foreground)
    inside = None if cutout.inside is None else np.clip(resample(cutout.inside, scale)[0], 0, 1)
    return Fitted(pixels, foreground, photo.icc, matte, inside, scale, name)


def reached(matte: Matte, scale: float) -> npt.NDArray[np.bool_]:
    """Returns where Lanczos' filter mixed so little of what the matte leaves out into a pixel that it is garment alone.

    Its lobes reach three pixels over the outline, and what they take there they give back beyond.
    """
    share, _ = resample(matte, scale, LANCZOS)
    return np.asarray((share > 1 - TAKES) & (share < 1 + GIVES))


def lie(
    of: Fitted, shape: Shape, at: tuple[int, int], canvas: tuple[int, int], framing: Framing, body: Skeleton
) -> Placed:
    """Returns a fitted cut-out with its photo's top left corner `at` a canvas's pixel; its box must lie on the canvas.

    `shape` has its landmarks in pixels of the photo, `body` in those of the canvas.
    """
    x0, y0, x1, y1 = of.box
    window = (slice(y0, y1), slice(x0, x1))
    x, y = at
    # Pixel centres lie at whole numbers.
    dx, dy = 0.5 * of.scale - 0.5 + x, 0.5 * of.scale - 0.5 + y
    marks = {key: (px * of.scale + dx, py * of.scale + dy) for key, (px, py) in shape.landmarks.items()}
    return Placed(
        width=canvas[0],
        height=canvas[1],
        placement=Placement(x, y, of.scale, of.resample),
        box=(x0 + x, y0 + y, x1 + x, y1 + y),
        pixels=of.pixels[window].copy(),
        foreground=of.foreground[window].copy(),
        icc=of.icc,
        matte=of.matte[window].copy(),
        shape=Shape(shape.category, shape.confidence, marks),
        framing=framing,
        body=body,
        inside=None if of.inside is None else of.inside[window].copy(),
    )


def lay(
    photo: Photo,
    cutout: Cutout,
    body: Skeleton,
    framing: Framing,
    view: View,
    canvas: tuple[int, int],
    corner: tuple[float, float],
    scale: float,
) -> Placed:
    """Returns the garment on a canvas of (width, height) whose corner lies at a point of the photo, at one scale.

    `body` is in the photo's pixels.
    """
    found = fitted(photo, cutout, scale)
    x0, y0, x1, y1 = found.box
    # Rounding must not push the garment over the edge.
    x = min(max(round(-corner[0] * scale), -x0), canvas[0] - x1)
    y = min(max(round(-corner[1] * scale), -y0), canvas[1] - y1)
    shape = cutout.shape if view == "front" else mirror_names(cutout.shape)
    dx, dy = 0.5 * scale - 0.5 + x, 0.5 * scale - 0.5 + y
    placed_body = (body * (scale, scale, 1) + (dx, dy, 0)).astype(np.float32)
    return lie(found, shape, (x, y), canvas, framing, placed_body)
