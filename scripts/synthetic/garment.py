"""Draws garment photos whose matte, foreground, landmarks and skeleton are known.

    python -m scripts.synthetic.garment /tmp/drawn --width 768 --height 1024     # one of each kind, to look at

Everything is drawn by this repository's own code. A photo is matte * foreground + (1 - matte) * backdrop, with
noise and compression on top, as cameras and shops make it.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from scripts.synthetic import cloth, pattern
from scripts.synthetic.gaps import enclosing
from scripts.synthetic.pattern import CATEGORIES, Category, Pattern, Points, Sleeve
from stages.contracts import Mask, Matte, Plate, Point, Skeleton

Kind = Literal[
    "plain", "knit", "fringe", "lace", "straps", "sheer", "white", "shaded", "textured", "shadow", "noise"
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Kinds whose backdrop is plain: even, or changing slowly.
PLAIN: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "textured")
#: Half width of the trimap's unknown band, in pixels at 1024.
UNKNOWN = 4.0

Field = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    photo: Plate
    """H x W x 3 uint8 sRGB."""
    matte: Matte
    """H x W float32: true coverage."""
    foreground: Field
    """H x W x 3 float32 in [0, 255]: the garment's colour, everywhere."""
    trimap: Mask
    """H x W: 255 garment, 0 backdrop, 128 within about `UNKNOWN` of what is soft."""
    landmarks: dict[str, Point]
    """By the names of `contracts.Shape`, in pixels of the photo."""
    skeleton: Skeleton
    """18 x 3 as in `contracts`; confidence 1 where the garment decides the joint, 0.5 where it leaves it free."""
    category: Category
    kind: Kind
    collar: Matte
    """H x W float32: share of each pixel that shows the inside of the back collar; part of `matte`."""


def draw(
    seed: int,
    kind: Kind = "plain",
    category: Category = "top",
    width: int = 768,
    height: int = 1024,
    sleeve: Sleeve | None = None,
    collar: bool = False,
    gaps: bool = False,
) -> Sample:
    """Draws one photo; the same for the same arguments.

    Parameters
    ----------
    seed
        Draws body, garment, colours and light.
    kind
        What is hard about it; the rest stays easy: "white" is white cloth on white, "shadow" a strong cast shadow.
    category
        One of `CATEGORIES`.
    width, height
        Of the photo, in pixels: any size; details keep their share of it.
    sleeve
        Of tops and dresses: "none", "straps", "short" or "long"; drawn from the seed when None.
    collar
        Show the inside of the back collar, with its label, where the garment hangs from shoulders.
    gaps
        Close gaps to holes, as `gaps.enclosing` does; landmarks stay those of the garment without.
    """
    rng = np.random.default_rng([seed, KINDS.index(kind), CATEGORIES.index(category)])
    if kind == "straps" and category in ("top", "dress"):
        sleeve = "straps"
    if kind == "sheer" and category in ("top", "dress") and sleeve is None:
        sleeve = "long"
    cut = pattern.cut(category, rng, sleeve)
    unit = max(width, height) / 1024
    move = _placing(cut, width, height, rng, room=0.08 if kind == "fringe" else 0.0)
    added, openings = enclosing(cut, np.random.default_rng([seed, 2])) if gaps else ([], [])
    matte = _matte(replace(cut, pieces=(*cut.pieces, *added)), kind, move, (height, width), unit, rng)
    if openings:
        matte *= 1 - cloth.coverage([move(each) for each in openings], [], width, height, 0.55 * unit**0.5)
    front = cloth.colour(_dye(kind, rng), _pattern(kind, rng), matte, unit, rng)
    for seam in cut.seams:
        cv2.polylines(
            front, [np.rint(move(seam)).astype(np.int32)], False, _dark(front, seam, move), max(1, round(1.5 * unit))
        )
    inside = np.zeros_like(matte)
    if collar and cut.collar is not None:
        shade = np.random.default_rng([seed, 1])
        outline = move(cut.collar)
        whole = np.maximum(matte, cloth.coverage([*(move(each) for each in cut.pieces), outline], [], width, height,
                                                 0.55 * unit**0.5))  # fmt: skip
        inside = np.clip(whole - matte, 0, 1)
        front += inside[..., None] * (_lining(front, outline, unit, shade) - front)
        matte = whole
    picture = _backdrop(kind, height, width, unit, rng)
    depth = {"shadow": 0.45, "white": 0.12, "textured": 0.1}.get(kind, 0.04)
    picture *= (1 - depth * _cast(matte, unit, rng))[..., None]
    picture += matte[..., None] * (front - picture)
    noise = {"noise": 4.0}.get(kind, 0.8)
    for channel in range(3):
        picture[..., channel] += noise * rng.standard_normal((height, width), dtype=np.float32)
    photo: Plate = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    if kind == "noise":
        _, data = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 75])
        photo = np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1])
    joints = cut.joints.copy()
    joints[:, :2] = move(joints[:, :2])
    marks = {name: _point(move(np.array([point]))[0]) for name, point in cut.landmarks.items()}
    for name in ("right_armpit", "left_armpit"):
        if name in marks:
            marks[name] = _seen(marks[name], matte, 14 * unit)
    return Sample(photo, matte, front, trimap(matte, unit), marks, joints.astype(np.float32), category, kind, inside)


