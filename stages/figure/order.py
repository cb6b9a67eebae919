"""What of a garment lies behind the figure: the body hides it there, and beside the body it is seen.

The inner back collar of a shirt, its label, the back of an open neckline, the lining of a hood: a cut-out says which
pixels are such an inside, and leaves them out, since without a body no one knows where the neck will be. With the body
it is known: what its skin does not cover is the garment's again, pixel for pixel.
"""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import nearest
from stages.contracts import Layer, Matte, Placed
from stages.figure.records import Posed
from stages.outfit.compose import compose

#: Coverage is counted on a grid this many times as fine.
FINE = 4
#: Coverage nearer to all or nothing than this is that.
SNAP = 0.02
#: Slivers of an inside smaller than this share of the canvas are left to the neck: they look like faults.
SLIVER = 2e-5


def settled(placed: Placed, posed: Posed) -> Placed:
    """Returns the garment with what of its inside is seen beside the figure; `placed.inside` is then None.

    Of an outfit each layer is settled: what is worn beneath it hides its inside as the body does.
    """
    if placed.layers:
        return compose(_settled(placed, posed), placed.notes)
    inside = placed.inside
    if inside is None or not inside.any():
        return replace(placed, inside=None)
    # A pixel deep under the skin's edge: half-covered pixels would let the scene through between skin and cloth.
    seen = inside * (1 - cv2.erode(skin(posed, placed), np.ones((3, 3), np.uint8)))
    seen = np.clip((seen - SNAP) / (1 - 2 * SNAP), 0, 1)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((seen > 0).astype(np.uint8))
    small = stats[:, cv2.CC_STAT_AREA] < SLIVER * placed.width * placed.height
    seen = np.where(small[labels], np.float32(0), seen)
    matte = np.minimum(placed.matte + seen, 1)
    matte = np.where(matte > 1 - SNAP, np.float32(1), matte).astype(np.float32)
    changed = seen > 0
    # Where the inside itself is soft, towards the old backdrop, its colour is that of the cloth beside.
    whole = np.minimum(placed.matte + inside, 1) >= 1 - SNAP
    colours = placed.foreground.copy()
    colours[changed & whole] = placed.pixels[changed & whole]
    soft = changed & ~whole
    if soft.any() and whole.any():
        colours[soft] = placed.pixels.reshape(-1, 3)[nearest(whole, soft)[1]]
    return replace(placed, matte=matte, foreground=colours, inside=None)


def _settled(outfit: Placed, posed: Posed) -> list[Layer]:
    found: list[Layer] = []
    beneath = np.zeros((outfit.height, outfit.width), np.float32)
    for layer in outfit.layers:
        placed = layer.placed
        there = beneath[placed.window]
        if placed.inside is not None and layer.kind != "bag":
            placed = replace(placed, inside=placed.inside * (1 - there))
        np.maximum(there, placed.matte, out=there)
        found.append(replace(layer, placed=settled(placed, posed)))
    return found


def skin(posed: Posed, placed: Placed) -> Matte:
    """Returns how much of each pixel of the garment's box the body's skin covers, in [0, 1]."""
    x0, y0, x1, y1 = placed.box
    surface = posed.surfaces["skin"].drawn
    corners = (surface.vertices[:, :2] - (x0 - 0.5, y0 - 0.5)) * FINE
    near = _in_box(corners[surface.faces], (x1 - x0) * FINE, (y1 - y0) * FINE)
    drawn = np.zeros(((y1 - y0) * FINE, (x1 - x0) * FINE), np.uint8)
    for triangle in np.rint((corners[surface.faces[near]] - 0.5) * 16).astype(np.int32):
        cv2.fillConvexPoly(drawn, triangle, 255, cv2.LINE_8, 4)
    small = cv2.resize(drawn, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return np.asarray(small.astype(np.float32) / np.float32(255))


def _in_box(triangles: npt.NDArray[np.floating], width: float, height: float) -> npt.NDArray[np.bool_]:
    low, high = triangles.min(axis=1), triangles.max(axis=1)
    return np.asarray((high[:, 0] >= 0) & (high[:, 1] >= 0) & (low[:, 0] < width) & (low[:, 1] < height))
