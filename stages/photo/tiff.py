"""TIFF through tifffile: one way for every depth, layout and compression."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from stages import colour
from stages.contracts import RGB, Matte
from stages.errors import PhotoError
from stages.photo import declared
from stages.photo.raw import UPRIGHT, Raw, straight, widened

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

#: Bits of NewSubfileType.
_REDUCED, _MASK = 1, 4
#: Photometric interpretations that are read.
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _SEPARATED, _YCBCR = 0, 1, 2, 3, 5, 6
_COLOURS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _PALETTE: 1, _SEPARATED: 4, _YCBCR: 3}
_WORDS = {8: "CIELAB", 9: "ICCLAB", 10: "ITULAB", 32803: "raw sensor", 34892: "raw sensor"}
#: JPEG inside TIFF: its decoder gives RGB.
_JPEG = (6, 7, 34892)
#: Extra samples that are alpha: colours multiplied by it, and not.
_PREMULTIPLIED, _STRAIGHT = 1, 2
#: More samples a pixel than this are no photo.
_MOST_SAMPLES = 8
#: No compression packs better than this: deflate takes 258 bytes for 2 bits.
_MOST_PACKED = 1032
_INCH, _CENTIMETRE = 2, 3
_ICC, _WHITE_POINT, _PRIMARIES, _TRANSFER = 34675, 318, 319, 301


@contextmanager
def opened(data: bytes, name: str) -> Iterator[tuple[Any, int]]:
    """Returns the page that is the photo, and how many of full size there are: previews and masks are none."""
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tops = list(file.pages)
        pages = [page for top in tops for page in (top, *(top.pages or ()))]
        whole = [page for page in pages if not _kind(page) & (_REDUCED | _MASK)] or pages
        if not whole:
            raise PhotoError(f"{name} is a TIFF without a picture: export it again.")
        yield whole[0], len(whole)


def read(data: bytes, name: str) -> Raw:
    """Decodes the photo of a TIFF. Raises PhotoError for what is not read."""
    with opened(data, name) as (page, count):
        photometric, bits = int(page.photometric), int(page.bitspersample)
        _refuse(page, photometric, bits, name)
        _refuse_hollow(page, len(data))
        notes = [f"it has {count} pages, of which the first was read"] if count > 1 else []
        if photometric == _YCBCR and int(page.compression) not in _JPEG:
            samples, extra = _through_libtiff(data, page.index), None
            colours = 3
        else:
            samples = _samples(page)
            colours = 3 if photometric == _YCBCR else _COLOURS[photometric]
            extra = samples[..., colours:]
            samples = samples[..., :colours]
        alpha, premultiplied = _alpha(page, extra, bits, notes)
        icc = _tag(page, _ICC)
        icc = bytes(icc) if icc is not None else _calibrated(page, photometric, name)
        raw = Raw(_colours(page, samples, photometric, bits, icc, notes), alpha, icc, notes=notes)
        if photometric == _SEPARATED:
            raw.icc = None
        if premultiplied and alpha is not None:
            raw.samples = straight(raw.samples, alpha)
        raw.orientation = int(_tag(page, 274) or UPRIGHT)
        raw.dpi = _density(page)
    return raw


def _kind(page: Any) -> int:
    return int(getattr(page, "subfiletype", 0) or 0)


def _tag(page: Any, code: int) -> Any:
    tag = page.tags.get(code)
    return None if tag is None else tag.value


def _refuse(page: Any, photometric: int, bits: int, name: str) -> None:
    formats = np.atleast_1d(page.sampleformat)
    if bits > 16 or bool((formats == 3).any()):
        raise PhotoError(f"{name} is a TIFF with floating-point or more than 16 bits: save it with 16 bits a channel.")
    if bool((formats != 1).any()):
        raise PhotoError(f"{name} is a TIFF with signed or complex samples: save it with 8 or 16 bits a channel.")
    if photometric not in _COLOURS:
        word = _WORDS.get(photometric, f"photometric {photometric}")
        raise PhotoError(f"{name} is a TIFF in {word} colours, which are not read: export it as RGB.")
    if page.samplesperpixel < _COLOURS[photometric] or page.samplesperpixel > _MOST_SAMPLES:
        raise PhotoError(
            f"{name} is a TIFF of {page.samplesperpixel} samples a pixel, which is not read: save it as RGB."
        )
    if photometric == _SEPARATED and int(_tag(page, 332) or 1) != 1:
        raise PhotoError(f"{name} is a TIFF in inks other than CMYK: export it as RGB.")
    if getattr(page, "imagedepth", 1) > 1:
        raise PhotoError(f"{name} is a TIFF of a volume, not of a photo.")


def _refuse_hollow(page: Any, length: int) -> None:
    """Raises ValueError for a file that is too short for its picture, before memory is taken for it."""
    bits = page.imagewidth * page.imagelength * page.samplesperpixel * page.bitspersample
    packed = 1 if int(page.compression) == 1 else _MOST_PACKED
    if int(page.photometric) != _YCBCR and bits / 8 > packed * length:
        raise ValueError("it is too short for its size")


def _samples(page: Any) -> Any:
    """Returns H x W x samples, as stored."""
    found = page.asarray(maxworkers=1)
    if found.dtype == bool:
        found = found.astype(np.uint8)
    axes = page.axes
    if axes == "YX":
        return found[..., None]
    if axes == "SYX":
        return np.moveaxis(found, 0, 2)
    if axes != "YXS":
        raise ValueError(f"its samples lie as {axes}")
    return found


def _through_libtiff(data: bytes, index: int) -> Any:
    """Returns subsampled YCbCr as RGB, H x W x 3, 8 bits."""
    import imagecodecs

    return imagecodecs.tiff_decode(data, index=index, asrgb=True)[..., :3]


def _alpha(page: Any, extra: Any, bits: int, notes: list[str]) -> tuple[Matte | None, bool]:
    """Returns alpha and whether colours are multiplied by it; other extra channels are left out, and said."""
    kinds = [int(each) for each in page.extrasamples or ()]
    if extra is None or not extra.shape[2]:
        return None, False
    at = next((index for index, kind in enumerate(kinds) if kind in (_PREMULTIPLIED, _STRAIGHT)), None)
    left_out = extra.shape[2] - (at is not None)
    if left_out:
        notes.append(f"{left_out} extra channel{'s' * (left_out > 1)} of unknown meaning left out")
    if at is None or at >= extra.shape[2]:
        return None, False
    return np.asarray(extra[..., at] / np.float32(2**bits - 1), np.float32), kinds[at] == _PREMULTIPLIED


def _colours(page: Any, samples: Any, photometric: int, bits: int, icc: bytes | None, notes: list[str]) -> RGB:
    """Returns H x W (grey) or H x W x 3, uint8 or uint16 over its full range."""
    if photometric == _PALETTE:
        notes.append("converted from a palette to RGB")
        table = np.asarray(page.colormap)
        if table.max() > 255:  # else a writer that filled the low bytes, as libtiff takes it too
            table = np.rint(table / 257)
        return np.ascontiguousarray(table.astype(np.uint8).T[samples[..., 0]])
    full = widened(samples, bits) if photometric != _YCBCR else samples
    if bits not in (1, 8, 16):
        notes.append(f"its {bits} bits a channel were spread over {8 * full.itemsize}")
    if photometric == _SEPARATED:
        notes.append("converted from CMYK to RGB")
        return colour.from_cmyk(full, icc)
    if photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO):
        notes.append("converted from grey to RGB")
        grey = full[..., 0]
        return np.ascontiguousarray(grey if photometric == _BLACK_IS_ZERO else np.iinfo(grey.dtype).max - grey)
    return np.ascontiguousarray(full)


def _calibrated(page: Any, photometric: int, name: str) -> bytes | None:
    """Returns the profile of chromaticities (TIFF 6.0, section 20) where a file has no ICC profile; None for sRGB."""
    if photometric not in (_RGB, _PALETTE, _YCBCR):
        return None
    if _tag(page, _TRANSFER) is not None:
        raise PhotoError(f"{name} is a TIFF with a transfer function of its own: export it with an ICC profile.")
    primaries, white = _tag(page, _PRIMARIES), _tag(page, _WHITE_POINT)
    if primaries is None:
        return None
    red, green, blue = (tuple(_ratio(primaries, at + axis) for axis in (0, 1)) for at in (0, 2, 4))
    there = declared.SRGB[:2] if white is None else tuple(_ratio(white, axis) for axis in (0, 1))
    return declared.of_gamma(None, (*there, *red, *green, *blue), name)  # type: ignore[arg-type]


def _ratio(values: Any, at: int) -> float:
    over, under = values[2 * at : 2 * at + 2]
    return float(over) / float(under) if under else 0.0


def _density(page: Any) -> tuple[float, float] | None:
    unit = int(_tag(page, 296) or _INCH)
    across, down = _tag(page, 282), _tag(page, 283)
    if unit not in (_INCH, _CENTIMETRE) or across is None or down is None:
        return None
    factor = 1.0 if unit == _INCH else 2.54
    return factor * _ratio(across, 0), factor * _ratio(down, 0)


def size(data: bytes, name: str) -> tuple[int, int]:
    """Returns width and height as stored."""
    with opened(data, name) as (page, _):
        return int(page.imagewidth), int(page.imagelength)