def trimap(matte: Matte, unit: float) -> Mask:
    """Returns 255 garment, 0 backdrop, 128 unknown: all that is soft, and `UNKNOWN` * `unit` pixels around it."""
    size = 2 * round(UNKNOWN * unit) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    # Below 1 % and above 99 % is noise of a blurred outline.
    sure = cv2.erode((matte > 0.99).astype(np.uint8), disc)
    free = cv2.erode((matte < 0.01).astype(np.uint8), disc)
    return np.asarray(np.where(sure > 0, 255, np.where(free > 0, 0, 128)), dtype=np.uint8)


class _placing:  # noqa: N801 - a function of points with its values bound
    """Moves points from a pattern's centimetres to a photo's pixels: filling the frame, a little off and leaning."""

    def __init__(self, cut: Pattern, width: int, height: int, rng: np.random.Generator, room: float) -> None:
        points = np.concatenate(cut.pieces)
        low, high = points.min(axis=0), points.max(axis=0)
        share = rng.uniform(0.72, 0.86)
        self.scale = float(min(share * width / (high[0] - low[0]), (share - room) * height / (high[1] - low[1])))
        self.centre = 0.5 * (low + high)
        shift = rng.uniform(-0.02, 0.02, 2) - (0, 0.4 * room)
        self.to = (np.array([0.5, 0.5]) + shift) * (width, height)
        lean = np.radians(rng.uniform(-2, 2))
        self.turn = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])

    def __call__(self, points: Points) -> Points:
        """Takes and gives N x 2; pixel centres are whole numbers."""
        return np.asarray((points - self.centre) @ self.turn * self.scale + self.to - 0.5)


def _matte(
    cut: Pattern, kind: Kind, move: _placing, shape: tuple[int, int], unit: float, rng: np.random.Generator
) -> Matte:
    pieces = [move(piece) for piece in cut.pieces]
    hems = [move(hem) for hem in cut.hem]
    threads: list[tuple[Points, float]] = []
    if kind == "fringe":
        threads = cloth.fringe(hems, 0.06 * shape[0], unit, rng)
    elif kind == "knit":
        threads = cloth.fuzz(pieces, unit, rng)
    # A lens resolves finer than a pixel at 1024 in larger photos.
    blur = 0.55 * unit**0.5
    matte = cloth.coverage(pieces, threads, shape[1], shape[0], blur)
    points = np.concatenate(pieces)
    top, bottom = points[:, 1].min(), points[:, 1].max()
    if kind in ("lace", "sheer"):
        y = np.arange(shape[0], dtype=np.float32)[:, None]
        # The seam of the see-through part; of short garments a larger share.
        seam = bottom - (0.28 if kind == "lace" else 0.42) * (bottom - top)
        region = np.broadcast_to(np.clip((y - seam) / unit + 0.5, 0, 1), shape).astype(np.float32)
        if kind == "lace":
            matte = matte * cv2.GaussianBlur(cloth.lace(region, unit), (0, 0), 0.5 * blur)
        else:
            thin = np.clip(0.62 + 0.1 * cloth.smooth_noise(*shape, 40 * unit, rng), 0.35, 0.9)
            matte = matte * (1 - region * (1 - thin))
    return np.asarray(np.clip(matte, 0, 1), dtype=np.float32)


