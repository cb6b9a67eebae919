"""Files alone prove a picture; a forger who makes picture, mask and receipt agree is found out by the photo."""

import hashlib
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline import config, engine
from pipeline.proof import Proof, prove
from stages import verify, write
from stages.contracts import RGB, Mask
from stages.errors import ConfigError, PhotoError
from tests import pictures
from tests.fakes import RampModels, profile, tee


def files(folder: Path, name: str, pixels: RGB, icc: bytes | None = None, size: str = "auto") -> tuple[Path, Path]:
    """Returns the picture and the photo of one run."""
    source, output = folder / f"{name}.photo.png", folder / f"{name}.png"
    source.write_bytes(write.encode(pixels, icc))
    chosen = config.resolve(
        flags={
            "segment": {"segmenter": "finder"},
            "generate": {"steps": 1, "pixels": 6144},
            "place": {"size": size},
        }
    )
    assert engine.run(source, output, chosen, RampModels()).status == "ok"
    return output, source


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return files(tmp_path_factory.mktemp("made"), "shirt", tee())


@pytest.fixture
def run(made: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    for path in made[0].parent.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path / made[0].name, tmp_path / made[1].name


def read(output: Path) -> tuple[RGB, Mask]:
    picture = write.decode(output.read_bytes())
    assert picture is not None
    return picture, np.array(Image.open(output.with_suffix(".mask.png")))


def forge(output: Path, picture: RGB, mask: Mask) -> None:
    """Writes other pixels, and a receipt that agrees with them in every figure and hash."""
    output.write_bytes(write.encode(picture, write.profile(output.read_bytes())))
    masked = output.with_suffix(".mask.png")
    masked.write_bytes(write.encode_mask(mask))
    path = output.with_suffix(".json")
    receipt = json.loads(path.read_text())
    receipt["output"]["sha256"] = hashlib.sha256(output.read_bytes()).hexdigest()
    receipt["mask"]["sha256"] = hashlib.sha256(masked.read_bytes()).hexdigest()
    receipt["kept"] |= {
        "core_pixels": int((mask == 0).sum()),
        "edge_pixels": int(((mask > 0) & (mask < 255)).sum()),
        "core_sha256": verify.core_sha256(picture, mask == 0),
    }
    path.write_text(json.dumps(receipt))


def test_what_was_written_is_proven(run: tuple[Path, Path]) -> None:
    proof = prove(*run)
    receipt = json.loads(run[0].with_suffix(".json").read_text())
    assert proof == Proof(
        core_pixels=receipt["kept"]["core_pixels"],
        edge_pixels=receipt["kept"]["edge_pixels"],
        garment_share=1.0,
        warnings=("nobody signed these files, so that one who edits all three alike is not found out by that",),
        watermark=True,
    )


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kind", ["16 bits", "profile", "alpha", "smaller", "larger"])
def test_every_kind_of_photo_can_be_proven(kind: str, tmp_path: Path) -> None:
    pixels: RGB = tee()
    icc, size = None, "auto"
    if kind == "16 bits":
        pixels = pixels.astype(np.uint16) * 257 + np.random.default_rng(0).integers(0, 99, pixels.shape, np.uint16)
    elif kind == "profile":
        icc = profile("p3")
    elif kind == "alpha":
        drawn = (np.abs(pixels.astype(int) - pixels[0, 0]).max(axis=2) > 30).astype(np.uint8) * 255
        pixels = np.dstack([pixels, cv2.GaussianBlur(drawn, (3, 3), 0)])
    else:
        size = "200x300" if kind == "smaller" else "800x1200"
    output, source = files(tmp_path, "shirt", pixels, icc, size)
    proof = prove(output, source)
    assert proof.failures == ()
    assert proof.changed == 0
    assert proof.core_pixels > 1000
    picture, mask = read(output)
    y, x = (each[len(each) // 2] for each in np.nonzero(mask == 0))
    picture[y, x, 0] ^= 1
    forge(output, picture, mask)
    assert prove(output, source).failures == ("1 garment pixels differ from the photo",)


@pytest.mark.parametrize("fault", ["recoloured", "shifted right", "shifted down", "re-encoded", "smoothed"])
def test_another_garment_fails(run: tuple[Path, Path], fault: str) -> None:
    picture, mask = read(run[0])
    if fault == "recoloured":
        picture = np.where(picture[..., :1] < 255, picture + np.array([1, 0, 0], np.uint8), picture)
    elif fault.startswith("shifted"):
        axis = 1 if fault == "shifted right" else 0
        picture, mask = np.roll(picture, 1, axis), np.roll(mask, 1, axis)
    elif fault == "re-encoded":
        picture = pictures.jpeg(np.asarray(picture, np.uint8), 97)
    else:
        picture = cv2.GaussianBlur(picture, (3, 3), 0)
    forge(run[0], picture, mask)
    proof = prove(*run)
    assert proof.changed > 100
    assert any("differ from the photo" in failure for failure in proof.failures)


@pytest.mark.parametrize("pixels", [1, 2, 4, 12])
def test_garment_that_shrank_with_its_mask_and_receipt_fails(run: tuple[Path, Path], pixels: int) -> None:
    picture, mask = read(run[0])
    core = cv2.erode((mask == 0).astype(np.uint8), np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)) > 0
    lost = (mask == 0) & ~core
    picture[lost], mask[lost] = 200, 255
    forge(run[0], picture, mask)
    proof = prove(*run)
    assert proof.changed == 0
    assert any("inside its outline" in failure or "is kept" in failure for failure in proof.failures)


def test_garment_without_a_sleeve_fails(run: tuple[Path, Path]) -> None:
    picture, mask = read(run[0])
    columns = np.nonzero((mask == 0).any(axis=0))[0]
    mask[:, : columns[0] + len(columns) // 8] = 255
    forge(run[0], picture, mask)
    assert prove(*run).failures


def test_backdrop_that_is_kept_fails(run: tuple[Path, Path]) -> None:
    picture, mask = read(run[0])
    receipt = json.loads(run[0].with_suffix(".json").read_text())["placement"]
    photo = tee()
    height, width = photo.shape[:2]
    y, x = max(0, receipt["y"]), max(0, receipt["x"])
    there = np.s_[y : receipt["y"] + height, x : receipt["x"] + width]
    picture[there] = photo[y - receipt["y"] :, x - receipt["x"] :][: picture[there].shape[0], : picture[there].shape[1]]
    mask[there] = 0
    forge(run[0], picture, mask)
    proof = prove(*run)
    assert proof.changed == 0
    assert any("backdrop" in failure for failure in proof.failures)


def test_core_beyond_the_photo_is_changed(run: tuple[Path, Path]) -> None:
    picture, mask = read(run[0])
    mask[0, 0] = 0
    forge(run[0], picture, mask)
    assert prove(*run).changed == 1


@pytest.mark.parametrize("which", [".png", ".mask.png", ".photo.png"])
def test_files_that_were_touched_are_named(run: tuple[Path, Path], which: str) -> None:
    path = run[0].with_suffix(which)
    with path.open("ab") as file:
        file.write(b"\0")
    word = {".png": "picture", ".mask.png": "mask", ".photo.png": "photo"}[which]
    assert prove(*run).failures == (f"the {word} is not the file that the receipt was written for",)


def test_missing_and_broken_files_are_errors_in_words(run: tuple[Path, Path], tmp_path: Path) -> None:
    output, source = run
    with pytest.raises(PhotoError, match="does not exist"):
        prove(output, tmp_path / "other.png")
    output.with_suffix(".mask.png").unlink()
    with pytest.raises(ConfigError, match=r"shirt\.mask\.png cannot be read"):
        prove(output, source)
    output.with_suffix(".json").write_text("{}")
    with pytest.raises(ConfigError, match="not a receipt"):
        prove(output, source)
    output.with_suffix(".json").unlink()
    with pytest.raises(ConfigError, match=r"shirt\.json cannot be read"):
        prove(output, source)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "claim",
    [
        {"segmenter": "sam vit_b"},
        {"segmenter": "own matte m.png", "matte": "m.png"},
        {"segmenter": "finder, steered", "not_point": ["120,180"]},
    ],
    ids=["sam", "matte", "not_point"],
)
@pytest.mark.parametrize("fault", ["hole", "net", "dots"])
def test_openings_that_the_photo_does_not_show_fail_whatever_the_receipt_claims(
    run: tuple[Path, Path], claim: dict[str, object], fault: str
) -> None:
    picture, mask = read(run[0])
    picture, mask = picture.copy(), mask.copy()
    core = mask == 0
    ys, xs = np.nonzero(core)
    opened = np.zeros(mask.shape, np.uint8)
    if fault == "hole":
        cv2.circle(opened, (int(xs.mean()), int(ys.mean())), 12, 1, -1)
    elif fault == "net":
        opened[::22] = opened[1::22] = opened[:, ::22] = opened[:, 1::22] = 1
    else:
        opened[::7, ::7] = opened[1::7, ::7] = opened[::7, 1::7] = opened[1::7, 1::7] = 1
    wrong = core & (opened > 0)
    mask[wrong] = 255
    picture[wrong] = (20, 90, 200)
    forge(run[0], picture, mask)
    path = run[0].with_suffix(".json")
    receipt = json.loads(path.read_text())
    receipt["garment"]["segmenter"] = claim["segmenter"]
    receipt["config"]["segment"] |= {name: value for name, value in claim.items() if name != "segmenter"}
    path.write_text(json.dumps(receipt))
    failures = prove(*run).failures
    assert any("open where the photo shows garment" in failure for failure in failures)
    assert any("verify with the same" in failure for failure in failures) == (len(claim) > 1)
