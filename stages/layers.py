"""The picture as layers for a retoucher, in OpenRaster: plate, shadow, garment with its matte.

OpenRaster (openraster.org, baseline 0.0.6) is a zip of PNG files that GIMP, Krita and MyPaint open. Laid over one
another the usual way, the layers give the picture: the core exactly, all else within one level.
"""

import io
import zipfile
from xml.sax.saxutils import quoteattr

import cv2
import numpy as np
import numpy.typing as npt

from stages import colour, write
from stages.contracts import RGB, Matte, Placed

#: Longest side of the thumbnail that the format asks for.
_THUMBNAIL = 256
#: Rows worked on at a time, so that float copies stay small at any canvas size.
_STRIP = 256


def straight_alpha(matte: Matte, foreground: RGB) -> RGB:
    """Returns H x W x 4 in the foreground's bit depth; fully opaque means core (matte 1), and nothing else.

    Hidden pixels are black: no old backdrop travels under the alpha.
    """
    kind = foreground.dtype
    white = np.iinfo(kind).max
    soft = np.clip(np.rint(matte * white), 1, white - 1)
    alpha = np.where(matte == 1, white, np.where(matte == 0, 0, soft)).astype(kind)[..., None]
    return np.concatenate([np.where(alpha != 0, foreground, 0).astype(kind), alpha], axis=2)


def unshaded(blended: RGB, gain: npt.NDArray[np.float32]) -> tuple[RGB, RGB]:
    """Takes the shadow off a blended plate: gives the plate, H x W x 3, and black, H x W x 4, that shades it again.

    `gain`, of any size of the same aspect, is what the shadow multiplies by, in (0, 1]. Where the plate would be
    brighter than white without it, the shadow is made lighter.
    """
    height, width = blended.shape[:2]
    white = int(np.iinfo(blended.dtype).max)
    plate, shadow = np.empty_like(blended), np.zeros((height, width, 4), blended.dtype)
    across, down = gain.shape[1] / width, gain.shape[0] / height
    for top in range(0, height, _STRIP):
        rows = slice(top, min(top + _STRIP, height))
        # Row y of the canvas is row (y + 0.5) * down - 0.5 of the field.
        move = np.array([[across, 0, 0.5 * across - 0.5], [0, down, (top + 0.5) * down - 0.5]])
        size = (width, rows.stop - top)
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        wanted = 1 - cv2.warpAffine(gain, move, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
        least = blended[rows].max(axis=2) / white
        alpha = np.floor(np.clip(np.minimum(wanted, 1 - least), 0, 1) * white)
        shadow[rows, :, 3] = alpha.astype(blended.dtype)
        plate[rows] = np.rint(np.minimum(blended[rows] / (1 - alpha / white)[..., None], white)).astype(blended.dtype)
    return plate, shadow


def openraster(picture: bytes, blended: RGB, gain: npt.NDArray[np.float32], placed: Placed) -> bytes:
    """Returns the bytes of an .ora file.

    `picture` is the PNG as it is written, `blended` what `restore` was given, `gain` what `blend.shadow` gives. Every
    layer is in the photo's profile and bit depth.
    """
    plate, shadow = unshaded(blended, gain)
    garment = straight_alpha(placed.matte, np.where((placed.matte == 1)[..., None], placed.pixels, placed.foreground))
    x, y = placed.box[:2]
    parts = (
        ("garment", garment, x, y, "svg:src-over"),
        ("shadow", shadow, 0, 0, "svg:src-over"),
        ("plate", plate, 0, 0, "svg:src-over"),
    )
    layers = "".join(
        f"<layer name={quoteattr(name)} src={quoteattr(f'data/{name}.png')} x={quoteattr(str(left))} "
        f'y={quoteattr(str(top))} opacity="1.0" visibility="visible" composite-op={quoteattr(how)}/>'
        for name, _, left, top, how in parts
    )
    stack = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<image version="0.0.6" w="{placed.width}" h="{placed.height}"><stack>{layers}</stack></image>\n'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        # The type comes first and unpacked, so that a file's first bytes tell it.
        _add(archive, "mimetype", b"image/openraster")
        _add(archive, "stack.xml", stack.encode(), zipfile.ZIP_DEFLATED)
        for name, pixels, *_ in parts:
            _add(archive, f"data/{name}.png", write.encode(pixels, placed.icc, None))
        _add(archive, "mergedimage.png", picture)
        _add(archive, "Thumbnails/thumbnail.png", _thumbnail(picture, placed.icc))
    return out.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes, how: int = zipfile.ZIP_STORED) -> None:
    # A fixed date: the same picture gives the same file.
    archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, compress_type=how)


def _thumbnail(picture: bytes, icc: bytes | None) -> bytes:
    pixels = write.decode(picture)
    if pixels is None:
        raise ValueError("picture must be a PNG")
    height, width = pixels.shape[:2]
    shrink = min(1.0, _THUMBNAIL / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    return write.encode(colour.to_srgb(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), icc), None, None)
