"""What tells that a backdrop shows through a part of a garment: its bounds, how its colours vary, its openings."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths
from stages.contracts import Plate
from stages.find.evidence import gradient
from stages.matte.backdrop import Flags

#: Variation is measured between these sizes, in pixels at 1024, where it is at least this large, of 1; leaving out the
#: largest, in percent, which is seams and prints.
FINE, BROAD, VARIES, USUAL = 2.0, 20.0, 3 / 255, 85
#: Least angle, in degrees, between the ways in which blends and folds change a colour, and the share of it by which
#: the way that is found may differ from a blend's. Drawn sheer cloth measured 0 to 0.5, drawn opaque cloth from 0.9.
ANGLE, NEAR = 8.0, 0.5
#: Colour changes by more than this share of the contrast, over a few pixels, in openwork, below this coverage.
OPENWORK, COVERED = 0.06, 0.8
#: Openings are found in windows so wide, in pixels at 1024. They are even to this much, of 1 (drawn lace measured
#: 0.7 / 255), in the cloth's shadow darker by up to this share, and tinted by no more than this. A backdrop as bright
#: as the last is clipped, and so may be a white print.
WINDOW, ALIKE, SHADE, TINTED, CLIPPED = 15, 2 / 255, 0.08, 0.006, 253 / 255

Field = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What is known of a picture at half its size; colours are H x W x 3 in [0, 1]."""

    picture: Plate
    """The picture itself, 2 H x 2 W or a row or column more."""
    colours: Field
    smooth: Field
    behind: Field
    garment: Flags
    """With its small openings filled."""
    inside: Flags
    """Off the outline."""
    unit: float
    """Pixels of a pixel at 1024."""

    def within(self, window: tuple[slice, slice]) -> "Scene":
        """Returns what is known of a window, given in pixels of half the size."""
        rows, columns = (slice(2 * each.start, 2 * each.stop) for each in window)
        return Scene(
            self.picture[rows, columns], self.colours[window], self.smooth[window], self.behind[window],
            self.garment[window], self.inside[window], self.unit,
        )  # fmt: skip


def bounds(scene: Scene, cover: Field, opaque: Flags, flags: Flags) -> tuple[float, float, float, float]:
    """Returns the shares of a part's border that is bordered, outlined and sharp, as above, and its valley."""
    unit = scene.unit
    away = cv2.distanceTransform((~flags).astype(np.uint8), cv2.DIST_L2, 3)
    ring = (away > 4 * unit) & (away < 12 * unit)
    beyond = ring & scene.inside
    if not (opaque & beyond).any():
        return 0.0, 0.0, 0.0, 1.0
    level, top = float(np.median(cover[flags])), float(np.median(cover[opaque]))
    seam = flags & ~eroded(flags, 1) & dilated(opaque & beyond, 12 * unit)
    height = _around(cover, opaque, 21 * unit) - _around(cover, eroded(flags, 3 * unit), 21 * unit)
    steep = cv2.dilate(gradient(cover), np.ones((7, 7), np.uint8))
    sharp = (height > 0.4 * (1 - level)) & (steep * unit > 0.14 * np.maximum(height, 0.1))
    values, near = cover[flags], 0.12 * (1 - level) + 0.02
    most, between = (float(np.mean(np.abs(values - at) < near)) for at in (level, (level + top) / 2))
    return (
        float(opaque[beyond].mean()),
        1 - float(beyond.sum()) / max(1.0, float(ring.sum())),
        float(sharp[seam].mean()) if seam.any() else 0.0,
        between / max(most, 1e-6),
    )


