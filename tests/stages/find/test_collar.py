"""The inside of the back collar: found where it was drawn, and nothing else taken for it."""

from typing import Any

import cv2
import numpy as np
import pytest

from pipeline import tasks
from pipeline.config import Config
from pipeline.models import Models
from scripts.synthetic.garment import Kind, Sample, draw
from scripts.synthetic.pattern import Category, Sleeve
from stages import find
from stages.contracts import ModelCard, Photo, Plate, Shape
from stages.find import collar, neck
from stages.options import PoseOptions, SegmentOptions
from stages.shape import describe

pytestmark = pytest.mark.sampled

WORN: tuple[tuple[Category, Sleeve], ...] = (("top", "short"), ("top", "long"), ("dress", "none"))


class Told:
    """A segmenter that knows the garment."""

    name = "told"
    card = ModelCard("segmenter", "told", None, "none")

    def __init__(self, matte: np.ndarray) -> None:
        self.matte = matte

    def __call__(self, picture: Plate) -> np.ndarray:
        return self.matte


def found(sample: Sample) -> np.ndarray | None:
    """Gives the inside, H x W flags, or None where none is sure."""
    garment = sample.matte > 0.5
    line, _ = collar.inner(sample.photo, garment, describe(sample.matte, picture=sample.photo))
    if line is None:
        return None
    flags = np.zeros(garment.shape, np.uint8)
    cv2.fillPoly(flags, [np.rint(line * 16).astype(np.int32)], 1, shift=4)
    return (flags > 0) & garment


def test_inner_collars_are_found_where_they_were_drawn() -> None:
    samples = [
        draw(seed, kind, category, 480, 640, sleeve, collar=True)
        for seed in range(3)
        for kind in ("knit", "white", "shadow")
        for category, sleeve in WORN
    ]
    overlaps = []
    for sample in samples:
        inside, true = found(sample), sample.collar > 0.5
        if inside is not None:
            overlaps.append(float((inside & true).sum() / (inside | true).sum()))
    assert len(overlaps) >= 0.9 * len(samples)
    assert np.median(overlaps) > 0.92
    assert min(overlaps) > 0.78


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["plain", "knit", "noise"])
def test_fronts_without_an_inside_are_left_alone(kind: Kind) -> None:
    for seed in range(3):
        for category, sleeve in (*WORN, ("top", "straps"), ("outerwear", None)):
            assert found(draw(seed, kind, category, 480, 640, sleeve)) is None, (seed, category, sleeve)


def test_the_inside_is_generated_and_the_rest_stays_as_it_is() -> None:
    sample = draw(1, "white", "top", 480, 640, "short", collar=True)
    photo, segmenter = Photo("drawn.png", sample.photo, ""), Told(sample.matte)
    kept = find.subject(photo, SegmentOptions(keep_collar=True), segmenter)
    cut = find.subject(photo, SegmentOptions(), segmenter)
    assert "left to the neck" in cut.notes[0]
    assert not kept.notes
    inside = sample.collar > 0.5
    deep = cv2.erode(inside.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert kept.matte[deep].min() == 1
    assert cut.matte[deep].max() == 0
    near = cv2.dilate(inside.astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    np.testing.assert_array_equal(cut.matte[~near], kept.matte[~near])
    np.testing.assert_array_equal(cut.foreground[~near], kept.foreground[~near])
    # The new edge is as crisp as an outline: no more than 3 soft pixels across.
    edge = cv2.morphologyEx((cut.matte > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)) > 0
    assert ((cut.matte > 0) & (cut.matte < 1) & near).sum() < 3 * (edge & near).sum()


def test_photos_with_alpha_lose_the_inside_too() -> None:
    sample = draw(1, "white", "top", 480, 640, "short", collar=True)
    photo = Photo("drawn.png", sample.photo, "", sample.matte)
    cut = find.subject(photo, SegmentOptions(), Told(sample.matte))
    assert cut.matte[sample.collar > 0.99].mean() < 0.1


@pytest.mark.parametrize(
    ("options", "pose", "stays"), [({}, {}, False), ({"keep_collar": True}, {}, True), ({}, {"view": "back"}, True)]
)
def test_collars_are_kept_on_demand_and_from_the_back(
    options: dict[str, Any], pose: dict[str, Any], *, stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = draw(1, "white", "top", 480, 640, "short", collar=True)
    monkeypatch.setattr(Models, "segmenter", lambda *_: Told(sample.matte))
    config = Config(segment=SegmentOptions(**options), pose=PoseOptions(**pose))
    cut = tasks.of("generate").cut(Photo("drawn.png", sample.photo, ""), config, Models())
    assert (cut.matte[sample.collar > 0.99].mean() > 0.5) == stays


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("thick", [4, 9])
def test_the_neck_of_a_garment_on_thin_straps_ends_at_their_feet(thick: int, *, mirrored: bool) -> None:
    garment = np.zeros((400, 400), np.uint8)
    hollow = [(130, 150), (150, 168), (200, 180), (250, 168), (280, 140)]
    cv2.fillPoly(garment, [np.array([*hollow, (320, 170), (320, 380), (80, 380), (80, 170)])], 1)
    cv2.line(garment, (130, 155), (122, 40), 1, thick)
    cv2.line(garment, (280, 145), (288, 40), 1, thick)
    marks = {"collar": (200.0, 180.0), "right_strap": (122.0, 40.0), "left_strap": (288.0, 40.0)}
    if mirrored:
        garment = garment[:, ::-1].copy()
        marks = {name: (399 - x, y) for name, (x, y) in marks.items()}
    found = neck.ends(garment > 0, Shape("top", 1.0, marks))
    assert found is not None
    feet = [(119.0, 140.0), (269.0, 150.0)] if mirrored else [(130.0, 150.0), (280.0, 140.0)]
    assert np.abs(np.subtract(found, feet)).max() < 2 * thick + 6


def test_a_neckline_that_climbs_slowly_into_broad_straps_ends_at_their_tops() -> None:
    garment = np.zeros((400, 400), np.uint8)
    hollow = [(110, 60), (150, 60), (200, 150), (250, 60), (290, 60)]
    cv2.fillPoly(garment, [np.array([*hollow, (310, 170), (310, 380), (90, 380), (90, 170)])], 1)
    marks = {"collar": (200.0, 150.0), "right_strap": (130.0, 60.0), "left_strap": (270.0, 60.0)}
    found = neck.ends(garment > 0, Shape("top", 1.0, marks))
    assert found is not None
    assert np.abs(np.subtract(found, [(150, 60), (250, 60)])).max() < 12


@pytest.mark.parametrize("long", [1, 2, 3, 4, 60])
def test_a_smooth_course_is_what_the_dense_system_gives(long: int) -> None:
    random = np.random.default_rng(long)
    weight, wanted, bend = random.random(long) + 0.01, random.random(long), np.diff(np.eye(long), 2, axis=0)
    dense = np.linalg.solve(np.diag(weight) + 37.5 * bend.T @ bend, wanted) if long > 2 else wanted / weight
    np.testing.assert_allclose(neck._penalised(weight, 37.5, wanted), dense, atol=1e-9)
