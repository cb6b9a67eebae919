"""What sellers' photos have around a garment, and cut-outs have kept or lost: each a way in which one was reported."""

import cv2
import numpy as np
import pytest

from scripts.bench_changes import CHANGES
from stages.contracts import Photo
from stages.errors import DoubtError, NotFoundError
from stages.find import finder, subject
from stages.options import SegmentOptions
from tests import pictures
from tests.stages.find.drawn import Drawn, Kind, draw

Colour = tuple[int, int, int]

pytestmark = pytest.mark.sampled

OPTIONS = SegmentOptions(keep_collar=True, sheer="opaque")


def cut(pixels: np.ndarray) -> np.ndarray:
    return subject(Photo("drawn", pixels, ""), OPTIONS, finder.load(OPTIONS)).matte


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return float(((a > 0.5) & (b > 0.5)).sum() / ((a > 0.5) | (b > 0.5)).sum())


def framed(drawn: Drawn, colour: tuple[int, int, int], top: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    sides = (top, top, side, side)
    pixels = cv2.copyMakeBorder(drawn.pixels, *sides, cv2.BORDER_CONSTANT, value=colour)
    return pixels, cv2.copyMakeBorder(drawn.matte, *sides, cv2.BORDER_CONSTANT, value=0)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("colour", "top", "side"),
    [
        ((0, 0, 0), 40, 0),
        ((0, 0, 0), 0, 50),
        ((255, 255, 255), 24, 24),
        ((255, 255, 255), 8, 8),
        ((30, 90, 40), 30, 12),
    ],
)
@pytest.mark.parametrize("jpeg", [None, 85])
def test_bars_and_frames_are_no_garment(colour: tuple[int, int, int], top: int, side: int, jpeg: int | None) -> None:
    drawn = draw("tee", height=384, colour=(60, 90, 140), backdrop=(196, 190, 180), noise=1)
    pixels, matte = framed(drawn, colour, top, side)
    if jpeg:
        pixels = pictures.jpeg(pixels, jpeg)
    assert iou(cut(pixels), matte) > 0.97


def test_a_frame_within_a_frame_is_none() -> None:
    drawn = draw("dress", height=384, colour=(150, 40, 50), backdrop=(210, 208, 205))
    pixels, matte = framed(drawn, (255, 255, 255), 10, 10)
    pixels = cv2.copyMakeBorder(pixels, 20, 20, 6, 6, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    matte = cv2.copyMakeBorder(matte, 20, 20, 6, 6, cv2.BORDER_CONSTANT, value=0)
    assert iou(cut(pixels), matte) > 0.97


@pytest.mark.parametrize("backdrop", [(255, 255, 255), (240, 240, 240), (0, 0, 0)])
def test_a_plain_backdrop_is_no_bar(backdrop: tuple[int, int, int]) -> None:
    drawn = draw("tee", height=384, colour=(120, 40, 60), backdrop=backdrop)
    assert iou(cut(drawn.pixels), drawn.matte) > 0.98


def test_a_garment_that_fills_the_frame_s_side_is_no_bar() -> None:
    drawn = draw("tee", height=384, colour=(30, 30, 34), backdrop=(240, 240, 240))
    # Cut by the frame below: the lowest rows are cloth from side to side of the garment, not of the picture.
    lower = round(0.6 * 384)
    assert iou(cut(drawn.pixels[:lower]), drawn.matte[:lower]) > 0.97


def before(drawn: Drawn, scene: np.ndarray, noise: float = 1.5) -> np.ndarray:
    """Gives the garment before another scene, H x W x 3 in [0, 255]."""
    matte = drawn.matte[..., None]
    grain = noise * np.random.default_rng(3).standard_normal(scene.shape)
    return np.asarray(np.clip(matte * drawn.foreground + (1 - matte) * scene + grain, 0, 255), np.uint8)


def room(height: int, width: int, line: float, wall: tuple[int, int, int], floor: tuple[int, int, int]) -> np.ndarray:
    """Gives a wall above a floor with a skirting board between them."""
    scene = np.empty((height, width, 3), np.float32)
    at = round(line * height)
    scene[:at], scene[at:] = wall, floor
    scene[at - round(0.02 * height) : at] = np.add(wall, 25)
    scene *= np.linspace(1.04, 0.96, width, dtype=np.float32)[None, :, None]
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), 0.8))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", ["tee", "trousers", "dress"])
@pytest.mark.parametrize(
    ("line", "wall", "floor"),
    [
        (0.86, (214, 210, 204), (150, 116, 84)),
        (0.97, (226, 226, 228), (120, 120, 124)),
        (0.7, (186, 196, 204), (92, 84, 80)),
    ],
)
def test_a_floor_line_keeps_no_floor(kind: Kind, line: float, wall: Colour, floor: Colour) -> None:
    drawn = draw(kind, height=448, colour=(40, 74, 120), cloth="print")
    height, width = drawn.matte.shape
    found = cut(before(drawn, room(height, width, line, wall, floor)))
    assert iou(found, drawn.matte) > 0.96


