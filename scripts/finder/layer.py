"""A drawing in layers: premultiplied colour, and how much of each pixel every class covers."""

import cv2
import numpy as np
import numpy.typing as npt

from scripts.finder.backdrops import Field, Random, noise
from scripts.finder.example import PLANES
from scripts.synthetic.cloth import coverage

Points = npt.NDArray[np.float64]
HOLDER = PLANES.index("holder")


class Layer:
    """Painted from back to front; coordinates are pixels."""

    def __init__(self, height: int, width: int) -> None:
        self.colour: Field = np.zeros((height, width, 3), np.float32)
        self.labels: Field = np.zeros((height, width, len(PLANES)), np.float32)

    @property
    def cover(self) -> Field:
        return np.asarray(np.clip(self.labels.sum(axis=2), 0, 1), np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        height, width = self.colour.shape[:2]
        return height, width

    def paint(self, cover: Field, colour: npt.ArrayLike, plane: int) -> None:
        """Lays `colour`, RGB in [0, 255] or H x W x 3, over all that is there."""
        weight = cover[..., None]
        self.colour = weight * np.asarray(colour, np.float32) + (1 - weight) * self.colour
        self.labels *= 1 - weight
        self.labels[..., plane] += cover

    def outlines(self, pieces: list[Points], lines: list[tuple[Points, float]]) -> Field:
        """Returns the coverage of closed outlines and of lines (points, width)."""
        return coverage(pieces, lines, self.shape[1], self.shape[0], 0.5)

    def moved(self, random: Random, zoom: float, turn: float, bend: float) -> "Layer":
        """Returns it scaled and turned about its middle, shifted within the picture, and bent as cloth lies."""
        height, width = self.shape
        y, x = np.mgrid[:height, :width].astype(np.float32)
        # From where in the drawing each pixel comes.
        cos, sin = np.cos(turn) / zoom, np.sin(turn) / zoom
        shift = random.normal(0, 0.03 + 0.12 * max(0.0, 1 - zoom), 2) * (width, height)
        dx, dy = x - width / 2 - shift[0], y - height / 2 - shift[1]
        from_x = cos * dx + sin * dy + width / 2 + bend * noise(random, height, width, width / 3)
        from_y = -sin * dx + cos * dy + height / 2 + bend * noise(random, height, width, width / 3)
        made = Layer(height, width)
        maps = np.asarray(from_x, np.float32), np.asarray(from_y, np.float32)
        made.colour = np.asarray(cv2.remap(self.colour, *maps, cv2.INTER_LINEAR), np.float32)
        made.labels = np.asarray(cv2.remap(self.labels, *maps, cv2.INTER_LINEAR), np.float32)
        return made

    def over(self, below: "Layer") -> "Layer":
        """Returns this layer laid over another."""
        made = Layer(*self.shape)
        left = 1 - self.cover[..., None]
        made.colour = self.colour + left * below.colour
        made.labels = self.labels + left * below.labels
        return made
