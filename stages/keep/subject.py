"""`background` keeps the whole subject: people with clothes and props, a product, a mannequin.

A garment's segmenter asks what is no backdrop. Before a studio's paper that finds a person's shadow, and loses white
clothes that are shaded to the paper's own grey. Here shade is part of the backdrop, as far as it is soft, and gaps are
open only where they show backdrop for certain. Where there is no plain backdrop, GrabCut (Rother, Kolmogorov and Blake
2004) divides the picture with the frame as backdrop.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages import colour
from stages.contracts import Matte, ModelCard, Photo, Plate
from stages.segment import backdrop as backdrops
from stages.segment.backdrop import Flags, Lab
from stages.segment.cuts import minimal_cut

Field = npt.NDArray[np.float32]

#: Longer side of the picture that the subject is found in.
COARSE = 1024
#: A shadow darkens a backdrop at most to this share of its lightness (cast shadows on paper: measured 0.8 to 0.95)...
_DEEPEST = 0.72
#: ...and is softer than this many L per pixel at 1024; outlines in focus rise by ten.
_SOFT = 1.2
#: Evidence below this is backdrop for certain (it runs from -0.6 to 2).
_CERTAIN = -0.3
#: Colours on the two sides of an outline are told apart from this distance on, in CIELAB units.
_APART = 8.0
#: Evidence over this is clearly no backdrop.
_CLEARLY = -0.1
#: Closed are bites narrower than twice this share of the longer side.
_BITE = 0.012
#: An outline in focus rises by more than this, in Delta E per pixel at 1024; shading in folds by less than 1.
_OUTLINE = 2.0
_ALL_AROUND = 0.8
#: Parts narrower than twice this share of the longer side are necks.
_NECK = 0.002
#: Gaps smaller than this share of the picture are specks: 30 pixels at 768 x 1024.
_LEAST_GAP = 4e-5
#: A backdrop with more noise than this, in CIELAB units, or that fits less than this share of the frame, is none.
_NOISY, _FITS = 3.0, 0.55
#: Parts that stand out less than this share of what the main part does are specks.
_SPECK = 0.01
#: A side of this many pixels is enough for GrabCut's colour models.
_GRABCUT = 512
#: Below this a run says that it is not sure of the subject.
UNSURE = 0.6


CARD = ModelCard("segmenter", "subject", None, "Apache-2.0")


class Subject:
    """A `Segmenter` of whole subjects: for `stages.segment.cut`, as the classical one is for garments."""

    name = "subject"
    card = CARD

    def __call__(self, picture: Plate) -> Matte:
        """Gives 1 on the subject and 0 elsewhere, H x W float32, of an H x W x 3 uint8 sRGB picture."""
        colours = backdrops.lab(picture)
        backdrop = _paper(colours)
        region = _before_anything(picture) if backdrop is None else _before_paper(colours, backdrop)
        region = _main_parts(region)
        return np.asarray(cv2.GaussianBlur(region.astype(np.float32), (0, 0), 0.7), np.float32)


def judge(photo: Photo, matte: Matte) -> tuple[float, bool]:
    """Gives how sure a cut-out, H x W, is, and whether the photo has a plain backdrop.

    Sure is, in [0, 1], the share of the outline that lies on an edge of the picture; less by a fifth where no backdrop
    speaks for what is inside.
    """
    shrink = min(1.0, COARSE / max(photo.width, photo.height))
    size = max(1, round(photo.width * shrink)), max(1, round(photo.height * shrink))
    picture = colour.to_srgb(cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA), photo.icc)
    colours = backdrops.lab(picture)
    plain = _paper(colours) is not None
    region = cv2.resize(matte, size, interpolation=cv2.INTER_AREA) > 0.5
    return round(_on_edges(region, colours) * (1.0 if plain else 0.8), 2), plain


def _paper(colours: Lab) -> backdrops.Backdrop | None:
    """Gives the plain backdrop of a picture, if it has one."""
    backdrop = backdrops.fit(colours)
    evidence = _evidence(colours, backdrop)
    frame = np.ones(evidence.shape, bool)
    rim = max(1, round(backdrops.FRAME * min(evidence.shape)))
    frame[rim:-rim, rim:-rim] = False
    return None if backdrop.noise > _NOISY or (evidence[frame] < 0).mean() < _FITS else backdrop


def _before_paper(colours: Lab, backdrop: backdrops.Backdrop) -> Flags:
    """Gives the subject before a plain backdrop, fitted again to what a first cut leaves of it."""
    edges = _edges(colours)
    price = np.asarray(0.1 + 2.0 * np.exp(-edges / max(0.6, 2 * backdrop.noise)), np.float32)
    region = minimal_cut(_evidence(colours, backdrop), price) > 0.5
    evidence = _evidence(colours, backdrops.refit(colours, backdrop, ~region))
    region = _closed(minimal_cut(evidence, price) > 0.5, evidence, edges)
    return minimal_cut(_locally(colours, region, evidence), price) > 0.5


def _locally(colours: Lab, region: Flags, evidence: Field) -> Field:
    """Gives what each pixel says near an outline when it is compared with the colours on either side, close by.

    Shade in a gap has the colour of skin in it, and is still nearer to the shade beside it. Where both sides are alike,
    or where it is clearly no backdrop, the region says what a pixel is.
    """
    unit = max(1.0, max(region.shape) / COARSE)
    far = [cv2.distanceTransform(each.astype(np.uint8), cv2.DIST_L2, 5) for each in (region, ~region)]
    inside, outside = (
        _mean_of(colours, away > least * unit, 8 * unit) for away, least in zip(far, (6, 3), strict=True)
    )
    off = [np.linalg.norm(colours - mean, axis=2) for mean, _ in (inside, outside)]
    apart = np.linalg.norm(inside[0] - outside[0], axis=2)
    told = inside[1] & outside[1] & (apart > _APART) & (np.maximum(*far) < 14 * unit)
    told &= evidence < _CLEARLY
    compared = np.clip((off[1] - off[0]) / np.maximum(apart, 1), -0.6, 0.6)
    return np.asarray(np.where(told, compared, np.where(region, 0.6, -0.6)), np.float32)


def _mean_of(colours: Lab, chosen: Flags, sigma: float) -> tuple[Lab, Flags]:
    """Averages over the chosen pixels around each pixel, and tells where there are enough of them."""
    weight = chosen.astype(np.float32)
    share = cv2.GaussianBlur(weight, (0, 0), sigma)
    total = cv2.GaussianBlur(colours * weight[..., None], (0, 0), sigma)
    return np.asarray(total / np.maximum(share, 1e-4)[..., None], np.float32), np.asarray(share > 0.02, bool)


def _evidence(colours: Lab, backdrop: backdrops.Backdrop) -> Field:
    """Gives what each pixel says: -0.6 backdrop, perhaps in a soft shadow, to 2 surely not."""
    smooth = cv2.GaussianBlur(colours[..., 0], (0, 0), 1.0)
    slope = cv2.blur(_slope(smooth), (5, 5))
    lightness = np.maximum(backdrop.colour[..., 0], 1)
    shade = 1 - (1 - np.clip(colours[..., 0] / lightness, _DEEPEST, 1)) * np.exp(-np.square(slope / _SOFT))
    distance = np.linalg.norm(colours - backdrop.colour * shade[..., None], axis=2)
    limit = max(backdrops.FLOOR, 3 * backdrop.noise) + 0.8
    return np.asarray(np.clip((distance - limit) / (1.5 * limit), -0.6, 2), np.float32)


def _edges(colours: Lab) -> Field:
    """Gives the gradient's length over all channels, in Delta E per pixel."""
    return np.asarray(np.sqrt(sum(np.square(_slope(colours[..., channel])) for channel in range(3))), np.float32)


