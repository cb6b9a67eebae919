"""The public face: the four tasks from Python, with a generator that is arithmetic."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import onmodel
from scripts import keywords
from stages import write
from tests.fakes import RampModels, sneakers, tee, trousers

QUICK: dict[str, Any] = {"steps": 1, "pixels": 64 * 96, "figure": "off", "preset": "house"}


@pytest.fixture
def shirt(tmp_path: Path) -> Path:
    path = tmp_path / "shirt.png"
    path.write_bytes(write.encode(tee(width=240, height=300), None))
    return path


def test_importing_it_and_asking_for_help_loads_no_heavy_library() -> None:
    code = (
        "import sys, onmodel; dir(onmodel); onmodel.generate.__doc__, onmodel.__version__\n"
        "heavy = {'torch', 'numpy', 'cv2', 'diffusers', 'transformers', 'anny', 'fastapi', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_no_other_is() -> None:
    for name in onmodel.__all__:
        assert getattr(onmodel, name).__doc__, name
    assert {"read", "cut", "generate", "background", "inpaint", "outpaint", "verify", "Models", "Config"} <= set(
        onmodel.__all__
    )
    with pytest.raises(AttributeError, match="no attribute 'generte'"):
        onmodel.generte  # noqa: B018


def test_the_types_of_the_options_are_those_that_the_classes_declare() -> None:
    message = "an option has changed: run `python -m scripts.keywords`"
    assert keywords.TARGET.read_text(encoding="utf-8") == keywords.text(), message


def test_a_generated_picture_is_saved_and_proven(shirt: Path, tmp_path: Path) -> None:
    seen = []
    product = onmodel.generate(
        shirt, models=RampModels(), scene="beach", seed=7, report=lambda stage, done, of: seen.append(stage), **QUICK
    )
    picture = onmodel.save(product, tmp_path / "out")
    assert picture == tmp_path / "out" / "shirt.png"
    assert {path.name for path in picture.parent.iterdir()} == {"shirt.png", "shirt.mask.png", "shirt.json"}
    proof = onmodel.verify(picture, shirt)
    assert proof.failures == ()
    assert proof.core_pixels == product.receipt.kept.core_pixels > 1000
    assert product.receipt.seed == 7
    assert "generate" in seen
    changed = np.array(Image.open(picture))
    changed[np.asarray(Image.open(picture.with_suffix(".mask.png"))) == 0] ^= 1
    Image.fromarray(changed).save(picture)
    assert onmodel.verify(picture, shirt).failures


def test_saving_replaces_nothing_unasked_and_never_what_is_not_its_own(shirt: Path, tmp_path: Path) -> None:
    product = onmodel.outpaint(shirt, left="10%", name="wide", preset="house", models=RampModels())
    picture = onmodel.save(product, tmp_path / "out")
    with pytest.raises(onmodel.OnmodelError, match="exists"):
        onmodel.save(product, tmp_path / "out")
    assert onmodel.save(product, tmp_path / "out", overwrite=True) == picture
    picture.write_bytes(b"a letter to my aunt")
    with pytest.raises(onmodel.OnmodelError):
        onmodel.save(product, tmp_path / "out", overwrite=True)
    assert picture.read_bytes() == b"a letter to my aunt"


def test_each_task_keeps_what_it_says(shirt: Path) -> None:
    photo, models = onmodel.read(shirt), RampModels()
    wider = onmodel.outpaint(photo, aspect="1:1", preset="house", models=models)
    white = onmodel.background(photo, background="white", preset="house", models=models)
    mended = onmodel.inpaint(photo, box="100,120,120,140", preset="house", models=models)
    assert (wider.receipt.task, white.receipt.task, mended.receipt.task) == ("outpaint", "background", "inpaint")
    assert all(each.png and each.receipt.kept.changed == 0 for each in (wider, white, mended))
    assert wider.receipt.kept.core_pixels == photo.width * photo.height
    assert mended.receipt.kept.core_pixels >= photo.width * photo.height - 20 * 20
    corner = np.asarray(Image.open(io.BytesIO(white.png or b"")))[2, 2, :3]
    np.testing.assert_array_equal(corner, 255)


def test_a_cut_out_has_the_photos_own_colours_where_it_is_opaque(shirt: Path) -> None:
    photo = onmodel.read(shirt)
    cutout = onmodel.cut(photo)
    picture = onmodel.rgba(cutout)
    assert picture.shape == (photo.height, photo.width, 4)
    opaque = picture[..., 3] == 255
    assert 0.2 < opaque.mean() < 0.9
    np.testing.assert_array_equal(picture[opaque][:, :3], photo.pixels[opaque])


def test_a_config_is_the_base_of_further_options() -> None:
    base = onmodel.configure(preset="house", casting="imani", seed=3, not_point=["8,9"], pose="hand-on-hip")
    other = onmodel.configure(base=base, scene="beach", seed=4)
    assert (other.casting, other.stance, other.segment.not_point) == (base.casting, base.stance, ("8,9",))
    assert (other.generate.seed, base.generate.seed) == (4, 3)
    assert other.scene != base.scene
    aspect = onmodel.configure(preset="house", task="outpaint", aspect="4:5")
    assert (aspect.outpaint.aspect, aspect.place.aspect) == ("4:5", "2:3")
    described = onmodel.configure(preset="house", casting={"person": "man", "age": 45})
    assert described.casting.age == 45


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sead": 7}, "did you mean 'seed'"),
        ({"steps": 0}, "generate.steps"),
        ({"casting": "nobody"}, "no casting is named 'nobody'"),
        ({"casting": {"person": "girl"}}, "casting"),
        ({"preset": "sd99"}, "no preset is named"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(onmodel.OnmodelError, match=message) as caught:
        onmodel.configure(**{"preset": "house", **options})
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_a_missing_photo_is_said(tmp_path: Path) -> None:
    with pytest.raises(onmodel.OnmodelError, match=r"none\.png"):
        onmodel.read(tmp_path / "none.png")


@pytest.mark.slow
def test_a_type_checker_knows_the_options(tmp_path: Path) -> None:
    root = Path(onmodel.__file__).parents[1]
    code = tmp_path / "use.py"
    code.write_text(
        "import onmodel\n"
        'product = onmodel.generate("a.jpg", casting="imani", seed=7, not_point=["8,9"], framing="half")\n'
        "reveal_type(product.png)\n"
        'onmodel.generate("a.jpg", framing="quarter")\n'
        'onmodel.generate("a.jpg", sead=7)\n'
        'onmodel.outpaint("a.jpg", pose="auto")\n'
    )
    words = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(root / "pyproject.toml"), str(code)]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert 'note: Revealed type is "bytes | None"' in done.stdout.replace("builtins.", ""), done.stdout
    for line in (4, 5, 6):
        assert f"use.py:{line}: error" in done.stdout, done.stdout
    assert "use.py:2: error" not in done.stdout, done.stdout


def test_an_outfit_takes_words_photos_and_mappings_and_is_proven(shirt: Path, tmp_path: Path) -> None:
    for name, pixels in (("trousers", trousers()), ("shoes", sneakers())):
        (tmp_path / f"{name}.png").write_bytes(write.encode(pixels, None))
    read = onmodel.read(tmp_path / "shoes.png")
    product = onmodel.generate(
        shirt,
        models=RampModels(),
        garment="top",
        further=[f"{tmp_path}/trousers.png scale=1.3 kind=bottom", {"photo": read, "kind": "shoes"}],
        **QUICK,
    )
    picture = onmodel.save(product, tmp_path / "out")
    assert {each.scale for each in (layer.placement for layer in product.receipt.layers)} >= {1.0, 1.3}
    given = [shirt, tmp_path / "trousers.png", tmp_path / "shoes.png"]
    assert onmodel.verify(picture, given).failures == ()
    assert onmodel.verify(picture, given[:2]).failures
    assert picture.with_suffix(".garments.png").exists()
