"""How the user steers the cut-out: a matte of his own, a box, points on what was lost, points on what is not garment.

Every back-end can be steered. One that takes prompts is given them; whatever a point says and the answer does not
heed is then put right here: the part of like colour around the point is added or taken away.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths
from stages.contracts import Matte, Plate, Point, PromptedSegmenter, Prompts, Segmenter
from stages.errors import ConfigError, NotFoundError
from stages.matte import backdrop
from stages.options import SegmentOptions

Flags = npt.NDArray[np.bool_]

#: Colours by which a part may differ from what lies under its point, in Delta E with lightness halved: light varies
#: over one thing more than tint does.
TOLERANCES = tuple(np.geomspace(2.5, 40, 22).tolist())
#: A part has spilled over into its surroundings when one more tolerance multiplies its area by this.
SPILL = 1.8
#: Where nothing stands out, a disc of this share of the longer side is taken.
DISC = 0.008
#: Least area of a part, as a share of the picture: a button.
LEAST = 2e-5
#: Pale stripes and dots up to twice this share of the longer side belong to the cloth around them.
STRIPE = 0.012
#: Outlines are soft and compressed: this share of the longer side beyond a part that is taken away goes with it.
RIM = 0.002


def read(options: SegmentOptions, width: int, height: int) -> Prompts:
    """Returns box and points of a width x height photo. Raises ConfigError when one of them lies outside it."""
    box = None
    if options.garment_box is not None:
        x0, y0, x1, y1 = (float(each) for each in options.garment_box.split(","))
        if not (x0 < x1 <= width and y0 < y1 <= height):
            raise ConfigError(
                f"--garment-box {options.garment_box} is not a box in this photo: write x0,y0,x1,y1 with "
                f"x0 < x1 <= {width} and y0 < y1 <= {height}"
            )
        box = (x0, y0, x1, y1)
    points: dict[str, tuple[Point, ...]] = {}
    for flag, given in (("--garment-point", options.garment_point), ("--not-point", options.not_point)):
        pairs = [tuple(float(each) for each in text.split(",")) for text in given]
        for text, (x, y) in zip(given, pairs, strict=True):
            if not (x < width and y < height):
                raise ConfigError(f"{flag} {text} lies outside the photo, which is {width} x {height} pixels")
        points[flag] = tuple((x, y) for x, y in pairs)
    if options.matte is not None and (box or any(points.values())):
        raise ConfigError("--matte is taken as it is: leave out --garment-box, --garment-point and --not-point")
    return Prompts(box, points["--garment-point"], points["--not-point"])


def ask(segmenter: Segmenter, picture: Plate, prompts: Prompts) -> Matte:
    """A segmenter's probability of garment, H x W, with the prompts heeded; those are in the picture's pixels."""
    if not prompts:
        return segmenter(picture)
    if isinstance(segmenter, PromptedSegmenter):
        return correct(picture, segmenter.prompted(picture, prompts), prompts)
    return correct(picture, segmenter(picture), prompts)


def correct(picture: Plate, probability: Matte, prompts: Prompts) -> Matte:
    """Returns the probability with each point heeded, and nothing outside the box.

    Raises NotFoundError when what lies under a point of the garment cannot be told from the backdrop.
    """
    garment = probability > 0.5
    colours = cv2.bilateralFilter(backdrop.lab(picture), 5, 8, 3) * np.array([0.5, 1, 1], np.float32)
    limits = np.ones_like(garment)
    if prompts.box is not None:
        x0, y0, x1, y1 = (round(each) for each in prompts.box)
        limits[:] = False
        limits[y0:y1, x0:x1] = True
    garment = garment & limits
    for point in prompts.inside:
        if not garment[_index(point, garment)]:
            garment |= lost_at(picture, colours, ~garment & limits, point)
    for point in prompts.outside:
        if garment[_index(point, garment)]:
            garment &= ~_with_rim(part_at(colours, garment, point), garment)
    heeded = np.where(garment == (probability > 0.5), probability, garment)
    return np.asarray(heeded * limits, dtype=np.float32)


def lost_at(picture: Plate, colours: npt.NDArray[np.float32], allowed: Flags, point: Point) -> Flags:
    """The part of `allowed` around a point that is garment: of like colour, or connected and unlike the backdrop.

    The second is what finds patterned cloth; a gap that the garment encloses may be anything. Raises NotFoundError
    when either is as large as a backdrop.
    """
    behind = backdrop.fit(backdrop.lab(picture))
    away = lengths(backdrop.lab(picture) - behind.colour)
    standing_out = allowed & (away > max(2 * backdrop.FLOOR, 4.0 * behind.noise))
    seed = np.zeros_like(allowed)
    seed[_index(point, allowed)] = True
    if not (standing_out & seed).any():
        cloth = cv2.morphologyEx(standing_out.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        standing_out = allowed & (cv2.morphologyEx(cloth, cv2.MORPH_CLOSE, _disc(STRIPE, allowed)) > 0)
    whole = _filled(backdrop.connected(standing_out, seed)) & allowed
    # An outline is blurred and rings: its outer half is a small share of the step that it makes.
    outer = cv2.dilate((allowed & ~whole).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    whole &= ~(outer & (away < 0.25 * cv2.dilate(away, np.ones((9, 9), np.uint8)))) | seed
    found = np.zeros_like(allowed)
    for part in (backdrop.connected(allowed, seed), part_at(colours, allowed, point), whole):
        # A garment may touch the frame, but a backdrop runs along it.
        if np.concatenate([part[[0, -1]].ravel(), part[:, [0, -1]].ravel()]).mean() < 0.15 and part.mean() < 0.6:
            found |= part
    if found.sum() <= DISC**2 * max(allowed.shape) ** 2 and not (standing_out & seed).any():
        raise NotFoundError(
            "What lies under a --garment-point cannot be distinguished from the backdrop: "
            "move it, or give your own --matte."
        )
    return found


def part_at(colours: npt.NDArray[np.float32], allowed: Flags, point: Point) -> Flags:
    """Returns the part of `allowed` around a point whose colour is that under the point, H x W.

    It is grown with ever looser tolerance; taken is the last one before it spills over into its surroundings (after
    the maximally stable regions of Matas et al. 2002), with what it encloses. `colours` is H x W x 3 Lab.
    """
    height, width = allowed.shape
    y, x = _index(point, allowed)
    patch = (slice(max(0, y - 1), y + 2), slice(max(0, x - 1), x + 2))
    middle = np.median(colours[patch][allowed[patch]].reshape(-1, 3), axis=0)
    distance = lengths(colours - middle)
    distance[~allowed] = np.inf
    disc = np.zeros(allowed.shape, np.uint8)
    cv2.circle(disc, (x, y), max(1, round(DISC * max(height, width))), 1, -1)
    best = disc.astype(bool) & allowed
    before: Flags | None = None
    for tolerance in TOLERANCES:
        like = distance <= tolerance
        like[y, x] = True
        _, labels = cv2.connectedComponents(like.astype(np.uint8), connectivity=4)
        part: Flags = labels == labels[y, x]
        if before is not None and before.sum() > LEAST * allowed.size:
            best = before
            # All that is left over spills nowhere, and a part that reaches round the frame is backdrop.
            if part.sum() > SPILL * before.sum() or part.sum() > 0.9 * allowed.sum():
                break
        before = part
    return _filled(best) & allowed


def _with_rim(part: Flags, garment: Flags) -> Flags:
    grown = cv2.dilate(part.astype(np.uint8), _disc(RIM, part))
    return np.asarray((grown > 0) & garment, dtype=bool)


def _disc(share: float, like: Flags) -> npt.NDArray[np.uint8]:
    size = 2 * max(1, round(share * max(like.shape))) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), dtype=np.uint8)


def _filled(part: Flags) -> Flags:
    """Adds what a part encloses: the words on a label."""
    outside = np.pad(~part, 1, constant_values=True).astype(np.uint8)
    _, labels = cv2.connectedComponents(outside, connectivity=4)
    return np.asarray(labels[1:-1, 1:-1] != labels[0, 0], dtype=bool)


def _index(point: Point, like: Flags) -> tuple[int, int]:
    return min(int(point[1]), like.shape[0] - 1), min(int(point[0]), like.shape[1] - 1)
