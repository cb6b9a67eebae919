"""From a photo to a cut-out: found on a small picture, refined at photo size."""

from dataclasses import replace
from typing import get_args

import cv2
import numpy as np

from stages import colour, shape
from stages.contracts import RGB, Accessory, Category, Cutout, Matte, Photo, Plate, Prompts, Segmenter, Shape
from stages.errors import DoubtError, NotFoundError
from stages.find import alpha as alphas
from stages.find import collar, doubt, finder, sheer, steer
from stages.find.finder import Finder, Found
from stages.matte import foreground as foregrounds
from stages.matte import marks
from stages.matte import refine as matting
from stages.matte.backdrop import Flags
from stages.options import SegmentOptions

#: Longer side, in pixels, of the picture that a segmenter is given.
COARSE = 1024
#: A garment covers between these shares of its photo; beyond them nothing was found.
LEAST, MOST = 0.002, 0.98
#: How much more an outline's word on the category counts than the network's, before a plain backdrop.
OUTLINE = 2.0


def subject(photo: Photo, options: SegmentOptions, segmenter: Segmenter) -> Cutout:
    """Returns the garment of a photo: matte and foreground at photo size, category and landmarks.

    A photo whose own alpha is a cut-out is cut by that; the segmenter is then not asked. Raises NotFoundError when
    nothing, or nothing but the whole frame, is found, and DoubtError when the find is doubtful and `strict` is set.
    """
    how, through, inside, found, view = "", None, None, None, None
    said: tuple[str, ...] = ()
    prompts = steer.read(options, photo.width, photo.height)
    small = _small(photo)
    own = alphas.judge(photo, options.alpha) if photo.alpha is not None and options.matte is None else None
    if options.matte is not None:
        given = marks.read(options.matte, photo, "matte")
        alpha, foreground = _own(photo, options, marks.coverage(given, options.matte.name))
        said = given.said
        name = f"own matte {options.matte.name}"
    elif own is not None and own.cutout:
        # A file with alpha stores the foreground's own colours: there is nothing to take apart.
        _refuse_extremes(photo, float(np.mean(own.matte > 0.5)))
        alpha = own.matte if not prompts else steer.correct(colour.to_srgb(photo.pixels, photo.icc), own.matte, prompts)
        foreground = own.foreground * (alpha > 0)[..., None]
        name = "alpha of the photo"
    else:
        found = _looked(small, segmenter, prompts.scaled(max(small.shape) / max(photo.width, photo.height)))
        _refuse_extremes(photo, float(found.garment.mean()))
        through, said = _through(small, found, options)
        alpha, foreground, how = matting.refine(photo.pixels, found.garment, options, through, found.doubt)
        name = segmenter.name + (", steered" if prompts else "")
        view = found.garment.astype(np.float32)
        if own is not None:
            alpha = np.minimum(alpha, own.matte)  # nothing lies where the photo is clear
            foreground = foreground * (alpha > 0)[..., None]
            view = np.minimum(view, _shrunk(own.matte, view.shape))
    accessory = options.garment if options.garment in get_args(Accessory) else ""
    product = accessory or (doubt.product(found) if options.garment == "auto" else "")
    category: Category | None = None if options.garment == "auto" or accessory else options.garment  # type: ignore[assignment]
    # Sheer cloth is as much of the garment's shape as any other.
    solid = (
        alpha
        if through is None
        else np.maximum(alpha, cv2.resize(through.astype(np.float32), (photo.width, photo.height)))
    )
    described = Shape("top", 0.0) if product else _described(photo, solid, category, found)
    notes: tuple[str, ...] = (*((own.said,) if own else ()), *((f"Matte: {how}.",) if how else ()), *said)
    if options.matte is None and not (options.keep_collar or described.from_waist or product):
        before = alpha
        alpha, foreground, collar_said = _without_collar(photo, small, alpha, foreground, described)
        notes = (collar_said, *notes)
        inside = before - alpha if before is not alpha else None
        if view is not None:
            view = np.where(_shrunk(before - alpha, view.shape) > 0.5, np.float32(0), view)
    doubts = doubt.of(found, small) if found is not None else ()
    doubts = doubts if category or accessory else (*doubts, *doubt.possible(found))
    if options.strict and doubts:
        raise DoubtError(f"{photo.name}: {'; '.join(doubts)}. Look at `onmodel segment`, or leave out --strict.")
    worn = doubt.worn(found) and not prompts
    if options.landmark and not product:
        described = shape.corrected(described, options.landmark, photo.width, photo.height)
    return Cutout(alpha, foreground, described, name, notes, inside, view, doubts, product, worn)


def view(photo: Photo, options: SegmentOptions, segmenter: Segmenter) -> Matte:
    """Returns where a segmenter finds the garment on a small picture of the photo, H' x W' in [0, 1]."""
    small = _small(photo)
    prompts = steer.read(options, photo.width, photo.height).scaled(max(small.shape) / max(photo.width, photo.height))
    return _looked(small, segmenter, prompts).garment.astype(np.float32)


