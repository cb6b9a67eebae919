"""Proves a written picture from its files alone: picture, mask and receipt, against the photo they were made from."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from pipeline import selection
from pipeline.receipt import Place, Receipt
from stages import colour, find, photo, verify, write
from stages.canvas import place
from stages.contracts import RGB, Mask, Matte, Photo
from stages.errors import ConfigError, NotFoundError
from stages.find import classical
from stages.find import people as subject
from stages.options import PhotoOptions, SegmentOptions
from stages.reading import contents

Region = npt.NDArray[np.bool_]

#: The outline may retreat this far, in pixels at a longer side of 1024: half a pixel is rounding, one is erosion.
_MEDIAN_RETREAT = 0.5
#: No more than this share of the garment may lie further than that many pixels from what is kept, if the garment was
#: found in the same way: a cuff is 2 %. The same cut on another machine differs by single pixels.
_MOST_LOST, _LOST_AT = 0.004, 2.0
#: More backdrop than this share of the core means that it was not the garment that was kept.
_MOST_BACKDROP = 0.1


@dataclass(frozen=True, slots=True)
class Proof:
    """What the files of one run prove."""

    failures: tuple[str, ...] = ()
    """Empty if every kept pixel is the photo's and the kept pixels are the garment."""
    warnings: tuple[str, ...] = ()
    core_pixels: int = 0
    changed: int = 0
    """Core pixels that differ from the photo."""
    edge_pixels: int = 0
    garment_share: float | None = None
    """How much of the garment, cut from the photo again, is core; None if it could not be cut."""


def prove(output: Path, source: Path) -> Proof:
    """Compares a picture with its photo, bit for bit, and cuts the photo again to see that nothing shrank.

    The receipt (`output` with the suffix .json) and the mask that it names must lie beside the picture.
    Raises PhotoError if `source` cannot be read and ConfigError if the picture or its receipt cannot.
    """
    record = _receipt(output)
    given = photo.read(source, PhotoOptions())
    encoded, masked = _bytes(output), _bytes(output.parent / Path(record.mask.name).name if record.mask else None)
    failures = _hashes(record, given, encoded, masked)
    picture, mask = write.decode(encoded), _mask(masked)
    if picture is None or mask is None:
        return Proof(failures=(*failures, "the picture or its mask is not a PNG that can be decoded"))
    failures += _forms(record, given, encoded, picture, mask)
    if picture.shape[:2] != mask.shape or picture.dtype != given.pixels.dtype:
        return Proof(failures=tuple(failures))
    core = mask == 0
    failures += _transparency(encoded, given, record)
    changed = _changed(picture, core, given, record.placement)
    if changed:
        failures.append(f"{changed} garment pixels differ from the photo")
    if int(np.count_nonzero(core)) != record.kept.core_pixels:
        failures.append("the mask keeps another number of pixels than the receipt says")
    if verify.core_sha256(picture, core) != record.kept.core_sha256:
        failures.append("the garment's pixels are not those that the receipt was written for")
    share, shrunk, warnings = _shape(core, mask, given, record)
    return Proof(
        failures=(*failures, *shrunk),
        warnings=tuple(warnings),
        core_pixels=int(np.count_nonzero(core)),
        changed=changed,
        edge_pixels=int(np.count_nonzero((mask > 0) & (mask < 255))),
        garment_share=share,
    )


def _receipt(output: Path) -> Receipt:
    path = output.with_suffix(".json")
    try:
        return Receipt.model_validate_json(contents(path), strict=True)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): it must lie beside the picture.") from error
    except ValidationError as error:
        raise ConfigError(f"{path} is not a receipt of schema 1: take the one that was written with it.") from error


def _bytes(path: Path | None) -> bytes:
    if path is None:
        raise ConfigError("The receipt names no mask: the run failed, and there is nothing to prove.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): it must lie beside the picture.") from error


def _mask(encoded: bytes) -> Mask | None:
    mask: Mask | None = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    return mask if mask is not None and mask.ndim == 2 and mask.dtype == np.uint8 else None


