"""The default segmenter: no weights, a model of the backdrop and a smallest cut around what is not backdrop.

Method: fit the backdrop from the frame inwards, follow cast shadows from it up to the first sharp edge, weigh each
pixel's colour distance against the backdrop's noise, and cut where the outline is short and on edges. Enclosed
backdrop is a hole only if it is as plain as the backdrop and close to the outside.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Matte, ModelCard, Plate
from stages.options import SegmentOptions
from stages.segment import backdrop as backdrops
from stages.segment.backdrop import Backdrop, Flags, Lab, connected
from stages.segment.cuts import minimal_cut

CARD = ModelCard("segmenter", "classical", None, "Apache-2.0")
#: Shadows are followed no farther than this share of the longer side.
SHADOW_REACH = 0.05
#: Steepest shadow, in L per pixel at 1024 px: contact shadows measured up to 5, outlines of dark cloth from 12.
SHADOW_SLOPE = 5.0
#: Steepest relative growth of a shadow per pixel; an outline in focus grows by its whole height in two pixels.
SHADOW_GROWTH = 0.4

#: How often the backdrop is fitted again to what the cut left of it.
PASSES = 2
#: A shadow ends at an edge of at least this many Delta E per pixel.
BOUNDING_EDGE = 3.0
#: Share of an edge's height that compression leaves around it (JPEG at quality 75 to 90: 0.01 to 0.03).
RINGING = 0.03
#: Least area of a hole as a share of the picture: 60 pixels at 768 x 1024.
HOLE_AREA = 8e-5
#: A hole is no larger than this share of the garment.
MOST_HOLE = 0.1
#: A hole is at most this share of the longer side, and most of its own length, away from the outside.
HOLE_WALL = 0.07
#: Shade along a hole's walls is this share of the longer side wide.
HOLE_SHADE = 0.006
#: Breaks up to twice this share of the longer side are mended: 10 pixels at 1024, a stripe across a strap.
MEND = 0.005
#: More holes than this are a pattern.
MANY_HOLES = 8

Field = npt.NDArray[np.float32]


def load(options: SegmentOptions) -> "Classical":  # noqa: ARG001 - every back-end is loaded with the options
    """Gives the segmenter. It has nothing to fetch and raises nothing."""
    return Classical()


class Classical:
    name = "classical"
    card = CARD

    def __call__(self, picture: Plate) -> Matte:
        """Gives the probability of garment, H x W float32, of an H x W x 3 uint8 sRGB picture."""
        colours = backdrops.lab(picture)
        backdrop = backdrops.fit(colours)
        edges = _edges(colours)
        stiffness = _stiffness(edges, backdrop)
        shadows = _cast_shadows(colours, backdrop, edges)
        for turn in range(PASSES):
            distance = np.linalg.norm(colours - backdrop.colour, axis=-1).astype(np.float32)
            evidence = _evidence(distance, backdrop)
            evidence[shadows] = -0.5
            evidence[backdrop.outside] = -0.5
            garment = minimal_cut(evidence, stiffness) > 0.5
            if turn + 1 < PASSES:
                backdrop = backdrops.refit(colours, backdrop, ~garment)
        garment = ~connected(~garment, backdrop.outside)
        holes = _holes(garment, colours, edges, backdrop)
        garment = _mend(garment & ~holes, holes, colours, backdrop)
        return _main_parts(garment, distance).astype(np.float32)


def _cast_shadows(colours: Lab, backdrop: Backdrop, edges: Field) -> Flags:
    """Finds the soft, untinted darkening that deepens from the outside up to a sharp edge.

    The rim of pale cloth is dark too, but it grows lighter inwards.
    """
    smooth = cv2.GaussianBlur(colours, (0, 0), 1.0)
    darkness = backdrop.colour[..., 0] - smooth[..., 0]
    tint = np.hypot(*np.moveaxis((smooth - backdrop.colour)[..., 1:], -1, 0))
    slope = _gradient(smooth[..., 0])
    floor = max(backdrops.FLOOR, 2 * backdrop.noise)
    away = cv2.distanceTransform((~backdrop.outside).astype(np.uint8), cv2.DIST_L2, 5)
    deepening = _along(darkness, cv2.GaussianBlur(away, (0, 0), 2.0))
    soft = (
        (darkness > 0)
        & (darkness < 0.6 * backdrop.colour[..., 0])
        & (tint < floor + 1.0 + 0.08 * darkness)
        & (slope < SHADOW_SLOPE)
        & (slope < 0.3 + SHADOW_GROWTH * (darkness + floor))
        & (deepening > 0.02 * darkness - floor / 4)
        & (_roughness(colours[..., 0]) < floor + 0.02 * darkness)
    )
    reach = round(SHADOW_REACH * max(darkness.shape))
    soft = connected((soft & (away < reach)) | backdrop.outside, backdrop.outside)
    return soft & ~backdrop.outside & _bounded(soft, edges)


def _bounded(region: Flags, edges: Field) -> Flags:
    """Tells the pixels of `region` whose nearest border has a sharp edge, by a vote along the border.

    Cloth as pale as its backdrop is soft and untinted too, but it goes on behind its border, where a shadow ends.
    """
    strength = cv2.dilate(edges, np.ones((5, 5), np.uint8))
    border = cv2.dilate(region.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~region
    sharp = (strength > BOUNDING_EDGE) & border
    size = (2 * round(0.015 * max(edges.shape)) + 1,) * 2
    votes = cv2.boxFilter(sharp.astype(np.float32), -1, size) / np.maximum(
        cv2.boxFilter(border.astype(np.float32), -1, size), 1e-6
    )
    _, nearest = cv2.distanceTransformWithLabels(
        (~border).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, dtype=np.float32)
    table[nearest[border]] = votes[border]
    return np.asarray(table[nearest] > 0.5, dtype=bool)


def _along(values: Field, way: Field) -> Field:
    """Gives the slope of `values` in the direction in which `way` rises."""
    slopes = [cv2.Sobel(each, cv2.CV_32F, *axis, scale=1 / 8) for each in (values, way) for axis in ((1, 0), (0, 1))]
    length = np.maximum(np.hypot(slopes[2], slopes[3]), 1e-3)
    return np.asarray((slopes[0] * slopes[2] + slopes[1] * slopes[3]) / length, dtype=np.float32)


def _gradient(values: Field) -> Field:
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(cv2.magnitude(across, down), dtype=np.float32)


def _edges(colours: Lab) -> Field:
    """Gives the gradient's length over all channels, in Delta E per pixel."""
    return np.asarray(np.sqrt(sum(np.square(_gradient(colours[..., i])) for i in range(3))), dtype=np.float32)


