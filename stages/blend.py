"""Makes the generated side fit the photo: light, contact shadow, grain. It changes the plate only.

It runs before `restore`, so putting the garment back is the last thing that happens to the picture.
"""

from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from stages import grain
from stages.canvas import mask
from stages.contracts import RGB, Matte, Placed, Plate, Request
from stages.options import BlendOptions

Field = npt.NDArray[np.float32]

#: Light and shadow are smooth: they are worked out on a picture whose longer side is this.
_SMALL = 1024
#: Rows changed at a time, so that float copies stay small at any canvas size.
_STRIP = 256
#: Light is matched within these factors, so that a model that misjudged the garment cannot spoil skin.
_LEAST, _MOST = 0.9, 1.12
#: How far the light of a garment reaches, as a share of the picture's longer side.
_LIGHT_REACH = 0.03
#: Added to luminance before it is compared: keeps the factor of dark garments near 1.
_HAZE = 0.1
#: Luminance weights of Rec. 709, here on encoded values.
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
#: Limbs as pairs of body-18 keypoints, with their width as a share of the shoulders' width.
_LIMBS = (
    (2, 3, 0.42), (3, 4, 0.36), (5, 6, 0.42), (6, 7, 0.36), (0, 1, 0.75), (2, 5, 0.5), (1, 8, 0.8), (1, 11, 0.8),
    (8, 11, 0.7), (8, 9, 0.6), (9, 10, 0.5), (11, 12, 0.6), (12, 13, 0.5),
)  # fmt: skip


def blend(
    plate: RGB,
    placed: Placed,
    options: BlendOptions,
    light_from: Literal["left", "right", "front"],
    seed: int,
    light: Field | None = None,
    tint: Field | None = None,
) -> RGB:
    """Returns the plate, canvas size in the photo's profile and bit depth, with the garment's light, shadow and grain.

    `light` is what `light` below gives, `tint` what `stages.illuminant.of` does. Same arguments, same bytes.
    Nothing here depends on, or reaches, a core pixel: `restore` puts those over whatever stands below them.
    """
    height, width = plate.shape[:2]
    shrink = min(1.0, _SMALL / max(height, width))
    small = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    body = _body(placed, mask.coverage(placed, *small))
    gain = shadow(placed, options, light_from)
    if light is not None:
        gain *= cv2.resize(light, small, interpolation=cv2.INTER_LINEAR) ** (options.match_light * body)
    missing = np.sqrt(max(0.0, (options.grain * grain.of_photo(placed)) ** 2 - grain.of_plate(plate) ** 2))
    colour = np.ones(3, np.float32) if tint is None else tint ** np.float32(options.match_colour)
    return _apply(plate, gain.astype(np.float32), colour, float(missing), seed)


def shadow(placed: Placed, options: BlendOptions, light_from: Literal["left", "right", "front"]) -> Field:
    """Returns the factor of the shadow that the garment throws on the person, in (0, 1], of the canvas's aspect.

    Its longer side is at most 1024.
    """
    shrink = min(1.0, _SMALL / max(placed.height, placed.width))
    matte = mask.coverage(placed, max(1, round(placed.width * shrink)), max(1, round(placed.height * shrink)))
    body = _body(placed, matte)
    return np.asarray(_shadow(placed, matte, options.shadow, light_from) * body + (1 - body), np.float32)


