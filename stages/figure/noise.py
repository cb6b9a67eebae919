"""Noise that does not repeat visibly, made once and read like a texture."""

from functools import cache
from typing import Any

import cv2
import numpy as np

from stages.figure.records import Bytes, Floats
from stages.figure.vectors import floats

#: Side of the tile, and lattice points on it.
_SIDE, _CELLS = 512, 64


@cache
def _tile(seed: int) -> Floats:
    """Returns smooth noise that tiles, 512 x 512, mean 0 and deviation 1, with 64 cells a side."""
    lattice = np.random.default_rng(seed).standard_normal((_CELLS, _CELLS)).astype(np.float32)
    wrapped = np.pad(lattice, 2, mode="wrap")
    zoom = _SIDE // _CELLS
    large = cv2.resize(wrapped, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)[
        2 * zoom : -2 * zoom, 2 * zoom : -2 * zoom
    ]
    tile = (large - large.mean()) / large.std()
    tile.setflags(write=False)
    return floats(tile)


def noise(places: Floats, wavelength: float, seed: int) -> Floats:
    """Returns smooth noise, mean 0 and deviation 1, at places (N x 2), changing over `wavelength` in their unit."""
    # Turned a little, and differently for each seed, so that the lattices of several octaves do not line up.
    turn = 0.6 + 1.7 * seed
    spin = floats([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return floats(sampled(_tile(seed % 8), (places @ spin.T) / (wavelength * _CELLS) + 0.37 * seed))


def sampled(texture: Floats | Bytes, uv: Floats) -> Any:
    """Reads a texture (h x w or h x w x C) at places (N x 2; u right, v up, repeated beyond [0, 1]), bilinearly."""
    height, width = texture.shape[:2]
    x = np.mod(uv[:, 0], 1) * width - 0.5
    y = np.mod(1 - uv[:, 1], 1) * height - 0.5
    # OpenCV wants pictures no side of which is longer than 32767.
    rows = -(-len(uv) // 1024)
    maps = [
        np.resize(each.astype(np.float32), (rows, 1024)) if len(uv) else np.zeros((1, 1), np.float32) for each in (x, y)
    ]
    read = cv2.remap(texture, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return read.reshape(-1, *texture.shape[2:])[: len(uv)]