def _looked(picture: Plate, segmenter: Segmenter, prompts: Prompts) -> Found:
    """Returns what a segmenter finds on the small picture, with the prompts heeded."""
    if not isinstance(segmenter, Finder):
        return finder.told(picture, steer.ask(segmenter, picture, prompts) > 0.5)
    found = segmenter.look(picture)
    if not prompts:
        return found
    return replace(found, garment=steer.correct(picture, found.garment.astype(np.float32), prompts) > 0.5)


def _described(photo: Photo, solid: Matte, category: Category | None, found: Found | None) -> Shape:
    """Returns category and landmarks, by what the network tells and what the outline does.

    Both are probabilities, which are multiplied; the outline's counts as the backdrop is plain. Outlines before plain
    backdrops are clean, and tell all of 22 studio photos, with 0.6 and more; of sellers' photos they tell half.
    """
    guess = shape.describe(solid, category=category, picture=photo.pixels)
    named = found.seen.categories if found is not None and found.seen is not None else {}
    if category is not None or found is None or not named:
        return guess
    kinds: tuple[Category, ...] = get_args(Category)
    told = {kind: (1 - guess.confidence) / (len(kinds) - 1) for kind in kinds} | {guess.category: guess.confidence}
    both = {kind: named.get(kind, 0.0) * max(told[kind], 1e-3) ** (OUTLINE * found.plain) for kind in kinds}
    best = max(kinds, key=both.__getitem__)
    confidence = both[best] / max(sum(both.values()), 1e-9)
    if best != guess.category:
        guess = shape.describe(solid, category=best, picture=photo.pixels)
    return replace(guess, confidence=confidence)


def _without_collar(photo: Photo, small: Plate, alpha: Matte, foreground: RGB, found: Shape) -> tuple[Matte, RGB, str]:
    """Matte and foreground without the inside of the back collar, if it is surely seen, and what to say of it."""
    height, width = small.shape[:2]
    factor = width / photo.width
    garment = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA) > 0.5
    marks = {name: ((x + 0.5) * factor - 0.5, (y + 0.5) * factor - 0.5) for name, (x, y) in found.landmarks.items()}
    line, sure = collar.inner(small, garment, replace(found, landmarks=marks))
    if line is None:
        return alpha, foreground, "The inside of a back collar, where it is seen, is kept: no front edge is sure."
    alpha, foreground = collar.without(photo.pixels, alpha, foreground, (line + 0.5) / factor - 0.5)
    words = f"The inside of the back collar is left to the neck (confidence {sure:.2f}); --keep-collar keeps it."
    return alpha, foreground, words


def _through(picture: Plate, found: Found, options: SegmentOptions) -> tuple[Flags | None, tuple[str, ...]]:
    """Returns where the backdrop shows through a garment that was found on a picture, or just beside it.

    And what to say of it.
    """
    if options.sheer == "opaque":
        return None, ()
    coarse = found.garment
    sure, likely = sheer.find(picture, coarse, found.backdrop)
    blended, kept = (sure | likely, np.zeros_like(likely)) if options.sheer == "blend" else (sure, likely)
    said = [
        f"{_share(blended, coarse)} of the garment is sheer or openwork: the backdrop showed through, so the cloth "
        "there is blended with the new scene, not kept bit for bit; --sheer opaque keeps it."
    ] * bool(blended.any()) + [
        f"{_share(kept, coarse)} of the garment may be sheer or openwork; colours cannot tell, so it is kept as it is, "
        "with the backdrop that may show through; --sheer blend blends it."
    ] * bool(kept.any())
    return (blended if blended.any() else None), tuple(said)


def _share(part: Flags, whole: Flags) -> str:
    return f"{np.count_nonzero(part & whole) / np.count_nonzero(whole):.0%}"


def _own(photo: Photo, options: SegmentOptions, alpha: Matte) -> tuple[Matte, RGB]:
    """The user's matte with its foreground. A hard one, black and white alone, is a garment without its edge."""
    _refuse_extremes(photo, float(np.mean(alpha > 0.5)))
    if not np.any((alpha > 0) & (alpha < 1)):
        return matting.refine(photo.pixels, alpha > 0.5, options)[:2]
    return alpha, foregrounds.estimate(photo.pixels, alpha)


def _refuse_extremes(photo: Photo, covered: float) -> None:
    if covered < LEAST:
        raise NotFoundError(f"{photo.name}: no garment stands out; use a plainer backdrop or a photo with alpha.")
    if covered > MOST:
        raise NotFoundError(f"{photo.name}: the garment fills the frame; use a photo that shows its outline.")


def _small(photo: Photo) -> Plate:
    pixels = photo.pixels
    factor = COARSE / max(photo.width, photo.height)
    if factor < 1:
        size = max(1, round(photo.width * factor)), max(1, round(photo.height * factor))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return colour.to_srgb(pixels, photo.icc)


def _shrunk(values: Matte, size: tuple[int, ...]) -> Matte:
    return np.asarray(cv2.resize(values, size[::-1], interpolation=cv2.INTER_AREA), dtype=np.float32)
