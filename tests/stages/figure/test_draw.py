"""The drawn figure: what must hold for any body, tone and light."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from stages.casting import Casting, Scene
from stages.contracts import Framing, Placed, Placement, Shape
from stages.figure import anatomy, light
from stages.figure.colours import MONK, linear
from stages.figure.draw import draw
from stages.figure.hair import hair
from stages.figure.person import posed_standing
from stages.figure.records import PARTS, Figure, Posed, Strands
from stages.figure.skin import target

SIZE = 96, 144


def drawn(
    strands: tuple[Strands, ...] = (), scene: Scene | None = None, size: tuple[int, int] = SIZE, **casting: object
) -> Figure:
    who = Casting.model_validate(casting)
    posed = posed_standing(anatomy.load(), who, *size)
    return draw(posed, (), strands, light.of_scene(scene or Scene()), size, None, who, seed=3)


def top(posed: Posed) -> Placed:
    """Gives cloth of 28 x 24 pixels over the chest."""
    chest = (posed.skeleton[1, :2] + posed.skeleton[[8, 11], :2].mean(axis=0)) / 2
    x, y = (round(float(each)) for each in chest)
    window = x - 14, y - 12, x + 14, y + 12
    pixels = np.zeros((24, 28, 3), np.uint8)
    return Placed(
        *SIZE, Placement(0, 0), window, pixels, pixels, None, np.ones((24, 28), np.float32), Shape("top", 1.0), "full",
        posed.skeleton,
    )  # fmt: skip


@pytest.fixture(scope="module")
def figure() -> Figure:
    return drawn()


def test_the_same_seed_gives_the_same_bytes(figure: Figure) -> None:
    again = drawn()
    for name in ("picture", "alpha", "depth", "normals", "parts", "shadow"):
        assert getattr(figure, name).tobytes() == getattr(again, name).tobytes()


def test_a_figure_that_is_not_lit_has_the_same_shape() -> None:
    who = Casting(hair_style="long wavy")
    posed = posed_standing(anatomy.load(), who, *SIZE)
    lit, dark = (
        draw(posed, (), hair(posed, who, 3), light.of_scene(Scene()), SIZE, top(posed), who, seed=3, lit=each)
        for each in (True, False)
    )
    for name in ("alpha", "depth", "normals", "parts"):
        assert getattr(lit, name).tobytes() == getattr(dark, name).tobytes()
    assert (lit.parts == PARTS.index("hair")).sum() > 50
    assert lit.picture.any()
    assert not dark.picture.any()


def test_alpha_is_coverage_of_the_body(figure: Figure) -> None:
    assert figure.alpha.min() == 0
    assert figure.alpha.max() == 1
    low, high = (end(figure.posed.surfaces["skin"].vertices[:, :2], axis=0) for end in (np.min, np.max))
    rows, columns = np.nonzero(figure.alpha)
    assert (low[0] - 2 < columns).all()
    assert (columns < high[0] + 2).all()
    assert (low[1] - 2 < rows).all()
    assert (rows < high[1] + 2).all()


def test_depth_parts_and_normals_agree_on_where_the_body_is(figure: Figure) -> None:
    there = np.isfinite(figure.depth)
    assert (figure.alpha[there] > 0).all()
    assert ((figure.parts > 0) == there).all()
    assert np.allclose(np.linalg.norm(figure.normals[there], axis=1), 1, atol=1e-3)
    assert not figure.normals[~there].any()


def test_edges_are_not_darker_than_what_they_border(figure: Figure) -> None:
    soft = (figure.alpha > 0.02) & (figure.alpha < 0.98)
    inside = figure.alpha == 1
    assert np.median(figure.picture[soft]) > 0.6 * np.median(figure.picture[inside])


def test_mirrored_light_mirrors_the_shading() -> None:
    left, right = (drawn(scene=Scene(light_from=side)) for side in ("left", "right"))
    both = (left.alpha == 1) & (right.alpha == 1)[:, ::-1]
    difference = left.picture[both].astype(int) - right.picture[:, ::-1][both]
    assert np.abs(difference.mean()) < 2
    one_side = left.picture.mean(axis=2)[both] - left.picture.mean(axis=2)[:, ::-1][both]
    assert np.abs(difference).mean() < 0.5 * np.abs(one_side).mean()


def test_strands_behind_the_head_are_not_drawn(figure: Figure) -> None:
    head = figure.posed.head
    across = np.linspace(-0.04, 0.04, 9, dtype=np.float32)

    def hairs(y: float) -> tuple[Strands, ...]:
        own = np.stack([np.repeat(across, 2), np.full(18, y), np.tile([-0.02, 0.04], 9)], axis=1)
        points = (own @ head[:3, :3].T + head[:3, 3]).astype(np.float32)
        return (Strands("brows", points, np.arange(0, 19, 2, dtype=np.int32), np.zeros((9, 3), np.uint8), 0.5),)

    assert (drawn(hairs(0.4)).picture == figure.picture).all()
    assert (drawn(hairs(-0.2)).picture != figure.picture).any()


@pytest.mark.sampled
@pytest.mark.parametrize("tone", [10, 1, 4, 6, 8])
def test_a_face_shows_the_tone_that_is_asked_for(tone: int) -> None:
    shown = drawn(skin=tone, size=(160, 240))
    face = np.median(shown.picture[(shown.parts == PARTS.index("face")) & (shown.alpha == 1)], axis=0)
    swatch = np.array([list(bytes.fromhex(MONK[tone - 1]))], np.uint8)
    # Of the whole face, with its shadows; the swatches of the lightest tones are paler than any face that is lit.
    ours, theirs = (cv2.cvtColor(linear(each.reshape(1, 1, 3)), cv2.COLOR_LRGB2Lab)[0, 0] for each in (face, swatch))
    assert np.linalg.norm(ours - theirs) < 18
    assert abs(ours[0] - theirs[0]) < 14


def test_tones_keep_their_order() -> None:
    lightness = [target(tone).mean() for tone in range(1, 11)]
    assert (np.diff(lightness) < 0.01).all()


@pytest.mark.parametrize("framing", ["lower", "half"])
def test_a_frame_that_cuts_the_figure_shows_what_is_in_it(framing: Framing) -> None:
    who = Casting()
    posed = posed_standing(anatomy.load(), who, *SIZE, framing)
    shown = draw(posed, (), (), light.of_scene(Scene()), SIZE, None, who, seed=3)
    parts = set(np.unique(shown.parts).tolist())
    assert (PARTS.index("face") in parts) == (framing == "half")
    assert (PARTS.index("foot") in parts) == (framing == "lower")
    assert (shown.shadow.min() < 1) == (framing == "lower")


def test_a_figure_beside_the_canvas_leaves_it_empty() -> None:
    who = Casting()
    posed = posed_standing(anatomy.load(), who, *SIZE)
    skin = posed.surfaces["skin"]
    away = {"skin": replace(skin, vertices=skin.vertices + np.array([500, 0, 0], np.float32))}
    shown = draw(replace(posed, surfaces=away), (), (), light.of_scene(Scene()), SIZE, None, who, seed=3)
    assert not shown.alpha.any()
    assert not shown.parts.any()


def test_the_garment_throws_its_shadow_on_the_body() -> None:
    who = Casting()
    posed = posed_standing(anatomy.load(), who, *SIZE)
    garment = top(posed)
    x, y = garment.box[0] + 14, garment.box[1] + 12
    scene = light.of_scene(Scene(light_from="front"))
    bare, worn = (draw(posed, (), (), scene, SIZE, each, who, seed=3) for each in (None, garment))
    below = slice(y + 13, y + 15), slice(x - 5, x + 5)
    assert worn.picture[below].mean() < bare.picture[below].mean() - 2
    assert np.array_equal(worn.parts, bare.parts) or (worn.parts != bare.parts).mean() < 0.002
    assert np.isfinite(worn.depth[y - 8 : y + 8, x - 8 : x + 8]).all()
    assert (worn.alpha[y - 8 : y + 8, x - 8 : x + 8] == 1).all()


def test_a_near_wall_takes_the_shadow_away_from_the_light(figure: Figure) -> None:
    left, right = (drawn(scene=Scene(light_from=side, wall=0.5, softness=0.2)) for side in ("left", "right"))
    middle = round(float(left.posed.skeleton[1, 0]))
    chest = slice(round(float(left.posed.skeleton[1, 1])), round(float(left.posed.skeleton[8, 1])))
    sides = [
        [1 - each.shadow[chest, part].mean() for part in (slice(None, middle), slice(middle, None))]
        for each in (left, right)
    ]
    assert sides[0][1] > 1.5 * sides[0][0]
    assert sides[1][0] > 1.5 * sides[1][1]
    assert (figure.shadow[chest] == 1).all(), "without one, there is none"


@pytest.mark.thorough
def test_a_farther_wall_takes_a_softer_shadow() -> None:
    near, far = (drawn(scene=Scene(wall=wall, softness=0.3)).shadow[:72] for wall in (0.3, 1.5))
    assert np.abs(np.diff(near, axis=1)).max() > 2 * np.abs(np.diff(far, axis=1)).max()


@pytest.mark.thorough
def test_the_floor_before_a_wall_is_as_dark_as_without_one() -> None:
    walled, free = (drawn(scene=Scene(wall=wall)).shadow for wall in (1.0, None))
    foot = max(float(each[1].max()) for each in [drawn().posed.surfaces["skin"].vertices.T])
    np.testing.assert_allclose(walled[int(foot) - 4 :], free[int(foot) - 4 :], atol=0.02)
