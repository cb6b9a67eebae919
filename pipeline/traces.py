"""One picture per stage, for `--keep-stages`: what each stage saw and gave."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from stages import colour
from stages.canvas import mask
from stages.contracts import RGB, Cutout, Placed, Plate, Request, Skeleton
from stages.figure import guide
from stages.figure.records import Figure
from stages.pose.draw import draw

#: Long side of the pictures: enough to judge a stage by, at any photo size.
SIDE = 2048


def pictures(
    cutout: Cutout,
    placed: Placed,
    skeleton: Skeleton,
    asked: Request,
    plate: Plate,
    blended: RGB,
    wrong: Plate | None = None,
    figure: Figure | None = None,
) -> dict[str, Plate]:
    """Returns sRGB 8-bit pictures by stage name, in the order of the flow; `wrong` shows where faults are worst."""
    canvas = _small(_over_white(placed))
    height, width = canvas.shape[:2]
    shrink = np.array([width / placed.width, height / placed.height, 1], np.float32)
    drawn = draw(skeleton * shrink, width, height, 4.0 * max(width, height) / 512)
    marked = _landmarks(cv2.addWeighted(canvas, 0.6, drawn, 0.6, 0), placed, width / placed.width)
    return {
        "1-segment": np.repeat(np.rint(_small(cutout.matte) * 255).astype(np.uint8)[..., None], 3, axis=2),
        "2-place": canvas,
        "3-pose": marked,
        "4-mask": np.repeat(_small(mask.for_canvas(placed))[..., None], 3, axis=2),
        "5-request": asked.image,
        "6-control": asked.control,
        "7-plate": plate,
        "8-blend": colour.to_srgb(_small(blended), placed.icc),
    } | {
        name: picture
        for name, picture in {
            "3-figure": None if figure is None else _small(_figure(figure)),
            "3-depth": None if figure is None else guide.depth(figure, width, height),
            "6-control-depth": asked.depth,
            "9-faults": wrong,
        }.items()
        if picture is not None
    }


def small(picture: RGB, icc: bytes | None, side: int) -> Plate:
    """Returns a picture in the given profile as 8-bit sRGB whose longer side is at most `side` pixels."""
    return colour.to_srgb(_small(picture, side), icc)


def _small(picture: npt.NDArray[Any], side: int = SIDE) -> npt.NDArray[Any]:
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shrunk: npt.NDArray[Any] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return shrunk


def _over_white(placed: Placed) -> Plate:
    canvas = np.full((placed.height, placed.width, 3), 255, np.uint8)
    alpha = placed.matte[..., None]
    garment = colour.to_srgb(placed.foreground, placed.icc)
    canvas[placed.window] = np.rint(garment * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return canvas


def _figure(figure: Figure) -> Plate:
    alpha = figure.alpha[..., None]
    return np.asarray(np.rint(figure.picture * alpha + 255 * (1 - alpha)), np.uint8)


def _landmarks(picture: Plate, placed: Placed, scale: float) -> Plate:
    for name, (x, y) in placed.shape.landmarks.items():
        at = (round(x * scale), round(y * scale))
        cv2.drawMarker(picture, at, (255, 255, 255), cv2.MARKER_CROSS, 24, 4)
        cv2.drawMarker(picture, at, (0, 0, 0), cv2.MARKER_CROSS, 20, 2)
        cv2.putText(picture, name, (at[0] + 14, at[1]), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(picture, name, (at[0] + 14, at[1]), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    return picture
