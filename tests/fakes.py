"""Fakes that tests share: plain arithmetic, no models, no files."""

import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Matte, Placed, Placement, Shape


def matte(height: int, width: int, edge: float = 1.5) -> Matte:
    """Gives a garment-like matte: a block with two sleeves and a neck, soft over about `edge` pixels."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x + 0.5) / width, (y + 0.5) / height
    trunk = np.minimum(np.minimum(u - 0.22, 0.78 - u) * width, np.minimum(v - 0.06, 0.94 - v) * height)
    sleeves = np.minimum(np.minimum(u - 0.05, 0.95 - u) * width, np.minimum(v - 0.1, 0.45 - v) * height)
    neck = (np.hypot(u - 0.5, v - 0.02) - 0.14) * min(width, height)
    inside = np.minimum(np.maximum(trunk, sleeves), neck)
    return np.asarray(np.clip(inside / edge + 0.5, 0, 1), np.float32)


def cloth(height: int, width: int, colour: tuple[int, int, int], dtype: npt.DTypeLike, seed: int = 0) -> RGB:
    """Gives H x W x 3 of one colour (8-bit levels) with a little texture, in the given type."""
    noise = np.random.default_rng(seed).normal(0, 2, (height, width, 3))
    values = np.clip(np.array(colour) + noise, 0, 255)
    return np.rint(values * (np.iinfo(dtype).max / 255)).astype(dtype)


def placed(
    height: int = 160,
    width: int = 120,
    *,
    dtype: npt.DTypeLike = np.uint8,
    garment: tuple[int, int, int] = (150, 40, 50),
    backdrop: tuple[int, int, int] = (235, 235, 230),
    soft: Matte | None = None,
    above: int = 40,
    below: int = 60,
    beside: int = 30,
    body: npt.NDArray[np.float32] | None = None,
) -> Placed:
    """Gives a garment of `height` x `width` pixels placed at scale 1 on a canvas with room around it."""
    kept = matte(height, width) if soft is None else soft
    cloth_there = cloth(height, width, garment, dtype)
    backdrop_there = cloth(height, width, backdrop, dtype, seed=1)
    weight = kept[..., None]
    mixed = np.rint(weight * cloth_there + (1 - weight) * backdrop_there).astype(dtype)
    return Placed(
        width=width + 2 * beside,
        height=height + above + below,
        placement=Placement(x=beside, y=above),
        box=(beside, above, beside + width, above + height),
        pixels=mixed,
        foreground=np.where(weight == 1, mixed, cloth_there),
        matte=kept.copy(),
        shape=Shape(category="top", confidence=1.0),
        framing="half",
        body=np.zeros((18, 3), np.float32) if body is None else body,
    )


def scene(of: Placed, colour: tuple[int, int, int] = (120, 150, 170)) -> RGB:
    """Gives a plain plate at canvas size, of the placed photo's type."""
    return cloth(of.height, of.width, colour, of.pixels.dtype, seed=2)
