"""Draws the demo's own garment photo: a striped long-sleeved top with a print, laid flat on a shaded sweep."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Plate

WIDTH, HEIGHT = 900, 1060
#: Drawn larger and averaged down, so that outlines are as soft as a lens leaves them.
OVERSAMPLE = 2
NAVY, CREAM, RUST = (38, 48, 78), (236, 228, 210), (214, 96, 64)
STRIPE = 46
"""Distance of the stripes in pixels of the photo."""

Field = npt.NDArray[np.float32]

# Right half of the outline (the wearer's left) as Bezier control points in photo pixels, from the middle of the
# neckline down to the middle of the hem; the other half mirrors it.
_BODY = [
    ((450, 232), (505, 230), (532, 200), (540, 172)),
    ((540, 172), (590, 182), (628, 196), (655, 212)),
    ((655, 212), (672, 300), (655, 360), (636, 420)),
    ((636, 420), (628, 540), (630, 680), (638, 836)),
    ((638, 836), (580, 852), (515, 856), (450, 856)),
]
_SLEEVE = [
    ((628, 197), (690, 212), (714, 290), (733, 380)),
    ((733, 380), (770, 520), (790, 640), (806, 770)),
    ((806, 770), (788, 786), (758, 790), (738, 786)),
    ((738, 786), (716, 660), (690, 540), (634, 440)),
    ((634, 440), (628, 360), (626, 280), (628, 197)),
]


def draw(seed: int = 7) -> Plate:
    """Returns the photo, HEIGHT x WIDTH x 3 uint8 sRGB; the same for the same seed."""
    random = np.random.default_rng(seed)
    body = _half(_BODY) | _half(_BODY)[:, ::-1]
    left = _half(_SLEEVE)
    right = left[:, ::-1]
    y, x = np.mgrid[: HEIGHT * OVERSAMPLE, : WIDTH * OVERSAMPLE].astype(np.float32) / OVERSAMPLE
    folds = _folds(x, y, random)

    picture = _backdrop(x, y)
    garment = body | left | right
    shadow = cv2.GaussianBlur(garment.astype(np.float32), (0, 0), 14 * OVERSAMPLE)
    shadow = np.roll(shadow, (10 * OVERSAMPLE, 8 * OVERSAMPLE), (0, 1))
    picture *= 1 - 0.30 * shadow[..., None]
    for part, mirrored in ((left, False), (right, True)):
        along = _along_sleeve(x, y, mirrored)
        _lay(
            picture,
            part,
            _cloth(along, yoke=150, cuff=590),
            folds * (1 - 0.10 * np.abs(np.sin(along / 37))).astype(np.float32),
        )
    _lay(picture, body, _cloth(y + 6 * np.sin(x / 90) - 212, yoke=150, cuff=624), folds)
    _seams(picture, x, y, body, left | right)
    _collar(picture, folds, body)
    _print(picture, folds)
    small = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    grain = random.normal(0, 1.1, small.shape).astype(np.float32)
    photo: Plate = np.clip(np.rint(small + grain), 0, 255).astype(np.uint8)
    return photo


def _half(curves: Sequence[Sequence[tuple[int, int]]]) -> npt.NDArray[np.bool_]:
    """Fills the outline made of cubic Bezier curves."""
    t = np.linspace(0, 1, 60)[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    points = np.vstack([weights @ np.array(curve, float) for curve in curves])
    mask = np.zeros((HEIGHT * OVERSAMPLE, WIDTH * OVERSAMPLE), np.uint8)
    cv2.fillPoly(mask, [np.rint(points * OVERSAMPLE).astype(np.int32)], 1)
    return mask.astype(bool)


def _backdrop(x: Field, y: Field) -> Field:
    light = 232 - 14 * ((x - 330) / WIDTH) ** 2 * 2 - 10 * ((y - 420) / HEIGHT) ** 2 * 2
    return np.dstack([light, light - 1, light - 3]).astype(np.float32)


def _folds(x: Field, y: Field, random: np.random.Generator) -> Field:
    """Soft creases: a few smooth waves of random direction, around 1."""
    folds = np.ones_like(x)
    for _ in range(7):
        angle, period = random.uniform(-0.9, 0.9), random.uniform(120, 340)
        phase, depth = random.uniform(0, 2 * np.pi), random.uniform(0.015, 0.04)
        along = (x * np.cos(angle) + y * np.sin(angle) + 20 * np.sin(y / 130 + phase)) / period
        folds += depth * np.sin(2 * np.pi * along + phase)
    knit = 0.018 * np.sin(2 * np.pi * x / 3.1) * np.sin(2 * np.pi * y / 4.3)
    folds += knit
    return folds


def _along_sleeve(x: Field, y: Field, mirrored: bool) -> Field:
    """Distance from the shoulder along the sleeve, in pixels."""
    across = WIDTH - x if mirrored else x
    along: Field = (across - 640) * np.float32(0.22) + (y - 197) * np.float32(0.975)
    return along


def _cloth(along: Field, yoke: float, cuff: float) -> Field:
    """Cream stripes on navy; plain navy down to `yoke` and from `cuff` on."""
    distance = np.abs((along - yoke) % STRIPE - STRIPE / 2)
    cream = np.clip((9.0 - distance) + 0.5, 0, 1) * (along > yoke) * (along < cuff - 20)
    cloth: Field = (np.array(NAVY) + cream[..., None] * (np.array(CREAM, float) - NAVY)).astype(np.float32)
    return cloth


def _lay(picture: Field, part: npt.NDArray[np.bool_], cloth: Field, folds: Field) -> None:
    """Lays cloth on the picture, darker towards its outline, where it turns away from the light."""
    depth = cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, 5) / OVERSAMPLE
    turn = 0.80 + 0.20 * np.clip(depth / 22, 0, 1) ** 0.6
    picture[part] = (cloth * (folds * turn)[..., None])[part]


def _seams(picture: Field, x: Field, y: Field, body: npt.NDArray[np.bool_], sleeves: npt.NDArray[np.bool_]) -> None:
    """Darkens the hem's stitching and where the sleeves meet the body."""
    hem = body & (np.abs(y - 820 - 8 * np.cos((x - 450) / 190)) < 1.1)
    edge = cv2.morphologyEx(body.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)).astype(bool)
    picture[hem | (edge & cv2.erode(sleeves.astype(np.uint8), np.ones((9, 9))).astype(bool))] *= 0.72