def variation(scene: Scene, dye: Field, flags: Flags) -> tuple[bool, bool]:
    """Whether the part's colours vary as a blend's do, and whether that can be told at all."""
    deep = eroded(flags, 4 * scene.unit)
    if deep.sum() < 0.3 * flags.sum():
        return False, False
    change = mean(scene.colours, deep, FINE * scene.unit) - mean(scene.colours, deep, BROAD * scene.unit)
    values = change[deep].astype(np.float64)
    # Seams, and prints in the dye itself, change more than either.
    size = np.einsum("nc,nc->n", values, values)
    values = values[size <= np.percentile(size, USUAL)]
    sizes, ways = np.linalg.eigh(values.T @ values / len(values))
    here, behind = np.median(scene.smooth[flags], axis=0), np.median(scene.behind[flags], axis=0)
    apart = _angle(dye - behind, here)
    off = _angle(ways[:, -1], dye - behind)
    return bool(off < NEAR * apart), bool(apart > ANGLE and sizes[-1] > VARIES**2)


def openings(scene: Scene, dye: Field, flags: Flags) -> tuple[bool, bool] | None:
    """Whether the openings of openwork show the backdrop, and whether that can be told; None of even cloth.

    They have the backdrop's tint, may lie in the cloth's shadow, and are as even as the backdrop is.
    """
    unit, size = 2 * scene.unit, scene.picture.shape[1::-1]
    deep = eroded(cv2.resize(flags.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0, 4 * unit)
    if not deep.any():
        return None
    colours = scene.picture.astype(np.float32) / np.float32(255)
    behind = cv2.resize(scene.behind, size, interpolation=cv2.INTER_LINEAR)
    sharp = cv2.GaussianBlur(colours, (0, 0), 0.7)
    fine = lengths(sharp - cv2.GaussianBlur(colours, (0, 0), 3 * unit))
    span = float(np.linalg.norm(dye - np.median(scene.behind[flags], axis=0)))
    if float(np.sqrt(np.square(fine[deep]).mean())) < OPENWORK * span:
        return None
    away = lengths(sharp - behind)
    holes = deep & (away <= cv2.erode(away, disc(WINDOW * unit)) + ALIKE)
    over = sharp / np.maximum(behind, 1e-3)
    shade = 1 - over.mean(axis=-1)
    plain = holes & (np.abs(over - over.mean(axis=-1, keepdims=True)).max(axis=-1) < TINTED)
    plain &= (shade > -TINTED) & (shade < SHADE)
    uneven = np.abs(sharp - mean(sharp, plain, BROAD * unit)).max(axis=-1)
    clipped = scene.behind[flags].min(axis=1) > CLIPPED
    even = bool((plain & (uneven < ALIKE)).sum() > 0.8 * max(1, holes.sum()))
    return even, bool(not even or clipped.mean() < 0.5)


def _angle(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> float:
    """Returns the angle between two lines, in degrees."""
    share = abs(float(a @ b)) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-6)
    return float(np.degrees(np.arccos(min(1.0, share))))


def mean(values: Field, over: Flags, sigma: float) -> Field:
    """Averages over the flags around each pixel, with a Gaussian."""
    weight = over.astype(np.float32)
    total = cv2.GaussianBlur(values * weight[..., None], (0, 0), sigma)
    return np.asarray(total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)[..., None], np.float32)


def _around(values: Field, over: Flags, size: float) -> Field:
    """Averages over the flags in a square around each pixel."""
    window, weight = (round(size) | 1,) * 2, over.astype(np.float32)
    share = cv2.boxFilter(weight, -1, window)
    return np.asarray(cv2.boxFilter(values * weight, -1, window) / np.maximum(share, 1e-3), np.float32)


def disc(size: float) -> npt.NDArray[np.uint8]:
    side = round(size) | 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def dilated(flags: Flags, reach: float) -> Flags:
    return np.asarray(cv2.distanceTransform((~flags).astype(np.uint8), cv2.DIST_L2, 3) <= reach, dtype=bool)


def eroded(flags: Flags, reach: float) -> Flags:
    framed = np.pad(flags.astype(np.uint8), 1, constant_values=1)
    return np.asarray(cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1] > reach, dtype=bool)
