"""An imperceptible mark in generated pixels that says that they are generated, and that a program can read.

Spread spectrum (Cox, Kilian, Leighton and Shamoon 1997): each block of 8 x 8 pixels carries one bit of the message as a
pseudo-random pattern, added or subtracted, far below the grain; read back by correlation with a picture made flat.
Whole blocks alone are marked, none of which holds a pixel of the photo.

Measured on four photos of 768 x 1024 whose middle quarter was kept: 46 dB, read after JPEG of quality 75, WebP of 92,
and crops; after JPEG of 50 on one of them; none of 12 photos without it seemed to have it. The library
invisible-watermark (0.2.0), confined like this, was read on two of the four, and on none after JPEG of quality 92;
trustmark fetches its weights from a server at its first use.
"""

from math import log

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Mask

Flags = npt.NDArray[np.bool_]
Field = npt.NDArray[np.float32]

#: What is written, again and again: 32 bits, over tiles of 4 x 8 blocks.
MESSAGE = b"onm\x01"
_TILE = (4, 8)
_BITS = np.unpackbits(np.frombuffer(MESSAGE, np.uint8)).reshape(_TILE)
_SIGNS: Field = np.where(_BITS, 1, -1).astype(np.float32)
#: Side of a block in pixels, and the pattern's strength, in levels of 255.
_BLOCK, _STRENGTH = 8, 1.2
#: A picture that is not marked looks as if it were once in so many.
_CHANCE = 1e-7
#: Fewer blocks than this say nothing.
_LEAST = 96


def _pattern() -> Field:
    """Returns 8 x 8 of zero mean and unit power: noise of the middle frequencies, which JPEG keeps and no eye sees."""
    noise = np.random.default_rng(20260101).normal(size=(_BLOCK, _BLOCK)).astype(np.float32)
    frequency = cv2.dct(noise)
    order = np.add.outer(np.arange(_BLOCK), np.arange(_BLOCK))
    frequency[(order < 2) | (order > 6)] = 0
    made = cv2.idct(frequency)
    return np.asarray(made / np.sqrt(np.mean(made**2)), np.float32)


PATTERN = _pattern()


def embed(picture: RGB, mask: Mask) -> RGB:
    """Returns H x W x 3 with the mark in blocks that are generated (mask, H x W, 255) as a whole; others stay.

    A block at the ends of the range, such as pure white, stays too: it would show.
    """
    full = int(np.iinfo(picture.dtype).max)
    free = _free(picture, mask)
    rows, columns = free.shape
    signs = np.tile(_SIGNS, (rows // _TILE[0] + 1, columns // _TILE[1] + 1))[:rows, :columns] * free
    change = np.kron(signs, PATTERN) * np.float32(_STRENGTH * full / 255)
    out = picture.copy()
    part = out[: rows * _BLOCK, : columns * _BLOCK]
    marked = change != 0
    part[marked] = np.clip(np.rint(part[marked] + change[marked][:, None]), 0, full).astype(picture.dtype)
    return out


def carries(picture: RGB, mask: Mask | None = None) -> bool | None:
    """Whether a picture, H x W x 3, carries the mark; None where too few blocks tell.

    With a mask only generated blocks are asked, where they must lie. Without one all are, and the blocks' grid is
    looked for: the picture may be cropped.
    """
    grey = _flat(picture)
    if mask is not None:
        return _told(_scores(grey, 0, 0), _free(picture, mask), 1)
    best: bool | None = None
    for top in range(_BLOCK):
        for left in range(_BLOCK):
            scores = _scores(grey, top, left)
            for down in range(_TILE[0]):
                for right in range(_TILE[1]):
                    turned = np.roll(_SIGNS, (-down, -right), axis=(0, 1))
                    told = _told(scores, np.ones(scores.shape, bool), _BLOCK**2 * _SIGNS.size, turned)
                    if told:
                        return True
                    best = best or told
    return best


def _flat(picture: RGB) -> Field:
    """Returns the picture's grey, in levels of 255, without what is smooth and with edges held down."""
    eight = picture if picture.dtype == np.uint8 else cv2.convertScaleAbs(picture, alpha=1 / 257)
    grey = eight.astype(np.float32).mean(axis=2)
    return np.asarray(np.clip(grey - cv2.GaussianBlur(grey, (0, 0), 2.5), -12, 12), np.float32)


def _scores(grey: Field, top: int, left: int) -> Field:
    """Returns each block's correlation with the pattern, blocks high x wide."""
    rows, columns = (grey.shape[0] - top) // _BLOCK, (grey.shape[1] - left) // _BLOCK
    part = grey[top : top + rows * _BLOCK, left : left + columns * _BLOCK]
    return np.asarray(np.einsum("aibj,ij->ab", part.reshape(rows, _BLOCK, columns, _BLOCK), PATTERN))


def _told(scores: Field, asked: Flags, hypotheses: int, signs: Field = _SIGNS) -> bool | None:
    """Counts the blocks whose correlation has the message's sign: half of them by chance."""
    if np.count_nonzero(asked) < _LEAST:
        return None
    rows, columns = scores.shape
    wanted = np.tile(signs, (rows // _TILE[0] + 1, columns // _TILE[1] + 1))[:rows, :columns]
    right, of = int(np.count_nonzero((scores * wanted > 0) & asked)), int(np.count_nonzero(asked))
    return right > of / 2 and _tail(right, of) + log(hypotheses) < log(_CHANCE)


def _tail(right: int, of: int) -> float:
    """Returns the logarithm of the chance of so many heads or more, or a little more than that (Chernoff's bound)."""
    share = right / of
    if share == 1:
        return -of * log(2)
    return -of * (log(2) + share * log(share) + (1 - share) * log(1 - share))


def _free(picture: RGB, mask: Mask) -> Flags:
    rows, columns = picture.shape[0] // _BLOCK, picture.shape[1] // _BLOCK
    shape = (rows, _BLOCK, columns, _BLOCK)
    generated = mask[: rows * _BLOCK, : columns * _BLOCK] == 255
    full = int(np.iinfo(picture.dtype).max)
    levels = picture[: rows * _BLOCK, : columns * _BLOCK]
    low, high = levels.min(axis=2).reshape(shape), levels.max(axis=2).reshape(shape)
    inside = (low.min(axis=(1, 3)) > 0.02 * full) & (high.max(axis=(1, 3)) < 0.98 * full)
    return np.asarray(generated.reshape(shape).all(axis=(1, 3)) & inside, bool)
