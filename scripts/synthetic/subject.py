"""Draws photos of whole subjects whose matte and foreground are known: people, mannequins, products.

    python -m scripts.synthetic.subject /tmp/drawn     # one of each kind, to look at

A photo is matte * foreground + (1 - matte) * backdrop. What is hard for a swap of the backdrop is in it: loose hairs,
white cloth that shades to the paper's own grey, fringe, shadows on wall and floor, gaps between arms and body.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Matte, Plate

Kind = Literal[
    "dark hair", "fair hair", "white cloth", "fringe", "shadow", "several", "mannequin", "product", "busy", "slits"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Coverage is drawn this many times larger.
_FINE = 3

Field = npt.NDArray[np.float32]
Colour = tuple[float, float, float]
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    photo: Plate
    """H x W x 3 uint8 sRGB."""
    matte: Matte
    """H x W float32: true coverage."""
    foreground: Field
    """H x W x 3 float32 in [0, 255]: the subject's own colour, where the matte is above 0."""
    backdrop: Field
    """H x W x 3 float32 in [0, 255]: what stands behind, shadows included."""
    kind: Kind


def draw(seed: int, kind: Kind, width: int = 600, height: int = 800) -> Subject:
    """Draws one photo; the same for the same arguments. A figure fills most of the height."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    canvas = _Canvas(width, height, rng)
    places = (0.3, 0.7) if kind == "several" else (0.5,)
    for at in places:
        if kind == "product":
            _bag(canvas, at, rng)
        else:
            _person(canvas, at + rng.uniform(-0.03, 0.03), kind, rng)
    behind = _paper(width, height, rng)
    if kind == "busy":
        tiles = cv2.resize(rng.uniform(-70, 40, (20, 15, 3)).astype(np.float32), (width, height))
        behind = np.clip(0.7 * behind + tiles, 0, 255).astype(np.float32)
    depth = 0.22 if kind == "shadow" else 0.05
    behind = behind * (1 - depth * _shadow(canvas.matte, rng))[..., None]
    picture = canvas.colour + (1 - canvas.matte[..., None]) * behind
    if kind == "slits":  # as cameras sharpen: both sides of an outline overshoot
        picture += 0.6 * (picture - cv2.GaussianBlur(picture, (0, 0), 1.2))
    picture += 0.7 * rng.standard_normal(picture.shape, dtype=np.float32)
    foreground = np.asarray(canvas.colour / np.maximum(canvas.matte, 1e-3)[..., None], np.float32)
    photo: Plate = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return Subject(photo, canvas.matte, foreground, behind.astype(np.float32), kind)


class _Canvas:
    """Matte and premultiplied colour, painted from back to front."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self.size = (width, height)
        self.matte: Matte = np.zeros((height, width), np.float32)
        self.colour: Field = np.zeros((height, width, 3), np.float32)
        self.rng = rng
        self.y, self.x = np.mgrid[:height, :width].astype(np.float32)

    def paint(self, cover: Field, colour: Colour | Field) -> None:
        weight = cover[..., None]
        self.colour = weight * np.asarray(colour, np.float32) + (1 - weight) * self.colour
        self.matte = cover + (1 - cover) * self.matte

    def polygon(self, points: Points, colour: Colour | Field) -> None:
        self.paint(self._drawn(lambda fine: cv2.fillPoly(fine, [self._fine(points)], 255)), colour)

    def limb(self, points: Points, thickness: float, colour: Colour) -> None:
        """A bent tube, shaded to its sides."""
        wide = max(1, round(thickness * self.size[1] * _FINE))
        cover = self._drawn(lambda fine: cv2.polylines(fine, [self._fine(points)], False, 255, wide, cv2.LINE_AA))
        depth = cv2.distanceTransform((cover > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
        round_off = np.clip(depth / max(1.0, 0.5 * thickness * self.size[1]), 0, 1)
        self.paint(cover, np.asarray(colour, np.float32) * (0.78 + 0.26 * round_off)[..., None])

    def ellipse(self, middle: tuple[float, float], radii: tuple[float, float], colour: Colour | Field) -> None:
        (x, y), (a, b) = self._fine([middle])[0], (max(1, round(r * self.size[1] * _FINE)) for r in radii)
        self.paint(self._drawn(lambda fine: cv2.ellipse(fine, (int(x), int(y)), (a, b), 0, 0, 360, 255, -1)), colour)

    def strands(self, roots: Points, reach: float, colour: Colour, count: int) -> None:
        """Loose hairs or fringe: curves a part of a pixel to two pixels wide, hanging down from their roots."""
        for _ in range(count):
            x, y = roots[int(self.rng.integers(len(roots)))]
            lean, bend = self.rng.normal(0, 0.35, 2)
            steps = np.linspace(0, 1, 9)
            length = reach * self.rng.uniform(0.4, 1)
            curve = [(x + length * (lean * t + bend * t * t), y + length * t) for t in steps]
            wide = int(self.rng.integers(1, 2 * _FINE))
            cover = self._drawn(
                lambda fine, c=curve, w=wide: cv2.polylines(fine, [self._fine(c)], False, 255, w, cv2.LINE_AA)
            )
            self.paint(cover, tuple(v * self.rng.uniform(0.8, 1.2) for v in colour))  # type: ignore[arg-type]

    def _drawn(self, stroke: object) -> Field:
        fine = np.zeros((self.size[1] * _FINE, self.size[0] * _FINE), np.uint8)
        stroke(fine)  # type: ignore[operator]
        return np.asarray(cv2.resize(fine, self.size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255)

    def _fine(self, points: Points) -> npt.NDArray[np.int32]:
        """Returns pixels of the large drawing; x counts from the middle, both in heights of the picture."""
        height = self.size[1] * _FINE
        return np.asarray(np.rint(np.asarray(points) * height), np.int32)


def _person(canvas: _Canvas, at: float, kind: Kind, rng: np.random.Generator) -> None:
    x = at * canvas.size[0] / canvas.size[1]
    skin: Colour = (
        (215, 206, 198)
        if kind == "mannequin"
        else ((222, 178, 150), (150, 104, 80), (92, 62, 48))[int(rng.integers(3))]
    )
    hair: Colour = (150, 112, 78) if kind == "fair hair" else (48, 34, 26)
    if kind != "mannequin":
        canvas.ellipse((x, 0.13), (0.062, 0.085), hair)
    for side in (-1, 1):
        canvas.limb([(x + 0.045 * side, 0.58), (x + 0.055 * side, 0.75), (x + 0.05 * side, 0.93)], 0.05, skin)
        canvas.limb([(x + 0.045 * side, 0.945), (x + 0.068 * side, 0.95)], 0.026, (60, 44, 40))
    dress = (
        (238.0, 236.0, 234.0)
        if kind == "white cloth"
        else ((160, 44, 60), (40, 60, 110), (70, 96, 74))[int(rng.integers(3))]
    )
    outline = [
        (x - 0.085, 0.24),
        (x + 0.085, 0.24),
        (x + 0.08, 0.42),
        (x + 0.15, 0.66),
        (x - 0.15, 0.66),
        (x - 0.08, 0.42),
    ]
    # Folds darken cloth by up to a seventh, so that white reaches the grey of the paper in them.
    folds = 1 - 0.07 * (
        1 + np.sin((canvas.x / canvas.size[1] - x) * (70 + 8 * rng.random()) + 3 * canvas.y / canvas.size[1])
    )
    canvas.polygon(outline, np.asarray(dress, np.float32) * folds[..., None].astype(np.float32))
    for side in (-1, 1):
        if kind == "slits":
            _near_arm(canvas, x, side, skin, rng)
            continue
        elbow = (x + (0.16 + 0.02 * rng.random()) * side, 0.43)
        canvas.limb([(x + 0.09 * side, 0.265), elbow, (x + 0.155 * side, 0.575)], 0.038, skin)
        for finger in range(3):
            canvas.limb(
                [(x + (0.145 + 0.009 * finger) * side, 0.58), (x + (0.14 + 0.011 * finger) * side, 0.62)], 0.009, skin
            )
    canvas.limb([(x, 0.19), (x, 0.255)], 0.045, skin)
    if kind == "mannequin":
        canvas.ellipse((x, 0.19), (0.024, 0.012), (190, 180, 172))
        return
    canvas.ellipse((x, 0.145), (0.046, 0.065), tuple(min(255.0, 1.04 * v) for v in skin))  # type: ignore[arg-type]
    angles = rng.uniform(-np.pi, 0, 40)
    roots = [(x + 0.062 * np.cos(a), 0.13 + 0.08 * np.sin(a)) for a in angles]
    roots += [
        (x + side * rng.uniform(0.045, 0.062), 0.13 + rng.uniform(0, 0.06)) for side in (-1, 1) for _ in range(10)
    ]
    canvas.strands(roots, 0.1, hair, 60 if kind in ("dark hair", "fair hair", "busy") else 25)
    if kind == "fringe":
        hem = [(x + v, 0.655) for v in np.linspace(-0.145, 0.145, 60)]
        canvas.strands(hem, 0.05, tuple(0.9 * v for v in dress), 90)  # type: ignore[arg-type]


def _near_arm(canvas: _Canvas, x: float, side: int, skin: Colour, rng: np.random.Generator) -> None:
    """An arm that lies close to the dress: a slit stays between them, and a gap between thumb and finger."""
    out = rng.uniform(0, 0.004)
    canvas.limb([(x + 0.09 * side, 0.265), (x + (0.105 + out) * side, 0.43), (x + 0.152 * side, 0.575)], 0.038, skin)
    canvas.limb([(x + 0.145 * side, 0.585), (x + 0.142 * side, 0.63), (x + 0.16 * side, 0.638)], 0.012, skin)
    canvas.limb([(x + 0.158 * side, 0.58), (x + 0.164 * side, 0.605), (x + 0.16 * side, 0.632)], 0.01, skin)


def _bag(canvas: _Canvas, at: float, rng: np.random.Generator) -> None:
    x = at * canvas.size[0] / canvas.size[1]
    leather: Colour = ((120, 74, 46), (40, 38, 40), (180, 60, 50))[int(rng.integers(3))]
    handle = [(x + 0.13 * np.cos(a), 0.48 + 0.2 * np.sin(a)) for a in np.linspace(-np.pi, 0, 25)]
    canvas.limb(handle, 0.018, leather)
    shade = 1 - 0.15 * np.abs(canvas.x / canvas.size[1] - x) / 0.2
    canvas.polygon(
        [(x - 0.2, 0.48), (x + 0.2, 0.48), (x + 0.24, 0.85), (x - 0.24, 0.85)],
        np.asarray(leather, np.float32) * shade[..., None].astype(np.float32),
    )


def _paper(width: int, height: int, rng: np.random.Generator) -> Field:
    """Returns a studio's paper: pale grey of some tint, lit from a side, its floor a little lighter."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    light = 1 - 0.1 * np.square(x - rng.uniform(0.2, 0.8)) - 0.06 * (1 - y) + 0.03 / (1 + np.exp(-(y - 0.85) / 0.02))
    grey = rng.uniform(196, 222) + np.array([3, 0, -3], np.float32) * rng.uniform(0.3, 1)
    return np.asarray(light[..., None] * grey, np.float32)


def _shadow(matte: Matte, rng: np.random.Generator) -> Field:
    """Returns how much of a shadow falls on each place: on the wall to a side, and around what touches the floor."""
    height = matte.shape[0]
    side = rng.choice((-1, 1)) * rng.uniform(0.05, 0.09) * height
    move = np.array([[1, 0, side], [0, 1, 0.01 * height]], np.float32)
    wall = cv2.GaussianBlur(cv2.warpAffine(matte, move, matte.shape[::-1]), (0, 0), 0.03 * height)
    low = np.flatnonzero((matte > 0.5).any(axis=1))[-1]
    feet = matte * (np.arange(height)[:, None] > low - 0.04 * height)
    return np.asarray(np.clip(0.8 * wall + 1.2 * cv2.GaussianBlur(feet, (0, 0), 0.012 * height), 0, 1), np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        drawn = draw(0, kind)
        cv2.imwrite(str(asked.folder / f"{kind}.png"), drawn.photo[..., ::-1])
        cv2.imwrite(str(asked.folder / f"{kind}.matte.png"), np.rint(drawn.matte * 255).astype(np.uint8))


if __name__ == "__main__":
    main()
