"""Brings the plate to canvas size; a learned upscaler is one more function of the same shape."""

import cv2

from stages.contracts import Plate, Upscaler
from stages.options import UpscaleOptions


def load(options: UpscaleOptions) -> Upscaler:
    """Gives the upscaler that the options name."""
    return {"lanczos": lanczos}[options.upscaler]


def lanczos(plate: Plate, width: int, height: int) -> Plate:
    """Resizes an H x W x 3 uint8 plate to exactly (width, height): 8 x 8 Lanczos taps, area-averaged when shrinking."""
    if plate.shape[:2] == (height, width):
        return plate
    shrinks = width <= plate.shape[1] and height <= plate.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    resized: Plate = cv2.resize(plate, (width, height), interpolation=method)
    return resized
