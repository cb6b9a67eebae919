"""A ghost: the garment exact on plain paper, the inside of its neck kept, the back's joined where it fits."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline import config, engine, flow
from pipeline.proof import prove
from pipeline.receipt import Receipt
from stages import cast, photo, write
from stages.contracts import Photo
from stages.options import PhotoOptions
from tests import fakes, pictures
from tests.fakes import RampModels, profile

RED, LINING = (150, 40, 60), (70, 60, 140)


def shirt(
    width: int = 240, height: int = 300, *, neck: float = 0.26, half: float = 0.1, colour: tuple[int, int, int] = RED
) -> np.ndarray:
    """Draws a T-shirt whose neckline, `half` of the width to either side, dips to the share `neck` of the height."""
    picture = np.full((height, width, 3), 235, np.uint8)
    curve = [(0.5 + half * np.cos(a), 0.14 + (neck - 0.14) * np.sin(a)) for a in np.linspace(np.pi, 0, 17)]
    sides = [(0.74, 0.19), (0.92, 0.40), (0.80, 0.47), (0.70, 0.36), (0.70, 0.88), (0.30, 0.88), (0.30, 0.36),
             (0.20, 0.47), (0.08, 0.40), (0.26, 0.19)]  # fmt: skip
    points = np.rint(np.array([*curve, *sides]) * (width, height) * 16).astype(np.int32)
    cv2.fillPoly(picture, [points], colour, cv2.LINE_AA, shift=4)
    noise = np.random.default_rng(0).normal(0, 2, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def given_photo(pixels: np.ndarray, icc: str | None = None) -> Photo:
    return photo.read(write.encode(pixels, profile(icc) if icc else None), PhotoOptions(), "shirt.png")


def made(of: Photo, **sections: object) -> flow.Product:
    flags = {"task": "ghost", "segment": {"segmenter": "finder", "garment": "top"}, **sections}
    return flow.produce(of, config.resolve("house", flags=flags), RampModels())


@settings(max_examples=6, deadline=None)
@given(
    deep=st.booleans(),
    icc=st.sampled_from([None, "adobe"]),
    depth=st.sampled_from([0, 0.35, 1]),
    margin=st.sampled_from([0.0, 0.06, 0.2]),
)
def test_the_garment_is_exact_and_the_frame_is_white(deep: bool, icc: str | None, depth: float, margin: float) -> None:
    pixels = shirt()
    if deep:
        pixels = pixels.astype(np.uint16) * 257
    of = given_photo(pixels, icc)
    product = made(of, blend={"shadow": depth}, place={"margin": margin})
    assert product.png is not None, product.receipt.failures
    picture, where = write.decode(product.png), product.receipt.placement
    mask = pictures.decoded(product.mask, cv2.IMREAD_UNCHANGED)
    assert picture is not None
    ys, xs = np.nonzero(mask == 0)
    np.testing.assert_array_equal(picture[ys, xs], of.pixels[ys - where.y, xs - where.x])
    assert len(ys) > 0.9 * np.count_nonzero(np.abs(shirt().astype(int) - 235).sum(2) > 60)
    if margin:
        full = np.iinfo(picture.dtype).max
        assert (np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]) == full).all()
        assert depth == 0 or (picture[mask == 255] < full).any()
    assert product.receipt.models[0].role == "segmenter"
    assert "algorithmicallyEnhanced" in product.png.decode("latin1")
    assert "TrainedAlgorithmicMedia" not in product.png.decode("latin1")[:2000]


def test_shadow_falls_down_and_away_from_the_light() -> None:
    placed = fakes.placed()
    rows, columns = placed.matte[:, 60] > 0.5, placed.matte[40] > 0.5
    y0, y1 = (placed.box[1] + int(each) for each in np.flatnonzero(rows)[[0, -1]])
    x0, x1 = (placed.box[0] + int(each) for each in np.flatnonzero(columns)[[0, -1]])
    left, right = (cast.shadow(placed, 1, side) for side in ("left", "right"))
    middle = slice(placed.box[1] + 40, placed.box[1] + 60)
    assert left[y1 + 1 : y1 + 4, 80:100].mean() < left[y0 - 4 : y0, 80:100].mean() - 0.02
    assert left[middle, x1 + 1 : x1 + 4].mean() < left[middle, x0 - 4 : x0].mean() - 0.02
    assert right[middle, x1 + 1 : x1 + 4].mean() > right[middle, x0 - 4 : x0].mean() + 0.02
    assert (cast.shadow(placed, 0, "left") == 1).all()


@pytest.fixture
def both(tmp_path: Path) -> tuple[Path, Path]:
    front, back = tmp_path / "front.png", tmp_path / "back.png"
    Image.fromarray(shirt(neck=0.3)).save(front)
    Image.fromarray(shirt(264, 330, neck=0.17, colour=LINING)).save(back)
    return front, back


def ran(front: Path, back: Path | None, **more: object) -> tuple[Path, Receipt]:
    ghost = {} if back is None else {"ghost": {"back": str(back)}}
    flags = {"task": "ghost", "segment": {"segmenter": "finder", "garment": "top"}, **ghost, **more}
    output = front.parent / "out" / "shirt.png"
    return output, engine.run(front, output, config.resolve("house", flags=flags), RampModels())


@pytest.mark.thorough
def test_the_back_is_seen_in_the_neck_and_proven(both: tuple[Path, Path]) -> None:
    front, back = both
    output, receipt = ran(front, back)
    assert receipt.joined is not None, receipt.warnings
    assert receipt.joined.placement.scale == pytest.approx(240 / 264, abs=0.02)
    picture = pictures.read(output, cv2.IMREAD_COLOR_RGB)
    shown = pictures.read(output.with_suffix(".back.mask.png"), cv2.IMREAD_UNCHANGED) == 0
    assert np.abs(picture[shown].mean(0) - LINING).max() < 5
    # An independent reading: the photo resampled by OpenCV, moved by whole pixels.
    where = receipt.joined.placement
    size = round(264 * where.scale), round(330 * where.scale)
    small = cv2.resize(shirt(264, 330, neck=0.17, colour=LINING), size, interpolation=cv2.INTER_AREA)
    ys, xs = np.nonzero(shown)
    np.testing.assert_array_equal(picture[ys, xs], small[ys - where.y, xs - where.x])
    assert receipt.joined.kept.core_pixels == len(ys) > 300
    proof = prove(output, front, back=back)
    assert proof.failures == ()
    assert any("--back" in doubt for doubt in prove(output, front).warnings)
    # Nothing of the paper is seen between front and back.
    column = picture[:, (xs.min() + xs.max()) // 2]
    first = int(np.flatnonzero(np.abs(column.astype(int) - 255).max(1) > 60)[0])
    assert (np.abs(column[first : first + 60].astype(int) - 255).max(1) > 60).all()


@pytest.mark.sampled
@pytest.mark.parametrize("harm", ["pixel", "mask", "other photo"])
def test_a_tampered_join_is_found_out(both: tuple[Path, Path], harm: str) -> None:
    front, back = both
    output, _ = ran(front, back)
    mask = output.with_suffix(".back.mask.png")
    if harm == "pixel":
        picture, shown = pictures.read(output), pictures.read(mask, cv2.IMREAD_UNCHANGED) == 0
        y, x = np.argwhere(shown)[20]
        picture[y, x] ^= 1
        cv2.imwrite(str(output), picture)
    elif harm == "mask":
        shown = pictures.read(mask, cv2.IMREAD_UNCHANGED)
        cv2.imwrite(str(mask), np.roll(shown, 1, axis=1))
    else:
        Image.fromarray(shirt(264, 330, neck=0.17, colour=RED)).save(back)
    assert any("second photo" in words for words in prove(output, front, back=back).failures)


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("back", "words"),
    [
        (shirt(neck=0.3, colour=LINING), "does not close the neck|inside of its own neck"),
        (np.ascontiguousarray(shirt(neck=0.17)[:, ::-1].transpose(1, 0, 2)), "no open neck|shoulders|aslant|close"),
        (shirt(neck=0.17, half=0.15), "shoulders"),
    ],
    ids=["as deep a neck", "lying on its side", "a wider neck"],
)
def test_what_does_not_fit_is_left_out_and_said(both: tuple[Path, Path], back: np.ndarray, words: str) -> None:
    front, path = both
    Image.fromarray(back).save(path)
    _, receipt = ran(front, path)
    assert receipt.status == "ok"
    assert receipt.joined is None
    assert any("nothing of back.png is shown" in said for said in receipt.warnings)
