"""From a file to a photo: which decoder, then the same steps for all of them."""

import hashlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import cv2
import numpy as np
from PIL import UnidentifiedImageError

from stages import colour
from stages.contracts import RGB, Matte, Photo
from stages.errors import PhotoError
from stages.options import PhotoOptions
from stages.photo import eight, others, png, tiff
from stages.photo.raw import BROKEN, Raw
from stages.reading import LARGE, contents

#: What Pillow opens here. Left out on purpose: EPS, which runs Ghostscript, and formats without a use for photos.
_PILLOW = ("JPEG", "MPO", "WEBP", "AVIF", "JPEG2000", "BMP", "GIF")
#: Densities beyond these, in pixels an inch, are no photo's, and PNG cannot hold them all.
_DENSITIES = (1.0, 1e5)
#: The longest side that libpng reads, and warns on the terminal about.
_LONGEST = 1_000_000

# What decoders grumble about is not for the terminal: either a photo is read, or one sentence says why not.
for decoder in ("tifffile", "imagecodecs"):
    logging.getLogger(decoder).setLevel(logging.CRITICAL)

Picture = TypeVar("Picture", RGB, Matte)


def read(source: Path | bytes, options: PhotoOptions, name: str | None = None, *, hidden: bool = False) -> Photo:
    """Returns the photo in a file, or in a file's bytes, upright and as RGB.

    Up to 8 bits a channel come as 8, more as 16; alpha comes straight. Colours are those that the file declares, by a
    profile or otherwise; high dynamic range and other spaces without a profile are refused. CMYK, grey and palette
    pictures are converted to RGB once, which `Photo.notes` says. Under full transparency lie the nearest visible
    colours, unless `hidden` asks for the file's own. Raises PhotoError, naming the photo, for anything unusable.
    """
    name = name or _named(source)
    data = _bytes(source, name)
    with _said(name):
        _refuse_bomb(*_size(data, name), options, name)
        return _photo(_decoded(data, name), data, name, hidden)


def size(source: Path | bytes, options: PhotoOptions, name: str | None = None) -> tuple[int, int]:
    """Returns width and height as stored, from a file's header alone. Raises PhotoError as `read` does."""
    name = name or _named(source)
    data = _bytes(source, name)
    with _said(name):
        width, height = _size(data, name)
        _refuse_bomb(width, height, options, name)
        return width, height


def _named(source: Path | bytes) -> str:
    return (source.name or str(source)) if isinstance(source, Path) else "photo"


def decoded(data: bytes, name: str) -> Raw:
    """Returns a file's samples as its decoder gives them. Raises PhotoError."""
    with _said(name):
        return _decoded(data, name)


