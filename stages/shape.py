"""Reads a garment's outline: what it is, and where its landmarks lie.

Landmarks come from the silhouette alone, so prints, seams and colours cannot mislead.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from stages.category import Outline, guess
from stages.contracts import RGB, Category, Matte, Point, Shape
from stages.errors import ConfigError, NotFoundError
from stages.landmarks import flank, torso
from stages.legs import band, crotch, legs, suit, trousers
from stages.outline import axis, filled, lightness, open_gaps, side, silhouette, tilt, turned, turned_like
from stages.pose.body import measure

#: A landmark that is moved by hand makes the body at most so many times as tall or as small: more is a slip.
UNLIKELY = 2.5


def describe(matte: Matte, category: Category | None = None, picture: RGB | None = None) -> Shape:
    """Returns a garment's category and landmarks, in pixels of the matte (H x W float32 in [0, 1]).

    A given category is believed (confidence 1); otherwise it is guessed from the outline and, where `picture`
    (H x W x 3) is given, from whether the front opens. Cuffs are the middle of a sleeve's opening. The hem of
    trousers is given as the middle of each leg's opening, that of anything else as the corners of the lower edge;
    swimwear has a crotch and no hem. Raises `NotFoundError` if the matte is empty, or is no garment's outline.
    """
    try:
        return _described(matte, category, picture)
    except (LookupError, ValueError, ArithmeticError, cv2.error) as error:
        # Dust, stripes, chequerboards: there are no sides, legs or corners where a garment has them.
        raise NotFoundError(
            "what was found does not have the outline of a garment: give --garment-box, --garment-point or --matte"
        ) from error


def corrected(found: Shape, said: Sequence[str], width: int, height: int) -> Shape:
    """Returns a shape with the landmarks that `SegmentOptions.landmark` names moved, in a width x height photo.

    Raises ConfigError for one that the garment lacks, since a body is fitted by those that its kind has, for one
    outside the photo, and where no body fits them together.
    """
    marks = dict(found.landmarks)
    for words in said:
        name, _, at = words.partition("=")
        x, y = (float(each) for each in at.split(","))
        if name not in marks:
            raise ConfigError(
                f"--landmark {name}: this {found.category} has none; it has {', '.join(sorted(marks))}. "
                "--garment says what it is."
            )
        if not (x < width and y < height):
            raise ConfigError(f"--landmark {words} lies outside the photo, which is {width} x {height} pixels")
        marks[name] = (x, y)
    moved = replace(found, landmarks=marks)
    before, after = _stature(found), _stature(moved)
    if not (0 < before < np.inf and 1 / UNLIKELY < after / before < UNLIKELY):
        raise ConfigError(f"no body fits --landmark {' '.join(said)}: look at them in `onmodel generate --keep-stages`")
    return moved


def _stature(shape: Shape) -> float:
    """Returns the height of the body that landmarks tell of, in pixels; 0 where they tell of none."""
    try:
        return measure(shape).stature
    except (LookupError, ValueError, ArithmeticError):
        return 0.0


def _described(matte: Matte, category: Category | None, picture: RGB | None) -> Shape:
    outline = silhouette(matte)
    lean = tilt(outline.mask)
    mask, back = turned(outline.mask, lean) if lean else (outline.mask, np.eye(2, 3))
    light = None if picture is None else lightness(picture, outline)
    if light is not None and lean:
        light = turned_like(light, back, mask.shape)
    centre = axis(mask)
    body = filled(open_gaps(mask, centre))
    forked = crotch(mask, centre) is not None
    right, left = (flank(side(body, centre, way), outline.unit, forked) for way in (-1, 1))
    seen = Outline(mask, body, centre, right, left, light)
    confidence = 1.0
    if category is None:
        category, confidence = guess(seen)
    found = _landmarks(seen, category, forked)
    marks = {name: (back @ (x, y, 1)).tolist() for name, (x, y) in found.items()}
    return Shape(category, confidence, {name: outline.out(x, y) for name, (x, y) in marks.items()})


def _landmarks(seen: Outline, category: Category, forked: bool) -> dict[str, Point]:
    if category in ("bottom", "skirt"):
        return trousers(seen.mask, seen.centre)
    if category == "swim" and band(seen.mask, seen.centre):
        return suit(legs(seen.mask, seen.centre), seen.mask, seen.centre)
    found = torso(seen.body, seen.centre, seen.right, seen.left)
    if category == "swim":
        return suit(found, seen.mask, seen.centre)
    if category == "dress" and forked:
        # A jumpsuit.
        found |= {name: point for name, point in legs(seen.mask, seen.centre).items() if "waist" not in name}
    return found
