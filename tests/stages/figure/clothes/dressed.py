"""Bodies that tests dress, and garments drawn over them."""

from typing import Protocol, get_args

import cv2
import numpy as np

from stages.casting import Casting
from stages.contracts import Category, Framing, Placed, Placement, Shape, View
from stages.figure.records import Posed

WIDTH, HEIGHT = 320, 480
PEOPLE = {
    "woman": Casting(),
    "man": Casting(person="man", top="a shirt nobody knows", bottom="odd things"),
    "large": Casting(size="4XL", bottom="a red skirt", shoes="brown sandals"),
    "small": Casting(size="XS", top="a black vest top", bottom="blue jeans", shoes="black boots"),
}


class People(Protocol):
    """Standing bodies by the names of PEOPLE."""

    def __call__(self, name: str, framing: Framing = "full", view: View = "front") -> Posed: ...


def at(posed: Posed, bone: str, tail: bool = False) -> np.ndarray:
    return posed.joints[bone][int(tail)].astype(float)


def kept(posed: Posed, kind: str) -> Placed:
    """Draws a garment over a standing body: plain shapes, some of them cruelly small."""
    scale, mask = posed.scale, np.zeros((HEIGHT, WIDTH), np.uint8)
    shoulder, hip, waist = at(posed, "upperarm01.L"), at(posed, "upperleg01.L"), at(posed, "spine04")
    middle = at(posed, "neck01")[0]
    skin = posed.surfaces["tights"].vertices
    half = np.abs(skin[np.abs(skin[:, 1] - waist[1]) < 0.02 * scale, 0] - middle)
    half = float(np.quantile(half[half < 0.30 * scale], 0.9)) + 0.02 * scale
    category: Category = next((each for each in get_args(Category) if each == kind), "top")
    landmarks = {"collar": (middle, shoulder[1])}

    def band(top: float, bottom: float, upper: float, lower: float) -> None:
        shape = [(middle - upper, top), (middle + upper, top), (middle + lower, bottom), (middle - lower, bottom)]
        cv2.fillPoly(mask, [np.round(shape).astype(int)], 255)

    low, knee = hip[1] + 0.35 * scale, at(posed, "lowerleg01.L")[1]
    if kind == "top":
        band(shoulder[1], hip[1], half, half)
    elif kind == "crop":
        band(shoulder[1], at(posed, "breast.L", True)[1] + 0.06 * scale, half, half)
    elif kind == "curved":
        band(shoulder[1], hip[1], half, half)
        cv2.ellipse(mask, (int(middle), int(hip[1])), (int(half), int(0.06 * scale)), 0, 0, 180, 255, -1)
    elif kind == "low-necked":
        band(shoulder[1] - 0.05 * scale, hip[1], half, half)
        low = at(posed, "breast.L", True)[1] + 0.03 * scale
        wide = 0.07 * scale
        corners = [
            (middle - wide, shoulder[1] - 0.06 * scale),
            (middle + wide, shoulder[1] - 0.06 * scale),
            (middle, low),
        ]
        cv2.fillPoly(mask, [np.round(corners).astype(int)], 0)
    elif kind == "narrow":
        band(shoulder[1], hip[1] + 0.05 * scale, 0.6 * half, 0.6 * half)
    elif kind in ("bottom", "skirt"):
        landmarks = {}
        band(waist[1], low, half, half + 0.1 * scale)
    elif kind == "mini":
        category, landmarks = "skirt", {}
        band(hip[1] - 0.06 * scale, hip[1] + 0.14 * scale, half, half)
    elif kind == "dress":
        band(shoulder[1], low, half, half + 0.05 * scale)
        cv2.circle(mask, (int(middle), int(waist[1])), int(0.07 * scale), 0, -1)  # cut out
        mask[int(hip[1]) : int(hip[1] + 0.1 * scale), int(middle) :] = 0
    elif kind == "outerwear":
        band(shoulder[1], knee, half + 0.05 * scale, half + 0.08 * scale)
        mask[:, int(middle - 0.09 * scale) : int(middle + 0.09 * scale)] = 0  # worn open
        landmarks = {**landmarks, "left_cuff": (0.0, 0.0), "right_cuff": (0.0, 0.0)}
    elif kind == "bikini":
        category = "swim"
        for side in "LR":
            bust = at(posed, f"breast.{side}", True)
            cv2.circle(mask, (int(bust[0] + 0.02 * scale), int(bust[1])), int(0.03 * scale), 255, -1)  # askew
        band(hip[1] - 0.03 * scale, hip[1] + 0.10 * scale, half, 0.03 * scale)
    elif kind == "trunks":
        category, landmarks = "swim", {}
        band(hip[1] - 0.08 * scale, hip[1] + 0.14 * scale, half, half)
    ys, xs = np.nonzero(mask)
    box = int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
    matte = (mask[box[1] : box[3], box[0] : box[2]] > 0).astype(np.float32)
    colour = np.full((*matte.shape, 3), (40, 90, 150), np.uint8)
    return Placed(
        WIDTH, HEIGHT, Placement(0, 0), box, colour, colour, None, matte, Shape(category, 1.0, landmarks), "full",
        np.zeros((18, 3), np.float32),
    )  # fmt: skip


KINDS = ("top", "curved", "crop", "low-necked", "bottom", "skirt", "mini", "dress", "outerwear", "bikini", "trunks", "")
