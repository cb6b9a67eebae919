"""Files for shops: size, shape, profile, bytes and white of each, opened by Pillow alone; what does not fit is said."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from pipeline import channels, config, engine
from pipeline.proof import prove
from pipeline.receipt import Receipt
from stages import channel, write
from stages.channel import Rules
from stages.contracts import Box
from stages.errors import ConfigError
from tests.fakes import RampModels, tee

ABOUT = write.About("algorithmicallyEnhanced")
NAMES = config.names("channels")


def on_paper(width: int, height: int, paper: int = 255, seed: int = 0) -> tuple[np.ndarray, Box, np.ndarray]:
    """Returns a block of cloth on paper, its box, and where it is."""
    picture = np.full((height, width, 3), paper, np.uint8)
    box = (width // 4, height // 5, 3 * width // 4, 4 * height // 5)
    noise = np.random.default_rng(seed).normal(0, 6, (box[3] - box[1], box[2] - box[0], 3))
    picture[box[1] : box[3], box[0] : box[2]] = np.clip(np.array([60, 90, 160]) + noise, 0, 255)
    core = np.zeros((height, width), bool)
    core[box[1] : box[3], box[0] : box[2]] = True
    return picture, box, core


def opened(encoded: bytes) -> Image.Image:
    with Image.open(io.BytesIO(encoded)) as file:
        file.load()
        return file


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=6, deadline=None)
@given(width=st.integers(200, 900), height=st.integers(200, 900))
def test_a_product_on_white_is_what_every_shop_asks_for(name: str, width: int, height: int) -> None:
    rules = channels.rules(name)
    picture, box, core = on_paper(width, height)
    made = channel.make(picture, box, rules, ABOUT, core, alone=True)
    assert made.unmet == ()
    seen = opened(made.encoded)
    assert seen.format == "JPEG"
    assert seen.mode == "RGB"
    assert seen.size == (made.width, made.height)
    assert "sRGB" in ImageCms.getProfileDescription(io.BytesIO(seen.info["icc_profile"]))
    assert b"algorithmicallyEnhanced" in seen.info["xmp"]
    assert len(made.encoded) <= rules.megabytes * 1e6
    assert seen.width >= rules.least[0]
    assert seen.height >= rules.least[1]
    if rules.aspect:
        across, down = map(float, rules.aspect.split(":"))
        assert seen.width / seen.height == pytest.approx(across / down, abs=1.5 / min(seen.size))
    pixels = np.asarray(seen)
    assert min(pixels[0].min(), pixels[-1].min(), pixels[:, 0].min(), pixels[:, -1].min()) >= 253
    # The product is all there, and as large as asked.
    blue = pixels[..., 2].astype(int) - pixels[..., 0] > 50
    ys, xs = np.nonzero(blue)
    wide, tall = (xs.max() - xs.min()) / seen.width, (ys.max() - ys.min()) / seen.height
    assert wide / tall * seen.width / seen.height == pytest.approx((box[2] - box[0]) / (box[3] - box[1]), rel=0.03)
    if rules.fill:
        assert max(wide, tall) > rules.fill - 0.02


def test_what_a_shop_does_not_take_is_said_and_written_all_the_same() -> None:
    rules = channels.rules("amazon")
    scene = np.random.default_rng(1).integers(0, 255, (900, 600, 3), np.uint8)
    made = channel.make(scene, (200, 200, 400, 700), rules, ABOUT, np.ones((900, 600), bool), alone=False)
    assert opened(made.encoded).size == (made.width, made.height)
    grey, box, core = on_paper(600, 900, paper=225)
    made = channel.make(grey, box, rules, ABOUT, core, alone=False)
    assert [words for words in made.unmet if "not white" in words]
    assert not [words for words in made.said if "white was added" in words], "grey paper goes on as grey paper"
    seen = np.asarray(opened(made.encoded))
    assert np.abs(seen[:20].astype(int) - 225).max() <= 3


def test_a_limit_of_bytes_lowers_the_quality_and_then_is_said() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (400, 400, 3), np.uint8)
    core = np.ones((400, 400), bool)
    large = channel.make(noise, (0, 0, 400, 400), Rules(about="x"), ABOUT, core, alone=False)
    limit = 0.8 * len(large.encoded) / 1e6
    small = channel.make(noise, (0, 0, 400, 400), Rules(about="x", megabytes=limit), ABOUT, core, alone=False)
    assert len(small.encoded) <= limit * 1e6
    none = channel.make(noise, (0, 0, 400, 400), Rules(about="x", megabytes=0.01), ABOUT, core, alone=False)
    assert any("MB" in words for words in none.unmet)


def test_an_enlarged_picture_says_so() -> None:
    picture, box, core = on_paper(300, 300)
    made = channel.make(picture, box, Rules(about="x", least=(900, 900)), ABOUT, core, alone=False)
    assert (made.width, made.height) == (900, 900)
    assert any("enlarged 3.00 times" in words for words in made.said)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Receipt]:
    folder = tmp_path_factory.mktemp("shop")
    Image.fromarray(tee()).save(folder / "tee.png")
    flags = {
        "task": "ghost",
        "segment": {"segmenter": "finder", "garment": "top"},
        "write": {"channel": "amazon,google"},
    }
    output = folder / "out" / "tee.png"
    receipt = engine.run(folder / "tee.png", output, config.resolve("house", flags=flags), RampModels())
    return folder / "tee.png", output, receipt


def test_files_lie_beside_the_master_and_are_proven(run: tuple[Path, Path, Receipt]) -> None:
    source, output, receipt = run
    assert {each.name for each in output.parent.iterdir()} == {
        "tee.png", "tee.json", "tee.mask.png", "tee.amazon.jpg", "tee.google.jpg",
    }  # fmt: skip
    assert [each.channel for each in receipt.channels] == ["amazon", "google"]
    assert receipt.files["tee.amazon.jpg"] == receipt.channels[0].sha256
    assert any("enlarged" in words for words in receipt.warnings)
    assert prove(output, source).failures == ()


def _recoloured(path: Path) -> None:
    with Image.open(path) as file:
        pixels, icc = np.asarray(file).copy(), file.info["icc_profile"]
    pixels[pixels.min(axis=2) < 200] = (20, 140, 60)
    Image.fromarray(pixels).save(path, quality=95, icc_profile=icc)


def _small(path: Path) -> None:
    with Image.open(path) as file:
        file.resize((400, 400)).save(path, icc_profile=file.info["icc_profile"])


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "is not the file"),
        (_recoloured, "does not show the garment"),
        (_small, "400 x 400"),
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_bytes(b"no picture"), "no picture"),
    ],
    ids=["cut short", "recoloured", "made small", "taken away", "no picture"],
)
@pytest.mark.parametrize("forged", [False, True], ids=["", "with its hash forged"])
def test_a_tampered_file_fails_the_proof(
    run: tuple[Path, Path, Receipt], harm: Callable[[Path], object], words: str, forged: bool
) -> None:
    source, output, _ = run
    path, record = output.with_suffix(".amazon.jpg"), output.with_suffix(".json")
    before, said = path.read_bytes(), record.read_bytes()
    try:
        harm(path)
        if forged and path.exists():
            told = json.loads(said)
            told["channels"][0]["sha256"] = told["files"]["tee.amazon.jpg"] = write_hash(path)
            record.write_text(json.dumps(told))
        failures = prove(output, source).failures
        assert failures
        assert any(words in each for each in failures) or (forged and words == "is not the file")
    finally:
        path.write_bytes(before)
        record.write_bytes(said)


def write_hash(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_unknown_channel_ends_before_any_work() -> None:
    with pytest.raises(ConfigError, match="no channel is named 'ebay': choose amazon"):
        config.resolve("house", flags={"write": {"channel": "amazon, ebay"}})


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_names_where_it_was_read(name: str) -> None:
    rules = channels.rules(name)
    assert rules.sources
    for each in rules.sources:
        assert each.url.startswith("https://")
        assert each.read.startswith("2026-")
        assert each.says
