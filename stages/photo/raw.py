"""What a decoder gives before a photo is made of it."""

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Matte

#: What decoders raise on broken files.
BROKEN = (
    AssertionError,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    LookupError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)

#: Exif orientation that changes nothing.
UPRIGHT = 1


@dataclass(slots=True)
class Raw:
    """Samples as decoded, not yet turned, and what the file says of them."""

    samples: RGB
    """H x W (grey) or H x W x 3, uint8 or uint16 over its full range."""
    alpha: Matte | None = None
    """Straight alpha, H x W."""
    icc: bytes | None = None
    """The profile that the file carries, or one made of what it declares; None for sRGB."""
    orientation: int = UPRIGHT
    dpi: tuple[float, float] | None = None
    notes: list[str] = field(default_factory=list)
    """What was converted or ignored, in words."""


def widened(samples: npt.NDArray[Any], bits: int) -> RGB:
    """Returns unsigned samples of `bits` bits over the full range of 8 or 16: black stays black, white white."""
    if bits in (8, 16):
        return np.asarray(samples.astype(np.uint8 if bits == 8 else np.uint16, copy=False))
    depth = 8 if bits < 8 else 16
    scale = (2**depth - 1) / (2**bits - 1)
    table = np.rint(np.arange(2**bits) * scale).astype(np.uint8 if depth == 8 else np.uint16)
    return np.asarray(table[samples.astype(np.intp)])


def straight(samples: RGB, alpha: Matte) -> RGB:
    """Takes premultiplied H x W x 3 (or H x W) samples apart: colour = sample / alpha, rounded; 0 where alpha is 0."""
    full = np.iinfo(samples.dtype).max
    weight = alpha if samples.ndim == 2 else alpha[..., None]
    colour = np.divide(samples, weight, out=np.zeros(samples.shape, np.float32), where=weight > 0)
    return np.asarray(np.clip(np.rint(colour), 0, full).astype(samples.dtype))
