"""Photo files written byte by byte from their specifications, so that reader and test share no code."""

import struct
import zlib

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.generic]
#: Tags by number as (type, values), and strips.
Page = tuple[dict[int, tuple[int, list[int]]], list[bytes]]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels: Samples, *before: bytes, colour: int | None = None, after: bytes = b"") -> bytes:
    """Gives H x W x 1 to 4 samples of 8 or 16 bits as PNG, with chunks before and after its data."""
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[pixels.shape[2]] if colour is None else colour
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8 * pixels.itemsize, kind, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(f">u{pixels.itemsize}").tobytes() for row in pixels)
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(before) + data + after + chunk(b"IEND", b"")


def chrm(*points: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(each * 100000) for each in points)))


def gama(gamma: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(gamma * 100000)))


def cicp(*codes: int) -> bytes:
    return chunk(b"cICP", bytes(codes))


def exif(**tags: int) -> bytes:
    """Returns an Exif block, TIFF from its first byte: orientation, colour space, interoperability index R03 or R98."""
    first = [(0x0112, 3, tags.get("orientation", 1)), (0x8769, 4, 38)]
    head = b"II*\0" + struct.pack("<I", 8) + _ifd(first)
    second = [(0xA001, 3, tags.get("space", 1)), (0xA005, 4, 38 + 30)]
    index = struct.unpack("<I", {3: b"R03\0", 98: b"R98\0"}[tags.get("index", 98)])[0]
    return head + _ifd(second) + _ifd([(1, 2, index)], count=4)


def _ifd(entries: list[tuple[int, int, int]], count: int = 1) -> bytes:
    body = b"".join(struct.pack("<HHII", tag, kind, count, value) for tag, kind, value in entries)
    return struct.pack("<H", len(entries)) + body + bytes(4)


def tiff(
    pixels: Samples,
    photometric: int,
    *,
    bits: int | None = None,
    planar: bool = False,
    extra: tuple[int, ...] = (),
    before: tuple[Page, ...] = (),
    **tags: tuple[int, list[int]],
) -> bytes:
    """Gives H x W x samples as an uncompressed little-endian TIFF; `bits` of 12 packs two samples into three bytes.

    `tags` are further ones by number (t274=(type, values)); `before` are pages that stand first: previews.
    """
    bits = bits or 8 * pixels.itemsize
    stored = np.moveaxis(pixels, 2, 0) if planar else pixels
    rows = [_packed(row, bits) for row in stored.reshape(-1, stored.shape[-1] if planar else stored[0].size)]
    height, width, count = pixels.shape
    strips = [b"".join(rows[at * height : (at + 1) * height]) for at in range(count)] if planar else [b"".join(rows)]
    entries: dict[int, tuple[int, list[int]]] = {
        256: (4, [width]), 257: (4, [height]), 258: (3, [bits] * count), 259: (3, [1]), 262: (3, [photometric]),
        273: (4, [0] * len(strips)), 277: (3, [count]), 278: (4, [height]), 279: (4, [len(each) for each in strips]),
        284: (3, [2 if planar else 1]),
    }  # fmt: skip
    if extra:
        entries[338] = (3, list(extra))
    entries |= {int(name[1:]): value for name, value in tags.items()}
    out = bytearray(b"II*\0" + struct.pack("<I", 8))
    for at, (given, data) in enumerate((*before, (entries, strips))):
        out += _page(given, data, len(out), last=at == len(before))
    return bytes(out)


def page(pixels: Samples, photometric: int, kind: int) -> Page:
    """Returns a page for `before`: kind 1 is a preview, 4 a mask, 0 a picture."""
    height, width, count = pixels.shape
    data = pixels.tobytes()
    return {
        254: (4, [kind]), 256: (4, [width]), 257: (4, [height]), 258: (3, [8 * pixels.itemsize] * count),
        259: (3, [1]), 262: (3, [photometric]), 273: (4, [0]), 277: (3, [count]), 278: (4, [height]),
        279: (4, [len(data)]), 284: (3, [1]),
    }, [data]  # fmt: skip


def _page(entries: dict[int, tuple[int, list[int]]], strips: list[bytes], at: int, *, last: bool) -> bytes:
    offset = at + 2 + 12 * len(entries) + 4
    body, heap = b"", b""
    places, here = [], offset + sum(_heap(kind, values) for kind, values in entries.values())
    for each in strips:
        places.append(here)
        here += len(each)
    entries = {**entries, 273: (4, places)}
    for tag, (kind, values) in sorted(entries.items()):
        form = {1: "B", 3: "H", 4: "I", 5: "I", 7: "B"}[kind]
        packed = struct.pack(f"<{len(values)}{form}", *values)
        count = len(values) // 2 if kind == 5 else len(values)
        if len(packed) > 4:
            body += struct.pack("<HHII", tag, kind, count, offset + len(heap))
            heap += packed + bytes(len(packed) % 2)
        else:
            body += struct.pack("<HHI", tag, kind, count) + packed.ljust(4, b"\0")
    following = 0 if last else here + here % 2
    pixels = b"".join(strips)
    table = struct.pack("<H", len(entries)) + body + struct.pack("<I", following)
    return table + heap + pixels + bytes(0 if last else here % 2)


def _heap(kind: int, values: list[int]) -> int:
    length = len(values) * {1: 1, 3: 2, 4: 4, 5: 4, 7: 1}[kind]
    return length + length % 2 if length > 4 else 0


def _packed(row: Samples, bits: int) -> bytes:
    if bits in (8, 16):
        return row.astype(f"<u{bits // 8}").tobytes()
    number = 0
    for value in row.tolist():
        number = number << bits | int(value)
    spare = -len(row) * bits % 8
    return (number << spare).to_bytes((len(row) * bits + spare) // 8, "big")
