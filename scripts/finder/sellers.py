"""Reads the sellers' photos: their classes, and the teacher's masks where there are some.

FOLDER/{train,validation}/CLASS/NAME.jpg     FOLDER/masks/{train,validation}/CLASS/NAME.png
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Plate

#: The folders' names, as the network names them.
CLASSES = {
    "t-shirt": "t-shirt", "longsleeve": "longsleeve", "shirt": "shirt", "outwear": "jacket", "pants": "trousers",
    "shorts": "shorts", "skirt": "skirt", "dress": "dress", "shoes": "shoes", "hat": "hat",
}  # fmt: skip

SPLITS = ("train", "validation")

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Listed:
    photo: Path
    mask: Path | None
    cloth: str
    """One of the values of `CLASSES`."""

    @property
    def name(self) -> str:
        return f"{self.photo.parent.name}/{self.photo.stem}"


def listed(folder: Path, split: str, masks: Path | None = None) -> Iterator[Listed]:
    """Yields the photos of a split in the order of their names; further masks than those of FOLDER lie in `masks`."""
    for photo in sorted((folder / split).glob("*/*.jpg")):
        places = [mask_of(photo, each) for each in (folder / "masks", masks) if each]
        yield Listed(photo, next((each for each in places if each.exists()), None), CLASSES[photo.parent.name])


def mask_of(photo: Path, masks: Path) -> Path:
    """Returns where the mask of a photo lies in a folder of masks."""
    return masks / Path(*photo.parts[-3:]).with_suffix(".png")


def read(path: Path, shorter: int | None = None) -> Plate:
    """Returns H x W x 3 uint8 RGB, its shorter side at most `shorter` pixels."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{path.name} is no picture")
    return np.ascontiguousarray(_shrunk(picture, shorter)[..., ::-1])


def read_mask(path: Path, shorter: int | None = None) -> Bytes:
    """Returns H x W uint8, 255 = garment."""
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise ValueError(f"{path.name} is no picture")
    return _shrunk(mask, shorter)


def _shrunk(picture: Bytes, shorter: int | None) -> Bytes:
    height, width = picture.shape[:2]
    if shorter is None or min(height, width) <= shorter:
        return np.asarray(picture, np.uint8)
    scale = shorter / min(height, width)
    size = round(width * scale), round(height * scale)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
