"""What a figure tells a diffusion model: a depth picture, a picture to start from, and where face and hands are."""

import cv2
import numpy as np
import numpy.typing as npt

from stages.contracts import Box, Plate
from stages.figure.occluder import opaque
from stages.figure.records import PARTS, Figure

Field = npt.NDArray[np.float32]

#: Metres from a usual camera to a standing model, and the camera's height above the floor: a full-length studio picture
#: with a 50 mm lens on full frame shows 2.1 m from 3 m.
_AWAY, _CAMERA = 3.0, 1.2
#: A backdrop this many metres behind the figure is the farthest that is told apart: with more, the figure alone would
#: have all greys of the picture's depth but a few.
_BEHIND = 3.0


def depth(figure: Figure, width: int, height: int) -> Plate:
    """Returns a depth picture, height x width x 3, near is bright, as ControlNets for depth are trained on.

    Relative inverse depth, as MiDaS gives it (arXiv 1907.01341), spread over 0 to 255: of the figure, of the floor that
    it stands on, and of a far backdrop.
    """
    posed = figure.posed
    small = _resized(figure.depth, width, height)
    nearness = 1 / (_AWAY + np.where(np.isfinite(small), small, 0) / posed.scale)
    around = np.maximum(np.clip(ground(figure, height), 0, 2) / _AWAY, 1 / (_AWAY + _BEHIND))[:, None]
    nearness = np.where(np.isfinite(small), nearness, around)
    low, high = float(nearness.min()), float(nearness.max())
    grey = np.rint(255 * (nearness - low) / max(high - low, 1e-6)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def start(figure: Figure, image: Plate) -> Plate:
    """Returns the picture that a model starts from: the figure in `image`, at the size of that, sRGB.

    `image` shows what the figure wears, in front of it: what that hides of the figure was not shaded.
    """
    height, width = image.shape[:2]
    rows, columns = figure.alpha.shape
    shown = np.where(opaque(figure.placed, (columns, rows)), 0, figure.alpha).astype(np.float32)[..., None]
    alpha, person = (
        cv2.resize(each, (width, height), interpolation=cv2.INTER_AREA) for each in (shown, shown * figure.picture)
    )
    return np.asarray(np.rint(image * (1 - alpha[..., None]) + person), np.uint8)


def boxes(figure: Figure) -> dict[str, list[Box]]:
    """Returns the boxes of the face and of each hand that is seen, in canvas pixels, by part."""
    found: dict[str, list[Box]] = {}
    for name in ("face", "hand"):
        _, _, stats, _ = cv2.connectedComponentsWithStats((figure.parts == PARTS.index(name)).astype(np.uint8))
        least = (0.02 * figure.posed.scale) ** 2  # 2 cm: less is a speck between strands of hair
        found[name] = [(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, area in stats[1:] if area >= least]
    return found


def ground(figure: Figure, height: int) -> Field:
    """Returns how near the floor is in each of a picture's rows: 1 under the feet, 0 at the horizon, negative above it.

    Inverse distance, in units of the figure's: it falls evenly from the feet up to the horizon.
    """
    rows = (np.arange(height, dtype=np.float32) + 0.5) * figure.depth.shape[0] / height
    raised = _CAMERA * figure.posed.scale
    return np.asarray((rows - floor(figure) + raised) / raised, np.float32)


def floor(figure: Figure) -> float:
    """Returns the row of the floor under the figure, which may lie below the frame."""
    return max(float(surface.vertices[:, 1].max()) for surface in figure.posed.surfaces.values())


def _resized(field: Field, width: int, height: int) -> Field:
    """Returns depth at another size; a pixel is part of the figure if its middle is."""
    rows = ((np.arange(height) + 0.5) * field.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * field.shape[1] / width).astype(int)
    return np.asarray(field[rows[:, None], columns[None]], np.float32)
