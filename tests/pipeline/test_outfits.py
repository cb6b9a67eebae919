"""An outfit end to end: one receipt of all photos, every garment proven, and none that was changed."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pipeline import config, engine
from pipeline.cli.app import app
from pipeline.proof import prove
from pipeline.provenance import credentials
from stages import verify, write
from stages.errors import ConfigError, NotFoundError
from tests.fakes import RampModels, sneakers, tee, trousers

PHOTOS = {"top": tee, "trousers": trousers, "shoes": sneakers}


def make(folder: Path, *worn: str, name: str = "outfit", **sections: dict[str, object]) -> Path:
    """Runs an outfit of a T-shirt and others, in words as `--with` takes them; gives its picture."""
    for each, draw in PHOTOS.items():
        (folder / f"{each}.png").write_bytes(write.encode(draw(), None))
    flags = {
        "segment": {"segmenter": "finder", "garment": "top"},
        "generate": {"steps": 1, "pixels": 6144},
        "outfit": {"with": [f"{folder}/{each}" for each in worn]},
        **sections,
    }
    output = folder / f"{name}.png"
    receipt = engine.run(folder / "top.png", output, config.resolve(flags=flags), RampModels())
    assert receipt.status == "ok"
    return output


WORN = ("trousers.png kind=bottom", "shoes.png kind=shoes")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("made"), *WORN)


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    for path in made.parent.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path / made.name


def photos(output: Path) -> list[Path]:
    return [output.parent / f"{name}.png" for name in PHOTOS]


def test_every_garment_is_its_photos_bit_for_bit_by_pillow_alone(made: Path) -> None:
    receipt = json.loads(made.with_suffix(".json").read_text())
    picture, whose = (np.asarray(Image.open(made.with_suffix(end))) for end in (".png", ".garments.png"))
    kept = np.asarray(Image.open(made.with_suffix(".mask.png")))
    assert ((whose > 0) == (kept == 0)).all()
    assert [each["kind"] for each in receipt["layers"]] == ["shoes", "shoes", "bottom", "top"]
    assert [each["name"] for each in receipt["sources"]] == ["top.png", "trousers.png", "shoes.png"]
    for number, layer in enumerate(receipt["layers"], 1):
        source, where = receipt["sources"][layer["source"]], layer["placement"]
        photo: Image.Image = Image.open(made.parent / source["name"])
        if where["scale"] != 1:
            size = round(photo.width * where["scale"]), round(photo.height * where["scale"])
            photo = photo.resize(size, Image.Resampling.LANCZOS)
        ys, xs = np.nonzero(whose == number)
        assert len(ys) == layer["core_pixels"] > 150
        assert (picture[ys, xs] == np.asarray(photo)[ys - where["y"], xs - where["x"]]).all()
    assert receipt["placement"]["scale"] == 1
    assert sum(each["core_pixels"] for each in receipt["layers"]) == receipt["kept"]["core_pixels"]


def test_an_outfit_is_proven_with_its_photos_in_any_order(made: Path) -> None:
    for given in (photos(made), photos(made)[::-1]):
        proof = prove(made, given)
        assert proof.failures == ()
        assert proof.changed == 0
        assert proof.garment_share is not None
        assert proof.garment_share > 0.9


@pytest.mark.parametrize("fault", ["missing", "another", "one too many"])
def test_a_photo_that_is_not_the_outfits_own_fails(run: Path, fault: str) -> None:
    given = photos(run)
    if fault == "missing":
        given.pop()
    elif fault == "another":
        given[1].write_bytes(write.encode(trousers(colour=(41, 70, 140)), None))
    else:
        more = run.parent / "more.png"
        more.write_bytes(write.encode(tee(colour=(1, 2, 3)), None))
        given.append(more)
    assert prove(run, given).failures


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", ["shoes", "bottom", "top"])
@pytest.mark.parametrize("fault", ["recoloured", "shifted", "eroded", "cut", "handed over"])
def test_a_garment_that_was_changed_is_found_out_though_all_files_agree(run: Path, kind: str, fault: str) -> None:
    picture, kept, whose = (
        np.array(Image.open(run.with_suffix(end))) for end in (".png", ".mask.png", ".garments.png")
    )
    receipt = json.loads(run.with_suffix(".json").read_text())
    number = next(at for at, each in enumerate(receipt["layers"], 1) if each["kind"] == kind)
    own = whose == number
    if fault == "recoloured":
        picture[own] = np.clip(picture[own].astype(int) + 1, 0, 255)
    elif fault == "shifted":
        receipt["layers"][number - 1]["placement"]["x"] += 1
    elif fault == "handed over":
        whose[own] = number % len(receipt["layers"]) + 1
    else:
        gone = own & (cv2.erode(own.astype(np.uint8), np.ones((7, 7))) == 0)
        if fault == "cut":
            ys = np.nonzero(own)[0]
            gone = own & (np.arange(len(own))[:, None] > np.quantile(ys, 0.8))
        picture[gone], kept[gone], whose[gone] = 128, 255, 0
    forge(run, picture, kept, whose, receipt)
    assert prove(run, photos(run)).failures


def forge(output: Path, picture: np.ndarray, kept: np.ndarray, whose: np.ndarray, receipt: dict[str, Any]) -> None:
    """Writes other pixels, and a receipt that agrees with them in every figure and hash."""
    output.write_bytes(write.encode(picture, None))
    for end, key, mask in ((".mask.png", "mask", kept), (".garments.png", "garments", whose)):
        output.with_suffix(end).write_bytes(write.encode_mask(mask))
        receipt[key]["sha256"] = hashlib.sha256(output.with_suffix(end).read_bytes()).hexdigest()
    receipt["output"]["sha256"] = hashlib.sha256(output.read_bytes()).hexdigest()
    receipt["kept"] |= {
        "core_pixels": int((kept == 0).sum()),
        "edge_pixels": int(((kept > 0) & (kept < 255)).sum()),
        "core_sha256": verify.core_sha256(picture, kept == 0),
    }
    for number, layer in enumerate(receipt["layers"], 1):
        layer["core_pixels"] = int((whose == number).sum())
        layer["core_sha256"] = verify.core_sha256(picture, whose == number)
    output.with_suffix(".json").write_text(json.dumps(receipt))


def test_the_forger_of_these_tests_is_a_good_one(run: Path) -> None:
    picture, kept, whose = (
        np.array(Image.open(run.with_suffix(end))) for end in (".png", ".mask.png", ".garments.png")
    )
    forge(run, picture, kept, whose, json.loads(run.with_suffix(".json").read_text()))
    assert prove(run, photos(run)).failures == ()


def test_a_receipt_repeats_its_outfit(made: Path, tmp_path: Path) -> None:
    shutil.copy(made.with_suffix(".json"), tmp_path / "before.json")
    base = config.from_receipt(tmp_path / "before.json")
    again = tmp_path / "again.png"
    engine.run(made.parent / "top.png", again, config.resolve(base=base), RampModels())
    assert again.read_bytes() == made.read_bytes()


def test_no_photo_of_the_outfit_is_written_over(tmp_path: Path) -> None:
    output = make(tmp_path, *WORN)
    before = (tmp_path / "trousers.png").read_bytes()
    flags = {"outfit": {"with": [f"{tmp_path}/trousers.png"]}}
    with pytest.raises(Exception, match="would be overwritten"):
        engine.run(
            tmp_path / "top.png", tmp_path / "trousers.png", config.resolve(flags=flags), RampModels(), overwrite=True
        )
    assert (tmp_path / "trousers.png").read_bytes() == before
    assert output.with_suffix(".garments.png").exists()


def test_fewer_garments_take_the_picture_of_them_away(tmp_path: Path) -> None:
    output = make(tmp_path, *WORN)
    chosen = config.resolve(
        flags={"segment": {"segmenter": "finder", "garment": "top"}, "generate": {"steps": 1, "pixels": 6144}}
    )
    engine.run(tmp_path / "top.png", output, chosen, RampModels(), overwrite=True)
    assert not output.with_suffix(".garments.png").exists()


def test_an_accessory_alone_is_told_to_go_with_a_garment(tmp_path: Path) -> None:
    (tmp_path / "shoes.png").write_bytes(write.encode(sneakers(), None))
    chosen = config.resolve(flags={"segment": {"segmenter": "finder", "garment": "shoes"}})
    with pytest.raises(NotFoundError, match="--with"):
        engine.run(tmp_path / "shoes.png", tmp_path / "out.png", chosen, RampModels())


def test_words_that_cannot_be_read_end_the_command_with_a_sentence(tmp_path: Path) -> None:
    for each in ("t.png scale=0", "t.png scale=1 px_per_cm=2", "t.png size=3", "t.png kind=sock"):
        with pytest.raises(ConfigError):
            config.resolve(flags={"outfit": {"with": [each]}})
    with pytest.raises(ConfigError):
        config.resolve(flags={"outfit": {"order": "top,sock"}})


def test_the_command_line_proves_all_photos(made: Path) -> None:
    given = [word for each in photos(made) for word in ("--source", str(each))]
    found = CliRunner().invoke(app, ["verify", str(made), *given, "--json"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["source"] == [str(each) for each in photos(made)]
    assert CliRunner().invoke(app, ["verify", str(made), *given[:2]]).exit_code != 0


def test_every_photo_is_an_ingredient_of_the_signed_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("c2pa")
    monkeypatch.delenv("ONMODEL_C2PA", raising=False)
    output = make(tmp_path, *WORN, provenance={"c2pa": True})
    found = credentials.read(output.read_bytes())
    assert found is not None
    assert found.valid
    named = [each.removeprefix("componentOf: ") for each in found.claims if each.startswith("componentOf")]
    assert named == ["top.png", "trousers.png", "shoes.png"]
    assert found.run["photos"] == [hashlib.sha256(each.read_bytes()).hexdigest() for each in photos(output)]
    assert prove(output, photos(output)).failures == ()


def test_one_shoe_is_worn_on_both_feet_and_proven(tmp_path: Path) -> None:
    (tmp_path / "shoe.png").write_bytes(write.encode(np.ascontiguousarray(sneakers()[:, :110]), None))
    output = make(tmp_path, "trousers.png kind=bottom", "shoe.png kind=shoes single=true")
    receipt = json.loads(output.with_suffix(".json").read_text())
    shoes = [(number, each) for number, each in enumerate(receipt["layers"], 1) if each["kind"] == "shoes"]
    assert sorted(each["mirrored"] for _, each in shoes) == [False, True]
    picture, whose = (np.asarray(Image.open(output.with_suffix(end))) for end in (".png", ".garments.png"))
    for number, layer in shoes:
        photo: Image.Image = Image.open(tmp_path / "shoe.png")
        where = layer["placement"]
        if layer["mirrored"]:
            photo = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        size = round(photo.width * where["scale"]), round(photo.height * where["scale"])
        resized = np.asarray(photo.resize(size, Image.Resampling.LANCZOS))
        ys, xs = np.nonzero(whose == number)
        assert len(ys) == layer["core_pixels"] > 100
        assert (picture[ys, xs] == resized[ys - where["y"], xs - where["x"]]).all()
    given = [tmp_path / name for name in ("top.png", "trousers.png", "shoe.png")]
    assert prove(output, given).failures == ()
    # Whoever says that a garment was mirrored is not believed.
    forged = output.with_suffix(".json").read_text().replace('"mirrored": true', '"mirrored": false')
    output.with_suffix(".json").write_text(forged)
    assert prove(output, given).failures


def test_what_of_an_open_scarf_is_seen_beside_the_neck_is_its_own(tmp_path: Path) -> None:
    """The body hides its arch but for what stands out beside the neck, which is no backdrop."""
    drawn = np.zeros((400, 200, 3), np.uint8)
    cv2.ellipse(drawn, (100, 90), (64, 70), 0, 180, 360, (1, 1, 1), 28)
    drawn[90:390, 24:68] = drawn[90:360, 132:176] = 1
    pixels = np.full((480, 320, 3), (236, 236, 234), np.uint8)
    pixels[40:440, 60:260][drawn > 0] = np.broadcast_to(np.array((120, 30, 50), np.uint8), drawn.shape)[drawn > 0]
    (tmp_path / "scarf.png").write_bytes(write.encode(pixels, None))
    output = make(tmp_path, "scarf.png kind=scarf")
    receipt = json.loads(output.with_suffix(".json").read_text())
    assert [each["kind"] for each in receipt["layers"]] == ["top", "scarf"]
    given = [tmp_path / name for name in ("top.png", "scarf.png")]
    assert prove(output, given).failures == ()
    # What of the arch is kept lies over the row from which on the scarf hangs.
    layer = receipt["layers"][1]
    rows = np.flatnonzero((np.asarray(Image.open(output.with_suffix(".garments.png"))) == 2).any(axis=1))
    assert rows[0] < layer["placement"]["y"] + layer["placement"]["scale"] * 100
