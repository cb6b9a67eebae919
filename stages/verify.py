"""Proves, on the written bytes, that the garment is what was photographed; measures what lies around it."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from stages import bleed, continuity, write
from stages import faults as measures
from stages.canvas import mask
from stages.contracts import RGB, Matte, Placed, Plate, Verdict
from stages.options import VerifyOptions
from stages.outfit.compose import numbered

#: At least this share of the garment is kept bit for bit (promise 2).
LEAST_CORE = 0.9

#: Matte from which cloth counts as opaque.
_OPAQUE = 0.9

#: An edge band wider than this, in pixels at 1024, is not a soft edge but sheer cloth or a matte gone wrong.
_WIDE = 6.0

#: Colours in the edge band may differ by rounding.
_ROUNDING = 1


def verify(
    encoded: bytes,
    placed: Placed,
    plate: RGB,
    options: VerifyOptions,
    *,
    goes_on: bool = False,
    alpha: RGB | None = None,
) -> Verdict:
    """Decodes a picture as written, PNG bytes, and compares it with the placed photo.

    `plate` is what `restore` was given, at canvas size. The file must carry the photo's profile. With `goes_on` the
    painted part continues the photo, so that there is no outline: the seam is then the step across the border
    (`stages.continuity`), and halo and expansion mean nothing. `alpha` is the transparency that it must carry.
    Broken promises are `failures`; everything else that is wrong is a warning.
    """
    picture = write.decode(encoded)
    if picture is None or picture.shape != plate.shape or picture.dtype != placed.pixels.dtype:
        return Verdict(
            core_pixels=int(np.count_nonzero(placed.matte == 1)),
            changed=int(np.count_nonzero(placed.matte == 1)),
            edge_pixels=edge_pixels(placed.matte),
            core_sha256="",
            failures=("the written picture has another size or bit depth than the photo on its canvas",),
        )
    core = placed.matte == 1
    shown = picture[placed.window]
    changed = int(np.count_nonzero((shown != placed.pixels).any(axis=2) & core))
    failures = [*_kept(picture, changed, placed), *_profile(encoded, placed.icc), *_transparency(encoded, alpha)]
    seam, halo, expansion = _steps(picture, placed) if goes_on else _outline(picture, placed, plate)
    return Verdict(
        core_pixels=int(np.count_nonzero(core)),
        changed=changed,
        edge_pixels=edge_pixels(placed.matte),
        core_sha256=core_sha256(shown, core),
        seam=seam,
        halo=halo,
        expansion=expansion,
        failures=tuple(failures),
        warnings=(*_edge(shown, placed, plate), *_width(placed.matte), *_limits(seam, halo, expansion, options)),
    )


def layer(encoded: bytes, placed: Placed) -> Verdict:
    """Compares what a written picture, PNG bytes, shows of a further photo with that photo as it was placed."""
    picture, core = write.decode(encoded), placed.matte == 1
    many = int(np.count_nonzero(core))
    if picture is None or picture.dtype != placed.pixels.dtype:
        return Verdict(many, many, edge_pixels(placed.matte), "", failures=("the second photo is not in the picture",))
    shown = picture[placed.window]
    changed = int(np.count_nonzero((shown != placed.pixels).any(axis=2) & core))
    failures = (f"{changed} pixels of the second photo differ from it",) if changed else ()
    return Verdict(many, changed, edge_pixels(placed.matte), core_sha256(shown, core), failures=failures)


def _outline(picture: RGB, placed: Placed, plate: RGB) -> tuple[float, float | None, float | None]:
    """Returns seam, halo and expansion of a figure before a scene."""
    around, matte = measures.small(picture, placed)
    expansion = measures.expansion(around, matte, measures.other_clothes(placed, *matte.shape[::-1]))
    return (
        round(measures.seam(around, matte), 3),
        round(measures.halo(picture, placed, plate), 4),
        round(expansion, 4),
    )


def _steps(picture: RGB, placed: Placed) -> tuple[float, float | None, float | None]:
    """Returns the seam of what continues the photo."""
    kept = np.zeros(picture.shape[:2], bool)
    kept[placed.window] = placed.matte == 1
    return round(continuity.seam(picture, kept), 3), None, None


def faults(plate: Plate, placed: Placed) -> float:
    """Returns one number to rank candidates by, less is better: seam above 1, plus expansion.

    The plate, sRGB as generated, may have any size of the canvas's aspect; the garment is put over it first, as in the
    final picture.
    """
    seam, expansion = _of_plate(plate, placed)
    return max(0.0, seam - 1) + expansion


def exceeds(plate: Plate, placed: Placed, options: VerifyOptions) -> bool:
    """Whether a plate, as `faults` takes it, will be warned of: then another seed may do better."""
    seam, expansion = _of_plate(plate, placed)
    return bool(_limits(seam, None, expansion, options))


def _of_plate(plate: Plate, placed: Placed) -> tuple[float, float]:
    """Returns seam and expansion of a plate with the garment over it."""
    around, matte = measures.small(bleed.clear(plate, placed), placed)
    height, width = matte.shape
    # The garment's numbers are taken for sRGB, whatever its profile.
    garment = mask.image_for_model(replace(placed, icc=None), width, height).astype(np.float32)
    bare = (1 - matte)[..., None]
    picture: Plate = np.clip(np.rint(garment + bare * (around - np.float32(mask.NEUTRAL))), 0, 255).astype(np.uint8)
    worn = measures.other_clothes(placed, width, height)
    return measures.seam(picture, matte), measures.expansion(picture, matte, worn)


def core_sha256(pixels: RGB, core: npt.NDArray[np.bool_]) -> str:
    """Returns the SHA-256 of the core's RGB values in row order, 16-bit ones little-endian."""
    values = pixels[core]
    return hashlib.sha256(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()).hexdigest()


