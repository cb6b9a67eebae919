"""Proves a written picture from its files alone: picture, mask and receipt, against the photo they were made from."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from pipeline import channels, garment_check, joined, outfit_check, selection
from pipeline.garment_check import Steering, overlap
from pipeline.provenance import credentials, manifest, seal
from pipeline.receipt import Place, Receipt
from stages import colour, extras, photo, verify, watermark, write
from stages.canvas import place
from stages.contracts import RGB, Mask, Photo
from stages.errors import ConfigError, PhotoError
from stages.options import PhotoOptions
from stages.photo import second_decoder
from stages.reading import LARGE, contents

Region = npt.NDArray[np.bool_]


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
    signed_by: str | None = None
    """Who signed the three files; None if nobody did, or if the extra that reads it is missing."""
    watermark: bool | None = None
    """Whether generated pixels carry the mark; None where too few tell."""


def prove(
    output: Path,
    source: Path | Sequence[Path],
    said: Steering | Sequence[Steering] = garment_check.NOTHING_SAID,
    anchors: Path | None = None,
    back: Path | None = None,
) -> Proof:
    """Compares a picture with its photo, bit for bit, and cuts the photo again to see that nothing shrank.

    That cut is the installed version's own, steered by what the prover says and not by the receipt.
    Of an outfit `source` are all photos, in any order, and each garment is proven; `said` may be one for each.
    The receipt (`output` with the suffix .json) and the mask that it names must lie beside the picture. `anchors` is a
    PEM file of certificates: with it, whoever they do not vouch for fails. `back` is the second photo of a ghost.
    Raises PhotoError if `source` cannot be read and ConfigError if the picture or its receipt cannot.
    """
    record = _receipt(output)
    paths = [source] if isinstance(source, Path) else list(source)
    steers = [said] * len(paths) if isinstance(said, Steering) else list(said)
    read = [photo.read(each, PhotoOptions()) for each in paths]
    first = next((at for at, each in enumerate(read) if each.sha256 == record.source.sha256), 0)
    source, given = paths[first], read[first]
    encoded, masked = _bytes(output), _bytes(output.parent / Path(record.mask.name).name if record.mask else None)
    failures = _hashes(record, given, encoded, masked)
    doubts = _second_reading(source, given, encoded, failures)
    for path, other in zip(paths, read, strict=True):
        if other is not given and second_decoder.agrees(path.read_bytes(), other) is False:
            failures.append(f"a second decoder sees another photo in {other.name}")
    signed_by = _signature(record, encoded, anchors, failures, doubts)
    picture, mask = write.decode(encoded), _mask(masked)
    if picture is None or mask is None:
        undecoded = "the picture or its mask is not a PNG that can be decoded"
        return Proof(failures=(*failures, undecoded), signed_by=signed_by)
    failures += _forms(record, given, encoded, picture, mask)
    if picture.shape[:2] != mask.shape or picture.dtype != given.pixels.dtype:
        return Proof(failures=tuple(failures), signed_by=signed_by)
    marked = watermark.carries(picture, mask)
    if marked is False and record.provenance and record.provenance.watermark == seal.MARKED:
        failures.append("the generated pixels do not carry the watermark that the receipt claims")
    core = mask == 0
    failures += _transparency(encoded, given, record)
    if record.layers:
        garments = _mask(_bytes(output.parent / Path(record.garments.name).name if record.garments else None))
        worn = outfit_check.prove(picture, core, garments, record, read, steers)
        changed, (share, shrunk, warnings) = worn.changed, (worn.share, worn.failures, worn.warnings)
    else:
        if len(read) > 1:
            failures.append("the receipt tells of one photo, and several were given")
        changed = _changed(picture, core, given, record.placement)
        share, shrunk, warnings = _shape(core, mask, given, record, steers[first])
    if changed:
        failures.append(f"{changed} garment pixels differ from the photo")
    if int(np.count_nonzero(core)) != record.kept.core_pixels:
        failures.append("the mask keeps another number of pixels than the receipt says")
    if verify.core_sha256(picture, core) != record.kept.core_sha256:
        failures.append("the garment's pixels are not those that the receipt was written for")
    failures += channels.prove(output, picture, given.icc, core, record)
    if record.joined is not None or back is not None:
        second, unproven = joined.prove(output, picture, core, given, record, back)
        failures += second
        doubts += unproven
    return Proof(
        failures=(*failures, *shrunk),
        warnings=(*doubts, *warnings),
        core_pixels=int(np.count_nonzero(core)),
        changed=changed,
        edge_pixels=int(np.count_nonzero((mask > 0) & (mask < 255))),
        garment_share=share,
        signed_by=signed_by,
        watermark=marked,
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
        return contents(path, LARGE)
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


def _signature(
    record: Receipt, encoded: bytes, anchors: Path | None, failures: list[str], doubts: list[str]
) -> str | None:
    """Checks who signed and that the three files are what was signed; gives who, and adds what is wrong or in doubt."""
    told = record.provenance is not None and record.provenance.c2pa == seal.SIGNED
    if credentials.present(encoded) and not manifest.available():
        doubts.append(f"the signature was not checked: that needs the extra c2pa ({extras.install('c2pa')})")
        return None
    found = credentials.read(encoded, anchors) if manifest.available() else None
    if found is None:
        if told:
            failures.append("the picture's signature was taken off")
        elif anchors is not None:
            failures.append("nobody signed the picture")
        else:
            doubts.append("nobody signed these files, so that one who edits all three alike is not found out by that")
        return None
    if not found.valid:
        failures.append(f"the picture is not as it was signed ({', '.join(found.faults) or 'its signature is broken'})")
    elif not found.run:
        failures.append("the picture was signed by another program, after this one wrote it")
    elif found.run != json.loads(json.dumps(manifest.bound(record))):
        failures.append("receipt or mask are not those that were signed with the picture")
    if anchors is not None and not found.trusted:
        failures.append(f"{found.signer} is not vouched for by --trust")
    elif found.development:
        doubts.append("signed by a self-made development certificate, which anyone can make: it proves no identity")
    elif not found.trusted:
        doubts.append(f"signed by {found.signer}, whom nobody vouches for here: --trust FILE names whom you trust")
    return found.signer


def _second_reading(source: Path, given: Photo, encoded: bytes, failures: list[str]) -> list[str]:
    """Reads photo and picture by other decoders too, so that no wrong reading proves itself; gives what is in doubt."""
    agreed = second_decoder.agrees(source.read_bytes(), given)
    if agreed is False:
        failures.append("a second decoder reads another photo")
    try:
        twice = photo.read(encoded, PhotoOptions(), "the picture", hidden=True)
        first = write.decode(encoded)
        if first is None or not np.array_equal(twice.pixels, first) or twice.icc != given.icc:
            failures.append("a second decoder reads another picture, or other colours")
    except PhotoError:
        failures.append("a second decoder cannot read the picture")
    return [] if agreed is not None else ["no second decoder reads this kind of photo: its reading is one decoder's"]


def _forms(record: Receipt, given: Photo, encoded: bytes, picture: RGB, mask: Mask) -> list[str]:
    """Lists mismatches in size, bit depth and colour space."""
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
    """Returns whether the picture's alpha is not the photo's: kept by inpaint and outpaint, none in other tasks."""
    alpha = write.decode_alpha(encoded)
    if record.task not in ("inpaint", "outpaint") or given.alpha is None:
        return [] if alpha is None else ["the picture has a transparency that the photo has not"]
    if alpha is None:
        return ["the picture has lost the photo's transparency"]
    on_canvas, on_photo = overlap(alpha.shape, given.alpha.shape, record.placement)
    full = np.float32(np.iinfo(alpha.dtype).max)
    same = np.array_equal(alpha[on_canvas], np.rint(given.alpha[on_photo] * full))
    return [] if same else ["the picture's transparency is not the photo's"]


def _changed(picture: RGB, core: Region, given: Photo, placement: Place) -> int:
    """Counts core pixels that differ from the placed photo; those beyond the photo's frame always do."""
    pixels, _ = place.resample(given.pixels, placement.scale)
    on_canvas, on_photo = overlap(core.shape, pixels.shape, placement)
    kept = core[on_canvas]
    differs = np.any(picture[on_canvas] != pixels[on_photo], axis=2) & kept
    return int(np.count_nonzero(differs) + np.count_nonzero(core) - np.count_nonzero(kept))


def _shape(
    core: Region, mask: Mask, given: Photo, record: Receipt, said: Steering
) -> tuple[float | None, list[str], list[str]]:
    """Proves that what is kept has the shape that the task promises; as `garment_check.prove`."""
    if record.task == "inpaint":
        return selection.prove_region(mask, given, record)
    if record.task == "outpaint":
        return selection.prove_frame(core, given, record)
    return garment_check.prove(core, given, record, said)
