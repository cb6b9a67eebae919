"""Draws garments whose matte and foreground are known, as shop photos show them."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from tests import pictures

Kind = Literal["tee", "long sleeves", "straps", "trousers", "dress"]
KINDS: tuple[Kind, ...] = ("tee", "long sleeves", "straps", "trousers", "dress")
CLOTHS = ("plain", "stripes", "dots", "print")

#: Outlines of the right half, mirrored about x = 0.5; in shares of the height.
_OUTLINES: dict[Kind, list[tuple[float, float]]] = {
    "tee": [(0.06, 0.2), (0.13, 0.19), (0.33, 0.36), (0.25, 0.43), (0.17, 0.37), (0.18, 0.78), (0, 0.79)],
    "long sleeves": [
        (0.06, 0.2), (0.13, 0.19), (0.22, 0.3), (0.33, 0.75), (0.27, 0.77), (0.16, 0.4), (0.17, 0.7), (0, 0.7),
    ],
    "straps": [(0.1, 0.36), (0.1, 0.16), (0.112, 0.16), (0.115, 0.36), (0.17, 0.42), (0.16, 0.8), (0, 0.79)],
    "trousers": [(0.12, 0.1), (0.16, 0.3), (0.17, 0.9), (0.05, 0.9), (0.02, 0.36), (0, 0.34)],
    "dress": [(0.05, 0.12), (0.11, 0.1), (0.12, 0.25), (0.1, 0.4), (0.22, 0.92), (0, 0.93)],
}  # fmt: skip
#: Where the outline meets the middle: the depth of the neckline, or the waist.
_TOPS: dict[Kind, float] = {"tee": 0.24, "long sleeves": 0.24, "straps": 0.46, "trousers": 0.1, "dress": 0.2}


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    pixels: np.ndarray
    """H x W x 3 uint8."""
    matte: np.ndarray
    foreground: np.ndarray
    """H x W x 3 float32 in [0, 255]."""


def draw(
    kind: Kind = "tee",
    *,
    height: int = 512,
    seed: int = 0,
    cloth: str = "plain",
    colour: tuple[int, int, int] = (90, 40, 60),
    backdrop: tuple[int, int, int] = (240, 240, 240),
    shade: float = 0.0,
    shadow: float = 0.0,
    noise: float = 0.0,
    jpeg: int | None = None,
    shift: float = 0.0,
    blur: float = 0.5,
) -> Drawn:
    """Draws one photo of height x 0.75 height.

    `shade` darkens the backdrop towards the corners by that share, `shadow` puts a soft shadow beside the garment,
    `noise` is in levels, `shift` moves the garment sideways by a share of the width (1/3 touches the frame).
    """
    rng = np.random.default_rng(seed)
    width = height * 3 // 4
    matte = _silhouette(kind, height, width, shift, blur)
    front = _cloth(cloth, colour, matte, rng)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    light = 1 - shade * (0.4 * (x * x + y * y) / 2 + 0.6 * (0.3 * x + 0.7 * y + 1) / 2)
    if shadow:
        size = 0.012 * height
        moved = np.roll(cv2.GaussianBlur(matte, (0, 0), size), (round(size), round(0.7 * size)), (0, 1))
        light = light * (1 - shadow * moved)
    behind = np.asarray(backdrop, np.float32) * light[..., None]
    picture = matte[..., None] * front + (1 - matte[..., None]) * behind
    picture = picture + noise * rng.standard_normal(picture.shape)
    pixels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    if jpeg is not None:
        pixels = np.ascontiguousarray(pictures.jpeg(np.ascontiguousarray(pixels[..., ::-1]), jpeg)[..., ::-1])
    return Drawn(pixels, matte, front)


def _silhouette(kind: Kind, height: int, width: int, shift: float, blur: float) -> np.ndarray:
    """Draws at up to four times the size and averages, so that the outline is a true coverage."""
    more = 4 if height <= 1600 else 2
    half = _OUTLINES[kind]
    whole = [(0.0, _TOPS[kind]), *half, *[(-x, y) for x, y in reversed(half)]]
    middle = width * more * (0.5 + shift)
    points = np.array([(middle + x * height * more, y * height * more) for x, y in whole])
    large = np.zeros((height * more, width * more), np.uint8)
    cv2.fillPoly(large, [np.rint(points).astype(np.int32)], 255)
    soft = cv2.GaussianBlur(large, (0, 0), blur * more)
    small = cv2.resize(soft, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / 255


def _cloth(cloth: str, colour: tuple[int, int, int], matte: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    height, width = matte.shape
    y, x = np.mgrid[:height, :width].astype(np.float32) / height
    front = np.broadcast_to(np.asarray(colour, np.float32), (*matte.shape, 3)).copy()
    if cloth == "stripes":
        front[np.sin(2 * np.pi * 25 * y) > 0.2] = (235, 235, 230)
    elif cloth == "dots":
        front[(np.sin(2 * np.pi * 22 * y) * np.sin(2 * np.pi * 22 * x)) > 0.35] = (238, 238, 236)
    elif cloth == "print":
        inside = np.hypot(x - 0.375, y - 0.55) < 0.07
        front[inside] = (240, 240, 240)
    folds = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), 0.02 * height)
    folds /= folds.std() + 1e-6
    knit = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), 0.7)
    rim = cv2.GaussianBlur(matte, (0, 0), 0.008 * height)  # cloth turns away from the light at its outline
    light = (1 + 0.03 * folds + 0.012 * knit) * (0.86 + 0.14 * np.clip(2 * rim - 1, 0, 1))
    return np.asarray(np.clip(front * light[..., None], 0, 255), np.float32)
