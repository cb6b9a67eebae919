"""The front edge of a neck in which a brand label is seen.

A label tells that the inside of a back is seen, and from where on: so an edge is believed on less evidence than where
nothing says that there is one. It is looked for as a curve of one family, superellipses from end to end of the neck,
which holds V, scoop and square necks, by the change of colour along it and by its being lighter than what lies behind;
then it is followed pixel by pixel.
"""

import itertools
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Plate
from stages.find.neck import (
    ABOVE,
    ANGLES,
    BELOW,
    BESIDE,
    CENTRE,
    END_RAYS,
    NEAR,
    PARTS,
    RAYS,
    WIDE,
    Neck,
    Path,
    Points,
    best_path,
    evidence,
)
from stages.matte.backdrop import Flags, Lab, lab

#: Labels are so wide and so high, least and most, in widths of the neck; their middle is this near to the neck's.
LEAST, MOST, ASIDE = (0.09, 0.035), (0.42, 0.28), 0.2
#: Their upper side is so near below the back's outline, in widths.
DEEP = 0.32
#: Share of the smallest rectangle around a label that it fills, and its contrast with what surrounds it, in Delta E.
FILL, CONTRAST = 0.82, 10.0
#: A colour that more than this share of the cloth has is a pattern's.
COMMON = 0.1
#: Levels at which a channel is cut to find them, in percent of its pixels, on plain cloth and on a pattern.
LEVELS, FINELY = range(4, 100, 8), range(4, 100, 4)
#: Side of the square whose quartiles leave a label of a pattern, in pixels: labels are wider, most checks finer. Cloth
#: is patterned from this median difference of its lightness to that square's mean on (plain cloth has 1, gingham 11).
PATTERN, ROUGH = 13, 4.0
#: Cloth that is seen below a label, in pixels.
CLEAR = 14
#: Curves: exponents across and down, shift of the lowest point, share of the neck's width, and the step in depth. Necks
#: are seldom as wide as their ends lie apart, and the step is what the search resolves, in pixels.
ACROSS, DOWN = (1.0, 1.3, 1.7, 2.2, 3.0, 4.0), (1.0, 1.4, 2.0, 3.0)
SHIFTS, SHARES, DEPTHS = (-0.12, -0.06, 0.0, 0.06, 0.12), (0.9, 0.95, 1.0, 1.05), 3
#: An edge may lie this far from the curve, in pixels, when it is looked for and when it is followed.
NEARBY, BESIDE_CURVE = 1, 4
#: Confidence from which an edge under a label is believed. Wrong edges came to 0.51 on real photos, and to
#: 0.45 on drawn fronts without an inside, where something else was taken for a label.
TOLD = 0.58
#: Of seven round necks on real photos six end 0.03 to 0.12 widths over the pit of the neck of the body that the outline
#: tells, one 0.05 below it. How much that counts beside the evidence, and how many spreads a curve may lie off; above
#: the usual place these count a tenth.
OVER_PIT, SPREAD, HIGH, PRIOR, MOST_OFF = 0.06, 0.06, 0.1, 0.5, 2.0
#: Weight of colour against lightness when the edge is followed, and the price and most of its moves.
COLOUR, MOVE, STRIDE = 0.5, 0.04, 3


