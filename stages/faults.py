"""Measures of what generated pictures get wrong around a garment. All of them are 0 or 1 at best and only warn."""

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import nearest
from stages.canvas import mask
from stages.contracts import RGB, Matte, Placed, Plate

Colours = npt.NDArray[np.float32]
Field = npt.NDArray[np.float32]
Region = npt.NDArray[np.bool_]

#: Longer side at which seam and expansion are measured: their bands are then the same for every photo.
SMALL = 1024

#: Differences below this, in CIELAB units, pass for the same colour. Cloth in one garment differs by 5 to 10.
_SAME_COLOUR = 12.0
#: Less chroma than this passes for black, grey or white; darker than this is as good as black (a navy top has 10).
_NEUTRAL, _DARK = 12.0, 22.0
#: Limbs that other clothes cover, as pairs of body-18 joints with their breadth in shoulder widths.
_BELOW = ((8, 11, 1.0), (8, 9, 0.65), (9, 10, 0.5), (11, 12, 0.65), (12, 13, 0.5))
_ABOVE = ((2, 5, 0.5), (1, 8, 0.8), (1, 11, 0.8), (8, 11, 0.8), (2, 3, 0.45), (5, 6, 0.45))
#: Gradients are compared above this floor, as a share of full scale, so that a plain studio is no divisor.
_LEAST_GRADIENT = 0.012
#: A pixel can be told from the backdrop if they are further apart than this, in 8-bit levels.
_TELLS = 16.0
#: Core pixels this near to the edge band are held to have come from the backdrop if they look like it.
_RIM = 2


def small(picture: RGB, placed: Placed) -> tuple[Plate, Matte]:
    """Returns the picture as 8-bit, its longer side at most 1024, and the matte of the same size."""
    height, width = picture.shape[:2]
    shrink = min(1.0, SMALL / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    reduced = picture if shrink == 1 else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return eight_bits(reduced), mask.coverage(placed, *size)


def eight_bits(picture: RGB) -> Plate:
    """Returns a picture of 8 or 16 bits with 8."""
    if picture.dtype == np.uint8:
        return np.asarray(picture, np.uint8)
    return cv2.convertScaleAbs(picture, alpha=1 / 257)


def seam(picture: Plate, matte: Matte) -> float:
    """Returns how much busier the generated side is along the garment's outline than further out.

    The largest mean gradient of the rings, 2 pixels wide, up to 12 pixels outside the outline, over the mean gradient
    from there to 30 pixels, at a longer side of 1024: 1 means like the surroundings; a rim, or a second outline that
    the model painted, raises it.
    """
    gradient, near, far = _rings(picture, matte)
    if not near or not far.any():
        return 1.0
    worst = max(float(gradient[ring].mean()) for ring in near if ring.any())
    return (worst + _LEAST_GRADIENT) / (float(gradient[far].mean()) + _LEAST_GRADIENT)


def seam_map(picture: Plate, matte: Matte) -> Field:
    """Returns where the seam is, H x W: the gradient of the rings beside the outline in units of the surroundings'.

    Averaged over 9 pixels, since a single busy pixel is no seam; 0 away from the outline.
    """
    gradient, near, far = _rings(picture, matte)
    if not near or not far.any():
        return np.zeros(matte.shape, np.float32)
    beside = np.logical_or.reduce(near)
    weight = cv2.blur(beside.astype(np.float32), (9, 9))
    mean = cv2.blur(gradient * beside, (9, 9)) / np.maximum(weight, 1e-6)
    unit = float(gradient[far].mean()) + _LEAST_GRADIENT
    return np.asarray(np.where(beside, (mean + _LEAST_GRADIENT) / unit, 0), np.float32)


def _rings(picture: Plate, matte: Matte) -> tuple[Field, list[Region], Region]:
    """The picture's gradient, the rings beside the outline, and the surroundings; no rings without an outline."""
    unit = max(0.5, max(matte.shape) / SMALL)
    distance = _distance(matte > 0)
    edges = range(2, max(6, round(12 * unit)), 2)
    near = [(distance >= edge) & (distance < edge + 2) for edge in edges]
    far = (distance >= edges[-1] + 2) & (distance < edges[-1] + 2 + max(8, round(18 * unit)))
    values = picture.astype(np.float32) / 255
    across = np.abs(cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=1 / 4)).max(axis=2)
    down = np.abs(cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=1 / 4)).max(axis=2)
    return np.hypot(across, down), near if near[0].any() else [], far