def _hashes(record: Receipt, given: Photo, encoded: bytes, masked: bytes) -> list[str]:
    found = []
    if record.status != "ok" or record.output is None:
        found.append("the receipt is of a failed run")
    elif hashlib.sha256(encoded).hexdigest() != record.output.sha256:
        found.append("the picture is not the file that the receipt was written for")
    if record.mask is None or hashlib.sha256(masked).hexdigest() != record.mask.sha256:
        found.append("the mask is not the file that the receipt was written for")
    if given.sha256 != record.source.sha256:
        found.append("the photo is not the file that the receipt was written for")
    return found


def _forms(record: Receipt, given: Photo, encoded: bytes, picture: RGB, mask: Mask) -> list[str]:
    """Gives what does not fit in size, bit depth and colour space."""
    found = []
    height, width = picture.shape[:2]
    if mask.shape != (height, width):
        found.append("the mask has another size than the picture")
    if record.output is not None and (record.output.width, record.output.height) != (width, height):
        found.append("the picture has another size than the receipt says")
    source = record.source
    if (source.width, source.height, source.bit_depth) != (given.width, given.height, given.bit_depth):
        found.append("the photo has another size or bit depth than the receipt says")
    if picture.dtype != given.pixels.dtype:
        found.append("the picture has another bit depth than the photo")
    if write.profile(encoded) != given.icc or colour.profile_name(given.icc) != source.icc:
        found.append("the picture is in another colour space than the photo")
    return found


def _transparency(encoded: bytes, given: Photo, record: Receipt) -> list[str]:
    """Gives whether the picture's alpha is not the photo's: kept by inpaint and outpaint, none in other tasks."""
    alpha = write.decode_alpha(encoded)
    if record.task not in ("inpaint", "outpaint") or given.alpha is None:
        return [] if alpha is None else ["the picture has a transparency that the photo has not"]
    if alpha is None:
        return ["the picture has lost the photo's transparency"]
    on_canvas, on_photo = _overlap(alpha.shape, given.alpha.shape, record.placement)
    full = np.float32(np.iinfo(alpha.dtype).max)
    same = np.array_equal(alpha[on_canvas], np.rint(given.alpha[on_photo] * full))
    return [] if same else ["the picture's transparency is not the photo's"]


def _changed(picture: RGB, core: Region, given: Photo, placement: Place) -> int:
    """Gives how many core pixels are not the placed photo's; those beyond the photo's frame are not."""
    pixels, _ = place.resample(given.pixels, placement.scale)
    on_canvas, on_photo = _overlap(core.shape, pixels.shape, placement)
    kept = core[on_canvas]
    differs = np.any(picture[on_canvas] != pixels[on_photo], axis=2) & kept
    return int(np.count_nonzero(differs) + np.count_nonzero(core) - np.count_nonzero(kept))


