"""Proves the kept part of inpaint and outpaint by geometry: from the receipt's own words, without cutting anything."""

import os

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from pipeline.receipt import Receipt
from stages.canvas import region
from stages.contracts import Mask, Photo
from stages.errors import ConfigError, OnmodelError
from stages.options import InpaintOptions

Proven = tuple[float | None, list[str], list[str]]
"""The share of what should be kept that is, what is wrong, and what could not be proven."""


def prove_region(mask: Mask, given: Photo, record: Receipt) -> Proven:
    """Selects the region again, by the options in the receipt, and compares it with the mask.

    Where the picture of a mask is gone, the region's box alone is compared.
    """
    try:
        options = InpaintOptions.model_validate(record.config.get("inpaint", {}))
    except ValidationError as error:
        raise ConfigError("The receipt's region is not readable: take the one that was written.") from error
    if options.mask is not None and not os.path.isfile(options.mask):
        named = record.selection.region if record.selection else None
        found = region.bounds(mask > 0) if mask.any() else None
        wrong = [] if named == found else ["what was generated is not the region that the receipt names"]
        return None, wrong, [f"{options.mask} is gone, so that the region's shape is not proven"]
    try:
        asked, _ = region.select(given, options)
    except OnmodelError as error:
        return None, [f"the region cannot be selected again: {error}"], []
    if asked.shape != mask.shape:
        return None, ["the picture has another size than the photo"], []
    share = _share(mask == 0, ~asked)
    beyond = int(np.count_nonzero((mask > 0) & ~asked))
    missed = int(np.count_nonzero((mask == 0) & asked))
    wrong = []
    if beyond:
        wrong.append(f"{beyond} pixels outside the region were generated")
    return share, wrong, [f"{missed} pixels of the region were kept"] if missed else []


def prove_frame(core: npt.NDArray[np.bool_], given: Photo, record: Receipt) -> Proven:
    """Compares what is kept with the photo's frame on the canvas, all of which it must be."""
    x, y = record.placement.x, record.placement.y
    frame = np.zeros_like(core)
    frame[max(0, y) : y + given.height, max(0, x) : x + given.width] = True
    whole = min(x, y) >= 0 and int(np.count_nonzero(frame)) == given.width * given.height
    share = _share(core, frame)
    lost = int(np.count_nonzero(frame & ~core))
    wrong = [] if whole else ["the photo reaches over the canvas"]
    if lost:
        wrong.append(f"{lost} pixels of the photo were not kept")
    return share, wrong, []


def _share(kept: npt.NDArray[np.bool_], whole: npt.NDArray[np.bool_]) -> float:
    return round(float(np.count_nonzero(kept & whole)) / max(1, int(np.count_nonzero(whole))), 4)
