"""What is woven, dyed and sewn into flat cloth: textures and reliefs over uv."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from stages.figure.records import Bytes
from stages.figure.vectors import floats

Floats = npt.NDArray[Any]

_STITCH = (196, 150, 92)
"""Sewing thread of jeans, sRGB."""


def legs(
    kind: str, colour: tuple[int, int, int], scale: float, length: float, random: np.random.Generator
) -> tuple[Bytes | None, Floats | None]:
    """Texture and relief of two legs side by side, each unrolled from the inside over the front; metres `length`.

    None where the cloth is plain.
    """
    if kind in ("leggings", "briefs"):
        return None, None
    height, width = 900, 720
    metre = height / length
    half = width // 2
    shade = np.zeros((height, width), np.float32)
    relief = np.zeros((height, width), np.float32)
    jeans = kind == "jeans"
    picture = np.tile(floats(colour), (height, width, 1))
    if jeans:
        shade += _washed(height, width, random)
    stitches: list[Floats] = []
    for k in range(2):
        x0 = k * half
        # Seams: inside, outside; the waistband and the hem across.
        for x in (x0 + 2, x0 + half // 2):
            _groove(relief, shade, [(x, 0), (x, height)], 0.0011 * metre, -0.0009, -0.18 if jeans else -0.10)
            if jeans:
                stitches.append(np.array([(x + 4, 0), (x + 4, height)]))
        band = int(0.038 * metre)
        relief[:band, x0 : x0 + half] += 0.0012
        _groove(relief, shade, [(x0, band), (x0 + half, band)], 0.0014 * metre, -0.0010, -0.16)
        hem = int(height - (0.014 if jeans else 0.030) * metre)
        _groove(relief, shade, [(x0, hem), (x0 + half, hem)], 0.0010 * metre, -0.0006, -0.12 if jeans else -0.05)
        # Front pocket: from the outside seam to the waistband.
        if jeans:
            stitches += [np.array([(x0, band - 3), (x0 + half, band - 3)]), np.array([(x0, 4), (x0 + half, 4)])]
            stitches.append(np.array([(x0, hem), (x0 + half, hem)]))
            curve = _arc(x0 + 0.30 * half, band, x0 + 0.485 * half, band + 0.085 * metre)
            _groove(relief, shade, curve, 0.0016 * metre, -0.0014, -0.22)
            stitches += [np.add(curve, (-4, 3)), np.add(curve, (-7, 6))]
            _pocket(relief, shade, stitches, x0 + 0.70 * half, band + 0.075 * metre, 0.19 * half, 0.155 * metre)
            for at in (0.20, 0.44, 0.62, 0.86):
                x = int(x0 + at * half)
                relief[0 : band + 3, x - 3 : x + 4] += 0.0018
                shade[0 : band + 3, x - 4] -= 0.12
                shade[0 : band + 3, x + 4] -= 0.12
        else:
            slant = [(x0 + 0.36 * half, band), (x0 + 0.47 * half, band + 0.16 * metre)]
            _groove(relief, shade, slant, 0.0016 * metre, -0.0012, -0.22)
            down = band + 0.085 * metre
            _groove(relief, shade, [(x0 + 0.62 * half, down), (x0 + 0.79 * half, down)], 0.0022 * metre, -0.0012, -0.25)
            # A pressed crease down the front and the back.
            if kind == "trousers":
                for at, depth in ((0.25, 0.0016), (0.75, 0.0016)):
                    fold = x0 + at * half
                    _groove(relief, shade, [(fold, band + 0.2 * metre), (fold, height)], 0.004 * metre, depth, 0.035)
    # The fly lies beside the middle of the front.
    middle = 9 / 56 * half
    fly = [(middle + 14, int(0.038 * metre)), (middle + 13, 0.15 * metre), (middle, 0.185 * metre)]
    _groove(relief, shade, fly, 0.0012 * metre, -0.0008, -0.14)
    if jeans:
        stitches.append(np.array(fly))
    picture *= np.exp(shade)[..., None]
    if jeans:
        for line in stitches:
            _stitched(picture, line, metre)
    # Uneven dye, a little.
    return np.clip(picture, 0, 255).astype(np.uint8), floats(cv2.GaussianBlur(relief, (0, 0), 0.8) * scale)


def _washed(height: int, width: int, random: np.random.Generator) -> Floats:
    """Returns how denim has lost its dye: slubs of the warp, worn thighs, knees and seats."""
    slub = cv2.GaussianBlur(random.normal(0, 1, (height, width)).astype(np.float32), (0, 0), sigmaX=0.7, sigmaY=5)
    cloud = cv2.resize(random.normal(0, 1, (26, 20)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x = (x % (width // 2)) / (width // 2)
    worn = np.zeros((height, width), np.float32)
    for u, v, du, dv, much in (
        (0.26, 0.36, 0.075, 0.15, 0.30), (0.26, 0.60, 0.08, 0.07, 0.16), (0.77, 0.22, 0.09, 0.09, 0.20),
        (0.76, 0.62, 0.07, 0.09, 0.08),
    ):  # fmt: skip
        worn += much * np.exp(-0.5 * (((x - u) / du) ** 2 + ((y / height - v) / dv) ** 2))
    return floats(0.030 * slub / max(float(slub.std()), 1e-6) + 0.025 * cloud + worn - 0.06)


def _groove(relief: Floats, shade: Floats, line: Any, width: float, depth: float, dark: float) -> None:
    """Draws a line of a width in pixels: how high it stands in metres, and how it changes the logarithm of colour."""
    mask = np.zeros(relief.shape, np.uint8)
    points = np.round(np.asarray(line, np.float64) * 16).astype(np.int32)
    cv2.polylines(mask, [points], False, 255, max(1, round(width)), cv2.LINE_AA, 4)
    share = floats(mask) / 255
    relief += depth * share
    shade += dark * share


def _stitched(picture: Floats, line: Any, metre: float) -> None:
    points = np.asarray(line, np.float64)
    pieces = np.linalg.norm(np.diff(points, axis=0), axis=1)
    gone = np.concatenate([[0], np.cumsum(pieces)])
    pitch = 0.0042 * metre
    starts = np.arange(0, gone[-1], pitch)
    for start in starts:
        ends = [
            (np.interp(at, gone, points[:, 0]), np.interp(at, gone, points[:, 1]))
            for at in (start, start + 0.62 * pitch)
        ]
        a, b = (tuple(round(c * 16) for c in end) for end in ends)
        cv2.line(picture, a, b, _STITCH, 1, cv2.LINE_AA, 4)


def _arc(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    turn = np.linspace(0, np.pi / 2, 12)
    return [(x0 + (x1 - x0) * (1 - np.cos(t)), y0 + (y1 - y0) * np.sin(t)) for t in turn]


def _pocket(
    relief: Floats, shade: Floats, stitches: list[Any], x: float, y: float, width: float, height: float
) -> None:
    half = width / 2
    shape = [
        (x - half, y),
        (x + half, y),
        (x + half, y + 0.75 * height),
        (x, y + height),
        (x - half, y + 0.75 * height),
        (x - half, y),
    ]
    mask = np.zeros(relief.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(shape)).astype(np.int32)], 1)
    relief += 0.0010 * floats(mask)
    _groove(relief, shade, shape, 1.6, -0.0004, -0.16)
    stitches.append((np.array(shape) - (x, y)) * (0.92, 0.96) + (x, y + 2))


def trunk(kind: str, colour: tuple[int, int, int], scale: float, neck: float) -> tuple[Bytes | None, Floats | None]:
    """Texture and relief of a trunk, from the wearer's right over the front; `neck` is its band's share of v."""
    height, width = 640, 720
    shade, relief = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    metre = height / 0.8
    band = max(3, int(neck * height))
    rib = np.sin(np.arange(width) * (2 * np.pi / 5))[None]
    if kind in ("t-shirt", "jumper"):
        _groove(relief, shade, [(0, band), (width, band)], 2, -0.0010, -0.16)
        relief[:band] += 0.0005 * rib
        shade[:band] += 0.05 * rib
    if kind == "jumper":
        hem = int(height - 0.05 * metre)
        relief[hem:] += 0.0009 * rib
        shade[hem:] += 0.07 * rib
        _groove(relief, shade, [(0, hem), (width, hem)], 2, -0.0008, -0.08)
    else:
        _groove(relief, shade, [(0, height - 0.022 * metre), (width, height - 0.022 * metre)], 1, -0.0005, -0.07)
    for x in (1, width // 2):
        _groove(relief, shade, [(x, 0.3 * height), (x, height)], 1, -0.0008, -0.10)
    picture = np.tile(floats(colour), (height, width, 1)) * np.exp(shade)[..., None]
    if kind == "shirt":
        middle, half = width // 4, 0.016 * metre
        for edge in (middle - half, middle + half):
            lines = np.zeros_like(shade)
            _groove(relief, lines, [(edge, 0), (edge, height)], 1, -0.0008, -0.14)
            picture *= np.exp(lines)[..., None]
        relief[:, int(middle - half) : int(middle + half)] += 0.0009
        pale = 0.35 * floats(colour) + 0.65 * floats((232, 228, 220))
        for y in np.arange(0.05 * height, 0.97 * height, 0.085 * metre):
            spot = np.zeros((height, width), np.uint8)
            cv2.circle(spot, (round(middle * 16), round(y * 16)), round(0.0055 * metre * 16), 255, -1, cv2.LINE_AA, 4)
            share = floats(spot)[..., None] / 255
            rim = np.zeros((height, width), np.uint8)
            cv2.circle(rim, (round(middle * 16), round(y * 16)), round(0.0062 * metre * 16), 255, 1, cv2.LINE_AA, 4)
            picture += (pale - picture) * share
            picture *= 1 - 0.35 * floats(rim)[..., None] / 255
            relief += 0.0012 * share[..., 0]
    return np.clip(picture, 0, 255).astype(np.uint8), floats(cv2.GaussianBlur(relief, (0, 0), 0.8) * scale)


def sleeve(kind: str, colour: tuple[int, int, int], scale: float, length: float) -> tuple[Bytes | None, Floats | None]:
    """Returns texture and relief of a sleeve `length` metres long."""
    height, width = 360, 300
    metre = height / length
    shade, relief = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    rib = np.sin(np.arange(width) * (2 * np.pi / 6))[None]
    wide = {"jumper": 0.055, "shirt": 0.058}.get(kind, 0.020)
    edge = int(height - wide * metre)
    if kind == "jumper":
        relief[edge:] += 0.0009 * rib
        shade[edge:] += 0.07 * rib
    _groove(relief, shade, [(0, edge), (width, edge)], 2 if kind == "shirt" else 1, -0.0008, -0.12)
    _groove(relief, shade, [(1, 0), (1, height)], 1, -0.0006, -0.08)
    picture = np.tile(floats(colour), (height, width, 1)) * np.exp(shade)[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8), floats(cv2.GaussianBlur(relief, (0, 0), 0.8) * scale)


def skirt(colour: tuple[int, int, int], scale: float, length: float) -> tuple[Bytes, Floats]:
    """Returns texture and relief of a skirt `length` metres long: waistband, side seams, hem."""
    height, width = 400, 480
    metre = height / length
    shade, relief = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    band, hem = int(0.032 * metre), int(height - 0.028 * metre)
    relief[:band] += 0.0010
    _groove(relief, shade, [(0, band), (width, band)], 2, -0.0010, -0.14)
    _groove(relief, shade, [(0, hem), (width, hem)], 1, -0.0005, -0.06)
    for x in (1, width // 2):
        _groove(relief, shade, [(x, band), (x, height)], 1, -0.0008, -0.10)
    picture = np.tile(floats(colour), (height, width, 1)) * np.exp(shade)[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8), floats(cv2.GaussianBlur(relief, (0, 0), 0.8) * scale)
