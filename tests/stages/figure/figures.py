"""Figures that tests draw themselves: a disc with known depth and colour, in no time."""

import numpy as np

from stages.figure.records import PARTS, Figure, Posed, Surface


def disc(
    width: int = 120, height: int = 180, radius: float = 40, colour: tuple[int, int, int] = (200, 140, 110)
) -> Figure:
    """Returns a ball in the middle, one metre to 100 pixels, with a face in its middle and a hand beside it."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    away = np.hypot(x - width / 2, y - height / 2)
    alpha = np.clip(radius - away + 0.5, 0, 1).astype(np.float32)
    inside = alpha > 0
    parts = np.where(inside, PARTS.index("skin"), 0).astype(np.uint8)
    parts[away < 10] = PARTS.index("face")
    parts[(np.abs(x - width / 2 - 25) < 4) & (np.abs(y - height / 2) < 6)] = PARTS.index("hand")
    bulge = -np.sqrt(np.maximum(radius**2 - away**2, 0))
    floor = Surface(
        name="skin",
        material="skin",
        vertices=np.array([[width / 2, height - 5, 0]], np.float32),
        normals=np.array([[0, 0, -1]], np.float32),
        faces=np.zeros((0, 3), np.int32),
        parts=np.zeros(0, np.uint8),
    )
    return Figure(
        picture=np.full((height, width, 3), colour, np.uint8),
        alpha=alpha,
        depth=np.where(inside, bulge, np.inf).astype(np.float32),
        normals=np.zeros((height, width, 3), np.float32),
        parts=parts,
        shadow=np.ones((height, width), np.float32),
        posed=Posed({"skin": floor}, {}, np.eye(4, dtype=np.float32), 100.0, np.ones((18, 3), np.float32)),
    )