def light(painted: Plate, asked: Request) -> Field:
    """Returns the factor that brings a plate's light to the garment's, H x W at model size, strongest at the outline.

    A model that paints again what it was told to keep shows there how far its light and haze are off; that error,
    smoothed, is carried over the outline and fades out. It is one factor for all channels: hue is left alone.
    """
    kept = (asked.mask == 0).astype(np.float32)
    if not kept.any():
        return np.ones_like(kept)
    seen, wanted = (picture.astype(np.float32) @ _LUMINANCE / 255 for picture in (painted, asked.image))
    reach = _LIGHT_REACH * max(kept.shape)
    smooth = [cv2.GaussianBlur(each * kept, (0, 0), reach) for each in (wanted, seen, np.ones_like(kept))]
    factor = (smooth[0] + _HAZE * smooth[2]) / np.maximum(smooth[1] + _HAZE * smooth[2], 1e-6)
    factor = np.where(smooth[2] > 1e-3, factor, 1)
    distance = cv2.distanceTransform((kept == 0).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(np.clip(factor, _LEAST, _MOST) ** np.exp(-distance / (2 * reach)), np.float32)


def _shadow(placed: Placed, matte: Matte, depth: float, light_from: Literal["left", "right", "front"]) -> Field:
    """Returns the factor of the shadow that the garment throws on the body beside and below it.

    The blurred matte, moved away from the light and down, darkens what lies beside the garment: a narrow part under
    hems and sleeves, a wider one that they throw. A third part stays in place: where cloth touches skin, as around
    collars and cuffs, less light comes in from any side.
    """
    height, width = matte.shape
    x0, y0, x1, y1 = placed.box
    length = max((x1 - x0) * width / placed.width, (y1 - y0) * height / placed.height)
    sideways = {"left": 0.6, "right": -0.6, "front": 0.0}[light_from]
    shade = np.zeros_like(matte)
    for weight, reach, moves in ((0.45, 0.006, 1), (0.4, 0.022, 1), (0.15, 0.006, 0)):
        move = np.array([[1, 0, moves * sideways * reach * length], [0, 1, moves * reach * length]], np.float32)
        moved = cv2.warpAffine(matte, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
        shade += weight * cv2.GaussianBlur(moved, (0, 0), max(0.7, reach * length))
    return np.asarray(1 - depth * shade, np.float32)


def _body(placed: Placed, matte: Matte) -> Field:
    """Returns where the person stands, 0 to 1 with soft sides; 1 everywhere if no body is known.

    Shadow and light fall on the body only: a backdrop stands too far behind, and would show an aura.
    """
    height, width = matte.shape
    scale = np.array([width / placed.width, height / placed.height], np.float32)
    points, seen = placed.body[:, :2] * scale, placed.body[:, 2] > 0
    if not (seen[2] and seen[5]):
        return np.ones_like(matte)
    shoulders = max(2.0, float(np.linalg.norm(points[2] - points[5])))
    body = np.zeros(matte.shape, np.uint8)
    for start, end, share in _LIMBS:
        if seen[start] and seen[end]:
            a, b = (tuple(int(v) for v in np.clip(np.rint(points[i]), -30000, 30000)) for i in (start, end))
            cv2.line(body, a, b, 255, max(1, round(share * shoulders)))
    return np.asarray(cv2.GaussianBlur(body, (0, 0), max(0.7, 0.06 * shoulders)) / 255, np.float32)


def _apply(plate: RGB, gain: Field, colour: Field, sigma: float, seed: int) -> RGB:
    """Returns the plate times the small `gain` field and each channel's `colour`, and grain of `sigma` x full scale."""
    height, width = plate.shape[:2]
    across, down = gain.shape[1] / width, gain.shape[0] / height
    full = np.iinfo(plate.dtype).max
    noise = np.random.default_rng(seed)
    out = np.empty_like(plate)
    for top in range(0, height, _STRIP):
        strip = plate[top : top + _STRIP].astype(np.float32)
        rows = len(strip)
        inverse = np.array([[across, 0, across / 2 - 0.5], [0, down, (top + 0.5) * down - 0.5]], np.float32)
        strip *= cv2.warpAffine(
            gain, inverse, (width, rows), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
        )[..., None]
        strip *= colour
        if sigma > 0:
            strip += noise.standard_normal((rows, width, 1), dtype=np.float32) * np.float32(sigma * full)
        out[top : top + _STRIP] = np.rint(np.clip(strip, 0, full, out=strip), out=strip)
    return out