def _slope(values: Field) -> Field:
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _closed(region: Flags, evidence: Field, edges: Field) -> Flags:
    """Closes bites and holes, and trims what shows backdrop for certain, as between an arm and the body or hairs."""
    votes = cv2.medianBlur(evidence, 3)
    certain = _bounded(votes < _CERTAIN, edges) | _gaps((votes < _CERTAIN / 6) & ~region, edges)
    size = 2 * round(_BITE * max(region.shape)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    padded = cv2.copyMakeBorder(region.astype(np.uint8), size, size, size, size, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc)[size:-size, size:-size] > 0
    inner = cv2.erode(region.astype(np.uint8), disc, borderValue=1) > 0
    region = inner | (closed & ~certain)
    region = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    _, labels = cv2.connectedComponents((~region).astype(np.uint8), connectivity=4)
    outside = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    count = np.bincount(labels.ravel())
    sure = np.bincount(labels.ravel(), weights=certain.ravel(), minlength=len(count)) > 0.5 * count
    sure &= count > _LEAST_GAP * region.size
    sure[outside] = True
    return np.asarray(region | ~sure[labels], bool)


def _bounded(certain: Flags, edges: Field) -> Flags:
    """Gives the pixels of a backdrop but those whose nearest border is soft: folds of pale cloth shade into its colour.

    A gap's border is an outline, with an edge; a box along the border votes. Far from any border it stays backdrop.
    """
    border = (cv2.dilate(certain.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~certain
    if not border.any():
        return certain
    sharp = (cv2.dilate(edges, np.ones((5, 5), np.uint8)) > _OUTLINE) & border
    size = (2 * round(0.008 * max(edges.shape)) + 1,) * 2
    votes = cv2.boxFilter(sharp.astype(np.float32), -1, size) / np.maximum(
        cv2.boxFilter(border.astype(np.float32), -1, size), 1e-6
    )
    away, nearest = cv2.distanceTransformWithLabels(
        (~border).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, np.float32)
    table[nearest[border]] = votes[border]
    return np.asarray(certain & ((away > _BITE * max(edges.shape)) | (table[nearest] > 0.5)), bool)


def _gaps(shaded: Flags, edges: Field) -> Flags:
    """Gives the parts of what may be shaded backdrop that have an outline nearly all around, as between two legs.

    What they join at narrow necks does not count, nor does what reaches the frame.
    """
    neck = 2 * round(_NECK * max(shaded.shape)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (neck, neck))
    shaded = cv2.morphologyEx(shaded.astype(np.uint8), cv2.MORPH_OPEN, disc) > 0
    _, labels = cv2.connectedComponents(shaded.astype(np.uint8), connectivity=4)
    around = cv2.dilate(labels.astype(np.float32), np.ones((3, 3), np.uint8)).astype(np.int32)
    border = (around > 0) & ~shaded
    sharp = (cv2.dilate(edges, np.ones((5, 5), np.uint8)) > _OUTLINE) & border
    length = np.bincount(around[border], minlength=int(labels.max()) + 1)
    share = np.bincount(around[sharp], minlength=len(length)) / np.maximum(length, 1)
    share[np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])] = 0
    return np.asarray((share > _ALL_AROUND)[labels] & shaded, bool)


def _before_anything(picture: Plate) -> Flags:
    """Gives the subject by GrabCut: the frame's sides and top are backdrop, the middle is probably not."""
    height, width = picture.shape[:2]
    shrink = min(1.0, _GRABCUT / max(height, width))
    size = max(16, round(width * shrink)), max(16, round(height * shrink))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    labels = np.full(size[::-1], cv2.GC_PR_BGD, np.uint8)
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32)
    middle = np.square((x / size[0] - 0.5) / 0.33) + np.square((y / size[1] - 0.52) / 0.48) < 1
    labels[middle] = cv2.GC_PR_FGD
    rim = max(1, round(0.02 * min(size)))
    labels[:rim], labels[:, :rim], labels[:, -rim:] = cv2.GC_BGD, cv2.GC_BGD, cv2.GC_BGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # its colour clusters begin at random
    cv2.grabCut(small, labels, None, *models, 6, cv2.GC_INIT_WITH_MASK)
    found = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return np.asarray(cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC) > 0.5)


def _main_parts(region: Flags) -> Flags:
    """Drops specks: parts much smaller than the largest."""
    _, labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=8)
    area = np.bincount(labels.ravel())
    area[0] = 0
    return np.asarray((area >= max(1.0, _SPECK * area.max()))[labels] & region, bool)


def _on_edges(region: Flags, colours: Lab) -> float:
    """Gives the share of the outline, off the frame, that has an edge of the picture within two pixels."""
    inner = cv2.erode(region.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
    outline = region & ~inner
    strong = cv2.dilate(_edges(colours), np.ones((5, 5), np.uint8)) > _OUTLINE
    return float(strong[outline].mean()) if outline.any() else 0.0
