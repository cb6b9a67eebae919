"""What mypy is told of OpenCV's arrays, against OpenCV itself."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from scripts.opencv_types import DEPTHS, GIVES, KEEPS, NAMED

SQUARE = np.ones((3, 3), np.uint8)
GRID = np.mgrid[:8, :8][::-1].astype(np.float32)

#: A call of each function with a picture of one channel.
CALLS: dict[str, Callable[[Any], Any]] = {
    "GaussianBlur": lambda picture: cv2.GaussianBlur(picture, (3, 3), 1),
    "absdiff": lambda picture: cv2.absdiff(picture, picture),
    "addWeighted": lambda picture: cv2.addWeighted(picture, 0.5, picture, 0.5, 0),
    "bilateralFilter": lambda picture: cv2.bilateralFilter(picture, 3, 8, 3),
    "blur": lambda picture: cv2.blur(picture, (3, 3)),
    "connectedComponents": cv2.connectedComponents,
    "connectedComponentsWithStats": cv2.connectedComponentsWithStats,
    "convertScaleAbs": lambda picture: cv2.convertScaleAbs(picture, alpha=0.5),
    "copyMakeBorder": lambda picture: cv2.copyMakeBorder(picture, 1, 1, 1, 1, cv2.BORDER_REPLICATE),
    "copyTo": lambda picture: cv2.copyTo(picture, np.ones((8, 8), np.uint8)),
    "cvtColor": lambda picture: cv2.cvtColor(np.dstack([picture] * 3), cv2.COLOR_RGB2GRAY),
    "dilate": lambda picture: cv2.dilate(picture, SQUARE),
    "distanceTransform": lambda picture: cv2.distanceTransform(picture, cv2.DIST_L2, 5),
    "distanceTransformWithLabels": lambda picture: cv2.distanceTransformWithLabels(picture, cv2.DIST_L2, 5),
    "divide": lambda picture: cv2.divide(picture, picture),
    "erode": lambda picture: cv2.erode(picture, SQUARE),
    "findContours": lambda picture: cv2.findContours(picture, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE),
    "flip": lambda picture: cv2.flip(picture, 1),
    "getRotationMatrix2D": lambda picture: cv2.getRotationMatrix2D((float(picture[0, 0]), 2), 30, 1),
    "getStructuringElement": lambda picture: cv2.getStructuringElement(cv2.MORPH_ELLIPSE, picture.shape),
    "imencode": lambda picture: cv2.imencode(".png", picture),
    "invertAffineTransform": lambda picture: cv2.invertAffineTransform(np.eye(2, 3, dtype=picture.dtype)),
    "magnitude": lambda picture: cv2.magnitude(picture, picture),
    "matchTemplate": lambda picture: cv2.matchTemplate(picture, picture[:3, :3], cv2.TM_CCORR),
    "medianBlur": lambda picture: cv2.medianBlur(picture, 3),
    "morphologyEx": lambda picture: cv2.morphologyEx(picture, cv2.MORPH_CLOSE, SQUARE),
    "multiply": lambda picture: cv2.multiply(picture, picture),
    "remap": lambda picture: cv2.remap(picture, GRID[0], GRID[1], cv2.INTER_LINEAR),
    "resize": lambda picture: cv2.resize(picture, (5, 11), interpolation=cv2.INTER_AREA),
    "split": lambda picture: cv2.split(np.dstack([picture] * 3)),
    "warpAffine": lambda picture: cv2.warpAffine(picture, np.eye(2, 3), (5, 11)),
}
DEEP: dict[str, Callable[[Any, int], Any]] = {
    "Laplacian": cv2.Laplacian,
    "Scharr": lambda picture, depth: cv2.Scharr(picture, depth, 1, 0),
    "Sobel": lambda picture, depth: cv2.Sobel(picture, depth, 1, 0),
    "boxFilter": lambda picture, depth: cv2.boxFilter(picture, depth, (3, 3)),
    "filter2D": lambda picture, depth: cv2.filter2D(picture, depth, np.ones((3, 3), np.float32)),
    "sepFilter2D": lambda picture, depth: cv2.sepFilter2D(picture, depth, np.ones(3), np.ones(3)),
}


def answers(call: Callable[..., Any], *more: int) -> list[tuple[str, list[str]]]:
    """Returns each type of picture that a function takes, with the types of the arrays that it gives for it."""
    found = []
    for dtype in ("uint8", "uint16", "int16", "float32", "float64"):
        picture = np.random.default_rng(0).integers(0, 2, (8, 8)).astype(dtype)
        try:
            given = call(picture, *more)
        except cv2.error:
            continue
        found.append((dtype, [each.dtype.name for each in flat(given) if isinstance(each, np.ndarray)]))
    assert found, "the function takes no picture at all"
    return found


def flat(given: Any) -> list[Any]:
    return [each for part in given for each in flat(part)] if isinstance(given, (tuple, list)) else [given]


@pytest.mark.parametrize("name", sorted(KEEPS))
def test_filters_keep_the_type_of_their_source(name: str) -> None:
    for dtype, types in answers(CALLS[name]):
        assert set(types) == {dtype}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_depth_that_is_named_is_given(name: str) -> None:
    for dtype, types in answers(DEEP[name], -1):
        assert types == [dtype]
    for depth, expected in DEPTHS.items():
        for _, types in answers(DEEP[name], getattr(cv2, depth)):
            assert types == [expected]


@pytest.mark.parametrize("name", sorted(name for name, types in GIVES.items() if "Any" not in types))
def test_some_types_are_always_the_same(name: str) -> None:
    for _, types in answers(CALLS[name]):
        assert list(dict.fromkeys(types)) == list(dict.fromkeys(GIVES[name]))
