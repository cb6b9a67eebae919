"""Brings the plate to canvas size: by resampling, or by a learned model when its weights are given."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stages import extras
from stages.contracts import Plate, Upscaler
from stages.errors import ConfigError, WeightsError
from stages.generate import memory
from stages.generate.device import choose
from stages.options import GenerateOptions, UpscaleOptions
from stages.reading import is_file

#: Sides of the tiles that a learned model sees, and how far they overlap: memory does not grow with the plate, and
#: 32 pixels are more than common models look around (arXiv 2107.10833 has 23 residual blocks of 3 x 3 taps).
_TILE, _OVERLAP = 384, 32


def load(options: UpscaleOptions, device: str = "auto") -> Upscaler:
    """Returns the upscaler that the options name, on a device as `GenerateOptions.device` names it.

    Raises ConfigError or WeightsError without a model, and ConfigError without that device.
    """
    weights = options.upscale_weights
    if options.upscaler == "lanczos" or (options.upscaler == "auto" and weights is None):
        return lanczos
    if weights is None:
        raise ConfigError("--upscaler learned needs a model: pass --upscale-weights FILE")
    return Learned(weights, device)


def lanczos(plate: Plate, width: int, height: int) -> Plate:
    """Resizes an H x W x 3 uint8 plate to exactly (width, height): 8 x 8 Lanczos taps, area-averaged when shrinking."""
    if plate.shape[:2] == (height, width):
        return plate
    shrinks = width <= plate.shape[1] and height <= plate.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    return cv2.resize(plate, (width, height), interpolation=method)


class Learned:
    """A super-resolution model of any architecture that spandrel knows, such as Real-ESRGAN, SwinIR or HAT."""

    def __init__(self, file: Path, device: str) -> None:
        """Loads a model.

        Raises WeightsError when the file is missing or not a model, ConfigError without spandrel or the device.
        """
        if not is_file(file):
            raise WeightsError(f"there is no upscaler at {file}: correct --upscale-weights")
        try:
            from spandrel import ImageModelDescriptor, ModelLoader
        except ImportError as error:
            raise ConfigError(f"learned upscaling needs spandrel: {extras.install('upscale')}") from error
        where, _ = choose(GenerateOptions(device=device))
        try:
            # Its unpickler lets in tensors alone.
            model = ModelLoader(where).load_from_file(file)
        except Exception as error:  # broken files raise anything, and all of it means this
            raise WeightsError(f"{file.name} is not an upscaler that spandrel knows: give another file") from error
        if not isinstance(model, ImageModelDescriptor) or model.input_channels != 3 or model.output_channels != 3:
            raise WeightsError(f"{file.name} is not an upscaler for colour pictures: give another file")
        self._model: Any = model.eval()
        self._device = where

    def __call__(self, plate: Plate, width: int, height: int) -> Plate:
        """Enlarges until the plate is at least as large as asked for, then resamples to exactly (width, height).

        When the GPU's memory runs out, the CPU takes over: the plate is not lost.
        """
        import torch

        while self._model.scale > 1 and (plate.shape[0] < height or plate.shape[1] < width):
            try:
                with torch.inference_mode():
                    plate = self._enlarged(plate)
                continue
            except RuntimeError as error:
                if self._device.type == "cpu" or not memory.ran_out(error):
                    raise
            # Outside the handler: the error's traceback holds on to the tensors.
            self._device = torch.device("cpu")
            self._model.to(self._device)
            memory.release()
        return lanczos(plate, width, height)

    def _enlarged(self, plate: Plate) -> Plate:
        """Returns the plate `scale` times as large, tile by tile; each tile's outer half of the overlap is dropped."""
        scale, (height, width) = self._model.scale, plate.shape[:2]
        large = np.empty((height * scale, width * scale, 3), np.uint8)
        step = _TILE - 2 * _OVERLAP
        for top in range(0, height, step):
            for left in range(0, width, step):
                y0, x0 = max(0, top - _OVERLAP), max(0, left - _OVERLAP)
                y1, x1 = min(height, top + step + _OVERLAP), min(width, left + step + _OVERLAP)
                tile = self._tile(plate[y0:y1, x0:x1])
                bottom, right = min(height, top + step), min(width, left + step)
                large[top * scale : bottom * scale, left * scale : right * scale] = tile[
                    (top - y0) * scale : (bottom - y0) * scale, (left - x0) * scale : (right - x0) * scale
                ]
        return large

    def _tile(self, tile: Plate) -> Plate:
        import torch

        shown: torch.Tensor = torch.from_numpy(np.ascontiguousarray(tile)).to(self._device).permute(2, 0, 1)[None]
        given = self._model(shown.float() / 255)[0].clamp(0, 1)
        large: Plate = (given.permute(1, 2, 0) * 255).round().byte().cpu().numpy()
        return large
