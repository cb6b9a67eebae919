"""Alpha of the unknown band: closed-form matting that heeds what each pixel says of itself.

Large photos are solved at a part of their size. The model behind the method, that alpha is a linear function of colour
within a small window, then gives alpha at the full size. `make bench-matte` measures it beside pymatting's solution of
the whole picture.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages import arrays
from stages.contracts import RGB, Mask, Matte
from stages.matte import closed_form, samples
from stages.matte.depth import BLUR
from stages.matte.sampling import sampled

#: Photos with a longer side above this are solved small.
COARSE = 1024
#: What lies farther from the band, in pixels, is not looked at: four deviations of the widest samples.
AROUND = round(4 * max(samples.BEHIND))
#: Windows of the colour lines.
WINDOW = (3, 3)
#: Their least variance in colour: that of noise in 8 bits. With a tenth of it the lines follow noise, and the error is
#: up to 1.3 times as large on a plain backdrop.
EPSILON = 1e-5
#: What a pixel says of itself counts as much as this share of one window. On drawn photos 0.003 to 0.01 is best.
OWN = 0.003
#: Weight at which a pixel's word and its side of the band count the same, and the share of a window that a side counts.
DOUBTED, SIDE = 0.02, 1e-3
#: Contrast between garment and backdrop, of 1, at which colours and the outline weigh the same at last.
CONTRAST = 0.025

Field = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


def solve(pixels: RGB, trimap: Mask, plain: bool = False, through: Flags | None = None) -> Matte:
    """Returns the matte, H x W, of a photo and its trimap (255 garment, 0 backdrop, all else unknown).

    `plain` tells that the outline runs along the middle of the band, which holds what is not sure of itself, and that
    the backdrop is plain: unknown pixels of its very colour, connected with it, are backdrop. In `through`, what is
    unknown is no outline: there the backdrop shows through. Large photos are solved small, and the solution is carried
    over by the local colour lines that it found; their trimap and `through` may have that size.
    """
    height, width = pixels.shape[:2]
    shrink = max(height, width) / COARSE
    if shrink <= 1:
        return _solved(pixels, trimap, plain, through)
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    # With unknown pixels at 128 a mean is 0 or 255 only where all are.
    coarse = np.where((trimap != 255) & (trimap != 0), np.uint8(128), trimap)
    coarse = arrays.resized(coarse, size, cv2.INTER_AREA)
    if through is not None:
        through = arrays.resized(through.astype(np.uint8), size, cv2.INTER_NEAREST) > 0
    trimap = arrays.resized(trimap, (width, height), cv2.INTER_NEAREST)
    matte: Matte = (trimap == 255).astype(np.float32)
    where = np.nonzero((trimap != 255) & (trimap != 0))
    if len(where[0]):
        matte[where] = _carried(pixels, small, _solved(small, coarse, plain, through), (where[0], where[1]))
    return matte


def _solved(pixels: RGB, trimap: Mask, plain: bool, through: Flags | None) -> Matte:
    matte: Matte = (trimap == 255).astype(np.float32)
    unknown = (trimap != 255) & (trimap != 0)
    if not unknown.any():
        return matte
    box = arrays.around(unknown, AROUND)
    pixels, trimap, within = pixels[box], np.ascontiguousarray(trimap[box]), matte[box]
    colours = pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    around = samples.taken(colours, trimap)
    known = samples.receded(around, trimap) if plain else trimap
    guess, weight = samples.alphas(around, trimap)
    pull, side = np.float32(OWN) * weight, _side(trimap) if plain else guess
    if plain:
        outline = np.ones_like(weight) if through is None else (~through[box]).astype(np.float32)
        doubt = outline * np.float32(DOUBTED) / (weight + np.float32(DOUBTED))
        guess = np.asarray(guess + doubt * (side - guess), dtype=np.float32)
        pull += np.float32(SIDE) * outline
    within[(known != 255) & (known != 0)] = closed_form.solve(colours, known, guess, pull)
    if plain and around is not None:
        within[around.at] = _where_colours_tell(samples.contrast(around), within[around.at], side[around.at])
    return matte


def _where_colours_tell(contrast: Field, alpha: Field, side: Field) -> Field:
    """Alpha, or the outline's own ramp where garment and backdrop are too alike: compression's blocks are not."""
    told = np.square(contrast) / (np.square(contrast) + np.float32(CONTRAST**2))
    return np.asarray(told * alpha + (1 - told) * side, dtype=np.float32)


def _side(trimap: Mask) -> Field:
    """Returns a ramp across the middle of the unknown band, as steep as an outline in focus: H x W in [0, 1]."""
    to_garment, to_backdrop = (
        cv2.distanceTransform((trimap != value).astype(np.uint8), cv2.DIST_L2, 3) for value in (255, 0)
    )
    return np.asarray(np.clip(0.5 + (to_backdrop - to_garment) / (4 * BLUR), 0, 1), dtype=np.float32)


def _carried(pixels: RGB, small: RGB, coarse: Matte, where: tuple[Indices, Indices]) -> Field:
    """Returns alpha at pixels (rows, columns) from the colour lines of a small solution.

    He, Sun, Fast Guided Filter (2015): in each small window alpha is a linear function of colour, which holds for the
    window's pixels at full size too.
    """
    full = np.float32(np.iinfo(pixels.dtype).max)
    line = cv2.blur(_lines(small.astype(np.float32) / full, coarse), WINDOW)
    (ys, xs), (height, width) = where, pixels.shape[:2]
    x = (xs.astype(np.float32) + np.float32(0.5)) * np.float32(coarse.shape[1] / width) - np.float32(0.5)
    y = (ys.astype(np.float32) + np.float32(0.5)) * np.float32(coarse.shape[0] / height) - np.float32(0.5)
    at = sampled(line, x, y)
    here = pixels[where].astype(np.float32) / full
    return np.asarray(np.clip(np.einsum("nc,nc->n", at[:, :3], here) + at[:, 3], 0, 1), dtype=np.float32)


def _lines(colour: Field, alpha: Matte) -> Field:
    """Returns the colour line of the window around each pixel, H x W x 4: slopes and offset; flat where alpha is."""
    size = WINDOW[0]
    reach = np.ones((size + 4, size + 4), np.uint8)
    ys, xs = np.nonzero(cv2.dilate(((alpha > 0) & (alpha < 1)).astype(np.uint8), reach))
    edge = size // 2
    windows = [
        np.lib.stride_tricks.sliding_window_view(np.pad(each, edge, mode="reflect"), WINDOW)[ys, xs].reshape(
            len(ys), -1
        )
        for each in (*cv2.split(colour), alpha)
    ]
    here = np.stack(windows[:3], axis=2)
    mean, level = here.mean(axis=1), windows[3].mean(axis=1)
    here -= mean[:, None]
    spread = here.transpose(0, 2, 1) @ here / size**2 + np.float32(EPSILON) * np.eye(3, dtype=np.float32)
    shared = here.transpose(0, 2, 1) @ (windows[3] - level[:, None])[..., None] / size**2
    slope = np.linalg.solve(spread, shared)[..., 0]
    line = np.zeros((*alpha.shape, 4), np.float32)
    line[..., 3] = cv2.blur(alpha, WINDOW)
    line[ys, xs, :3] = slope
    line[ys, xs, 3] = level - np.sum(slope * mean, axis=1)
    return line