@contextmanager
def _said(name: str) -> Iterator[None]:
    """Says in words what decoders raise."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnidentifiedImageError:
        raise PhotoError(f"{name} is not a photo that can be opened: use JPEG, PNG, TIFF or WebP.") from None
    except MemoryError:
        raise PhotoError(f"{name} does not fit into memory: make it smaller.") from None
    except BROKEN as error:
        words = " ".join(str(error).split())[:120]
        raise PhotoError(f"{name} is damaged or cut off ({words}): export it again.") from error


def _bytes(source: Path | bytes, name: str) -> bytes:
    if isinstance(source, Path):
        try:
            source = contents(source, LARGE)
        except IsADirectoryError:
            raise PhotoError(f"{name} is a folder: name a photo in it.") from None
        except FileNotFoundError:
            raise PhotoError(f"{name} does not exist: check the path.") from None
        except OSError as error:
            raise PhotoError(
                f"{name} cannot be read ({error.strerror}): check what it is, and its permissions."
            ) from error
    if not source:
        raise PhotoError(f"{name} is empty: export it again.")
    return source


def _size(data: bytes, name: str) -> tuple[int, int]:
    if data.startswith(png.SIGNATURE):
        return png.size(data)
    if data.startswith(tiff.MAGIC):
        return tiff.size(data, name)
    if others.is_heic(data):
        width, height = others.open_heic(data, name).size
        return int(width), int(height)
    with eight.opened(data, _PILLOW) as picture:
        return picture.width, picture.height


def _decoded(data: bytes, name: str) -> Raw:
    if data.startswith(png.SIGNATURE):
        return png.read(data, name)
    if data.startswith(tiff.MAGIC):
        return tiff.read(data, name)
    if others.is_heic(data):
        return others.heic(data, name)
    with eight.opened(data, _PILLOW) as picture:
        return others.read(picture, data, name)


def _refuse_bomb(width: int, height: int, options: PhotoOptions, name: str) -> None:
    if not (0 < width <= _LONGEST and 0 < height <= _LONGEST):
        raise ValueError(f"its header says {width} x {height} pixels")
    megapixels = width * height / 1e6
    if megapixels > options.max_megapixels:
        raise PhotoError(
            f"{name} has {megapixels:.0f} megapixels, more than the {options.max_megapixels:g} allowed: "
            "make it smaller, or raise photo.max_megapixels in a config file."
        )


def _photo(raw: Raw, data: bytes, name: str, hidden: bool) -> Photo:
    pixels, profile, notes = turned(raw.samples, raw.orientation), raw.icc, raw.notes
    grey = pixels.ndim == 2
    if profile and colour.space(profile) != ("GRAY" if grey else "RGB "):
        # Of a picture that was converted the profile may be that of its inks.
        if not notes:
            notes.append("its ICC profile does not fit its pixels and was ignored: taken as sRGB")
        profile = None
    if grey:
        pixels, profile = colour.from_grey(pixels, profile), None
    alpha = None if raw.alpha is None else _alpha(turned(raw.alpha, raw.orientation), name, notes)
    if alpha is not None and not hidden:
        pixels = bled(pixels, alpha)
    return Photo(
        name=name,
        pixels=pixels,
        sha256=hashlib.sha256(data).hexdigest(),
        alpha=alpha,
        icc=profile,
        dpi=_density(raw.dpi),
        notes=tuple(notes),
    )


def turned(pixels: Picture, orientation: int) -> Picture:
    """Applies an Exif orientation (1 to 8) to an array, H x W or H x W x 3."""
    out: Any = pixels
    if orientation in {5, 6, 7, 8}:
        out = cv2.transpose(out)
    if orientation in {2, 3, 6, 7}:
        out = cv2.flip(out, 1)
    if orientation in {3, 4, 7, 8}:
        out = cv2.flip(out, 0)
    return cast(Picture, out)


def _alpha(alpha: Matte, name: str, notes: list[str]) -> Matte | None:
    """Returns the alpha that says something: not the same everywhere."""
    least, most = float(alpha.min()), float(alpha.max())
    if most == 0:
        raise PhotoError(f"{name} is fully transparent: nothing in it can be seen.")
    if least < most:
        return alpha
    if most < 1:
        notes.append(f"its transparency, {1 - most:.0%} everywhere, says nothing and was dropped")
    return None


def bled(pixels: RGB, alpha: Matte) -> RGB:
    """Returns H x W x 3 with the nearest visible colour under full transparency: hidden colours are anything."""
    hidden = alpha == 0
    if not hidden.any():
        return pixels
    _, labels = cv2.distanceTransformWithLabels(hidden.astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    ys, xs = np.nonzero(~hidden)
    nearest = np.zeros(int(labels.max()) + 1, np.intp)
    nearest[labels[ys, xs]] = np.arange(len(ys))
    source = nearest[labels[hidden]]
    out = pixels.copy()
    out[hidden] = pixels[ys[source], xs[source]]
    return out


def _density(dpi: tuple[float, float] | None) -> tuple[float, float] | None:
    try:
        x, y = (float(each) for each in dpi or ())
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    low, high = _DENSITIES
    return (x, y) if low <= x <= high and low <= y <= high else None
