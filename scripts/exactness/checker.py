"""Checks a written PNG against the photo as it was drawn, without a line of the program or of its decoders.

A PNG decoder of its own (PNG specification, third edition), and plain comparison: nothing here imports pipeline or
stages, OpenCV, Pillow or imagecodecs.
"""

import struct
import zlib

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def decoded(data: bytes) -> Pixels:
    """Returns H x W x samples of a PNG of 8 or 16 bits without interlace. Raises ValueError for anything broken."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG")
    at, packed, head = 8, b"", b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] != zlib.crc32(kind + body):
            raise ValueError(f"the checksum of {kind!r} is wrong")
        head = body if kind == b"IHDR" else head
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", head)
    samples = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    if interlace or depth not in (8, 16):
        raise ValueError("interlaced, or of another depth")
    pixel = samples * depth // 8
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * pixel)
    lines = _unfiltered(rows, pixel)
    return lines.view(">u2" if depth == 16 else np.uint8).reshape(height, width, samples).astype(f"u{depth // 8}")


def _unfiltered(rows: npt.NDArray[np.uint8], pixel: int) -> npt.NDArray[np.uint8]:
    """Undoes the filters None, Sub and Up (9.2); no other is written here."""
    out = np.zeros((rows.shape[0], rows.shape[1] - 1), np.uint8)
    for y, row in enumerate(rows):
        line = row[1:]
        if row[0] == 1:
            line = np.cumsum(line.reshape(-1, pixel), axis=0, dtype=np.uint8).ravel()
        elif row[0] == 2:
            line = line + (out[y - 1] if y else np.uint8(0))
        elif row[0] != 0:
            raise ValueError(f"filter {row[0]} is not checked")
        out[y] = line
    return out


def changed(data: bytes, photo: Pixels, core: npt.NDArray[np.bool_], at: tuple[int, int]) -> int:
    """Returns how many core pixels of a photo, H x W x 3, are not in the PNG at (x, y) as they were drawn."""
    picture = decoded(data)
    if picture.dtype != photo.dtype:
        return int(core.sum())
    lost = 0
    for y, x in zip(*np.nonzero(core), strict=True):
        there = y + at[1], x + at[0]
        inside = 0 <= there[0] < picture.shape[0] and 0 <= there[1] < picture.shape[1]
        lost += not inside or picture[there][:3].tolist() != photo[y, x].tolist()
    return lost
