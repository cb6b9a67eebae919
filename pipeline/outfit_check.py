"""Proves an outfit: each garment against its own photo, and that what is seen of it is all that is not worn under."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pipeline import garment_check
from pipeline.garment_check import Part, Steering, overlap
from pipeline.receipt import Layer as Record
from pipeline.receipt import Receipt
from stages import find, verify
from stages.canvas import place
from stages.contracts import RGB, Layer, Mask, Photo
from stages.errors import NotFoundError
from stages.find import finder
from stages.outfit.beneath import beneath
from stages.outfit.kinds import ACCESSORIES, PAIRS
from stages.outfit.options import Worn as Told
from stages.outfit.pieces import Piece, matched, piece
from stages.outfit.turning import turned

Region = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Worn:
    """What an outfit's files prove."""

    changed: int = 0
    share: float | None = None
    """Of the garment of which the least is core, of what is seen of it."""
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def prove(
    picture: RGB,
    core: Region,
    garments: Mask | None,
    record: Receipt,
    photos: Sequence[Photo],
    said: Sequence[Steering],
) -> Worn:
    """Compares each garment with its photo, and each photo with a second cut; `photos` may come in any order.

    `core` is what the mask keeps, `garments` says whose core each pixel is; both H x W like the picture.
    """
    found = Worn()
    if garments is None or garments.shape != core.shape:
        found.failures.append("there is no picture of whose core each pixel is, of the mask's size")
        return found
    if not np.array_equal(garments > 0, core) or garments.max(initial=0) > len(record.layers):
        found.failures.append("the mask keeps other pixels than the garments have")
    by_hash = {each.sha256: (each, steer) for each, steer in zip(photos, said, strict=True)}
    missing = [each.name for each in record.sources if each.sha256 not in by_hash]
    if missing or len({each.sha256 for each in record.sources}) != len(by_hash):
        words = f"of {', '.join(missing)}" if missing else "that the receipt does not name"
        found.failures.append(
            f"a photo was given {words}" if not missing else f"the photo {words} was not given as it was"
        )
        return found
    own = [by_hash[each.sha256] for each in record.sources]
    if record.sources[:1] != (record.source,) or any(each.source >= len(own) for each in record.layers):
        found.failures.append("the receipt's photos are not those of its layers")
        return found
    first = own[0][0]
    for number, layer in enumerate(record.layers, 1):
        _compare(picture, garments == number, layer, own[layer.source][0], first, found)
    _shapes(garments, record, own, found)
    return found


def _compare(picture: RGB, core: Region, layer: Record, photo: Photo, first: Photo, found: Worn) -> None:
    """Adds how many pixels of a layer's core are not its photo's, resampled once."""
    where = layer.placement
    if layer.source == 0 and where.resample == place.LANCZOS:
        found.failures.append("the first photo was resampled like the others")
    if (layer.turn or layer.mirrored) and layer.kind not in ACCESSORIES:
        found.failures.append(f"the {layer.kind} was turned or mirrored, as accessories alone are")
    if layer.mirrored and layer.kind not in PAIRS:
        found.failures.append(f"the {layer.kind} was mirrored, as one of a pair alone is")
    upright = turned(matched(photo.pixels, photo, first), layer.turn, layer.mirrored)
    pixels, _ = place.resample(upright, where.scale, where.resample)
    on_canvas, on_photo = overlap(core.shape, pixels.shape, where)
    there = core[on_canvas]
    differs = np.any(picture[on_canvas] != pixels[on_photo], axis=2) & there
    changed = int(np.count_nonzero(differs) + np.count_nonzero(core) - np.count_nonzero(there))
    if changed:
        found.failures.append(f"{changed} pixels of the {layer.kind} differ from {photo.name}")
    found.changed += changed
    if int(np.count_nonzero(core)) != layer.core_pixels:
        found.failures.append(f"the {layer.kind} keeps another number of pixels than the receipt says")
    x0, y0, x1, y1 = (max(0, each) for each in layer.box)
    if verify.core_sha256(picture[y0:y1, x0:x1], core[y0:y1, x0:x1]) != layer.core_sha256:
        found.failures.append(f"the pixels of the {layer.kind} are not those that the receipt was written for")


