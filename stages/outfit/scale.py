"""How large each photo of an outfit is shown: as told, or so that all fit one body."""

import numpy as np

from stages.contracts import Cutout, Shape
from stages.errors import ConfigError
from stages.outfit import turning
from stages.outfit.kinds import ACCESSORIES, Kind
from stages.outfit.options import LENGTHS, Measured, Worn
from stages.outfit.spots import throat
from stages.pose.body import WAIST, Body, measure

#: Widths of accessories as shares of stature where no scale is told: a low shoe from heel to toe (foot length 0.152,
#: Drillis and Contini 1966, and the shoe's own tenth), a shoe seen from its toe, the crown of a hat (head breadth with
#: hair), a bag, a necklace and a scarf lying on a chest, glasses (14 cm of 170), what is seen of a watch (a wrist of
#: 6 cm), a ring; and the height of an earring, which is a guess at 3 cm.
SHOE, TOE, CROWN, BAG, NECKLACE, SCARF = 0.167, 0.068, 0.1, 0.17, 0.1, 0.15
GLASSES, WATCH, RING, EARRING = 0.0825, 0.036, 0.0125, 0.018
#: The breadth of a neck, with a finger's room beside it: the opening of a scarf that hangs around it.
NECK = 0.075
#: A pair that touches in its photo is so much wider than one shoe.
PAIR = 1.45
#: Nobody's garment is shown at a thirtieth of its photo's pixels or sixteen times as large: that is a slip.
LEAST, MOST = 1 / 32, 16.0
#: Beyond this, pixels are seen, or most of the photo's are lost: a run says so.
COARSE, WASTED = 1.6, 0.4


def span(name: str, shape: Shape, matte_box: tuple[int, int, int, int]) -> float:
    """Returns a length of a garment in its photo's pixels, by its name in `Measured`; ConfigError if it shows none."""
    x0, y0, x1, y1 = matte_box
    if name in ("length_cm", "width_cm"):
        return float(y1 - y0 if name == "length_cm" else x1 - x0)
    part = {"shoulder_cm": "shoulder", "chest_cm": "armpit", "waist_cm": "waist"}[name]
    marks = shape.landmarks
    if f"right_{part}" not in marks or f"left_{part}" not in marks:
        raise ConfigError(f"{name} is told, and no {part} is seen on the garment: tell length_cm or width_cm instead")
    right, left = marks[f"right_{part}"], marks[f"left_{part}"]
    return float(np.hypot(right[0] - left[0], right[1] - left[1]))


def per_cm(told: Measured, shape: Shape, matte_box: tuple[int, int, int, int], kind: Kind) -> float | None:
    """Returns the pixels of a photo to a centimetre, where that was told."""
    if told.px_per_cm is not None:
        return told.px_per_cm
    for name in LENGTHS:
        length = getattr(told, name)
        if length is not None:
            along = "width_cm" if kind == "shoes" and name == "length_cm" else name  # a shoe's length lies across
            return span(along, shape, matte_box) / float(length)
    return None


def factor(
    told: Worn, cutout: Cutout, kind: Kind, box: tuple[int, int, int, int], pieces: int, body: Body, per_cm_there: float
) -> tuple[float, str]:
    """Returns the first photo's pixels to a pixel of this one, and how that was found, in words.

    `body` is in the first photo's pixels, `per_cm_there` its pixels to a centimetre; `box` is the cut-out's, of which
    it shows `pieces`.
    """
    if told.scale is not None:
        found, how = told.scale, "as told"
    elif (own := per_cm(told, cutout.shape, box, kind)) is not None:
        found, how = per_cm_there / own, "by its centimetres"
    elif kind in ACCESSORIES:
        found, how = accessory(cutout, kind, box, pieces, body), "by the body's proportions"
    else:
        found, how = body.stature / measure(cutout.shape).stature, "by the body's proportions"
    if not LEAST <= found <= MOST:
        raise ConfigError(f"{told.photo} would be shown at {found:.3g} times its size: tell its scale")
    return found, how


def accessory(cutout: Cutout, kind: Kind, box: tuple[int, int, int, int], pieces: int, body: Body) -> float:
    """Returns the scale at which an accessory fits a body."""
    x0, y0, x1, y1 = box
    wide, tall = x1 - x0, y1 - y0
    if kind == "shoes":
        if pieces > 1:
            return body.stature * (SHOE if wide >= turning.SIDEWAYS * tall else TOE) / wide
        return body.stature * PAIR * (SHOE if wide >= turning.SIDEWAYS * tall else TOE) / wide
    if kind == "hat":
        return body.stature * CROWN / crown(cutout.matte[y0:y1, x0:x1])
    if kind == "belt":
        return body.stature * 0.185 / wide
    cloth = cutout.matte if cutout.inside is None else np.maximum(cutout.matte, cutout.inside)
    nape = throat(cloth[y0:y1, x0:x1] > 0.5) if kind == "scarf" else None
    if nape is not None:
        return body.stature * NECK / max(1, nape[2] - nape[1])
    if kind == "earrings":
        return body.stature * EARRING / tall
    shares = {"bag": BAG, "necklace": NECKLACE, "scarf": SCARF, "glasses": GLASSES, "watch": WATCH, "ring": RING}
    return body.stature * shares[kind] / wide


def crown(matte: np.ndarray) -> float:
    """Returns the width of a hat's crown, without its brim: that of its upper half at the widest, in pixels."""
    runs = np.count_nonzero(matte[: max(1, len(matte) // 2)] > 0.5, axis=1)
    return float(max(1, np.quantile(runs, 0.9)))


def row_of(shape: Shape) -> float:
    """Returns the height above the floor, a share of stature, at which a garment is held to the body."""
    return WAIST if shape.from_waist else 0.812