def _overlap(
    canvas: tuple[int, ...], placed: tuple[int, ...], placement: Place
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Gives where the canvas and the placed photo overlap, as slices of each."""
    x0, y0 = max(0, placement.x), max(0, placement.y)
    x1 = max(x0, min(canvas[1], placement.x + placed[1]))
    y1 = max(y0, min(canvas[0], placement.y + placed[0]))
    there = (slice(y0 - placement.y, y1 - placement.y), slice(x0 - placement.x, x1 - placement.x))
    return (slice(y0, y1), slice(x0, x1)), there


def _shape(core: Region, mask: Mask, given: Photo, record: Receipt) -> tuple[float | None, list[str], list[str]]:
    """Proves that what is kept has the shape that the task promises; as `_shrunk`."""
    if record.task == "inpaint":
        return selection.prove_region(mask, given, record)
    if record.task == "outpaint":
        return selection.prove_frame(core, given, record)
    return _shrunk(core, given, record)


def _shrunk(core: Region, given: Photo, record: Receipt) -> tuple[float | None, list[str], list[str]]:
    """Cuts the photo again; gives how much of that garment is core, and what is wrong, as failures and warnings."""
    try:
        if record.config.get("segment", {}).get("matte"):
            return (
                None,
                [],
                ["the garment was cut by a matte of the user's own, so that the mask's shape is not proven"],
            )
        options = _steering(record)
        segmenter = subject.Subject() if record.task == "background" else classical.load(options)
        again = find.cut(given, options, segmenter)
        found = again.matte
        if record.task == "background" and again.segmenter.startswith(segmenter.name):
            found, *_ = subject.finish(given, found, again.foreground)
    except NotFoundError:
        return None, [], ["the photo could not be cut again, so that the mask's shape is not proven"]
    matte, _ = place.resample(found, record.placement.scale)
    opaque = matte > 1 - 1e-4  # resampled ones are one but for rounding
    on_canvas, on_photo = _overlap(core.shape, opaque.shape, record.placement)
    kept = np.zeros_like(opaque)
    kept[on_photo] = core[on_canvas]
    share, backdrop = _share(kept & opaque, opaque), _share(kept & (matte == 0), kept)
    failures, warnings = [], []
    found_by = record.garment.segmenter if record.garment else record.selection.found_by if record.selection else ""
    same = found_by == again.segmenter
    if backdrop > _MOST_BACKDROP and not same:
        # On a busy backdrop the classical segmenter is no judge of a better one. What only shrank goes on below.
        others = f"{again.segmenter} finds another garment than {found_by} did"
        return round(share, 4), [], [f"{others}, so that the mask's shape is not proven"]
    if share < verify.LEAST_CORE:
        failures.append(f"only {share:.0%} of the garment is kept, less than {verify.LEAST_CORE:.0%}")
    retreat, lost = _retreat(opaque, kept)
    if retreat > _MEDIAN_RETREAT:
        failures.append(f"the kept garment ends {retreat:.1f} pixels (at 1024) inside its outline")
    if lost > _MOST_LOST and same:
        failures.append(f"{lost:.1%} of the garment is missing as a whole part")
    if backdrop > _MOST_BACKDROP:
        failures.append(f"{backdrop:.0%} of the kept pixels are backdrop")
    elif backdrop > _MOST_BACKDROP / 5:
        warnings.append(f"{backdrop:.0%} of the kept pixels may be backdrop")
    return round(share, 4), failures, warnings


def _steering(record: Receipt) -> SegmentOptions:
    """Gives the options of the second cut: those of the classical segmenter, with no weights, but with the box, the
    points and the per-pixel matte of the first, with the inside of a back collar where that was kept, and with sheer
    cloth where that was.
    """
    said = record.config.get("segment", {})
    back = record.config.get("pose", {}).get("view") == "back"
    kept = said.get("keep_collar") is True or back or record.task == "background"
    matting = "classical" if said.get("matting") == "classical" else "closed-form"
    steering = {name: said[name] for name in ("garment_box", "garment_point", "not_point", "sheer") if said.get(name)}
    if record.task == "background":
        steering["sheer"] = "opaque"
    try:
        return SegmentOptions(matting=matting, keep_collar=kept, **steering)
    except ValidationError as error:
        raise ConfigError("The receipt's box or points are not readable: take the one that was written.") from error


def _share(part: Region, whole: Region) -> float:
    return float(np.count_nonzero(part)) / max(1.0, float(np.count_nonzero(whole)))


def _retreat(garment: Region, kept: Region) -> tuple[float, float]:
    """Gives how far the kept pixels end inside the garment's outline, and the share of it that lies far from them.

    The first is the median along the outline, in pixels at a longer side of 1024.
    """
    inner = cv2.erode(garment.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
    distance: Matte = cv2.distanceTransform((~kept).astype(np.uint8), cv2.DIST_L2, 5)
    distance /= max(1.0, max(garment.shape) / 1024)
    along = distance[garment & ~inner]
    return float(np.median(along)) if along.size else 0.0, _share(garment & (distance > _LOST_AT), garment)