@dataclass(frozen=True, slots=True)
class Box:
    """A label's place in the window, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


def find(window: Plate, cloth: Flags) -> Box | None:
    """Returns the label that is seen in a neck, or None: an even rectangle below the back's outline, unlike its cloth.

    `window` is H x W x 3 sRGB, as `neck.upright` lays it, and `cloth` tells the garment's pixels.
    """
    colours = cv2.GaussianBlur(lab(window), (0, 0), 0.8)
    found = _clearest(colours, cloth)
    rough = np.abs(colours[..., 0] - cv2.blur(colours[..., 0], (PATTERN, PATTERN)))
    if found is not None or not cloth.any() or np.median(rough[cloth]) < ROUGH:
        return found
    # On checks and stripes a label is seen once they, and its own letters, are blurred into one colour.
    lighter, darker = (_clearest(lab(quantile(window, share)), cloth, FINELY) for share in (0.75, 0.25))
    return lighter or darker


def quantile(window: Plate, share: float) -> Plate:
    """Returns the value that a share of the pixels in a square of side `PATTERN` about each pixel does not exceed."""
    blurred = window.copy()
    strip, found = window[: ABOVE + WIDE], blurred[: ABOVE + WIDE]
    found[:] = 0
    # The value is how many levels no more than the share is at or below.
    for level in range(255):
        low = cv2.boxFilter(
            (strip <= level).view(np.uint8), -1, (PATTERN,) * 2, normalize=False, borderType=cv2.BORDER_REPLICATE
        )
        found += low <= int(share * PATTERN * PATTERN)
    return blurred


def _clearest(colours: Lab, cloth: Flags, levels: range = LEVELS) -> Box | None:
    top = np.where(cloth.any(axis=0), cloth.argmax(axis=0), len(cloth))
    rows, columns = np.arange(cloth.shape[0])[:, None], np.arange(cloth.shape[1])
    middle = np.abs(columns - BESIDE - WIDE / 2) < 0.35 * WIDE
    zone = cloth & middle & (rows > top + 1) & (rows < top + WIDE / 2)
    if zone.sum() < WIDE:
        return None
    lines = np.flatnonzero(zone.any(axis=1))
    strip = slice(max(0, lines[0] - 4), lines[-1] + 5)
    best, found = 0.0, None
    limits = np.percentile(colours[zone], list(levels), axis=0)
    for channel, level in itertools.product(range(3), range(len(levels))):
        values, limit = colours[..., channel], limits[level, channel]
        for part in (values > limit, values < limit):
            box, clear = _rectangle((part & zone)[strip], colours[strip], cloth[strip], top - strip.start)
            box = replace(box, top=box.top + strip.start, bottom=box.bottom + strip.start)
            if clear > best and not _is_pattern(box, part & zone, colours, cloth):
                best, found = clear, box
    return found


def _rectangle(part: Flags, colours: Lab, cloth: Flags, top: npt.NDArray[np.intp]) -> tuple[Box, float]:
    """Returns the clearest rectangle of the pixels `part`, and how clear it is, in [0, 1]."""
    closed = cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, labels, stats, centres = cv2.connectedComponentsWithStats(closed, connectivity=4)
    best, found = 0.0, Box(0, 0, 0, 0)
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    sized = (LEAST[0] * WIDE < wide) & (wide < MOST[0] * WIDE) & (wide > 0.9 * high)
    sized &= (LEAST[1] * WIDE < high) & (high < MOST[1] * WIDE)
    sized &= np.abs(centres[:, 0] - BESIDE - WIDE / 2) <= ASIDE * WIDE
    for index in np.flatnonzero(sized[1:]) + 1:
        x, y, w, h = (int(v) for v in stats[index, :4])
        over = top[x : x + w]
        # Many are sewn to the outline itself; a hook or a hanger lies beyond it.
        if y - over.min() > DEEP * WIDE or y + h / 4 <= over.max():
            continue
        inside = (labels == index).astype(np.uint8)
        outline = max(cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=cv2.contourArea)
        _, (long, short), _ = cv2.minAreaRect(outline)
        fill = cv2.contourArea(outline) / max(1.0, long * short)
        around = (cv2.dilate(inside, np.ones((7, 7))) > 0) & (cv2.dilate(inside, np.ones((3, 3))) == 0) & cloth
        if fill < FILL or not around.any():
            continue
        contrast = np.linalg.norm(np.median(colours[inside > 0], axis=0) - np.median(colours[around], axis=0))
        clear = fill * min(1.0, float(contrast) / (2 * CONTRAST))
        if contrast > CONTRAST and clear > best:
            best, found = clear, Box(x, y, x + w, y + h)
    return found, best


def _is_pattern(box: Box, part: Flags, colours: Lab, cloth: Flags) -> bool:
    """Tells checks, dots and prints, of which there are others or whose colour is common, from a label.

    Others count beside it: what is printed on a front below is none of it.
    """
    place = slice(box.top, box.bottom), slice(box.left, box.right)
    if part[: box.bottom].sum() - part[place].sum() > (box.bottom - box.top) * (box.right - box.left):
        return True
    own = np.median(colours[place].reshape(-1, 3), axis=0)
    others = cloth.copy()
    others[place] = False
    alike = np.linalg.norm(colours[others] - own, axis=1) < CONTRAST
    return bool(alike.mean() > COMMON)


def edge(neck: Neck, label: Box, pit: float | None = None) -> tuple[Path, float]:
    """Returns the front's edge below a label, an index of radius for each ray, and how sure it is, in [0, 1].

    Where no edge is sure and `pit`, the row of the pit of the wearer's neck, is known, the edge is the best curve near
    it, as sure as the label: a label tells that there is an inside, and fronts end near the pit.
    """
    curves = _curves(label)
    if not len(curves):
        return np.zeros(RAYS, np.intp), 0.0
    hidden = (neck.x > label.left - 6) & (neck.x < label.right + 6)
    hidden &= (neck.y > label.top - 6) & (neck.y < label.bottom + CLEAR - 4)
    change = np.where(hidden, 0, evidence(neck.change, neck.cloth & ~hidden)).astype(np.float32)
    lighter = np.where(hidden, 0, np.maximum(neck.step, 0)).astype(np.float32)
    rays = np.arange(RAYS)
    near = cv2.dilate((change + lighter) / 2, np.ones((2 * NEARBY + 1, 1), np.uint8))
    seen = near[np.clip(np.rint(curves - NEAR).astype(np.intp), 0, len(change) - 1), rays][:, END_RAYS:-END_RAYS]
    parts = np.stack([each.mean(axis=1) for each in np.array_split(seen, PARTS, axis=1)])
    sure = np.sort(parts, axis=0)[1]
    best = int(np.argmax(sure))
    if sure[best] < TOLD and pit is not None:
        off = (CENTRE[1] + curves[:, RAYS // 2] - pit + OVER_PIT * WIDE) / (SPREAD * WIDE)
        # A curve that lies high leaves some of the inside; one that lies low takes of the front.
        best = int(np.argmax(sure + PRIOR * np.exp(-0.5 * np.square(np.where(off < 0, HIGH * off, off)))))
        if abs(off[best]) < MOST_OFF:
            return np.rint(curves[best] - NEAR).astype(np.intp), TOLD
        best = int(np.argmax(sure))
    off = np.abs(np.arange(len(change))[:, None] + NEAR - curves[best])
    return best_path(neck.step + COLOUR * change, off < BESIDE_CURVE, MOVE, STRIDE), float(sure[best])


def _curves(label: Box) -> Points:
    """Returns the curves that pass below a label, N x RAYS: their radius on each ray, in pixels."""
    family = _family()
    x, y = CENTRE[0] + np.cos(ANGLES) * family, CENTRE[1] + np.sin(ANGLES) * family
    beside = (x <= label.left) | (x >= label.right)
    return np.asarray(family[np.all(beside | (y >= label.bottom + CLEAR), axis=1)])


@cache
def _family() -> Points:
    """Returns all curves that a front's edge may take, as `_curves` does."""
    u = np.linspace(-1, 1, 201)
    depths = np.arange(20, BELOW - ABOVE, DEPTHS)[:, None]
    found = []
    for across, down, shift, share in itertools.product(ACROSS, DOWN, SHIFTS, SHARES):
        x = BESIDE + (1 + share * (u + shift * (1 - u * u))) * WIDE / 2
        y = ABOVE + (1 - np.abs(u) ** across) ** (1 / down) * depths
        angle, radius = np.arctan2(y - CENTRE[1], x - CENTRE[0]), np.hypot(y - CENTRE[1], x - CENTRE[0])
        once = np.all(np.diff(angle) < 0, axis=1)  # seen once on each ray
        found += [np.interp(-ANGLES, -angle[row], radius[row]) for row in np.flatnonzero(once)]
    return np.array(found)
