"""Carries a plain backdrop on beyond the frame, without a model: a painter for outpainting in a studio.

Each new pixel is the smoothest continuation of the photo's border (a harmonic field, `stages.membrane`), so gradients
of light run out softly. There is nothing else in it: what the frame cuts, a leg or a chair, is not continued.
"""

import cv2
import numpy as np

from stages import colour, membrane
from stages.contracts import ModelCard, Photo, Plate, Progress, Request

#: Levels, in CIELAB units, by which a plain border differs from its own smooth course. Studio paper keeps within 2.
_PLAIN = 5.0
#: The strip that is looked at, as a share of the photo's shorter side.
_STRIP = 0.01


class Extend:
    """A `Generator` of smooth surroundings; the seed and the prompt do not matter to it."""

    cards: tuple[ModelCard, ...] = (ModelCard("fill", "smooth extension", None, "Apache-2.0"),)
    multiple = 1
    pixels = 1_000_000

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:  # noqa: ARG002 - as Generator says
        """Returns the request's picture with its border carried on to where it is masked."""
        known = request.mask == 0
        inner = cv2.erode(known.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
        field = membrane.harmonic(request.image.astype(np.float32), inner)
        progress(1, 1)
        return np.clip(np.rint(field), 0, 255).astype(np.uint8)


def plain(photo: Photo, canvas: tuple[int, int], corner: tuple[int, int]) -> bool:
    """Whether the photo's borders are plain on every side that the canvas grows to."""
    x0, y0 = corner
    depth = max(1, round(_STRIP * min(photo.width, photo.height)))
    grown = {
        "left": (x0 > 0, photo.pixels[:, :depth]),
        "right": (x0 + photo.width < canvas[0], photo.pixels[:, -depth:]),
        "top": (y0 > 0, photo.pixels[:depth].swapaxes(0, 1)),
        "bottom": (y0 + photo.height < canvas[1], photo.pixels[-depth:].swapaxes(0, 1)),
    }
    return all(even(np.ascontiguousarray(strip), photo.icc) for grows, strip in grown.values() if grows)


def even(strip: Plate, icc: bytes | None) -> bool:
    """Whether a strip of a picture, length x depth x 3, keeps to a smooth course along its length."""
    seen = colour.to_srgb(strip, icc)
    along = cv2.resize(seen, (1, min(512, len(seen))), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    lab = cv2.cvtColor(along, cv2.COLOR_RGB2LAB)
    course = cv2.GaussianBlur(lab, (0, 0), 0.08 * len(lab), borderType=cv2.BORDER_REFLECT)
    return bool(np.percentile(np.linalg.norm(lab - course, axis=2), 99) < _PLAIN)
