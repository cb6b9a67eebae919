"""Where on a figure to look for its skin, hair, clothes and scene, and whether they are the asked ones.

Places come from the asked skeleton alone, so that the same measure holds for a rendered and for a painted figure.
"""

from collections.abc import Iterable
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from scripts.house.backdrops import PLACES, backdrop
from scripts.house.difference import Colours, ciede2000, lab
from scripts.house.render import Figure
from scripts.house.words import CLOTH_COLOURS, HAIR_COLOURS, SKIN, item
from stages.casting import Casting, Scene
from stages.contracts import KEYPOINTS, Category, Plate

#: Scenes are compared at this size (width, height): what is blurred away differs between two drawings of one place.
THUMB = (24, 36)

#: What a casting wears below or above each kind of kept garment.
OTHER: dict[Category, str] = {"top": "bottom", "outerwear": "bottom", "bottom": "top", "skirt": "top"}

BONES = tuple(
    (KEYPOINTS.index(f"{side}_{first}"), KEYPOINTS.index(f"{side}_{second}"))
    for side in ("right", "left")
    for first, second in zip(
        ("shoulder", "elbow", "shoulder", "hip", "knee"), ("elbow", "wrist", "hip", "knee", "ankle"), strict=True
    )
)


def skin_difference(picture: Plate, figure: Figure, casting: Casting) -> float | None:
    """Returns CIEDE2000 between the median of the face and the asked Monk tone; None if no face is in view."""
    head = _head(figure)
    if figure.view != "front" or head is None:
        return None
    # Nose and cheeks: between the eyes' and the mouth's rows, inside the outline of any hair.
    return _difference(
        picture, figure.skeleton[0, :2] + (0, -0.02 * head), (0.17 * head, 0.1 * head), SKIN[casting.skin - 1]
    )


def hair_colour(picture: Plate, figure: Figure) -> str | None:
    """Returns the named hair colour nearest to what is seen between forehead and crown; None if that is out of view."""
    head = _head(figure)
    if head is None:
        return None
    ears = figure.skeleton[16:18, :2].mean(0)
    return _nearest(picture, ears - (0, 0.45 * head), (0.16 * head, 0.045 * head), HAIR_COLOURS)


def clothes_colour(picture: Plate, figure: Figure) -> str | None:
    """The named colour nearest to the clothes that are worn with the kept garment; None if they are not seen."""
    part = OTHER.get(figure.category)
    if part is None:
        return None
    neck, hips = figure.skeleton[1, :2], figure.skeleton[[8, 11], :2].mean(0)
    size = (0.06 * float(np.linalg.norm(hips - neck)),) * 2
    if part == "top":
        return _nearest(picture, 0.55 * neck + 0.45 * hips, size, CLOTH_COLOURS, figure)
    short = item(figure.casting.bottom).kind in ("shorts", "skirt")
    for share in (0.2, 0.3) if short else (0.3, 0.5, 0.7):
        for hip, knee in ((8, 9), (11, 12)):
            spot = (1 - share) * figure.skeleton[hip, :2] + share * figure.skeleton[knee, :2]
            found = _nearest(picture, spot, size, CLOTH_COLOURS, figure)
            if found is not None:
                return found
    return None


def clothes_asked(casting: Casting, category: Category) -> str:
    """Returns the name of the colour of the clothes that `clothes_colour` looks for."""
    words = casting.bottom if OTHER[category] == "bottom" else casting.top
    colour = item(words).colour
    return next(name for name, each in CLOTH_COLOURS.items() if each == colour)


def scene_of(picture: Plate, figure: Figure) -> str:
    """Returns the place whose drawings look most like what is seen around the asked figure."""
    around = cv2.resize(_near(figure).astype(np.float32), THUMB, interpolation=cv2.INTER_AREA) < 0.05
    seen = lab(cv2.resize(picture, THUMB, interpolation=cv2.INTER_AREA))[around]
    distances = {place: min(float(np.abs(seen - each[around]).mean()) for each in _drawings(place)) for place in PLACES}
    return min(distances, key=lambda place: distances[place])


@cache
def _drawings(place: str) -> tuple[Colours, ...]:
    """Returns drawings of a place with its horizon at several heights and light from either side."""
    made = []
    for number, row in enumerate((0.8, 0.88, 0.95, 1.1, 1.4)):
        for side in ("left", "right", "front"):
            random = np.random.default_rng(number)
            drawn = backdrop(random, Scene(place=place, light_from=side), 96, 144, row * 144)
            small = cv2.resize(np.asarray(drawn, np.float32), THUMB, interpolation=cv2.INTER_AREA)
            made.append(lab(small * 255))
    return tuple(made)


def _near(figure: Figure) -> npt.NDArray[np.bool_]:
    """Returns where an asked figure may be: near its bones and its garment."""
    near = (figure.mask == 0).astype(np.uint8)
    head = head_length(figure)
    for start, end in BONES:
        if figure.skeleton[start, 2] and figure.skeleton[end, 2]:
            points = np.round(figure.skeleton[[start, end], :2]).astype(int).tolist()
            cv2.line(near, points[0], points[1], 1, max(1, round(head)))
    x, y = figure.skeleton[16:18, :2].mean(0)
    cv2.circle(near, (int(x), int(y)), int(0.9 * head), 1, -1)
    return np.asarray(near > 0)


def head_length(figure: Figure) -> float:
    """Returns the length of a head in pixels: neck to hips is 2.26 heads (scripts/house/body.py)."""
    return float(np.linalg.norm(figure.skeleton[[8, 11], :2].mean(0) - figure.skeleton[1, :2])) / 2.26


def _head(figure: Figure) -> float | None:
    return None if figure.framing == "lower" else head_length(figure)


def _patch(
    picture: Plate, centre: npt.NDArray[np.floating], size: tuple[float, ...], figure: Figure | None = None
) -> Colours | None:
    """Returns the median colour of an ellipse in CIELAB; with `figure`, None unless all of it was to be generated."""
    region = np.zeros(picture.shape[:2], np.uint8)
    x, y = (round(float(v)) for v in centre)
    cv2.ellipse(region, (x, y), (max(1, round(size[0])), max(1, round(size[1]))), 0, 0, 360, 1, -1)
    inside = region > 0
    if not inside.any() or (figure is not None and (figure.mask[inside] == 0).any()):
        return None
    return lab(np.median(picture[inside], axis=0))


def _difference(
    picture: Plate, centre: npt.NDArray[np.floating], size: tuple[float, ...], asked: tuple[int, int, int]
) -> float | None:
    found = _patch(picture, centre, size)
    return None if found is None else float(ciede2000(found, lab(asked)))


def _nearest(
    picture: Plate,
    centre: npt.NDArray[np.floating],
    size: tuple[float, ...],
    names: dict[str, tuple[int, int, int]],
    figure: Figure | None = None,
) -> str | None:
    found = _patch(picture, centre, size, figure)
    if found is None:
        return None
    return min(names, key=lambda name: float(ciede2000(found, lab(names[name]))))


def right(found: str | None, asked: str) -> bool | None:
    """Whether what was found is what was asked; None if nothing could be seen."""
    return None if found is None else found == asked


def share(answers: list[bool | None]) -> str:
    """Returns the share of right answers among those that could be given, in words."""
    known = [each for each in answers if each is not None]
    return f"{np.mean(known):.0%} of {len(known)}" if known else "-"


def mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