@pytest.mark.parametrize("pitch", [90, 140])
def test_joints_of_tiles_are_no_garment(pitch: int) -> None:
    drawn = draw("long sleeves", height=448, colour=(130, 40, 52))
    scene = np.full((*drawn.matte.shape, 3), (216, 208, 196), np.float32)
    scene[pitch // 2 :: pitch], scene[:, pitch // 3 :: pitch] = 150, 150
    found = cut(before(drawn, cv2.GaussianBlur(scene, (0, 0), 0.7)))
    assert iou(found, drawn.matte) > 0.97


@pytest.mark.parametrize("opening", ["handle", "ring", "chain"])
def test_openings_show_no_paper(opening: str) -> None:
    """What is seen through a bag's handle, a ring or a necklace is backdrop."""
    matte, through = np.zeros((448 * 4, 336 * 4), np.uint8), np.zeros((448 * 4, 336 * 4), np.uint8)
    middle = (168 * 4, 240 * 4)
    if opening == "handle":
        cv2.rectangle(matte, (80 * 4, 220 * 4), (256 * 4, 370 * 4), 255, -1)
        cv2.ellipse(matte, (168 * 4, 220 * 4), (60 * 4, 90 * 4), 0, 180, 360, 255, 9 * 4)
        cv2.ellipse(through, (168 * 4, 220 * 4), (50 * 4, 80 * 4), 0, 180, 360, 255, -1)
    elif opening == "ring":
        cv2.circle(matte, middle, 80 * 4, 255, 22 * 4)
        cv2.circle(through, middle, 62 * 4, 255, -1)
    else:
        cv2.ellipse(matte, middle, (70 * 4, 130 * 4), 0, 0, 360, 255, 6 * 4)
        cv2.ellipse(through, middle, (62 * 4, 122 * 4), 0, 0, 360, 255, -1)
    small = cv2.resize(matte, (336, 448), interpolation=cv2.INTER_AREA) / 255.0
    scene = np.full((448, 336, 3), (238, 237, 235), np.float32)
    cloth = np.array([150, 108, 60]) if opening != "handle" else np.array([96, 44, 40])
    mixed = small[..., None] * cloth + (1 - small[..., None]) * scene
    grain = np.random.default_rng(8).standard_normal(mixed.shape)
    found = cut(np.clip(mixed + grain, 0, 255).astype(np.uint8))
    inner = cv2.resize(through, (336, 448), interpolation=cv2.INTER_AREA) > 250
    assert (found > 0.5)[inner].mean() < 0.02
    assert iou(found, small.astype(np.float32)) > 0.93


PHOTOS = (
    ("tee", "print", (90, 40, 60), (228, 226, 222)),
    ("straps", "plain", (40, 44, 60), (236, 236, 236)),
    ("trousers", "plain", (180, 168, 150), (236, 236, 236)),
)


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("change", "kind", "cloth", "colour", "backdrop"),
    [(change, *photo) for photo in PHOTOS for change in CHANGES],
)
def test_the_same_photo_gives_the_same_cut(
    change: str, kind: Kind, cloth: str, colour: Colour, backdrop: Colour
) -> None:
    changed, moved = CHANGES[change]
    seed = sum(map(ord, change + kind))
    drawn = draw(kind, height=448, seed=seed, cloth=cloth, colour=colour, backdrop=backdrop, noise=1, shadow=0.15)
    first, after = cut(drawn.pixels), cut(np.ascontiguousarray(changed(drawn.pixels)))
    assert iou(moved(first), after) > 0.98


@pytest.mark.parametrize(("colour", "backdrop"), [((14, 14, 15), (52, 52, 54)), ((250, 250, 249), (243, 243, 243))])
def test_cloth_near_its_backdrop_is_kept_or_doubted(colour: Colour, backdrop: Colour) -> None:
    drawn = draw("tee", height=448, colour=colour, backdrop=backdrop, noise=1.5, jpeg=88)
    found = subject(Photo("drawn", drawn.pixels, ""), OPTIONS, finder.load(OPTIONS))
    lost = 1 - (found.matte > 0.5)[drawn.matte > 0.9].mean()
    assert lost < 0.02 or found.doubts


def test_cloth_that_cannot_be_told_from_its_backdrop_is_doubted_and_ends_a_strict_run() -> None:
    drawn = draw("tee", height=448, colour=(241, 240, 240), backdrop=(243, 243, 243), cloth="print", noise=1.5, jpeg=80)
    given = Photo("drawn", drawn.pixels, "")
    found = subject(given, OPTIONS, finder.load(OPTIONS))
    right = iou(found.matte, drawn.matte) > 0.95
    assert right or found.doubts
    if found.doubts:
        with pytest.raises(DoubtError, match="strict"):
            subject(given, OPTIONS.model_copy(update={"strict": True}), finder.load(OPTIONS))


@pytest.mark.parametrize("kind", ["tee", "long sleeves"])
def test_white_of_which_most_is_clipped_is_kept_whole(kind: Kind) -> None:
    drawn = draw(kind, height=640, seed=3, colour=(255, 255, 255), backdrop=(255, 255, 255), noise=1, jpeg=90)
    assert iou(finder.load(OPTIONS)(drawn.pixels), drawn.matte) > 0.95


@pytest.mark.parametrize(("height", "width"), [(1, 1), (12, 40), (15, 15)])
def test_too_few_pixels_are_said_to_be(height: int, width: int) -> None:
    with pytest.raises(NotFoundError, match=f"{width} x {height}"):
        finder.load(OPTIONS)(np.full((height, width, 3), 90, np.uint8))
