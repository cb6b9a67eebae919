"""`background` keeps the whole subject: people with clothes and props, a product, a mannequin.

A garment's segmenter asks what is no backdrop. Before a studio's paper that finds a person's shadow, and loses white
clothes that are shaded to the paper's own grey: there `paper` tells the subject, and `wisps` its hair. Where there is
no plain backdrop, the network tells it roughly and GrabCut (Rother, Kolmogorov and Blake 2004) finely.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages import colour
from stages.arrays import lengths
from stages.contracts import RGB, Matte, ModelCard, Photo, Plate
from stages.find import network, paper, spread
from stages.find.finder import Finder
from stages.matte import backdrop as backdrops
from stages.matte import hem, rim, wisps
from stages.matte.backdrop import Flags, Lab

Field = npt.NDArray[np.float32]

#: Longer side of the picture that the subject is found in.
COARSE = 1024
#: An outline in focus rises by more than this, in Delta E per pixel at 1024; shading in folds by less than 1.
_OUTLINE = 2.0
#: A backdrop with more noise than this, in CIELAB units, or that fits less than this share of the frame, is none.
_NOISY, _FITS = 3.0, 0.55
#: Parts that stand out less than this share of what the main part does are specks.
_SPECK = 0.01
#: A side of this many pixels is enough for GrabCut's colour models; beyond this the network's word is taken.
_GRABCUT, _SURE = 512, 0.97
#: So far inside its outline, in pixels at 1024, a subject that was found is sure.
_INNER = 8
#: Below this a run says that it is not sure of the subject.
UNSURE = 0.6


CARD = ModelCard("segmenter", "subject", None, "Apache-2.0")


class Subject:
    """A `Segmenter` of whole subjects: for `stages.find.subject`, as the finder is for garments."""

    name = "subject"
    card = CARD

    def __init__(self, finder: Finder) -> None:
        """Takes the finder, whose network sees subjects too."""
        self.finder = finder

    def __call__(self, picture: Plate) -> Matte:
        """Returns 1 on the subject and 0 elsewhere, H x W float32, of an H x W x 3 uint8 sRGB picture."""
        colours = backdrops.lab(picture)
        backdrop = _paper(colours)
        if backdrop is None:
            region = _before_anything(picture, self.finder)
        else:
            large = min(picture.shape[:2]) >= network.LEAST
            unlikely = self.finder.sees(picture).backdrop if large else np.full(colours.shape[:2], 0.5, np.float32)
            seen = paper.look(colours, backdrop, unlikely)
            region = wisps.opened(wisps.find(picture, seen), picture, seen.subject)
        region = _main_parts(region)
        return np.asarray(cv2.GaussianBlur(region.astype(np.float32), (0, 0), 0.7), np.float32)


def finish(photo: Photo, matte: Matte, foreground: RGB) -> tuple[Matte, RGB, float]:
    """Returns a found subject's matte and foreground, hair added where the backdrop is plain, and the confidence in it.

    The confidence, in [0, 1], is the share of the outline that lies on an edge of the picture; less by a fifth where no
    backdrop speaks for what is inside.
    """
    small, colours = _small(photo)
    region = cv2.resize(matte, small.shape[1::-1], interpolation=cv2.INTER_AREA) > 0.5
    sure = _on_edges(region, colours)
    backdrop = _paper(colours)
    if backdrop is None:
        return matte, foreground, round(0.8 * sure, 2)
    inner = spread.shrunk(region, round(_INNER * max(1.0, max(region.shape) / COARSE)))
    seen = paper.look(colours, backdrop, np.where(inner, np.float32(0), np.float32(0.5)))
    hair = wisps.find(small, seen)
    outline = hem.trace(colours, seen, backdrop.noise, hair.zone)
    if outline is not None:
        matte, foreground = hem.put(photo.pixels, matte, foreground, outline)
    matte, foreground = rim.mend(photo.pixels, matte, foreground, hair.behind, hair.zone)
    return *wisps.add(photo.pixels, matte, foreground, hair), round(sure, 2)


def _small(photo: Photo) -> tuple[RGB, Lab]:
    """Returns the photo at the size that subjects are found in, and its CIE Lab."""
    shrink = min(1.0, COARSE / max(photo.width, photo.height))
    size = max(1, round(photo.width * shrink)), max(1, round(photo.height * shrink))
    small = cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA)
    return small, backdrops.lab(colour.to_srgb(small, photo.icc))


def _paper(colours: Lab) -> backdrops.Backdrop | None:
    """Returns the plain backdrop of a picture, if it has one."""
    backdrop = backdrops.fit(colours)
    fits = lengths(colours - backdrop.colour) < max(backdrops.FLOOR, 3 * backdrop.noise) + 0.8
    rim = max(1, round(backdrops.FRAME * min(fits.shape)))
    frame = np.ones(fits.shape, bool)
    frame[rim:-rim, rim:-rim] = False
    return None if backdrop.noise > _NOISY or fits[frame].mean() < _FITS else backdrop


def _before_anything(picture: Plate, finder: Finder) -> Flags:
    """Returns the subject by GrabCut, begun from the network; the frame's sides and top are backdrop."""
    height, width = picture.shape[:2]
    shrink = min(1.0, _GRABCUT / max(height, width))
    size = max(16, round(width * shrink)), max(16, round(height * shrink))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    likely = cv2.resize(1 - finder.sees(picture).backdrop, size, interpolation=cv2.INTER_AREA)
    labels = np.where(likely > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[likely > _SURE], labels[likely < 1 - _SURE] = cv2.GC_FGD, cv2.GC_BGD
    rim = max(1, round(0.02 * min(size)))
    labels[:rim], labels[:, :rim], labels[:, -rim:] = cv2.GC_BGD, cv2.GC_BGD, cv2.GC_BGD
    if not np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).any():
        return np.zeros((height, width), bool)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # its colour clusters begin at random
    cv2.grabCut(small, labels, (0, 0, 0, 0), *models, 6, cv2.GC_INIT_WITH_MASK)
    cut = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    cut = cv2.morphologyEx(cut, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    cut = cv2.morphologyEx(cut, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return np.asarray(cv2.resize(cut.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC) > 0.5)


def _main_parts(region: Flags) -> Flags:
    """Drops specks: parts much smaller than the largest."""
    _, labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=8)
    area = np.bincount(labels.ravel())
    area[0] = 0
    return np.asarray((area >= max(1.0, _SPECK * area.max()))[labels] & region, bool)


def _on_edges(region: Flags, colours: Lab) -> float:
    """Returns the share of the outline, off the frame, that has an edge of the picture within two pixels."""
    inner = cv2.erode(region.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
    outline = region & ~inner
    strong = cv2.dilate(spread.edges(colours), np.ones((5, 5), np.uint8)) > _OUTLINE
    return float(strong[outline].mean()) if outline.any() else 0.0
