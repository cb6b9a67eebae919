"""The layers of an outfit over one another, as one thing that is kept.

Where an upper layer is opaque its pixels are core. Its edge band lies over what is below: over a lower layer the colour
is matte * F + (1 - matte) * lower, known without any painter and yet no photo's own pixel, so that it counts as edge.
The lower one is darkened there, by the contact shadow of the upper: as far as it reaches without touching a kept pixel.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stages.arrays import BELOW_ONE
from stages.contracts import RGB, Category, Layer, Mask, Placed, Point, Shape
from stages.outfit.kinds import ACCESSORIES, LOWER, UPPER

Flags = npt.NDArray[np.bool_]

#: How much of the light a garment takes at its edge from what it lies on. Beyond the edge band that is core, and exact.
CREASE = 0.5


def compose(layers: Sequence[Layer], notes: tuple[str, ...] = ()) -> Placed:
    """Returns an outfit's layers, back to front and of one canvas, as one placed thing.

    Its placement is that of the first photo, its body and framing those of its layers, its landmarks those that a
    body in it goes by: the outermost shoulders and sleeves, and the lowest hem.
    """
    boxes = np.array([each.placed.box for each in layers])
    x0, y0, x1, y1 = (int(each) for each in (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)))
    first = next(each for each in layers if each.source == 0).placed
    alpha = np.zeros((y1 - y0, x1 - x0), np.float32)
    colours = np.zeros((y1 - y0, x1 - x0, 3), np.float32)
    exact = np.zeros(alpha.shape, np.bool_)
    for layer in layers:
        placed = layer.placed
        left, top = placed.box[0] - x0, placed.box[1] - y0
        there = slice(top, top + placed.matte.shape[0]), slice(left, left + placed.matte.shape[1])
        over = placed.matte
        under = (1 - over) * alpha[there]
        both = over + under
        shaded = (under * (1 - CREASE * over))[..., None] * colours[there]
        mixed = (over[..., None] * placed.foreground + shaded) / np.maximum(both, 1e-6)[..., None]
        colours[there] = np.where(
            (over == 1)[..., None], placed.pixels, np.where((over == 0)[..., None], colours[there], mixed)
        )
        exact[there] = (over == 1) | ((over == 0) & exact[there])
        alpha[there] = np.minimum(both, 1)
    kind = first.pixels.dtype
    whole = np.clip(np.rint(colours), 0, 65535 if kind == np.uint16 else 255)
    foreground: RGB = whole.astype(np.uint16) if kind == np.uint16 else whole.astype(np.uint8)
    return Placed(
        width=first.width,
        height=first.height,
        placement=first.placement,
        box=(x0, y0, x1, y1),
        pixels=foreground,
        foreground=foreground,
        icc=first.icc,
        matte=np.where(exact, np.float32(1), np.minimum(alpha, BELOW_ONE)),
        shape=_shape(layers),
        framing=first.framing,
        body=first.body,
        layers=tuple(layers),
        notes=notes,
    )


def clothing(placed: Placed) -> Placed:
    """Returns an outfit without its accessories: what a body is fitted into, and arms hang clear of."""
    garments = [each for each in placed.layers if each.kind not in ACCESSORIES]
    return compose(garments, placed.notes) if 0 < len(garments) < len(placed.layers) else placed


def numbered(placed: Placed) -> Mask:
    """Returns whose core each pixel of the canvas is, H x W: n for the n-th layer from the back, 0 for none's."""
    found = np.zeros((placed.height, placed.width), np.uint8)
    for number, layer in enumerate(placed.layers, 1):
        there = found[layer.placed.window]
        there[layer.placed.matte > 0] = 0
        there[layer.placed.matte == 1] = number
    return found


def _shape(layers: Sequence[Layer]) -> Shape:
    garments = [each for each in layers if each.kind not in ACCESSORIES]
    upper = [each for each in garments if each.kind in UPPER]
    lower = [each for each in garments if each.kind in LOWER]
    coats = [each for each in garments if each.kind == "outerwear"]
    category = _category(bool(upper), lower[-1].kind if lower else None, bool(coats), {e.kind for e in upper})
    marks: dict[str, Point] = {}
    for layer in (*lower, *upper, *coats):
        own = layer.placed.shape.landmarks
        if layer.kind in LOWER and (upper or coats):
            own = {}
        elif layer.kind == "outerwear" and upper:
            # The neckline is that of what is worn beneath.
            own = {name: point for name, point in own.items() if name not in ("collar", "right_strap", "left_strap")}
        marks |= own
    lowest = max(garments, key=lambda each: _hem(each.placed))
    for name in ("right_hem", "left_hem", "crotch"):
        marks.pop(name, None)
        if name in lowest.placed.shape.landmarks:
            marks[name] = lowest.placed.shape.landmarks[name]
    confidence = min(each.placed.shape.confidence for each in garments)
    return Shape(category, confidence, marks)


def _category(upper: bool, lower: str | None, coat: bool, uppers: set[str]) -> Category:
    """Returns what an outfit is to the figure: what hangs from the shoulders and reaches over the legs is a dress."""
    if (upper and lower) or "dress" in uppers:
        return "dress"
    if upper:
        return "swim" if uppers == {"swim"} and not coat else "top"
    if coat:
        return "outerwear"
    return "skirt" if lower == "skirt" else "bottom"


def _hem(placed: Placed) -> float:
    marks = placed.shape.landmarks
    hems = [marks[name][1] for name in ("right_hem", "left_hem") if name in marks]
    return max(hems, default=float(placed.box[3] - 1) if "crotch" not in marks else marks["crotch"][1])
