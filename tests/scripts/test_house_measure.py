"""The measures of the house model tell right from wrong on rendered figures, whose truth is known."""

import json
import shlex
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from scripts.house import measure
from scripts.house.evaluate import attributes
from scripts.house.evaluate_paint import paint, table, unseen
from scripts.house.found import detect, score
from scripts.house.render import Figure
from scripts.house.silhouette import overlap, silhouette
from stages.contracts import KEYPOINTS, ModelCard, Plate, Progress, Request, Skeleton
from stages.generate.prompt import build
from stages.options import GenerateOptions

WIDTH = 128


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    return unseen(12, WIDTH, 4)


def test_unseen_figures_keep_a_garment_and_show_legs(figures: list[Figure]) -> None:
    assert {each.keeps for each in figures} == {"garment"}
    assert {each.framing for each in figures} <= {"full", "three-quarter"}


def test_rendered_skin_is_near_its_tone_and_far_from_another(figures: list[Figure]) -> None:
    near, far = [], []
    for figure in figures:
        wrong = figure.casting.model_copy(update={"skin": 10 if figure.casting.skin <= 5 else 1})
        right = measure.skin_difference(figure.picture, figure, figure.casting)
        if right is not None:
            near.append(right)
            far.append(measure.skin_difference(figure.picture, figure, wrong) or 0.0)
    assert np.median(near) < 8
    assert np.median(far) > 40


def test_rendered_places_and_clothes_are_recognised(figures: list[Figure]) -> None:
    assert np.mean([measure.scene_of(each.picture, each) == each.scene.place for each in figures]) > 0.9
    seen = [
        (found, measure.clothes_asked(each.casting, each.category))
        for each in figures
        if each.category in measure.OTHER and (found := measure.clothes_colour(each.picture, each))
    ]
    assert seen
    assert np.mean([found == asked for found, asked in seen]) > 0.5


def test_a_silhouette_matches_its_own_figure_better_than_another(figures: list[Figure]) -> None:
    own = [overlap(silhouette(each.picture, each), each.person > 0) for each in figures[:6]]
    other = [overlap(silhouette(each.picture, each), after.person > 0) for each, after in pairwise(figures[:7])]
    assert np.mean(own) > 0.75
    assert np.mean(own) > np.mean(other) + 0.15


def test_overlap_is_one_for_the_same_and_nought_for_apart() -> None:
    left = np.zeros((4, 4), bool)
    left[:, :2] = True
    assert overlap(left, left) == 1
    assert overlap(left, ~left) == 0
    assert overlap(left, np.ones((4, 4), bool)) == 0.5


def test_joints_count_when_in_frame_and_near(figures: list[Figure]) -> None:
    asked = [each.skeleton for each in figures]
    size = (WIDTH, WIDTH * 3 // 2)
    right = score(list(asked), asked, size)
    assert right.people == right.pictures == len(figures)
    assert right.near == right.joints > 0
    away = [each + np.array([size[0], 0, 0], np.float32) for each in asked]
    assert score(list(away), asked, size).near == 0
    missed: list[Skeleton | None] = [None, *asked[1:]]
    assert score(missed, asked, size).people == len(figures) - 1
    absent = [each * np.array([1, 1, 0], np.float32) for each in asked]
    assert score(list(asked), absent, size).joints == 0


def test_a_detector_is_given_pictures_and_skeletons_and_its_answer_is_read(
    figures: list[Figure], tmp_path: Path
) -> None:
    echo = tmp_path / "echo.py"
    echo.write_text(
        "import json, sys\nfrom pathlib import Path\nfolder = Path(sys.argv[1])\n"
        "asked = json.loads((folder / 'asked.json').read_text())\n"
        "names = [each.stem for each in folder.glob('*.png')]\n"
        "found = {name: asked['pictures'][name] for name in names}\nfound['001'] = None\n"
        "(folder / 'found.json').write_text(json.dumps(found))\n"
    )
    few = figures[:3]
    command = shlex.join([sys.executable, str(echo)])
    found = detect(command, tmp_path / "exchange", [each.picture for each in few], [each.skeleton for each in few])
    assert found[1] is None
    assert found[2] is not None
    assert np.allclose(found[2], few[2].skeleton, atol=0.01)
    asked = json.loads((tmp_path / "exchange" / "asked.json").read_text())
    assert tuple(asked["keypoints"]) == KEYPOINTS


class Grey:
    """Paints grey around what is kept, and remembers what it was asked for."""

    cards: tuple[ModelCard, ...] = ()
    multiple = 8
    pixels = 0

    def __call__(self, request: Request, seed: int, progress: Progress) -> Plate:
        self.asked, self.seed = request, seed
        return np.where(request.mask[..., None] > 127, 128, request.image).astype(np.uint8)


def test_painting_asks_as_the_pipeline_does(figures: list[Figure]) -> None:
    generator, figure = Grey(), figures[0]
    picture = paint(generator, figure, GenerateOptions(steps=3, guidance=1.5, seed=7))
    assert np.array_equal(picture[figure.mask == 0], figure.picture[figure.mask == 0])
    assert (generator.asked.image[figure.mask == 255] == 128).all()
    assert generator.asked.prompt.positive == figure.caption
    assert (generator.asked.steps, generator.asked.guidance, generator.seed) == (3, 1.5, 7)
    other = figure.casting.model_copy(update={"skin": 1 + figure.casting.skin % 10})
    paint(generator, figure, GenerateOptions(steps=3, guidance=1.5), other)
    asked = build(other, figure.scene, figure.category, figure.framing, figure.view)
    assert generator.asked.prompt.positive == asked.positive


@pytest.mark.thorough
def test_grey_pictures_are_judged_worse_than_the_truth(figures: list[Figure]) -> None:
    generator, few = Grey(), [each for each in figures if each.category in measure.OTHER][:4]
    painted = [paint(generator, each, GenerateOptions(steps=1, guidance=1.0)) for each in few]
    truth, grey = (attributes(each, few) for each in ([f.picture for f in few], painted))
    assert truth.keys() == grey.keys()
    assert _first(truth["place recognised"]) > _first(grey["place recognised"])
    assert _first(truth["skin, median ΔE00 to the Monk tone"]) < _first(grey["skin, median ΔE00 to the Monk tone"])


def _first(words: str) -> float:
    return float(words.split(" ", maxsplit=1)[0].rstrip("%"))


def test_a_table_has_a_row_for_each_measure() -> None:
    assert table(["a", "b"], [["1", "2"]]).split("\n") == ["| a | b |", "| --- | --- |", "| 1 | 2 |"]
