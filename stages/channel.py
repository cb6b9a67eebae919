"""A picture as a shop or a platform takes it: cut or grown to its shape, resampled once, and checked as it was written.

The master is the only source; whatever is changed for a shop is changed here, on a copy in sRGB.
"""

import io
from dataclasses import dataclass
from typing import Annotated, Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import Field

from stages import colour, membrane, write
from stages.contracts import Box, Plate
from stages.generate.extend import even
from stages.options import Options

Flags = npt.NDArray[np.bool_]

#: Qualities that are tried, best first, until a file is small enough.
_QUALITIES = (92, 88, 84, 80, 75, 70, 62)
#: The frame of a picture: its outermost pixels, a share of the shorter side. White there is at least so much: JPEG
#: rounds, and rings.
_RING, _WHITE = 0.01, 253
#: A border is one colour within so many levels.
_ONE = 1.5
#: The garment in a channel's file is the master's, resampled, down to this likeness (PSNR) in decibels: JPEG at quality
#: 62 measured 25 to 40 on 22 garments, another garment in its place 3 to 14.
LIKE = 20.0


class Source(Options):
    """Where a rule was read."""

    url: str
    read: str
    """The day, as 2026-11-29."""
    says: str


class Rules(Options):
    """One file of configs/channels/: what a shop asks of a picture."""

    about: str
    """The shop's name, in words."""
    aspect: Annotated[str, Field(pattern=r"^\d+(\.\d+)?:\d+(\.\d+)?$")] | None = None
    """Width to height; None takes any."""
    least: tuple[int, int] = (1, 1)
    """Smallest width and height in pixels; smaller pictures are enlarged, and that is said."""
    best: tuple[int, int] | None = None
    """Width and height that are asked for where the picture has the pixels; larger ones are made smaller."""
    megapixels: Annotated[float, Field(gt=0)] = 100
    megabytes: Annotated[float, Field(gt=0)] = 20
    background: Literal["any", "white"] = "any"
    fill: Annotated[float, Field(gt=0, le=1)] | None = None
    """Least share of the frame's width or height that a product on plain paper has."""
    margin: Annotated[float, Field(ge=0, lt=0.5)] = 0.04
    """Free space around a product on plain paper, as a share of the frame."""
    format: Literal["jpg"] = "jpg"
    notes: tuple[str, ...] = ()
    """What the shop asks for and a file cannot show, such as names."""
    sources: tuple[Source, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    """Rules that the shop's own pages could not confirm."""


@dataclass(frozen=True, slots=True)
class Made:
    """A channel's file."""

    encoded: bytes
    window: Box
    """What of the master it shows, in the master's pixels; it may reach beyond them."""
    width: int
    height: int
    unmet: tuple[str, ...]
    """What the shop asks for and this file is not, in words."""
    said: tuple[str, ...]
    """What was done to the picture, in words."""


def make(
    picture: Plate, keep: Box, rules: Rules, about: write.About, core: Flags, *, alone: bool, spare: float = 0.0
) -> Made:
    """Returns the file for one channel of a master, H x W x 3 sRGB.

    `keep` is the box of the product in it and `core`, H x W, the pixels that are the photo's. `alone` says that the
    product stands on plain paper, with nobody: then the frame may close in on it. Otherwise no more than `spare`, a
    share of the frame, may be cut from a side.
    """
    height, width = picture.shape[:2]
    alone = alone and _paper(picture) is not None
    window = _window((width, height), keep, rules, spare, alone=alone)
    paper = _paper(picture, window)
    said: tuple[str, ...] = ()
    if paper is None:
        cure = f"--aspect {rules.aspect} makes the whole picture so" if rules.aspect else "give another --aspect"
        said = (f"white was added around the scene, whose shape is another ({cure})",)
    shown = _shown(picture, window, paper)
    size, more = _size(shown.shape[1], shown.shape[0], rules)
    encoded = b""
    for quality in _QUALITIES:
        encoded = _encode(resized(shown, size), quality, about)
        if len(encoded) <= rules.megabytes * 1e6:
            break
    unmet = check(encoded, rules, size, keep=moved(keep, window, size), alone=alone)
    if likeness(encoded, picture, window, size, core) < LIKE:
        unmet = (*unmet, "the garment is not told well enough at this size")
    return Made(encoded, window, *size, unmet, (*said, *more))


def check(
    encoded: bytes, rules: Rules, size: tuple[int, int], keep: Box | None = None, *, alone: bool = False
) -> tuple[str, ...]:
    """Opens a file again and gives what it is not, of what the rules ask and of `size`, its width and height."""
    wrong = []
    try:
        with Image.open(io.BytesIO(encoded)) as file:
            file.load()
            kind, icc, found = file.format, file.info.get("icc_profile"), file.size
            pixels = np.asarray(file.convert("RGB"))
    except (OSError, ValueError, SyntaxError):
        return ("it is no picture that can be opened",)
    width, height = found
    if kind != "JPEG":
        wrong.append(f"it is {kind}, not JPEG")
    if icc is None or colour.profile_name(icc) != colour.profile_name(colour.srgb()):
        wrong.append("it does not carry the sRGB profile")
    if found != size:
        wrong.append(f"it is {width} x {height} pixels, not {size[0]} x {size[1]}")
    if width < rules.least[0] or height < rules.least[1]:
        wrong.append(f"{width} x {height} pixels are fewer than {rules.least[0]} x {rules.least[1]}")
    if rules.aspect is not None and abs(width / height - ratio(rules.aspect)) > 1.5 / min(width, height):
        wrong.append(f"{width} x {height} is not {rules.aspect}")
    if width * height > rules.megapixels * 1e6:
        wrong.append(f"it has more than {rules.megapixels:g} megapixels")
    if len(encoded) > rules.megabytes * 1e6:
        wrong.append(f"it has {len(encoded) / 1e6:.1f} MB, more than {rules.megabytes:g}")
    if rules.background == "white" and not white(pixels):
        wrong.append("the background is not white, as the main picture's has to be: take it as a further picture")
    if rules.fill is not None and keep is not None and alone:
        share = max((keep[2] - keep[0]) / width, (keep[3] - keep[1]) / height)
        if share < rules.fill - 0.005:
            wrong.append(f"the product fills {share:.0%} of the frame, less than {rules.fill:.0%}")
    return tuple(wrong)


def ratio(aspect: str) -> float:
    """Returns width over height."""
    across, down = aspect.split(":")
    return float(across) / float(down)


def white(pixels: Plate) -> bool:
    """Whether a picture's frame is white all around, and with it the paper."""
    deep = max(2, round(_RING * min(pixels.shape[:2])))
    sides = (pixels[:deep], pixels[-deep:], pixels[:, :deep], pixels[:, -deep:])
    return all(int(each.min()) >= _WHITE for each in sides)


def likeness(encoded: bytes, picture: Plate, window: Box, size: tuple[int, int], core: Flags) -> float:
    """How like the master's garment, resampled once, that in a file is, in decibels (PSNR); 0 if it has none."""
    try:
        with Image.open(io.BytesIO(encoded)) as file:
            found = np.asarray(file.convert("RGB"))
    except (OSError, ValueError, SyntaxError):
        return 0.0
    if found.shape[:2] != size[::-1]:
        return 0.0
    wanted = resized(_shown(picture, window, None), size)
    kept = resized(_shown(np.dstack([core.astype(np.uint8) * 255] * 3), window, None, fill=0), size)[..., 0] == 255
    if not kept.any():
        return 0.0
    error = float(np.square(found[kept].astype(np.float32) - wanted[kept]).mean())
    return float(10 * np.log10(255**2 / max(error, 1e-6)))


def resized(picture: Plate, size: tuple[int, int]) -> Plate:
    """Returns a picture at (width, height): averaged over areas where it is made smaller, else by Lanczos."""
    if picture.shape[:2] == size[::-1]:
        return picture
    shrinks = size[0] < picture.shape[1]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4)


