"""The promise: garments pass only if every core pixel is the photo's, and nothing was eroded to get there."""

import hashlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import blend, colour, faults, restore, verify, write
from stages.contracts import RGB, Placed, Verdict
from stages.options import BlendOptions, VerifyOptions
from tests import fakes, pictures
from tests.examples import examples
from tests.fakes import Depth

OPTIONS = VerifyOptions()


def made(placed: Placed, plate: RGB, changed: RGB | None = None) -> Verdict:
    """Returns the verdict on a picture that was restored over a plate, or on another in its place."""
    picture = restore.restore(plate, placed) if changed is None else changed
    return verify.verify(write.encode(picture, placed.icc), placed, plate, OPTIONS)


@st.composite
def garments(draw: st.DrawFn) -> Placed:
    height, width = draw(st.integers(24, 70)), draw(st.integers(24, 70))
    levels = st.tuples(*[st.integers(0, 255)] * 3)
    soft = fakes.matte(height, width, edge=draw(st.floats(0.1, 1.0)))
    return fakes.placed(
        height, width, dtype=draw(st.sampled_from([np.uint8, np.uint16])), soft=soft,
        garment=draw(levels), backdrop=draw(levels),
        above=draw(st.integers(0, 30)), below=draw(st.integers(0, 30)), beside=draw(st.integers(0, 30)),
    )  # fmt: skip


@settings(deadline=None, max_examples=examples(50))
@given(
    placed=garments(),
    profile=st.sampled_from([None, "adobe", "p3"]),
    light=st.sampled_from(["left", "right", "front"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_garment_comes_back_exactly(placed: Placed, profile: str | None, light: str, seed: int) -> None:
    """From an sRGB plate through the photo's profile, blend, restore, and the written bytes."""
    icc = None if profile is None else fakes.profile(profile)
    placed = fakes.replaced(placed, icc=icc)
    plate = np.random.default_rng(seed).integers(0, 255, (placed.height, placed.width, 3), np.uint8, endpoint=True)
    depth = 16 if placed.pixels.dtype == np.uint16 else 8
    blended = blend.blend(colour.from_srgb(plate, icc, depth), placed, BlendOptions(grain=2), light, seed)  # type: ignore[arg-type]
    encoded = write.encode(restore.restore(blended, placed), icc, (72, 72), write.About("trainedAlgorithmicMedia"))
    verdict = verify.verify(encoded, placed, blended, OPTIONS)
    assert verdict.failures == ()
    assert verdict.changed == 0
    assert verdict.core_pixels == np.count_nonzero(placed.matte == 1)
    assert verdict.edge_pixels == np.count_nonzero((placed.matte > 0) & (placed.matte < 1))
    values = [value for pixel in placed.pixels[placed.matte == 1] for value in pixel.tolist()]
    raw = b"".join(value.to_bytes(depth // 8, "little") for value in values)
    assert verdict.core_sha256 == hashlib.sha256(raw).hexdigest()
    back = pictures.decoded(encoded, cv2.IMREAD_UNCHANGED)[..., ::-1]
    assert np.array_equal(back[placed.window][placed.matte == 1], placed.pixels[placed.matte == 1])


@settings(deadline=None, max_examples=examples(30))
@given(placed=garments(), seed=st.integers(0, 2**32 - 1), channel=st.integers(0, 2))
def test_one_level_in_one_pixel_fails(placed: Placed, seed: int, channel: int) -> None:
    plate = fakes.scene(placed)
    picture = restore.restore(plate, placed)
    rows, columns = np.nonzero(placed.matte == 1)
    at = np.random.default_rng(seed).integers(len(rows))
    y, x = rows[at] + placed.box[1], columns[at] + placed.box[0]
    picture[y, x, channel] ^= 1
    verdict = made(placed, plate, changed=picture)
    assert verdict.changed == 1
    assert verdict.failures == ("1 garment pixels differ from the photo",)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("fault", ["recoloured", "shifted", "re-encoded", "8 bits", "cropped"])
def test_another_garment_fails(fault: str, dtype: Depth) -> None:
    placed = fakes.placed(dtype=dtype)
    plate = fakes.scene(placed)
    good = restore.restore(plate, placed)
    eight = faults.eight_bits(good)
    if fault == "recoloured":
        picture = good.copy()
        picture[..., 0] += 1
    elif fault == "shifted":
        picture = np.roll(good, 1, axis=1)
    elif fault == "re-encoded":
        again = pictures.jpeg(eight, 98)
        picture = again if dtype == np.uint8 else again.astype(np.uint16) * 257
    elif fault == "8 bits":
        picture = eight if dtype == np.uint16 else good.astype(np.uint16)
    else:
        picture = good[1:]
    assert made(placed, plate).failures == ()
    verdict = made(placed, plate, changed=picture)
    assert verdict.failures
    assert verdict.changed > 0


def test_bytes_that_are_no_picture_fail() -> None:
    placed = fakes.placed()
    assert verify.verify(b"", placed, fakes.scene(placed), OPTIONS).failures
    assert verify.verify(b"nonsense", placed, fakes.scene(placed), OPTIONS).failures


def test_erosion_is_no_way_to_pass() -> None:
    whole = fakes.matte(80, 60)
    core = cv2.erode((whole == 1).astype(np.uint8), np.ones((9, 9))) > 0
    eroded = np.where(core, 1, np.minimum(whole, 0.99)).astype(np.float32)
    hollow = np.minimum(whole, 0.99).astype(np.float32)
    for soft, words in ((eroded, "of the garment is kept"), (hollow, "no garment pixel is kept")):
        placed = fakes.placed(80, 60, soft=soft)
        assert any(words in failure for failure in made(placed, fakes.scene(placed)).failures)


def test_wide_edge_band_is_warned_of() -> None:
    placed = fakes.placed(160, 120, soft=fakes.matte(160, 120, edge=12))
    assert any("edge band is" in warning for warning in made(placed, fakes.scene(placed)).warnings)


def test_lost_profile_fails() -> None:
    placed = fakes.placed(icc=fakes.profile("p3"))
    plate = fakes.scene(placed)
    encoded = write.encode(restore.restore(plate, placed), None)
    failures = verify.verify(encoded, placed, plate, OPTIONS).failures
    assert failures == ("the written picture does not carry the photo's ICC profile",)


def test_old_backdrop_in_the_edge_band_is_warned_of() -> None:
    placed = fakes.placed()
    plate = fakes.scene(placed, (30, 40, 50))
    picture = restore.restore(plate, placed)
    soft = (placed.matte > 0) & (placed.matte < 1)
    picture[placed.window][soft] = placed.pixels[soft]
    verdict = made(placed, plate, changed=picture)
    assert verdict.failures == ()
    assert any("edge band" in warning for warning in verdict.warnings)
    assert any("old backdrop" in warning for warning in verdict.warnings)
    assert made(placed, plate).warnings == ()


@pytest.mark.parametrize("size", [(260, 180), (130, 90)])
def test_candidates_are_ranked_by_what_went_wrong(size: tuple[int, int]) -> None:
    placed = fakes.placed()
    clean = fakes.scene(placed)
    grown = clean.copy()
    grown[185:250, 60:120] = fakes.cloth(65, 60, (150, 40, 50), np.uint8)
    plates = [cv2.resize(each, size[::-1], interpolation=cv2.INTER_AREA) for each in (clean, grown)]
    best, worst = (verify.faults(each, placed) for each in plates)
    assert best < 0.1
    assert worst > best + 0.1