def _shapes(garments: Mask, record: Receipt, own: Sequence[tuple[Photo, Steering]], found: Worn) -> None:
    """Cuts every photo again, lays the garments over one another as the receipt says, and compares what is seen."""
    pieces: dict[int, list[Piece]] = {}
    first = own[0][0]
    for source, (photo, said) in enumerate(own):
        own_layers = [each for each in record.layers if each.source == source]
        kind = own_layers[0].kind if own_layers else "top"
        turn = own_layers[0].turn if own_layers else 0
        options = garment_check.options_of(record, said)
        # What a garment is tells where its hem and its waist are, which decide what is hidden.
        options = options.model_copy(update={"garment": kind})
        try:
            cutout = find.subject(photo, options, finder.load(options))
            told = Told(photo=photo.name, kind=kind, turn=turn, single=any(each.mirrored for each in own_layers))
            pieces[source] = piece(photo, cutout, source, first, told)
        except NotFoundError:
            found.warnings.append(f"{photo.name} could not be cut again, so that its shape is not proven")
    seen: dict[int, int] = {}
    expected: list[tuple[Record, Layer, Piece, place.Fitted] | None] = []
    for layer in record.layers:
        at = seen.get(layer.source, 0)
        seen[layer.source] = at + 1
        mine = pieces.get(layer.source, [])
        if at >= len(mine):
            expected.append(None)
            continue
        fitted = place.fitted(mine[at].photo, mine[at].cutout, layer.placement.scale, layer.placement.resample)
        corner = (layer.placement.x, layer.placement.y)
        canvas = garments.shape[1], garments.shape[0]
        placed = place.lie(fitted, mine[at].cutout.shape, corner, canvas, "full", np.zeros((18, 3), np.float32))
        expected.append((layer, Layer(placed, layer.kind, layer.source), mine[at], fitted))
    if None in expected:
        if not found.warnings:
            found.warnings.append("the shoes were found in another number, so that their shape is not proven")
        return
    whole = [each for each in expected if each is not None]
    arranged = beneath([each[1] for each in whole])
    over = np.zeros(garments.shape, np.float32)
    for number in range(len(whole), 0, -1):
        layer, _, mine_, fitted = whole[number - 1]
        placed = arranged[number - 1].placed
        covered = np.zeros(fitted.matte.shape, np.float32)
        matte = np.zeros(fitted.matte.shape, np.float32)
        on_canvas, on_photo = overlap(garments.shape, matte.shape, layer.placement)
        covered[on_photo] = over[on_canvas]
        x0, y0, x1, y1 = placed.box
        dx, dy = layer.placement.x, layer.placement.y
        matte[y0 - dy : y1 - dy, x0 - dx : x1 - dx] = placed.matte
        visible = (matte == 1) & (covered == 0)
        own_core = np.zeros(matte.shape, bool)
        own_core[on_photo] = (garments == number)[on_canvas]
        hidden, bare = (fitted.matte == 1) & ~visible, fitted.matte == 0
        if fitted.inside is not None:  # the body hides it, or some of it: beside a neck an open scarf is seen
            hidden, bare = hidden | (fitted.inside > 0), bare & (fitted.inside == 0)
        part = Part(fitted.pixels, first.icc, own_core, visible, bare, hidden)
        share, failures, warnings = garment_check.judged(part, layer.segmenter, mine_.cutout.segmenter)
        found.failures += [f"{layer.kind}: {each}" for each in failures]
        found.warnings += [f"{layer.kind}: {each}" for each in warnings]
        found.share = share if found.share is None else min(found.share, share or 0.0)
        np.maximum(over[placed.window], placed.matte, out=over[placed.window])