def expansion(picture: Plate, matte: Matte, worn: Region | None = None) -> float:
    """Returns the area in which the generated side goes on like the garment, as a share of the garment's area.

    Counted are generated pixels that touch the garment, directly or through one another, and have the colour of the
    garment's nearest part rather than the scene's. After object expansion in arXiv 2404.10157, which needs a
    segmentation of the result; colour stands in for it here. `worn` is what `other_clothes` gives.
    """
    return float(np.count_nonzero(grown(picture, matte, worn)) / max(1, int(np.count_nonzero(matte >= 0.01))))


def grown(picture: Plate, matte: Matte, worn: Region | None = None) -> Region:
    """Returns the pixels that `expansion` counts, H x W.

    Where other clothes are worn and really have the garment's colour, as black trousers under a black top, colour
    cannot tell growth from them: nothing is counted there. Only colours that clothes often share are believed to be
    the same by chance: black, grey, white, and what is nearly black.
    """
    core = matte > 0.99
    if not core.any():
        return np.zeros(matte.shape, bool)
    lab = cv2.cvtColor(picture.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2Lab)
    generated = matte < 0.01
    distance = _distance(matte >= 0.01)
    nearest = _nearest(lab, core)
    like = (np.linalg.norm(lab - nearest, axis=2) < _SAME_COLOUR) & generated
    like &= np.linalg.norm(lab - _scene(lab), axis=2) > _SAME_COLOUR
    if worn is not None:
        like &= ~_shared(lab, nearest, worn & generated, distance)
    # Wider than 2 pixels, so that shadows and soft outlines are not chains from one place to another.
    like = cv2.morphologyEx(like.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    _, parts = cv2.connectedComponents(like.astype(np.uint8))
    touching = np.unique(parts[like & (distance <= 3)])
    return np.isin(parts, touching[touching > 0])


def other_clothes(placed: Placed, width: int, height: int) -> Region:
    """Returns where other clothes are worn, height x width: on the legs below a top, on the trunk above trousers."""
    covered = np.zeros((height, width), np.uint8)
    limbs = _ABOVE if placed.shape.from_waist else _BELOW if placed.shape.category in ("top", "outerwear") else ()
    joints = placed.body * np.array([width / placed.width, height / placed.height, 1], np.float32)
    shoulders = float(np.hypot(*(joints[2, :2] - joints[5, :2])))
    for start, end, share in limbs:
        if joints[start, 2] > 0 and joints[end, 2] > 0:
            a, b = (tuple(int(v) for v in np.clip(np.rint(joints[n, :2]), -30000, 30000)) for n in (start, end))
            cv2.line(covered, a, b, 255, max(1, round(share * shoulders)))
    return covered > 0


def _shared(lab: Colours, nearest: Colours, worn: Region, distance: Field) -> Region:
    """Returns where other clothes have the garment's colour, if that is black, grey or white, or nearly so."""
    reach = 0.06 * max(worn.shape)
    # Clothes that are seen well away from the garment; what grew from it is nearer.
    far = worn & (distance > reach)
    chroma = np.hypot(nearest[..., 1], nearest[..., 2])
    neutral = worn & ((chroma < _NEUTRAL) | (nearest[..., 0] < _DARK))
    if not far.any() or not neutral.any():
        return np.zeros(worn.shape, bool)
    alike = np.linalg.norm(lab[far] - nearest[far], axis=1) < 1.5 * _SAME_COLOUR
    return neutral if float(alike.mean()) > 0.35 else np.zeros(worn.shape, bool)


def halo(picture: RGB, placed: Placed, plate: RGB) -> float:
    """Returns the share of the outline's pixels that look like the old backdrop, 0 at best.

    `picture` and `plate` are canvas size; looked at are the edge band and the core pixels beside it. What a pixel
    should be is its matte between the garment's colours a few pixels further in and the plate; counted is one that
    lies, from there, more than half way towards the photo's backdrop. Pixels that cannot be told from the backdrop,
    as white cloth on white, are left out.
    """
    towards = _towards_backdrop(picture, placed, plate)[2]
    return float(np.mean(towards > 0.5)) if len(towards) else 0.0


def halo_map(picture: RGB, placed: Placed, plate: RGB, shape: tuple[int, int]) -> Field:
    """Returns where the halo is, on the whole canvas brought to `shape` (height, width).

    A pixel's value is the share of the outline in it that looks like the old backdrop.
    """
    rows, columns, towards = _towards_backdrop(picture, placed, plate)
    x0, y0 = placed.box[:2]
    y = np.minimum((rows + y0) * shape[0] // placed.height, shape[0] - 1)
    x = np.minimum((columns + x0) * shape[1] // placed.width, shape[1] - 1)
    bad, every = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    np.add.at(every, (y, x), 1)
    np.add.at(bad, (y, x), towards > 0.5)
    return np.asarray(bad / np.maximum(every, 1), np.float32)


def _towards_backdrop(
    picture: RGB, placed: Placed, plate: RGB
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Field]:
    """Rows and columns in the garment's box of outline pixels, and how far each is on the way to the backdrop."""
    core = placed.matte == 1
    inner = cv2.erode(core.astype(np.uint8), np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8), borderValue=1) > 0
    rim = (placed.matte > 0) & ~inner
    backdrop, known = _block_means(eight_bits(placed.pixels), placed.matte == 0)
    lowest, highest, inside = _block_ranges(eight_bits(placed.pixels), inner)
    rows, columns = np.nonzero(rim)
    at = (rows // _block(placed.matte.shape), columns // _block(placed.matte.shape))
    use = known[at] & inside[at]
    rows, columns, at = rows[use], columns[use], (at[0][use], at[1][use])
    if not len(rows):
        return rows, columns, np.zeros(0, np.float32)
    share = placed.matte[rows, columns][:, None]
    garment = np.clip(eight_bits(placed.foreground)[rows, columns].astype(np.float32), lowest[at], highest[at])
    scene = eight_bits(plate[placed.window][rows, columns][None])[0].astype(np.float32)
    found = eight_bits(picture[placed.window][rows, columns][None])[0].astype(np.float32)
    expected = share * garment + (1 - share) * scene
    way = backdrop[at] - expected
    length = np.sum(way**2, axis=1)
    tells = length > _TELLS**2
    towards = np.sum((found - expected) * way, axis=1)[tells] / length[tells]
    return rows[tells], columns[tells], np.asarray(towards, np.float32)


def _distance(region: Region) -> npt.NDArray[np.float32]:
    """Returns the distance in pixels to a region, 0 inside."""
    return cv2.distanceTransform((~region).astype(np.uint8), cv2.DIST_L2, 5)


def _nearest(lab: Colours, core: Region) -> Colours:
    """Returns for each pixel the smoothed colour of the core pixel nearest to it."""
    weight = core.astype(np.float32)
    smooth = cv2.blur(lab * weight[..., None], (7, 7)) / np.maximum(cv2.blur(weight, (7, 7)), 1e-6)[..., None]
    return np.asarray(smooth.reshape(-1, 3)[nearest(core)[1]], np.float32)


def _scene(lab: Colours) -> Colours:
    """Returns the colour at the left and right border of each row: what lies far from the garment."""
    margin = max(1, lab.shape[1] // 50)
    sides = np.concatenate([lab[:, :margin], lab[:, -margin:]], axis=1)
    return np.asarray(np.median(sides, axis=1)[:, None], np.float32)


def _block(shape: tuple[int, ...]) -> int:
    """Returns the side of the blocks in which local colours are gathered: 1/128 of the garment, and 8 at least."""
    return max(8, shape[0] // 128, shape[1] // 128)


def _blocks(array: Plate, side: int, fill: int = 0) -> Plate:
    """Returns an H x W x C array as rows x columns x pixels x C, filled up to whole blocks."""
    height, width, channels = array.shape
    full = np.pad(array, ((0, -height % side), (0, -width % side), (0, 0)), constant_values=fill)
    rows, columns = full.shape[0] // side, full.shape[1] // side
    split = full.reshape(rows, side, columns, side, channels).swapaxes(1, 2)
    return split.reshape(rows, columns, side * side, channels)


def _block_means(picture: Plate, region: Region) -> tuple[Colours, Region]:
    """Returns each block's mean colour over a region in its neighbourhood, and whether there is any of it."""
    side = _block(region.shape)
    inside = region[..., None].astype(np.uint8)
    total = cv2.blur(_blocks(picture * inside, side).sum(axis=2, dtype=np.float32), (5, 5))
    count = cv2.blur(_blocks(inside, side).sum(axis=2, dtype=np.float32)[..., 0], (5, 5))
    return total / np.maximum(count, 1e-6)[..., None], count > 0.5


def _block_ranges(picture: Plate, region: Region) -> tuple[Colours, Colours, Region]:
    """Returns each block's lowest and highest colour over a region in its neighbourhood, and whether there is any."""
    side = _block(region.shape)
    window = np.ones((3, 3), np.uint8)
    inside = region[..., None].astype(np.uint8)
    low = cv2.erode(_blocks(picture | (255 * (1 - inside)), side, fill=255).min(axis=2), window)
    high = cv2.dilate(_blocks(picture * inside, side).max(axis=2), window)
    known = cv2.dilate(_blocks(inside, side).max(axis=2), window) > 0
    return low.astype(np.float32), high.astype(np.float32), known