def edge_pixels(matte: Matte) -> int:
    """Returns the number of pixels in the edge band."""
    return int(np.count_nonzero((matte > 0) & (matte < 1)))


def _kept(picture: RGB, changed: int, placed: Placed) -> list[str]:
    """Returns what breaks promise 1 or 2."""
    found = []
    x0, y0, x1, y1 = placed.box
    if not (0 <= x0 < x1 <= placed.width and 0 <= y0 < y1 <= placed.height):
        found.append("the garment reaches over the canvas")
    if changed:
        found.append(f"{changed} garment pixels differ from the photo")
    if not placed.layers:
        return [*found, *_much(placed.matte, "the garment")]
    seen = numbered(placed)
    for number, layer in enumerate(placed.layers, 1):
        found += _much(layer.placed.matte, f"the {layer.kind}")
        if not (seen == number).any():
            found.append(f"nothing of the {layer.kind} is seen: what is worn over it hides it")
        there = seen[layer.placed.window] == number
        if (picture[layer.placed.window][there] != layer.placed.pixels[there]).any():
            found.append(f"pixels of the {layer.kind} differ from its photo")
    return found


def _much(matte: Matte, what: str) -> list[str]:
    """Returns what is wrong with how much of a garment is core, of its own matte."""
    core = matte == 1
    # One pixel of the opaque part is granted to the edge band; sheer cloth is not opaque.
    opaque = core | (cv2.erode((matte >= _OPAQUE).astype(np.uint8), np.ones((3, 3)), borderValue=1) > 0)
    kept, garment = np.count_nonzero(core), np.count_nonzero(opaque)
    if not kept:
        return ["no garment pixel is kept"]
    if kept < LEAST_CORE * garment:
        return [f"only {kept / garment:.0%} of {what} is kept bit for bit, less than {LEAST_CORE:.0%}"]
    return []


def _width(matte: Matte) -> list[str]:
    """Returns a warning if the edge band is wider than a soft edge is."""
    inside = (matte >= 0.5).astype(np.uint8)
    outline = int(inside.sum()) - int(cv2.erode(inside, np.ones((3, 3)), borderValue=0).sum())
    wide = edge_pixels(matte) / max(1, outline) / max(1.0, max(matte.shape) / 1024)
    return [f"the edge band is {wide:.0f} pixels wide (at 1024)"] if wide > _WIDE else []


def _profile(encoded: bytes, icc: bytes | None) -> list[str]:
    if icc is None or icc == write.profile(encoded):
        return []
    return ["the written picture does not carry the photo's ICC profile"]


def _transparency(encoded: bytes, alpha: RGB | None) -> list[str]:
    written = write.decode_alpha(encoded)
    same = written is None if alpha is None else written is not None and np.array_equal(written, alpha)
    return [] if same else ["the written picture does not carry the transparency that it should"]


def _edge(shown: RGB, placed: Placed, plate: RGB) -> list[str]:
    """Returns a warning if the edge band is not foreground over plate (promise 4)."""
    soft = (placed.matte > 0) & (placed.matte < 1)
    weight = placed.matte[soft][:, None]
    mixed = weight * placed.foreground[soft] + (1 - weight) * plate[placed.window][soft]
    off = int(np.count_nonzero((np.abs(shown[soft] - mixed) > _ROUNDING).any(axis=1)))
    return [f"{off} pixels of the edge band are not the garment over the new scene"] if off else []


def _limits(seam: float, halo: float | None, expansion: float | None, options: VerifyOptions) -> list[str]:
    found = []
    if seam > options.max_seam:
        found.append(f"a seam shows at the outline of what was kept ({seam:.1f}, limit {options.max_seam:g})")
    if halo is not None and halo > options.max_halo:
        found.append(f"the old backdrop shows at {halo:.0%} of the outline (limit {options.max_halo:.0%})")
    if expansion is not None and expansion > options.max_expansion:
        found.append(f"the picture continues the garment by {expansion:.0%} (limit {options.max_expansion:.0%})")
    return found
