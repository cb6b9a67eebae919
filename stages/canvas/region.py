"""Inpainting keeps everything but a region: read from a picture, given as a box, or found under a point."""

from math import ceil, floor

import cv2
import numpy as np
import numpy.typing as npt

from stages import colour
from stages.arrays import lengths
from stages.contracts import Box, Photo, Point
from stages.errors import ConfigError, NotFoundError
from stages.matte import marks
from stages.options import InpaintOptions

Flags = npt.NDArray[np.bool_]

#: The thing under a point is looked for within this share of the photo's longer side around it...
_SEARCH = 0.25
#: ...at this many pixels, so that its size in the photo does not matter.
_SMALL = 512
#: Colours, in CIELAB units, by which a thing may differ from its middle.
_TOLERANCES = (4, 6, 8, 11, 15, 20, 26, 33, 41)
#: Soft outlines and compression reach this far around a thing, as a share of the searched part's side.
_RIM = 0.008


def select(photo: Photo, options: InpaintOptions) -> tuple[Flags, tuple[str, ...]]:
    """The region to generate, H x W, as the union of what mask, box and point say, and what was made of the mask.

    Raises ConfigError when none is given, none of it lies in the photo, or the mask does not fit the photo;
    NotFoundError when nothing stands out under the point.
    """
    region = np.zeros((photo.height, photo.width), bool)
    said: tuple[str, ...] = ()
    if options.mask is None and options.box is None and options.point is None:
        raise ConfigError("inpaint needs to know where: give --mask FILE, --box x0,y0,x1,y1 or --point x,y")
    if options.mask is not None:
        found = marks.read(options.mask, photo, "mask")
        region |= marks.region(found, options.mask.name, options.mask_white)
        said = found.said
    if options.box is not None:
        x0, y0, x1, y1 = (float(each) for each in options.box.split(","))
        if not (x0 < photo.width and y0 < photo.height):
            raise ConfigError(
                f"no pixel of the photo is marked: {photo.width} x {photo.height} do not reach the box {options.box}"
            )
        region[floor(y0) : ceil(y1), floor(x0) : ceil(x1)] = True
    if options.point is not None:
        x, y = (int(float(each)) for each in options.point.split(","))
        if not (x < photo.width and y < photo.height):
            raise ConfigError(f"point {options.point} lies outside the photo, {photo.width} x {photo.height}")
        region |= under(photo, (x, y))
    if not region.any():
        raise ConfigError("no pixel of the photo is marked: check the mask or the box")
    if region.all():
        raise ConfigError("all of the photo is marked: nothing would be kept")
    return region, said


def bounds(region: Flags) -> Box:
    """Returns the box of a region that is not empty."""
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def around(box: Box, width: int, height: int, pixels: int) -> Box:
    """Returns the part of a width x height photo that a painter is shown of a region's box.

    It holds the box with as much again on each side, and at least `pixels` of the photo, so that a model of that size
    paints at the photo's own resolution whatever the photo's is.
    """
    across, down = box[2] - box[0], box[3] - box[1]
    side = max(3 * max(across, down), 192, round(pixels**0.5))
    x0, x1 = _span(box[0], box[2], max(side, 2 * across), width)
    y0, y1 = _span(box[1], box[3], max(side, 2 * down), height)
    return x0, y0, x1, y1


def _span(low: int, high: int, length: int, limit: int) -> tuple[int, int]:
    length = min(length, limit)
    start = min(max(0, (low + high - length) // 2), limit - length)
    return start, start + length


def under(photo: Photo, point: Point) -> Flags:
    """Returns the thing under a point: what its colour reaches before it would spill over into the surroundings.

    Regions of like colour around the point are grown with ever looser tolerance; taken is the largest one before the
    jump in area at which it runs out (as maximally stable regions: Matas et al. 2002). Holes in it are filled.
    """
    x, y = round(point[0]), round(point[1])
    reach = max(32, round(_SEARCH * max(photo.width, photo.height)))
    x0, y0, x1, y1 = max(0, x - reach), max(0, y - reach), min(photo.width, x + reach), min(photo.height, y + reach)
    part = photo.pixels[y0:y1, x0:x1]
    shrink = min(1.0, _SMALL / max(part.shape[:2]))
    size = max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink))
    seen = colour.to_srgb(cv2.resize(part, size, interpolation=cv2.INTER_AREA), photo.icc)
    seed = min(size[0] - 1, int((x - x0) * shrink)), min(size[1] - 1, int((y - y0) * shrink))
    lab = cv2.cvtColor(seen.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    thing = _filled(_stable(cv2.bilateralFilter(lab, 5, 8, 3), seed))
    if thing[[0, -1]].mean() > 0.25 or thing[:, [0, -1]].mean() > 0.25 or thing.mean() > 0.5:
        raise NotFoundError(f"nothing stands out under the point {x},{y}: give a --box or a --mask")
    rim = 2 * max(1, round(_RIM * max(size))) + 1
    grown = cv2.dilate(thing.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rim, rim)))
    region = np.zeros((photo.height, photo.width), bool)
    region[y0:y1, x0:x1] = cv2.resize(grown, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR) > 0
    return region


def _stable(lab: npt.NDArray[np.float32], seed: tuple[int, int]) -> Flags:
    """Returns the largest region around the seed before tolerance lets it grow to more than twice its size."""
    patch = lab[max(0, seed[1] - 1) : seed[1] + 2, max(0, seed[0] - 1) : seed[0] + 2]
    middle = np.median(patch.reshape(-1, 3), axis=0)
    distance = lengths(lab - middle)
    found: list[Flags] = []
    for tolerance in _TOLERANCES:
        like = (distance <= tolerance).astype(np.uint8)
        like[seed[1], seed[0]] = 1
        _, labels = cv2.connectedComponents(like, connectivity=4)
        found.append(labels == labels[seed[1], seed[0]])
    areas = [int(each.sum()) for each in found]
    least = 9
    for index in range(len(found) - 1):
        if areas[index] >= least and areas[index + 1] > 2 * areas[index]:
            return found[index]
    return found[-1]


def _filled(thing: Flags) -> Flags:
    """Fills what a thing encloses: the print on a label, the holes of a button."""
    outside = np.pad(~thing, 1, constant_values=True).astype(np.uint8)
    _, labels = cv2.connectedComponents(outside, connectivity=4)
    return np.asarray(labels[1:-1, 1:-1] != labels[0, 0], bool)
