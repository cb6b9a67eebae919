"""The photo's own grain: how strong it is, and how much a smooth plate lacks of it.

Measured as the standard deviation of the high-passed luminance in flat tiles, so that cloth does not count as grain.
"""

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import RGB, Placed

_TILE = 16
#: At most this many rows and columns of tiles are looked at: enough for a percentile, and quick at any photo size.
_TILES = 64
#: Fewer flat backdrop tiles than this say nothing.
_ENOUGH = 24
#: A backdrop smoother than this was retouched: of 22 shop photos, 8 had exactly 0 there and cloth with 0.3 to 1.5.
_RETOUCHED = 0.15 / 255
#: Tiles of a backdrop are so near to its median in luminance: light falls off, and shadows lie on it.
_ALIKE = 0.2
#: Grain above these shares of full scale is damage, and texture where it was measured on cloth.
_MOST, _MOST_ON_CLOTH = 6 / 255, 1.5 / 255


def _white_noise_gain() -> float:
    """Returns the factor by which the high-pass below weakens white noise."""
    delta = np.zeros((15, 15), np.float32)
    delta[7, 7] = 1
    return float(np.sqrt(np.sum(_high_pass(delta) ** 2)))


def of_photo(placed: Placed) -> float:
    """Returns the grain of the photo as the standard deviation of white noise, as a share of full scale.

    Taken from the backdrop around the garment, or from the garment's flattest tiles where the backdrop is clipped or
    was retouched.
    """
    core = _tiles((placed.matte == 1)[..., None], cover=True)
    bare = _tiles((placed.matte == 0)[..., None], cover=True)
    mean, sigma = _flatness(placed.pixels)
    # What was taken out of the garment, as the inside of a back, is no backdrop: it is neither garment nor that light.
    level = float(np.median(mean[bare])) if bare.any() else 0.0
    seen = bare & (mean > 0.02) & (mean < 0.97) & (np.abs(mean - level) < _ALIKE)
    if np.count_nonzero(seen) >= _ENOUGH and (found := float(np.median(sigma[seen]))) > _RETOUCHED:
        return min(_MOST, found)
    return min(_MOST_ON_CLOTH, float(np.percentile(sigma[core], 5))) if core.any() else 0.0


def of_plate(plate: RGB) -> float:
    """Returns the grain that a plate has already, in the same unit."""
    return float(np.median(_flatness(plate)[1]))


def _flatness(picture: RGB) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Returns mean luminance and white-noise sigma of each tile, both as shares of full scale."""
    full = float(np.iinfo(picture.dtype).max)
    tiles = _cut(picture).astype(np.float32).mean(axis=-1) / full
    rough = np.stack([_high_pass(tile) for tile in tiles.reshape(-1, _TILE, _TILE)]) if tiles.size else tiles
    sigma = rough[:, 2:-2, 2:-2].std(axis=(1, 2)) / _white_noise_gain() if tiles.size else np.zeros(0, np.float32)
    return tiles.mean(axis=(1, 2)), sigma.astype(np.float32)


def _tiles(flags: npt.NDArray[np.bool_], cover: bool) -> npt.NDArray[np.bool_]:
    """Returns for each tile whether it is flagged all over."""
    tiles = _cut(flags)[..., 0]
    return np.asarray((tiles == cover).all(axis=(1, 2)), bool)


def _cut(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Returns N x tile x tile x C tiles on an even grid over an H x W x C array."""
    rows, columns = (_starts(side) for side in array.shape[:2])
    cut = [array[y : y + _TILE, x : x + _TILE] for y in rows for x in columns]
    return np.stack(cut) if cut else np.zeros((0, _TILE, _TILE, array.shape[2]), array.dtype)


def _starts(side: int) -> list[int]:
    count = min(_TILES, side // _TILE)
    return [round(each) for each in np.linspace(0, side - _TILE, count)] if count else []


def _high_pass(luminance: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    smooth: npt.NDArray[np.float32] = luminance - cv2.GaussianBlur(luminance, (0, 0), 1.0)
    return smooth
