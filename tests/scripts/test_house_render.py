"""The training figures are what their captions, skeletons and masks say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.house import words
from scripts.house.backdrops import PLACES
from scripts.house.body import skeleton_of
from scripts.house.examples import Example, mirror
from scripts.house.render import Figure, render
from stages.generate.prompt import FRAMING, build
from stages.generate.prompt import SKIN as SKIN_WORDS

SIZE = (96, 144)


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    return [render(np.random.default_rng((17, number)), *SIZE) for number in range(30)]


def test_the_same_seed_gives_the_same_figure_and_another_seed_another() -> None:
    first, again, other = (render(np.random.default_rng(seed), *SIZE) for seed in (3, 3, 4))
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.mask, again.mask)
    assert np.array_equal(first.skeleton, again.skeleton)
    assert first.caption == again.caption
    assert not np.array_equal(first.picture, other.picture)


def test_joints_lie_on_the_person(figures: list[Figure]) -> None:
    inside = []
    for figure in figures:
        for x, y, seen in figure.skeleton[:14]:
            if seen and 1 <= x < SIZE[0] - 1 and 1 <= y < SIZE[1] - 1:
                inside.append(figure.person[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].any())
    assert len(inside) > 150
    # A wrist's joint may stand a pixel beside a thin arm.
    assert np.mean(inside) > 0.97


def test_the_kept_garment_is_part_of_the_person(figures: list[Figure]) -> None:
    for figure in figures:
        kept = figure.mask == 0
        assert 0.03 < kept.mean() < 0.7, figure.caption
        assert (figure.person[kept] == 255).mean() > 0.99


def test_the_caption_is_the_prompt_of_its_casting_and_scene(figures: list[Figure]) -> None:
    for figure in figures:
        asked = build(figure.casting, figure.scene, figure.category, figure.framing, figure.view)
        assert figure.caption == asked.positive
        assert SKIN_WORDS[figure.casting.skin - 1] in figure.caption
        assert FRAMING[figure.framing] in figure.caption
        assert figure.scene.place in PLACES


def test_skin_gets_darker_along_the_monk_scale(figures: list[Figure]) -> None:
    tones = {figure.casting.skin: [] for figure in figures}
    for figure in figures:
        x, y = figure.skeleton[0, :2].astype(int) - (0, 2)
        if figure.view == "front" and 2 <= y < SIZE[1] and "evening" not in figure.scene.place:
            tones[figure.casting.skin].append(figure.picture[y, x].mean())
    means = [(tone, np.mean(values)) for tone, values in sorted(tones.items()) if values]
    assert np.corrcoef(*np.array(means).T)[0, 1] < -0.9


def test_the_head_is_drawn_above_the_neck_in_front_view_and_faceless_from_the_back(figures: list[Figure]) -> None:
    for figure in figures:
        nose, neck = figure.skeleton[0], figure.skeleton[1]
        assert nose[1] < neck[1]
        assert (nose[2] == 0) == (figure.view == "back")


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 1000))
def test_mirrored_twice_is_the_example_itself(seed: int) -> None:
    figure = render(np.random.default_rng(seed), *SIZE)
    example = Example(figure.picture, figure.mask, figure.skeleton, figure.caption)
    once, twice = mirror(example), mirror(mirror(example))
    assert np.array_equal(twice.picture, example.picture)
    assert np.allclose(twice.skeleton, example.skeleton, atol=1e-4)
    assert twice.caption == example.caption
    assert not np.array_equal(once.skeleton, example.skeleton)
    assert ("from the left" in once.caption) == ("from the right" in example.caption)


def test_right_is_the_persons_right(figures: list[Figure]) -> None:
    for figure in figures:
        right, left = figure.skeleton[2, 0], figure.skeleton[5, 0]
        assert (right < left) == (figure.view == "front")


@pytest.mark.parametrize("words_", words.all_items())
def test_every_piece_of_clothing_can_be_read_back(words_: str) -> None:
    piece = words.item(words_)
    assert words_.endswith(piece.kind)


def test_unknown_clothing_is_refused() -> None:
    with pytest.raises(KeyError):
        words.item("a purple crinoline")


def test_the_skeleton_follows_the_body() -> None:
    from scripts.house.body import place_body, pose_body
    from stages.options import Casting

    random = np.random.default_rng(0)
    body = place_body(random, pose_body(random, Casting(), "front", None), "full", *SIZE)
    assert np.allclose(skeleton_of(body)[2, :2], body.arms[0][0])
    assert np.allclose(skeleton_of(body)[13, :2], body.legs[1][2])
