"""Sound photos of every format that is read, in the forms that libraries write: what breaking begins with."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
import tifffile
from PIL import Image

from stages import write
from stages.photo import declared

Pixels = np.ndarray[Any, Any]


def picture(dice: random.Random, dtype: Any = np.uint8, channels: int = 3, most: int = 40) -> Pixels:
    """Returns a small picture of noise on a ramp, H x W x channels, in the whole range of an integer type or to 1."""
    height, width = dice.randint(8, most), dice.randint(8, most)
    noise = np.random.default_rng(dice.getrandbits(32)).integers(0, 60, (height, width, channels))
    ramp = (np.linspace(40, 180, width)[None, :, None] + noise) / 255
    kind = np.dtype(dtype)
    return np.asarray(ramp * (np.iinfo(kind).max if kind.kind in "iu" else 1)).astype(kind)


def _image(dice: random.Random, modes: tuple[str, ...]) -> Image.Image:
    return Image.fromarray(picture(dice)).convert(dice.choice(modes))


def _exif(dice: random.Random) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = dice.randint(0, 9)
    exif[0x011A] = dice.choice([72.0, 0.0, 1e9, 4294967295.0])
    return exif


def _profile(dice: random.Random) -> bytes | None:
    return dice.choice((None, None, declared.adobe_rgb(), declared.of_codes(12, 13, "a try"), b"no profile"))


def _pillow(kind: str, modes: tuple[str, ...], **options: Callable[[random.Random], Any]) -> Callable[..., bytes]:
    """Returns what makes files by Pillow; options are drawn anew for each."""

    def make(dice: random.Random) -> bytes:
        file = io.BytesIO()
        image = _image(dice, modes)
        if kind == "PNG" and image.mode == "I;16":
            options_now: dict[str, Any] = {}
        else:
            options_now = {name: draw(dice) for name, draw in options.items()}
        image.save(file, kind, **options_now)
        return file.getvalue()

    return make


def _dpi(dice: random.Random) -> tuple[int, int]:
    return (dice.choice([1, 72, 300, 65535]),) * 2


def _several(kind: str, modes: tuple[str, ...], **options: Any) -> Callable[[random.Random], bytes]:
    """Returns what makes files of more pictures than one: films, pages, and the second views of a phone."""

    def make(dice: random.Random) -> bytes:
        file = io.BytesIO()
        first, *others = (_image(dice, modes) for _ in range(dice.randint(2, 3)))
        first.save(file, kind, save_all=True, append_images=[each.resize(first.size) for each in others], **options)
        return file.getvalue()

    return make


def _png16(dice: random.Random) -> bytes:
    return write.encode(picture(dice, np.uint16, dice.choice((3, 4))), None, (dice.choice((72, 1e5)), 300))


def _png_declared(dice: random.Random) -> bytes:
    """A PNG with colour chunks of chance: gAMA, cHRM, sRGB, cICP, tRNS, text, and a film's acTL."""
    file = io.BytesIO()
    _image(dice, ("RGB", "L", "P")).save(file, "PNG")
    data = file.getvalue()
    chunks = {
        b"gAMA": struct.pack(">I", dice.choice((45455, 100000, 0, 1, 2**31))),
        b"cHRM": struct.pack(">8I", *(dice.choice((31270, 32900, 64000, 33000, 0, 2**31)) for _ in range(8))),
        b"sRGB": bytes([dice.randrange(6)]),
        b"cICP": bytes([dice.choice((1, 9, 12)), dice.choice((1, 13, 16, 18)), dice.choice((0, 1)), 1]),
        b"iTXt": b"XML:com.adobe.xmp\0\0\0\0\0" + dice.randbytes(20),
        b"zTXt": b"a\0\0" + zlib.compress(b"x" * dice.choice((10, 10**7))),
        b"eXIf": _exif(dice).tobytes()[6:],
        b"acTL": struct.pack(">II", dice.choice((1, 2, 2**31 - 1)), 0),
        b"iCCP": b"p\0\0" + zlib.compress(_profile(dice) or b""),
        b"tRNS": dice.randbytes(dice.choice((2, 6, 200))),
    }
    for name in dice.sample(sorted(chunks), dice.randint(1, 3)):
        data = data[:33] + _chunk(name, chunks[name]) + data[33:]
    return data


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _tiff(dice: random.Random) -> bytes:
    """A TIFF of chance: types, colours, planes, tiles, compressions, byte orders, pages."""
    file = io.BytesIO()
    colours = dice.choice(("rgb", "minisblack", "miniswhite", "separated", "cielab"))
    extra = dice.choice(([], [], ["unassalpha"], ["assocalpha"], ["unspecified"]))
    channels = {"separated": 4, "rgb": 3, "cielab": 3}.get(colours, 1) + len(extra)
    dtype = dice.choice((np.uint8, np.uint8, np.uint16, np.uint16, np.uint32, np.int16, np.float32, np.float16))
    pixels = picture(dice, dtype, channels, 70)
    planar = dice.choice(("contig", "separate")) if channels > 1 else None
    pixels = np.moveaxis(pixels, -1, 0) if planar == "separate" else pixels[..., 0] if channels == 1 else pixels
    options: dict[str, Any] = {
        "photometric": colours,
        "planarconfig": planar,
        "extrasamples": extra,
        "compression": dice.choice((None, None, "zlib", "lzw", "packbits", "zstd", "lzma")),
        "tile": dice.choice((None, (16, 16), (64, 32))),
        "rowsperstrip": dice.choice((None, 1, 7)),
        "resolution": (dice.choice((0, 72, 1e9)), 72),
        "iccprofile": _profile(dice),
        "extratags": [(0x0112, 3, 1, dice.randint(0, 9), True)],
        "metadata": None,
    }
    with tifffile.TiffWriter(file, bigtiff=dice.random() < 0.2, byteorder=dice.choice("<>")) as tiff:
        for page in range(dice.choice((1, 1, 2))):
            tiff.write(pixels, subfiletype=page, **options)
    return file.getvalue()


