"""One try: a drawn photo, matte and plate through read, place, blend, watermark, restore, write and verify."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import tifffile

from scripts.exactness import checker
from stages import blend, colour, disk, photo, restore, verify, watermark, write
from stages.canvas import mask, place, whole
from stages.contracts import Cutout, Photo, Placed, Shape
from stages.errors import OnmodelError
from stages.options import BlendOptions, PhotoOptions, PlaceOptions, VerifyOptions
from stages.photo import declared

Random = np.random.Generator
#: Profiles that photos are given: none, Display P3, Adobe RGB.
_PROFILES = (None, declared.of_codes(12, 13, "a try"), declared.adobe_rgb())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try showed."""

    changed: int
    """Core pixels that are not the photo's, as the checker sees it."""
    refused: bool
    """Whether the program said in words that it does not do this."""
    fault: str = ""
    """A traceback's last line, or a verdict that differs from the checker's."""


def attempt(seed: int, folder: Path) -> Outcome:
    """Makes the try of a seed; one in 64 goes through a file in `folder`."""
    random = np.random.default_rng(seed)
    warnings.simplefilter("ignore")  # means of nothing, in pictures of a few pixels: checks that then say nothing
    try:
        return _attempt(random, folder / f"{seed}.png" if seed % 64 == 0 else None)
    except OnmodelError:
        return Outcome(0, refused=True)
    except Exception as error:  # noqa: BLE001 - what a traceback would show is what is looked for
        return Outcome(0, refused=False, fault=f"{type(error).__name__}: {error}")


def _attempt(random: Random, path: Path | None) -> Outcome:
    dtype: Any = np.uint8 if random.random() < 0.5 else np.uint16
    height, width = (int(each) for each in random.integers(1, 40, 2))
    drawn = _drawn(random, height, width, dtype)
    icc = _PROFILES[random.choice(3, p=(0.8, 0.1, 0.1))]
    given = photo.read(_file(drawn, icc, random), PhotoOptions(), "try.png")
    matte = _matte(random, height, width)
    colours = np.where((matte == 1)[..., None], given.pixels, _drawn(random, height, width, dtype)).astype(dtype)
    placed = _placed(random, given, Cutout(matte, colours, _shape(matte), "drawn"))
    plate = _drawn(random, placed.height, placed.width, np.uint8)
    canvas = colour.from_srgb(plate, given.icc, given.bit_depth)
    options = BlendOptions(match_light=random.random(), shadow=random.random(), grain=2 * random.random())
    light = random.choice(["left", "right", "front"])
    blended = blend.blend(canvas, placed, options, light, int(random.integers(2**32)))
    if random.random() < 0.5:
        blended = watermark.embed(blended, mask.for_canvas(placed))
    full = np.iinfo(dtype).max
    alpha = random.integers(0, full, blended.shape[:2], dtype, endpoint=True) if random.random() < 0.2 else None
    encoded = write.encode(
        restore.restore(blended, placed), given.icc, (72, 72), write.About("trainedAlgorithmicMedia"), alpha
    )
    verdict = verify.verify(encoded, placed, blended, VerifyOptions(), alpha=alpha)
    if path is not None:
        disk.write_files({path: encoded})
        encoded = path.read_bytes()
        path.unlink()
    x, y = placed.placement.x, placed.placement.y
    lost = checker.changed(encoded, drawn, matte == 1, (x, y))
    disagree = "" if (verdict.changed == 0) == (lost == 0) else f"verify says {verdict.changed}, the checker {lost}"
    return Outcome(lost, refused=False, fault=disagree)


def _drawn(random: Random, height: int, width: int, dtype: Any) -> npt.NDArray[Any]:
    """Returns noise, a ramp, one colour or the ends of the range."""
    full = int(np.iinfo(dtype).max)
    kind = random.integers(4)
    if kind == 0:
        return random.integers(0, full, (height, width, 3), dtype, endpoint=True)
    if kind == 1:
        ramp = np.linspace(0, full, height * width * 3).reshape(height, width, 3)
        return np.asarray(ramp.astype(dtype))
    if kind == 2:
        return np.full((height, width, 3), random.integers(0, full, 3, dtype, endpoint=True), dtype)
    return np.asarray((random.integers(0, 2, (height, width, 3)) * full).astype(dtype))


