"""Subjects of known outline: found whole, and swapped without a rim of their old backdrop."""

from functools import cache

import cv2
import numpy as np
import pytest

from stages import find, write
from stages import photo as photos
from stages.contracts import Cutout, Photo
from stages.find import finder
from stages.find import people as subject
from stages.options import PhotoOptions, SegmentOptions

pytestmark = pytest.mark.sampled

HEIGHT, WIDTH = 480, 360
BACKDROP, NEW = np.array([205, 200, 196.0]), np.array([40, 110, 190.0])


def figure(shadow: bool = False, busy: bool = False) -> tuple[Photo, np.ndarray]:
    """Gives a dressed figure with loose hairs before a shaded backdrop, and its matte."""
    size, times = (WIDTH * 4, HEIGHT * 4), 4
    random = np.random.default_rng(5)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    behind = BACKDROP * (1 - 0.08 * (x / WIDTH - 0.4) ** 2 - 0.06 * (y / HEIGHT))[..., None]
    if shadow:
        fall = np.exp(-(((x - 270) / 60) ** 2) - ((y - 330) / 90) ** 2)
        behind *= (1 - 0.12 * fall)[..., None]
    if busy:
        tiles = cv2.resize(random.integers(0, 90, (24, 18, 3)).astype(np.uint8), (WIDTH, HEIGHT))
        behind = behind * 0.3 + tiles
    hair, dress = np.zeros(size[::-1], np.uint8), np.zeros(size[::-1], np.uint8)
    cv2.ellipse(hair, (180 * times, 90 * times), (42 * times, 54 * times), 0, 0, 360, 255, -1)
    for _ in range(24):
        angle = random.uniform(0, 2 * np.pi)
        start = np.array([180 + 40 * np.cos(angle), 90 + 52 * np.sin(angle)])
        end = start + random.uniform(6, 14) * np.array([np.cos(angle + 0.5), np.sin(angle + 0.5)])
        (x0, y0), (x1, y1) = ((each * times).astype(int).tolist() for each in (start, end))
        cv2.line(hair, (x0, y0), (x1, y1), 255, 5)
    outline = np.array([(130, 130), (230, 130), (260, 300), (250, 440), (110, 440), (100, 300)]) * times
    cv2.fillPoly(dress, [outline], 255)
    hair, dress = (cv2.resize(each, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) / 255.0 for each in (hair, dress))
    folds = 1 + 0.1 * np.sin(x / 9)
    colours = behind
    for matte, colour in ((hair, np.array([52, 38, 30.0])), (dress, np.array([150, 40, 60.0]) * folds[..., None])):
        colours = matte[..., None] * colour + (1 - matte[..., None]) * colours
    pixels = np.clip(colours + random.normal(0, 0.8, colours.shape), 0, 255).astype(np.uint8)
    given = photos.read(write.encode(pixels, None), PhotoOptions(), "figure.png")
    return given, np.maximum(hair, dress).astype(np.float32)


@cache
def cut(shadow: bool = False) -> tuple[Cutout, np.ndarray]:
    """Gives the cut-out of a figure, and its true matte."""
    photo, true = figure(shadow=shadow)
    found = find.subject(
        photo, SegmentOptions(keep_collar=True, sheer="opaque"), subject.Subject(finder.load(SegmentOptions()))
    )
    matte, foreground, _ = subject.finish(photo, found.matte, found.foreground)
    return Cutout(matte, foreground, found.shape, found.segmenter), true


@pytest.mark.parametrize("shadow", [False, True])
def test_a_subject_is_found_with_its_hair_and_without_its_shadow(shadow: bool) -> None:
    cutout, matte = cut(shadow)
    found = cutout.matte
    assert np.abs(found - matte).mean() < 0.006
    solid = cv2.erode((matte == 1).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert (found[solid] == 1).mean() > 0.995
    loose = (matte > 0.3) & (cv2.morphologyEx((matte > 0.3).astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7))) == 0)
    assert found[loose].sum() > 0.5 * matte[loose].sum()


def test_a_swap_leaves_no_rim_of_the_old_backdrop() -> None:
    found, matte = cut(shadow=True)
    weight = found.matte[..., None]
    swapped = weight * found.foreground + (1 - weight) * NEW
    # What a pixel should be: the true matte between its own colour's side and the new scene.
    band = (cv2.dilate((matte > 0).astype(np.uint8), np.ones((9, 9))) > 0) & (matte < 0.5)
    towards = (BACKDROP - NEW) / np.linalg.norm(BACKDROP - NEW)
    lightness = (swapped[band] - NEW) @ towards / np.linalg.norm(BACKDROP - NEW)
    assert (lightness > 0.35).mean() < 0.02


def test_confidence_tells_a_plain_backdrop_from_a_busy_one() -> None:
    photo, matte = figure()
    assert subject.finish(photo, matte, photo.pixels)[2] > 0.9
    busy, true = figure(busy=True)
    assert subject.finish(busy, true, busy.pixels)[2] <= 0.8
    assert subject.finish(photo, np.roll(matte, 25, axis=1), photo.pixels)[2] < subject.UNSURE


def test_before_a_busy_backdrop_the_middle_is_found() -> None:
    photo, matte = figure(busy=True)
    found = (
        find.subject(
            photo, SegmentOptions(keep_collar=True, sheer="opaque"), subject.Subject(finder.load(SegmentOptions()))
        ).matte
        > 0.5
    )
    both = (found & (matte > 0.5)).sum() / (found | (matte > 0.5)).sum()
    assert both > 0.8