def _evidence(distance: Field, backdrop: Backdrop) -> Field:
    """Gives what each pixel says: -0.5 surely backdrop, 2 surely garment."""
    height = _highest(distance)
    limit = max(backdrops.FLOOR, 3.0 * backdrop.noise) + RINGING * height
    return np.asarray(np.clip((distance - limit) / (limit + 0.25 * height), -0.5, 2.0), dtype=np.float32)


def _stiffness(edges: Field, backdrop: Backdrop) -> Field:
    """Gives the price of an outline: low on edges that count among their neighbours."""
    scale = np.maximum(max(0.5, 2.0 * backdrop.noise), 0.2 * _highest(edges))
    return np.asarray(0.1 + 1.4 * np.exp(-edges / scale), dtype=np.float32)


def _highest(values: Field) -> Field:
    """Gives the highest value nearby. Compression rings by a share of an edge as far as its blocks reach, 16 px."""
    return np.asarray(cv2.dilate(values, np.ones((25, 25), np.uint8)), dtype=np.float32)


def _roughness(values: Field) -> Field:
    """Gives the least roughness nearby, so that a smooth place beside an edge counts as smooth."""
    rough = cv2.blur(np.abs(values - cv2.blur(values, (3, 3))), (3, 3))
    return np.asarray(cv2.erode(rough, np.ones((5, 5), np.uint8)), dtype=np.float32)


