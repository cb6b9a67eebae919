"""Proves what a ghost's picture shows of its second photo: pixel for pixel, as that photo was placed."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.garment_check import overlap
from pipeline.receipt import Receipt, sha256
from stages import photo, verify
from stages.canvas import join, place
from stages.contracts import RGB, Photo
from stages.options import PhotoOptions
from stages.reading import LARGE, contents


def prove(
    output: Path, picture: RGB, core: npt.NDArray[np.bool_], given: Photo, record: Receipt, back: Path | None
) -> tuple[list[str], list[str]]:
    """Returns what is wrong, and what is in doubt. `core` is what the first photo keeps, canvas height x width."""
    told = record.joined
    if told is None:
        return ["the receipt tells of no second photo"], []
    try:
        masked = contents(output.parent / Path(told.mask.name).name, LARGE)
    except OSError:
        return ["the mask of the second photo is missing"], []
    mask = cv2.imdecode(np.frombuffer(masked, np.uint8), cv2.IMREAD_UNCHANGED)
    if sha256(masked) != told.mask.sha256 or mask is None or mask.shape != core.shape:
        return ["the mask of the second photo is not the file that the receipt was written for"], []
    shown = mask == 0
    wrong = []
    if (shown & core).any():
        wrong.append("both photos claim to be seen in one place")
    if verify.core_sha256(picture, shown) != told.kept.core_sha256:
        wrong.append("what is seen of the second photo is not what the receipt was written for")
    if back is None:
        return wrong, [f"what is seen of {told.source.name} was not compared with that photo: --back FILE does"]
    second = photo.read(back, PhotoOptions())
    if second.sha256 != told.source.sha256:
        wrong.append("the second photo is not the file that the receipt was written for")
    pixels, _ = place.resample(join.matched(second, given.icc, given.bit_depth).pixels, told.placement.scale)
    on_canvas, on_photo = overlap(mask.shape, pixels.shape, told.placement)
    there = shown[on_canvas]
    differs = (picture[on_canvas] != pixels[on_photo]).any(axis=2) & there
    changed = int(np.count_nonzero(differs)) + int(np.count_nonzero(shown)) - int(np.count_nonzero(there))
    if changed:
        wrong.append(f"{changed} pixels of the second photo differ from it")
    return wrong, []
