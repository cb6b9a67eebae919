"""Gaps, shadows and prints of drawn garments: what is backdrop goes, what is cloth stays."""

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.find import finder
from stages.options import SegmentOptions
from tests import pictures
from tests.stages.find.drawn import Drawn, draw

pytestmark = pytest.mark.sampled

WHITE = (242, 242, 242)


def find(pixels: np.ndarray) -> np.ndarray:
    return finder.load(SegmentOptions())(pixels) > 0.5


def with_gap(x: int, width: int, shade: float) -> tuple[Drawn, np.ndarray]:
    """Draws a dark top with a slit beside its outline, as between two straps; the slit grows darker downwards."""
    drawn = draw("tee", height=512, colour=(40, 60, 140), backdrop=WHITE, noise=0.3)
    gap = np.zeros(drawn.matte.shape, bool)
    gap[300:360, x : x + width] = True
    pixels = drawn.pixels.copy()
    light = np.broadcast_to(1 - shade * (np.arange(512) - 300)[:, None] / 60, gap.shape)
    pixels[gap] = np.clip(242 * light[gap], 0, 255).astype(np.uint8)[:, None]
    return Drawn(pixels, drawn.matte * ~gap, drawn.foreground), gap


@settings(max_examples=4, deadline=None)
@given(st.integers(112, 120), st.integers(8, 14), st.floats(0, 0.06))
def test_a_gap_is_found_whole_and_nothing_beside_it(x: int, width: int, shade: float) -> None:
    drawn, gap = with_gap(x, width, shade)
    near = cv2.dilate(gap.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    open_ = ~find(drawn.pixels) & near & (drawn.matte + gap > 0.5)
    assert (open_ & gap).sum() / (open_ | gap).sum() >= 0.9


def test_a_slit_that_grows_dark_is_followed_to_its_end() -> None:
    drawn = draw("trousers", height=512, colour=(200, 130, 130), backdrop=WHITE, noise=0.3)
    pixels = drawn.pixels.copy()
    for y in range(130, 186):  # from the crotch up, ever narrower and darker
        half = 3 + 7 * (y - 130) // 56
        pixels[y, 192 - half : 192 + half] = round(242 * (0.85 + 0.15 * (y - 130) / 56))
    found = find(pixels)
    assert np.mean(~found[140:180, 191:193]) > 0.95
    assert np.mean(found[140:180, 170:180]) > 0.99


def with_strokes(depth: int, places: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Draws a dark top, 768 x 1024, with strokes of the backdrop, 70 x 8 pixels, so deep inside its left side."""
    drawn = draw("tee", height=1024, colour=(40, 60, 140), backdrop=WHITE)
    strokes = np.zeros(drawn.matte.shape, bool)
    for x, y in places:
        left = int(np.argmax(drawn.matte[y] > 0.5))
        strokes[y : y + 70, left + depth + x : left + depth + x + 8] = True
    pixels = drawn.pixels.copy()
    pixels[cv2.dilate(strokes.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = (150, 155, 190)
    pixels[strokes] = 242
    return pixels, strokes


def test_a_slit_between_a_sleeve_and_a_body_is_open_and_letters_stay() -> None:
    pixels, slit = with_strokes(62, [(0, 600)])
    assert np.mean(~find(pixels)[slit]) > 0.85
    pixels, letters = with_strokes(62, [(x, 600) for x in (0, 40, 80, 120)])
    assert np.mean(find(pixels)[letters]) > 0.99


@settings(max_examples=3, deadline=None)
@given(st.text("ABDOPQRH", min_size=2, max_size=4), st.integers(7, 26), st.integers(-40, 90))
def test_a_word_in_the_backdrops_very_colour_stays(word: str, thick: int, lower: int) -> None:
    drawn = draw("tee", height=1024, colour=(40, 60, 140), backdrop=WHITE)
    letters = np.zeros(drawn.matte.shape, np.uint8)
    size = 5.0 / len(word) + 0.6
    (wide, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
    cv2.putText(letters, word, (384 - wide // 2, 560 + lower), cv2.FONT_HERSHEY_SIMPLEX, size, 255, thick, cv2.LINE_AA)
    share = letters[..., None] / np.float32(255)
    pixels = np.rint(drawn.pixels + share * (np.array(WHITE, np.float32) - drawn.pixels)).astype(np.uint8)
    assert find(pixels)[letters > 0].mean() > 0.995


def test_a_wedge_in_deep_shadow_is_open() -> None:
    """As between a short sleeve and a body."""
    more = 4
    garment = np.zeros((512 * more, 384 * more), np.uint8)
    for part in (
        [(120, 100), (300, 100), (300, 450), (160, 450), (160, 100)],
        [(120, 100), (160, 100), (160, 236), (146, 250), (60, 170)],
    ):
        cv2.fillPoly(garment, [np.array(part, np.int32) * more], 255)
    cover = cv2.resize(garment, (384, 512), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    truth = cover > 0.5
    reach = cv2.distanceTransform((~truth).astype(np.uint8), cv2.DIST_L2, 5)
    shadow = 0.5 * np.exp(-reach / 5)
    picture = cover * 24 + (1 - cover) * 255 * (1 - shadow)
    found = find(np.repeat(np.rint(picture)[..., None], 3, axis=2).astype(np.uint8))
    inside = ~truth[238:250, 150:160]
    assert inside.sum() > 30
    assert np.mean(~found[238:250, 150:160][inside]) > 0.8
    assert np.mean(found[truth]) > 0.995


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    pixels: np.ndarray
    strap: np.ndarray
    inside: np.ndarray


def with_loop(spread: int, width: int, pale: tuple[int, int, int] | None, jpeg: int) -> Loop:
    """Draws a dark top, 768 x 1024, with a strap laid double that spreads by so many pixels, striped where `pale`."""
    drawn = draw("straps", height=1024, colour=(40, 42, 48), backdrop=WHITE)
    more = 4
    size = (drawn.matte.shape[1] * more, drawn.matte.shape[0] * more)
    ends = [(384 - spread // 2, 500), (384, 250), (384 + spread // 2, 500)]
    points = np.array(ends, np.float32) * more
    bent = np.rint(points).astype(np.int32)
    large = [np.zeros(size[::-1], np.uint8) for _ in range(2)]
    cv2.polylines(large[0], [bent], False, 255, width * more)
    cv2.fillPoly(large[1], [bent], 255)
    strap, inside = (cv2.resize(each, None, fx=1 / more, fy=1 / more, interpolation=cv2.INTER_AREA) for each in large)
    y, x = np.mgrid[: drawn.matte.shape[0], : drawn.matte.shape[1]]
    striped = np.where(((y + x) % 13 < 8)[..., None], (40, 42, 48), pale or (40, 42, 48))
    behind = drawn.pixels.astype(np.float32)
    lit = 1 - 0.04 * cv2.GaussianBlur(np.roll(strap, 3, 1), (0, 0), 3)[..., None] / 255  # its shadow
    picture = np.where(drawn.matte[..., None] > 0.5, behind, behind * lit)
    cover = np.where(drawn.matte > 0.5, 0, strap / 255)[..., None]
    picture = np.rint(cover * striped + (1 - cover) * picture).astype(np.uint8)
    pixels = np.ascontiguousarray(pictures.jpeg(np.ascontiguousarray(picture[..., ::-1]), jpeg)[..., ::-1])
    open_ = (inside == 255) & (strap == 0) & (drawn.matte == 0)
    return Loop(pixels, (strap == 255) & (drawn.matte == 0), open_)


@pytest.mark.parametrize(
    ("spread", "pale"),
    [
        (36, None),
        (48, None),
        (36, (246, 241, 236)),
        (48, (246, 241, 236)),
    ],
)
def test_a_loop_of_a_strap_is_open_and_its_stripes_stay(spread: int, pale: tuple[int, int, int] | None) -> None:
    drawn = with_loop(spread, 9, pale, 85)
    found = find(drawn.pixels)
    assert np.mean(~found[drawn.inside]) > (0.65 if pale else 0.9)
    assert np.mean(found[drawn.strap]) > 0.95


@pytest.mark.thorough
def test_the_narrow_end_of_a_slit_is_no_stripe() -> None:
    drawn = draw("trousers", height=1024, colour=(30, 30, 34), backdrop=WHITE, noise=0.3)
    top = int(np.argmax(drawn.matte[400:, 384] == 0)) + 400 if drawn.matte[400, 384] else 400
    pixels = drawn.pixels.copy()
    for y in range(top - 16, top):
        half = 1 + 3 * (y - top + 16) // 16
        pixels[y, 384 - half : 384 + half] = 242
    assert np.mean(~find(pixels)[top - 8 : top, 383:385]) > 0.95


def test_a_shadow_that_begins_at_once_ends_at_the_hem() -> None:
    """Retouchers whiten the backdrop up to where a shadow is already rising."""
    drawn = draw("dress", height=512, colour=(228, 200, 20), backdrop=(243, 242, 239))
    garment = drawn.matte > 0.5
    pixels = drawn.pixels.astype(np.float32)
    below = np.cumsum(~garment & (np.arange(512) > 300)[:, None], axis=0) * garment[300][None]
    darkness = np.clip(0.2 * (1 - (below - 1) / 9), 0, None) * (below > 0) * ~garment
    pixels = pixels * (1 - cv2.GaussianBlur(darkness.astype(np.float32), (0, 0), 1.0) * ~garment)[..., None]
    found = find(np.rint(pixels).astype(np.uint8))
    under = (darkness > 0.02) & (cv2.dilate(garment.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    assert np.mean(found[under]) < 0.1
    assert np.mean(found[garment]) > 0.995


@pytest.mark.parametrize("cloth", ["dots", "stripes", "print"])
def test_prints_in_the_backdrops_colour_stay(cloth: str) -> None:
    drawn = draw("dress", height=512, cloth=cloth, colour=(60, 60, 70), backdrop=(238, 238, 236), noise=0.3)
    inside = cv2.erode((drawn.matte == 1).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert np.mean(find(drawn.pixels)[inside]) > 0.995