def _holes(garment: Flags, colours: Lab, edges: Field, backdrop: Backdrop) -> Flags:
    """Finds the gaps that a garment encloses: plain backdrop, perhaps in shade, behind sharp and narrow walls.

    A print in the backdrop's colour is farther from the outside, fades into cloth, or comes in numbers.
    """
    difference = colours - backdrop.colour
    distance = np.linalg.norm(difference, axis=-1)
    tint = np.hypot(difference[..., 1], difference[..., 2])
    floor = backdrops.FLOOR + 2 * backdrop.noise
    bleed = 0.02 * _highest(tint)
    untinted = garment & (tint < 3 * floor + 1.5 * bleed)
    # Retouchers whiten the backdrop but forget the gaps, and gaps lie in shade.
    plain = untinted & (np.abs(difference[..., 0] + 1) < 5 + 2 * floor)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.erode(plain.astype(np.uint8), np.ones((3, 3), np.uint8)), connectivity=4
    )
    away = cv2.distanceTransform(garment.astype(np.uint8), cv2.DIST_L2, 3)
    holes = []
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        if not HOLE_AREA * garment.size < area < MOST_HOLE * garment.sum():
            continue
        window = slice(max(0, y - 6), y + h + 6), slice(max(0, x - 6), x + w + 6)
        part = (labels[window] == index).astype(np.uint8)
        whole = cv2.dilate(part, np.ones((3, 3), np.uint8)).astype(bool)
        walls = cv2.dilate(part, np.ones((11, 11), np.uint8)).astype(bool) & garment[window] & ~whole
        length = float(np.hypot(w, h))
        slit = length * length > 3.5 * area
        wall = away[window][part > 0].min()
        near = 2 < wall < min(0.8 * length if slit else 0.15 * length, HOLE_WALL * max(garment.shape))
        even = np.median((tint - bleed)[window][whole]) < 1.1 * floor and distance[window][whole].std() < 3 * floor
        if near and even and walls.any() and np.percentile(distance[window][walls], 20) > 1.5 + 1.8 * floor:
            holes.append(index)
    if not 0 < len(holes) <= MANY_HOLES:
        return np.zeros_like(garment)
    found = cv2.morphologyEx(np.isin(labels, holes).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    found = cv2.dilate(found, np.ones((3, 3), np.uint8)).astype(bool)
    shaded = untinted & (np.abs(difference[..., 0] + 7) < 8) & (edges < 2 + floor)
    reach = 2 * round(HOLE_SHADE * max(garment.shape)) + 1
    around = cv2.dilate(found.astype(np.uint8), np.ones((reach, reach), np.uint8)).astype(bool)
    return connected(found | (shaded & around), found) & garment


def _mend(garment: Flags, holes: Flags, colours: Lab, backdrop: Backdrop) -> Flags:
    """Closes narrow breaks that differ from the backdrop otherwise than by shade, such as pale stripes of a strap.

    The wide parts of holes stay open: a hole may be whiter than the backdrop.
    """
    difference = colours - backdrop.colour
    tint = np.hypot(difference[..., 1], difference[..., 2])
    floor = backdrops.FLOOR + 2 * backdrop.noise
    size = 2 * round(MEND * max(garment.shape)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    closed = cv2.morphologyEx(garment.astype(np.uint8), cv2.MORPH_CLOSE, disc).astype(bool)
    cloth = (tint > floor) | (np.abs(difference[..., 0]) > floor) & (difference[..., 0] > 0)
    wide = cv2.morphologyEx(holes.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(bool)
    return np.asarray(garment | (closed & cloth & ~wide), dtype=bool)


def _main_parts(garment: Flags, distance: Field) -> Flags:
    """Drops specks and stains: parts that stand out, area times distance, less than 2 % of what the main part does."""
    count, labels = cv2.connectedComponents(garment.astype(np.uint8), connectivity=8)
    if count < 2:
        return garment
    weight = np.bincount(labels.ravel(), weights=distance.ravel(), minlength=count)
    weight[0] = 0
    return np.asarray((weight >= 0.02 * weight.max())[labels], dtype=bool)
