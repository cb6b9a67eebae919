"""Outfits of photos as they come: turned by EXIF, in other profiles and depths, with alpha, seen from the back.

Each garment's core is held against its own file by Pillow and NumPy alone.
"""

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from pipeline import config, engine
from pipeline.proof import prove
from stages.colour import srgb
from stages.options import PhotoOptions
from stages.photo import read
from tests.fakes import RampModels, profile, sneakers, tee, trousers

LANCZOS = Image.Resampling.LANCZOS


def sideways(pixels: np.ndarray, path: Path) -> None:
    """Writes a picture as a camera that was held upright does: lying, with EXIF's orientation 6."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(pixels).copy()).save(path, exif=exif)


def converted(pixels: np.ndarray, source: bytes, target: bytes) -> np.ndarray:
    own, other = (ImageCms.ImageCmsProfile(io.BytesIO(each)) for each in (source, target))
    intent, flags = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    to = ImageCms.buildTransform(own, other, "RGB", "RGB", intent, flags)
    return np.asarray(ImageCms.applyTransform(Image.fromarray(pixels), to))


def make(folder: Path, view: str, *worn: str) -> tuple[Path, dict[str, Any]]:
    flags = {
        "segment": {"segmenter": "finder", "garment": "top"},
        "generate": {"steps": 1, "pixels": 6144},
        "outfit": {"with": [f"{folder}/{each}" for each in worn]},
        "pose": {"view": view},
    }
    output = folder / "outfit.png"
    receipt = engine.run(folder / "top.png", output, config.resolve(flags=flags), RampModels())
    assert receipt.status == "ok"
    return output, json.loads(output.with_suffix(".json").read_text())


def check(output: Path, receipt: dict[str, Any], expected: list[np.ndarray], picture: np.ndarray) -> None:
    """Holds every layer's core against its photo as it should come, in the first one's colours and depth."""
    whose = np.asarray(Image.open(output.with_suffix(".garments.png")))
    for number, layer in enumerate(receipt["layers"], 1):
        photo, where = expected[layer["source"]], layer["placement"]
        if where["scale"] != 1:
            size = round(photo.shape[1] * where["scale"]), round(photo.shape[0] * where["scale"])
            if photo.dtype == np.uint8:
                photo = np.asarray(Image.fromarray(photo).resize(size, LANCZOS))
            else:
                planes = [Image.fromarray(photo[..., at].astype(np.float32)).resize(size, LANCZOS) for at in range(3)]
                levels = np.dstack([np.asarray(each) for each in planes])
                photo = np.clip(np.rint(levels), 0, 65535).astype(np.uint16)
        ys, xs = np.nonzero(whose == number)
        assert len(ys) == layer["core_pixels"] > 150
        assert np.array_equal(picture[ys, xs], photo[ys - where["y"], xs - where["x"]])


@pytest.mark.sampled
@pytest.mark.parametrize("view", ["front", "back"])
def test_turned_in_other_profiles_and_with_alpha(tmp_path: Path, view: str) -> None:
    p3, adobe = profile("p3"), profile("adobe")
    top, lower, shoes = tee(), trousers(), sneakers()
    alpha = np.where((np.abs(top.astype(int) - 235) > 40).any(axis=2), 255, 0).astype(np.uint8)
    sideways(np.dstack([top, alpha]), tmp_path / "top.png")
    Image.fromarray(lower).save(tmp_path / "lower.png", icc_profile=p3)
    Image.fromarray(shoes).save(tmp_path / "shoes.png", icc_profile=adobe)
    output, receipt = make(tmp_path, view, "lower.png kind=bottom", "shoes.png kind=shoes")
    upright = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "top.png")))
    assert np.array_equal(upright[..., :3], top)
    expected = [top, converted(lower, p3, srgb()), converted(shoes, adobe, srgb())]
    check(output, receipt, expected, np.asarray(Image.open(output)))
    assert [each["icc"] for each in receipt["sources"]] == ["sRGB IEC61966-2.1", "p3", "adobe"]
    assert ["converted" in " ".join(each["notes"]) for each in receipt["sources"]] == [False, True, True]
    assert prove(output, [tmp_path / name for name in ("top.png", "lower.png", "shoes.png")]).failures == ()


def test_sixteen_bits_of_a_wide_profile_lead_and_eight_of_another_follow(tmp_path: Path) -> None:
    p3, adobe = profile("p3"), profile("adobe")
    deep = tee().astype(np.uint16) * np.uint16(257) + np.uint16(31)
    (tmp_path / "top.png").write_bytes(imagecodecs.png_encode(deep))
    encoded = (tmp_path / "top.png").read_bytes()
    (tmp_path / "top.png").write_bytes(_with_profile(encoded, adobe))
    lower = trousers()
    Image.fromarray(lower).save(tmp_path / "lower.png", icc_profile=p3)
    output, receipt = make(tmp_path, "front", "lower.png kind=bottom")
    assert read(tmp_path / "top.png", PhotoOptions()).pixels.dtype == np.uint16
    wide = imagecodecs.cms_transform(
        lower.astype(np.uint16) * np.uint16(257), p3, adobe, colorspace="rgb", outcolorspace="rgb", outdtype="uint16",
        intent=1, flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )  # fmt: skip
    check(output, receipt, [deep, wide], imagecodecs.png_decode(output.read_bytes()))
    assert prove(output, [tmp_path / name for name in ("top.png", "lower.png")]).failures == ()


def _with_profile(png: bytes, icc: bytes) -> bytes:
    """Puts an iCCP chunk after a PNG's header (W3C PNG, 11.3.2.3)."""
    body = b"adobe\0\0" + zlib.compress(icc)
    chunk = struct.pack(">I", len(body)) + b"iCCP" + body + struct.pack(">I", zlib.crc32(b"iCCP" + body))
    return png[:33] + chunk + png[33:]