def _window(size: tuple[int, int], keep: Box, rules: Rules, spare: float, *, alone: bool) -> Box:
    """Returns what of the master is shown. It closes in on a product alone; of a person only `spare` paper is cut."""
    width, height = size
    if not alone:
        if rules.aspect is None:
            return (0, 0, width, height)
        shape, soft = ratio(rules.aspect), 1 - 2 * spare
        # As large as the frame allows; where less than the spare has to go, it goes, and else the frame grows.
        wide, tall = (width, width / shape) if shape > width / height else (height * shape, height)
        if tall < soft * height:
            wide, tall = height * shape, height
        elif wide < soft * width:
            wide, tall = width, width / shape
        return _about((0.5 * width, 0.5 * height), wide, tall)
    x0, y0, x1, y1 = keep
    soft = 1 - 2 * rules.margin
    wide, tall = (x1 - x0) / soft, (y1 - y0) / soft
    if rules.aspect is None and rules.fill is None:
        return (0, 0, width, height)
    shape = wide / tall if rules.aspect is None else ratio(rules.aspect)
    tall = max(tall, wide / shape)
    return _about((0.5 * (x0 + x1), 0.5 * (y0 + y1)), tall * shape, tall)


def _about(middle: tuple[float, float], wide: float, tall: float) -> Box:
    left, top = round(middle[0] - 0.5 * wide), round(middle[1] - 0.5 * tall)
    return (left, top, left + round(wide), top + round(tall))