def _heic(dice: random.Random) -> bytes:
    import pillow_heif

    file = io.BytesIO()
    if dice.random() < 0.4:
        mode, channels = dice.choice((("RGB;16", 3), ("RGBA;16", 4), ("L;16", 1)))
        pixels = picture(dice, np.uint16, channels)
        made = pillow_heif.from_bytes(mode, pixels.shape[1::-1], pixels.tobytes())
    else:
        made = pillow_heif.from_pillow(_image(dice, ("RGB", "RGBA", "L")))
        if dice.random() < 0.3:
            made.add_from_pillow(_image(dice, ("RGB",)))
    nclx = {"color_primaries": dice.choice((1, 9, 12)), "transfer_characteristics": dice.choice((1, 13, 16, 18))}
    made.save(file, quality=dice.choice((20, 90)), exif=_exif(dice).tobytes(), **dice.choice(({}, nclx)))
    return file.getvalue()


def _avif_deep(dice: random.Random) -> bytes:
    bits = dice.choice((10, 12))
    pixels = picture(dice, np.uint16, dice.choice((3, 4))) >> (16 - bits)
    return bytes(imagecodecs.avif_encode(pixels, bitspersample=bits, speed=10))


def _jp2_deep(dice: random.Random) -> bytes:
    bits = dice.choice((10, 12, 16))
    pixels = picture(dice, np.uint16, dice.choice((1, 3, 4))) >> (16 - bits)
    codec = dice.choice(("JP2", "J2K"))
    return bytes(imagecodecs.jpeg2k_encode(pixels.squeeze(), level=0, bitspersample=bits, codecformat=codec))


def _either(*makers: Callable[[random.Random], bytes]) -> Callable[[random.Random], bytes]:
    return lambda dice: dice.choice(makers)(dice)


#: Makers of sound files by the ending of their name.
PHOTOS: dict[str, Callable[[random.Random], bytes]] = {
    "png": _either(
        _pillow("PNG", ("RGB", "RGBA", "L", "LA", "P", "1", "I;16"), exif=_exif, dpi=_dpi, icc_profile=_profile),
        _png16,
        _png_declared,
        _several("PNG", ("RGB",)),
    ),
    "jpg": _either(
        _pillow("JPEG", ("RGB", "L", "CMYK"), exif=_exif, dpi=_dpi, icc_profile=_profile),
        _pillow("JPEG", ("RGB",), progressive=lambda _: True, exif=_exif),
    ),
    "mpo": _several("MPO", ("RGB",)),
    "tif": _either(
        _tiff,
        _pillow("TIFF", ("RGB", "RGBA", "L", "CMYK", "LAB", "F", "P", "1"), dpi=_dpi),
        _several("TIFF", ("RGB", "L")),
    ),
    "webp": _either(
        _pillow("WEBP", ("RGB", "RGBA"), lossless=lambda dice: dice.random() < 0.5, exif=_exif, icc_profile=_profile),
        _several("WEBP", ("RGB",)),
    ),
    "avif": _either(_pillow("AVIF", ("RGB", "RGBA"), exif=_exif, icc_profile=_profile), _avif_deep),
    "heic": _heic,
    "jp2": _either(_pillow("JPEG2000", ("RGB", "RGBA", "L")), _jp2_deep),
    "bmp": _pillow("BMP", ("RGB", "L", "1", "P")),
    "gif": _either(_pillow("GIF", ("P", "L")), _several("GIF", ("P", "L"))),
}


def resummed(data: bytes | bytearray) -> bytes:
    """Returns a broken PNG with sums that fit again, so that readers go on past them."""
    at = 8
    out = bytearray(data)
    while at + 12 <= len(out):
        end = at + 8 + int.from_bytes(out[at : at + 4], "big")
        if end + 4 > len(out):
            break
        out[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(out[at + 4 : end])))
        at = end + 4
    return bytes(out)
