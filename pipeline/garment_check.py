"""Proves that what is kept of a photo is its garment: nothing shrank, and nothing was opened.

The photo is cut again by the finder of the installed version, whatever the receipt says of its own. A forger writes the
receipt; the photo he cannot.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from pipeline.receipt import Place, Receipt
from stages import find, openings, verify
from stages.canvas import place
from stages.contracts import RGB, Matte, Photo
from stages.errors import ConfigError, NotFoundError
from stages.find import finder
from stages.find import people as subject
from stages.options import SegmentOptions

Region = npt.NDArray[np.bool_]

#: The outline may retreat this far, in pixels at a longer side of 1024: half a pixel is rounding, one is erosion.
_MEDIAN_RETREAT = 0.5
#: No more than this share of the garment may lie further than that many pixels from what is kept, if the garment was
#: found in the same way: a cuff is 2 %. The same cut on another machine differs by single pixels.
_MOST_LOST, _LOST_AT = 0.004, 2.0
#: More backdrop than this share of the core means that it was not the garment that was kept.
_MOST_BACKDROP = 0.1
#: Openings whose pixels are garment: their share of it, and the side (root of the area) of the largest in pixels at
#: 1024. Honest cuts: on 22 photos the sure parts of trimaps drawn otherwise than by the finder measured up to 0.15 %
#: and 12 pixels, the same finder with another matting 0.01 % and 2. So this much is not found: one round hole of 5
#: pixels across, or dots of 2 x 2 every 64 pixels; where the receipt names another finder, which a forger may write, a
#: hole of 17, or dots every 40. Holes that show the backdrop's own colours are no fault here: `_MOST_LOST` judges them,
#: and only warns where the receipt names another finder.
_MOST_OPENED, _LARGEST_OPENING = 0.003, 15.0
_MOST_OPENED_ALIKE, _LARGEST_ALIKE = 0.001, 5.0


@dataclass(frozen=True, slots=True)
class Steering:
    """What the prover says of where the garment is, as the flags of a run do."""

    matte: Path | None = None
    garment_box: str | None = None
    garment_point: tuple[str, ...] = ()
    not_point: tuple[str, ...] = ()


NOTHING_SAID = Steering()


def prove(
    core: Region, given: Photo, record: Receipt, said: Steering = NOTHING_SAID
) -> tuple[float | None, list[str], list[str]]:
    """Cuts the photo again; gives how much of that garment is core, and what is wrong, as failures and warnings.

    `core` is what the mask keeps, canvas height x width.
    """
    try:
        options = options_of(record, said)
        sees = finder.load(options)
        segmenter = subject.Subject(sees) if record.task == "background" else sees
        again = find.subject(given, options, segmenter)
        found = again.matte
        if record.task == "background" and again.segmenter.startswith(segmenter.name):
            found, *_ = subject.finish(given, found, again.foreground)
    except NotFoundError:
        return None, [], ["the photo could not be cut again, so that the mask's shape is not proven"]
    matte, _ = place.resample(found, record.placement.scale)
    pixels, _ = place.resample(given.pixels, record.placement.scale)
    on_canvas, on_photo = overlap(core.shape, matte.shape, record.placement)
    kept = np.zeros(matte.shape, bool)
    kept[on_photo] = core[on_canvas]
    found_by = record.garment.segmenter if record.garment else record.selection.found_by if record.selection else ""
    opaque = matte > 1 - 1e-4  # resampled ones are one but for rounding
    share, failures, warnings = judged(Part(pixels, given.icc, kept, opaque, matte == 0), found_by, again.segmenter)
    claimed = _claimed(record, said)
    if failures and claimed and share is not None:
        failures.append(f"the receipt says that {claimed} cut it: if that is so, verify with the same")
    return share, failures, warnings


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What is kept of a photo, and what of it a second cut says is garment; all at the scale that it is placed at."""

    pixels: RGB
    icc: bytes | None
    kept: Region
    opaque: Region
    """Where the second cut is opaque, and seen."""
    bare: Region
    """Where there is nothing of it."""
    hidden: Region | None = None
    """Where it is worn under something else."""