def _size(width: int, height: int, rules: Rules) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Returns the width and height to write, and what to say of it."""
    scale = min(1.0, (rules.megapixels * 1e6 / (width * height)) ** 0.5)
    if rules.best is not None:
        scale = min(scale, max(rules.best[0] / width, rules.best[1] / height))
    scale = max(scale, rules.least[0] / width, rules.least[1] / height)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    if rules.aspect is not None:
        down = round(across / ratio(rules.aspect))
    if rules.best is not None and abs(across - rules.best[0]) <= 1:
        across, down = rules.best[0], rules.best[1] if rules.aspect is not None else down
    if scale <= 1:
        return (across, down), ()
    return (across, down), (f"enlarged {scale:.2f} times to reach its least size: a larger photo would be sharper",)


def _paper(picture: Plate, window: Box | None = None) -> npt.NDArray[np.float64] | None:
    """The colours of the border, one if all of it is one, where a window grows beyond it; all around without one.

    None where the border there is a scene, and not plain paper.
    """
    height, width = picture.shape[:2]
    deep = max(1, round(0.01 * min(height, width)))
    x0, y0, x1, y1 = (-1, -1, width + 1, height + 1) if window is None else window
    sides = [
        (y0 < 0, picture[:deep].swapaxes(0, 1)),
        (y1 > height, picture[-deep:].swapaxes(0, 1)),
        (x0 < 0, picture[:, :deep]),
        (x1 > width, picture[:, -deep:]),
    ]
    grown = [np.ascontiguousarray(each) for grows, each in sides if grows]
    if not all(even(each, None) for each in grown):
        return None
    every = np.concatenate([each.mean(axis=1) for each in grown]) if grown else np.full((1, 3), 255.0)
    return np.median(every, axis=0)[None] if np.ptp(every, axis=0).max() <= _ONE else every


def _shown(picture: Plate, window: Box, paper: npt.NDArray[np.float64] | None, fill: int = 255) -> Plate:
    """Returns a window of a picture, grown in the colours of its paper; `fill` where it is a scene."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = window
    a, b, c, d = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    inner = picture[b:d, a:c]
    if (a, b, c, d) == window:
        return inner
    canvas = np.full((y1 - y0, x1 - x0, 3), fill, np.uint8)
    there = slice(b - y0, d - y0), slice(a - x0, c - x0)
    if paper is not None and len(paper) == 1:
        canvas[:] = np.rint(paper[0])
    canvas[there] = inner
    if paper is not None and len(paper) > 1:
        known = np.zeros(canvas.shape[:2], bool)
        known[there] = True
        return _grown(canvas, known)
    return canvas


def _grown(canvas: Plate, known: Flags) -> Plate:
    """Carries a plain backdrop on by the smoothest field, and shifts that so that it meets the picture."""
    shrink = min(1.0, 512 / max(known.shape))
    size = max(1, round(known.shape[1] * shrink)), max(1, round(known.shape[0] * shrink))
    small = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    there = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.999
    field = membrane.harmonic(small, there)
    painted = np.clip(cv2.resize(field, known.shape[::-1], interpolation=cv2.INTER_LINEAR), 0, 255).astype(np.uint8)
    return np.asarray(membrane.blend(painted, canvas, ~known), np.uint8)


def moved(box: Box, window: Box, size: tuple[int, int]) -> Box:
    """Returns a box of the master in the pixels of a channel's file."""
    across, down = size[0] / (window[2] - window[0]), size[1] / (window[3] - window[1])
    x0, y0, x1, y1 = box
    return (
        round((x0 - window[0]) * across),
        round((y0 - window[1]) * down),
        round((x1 - window[0]) * across),
        round((y1 - window[1]) * down),
    )


def _encode(picture: Plate, quality: int, about: write.About) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(
        file, "JPEG", quality=quality, subsampling=0, icc_profile=colour.srgb(), xmp=write.xmp(about)
    )
    return file.getvalue()
