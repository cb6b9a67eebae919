"""Painting with relief: flat masks that are lit as if they were round, layered over each other with soft shadows."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
Stencil = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """Where the light comes from and what colours key and fill have."""

    direction: tuple[float, float, float]
    """Unit vector towards the light: x right, y down, z to the viewer."""
    key: Array
    fill: Array
    contrast: float
    """0 = flat, 1 = no fill at all."""


def f32(values: npt.ArrayLike) -> Array:
    """Returns colours and the like as the float32 array that painting works in."""
    return np.asarray(values, np.float32)


def smooth(points: Points, closed: bool, detail: int = 8) -> Points:
    """Returns a Catmull-Rom curve through n x 2 points, `detail` points for each piece."""
    count = len(points)
    index = np.arange(count if closed else count - 1)
    around = [points[(index + k) % count] if closed else points[np.clip(index + k, 0, count - 1)] for k in range(-1, 3)]
    t = np.linspace(0, 1, detail, endpoint=False)[None, :, None]
    a, b, c, d = (each[:, None, :] for each in around)
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    curve = curve.reshape(-1, 2)
    return curve if closed else np.vstack([curve, points[-1:]])


def polygon(stencil: Stencil, points: Points, curved: bool = True, value: int = 255) -> Stencil:
    """Fills a closed outline into the stencil and gives the stencil back."""
    outline = smooth(points, closed=True) if curved else points
    cv2.fillPoly(stencil, [np.round(outline * 8).astype(np.int32)], value, lineType=cv2.LINE_AA, shift=3)
    return stencil


def tube(stencil: Stencil, points: Points, radii: Points, flat_end: bool = False) -> Stencil:
    """Draws a limb: a curve through n x 2 points, of given radius at each of them, with round or open ends."""
    detail = 10
    centre = smooth(points, closed=False, detail=detail)
    where = np.linspace(0, len(points) - 1, len(centre))
    radius = np.interp(where, np.arange(len(points)), radii)
    radius = np.convolve(np.pad(radius, 3, mode="edge"), np.ones(7) / 7, mode="valid")
    along = np.gradient(centre, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], 1) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-6)
    left, right = centre + across * radius[:, None], centre - across * radius[:, None]
    polygon(stencil, np.vstack([left, right[::-1]]), curved=False)
    if flat_end:
        # A round end would hang over the hem.
        inside = np.linalg.norm(centre - centre[-1], axis=1) > radius
        centre, radius = centre[inside], radius[inside]
    # Circles close the outline where it crosses itself in a sharp bend; a little smaller, they leave its edge smooth.
    for (x, y), r in zip(np.round(centre[::2] * 8).astype(int), np.round(radius[::2] * 8), strict=True):
        cv2.circle(stencil, (int(x), int(y)), max(1, int(r) - 3), 255, -1, lineType=cv2.LINE_AA, shift=3)
    return stencil


def noise(random: np.random.Generator, height: int, width: int, cell: tuple[float, float]) -> Array:
    """Returns smooth noise of mean 0 and deviation about 1; `cell` is its grain (x, y) in pixels."""
    rows, columns = max(2, int(height / cell[1]) + 2), max(2, int(width / cell[0]) + 2)
    grid = random.standard_normal((rows, columns)).astype(np.float32)
    return cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)


class Easel:
    """A picture in the making: `pixels` H x W x 3 float32 in [0, 1], `figure` H x W coverage by what was painted."""

    def __init__(self, backdrop: Array, light: Light) -> None:
        self.pixels = backdrop
        self.light = light
        self.figure: Array = np.zeros(backdrop.shape[:2], np.float32)

    def stencil(self) -> Stencil:
        return np.zeros(self.figure.shape, np.uint8)

    def _box(self, stencil: Stencil, pad: int) -> tuple[slice, slice] | None:
        x, y, w, h = cv2.boundingRect(stencil)
        if w == 0 or h == 0:
            return None
        height, width = stencil.shape
        return slice(max(0, y - pad), min(height, y + h + pad)), slice(max(0, x - pad), min(width, x + w + pad))

    def paint(
        self,
        stencil: Stencil,
        colour: Array,
        roundness: float,
        gloss: float = 0.0,
        skin: bool = False,
        bumps: Array | None = None,
        shadow: float = 0.3,
        depth: float = 1.0,
    ) -> None:
        """Lays a lit shape over the picture.

        `colour` is 3 or H x W x 3; `roundness` is the distance in pixels over which the surface turns away at its
        edge; `bumps` a height map H x W in pixels (folds); `shadow` the depth of the shadow on what lies below.
        """
        box = self._box(stencil, int(3 * roundness) + 8)
        if box is None:
            return
        # As soft as edges are in photos, and softer than the hard masks of the pieces that a shape is made of.
        cover = cv2.GaussianBlur(stencil[box], (0, 0), 0.6).astype(np.float32) / 255
        if shadow > 0:
            self._cast(box, cover, roundness, shadow)
        shade, spark = self._light(cover, roundness, gloss, None if bumps is None else bumps[box], depth)
        base = colour if colour.ndim == 1 else colour[box]
        # Light scatters in skin: red falls off last (a cheap stand-in for subsurface scattering).
        fall = np.stack([shade**power for power in (0.8, 1.0, 1.1)], -1) if skin else shade[..., None]
        lit = fall * base
        lit = lit * (self.light.key * 0.75 + self.light.fill * 0.25) + spark[..., None] * self.light.key
        alpha = cover[..., None]
        self.pixels[box] = self.pixels[box] * (1 - alpha) + np.clip(lit, 0, 1.2) * alpha
        self.figure[box] = np.maximum(self.figure[box], cover)

    def dab(self, stencil: Stencil, colour: Array, strength: float, blur: float) -> None:
        """Lays a soft unlit touch of colour over the picture (make-up, creases, contact shadows)."""
        box = self._box(stencil, int(3 * blur) + 2)
        if box is None:
            return
        soft = cv2.GaussianBlur(stencil[box], (0, 0), max(0.4, blur)).astype(np.float32)[..., None] * (strength / 255)
        self.pixels[box] += soft * (colour - self.pixels[box])

    def _cast(self, box: tuple[slice, slice], cover: Array, roundness: float, depth: float) -> None:
        reach = max(2.0, roundness * 0.7)
        dx, dy = -self.light.direction[0] * reach, reach * 0.6
        small = cv2.resize(cover, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        shift = f32([[1, 0, dx / 4], [0, 1, dy / 4]])
        small = cv2.warpAffine(small, shift, (small.shape[1], small.shape[0]))
        small = cv2.GaussianBlur(small, (0, 0), max(0.6, reach / 4))
        fall = cv2.resize(small, (cover.shape[1], cover.shape[0])) * self.figure[box] * depth
        self.pixels[box] *= 1 - fall[..., None]

    def _light(
        self, cover: Array, roundness: float, gloss: float, bumps: Array | None, depth: float
    ) -> tuple[Array, Array]:
        """Returns shade (about 1 where the surface faces the light) and highlight."""
        factor = 0.5 if roundness < 16 else 0.25
        small = cv2.resize(cover, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        height = np.zeros_like(small)
        for share, sigma in ((0.62, roundness * 0.55), (0.42, roundness * 1.5)):
            soft = cv2.GaussianBlur(small, (0, 0), max(0.5, sigma * factor))
            # A blurred step has a slope of 0.4 / sigma at its edge: this makes the edge's slope about 1.
            height += share * depth * sigma * factor / 0.4 * soft
        size = (cover.shape[1], cover.shape[0])
        nx = -cv2.resize(cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=1 / 8), size)
        ny = -cv2.resize(cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=1 / 8), size)
        if bumps is not None:
            nx -= cv2.Sobel(bumps, cv2.CV_32F, 1, 0, scale=1 / 8)
            ny -= cv2.Sobel(bumps, cv2.CV_32F, 0, 1, scale=1 / 8)
        norm = 1 / np.sqrt(1 + nx * nx + ny * ny)
        lx, ly, lz = self.light.direction
        facing = np.clip((nx * lx + ny * ly + lz) * norm, 0, 1) / (0.25 + 0.75 * lz)
        shade = (1 - self.light.contrast) * (0.55 + 0.45 * norm) + self.light.contrast * facing
        spark = gloss * np.clip((nx * lx + ny * ly + lz) * norm, 0, 1) ** 14 if gloss > 0 else np.zeros_like(shade)
        return np.clip(shade, 0.03, 1.25).astype(np.float32), spark.astype(np.float32)