def _collar(picture: Field, folds: Field, body: npt.NDArray[np.bool_]) -> None:
    """A ribbed band around the neckline."""
    rib = np.zeros(picture.shape[:2], np.uint8)
    centre = (450 * OVERSAMPLE, 168 * OVERSAMPLE)
    cv2.ellipse(rib, centre, (98 * OVERSAMPLE, 72 * OVERSAMPLE), 0, 4, 176, 1, 15 * OVERSAMPLE, cv2.LINE_8)
    inside = rib.astype(bool) & body
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    angle = np.arctan2(rows - centre[1], columns - centre[0])
    ribs = 0.94 + 0.10 * np.sin(angle * 150)
    shade = (0.92 * folds * ribs)[inside]
    picture[inside] = shade[:, None] * np.array(NAVY, np.float32)


def _print(picture: Field, folds: Field) -> None:
    """A word across the chest, which must stay legible."""
    text = np.zeros(picture.shape[:2], np.uint8)
    scale, thick = 1.9 * OVERSAMPLE, 6 * OVERSAMPLE
    (width, _), _ = cv2.getTextSize("ATELIER", cv2.FONT_HERSHEY_DUPLEX, scale, thick)
    at = ((WIDTH * OVERSAMPLE - width) // 2, 336 * OVERSAMPLE)
    cv2.putText(text, "ATELIER", at, cv2.FONT_HERSHEY_DUPLEX, scale, 255, thick, cv2.LINE_AA)
    alpha = (text / 255.0)[..., None].astype(np.float32)
    picture[:] = picture * (1 - alpha) + np.array(RUST, np.float32) * folds[..., None] * alpha