def _lining(front: Field, outline: Points, unit: float, rng: np.random.Generator) -> Field:
    """Returns the colour of the inside of a back collar: the cloth in its own shade, its seam, and a label."""
    height, width = front.shape[:2]
    (x0, top), (x1, bottom) = outline.min(axis=0), outline.max(axis=0)
    down = np.clip((np.arange(height, dtype=np.float32)[:, None] - top) / max(bottom - top, 1), 0, 1)
    base = front[round(min(bottom + 6 * unit, height - 1)), round(0.5 * (x0 + x1))]
    light = float(rng.uniform(0.6, 0.85)) - 0.1 * down + 0.02 * cloth.smooth_noise(height, width, 25 * unit, rng)
    lining = np.asarray(base * light[..., None], dtype=np.float32)
    back = np.rint(outline[len(outline) // 2 + 1 :] + np.array([0, 5 * unit])).astype(np.int32)
    cv2.polylines(lining, [back], False, (0.8 * base).tolist(), max(1, round(1.5 * unit)), cv2.LINE_AA)
    if rng.random() < 0.5:
        middle, edge = 0.5 * (x0 + x1) + 0.05 * (x1 - x0), top + 0.45 * (bottom - top)
        size = 0.07 * (x1 - x0), 0.16 * (bottom - top)
        corners = (round(middle - size[0]), round(edge)), (round(middle + size[0]), round(edge + size[1]))
        cv2.rectangle(lining, *corners, rng.uniform(20, 235, 3).tolist(), cv2.FILLED)
    return lining


def _dye(kind: Kind, rng: np.random.Generator) -> tuple[float, float, float]:
    if kind == "white":
        level = float(rng.uniform(226, 234))
        return level + 2, level + 1, level
    red, green, blue = (float(v) for v in rng.uniform(25, 205, 3))
    return red, green, blue


def _pattern(kind: Kind, rng: np.random.Generator) -> str:
    plain = kind in ("white", "sheer", "lace", "knit")
    return "plain" if plain else ("plain", "plain", "stripes", "check", "dots")[int(rng.integers(5))]


def _backdrop(kind: Kind, height: int, width: int, unit: float, rng: np.random.Generator) -> Field:
    level = 246.0 if kind == "white" else float(rng.uniform(222, 246))
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    fall = 0.28 if kind == "shaded" else 0.03
    way = rng.uniform(-1, 1, 2)
    light = 1 - np.float32(fall) * (0.35 * (x * x + y * y) + 0.3 * (way[0] * x + way[1] * y + 1))
    tint = np.array([0, -1, -3], np.float32) * rng.uniform(0, 2)
    if kind != "textured":
        return np.asarray((level + tint) * light[..., None], dtype=np.float32)
    wood = np.array([176, 142, 104], np.float32) * rng.uniform(0.7, 1.15)
    rows = np.arange(height, dtype=np.float32)[:, None] / unit
    board = (rows // 120).astype(int) % 97
    shade = rng.uniform(0.85, 1.12, 97).astype(np.float32)[board]
    grain = cv2.GaussianBlur(
        rng.standard_normal((height, width), dtype=np.float32), (0, 0), 14 * unit, sigmaY=1.2 * unit
    )
    speckle = cv2.GaussianBlur(rng.standard_normal((height, width), dtype=np.float32), (0, 0), 1.5 * unit)
    gap = np.where(rows % 120 < 2, np.float32(0.55), np.float32(1))
    light = light * shade * gap * (1 + 0.09 * grain / grain.std() + 0.05 * speckle / speckle.std())
    return np.asarray(np.clip(wood * light[..., None], 0, 255), dtype=np.float32)


def _cast(matte: Matte, unit: float, rng: np.random.Generator) -> Field:
    """Returns the shadow, in [0, 1], that the garment casts on its backdrop."""
    height, width = matte.shape
    small = cv2.resize(matte, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), 9 * unit / 4)
    dx, dy = (rng.uniform(4, 12, 2) * unit).tolist()
    move = np.array([[1, 0, dx if rng.random() < 0.5 else -dx], [0, 1, dy]], np.float32)
    large = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.warpAffine(large, move, (width, height))


def _dark(front: Field, seam: Points, move: _placing) -> tuple[float, float, float]:
    """Returns the colour of a seam's shade: 60 % of the cloth where it begins."""
    x, y = np.rint(move(seam)[0]).astype(int)
    red, green, blue = (0.6 * front[np.clip(y, 0, len(front) - 1), np.clip(x, 0, front.shape[1] - 1)]).tolist()
    return red, green, blue


def _seen(point: Point, matte: Matte, near: float) -> Point:
    """Moves a mark farther than `near` pixels from the outline to it: a low sleeve covers the armpit itself."""
    inside = (matte > 0.5).astype(np.uint8)
    ys, xs = np.nonzero(inside - cv2.erode(inside, np.ones((3, 3), np.uint8)))
    away = np.hypot(xs - point[0], ys - point[1])
    nearest = int(away.argmin())
    return (float(xs[nearest]), float(ys[nearest])) if away[nearest] > near else point


def _point(values: Points) -> Point:
    return float(values[0]), float(values[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--height", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for index, kind in enumerate(KINDS):
        category = CATEGORIES[index % len(CATEGORIES)]
        sample = draw(asked.seed, kind, category, asked.width, asked.height)
        name = f"{kind}-{category}"
        cv2.imwrite(str(asked.out / f"{name}.png"), sample.photo[..., ::-1])
        cv2.imwrite(str(asked.out / f"{name}.matte.png"), np.rint(sample.matte * 255).astype(np.uint8))


if __name__ == "__main__":
    main()
