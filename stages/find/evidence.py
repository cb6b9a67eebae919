"""What each pixel says for garment or for backdrop, and where an outline may run.

Lightness is known per pixel, but compression stores colour in blocks of 16 pixels and smears it: a difference of
tint counts for less beside stronger tints, one of lightness beside stronger differences of lightness.
"""

import cv2
import numpy as np

from stages.arrays import Field, lengths
from stages.matte.backdrop import Backdrop, Flags, Lab

#: Least difference that counts, in Delta E: one step of 8-bit grey, and a little.
LEAST = 0.4
#: Compression keeps tint in steps of about so many Delta E, over blocks of 16 pixels.
STEP = 1.0
#: Share of an edge's height that compression leaves around it in lightness (JPEG at quality 75 to 90: 0.01 to 0.03).
RINGING = 0.03
#: The same in tint, which is kept at half the size and more coarsely.
BLEEDING = 0.06


def parts(difference: Lab) -> tuple[Field, Field]:
    """Returns the absolute difference in lightness and the difference in tint, both in Delta E."""
    return np.abs(difference[..., 0]), lengths(difference[..., 1:])


def evidence(difference: Lab, backdrop: Backdrop) -> Field:
    """Returns what each pixel's difference from the backdrop says, H x W: -0.5 surely backdrop, 2 surely garment."""
    light, tint = parts(difference)
    floor = max(LEAST, 3.0 * backdrop.noise)
    high_light, high_tint = highest(light), highest(tint)
    ratio = cv2.magnitude(light / (floor + RINGING * high_light), tint / (max(floor, STEP) + BLEEDING * high_tint))
    height = cv2.magnitude(high_light, high_tint)
    limit = floor + RINGING * height
    # Doubt grows with the edges nearby, but less for backdrop: slits between dark legs have nothing else around.
    against = 0.5 * (ratio - 1) * np.sqrt(limit / (limit + 0.25 * height))
    speaks = (ratio - 1) * limit / (limit + 0.25 * height)
    return np.asarray(np.where(ratio < 1, np.maximum(against, -0.5), np.minimum(speaks, 2.0)), dtype=np.float32)


def stiffness(edges: Field, backdrop: Backdrop) -> Field:
    """Returns the price of an outline: low on edges that count among their neighbours."""
    scale = np.maximum(max(1.0, 2.0 * backdrop.noise), 0.2 * highest(edges))
    return np.asarray(0.1 + 1.4 * np.exp(-edges / scale), dtype=np.float32)


def edges_of(colours: Lab) -> Field:
    """Returns the gradient's length over all channels, in Delta E per pixel."""
    return np.asarray(np.sqrt(sum(np.square(gradient(colours[..., i])) for i in range(3))), dtype=np.float32)


def gradient(values: Field) -> Field:
    """Returns the gradient's length per pixel."""
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(cv2.magnitude(across, down), dtype=np.float32)


def highest(values: Field) -> Field:
    """Returns the highest value nearby. Compression rings by a share of an edge as far as its blocks reach, 16 px."""
    return np.asarray(cv2.dilate(values, np.ones((25, 25), np.uint8)), dtype=np.float32)


def roughness(values: Field) -> Field:
    """Returns the least roughness nearby, so that a smooth place beside an edge counts as smooth."""
    rough = cv2.blur(np.abs(values - cv2.blur(values, (3, 3))), (3, 3))
    return np.asarray(cv2.erode(rough, np.ones((5, 5), np.uint8)), dtype=np.float32)


def widened(flags: Flags, size: int) -> Flags:
    """Dilates by a square of size x size pixels."""
    return np.asarray(cv2.dilate(flags.astype(np.uint8), np.ones((size, size), np.uint8)), dtype=bool)
