"""ViTMatte (Yao et al., ViTMatte: Boosting Image Matting with Pretrained Plain Vision Transformers, 2023).

Through transformers; asked in tiles along the unknown band, so that cost grows with the outline.
"""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from stages import pretrained
from stages.contracts import RGB, Mask, Matte
from stages.options import SegmentOptions

#: Of code and weights alike (github.com/hustvl/ViTMatte).
LICENCE = "Apache-2.0"
MODEL = "hustvl/vitmatte-small-composition-1k"
#: Side of a tile, and how much of the photo around it the model is shown, in pixels.
TILE, AROUND = 512, 128


def available(options: SegmentOptions) -> bool:
    """Whether `solve` needs to fetch nothing."""
    return (pretrained.family(options.vitmatte_folder or MODEL, None) or "") == "vitmatte"


def solve(pixels: RGB, trimap: Mask, options: SegmentOptions) -> Matte:
    """Returns the matte, H x W, of a photo and its trimap (H x W: 255 garment, 0 backdrop, all else unknown).

    Raises WeightsError when the weights are missing or are not those of a ViTMatte.
    """
    processor, model = load(options.vitmatte_folder or MODEL, options.fetch_sam)
    unknown = (trimap != 255) & (trimap != 0)
    matte: Matte = (trimap == 255).astype(np.float32)
    shown = np.where(unknown, 128, trimap).astype(np.uint8)
    eight = (pixels if pixels.dtype == np.uint8 else pixels >> 8).astype(np.uint8)
    for top in range(0, unknown.shape[0], TILE):
        for left in range(0, unknown.shape[1], TILE):
            x, y, w, h = cv2.boundingRect(unknown[top : top + TILE, left : left + TILE].astype(np.uint8))
            if not w:
                continue
            here = slice(top + y, top + y + h), slice(left + x, left + x + w)
            y0, x0 = max(0, top + y - AROUND), max(0, left + x - AROUND)
            box = slice(y0, top + y + h + AROUND), slice(x0, left + x + w + AROUND)
            alpha = _asked(processor, model, eight[box], shown[box])
            inner = alpha[top + y - y0 : top + y - y0 + h, left + x - x0 : left + x - x0 + w]
            matte[here][unknown[here]] = inner[unknown[here]]
    return matte


@lru_cache(maxsize=1)
def load(name: str, fetch: bool) -> tuple[Any, Any]:
    """Returns the processor and the model of a folder or Hub id; the last one is kept."""
    from transformers import VitMatteForImageMatting, VitMatteImageProcessor

    return pretrained.load(
        VitMatteForImageMatting, VitMatteImageProcessor, name, "ViTMatte", fetch=fetch, flag="--vitmatte-folder"
    )


def _asked(processor: Any, model: Any, picture: npt.NDArray[np.uint8], trimap: Mask) -> Matte:
    import torch

    asked = processor(images=picture, trimaps=trimap, return_tensors="pt").to(model.device)
    with torch.inference_mode():
        alpha = model(**asked).alphas[0, 0].float().cpu().numpy()
    # The processor pads to a multiple of the model's patches.
    return np.asarray(alpha[: picture.shape[0], : picture.shape[1]], dtype=np.float32)