def judged(part: Part, found_by: str, again: str) -> tuple[float | None, list[str], list[str]]:
    """Measures how much of a garment is kept, and lists what is wrong with its shape, as failures and warnings.

    `found_by` is what the receipt says cut the photo, and `again` what cut it the second time.
    """
    kept, opaque = part.kept, part.opaque
    same = found_by == again
    whole, garment = (kept, opaque) if part.hidden is None else (kept | part.hidden, opaque | part.hidden)
    failures, warnings = _opened(openings.judge(part.pixels, whole, garment, part.bare, part.icc), same)
    share, backdrop = _share(kept & opaque, opaque), _share(kept & part.bare, kept)
    if backdrop > _MOST_BACKDROP and not same:
        # On a busy backdrop the finder is no judge of a better one.
        others = f"{again} finds another garment than {found_by} did"
        warnings.append(f"{others}, so that the mask's outline is not proven")
        return round(share, 4), failures, warnings
    if share < verify.LEAST_CORE:
        failures.append(f"only {share:.0%} of the garment is kept, less than {verify.LEAST_CORE:.0%}")
    retreat, lost = _retreat(opaque, kept)
    if retreat > _MEDIAN_RETREAT:
        failures.append(f"the kept garment ends {retreat:.1f} pixels (at 1024) inside its outline")
    if lost > _MOST_LOST:
        words = f"{lost:.1%} of the garment is missing as a whole part"
        (failures if same else warnings).append(words)
    if backdrop > _MOST_BACKDROP:
        failures.append(f"{backdrop:.0%} of the kept pixels are backdrop")
    elif backdrop > _MOST_BACKDROP / 5:
        warnings.append(f"{backdrop:.0%} of the kept pixels may be backdrop")
    return round(share, 4), failures, warnings


def overlap(
    canvas: tuple[int, ...], placed: tuple[int, ...], placement: Place
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Returns where the canvas and the placed photo overlap, as slices of each."""
    x0, y0 = max(0, placement.x), max(0, placement.y)
    x1 = max(x0, min(canvas[1], placement.x + placed[1]))
    y1 = max(y0, min(canvas[0], placement.y + placed[0]))
    there = (slice(y0 - placement.y, y1 - placement.y), slice(x0 - placement.x, x1 - placement.x))
    return (slice(y0, y1), slice(x0, x1)), there


def _opened(found: openings.Openings, same: bool) -> tuple[list[str], list[str]]:
    failures, warnings = [], []
    most, largest = (_MOST_OPENED_ALIKE, _LARGEST_ALIKE) if same else (_MOST_OPENED, _LARGEST_OPENING)
    if found.share > most or found.largest > largest:
        failures.append(
            f"{found.share:.2%} of the garment is open where the photo shows garment "
            f"(the largest opening is {found.largest:.0f} pixels wide at 1024)"
        )
    if found.unsure > _MOST_OPENED:
        warnings.append(f"{found.unsure:.1%} of the garment is open where its colours are the backdrop's")
    return failures, warnings


def _claimed(record: Receipt, said: Steering) -> str:
    """Lists, in words, what steered the cut according to the receipt but not to the prover."""
    there = record.config.get("segment", {})
    names = ("matte", "garment_box", "garment_point", "not_point")
    found = [f"--{name.replace('_', '-')}" for name in names if there.get(name) and not getattr(said, name)]
    return " and ".join(found)


def options_of(record: Receipt, said: Steering) -> SegmentOptions:
    """Returns the options of the second cut: those of the embedded finder, steered by the prover.

    From the receipt come only choices that the finder itself bounds: whether the inside of a back
    collar and sheer cloth are kept, and what the photo's own alpha means.
    """
    there = record.config.get("segment", {})
    back = record.config.get("pose", {}).get("view") == "back"
    kept = there.get("keep_collar") is True or back or record.task in ("background", "ghost")
    chosen = {name: there[name] for name in ("sheer", "alpha") if there.get(name)}
    if record.task == "background":
        chosen["sheer"] = "opaque"
    steered = {name: value for name, value in asdict(said).items() if value}
    try:
        return SegmentOptions(matting="closed-form", keep_collar=kept, **chosen, **steered)
    except ValidationError as error:
        words = "; ".join(str(each["msg"]) for each in error.errors())
        raise ConfigError(f"How the garment was cut is not readable: {words}.") from error


def _share(part: Region, whole: Region) -> float:
    return float(np.count_nonzero(part)) / max(1.0, float(np.count_nonzero(whole)))


def _retreat(garment: Region, kept: Region) -> tuple[float, float]:
    """Returns how far the kept pixels end inside the garment's outline, and the share of it that lies far from them.

    The first is the median along the outline, in pixels at a longer side of 1024.
    """
    inner = cv2.erode(garment.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
    distance: Matte = cv2.distanceTransform((~kept).astype(np.uint8), cv2.DIST_L2, 5)
    distance /= max(1.0, max(garment.shape) / 1024)
    along = distance[garment & ~inner]
    return float(np.median(along)) if along.size else 0.0, _share(garment & (distance > _LOST_AT), garment)
