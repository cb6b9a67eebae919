"""Fakes that tests share: plain arithmetic, no models, no files."""

import dataclasses
import io
import struct
import zipfile
from typing import Any, overload
from xml.etree import ElementTree

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.models import Models
from stages.casting import Casting, Scene
from stages.contracts import Matte, ModelCard, Placed, Placement, Plate, Progress, Request, Shape, Skeleton, View
from stages.figure.make import Wear
from stages.figure.records import Figure, Posed, Surface
from stages.options import GenerateOptions
from tests import pictures

#: The two types of a picture's levels.
Depth = type[np.uint8] | type[np.uint16]


def matte(height: int, width: int, edge: float = 1.5) -> Matte:
    """Returns a garment-like matte: a block with two sleeves and a neck, soft over about `edge` pixels."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x + 0.5) / width, (y + 0.5) / height
    trunk = np.minimum(np.minimum(u - 0.22, 0.78 - u) * width, np.minimum(v - 0.06, 0.94 - v) * height)
    sleeves = np.minimum(np.minimum(u - 0.05, 0.95 - u) * width, np.minimum(v - 0.1, 0.45 - v) * height)
    neck = (np.hypot(u - 0.5, v - 0.02) - 0.14) * min(width, height)
    inside = np.minimum(np.maximum(trunk, sleeves), neck)
    return np.asarray(np.clip(inside / edge + 0.5, 0, 1), np.float32)


@overload
def cloth(height: int, width: int, colour: tuple[int, int, int], dtype: type[np.uint8], seed: int = 0) -> Plate: ...
@overload
def cloth(
    height: int, width: int, colour: tuple[int, int, int], dtype: npt.DTypeLike, seed: int = 0
) -> npt.NDArray[Any]: ...
def cloth(
    height: int, width: int, colour: tuple[int, int, int], dtype: npt.DTypeLike, seed: int = 0
) -> npt.NDArray[Any]:
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
    icc: bytes | None = None,
) -> Placed:
    """Returns a garment of `height` x `width` pixels placed at scale 1 on a canvas with room around it."""
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
        icc=icc,
        matte=kept.copy(),
        shape=Shape(category="top", confidence=1.0),
        framing="half",
        body=np.zeros((18, 3), np.float32) if body is None else body,
    )


def scene(of: Placed, colour: tuple[int, int, int] = (120, 150, 170)) -> npt.NDArray[Any]:
    """Returns a plain plate at canvas size, of the placed photo's type."""
    return cloth(of.height, of.width, colour, of.pixels.dtype, seed=2)


class Ramp:
    """A generator that paints a grey ramp whose brightness tells the seed, and reports each step."""

    cards: tuple[ModelCard, ...] = (ModelCard("generator", "ramp", None, "Apache-2.0"),)
    multiple = 8
    pixels = 64 * 96

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        for step in range(request.steps):
            progress(step + 1, request.steps)
        height, width = request.mask.shape
        ramp = np.linspace(60, 180, height)[:, None, None] + np.zeros((1, width, 3)) + seed % 32
        return ramp.astype(np.uint8)


class RampModels(Models):
    """The real models but for the generator."""

    def generator(self, options: GenerateOptions) -> Ramp:
        return Ramp()

    def figures(self, progress: Progress) -> "StickFigures":
        return StickFigures()


