"""Masks and mattes as editors write them, read by one rule.

1. Alpha that is the same everywhere means nothing.
2. Where alpha varies it is the matte: a cut-out, or paint. A mask whose opaque part is of a brush's few colours says
   alpha x brightness, which is the greatest channel: white or red on transparent is paint, what is hidden under full
   transparency is not. Paint that is all black on transparent says its alpha.
3. Where a mask's alpha varies over a picture, what is clear was rubbed out, and is marked.
4. Without alpha brightness speaks: white, or a colour on black. On white it is the colour (or black on white, which
   `inverted` masks then ask about). A picture is refused.
5. White may end at 217 of 255 and black begin at 25: soft brushes, JPEG and video range. Labels 0 and 1 are levels too.
6. Another size of the same shape is resized.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from stages import photo as photos
from stages.contracts import Matte, Photo
from stages.errors import ConfigError, PhotoError
from stages.matte.levels import stretched
from stages.options import PhotoOptions

Flags = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.float32]

#: Colours within this of black, white or a brush's colour are paint, and so are the soft edges between. Of a mask at
#: least the second share is paint, and no more than the third lies off those lines: JPEG rings there in 2 % at most.
_TINT, _ENDS, _OTHERS = 0.16, 0.6, 0.04
#: Colours have a hue from this difference between their channels.
_COLOURED = 0.2
#: Sides may differ by a pixel of rounding in the smaller picture.
_ROUNDING = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What a mask or a matte says of a photo."""

    level: Matte
    """H x W of the photo: 1 is marked (or garment), 0 is not."""
    said: tuple[str, ...]
    """What was made of it, in words."""


def read(path: Path, photo: Photo, flag: str) -> Marks:
    """Reads the file of `--mask` or `--matte`, as `flag` names it, for a photo.

    Raises ConfigError when it cannot be read, has another shape than the photo has upright, or is a picture.
    """
    try:
        given = photos.read(path, PhotoOptions(), hidden=True)
    except PhotoError as error:
        raise ConfigError(f"--{flag}: {error}") from error
    colours = given.pixels.astype(np.float32) / np.float32(np.iinfo(given.pixels.dtype).max)
    said: list[str] = []
    if given.alpha is not None:
        level = _with_alpha(colours, given.alpha, flag, said)
    else:
        level = _plain(colours, path.name, flag, said)
    return Marks(_fitted(level, photo, path.name, flag, said), tuple(said))


def _with_alpha(colours: Levels, alpha: Matte, flag: str, said: list[str]) -> Matte:
    if flag == "matte":
        return alpha
    there = alpha > 0.5
    if there.any() and not _brushed(colours[there]):
        said.append("The mask is a picture with clear parts: those are generated.")
        return np.asarray(1 - alpha, np.float32)
    brightness = colours.max(axis=2)
    if there.any() and float(np.percentile(brightness[there], 99)) < 0.5:
        said.append(f"The {flag} is black on transparent: what is painted counts.")
        return alpha
    return np.asarray(alpha * brightness, np.float32)


def _plain(colours: Levels, name: str, flag: str, said: list[str]) -> Matte:
    brightness = colours.max(axis=2)
    tint = brightness - colours.min(axis=2)
    if float(brightness.max()) <= 1 / 255 + 1e-6 and brightness.any():
        said.append(f"The {flag} holds 0 and 1 alone: 1 counts as white.")
        return np.asarray(brightness > 0, np.float32)
    if not (flag == "matte" and float(tint.max()) < _COLOURED) and not _brushed(colours.reshape(-1, 3)):
        raise ConfigError(f"--{flag} {name} is a picture: paint white on black, or on a transparent layer.")
    coloured = tint > _COLOURED
    if coloured.any() and not coloured.all() and float(np.median(brightness[~coloured])) > 0.5:
        said.append(f"The {flag} is a colour on white: the colour counts.")
        return np.asarray(np.clip(tint / float(np.median(tint[coloured])), 0, 1), np.float32)
    return np.asarray(brightness, np.float32)


def _brushed(colours: Levels) -> bool:
    """Whether N x 3 colours are those of paint: black, white, one brush's colour, and edges between them."""
    brightness, darkness = colours.max(axis=1), colours.min(axis=1)
    tint = brightness - darkness
    ends = (tint < _TINT) & ((brightness < _TINT) | (darkness > 1 - _TINT))
    white, black = np.ones(3, np.float32), np.zeros(3, np.float32)
    off = _off(colours, black, white)
    if (tint > _COLOURED).any():
        strong = tint >= np.percentile(tint[tint > _COLOURED], 50)
        brush = np.asarray(np.median(colours[strong], axis=0), np.float32)
        ends |= np.linalg.norm(colours - brush, axis=1) < _TINT
        off = np.minimum(off, np.minimum(_off(colours, black, brush), _off(colours, white, brush)))
    return bool(np.mean(ends) >= _ENDS and np.mean(off > _TINT) <= _OTHERS)


def _off(colours: Levels, start: Levels, end: Levels) -> Levels:
    """Returns how far colours lie from the line between two."""
    along = end - start
    length = float(along @ along)
    share = np.clip((colours - start) @ along / max(length, 1e-6), 0, 1)
    return np.asarray(np.linalg.norm(colours - start - share[:, None] * along, axis=1), np.float32)


def _fitted(level: Matte, photo: Photo, name: str, flag: str, said: list[str]) -> Matte:
    height, width = level.shape
    if (height, width) == (photo.height, photo.width):
        return level
    factor = photo.width / width
    # One pixel of the smaller picture is what rounding its sides makes.
    off = abs(photo.height - height * factor)
    if off > _ROUNDING * max(1.0, factor):
        turned = " It lies on its side: turn it upright." if (height, width) == (photo.width, photo.height) else ""
        raise ConfigError(
            f"--{flag} {name} has {width} x {height} pixels, but {photo.name}, upright, has {photo.width} x "
            f"{photo.height}: give one of the same shape.{turned}"
        )
    said.append(f"The {flag} was resized from {width} x {height} to the photo's {photo.width} x {photo.height}.")
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(level, (photo.width, photo.height), interpolation=how), np.float32)


def region(marks: Marks, name: str, white: str) -> Flags:
    """Returns what a mask marks, H x W: `white` says that white is what is generated, or kept, or leaves it open.

    Raises ConfigError where that is open and the mask seems inverted: it marks more than half of the photo, and most of
    the frame.
    """
    marked: Flags = marks.level >= 0.5
    if white == "keep":
        return ~marked
    frame = np.concatenate([marked[0], marked[-1], marked[1:-1, 0], marked[1:-1, -1]])
    if white == "auto" and marked.mean() > 0.5 and frame.mean() > 0.5:
        raise ConfigError(
            f"--mask {name} marks {marked.mean():.0%} of the photo, most of its frame included. Is it inverted? "
            "If white is what to keep, say --mask-white keep; if all that is to be generated, --mask-white generate."
        )
    return marked


def coverage(marks: Marks, name: str) -> Matte:
    """Returns a matte's coverage, H x W, white at 1 and black at 0. Raises ConfigError if it has no white."""
    level = stretched(marks.level)
    if level is None:
        raise ConfigError(
            f"--matte {name} is {float(marks.level.max()):.0%} white at most, so nothing is surely garment: make what "
            "belongs to it white."
        )
    return level
