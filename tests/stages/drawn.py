"""Garments drawn from half outlines in centimetres, with the landmarks that they were drawn with.

Each half runs from the middle of the neckline or waistband, down the wearer's left, to the middle of the hem; (u, y) is
the distance from the axis and below the highest point. They are cut for a person of about 168 cm.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

from stages.contracts import Category, Cutout, Matte, Photo, Point
from stages.shape import describe

STATURE = 168.0


@dataclass(frozen=True)
class Garment:
    category: Category
    half: list[Point]
    marks: dict[str, Point] = field(default_factory=dict)
    """Of the left side; `collar` and `crotch` lie on the axis."""


GARMENTS = {
    "tee": Garment(
        "top",
        [(0, 8), (5, 6), (8, 0), (19, 4), (34, 22), (27, 28), (21, 23), (20, 40), (21, 62), (0, 62)],
        {"collar": (0, 8), "shoulder": (19, 4), "cuff": (30.5, 25), "armpit": (21, 23), "hem": (21, 62)},
    ),
    "long sleeve": Garment(
        "top",
        [(0, 8), (5, 6), (8, 0), (19, 4), (25, 16), (36, 60), (28, 62), (21, 24), (21, 62), (0, 62)],
        {"collar": (0, 8), "shoulder": (19, 4), "cuff": (32, 61), "armpit": (21, 24), "hem": (21, 62)},
    ),
    "spread sweater": Garment(
        "top",
        [(0, 6), (6, 4), (9, 0), (22, 4), (68, 36), (63, 45), (26, 28), (25, 62), (0, 62)],
        {"collar": (0, 6), "cuff": (65.5, 40.5), "armpit": (26, 28), "hem": (25, 62)},
    ),
    "tank": Garment(
        "top",
        [(0, 16), (6, 12), (9, 0), (15, 1.5), (16, 14), (21, 24), (19, 42), (22, 62), (0, 62)],
        {"collar": (0, 16), "shoulder": (15, 1.5), "armpit": (21, 24), "hem": (22, 62)},
    ),
    "strap top": Garment(
        "top",
        [(0, 26), (8, 23), (11, 15), (11, 0), (12.5, 0), (13, 15), (20, 25), (21, 58), (0, 58)],
        {"collar": (0, 26), "strap": (11.7, 0), "armpit": (20, 25), "hem": (21, 58)},
    ),
    "trousers": Garment(
        "bottom",
        [(0, 0), (17, 0), (23, 20), (21, 101), (10, 101), (0, 30)],
        {"waist": (17, 0), "hem": (15.5, 101), "crotch": (0, 30)},
    ),
    "shorts": Garment(
        "bottom",
        [(0, 0), (17, 0), (24, 22), (27, 44), (4, 46), (0, 29)],
        {"waist": (17, 0), "hem": (15.5, 45), "crotch": (0, 29)},
    ),
    "skirt": Garment("skirt", [(0, 0), (16, 0), (21, 18), (32, 66), (0, 68)], {"waist": (16, 0), "hem": (32, 66)}),
    "dress": Garment(
        "dress",
        [(0, 8), (6, 6), (9, 0), (17, 3), (16, 13), (19, 20), (15, 38), (32, 100), (0, 102)],
        {"collar": (0, 8), "shoulder": (17, 3), "armpit": (19, 20), "waist": (15, 38), "hem": (32, 100)},
    ),
    "long-sleeved dress": Garment(
        "dress",
        [(0, 8), (6, 6), (9, 0), (18, 4), (23, 18), (31, 57), (24, 58), (19, 24), (16, 40), (30, 110), (0, 112)],
        {"collar": (0, 8), "shoulder": (18, 4), "cuff": (27.5, 57.5), "armpit": (19, 24), "waist": (16, 40)},
    ),
    "mini dress": Garment(
        "dress",
        [(0, 9), (6, 7), (8, 0), (18, 4), (30, 20), (22, 26), (19, 23), (16, 40), (25, 82), (0, 83)],
        {"collar": (0, 9), "shoulder": (18, 4), "cuff": (26, 23), "armpit": (19, 23), "hem": (25, 82)},
    ),
    "coat": Garment(
        "outerwear",
        [(0, 5), (6, 3), (8, 0), (21, 5), (30, 18), (42, 60), (32, 63), (25, 28), (24, 60), (28, 100), (0, 100)],
        {"collar": (0, 5), "shoulder": (21, 5), "cuff": (37, 61.5), "armpit": (25, 28), "hem": (28, 100)},
    ),
    "swimsuit": Garment(
        "swim",
        [(0, 22), (7, 17), (10, 15), (10, 0), (11.5, 0), (12, 15), (17, 24), (15, 40), (18, 54), (8, 61), (4, 69),
         (0, 69)],
        {"collar": (0, 22), "strap": (10.7, 0), "armpit": (17, 24), "crotch": (0, 69)},
    ),
    "briefs": Garment(
        "swim",
        [(0, 0), (17, 0), (17.5, 8), (9, 14), (4, 22), (0, 22)],
        {"waist": (17, 0), "crotch": (0, 22)},
    ),
}  # fmt: skip

MARGIN = 12.0


def matte_of(garment: Garment, per_cm: float = 6.0, lean: float = 0.0) -> Matte:
    """Returns the garment's matte, H x W, at `per_cm` pixels a centimetre, turned by `lean` degrees."""
    half = np.array(garment.half)
    width, height = 2 * (half[:, 0].max() + MARGIN), half[:, 1].max() + 2 * MARGIN
    outline = np.concatenate([half, half[::-1] * (-1, 1)])
    points = _turned(np.add(outline, (width / 2, MARGIN)), (width / 2, height / 2), lean)
    fine = 4
    canvas = np.zeros((round(height * per_cm) * fine, round(width * per_cm) * fine), np.uint8)
    cv2.fillPoly(canvas, [np.round(points * per_cm * fine - 0.5).astype(np.int32)], 255)
    size = (canvas.shape[1] // fine, canvas.shape[0] // fine)
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)


def marks_of(garment: Garment, per_cm: float = 6.0) -> dict[str, Point]:
    """Returns the true landmarks of both sides in pixels of the upright matte; right is at the picture's left."""
    axis = max(u for u, _ in garment.half) + MARGIN
    found = {}
    for name, (u, y) in garment.marks.items():
        for side, way in (("right_", -1), ("left_", 1)):
            key = name if name in ("collar", "crotch") else side + name
            found[key] = ((axis + way * u) * per_cm - 0.5, (y + MARGIN) * per_cm - 0.5)
    return found


def photo_of(garment: Garment, per_cm: float = 6.0, lean: float = 0.0) -> tuple[Photo, Cutout]:
    """Returns a photo of noise with the garment's cut-out: places where pixels went can be told apart."""
    matte = matte_of(garment, per_cm, lean)
    pixels = np.random.default_rng(1).integers(0, 256, (*matte.shape, 3), dtype=np.uint8)
    return Photo("drawn.png", pixels, ""), Cutout(matte, pixels.copy(), describe(matte), "drawn")


def _turned(points: np.ndarray, centre: Point, degrees: float) -> np.ndarray:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray((points - centre) @ np.array([[cos, sin], [-sin, cos]]) + centre)