class StickFigures:
    """Draws limbs of one colour along the skeleton: a figure in no time."""

    def __call__(
        self,
        placed: Placed,
        skeleton: Skeleton,
        casting: Casting,
        scene: Scene,
        view: View,
        seed: int,
        *,
        exact: bool = False,
        wear: Wear | None = None,
        lit: bool = True,
    ) -> Figure:
        height, width = placed.height, placed.width
        drawn = np.zeros((height, width), np.uint8)
        for start, end in ((0, 1), (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (1, 11), (8, 9), (9, 10),
                           (11, 12), (12, 13)):  # fmt: skip
            if skeleton[start, 2] > 0 and skeleton[end, 2] > 0:
                (x0, y0), (x1, y1) = skeleton[[start, end], :2].astype(int).tolist()
                cv2.line(drawn, (x0, y0), (x1, y1), 255, max(3, width // 20), cv2.LINE_AA)
        alpha = (drawn / 255).astype(np.float32)
        floor = Surface(
            "skin", "skin", np.array([[width / 2, height, 0]], np.float32), np.array([[0, 0, -1]], np.float32),
            np.zeros((0, 3), np.int32), np.zeros(0, np.uint8),
        )  # fmt: skip
        posed = Posed(
            {"skin": floor}, {}, np.eye(4, dtype=np.float32), height / 2, np.array(skeleton, np.float32), view
        )
        return Figure(
            picture=np.full((height, width, 3), (198, 134, 66) if lit else 0, np.uint8),
            alpha=alpha,
            depth=np.where(drawn > 0, 0, np.inf).astype(np.float32),
            normals=np.zeros((height, width, 3), np.float32),
            parts=(drawn > 0).astype(np.uint8),
            shadow=np.ones((height, width), np.float32),
            posed=posed,
        )


def tee(width: int = 240, height: int = 300, colour: tuple[int, int, int] = (150, 40, 60)) -> Plate:
    """Returns a photo of a plain T-shirt on a light backdrop, with a little noise."""
    picture = np.full((height, width, 3), 235, np.uint8)
    outline = np.array(
        [
            (0.40, 0.14), (0.46, 0.20), (0.54, 0.20), (0.60, 0.14), (0.74, 0.19), (0.92, 0.40),
            (0.80, 0.47), (0.70, 0.36), (0.70, 0.88), (0.30, 0.88), (0.30, 0.36), (0.20, 0.47),
            (0.08, 0.40), (0.26, 0.19),
        ]
    )  # fmt: skip
    points = np.rint(outline * (width, height) * 16).astype(np.int32)
    cv2.fillPoly(picture, [points], colour, cv2.LINE_AA, shift=4)
    noise = np.random.default_rng(0).normal(0, 2, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def trousers(width: int = 200, height: int = 320, colour: tuple[int, int, int] = (40, 70, 140)) -> Plate:
    """Returns a photo of plain trousers on a light backdrop, with a little noise."""
    outline = [(0.3, 0.06), (0.7, 0.06), (0.8, 0.35), (0.84, 0.94), (0.58, 0.94), (0.5, 0.42), (0.42, 0.94),
               (0.16, 0.94), (0.2, 0.35)]  # fmt: skip
    return drawn(outline, width, height, colour)


def sneakers(width: int = 220, height: int = 120, colour: tuple[int, int, int] = (30, 120, 60)) -> Plate:
    """Returns a photo of two shoes from their side, apart from one another."""
    shoe = [(0.04, 0.3), (0.14, 0.3), (0.2, 0.5), (0.44, 0.62), (0.44, 0.78), (0.04, 0.78)]
    one = drawn(shoe, width, height, colour)
    other = drawn([(x + 0.5, y) for x, y in shoe], width, height, colour, seed=1)
    return np.where(np.arange(width)[None, :, None] < width // 2, one, other)


def drawn(
    outline: list[tuple[float, float]], width: int, height: int, colour: tuple[int, int, int], seed: int = 0
) -> Plate:
    """Returns a polygon, in shares of the frame, on a light backdrop, with a little noise."""
    picture = np.full((height, width, 3), 235, np.uint8)
    cv2.fillPoly(picture, [np.rint(np.array(outline) * (width, height) * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)
    noise = np.random.default_rng(seed).normal(0, 2, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def replaced(of: Placed, **changes: object) -> Placed:
    """Returns a placed garment with some of its fields changed."""
    return dataclasses.replace(of, **changes)  # type: ignore[arg-type]


#: Columns of the matrix to CIE XYZ (primaries adapted to D50, as the published profiles store them), and gamma.
PROFILES = {
    "adobe": ([(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)], 2.19921875),
    "p3": ([(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)], 2.2),
    "linear grey": ([], 1.0),
}


def profile(name: str) -> bytes:
    """Returns a minimal ICC v2 profile: "adobe" (like Adobe RGB 1998), "p3" (like Display P3) or "linear grey"."""
    columns, gamma = PROFILES[name]

    def fixed(values: tuple[float, ...]) -> bytes:
        return b"".join(struct.pack(">i", round(each * 65536)) for each in values)

    white = (0.9642, 1.0, 0.8249)
    words = name.encode() + b"\0"
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    bodies = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(words)) + words + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + fixed(white),
    }
    for letter, column in zip(b"rgb", columns, strict=False):
        bodies[bytes([letter]) + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(column)
        bodies[bytes([letter]) + b"TRC"] = curve
    if not columns:
        bodies[b"kTRC"] = curve
    table, data = b"", b""
    start = 132 + 12 * len(bodies)
    for key, body in bodies.items():
        table += key + struct.pack(">II", start + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    space = b"RGB " if columns else b"GRAY"
    head = struct.pack(">I4sI4s4s4s", start + len(data), b"", 0x02400000, b"mntr", space, b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + fixed(white)
    return head.ljust(128, b"\0") + struct.pack(">I", len(bodies)) + table + data


def flattened(openraster: bytes) -> npt.NDArray[np.float64]:
    """Returns the layers of an .ora file laid over one another, H x W x 3, not rounded."""
    with zipfile.ZipFile(io.BytesIO(openraster)) as archive:
        image = ElementTree.fromstring(archive.read("stack.xml"))  # noqa: S314 - our own file
        out = np.zeros((int(image.get("h", 0)), int(image.get("w", 0)), 3))
        for layer in reversed(image.findall("stack/layer")):
            pixels = pictures.decoded(archive.read(layer.get("src", "")), cv2.IMREAD_UNCHANGED)
            colour = pixels[..., 2::-1].astype(np.float64)
            full = np.iinfo(pixels.dtype).max
            alpha = pixels[..., 3:] / full if pixels.shape[2] == 4 else np.ones((*pixels.shape[:2], 1))
            x, y = int(layer.get("x", 0)), int(layer.get("y", 0))
            there = out[y : y + pixels.shape[0], x : x + pixels.shape[1]]
            there += alpha * (colour - there)
    return out
