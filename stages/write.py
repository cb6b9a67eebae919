"""Encodes pictures: lossless PNG with the photo's profile, and an export in sRGB; `stages.disk` writes files."""

import io
import struct
import zlib
from dataclasses import dataclass
from xml.sax.saxutils import escape

import cv2
import numpy as np
from PIL import Image

from stages import colour
from stages.contracts import RGB, Mask, Plate
from stages.errors import OutputError
from stages.options import WriteOptions

#: zlib level, with run lengths as its only matches. Measured on 12 megapixels with grain: 0.4 s and 14.6 MB at 8 bits,
#: 0.8 s and 58 MB at 16; full matching at level 2 takes 0.5 s for 14.5 MB, and 1.7 s for 49 MB.
_LEVEL = 1
_STRIP = 256

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@dataclass(frozen=True, slots=True)
class About:
    """What a file's metadata say of its picture (IPTC Photo Metadata Standard 2023.1)."""

    source_type: str
    """The last part of a digital source type of IPTC's."""
    caption: str = ""
    alt: str = ""
    """What is seen, for whoever cannot see it."""


def encode(
    picture: RGB,
    icc: bytes | None,
    dpi: tuple[float, float] | None = None,
    about: About | None = None,
    alpha: RGB | None = None,
) -> bytes:
    """Returns an H x W x 3 picture of 8 or 16 bits as PNG with its profile, density and XMP.

    A fourth channel, or `alpha`, H x W in the picture's depth, is straight alpha. Equal arguments give equal bytes.
    """
    if alpha is not None:
        picture = np.concatenate([picture, alpha[..., None]], axis=2)
    chunks = []
    if icc is None:
        chunks.append(_chunk(b"sRGB", b"\x01"))  # relative colorimetric
    else:
        chunks.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(icc, 9)))
    x, y = (each / 0.0254 for each in dpi or (0, 0))
    if 1 <= x < 2**31 and 1 <= y < 2**31:  # PNG's limit; photos claim densities of 0, 10^9 and infinity
        chunks.append(_chunk(b"pHYs", struct.pack(">IIB", round(x), round(y), 1)))
    if about is not None:
        chunks.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(about)))
    return _png(picture, chunks)


def encode_mask(mask: Mask) -> bytes:
    """Returns an H x W mask as 8-bit grey PNG."""
    return _png(mask, [])


def decode(encoded: bytes) -> RGB | None:
    """Returns the RGB of a PNG in its own bit depth, as it lies in the file; None if it cannot be decoded."""
    if not encoded:
        return None
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
    picture: RGB | None = cv2.imdecode(np.frombuffer(encoded, np.uint8), flags)
    return picture


def decode_alpha(encoded: bytes) -> RGB | None:
    """Returns the alpha channel of a PNG in its own bit depth, H x W; None if it has none or cannot be decoded."""
    picture: RGB | None = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED) if encoded else None
    return None if picture is None or picture.ndim < 3 or picture.shape[2] != 4 else picture[..., 3]


def profile(encoded: bytes) -> bytes | None:
    """Returns the ICC profile that a PNG carries, or None."""
    at = len(_SIGNATURE)
    while at + 8 <= len(encoded):
        length, kind = struct.unpack(">I4s", encoded[at : at + 8])
        if kind == b"iCCP":
            _, _, compressed = encoded[at + 8 : at + 8 + length].partition(b"\0")
            return zlib.decompress(compressed[1:])
        if kind == b"IDAT":
            break
        at += 12 + length
    return None


def export(
    picture: RGB,
    icc: bytes | None,
    options: WriteOptions,
    about: About,
    alpha: RGB | None = None,
    foot: Plate | None = None,
) -> bytes:
    """Returns an H x W x 3 picture, in the profile `icc`, as 8-bit sRGB in the options' format, with profile and XMP.

    WebP keeps `alpha`, H x W in the picture's depth; JPEG, which has none, shows the picture on white. `foot`, sRGB of
    the picture's width, is put below it. Raises OutputError if the format cannot hold a picture of this size.
    """
    kind = {"jpg": "JPEG", "webp": "WEBP", "png": "PNG"}[options.format]
    extra = {"subsampling": 0} if kind == "JPEG" else {}
    file = io.BytesIO()
    try:
        seen = _seen(colour.to_srgb(picture, icc), alpha, kind)
        if foot is not None:
            solid = np.full((*foot.shape[:2], 1), 255, np.uint8)
            seen = np.vstack([seen, np.dstack([foot, solid])[..., : seen.shape[2]]])
        Image.fromarray(seen).save(
            file,
            kind,
            quality=options.quality,
            icc_profile=colour.srgb(),
            xmp=xmp(about),
            **extra,
        )
    except (OSError, ValueError) as error:
        size = f"{picture.shape[1]} x {picture.shape[0]}"
        raise OutputError(f"{options.format} cannot hold {size} pixels ({error}): choose --format png.") from error
    return file.getvalue()


def on_white(picture: Plate, alpha: RGB | None) -> Plate:
    """Returns an H x W x 3 picture of 8 bits with its transparency, H x W of 8 or 16 bits, shown on white."""
    return _seen(picture, alpha, "JPEG")


def _seen(picture: Plate, alpha: RGB | None, kind: str) -> Plate:
    if alpha is None:
        return picture
    full = np.float32(np.iinfo(alpha.dtype).max)
    if kind != "JPEG":
        return np.dstack([picture, np.rint(alpha / full * 255).astype(np.uint8)])
    weight = (alpha / full)[..., None]
    return np.asarray(np.rint(picture * weight + 255 * (1 - weight)), np.uint8)


def xmp(about: About) -> bytes:
    """Returns an XMP packet: digital source type, caption (dc:description) and alt text, where there are any."""
    words = "".join(
        f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(said)}</rdf:li></rdf:Alt></{name}>'
        for name, said in (("dc:description", about.caption), ("Iptc4xmpCore:AltTextAccessibility", about.alt))
        if said
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'Iptc4xmpExt:DigitalSourceType="{_SOURCE_TYPES}{about.source_type}">{words}'
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _png(pixels: RGB | Mask, chunks: list[bytes]) -> bytes:
    """Returns H x W (grey), or H x W x 3 or 4 (RGB, RGBA), of 8 or 16 bits as PNG, with `chunks` after its header.

    Written here in strips: OpenCV took three times as long and two more copies of the picture.
    """
    height, width = pixels.shape[:2]
    samples, depth = pixels.size // (height * width), pixels.itemsize
    head = struct.pack(">IIBBBBB", width, height, 8 * depth, {1: 0, 3: 2, 4: 6}[samples], 0, 0, 0)
    parts = [_SIGNATURE, _chunk(b"IHDR", head), *chunks]
    squeeze = zlib.compressobj(_LEVEL, strategy=zlib.Z_RLE)
    for top in range(0, height, _STRIP):
        strip = pixels[top : top + _STRIP].astype(f">u{depth}").view(np.uint8).reshape(-1, width * samples * depth)
        lines = np.empty((strip.shape[0], strip.shape[1] + 1), np.uint8)
        lines[:, 0] = 1  # filter Sub: each byte less that of the pixel to the left
        lines[:, 1:] = strip
        lines[:, 1 + samples * depth :] -= strip[:, : -samples * depth]
        parts.append(_chunk(b"IDAT", squeeze.compress(lines.data)))
    parts += [_chunk(b"IDAT", squeeze.flush()), _chunk(b"IEND", b"")]
    return b"".join(parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Returns one PNG chunk (PNG specification, third edition, 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