def _file(pixels: npt.NDArray[Any], icc: bytes | None, random: Random) -> bytes:
    """Returns a photo's file by other writers than the program's: PNG, or TIFF of 8 or 16 bits."""
    if icc is None and random.random() < 0.5:
        return bytes(imagecodecs.png_encode(pixels))
    file = io.BytesIO()
    tags = [(34675, "B", len(icc), icc, True)] if icc is not None else []
    planar = "separate" if random.random() < 0.3 else "contig"
    data = np.ascontiguousarray(np.moveaxis(pixels, 2, 0)) if planar == "separate" else pixels
    compression = random.choice(["none", "zlib", "lzw"])
    tifffile.imwrite(
        file,
        data,
        photometric="rgb",
        planarconfig=planar,
        compression=None if compression == "none" else str(compression),
        extratags=tags,
        metadata=None,
    )
    return file.getvalue()


def _matte(random: Random, height: int, width: int) -> npt.NDArray[np.float32]:
    """Returns noise, lines, blobs, single pixels, all of it, or values just beside 1."""
    kind = random.integers(6)
    y, x = np.mgrid[0:height, 0:width]
    if kind == 0:
        out = random.integers(0, 5, (height, width)) / 4
    elif kind == 1:
        out = ((x + random.integers(9)) % random.integers(2, 9) == 0).astype(float)
    elif kind == 2:
        away = np.hypot(y - height * random.random(), x - width * random.random())
        out = np.clip((random.uniform(1, 30) - away) / random.uniform(0.1, 8), 0, 1)
    elif kind == 3:
        out = np.zeros((height, width))
        out[random.integers(height), random.integers(width)] = 1
    elif kind == 4:
        out = np.ones((height, width))
    else:
        near = np.array([1, np.nextafter(np.float32(1), np.float32(0)), 0.999, 1e-7, 0])
        out = near[random.integers(0, len(near), (height, width))]
    return np.asarray(out, np.float32)


def _shape(matte: npt.NDArray[np.float32]) -> Shape:
    """Returns a top's landmarks, spread over a matte's box as a top's are."""
    rows, columns = np.flatnonzero(matte.any(axis=1)), np.flatnonzero(matte.any(axis=0))
    if not len(rows):
        return Shape("top", 1.0)
    x0, x1, y0, y1 = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    where = {
        "collar": (0.5, 0.05), "right_shoulder": (0.25, 0.05), "left_shoulder": (0.75, 0.05),
        "right_armpit": (0.25, 0.4), "left_armpit": (0.75, 0.4), "right_cuff": (0.03, 0.5), "left_cuff": (0.97, 0.5),
        "right_waist": (0.3, 0.7), "left_waist": (0.7, 0.7), "right_hem": (0.3, 0.97), "left_hem": (0.7, 0.97),
    }  # fmt: skip
    return Shape("top", 1.0, {name: (x0 + u * (x1 - x0), y0 + v * (y1 - y0)) for name, (u, v) in where.items()})


def _placed(random: Random, given: Photo, cutout: Cutout) -> Placed:
    """Places as one of the four tasks does, at scale 1."""
    kind = random.integers(4)
    if kind == 0:
        aspect = str(random.choice(["2:3", "1:1", "9:16"]))
        options = PlaceOptions(aspect=aspect, margin=float(random.uniform(0, 0.3)), max_megapixels=0.05)
        return place.place(given, cutout, options, str(random.choice(["front", "back"])))  # type: ignore[arg-type]
    if kind == 1:
        return whole.tight(whole.place(given, cutout))
    if kind == 2:
        return whole.place(given, cutout)
    grown = random.integers(0, 30, 4)
    canvas = (given.width + int(grown[0] + grown[1]), given.height + int(grown[2] + grown[3]))
    return whole.place(given, cutout, canvas=canvas, corner=(int(grown[0]), int(grown[2])))
